"""The disclosure position: what a reader learns, what an attacker cannot, who is identified, and where that stands.

Figures for the person who signs. The verdict is that of the floor and of the ceiling; the composite is for orientation
and nothing depends on it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from kaiji.control.floor_facets import FacetReport
from kaiji.control.openness import Corridor, Openness, corridor
from kaiji.control.system import Interval
from kaiji.terms import Audience, Modality

LIMITS = (
    "The margin is what is possible in the worst case, not what is likely.",
    "It holds for the attackers and the common knowledge that were declared, and for no others.",
    "Whether an owner can be guessed from knowledge of the trade (a famous sole licensor) is for a person to judge.",
)
"""What the figures do not say; to be printed with them."""


class Identification(NamedTuple):
    """Who is identified among the sources of a modality. Parts are of the size of the modality, 0 to 1."""

    modality: Modality | None
    """None for all modalities together."""
    named: Fraction
    """Size of the sources whose names are published."""
    named_sources: int
    sources: int
    exact: Fraction
    """Size of the sources that are named, and whose exact sizes are published or follow from what is."""
    confidential: Fraction
    """Size of the confidential sources that are named or whose exact sizes follow; must be 0."""
    confidential_sources: int


class Attacker(NamedTuple):
    """How far the protected sizes stay open, and how that was proved."""

    profile: str | None
    """The attacker who comes closest; None when nothing is protected."""
    least: Fraction | None
    """Smallest margin over all targets (see :func:`margin`)."""
    fifth: Fraction | None
    """Margin that one target in twenty of this attacker stays at or below."""
    certified: int
    targets: int
    witnesses_passed: int
    witnesses: int


class FacetPosition(NamedTuple):
    """Where a facet stands."""

    report: FacetReport
    corridor: Corridor
    exact: Fraction
    """Identification: size of the sources of its modality that are named with their exact sizes."""

    @property
    def composite(self) -> Fraction:
        """(named + precision + exact) / 3: 0 nothing, a third for kinds alone, 1 for everything."""
        return (self.report.named + self.report.precision + self.exact) / 3

    @property
    def inside(self) -> bool | None:
        """Whether it stands in its corridor; None where there is nothing that a document could tell."""
        return None if self.report.place is None else self.report.place in self.corridor


class Position(NamedTuple):
    """Where the document for one audience stands. Confidential."""

    audience: Audience
    facets: tuple[FacetPosition, ...]
    identification: tuple[Identification, ...]
    attacker: Attacker

    @property
    def place(self) -> Openness | None:
        """The lowest place of a core facet; None when no core facet has one."""
        return min((f.report.place for f in self.facets if f.report.core and f.report.place is not None), default=None)

    @property
    def inside(self) -> bool:
        """True when every facet stands in its corridor and no confidential source is identified."""
        identified = any(one.confidential_sources for one in self.identification)
        return not identified and all(facet.inside is not False for facet in self.facets)


def margin(truth: int, known: Interval) -> Fraction:
    """How far an attacker's interval reaches from the true size, as a part of it: the nearer end, at most 1.

    Args:
        truth: True size of a target, above 0.
        known: What the attacker concludes of it.

    Raises:
        ValueError: the size is not above 0.
    """
    if truth <= 0:
        raise ValueError("a margin is of a size above zero")
    below = (truth - known.low) / truth
    above = Fraction(1) if known.high is None else (known.high - truth) / truth
    return min(below, above, Fraction(1))


def attacker(
    margins: Mapping[str, Sequence[Fraction]], *, certified: int, targets: int, witnesses_passed: int, witnesses: int
) -> Attacker:
    """The attacker who comes closest, from the margins of each profile's targets.

    Args:
        margins: Margins by profile; of equally close ones the first by name is taken.
        certified: Targets with a certificate, of ``targets``.
        targets: Protected sizes.
        witnesses_passed: Witness worlds that gave the same bytes, of ``witnesses``.
        witnesses: Witness worlds that were rendered.
    """
    worst = min(
        (profile for profile in sorted(margins) if margins[profile]), key=lambda p: min(margins[p]), default=None
    )
    ordered = sorted(margins[worst]) if worst else []
    return Attacker(
        profile=worst,
        least=ordered[0] if ordered else None,
        fifth=ordered[ceil(len(ordered) / 20) - 1] if ordered else None,
        certified=certified,
        targets=targets,
        witnesses_passed=witnesses_passed,
        witnesses=witnesses,
    )


def identification(
    modality: Modality | None,
    sizes: Mapping[str, int],
    *,
    named: Collection[str],
    exact: Collection[str] = (),
    confidential: Collection[str] = (),
) -> Identification:
    """Who is identified among sources.

    Args:
        modality: Modality of the sources.
        sizes: Size by source id, in one measure.
        named: Ids of the sources whose names are published.
        exact: Ids of the sources whose exact sizes are published, or follow from what is.
        confidential: Ids of the confidential sources.
    """
    whole = sum(sizes.values())

    def part(ids: Iterable[str]) -> Fraction:
        return Fraction(sum(sizes[one] for one in ids), whole) if whole else Fraction(0)

    told = [one for one in sizes if one in named]
    secret = [one for one in sizes if one in confidential and (one in named or one in exact)]
    return Identification(
        modality=modality,
        named=part(told),
        named_sources=len(told),
        sources=len(sizes),
        exact=part(one for one in told if one in exact),
        confidential=part(secret),
        confidential_sources=len(secret),
    )


def position(
    audience: Audience,
    reports: Sequence[FacetReport],
    identified: Sequence[Identification],
    attack: Attacker,
) -> Position:
    """Where the document for ``audience`` stands.

    Args:
        audience: Reports for others are left out.
        reports: What the floor measured of each facet.
        identified: Who is identified, by modality.
        attack: What the ceiling found.
    """
    exact = {one.modality: one.exact for one in identified}
    facets = tuple(
        FacetPosition(report, corridor(core=report.core), exact.get(report.modality, Fraction(0)))
        for report in reports
        if report.audience is audience
    )
    return Position(audience, facets, tuple(identified), attack)


def as_data(stand: Position) -> dict[str, object]:
    """The position as plain data for JSON: parts of 1 to four places, in a fixed order. Confidential."""
    return {
        "audience": stand.audience.value,
        "place": stand.place.label if stand.place is not None else None,
        "inside": stand.inside,
        "facets": [_facet(facet) for facet in stand.facets],
        "identification": [
            {
                "modality": one.modality.value if one.modality else None,
                "named": _round(one.named),
                "named_sources": one.named_sources,
                "sources": one.sources,
                "exact": _round(one.exact),
                "confidential": _round(one.confidential),
                "confidential_sources": one.confidential_sources,
            }
            for one in stand.identification
        ],
        "attacker": {
            **stand.attacker._asdict(),
            "least": _round(stand.attacker.least),
            "fifth": _round(stand.attacker.fifth),
        },
        "limits": list(LIMITS),
    }


def _facet(facet: FacetPosition) -> dict[str, object]:
    report = facet.report
    return {
        "facet": report.facet,
        "modality": report.modality.value if report.modality else None,
        "core": report.core,
        "place": report.place.label if report.place is not None else None,
        "corridor": [facet.corridor.lowest.label, facet.corridor.highest.label],
        "inside": facet.inside,
        **{name: _round(getattr(report, name)) for name in ("named", "other", "unknown", "withheld", "precision")},
        "composite": _round(facet.composite),
        "distance": round(report.distance, 4),
        "explained": report.explained,
    }


def _round(part: Fraction | None) -> float | None:
    return None if part is None else float(round(part, 4))
