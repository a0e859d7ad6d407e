"""A rounded figure that others have given stands for exactly those values that, rounded so, give it."""

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from kaiji.control.external_facts import About


def rounded(value: Fraction, digits: int) -> Decimal:
    """``value`` to so many significant digits."""
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        context.prec, context.rounding = digits, ROUND_HALF_EVEN
        return +exact


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 6), st.integers(1, 10**6), st.integers(-4, 12), st.integers(1, 999))
def test_bounds_are_those_of_the_rounding(digits: int, mantissa: int, exponent: int, per_mille: int) -> None:
    value = rounded(Fraction(mantissa), digits).scaleb(exponent)
    low, high = About(value=value, digits=digits).bounds
    inside = low + (high - low) * Fraction(per_mille, 1000)
    assert rounded(inside, digits) == value
    step = (high - low) / 10**6
    assert rounded(low - step, digits) < value < rounded(high + step, digits)
