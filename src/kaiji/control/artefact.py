"""What can be read out of a rendered file: its texts with their places, its lists, its bars, its claims."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple


class Segment(NamedTuple):
    """A text that stands by itself: a paragraph, a cell, an attribute, a page."""

    place: str
    """Where it stands, for a person: ``line 12``, ``page 3``, ``sections[0].items[2].label``."""
    text: str
    row: str = ""
    """All cells of the table row in which it stands, parted by blanks; empty outside of tables."""
    statements: frozenset[str] | None = None
    """Ids of the only statements that may stand here; None for all of the audience."""
    page: bool = False
    """True for a page, whose lines break anywhere."""


class Listing(NamedTuple):
    """A list or table and how many entries it has: a reader can count them."""

    place: str
    caption: str
    length: int


class Bar(NamedTuple):
    """A bar of a chart: the figure printed beside it, and how long it is drawn."""

    place: str
    text: str
    """Empty where the drawing does not tell which text belongs to it."""
    length: Fraction
    """Share of the full length, from 0 to 1."""
    slack: Fraction
    """Share of the full length that rounding may add or take: half of the last place that is drawn."""


class Claim(NamedTuple):
    """A figure as a machine-readable document states it; bounds as they are written, None where open."""

    id: str
    text: str
    unit: str
    low: str | None
    high: str | None


class Artefact(NamedTuple):
    """What can be read out of one file."""

    segments: Sequence[Segment]
    lists: Sequence[Listing] = ()
    bars: Sequence[Bar] = ()
    claims: Sequence[Claim] | None = None
    """Statements of a machine-readable document; None for every other file."""
    language: str = ""
    """Language of a machine-readable document."""
    lines: Sequence[str] = ()
    """Of a machine-readable document: its texts, and what is set on one line: rows, labels with values."""
    odd: Sequence[tuple[str, str]] = ()
    """Place and description of what says something that is no text: drawings that are no bars, attachments."""
