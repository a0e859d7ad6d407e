"""Size bins: edges, units, labels."""

from fractions import Fraction

import pytest

from kaiji.control.bins import BINS, size_bin
from kaiji.terms import Modality, Unit

TOKENS = ("Less than 1 billion tokens", "1 billion to 10 trillion tokens", "More than 10 trillion tokens")
IMAGES = ("Less than 1 million images", "1 million to 1 billion images", "More than 1 billion images")
HOURS = ("Less than 10 000 hours", "10 000 to 1 million hours", "More than 1 million hours")


@pytest.mark.parametrize(
    ("modality", "size", "label"),
    [
        (Modality.TEXT, 0, TOKENS[0]),
        (Modality.TEXT, 999_999_999, TOKENS[0]),
        (Modality.TEXT, 1_000_000_000, TOKENS[1]),
        (Modality.TEXT, 10_000_000_000_000, TOKENS[1]),
        (Modality.TEXT, 10_000_000_000_001, TOKENS[2]),
        (Modality.IMAGE, 999_999, IMAGES[0]),
        (Modality.IMAGE, 1_000_000, IMAGES[1]),
        (Modality.IMAGE, 1_000_000_000, IMAGES[1]),
        (Modality.IMAGE, 1_000_000_001, IMAGES[2]),
        (Modality.AUDIO, 10_000 * 3600 - 1, HOURS[0]),
        (Modality.AUDIO, 10_000 * 3600, HOURS[1]),
        (Modality.AUDIO, 1_000_000 * 3600, HOURS[1]),
        (Modality.VIDEO, 1_000_000 * 3600 + 1, HOURS[2]),
    ],
)
def test_the_edges_belong_to_the_middle(modality: Modality, size: int, label: str) -> None:
    said = size_bin("p", modality, size)
    assert said.text.en == label
    unit = {Modality.TEXT: Unit.TOKENS, Modality.IMAGE: Unit.ITEMS}.get(modality, Unit.HOURS)
    assert (said.id, said.unit) == ("p", unit)
    assert said.admits(Fraction(size, 3600 if unit is Unit.HOURS else 1))


@pytest.mark.parametrize("modality", list(BINS))
def test_a_bin_admits_no_size_of_another(modality: Modality) -> None:
    bins = BINS[modality]
    factor = 3600 if bins.unit is Unit.HOURS else 1
    sizes = (bins.low * factor - 1, bins.low * factor, bins.high * factor, bins.high * factor + 1)
    said = [size_bin("p", modality, size) for size in sizes]
    admitted = [[one.admits(Fraction(size, factor)) for size in sizes] for one in said]
    first, middle, last = [True, False, False, False], [False, True, True, False], [False, False, False, True]
    assert admitted == [first, middle, middle, last]


def test_no_size_is_negative() -> None:
    with pytest.raises(ValueError, match="a size cannot be negative"):
        size_bin("p", Modality.TEXT, -1)
