"""Size bins of the EU summary of training content (C(2025) 8311, section 1.3): one of three per modality.

The two edges themselves belong to the bin in the middle; the form does not say so (its bins read "less than", "to",
"more than"). Labels are those of the form, in Japanese our own.
"""

from typing import NamedTuple

from kaiji.control.statements import Statement
from kaiji.terms import Modality, Unit, Words


class Bins(NamedTuple):
    """The bins of a modality."""

    unit: Unit
    """Unit of the edges, as printed."""
    low: int
    high: int
    labels: tuple[Words, Words, Words]


_HOURS = (
    Words(en="Less than 10 000 hours", ja="1万時間未満"),
    Words(en="10 000 to 1 million hours", ja="1万時間から100万時間"),
    Words(en="More than 1 million hours", ja="100万時間超"),
)
BINS: dict[Modality, Bins] = {
    Modality.TEXT: Bins(
        Unit.TOKENS,
        10**9,
        10**13,
        (
            Words(en="Less than 1 billion tokens", ja="10億トークン未満"),
            Words(en="1 billion to 10 trillion tokens", ja="10億トークンから10兆トークン"),
            Words(en="More than 10 trillion tokens", ja="10兆トークン超"),
        ),
    ),
    Modality.IMAGE: Bins(
        Unit.ITEMS,
        10**6,
        10**9,
        (
            Words(en="Less than 1 million images", ja="画像100万点未満"),
            Words(en="1 million to 1 billion images", ja="画像100万点から10億点"),
            Words(en="More than 1 billion images", ja="画像10億点超"),
        ),
    ),
    Modality.AUDIO: Bins(Unit.HOURS, 10**4, 10**6, _HOURS),
    Modality.VIDEO: Bins(Unit.HOURS, 10**4, 10**6, _HOURS),
}
"""Bins by modality; the form has none for other modalities, whose size is given in a unit of their own."""


def size_bin(path: str, modality: Modality, size: int) -> Statement:
    """The bin of a modality.

    Args:
        path: Statement id.
        modality: One of :data:`BINS`.
        size: Exact size in the measure that is counted: tokens, images, seconds.

    Raises:
        ValueError: the size is negative.
    """
    if size < 0:
        raise ValueError("a size cannot be negative")
    bins = BINS[modality]
    factor = 3600 if bins.unit is Unit.HOURS else 1
    if size < bins.low * factor:
        return Statement(id=path, text=bins.labels[0], unit=bins.unit, low=0, high=bins.low, high_open=True)
    if size <= bins.high * factor:
        return Statement(id=path, text=bins.labels[1], unit=bins.unit, low=bins.low, high=bins.high)
    return Statement(id=path, text=bins.labels[2], unit=bins.unit, low=bins.high, high=None, low_open=True)
