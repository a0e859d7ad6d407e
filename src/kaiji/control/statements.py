"""Statements: published figures, each with the interval of values it tells a reader.

The functions of this module are the only producers of published figures. Each takes the exact value and
returns a :class:`Statement`: its text in both languages and its pre-image, the set of values that print the
same text.
"""

from bisect import bisect_right
from decimal import Decimal
from fractions import Fraction

from pydantic import BaseModel, ConfigDict, Field

from kaiji.terms import Unit, Words

Bound = int | Decimal
"""An end of an interval. Shares are in percent; a Decimal is exact."""

COUNT_EDGES = (5, 20, 100, 500)
"""Bands of dataset counts: fewer than 5, 5-19, 20-99, 100-499, 500 or more; 1 to 4 is never split."""
BAND_FLOOR, BAND_TOP = 10**3, 10**15
"""Bands of totals follow 1-3-10 from 10^3; the highest, from 10^15, is open."""


class Statement(BaseModel):
    """One published figure. A reader may conclude ``low <= value <= high`` (ends open where marked)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(description="Stable id: the path of the value, for example `category.text.licensed.share`.")
    text: Words = Field(description="The figure as printed.")
    unit: Unit = Field(description="Unit of low and high.")
    low: Bound | None = Field(description="Least value that prints this text; null when open-ended.")
    high: Bound | None = Field(description="Greatest value that prints this text; null when open-ended.")
    low_open: bool = Field(False, description="True when `low` itself prints another text.")
    high_open: bool = Field(False, description="True when `high` itself prints another text.")

    def admits(self, value: Fraction | int) -> bool:
        """True when ``value`` prints this text: the truth of the statement."""
        if self.low is not None and (value < _fraction(self.low) or (self.low_open and value == _fraction(self.low))):
            return False
        return self.high is None or not (
            value > _fraction(self.high) or (self.high_open and value == _fraction(self.high))
        )


def _fraction(value: Bound) -> Fraction:
    return Fraction(value)


def share(path: str, part: int, whole: int, unit: Decimal) -> Statement:
    """Share of ``part`` in ``whole`` in percent, to the nearest ``unit`` (halves up), never from a rounded value.

    Anything above zero and below one unit prints ``<1 %`` (for a unit of 1), anything below the whole by less
    than one unit ``>99 %``: neither zero nor everything is claimed where something is left.

    Args:
        path: Statement id.
        part: Exact size of the part, 0 <= part <= whole.
        whole: Exact size of the whole, > 0.
        unit: Rounding unit in percent, a divisor of 100.

    Raises:
        ValueError: part and whole are out of order.
    """
    if not 0 <= part <= whole or whole <= 0:
        raise ValueError("a share needs 0 <= part <= whole and a whole above zero")
    exact, hundred = Fraction(100 * part, whole), Decimal(100)
    if exact == 0 or exact == 100:
        value = hundred if exact else Decimal(0)
        return _percent(path, f"{value}", value, value)
    if exact < Fraction(unit):
        return _percent(path, f"<{_plain(unit)}", Decimal(0), unit, low_open=True, high_open=True)
    if exact > 100 - Fraction(unit):
        return _percent(path, f">{_plain(hundred - unit)}", hundred - unit, hundred, low_open=True, high_open=True)
    steps = (exact / Fraction(unit) + Fraction(1, 2)).__floor__()
    value = steps * unit
    low, high = max(value - unit / 2, unit), min(value + unit / 2, hundred - unit)
    return _percent(path, _plain(value), low, high, high_open=high < hundred - unit)


def _percent(
    path: str, text: str, low: Decimal, high: Decimal, *, low_open: bool = False, high_open: bool = False
) -> Statement:
    return Statement(
        id=path,
        text=Words(ja=f"{text}%", en=f"{text} %"),
        unit=Unit.PERCENT,
        low=_bound(low),
        high=_bound(high),
        low_open=low_open,
        high_open=high_open,
    )


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


def _bound(value: Decimal) -> Bound:
    return int(value) if value == value.to_integral_value() else value.normalize()


def total_band(path: str, value: int, unit: Unit, *, decade: bool = False) -> Statement:
    """Band of ``value`` on the fixed grid 1-3-10, or 1-10 with ``decade``; no grid depends on the data.

    Seconds are given in hours.

    Raises:
        ValueError: the value is negative.
    """
    if value < 0:
        raise ValueError("a total cannot be negative")
    size = Fraction(value)
    if unit is Unit.SECONDS:
        size, unit = size / 3600, Unit.HOURS
    if value == 0:
        return Statement(id=path, text=Words(ja="なし", en="none"), unit=unit, low=0, high=0)
    edges = [k * 10**e for e in range(3, 15) for k in ((1,) if decade else (1, 3))] + [BAND_TOP]
    place = bisect_right(edges, size)
    if place == 0:
        text = Words(ja=f"{_ja(BAND_FLOOR)}{unit.words.ja}未満", en=f"fewer than {_en(BAND_FLOOR)} {unit.words.en}")
        return Statement(id=path, text=text, unit=unit, low=0, high=BAND_FLOOR, low_open=True, high_open=True)
    low = edges[place - 1]
    if place == len(edges):
        text = Words(ja=f"{_ja(low)}{unit.words.ja}以上", en=f"{_en(low)} {unit.words.en} or more")
        return Statement(id=path, text=text, unit=unit, low=low, high=None)
    high = edges[place]
    text = Words(
        ja=f"{_ja(low)}{unit.words.ja}以上{_ja(high)}{unit.words.ja}未満",
        en=f"from {_en(low)} to less than {_en(high)} {unit.words.en}",
    )
    return Statement(id=path, text=text, unit=unit, low=low, high=high, high_open=True)


def count_band(path: str, value: int, unit: Unit = Unit.DATASETS) -> Statement:
    """Band of a number of datasets on :data:`COUNT_EDGES`.

    Raises:
        ValueError: the value is negative.
    """
    if value < 0:
        raise ValueError("a count cannot be negative")
    if value == 0:
        return Statement(id=path, text=Words(ja="なし", en="none"), unit=unit, low=0, high=0)
    place = bisect_right(COUNT_EDGES, value)
    if place == 0:
        text = Words(ja=f"{COUNT_EDGES[0]}件未満", en=f"fewer than {COUNT_EDGES[0]}")
        return Statement(id=path, text=text, unit=unit, low=1, high=COUNT_EDGES[0] - 1)
    low = COUNT_EDGES[place - 1]
    if place == len(COUNT_EDGES):
        return Statement(id=path, text=Words(ja=f"{low}件以上", en=f"{low} or more"), unit=unit, low=low, high=None)
    high = COUNT_EDGES[place] - 1
    return Statement(id=path, text=Words(ja=f"{low}〜{high}件", en=f"{low} to {high}"), unit=unit, low=low, high=high)


def month(path: str, value: str) -> Statement:
    """A month (``YYYY-MM``), exact: dates are published to the month.

    The interval is in months since year 0 (12 × year + month − 1).
    """
    year, number = int(value[:4]), int(value[5:7])
    position = 12 * year + number - 1
    text = Words(ja=f"{year}年{number}月", en=f"{_MONTHS[number - 1]} {year}")
    return Statement(id=path, text=text, unit=Unit.MONTH, low=position, high=position)


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def _ja(value: int) -> str:
    """``value`` with 万, 億, 兆 and thousands separators: 1兆2,345億6,700万."""
    parts = []
    for factor, name in ((10**16, "京"), (10**12, "兆"), (10**8, "億"), (10**4, "万")):
        head, value = divmod(value, factor)
        if head:
            parts.append(f"{head:,}{name}")
    if value or not parts:
        parts.append(f"{value:,}")
    return "".join(parts)


def _en(value: int) -> str:
    """``value`` in words where it is a round number of millions or more: 300 billion."""
    for factor, name in ((10**15, "quadrillion"), (10**12, "trillion"), (10**9, "billion"), (10**6, "million")):
        if value >= factor and value % factor == 0:
            return f"{value // factor:,} {name}"
    return f"{value:,}"
