"""Whether enough is told of each facet: every kind, little left as other, not known or withheld, and precise shares."""

from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from kaiji.control import readers
from kaiji.control.disclosed import DisclosedFacet, DisclosedSummary
from kaiji.control.openness import COVERED, Openness, corridor, place
from kaiji.control.readers import Kind, ReadRow, Share
from kaiji.control.statements import Statement
from kaiji.provenance.summarise import Facet, ProvenanceSummary
from kaiji.terms import Audience, Modality

CORE = ("category", "modality", "acquisition")
"""Facets that a disclosure of training data is about."""
CATCH_ALL: Mapping[str, frozenset[str]] = {
    "category": frozenset({"other"}),
    "modality": frozenset({"other"}),
    "language": frozenset({"mul"}),
    "licence": frozenset({"other-terms"}),
    "rights_basis": frozenset({"other_law"}),
}
"""Kinds that stand for anything else: naming them tells next to nothing."""


class Thresholds(NamedTuple):
    """What the floor asks for; all are parts of 1."""

    explained: Fraction = Fraction(1, 5)
    """Most of the required items that may be explained instead of answered."""
    covered: Fraction = COVERED
    """Least part of the data of specific kinds that is in named kinds."""
    vague: Fraction = Fraction(1, 10)
    """Most of a facet that may be other, and not known, and withheld."""
    precision_core: Fraction = Fraction(7, 10)
    precision_other: Fraction = Fraction(1, 2)
    """Least reader precision."""
    large: Fraction = Fraction(1, 10)
    """True share from which on a kind counts as large, ..."""
    width: Fraction = Fraction(1, 10)
    """... and the widest interval that a reader may be left with for it."""


class FacetReport(NamedTuple):
    """What a document tells of a facet of a modality (of all modalities: None). Shares are parts of 1. Confidential."""

    audience: Audience
    facet: str
    modality: Modality | None
    core: bool
    named: Fraction
    """Data in named kinds: neither other, nor not known, nor withheld, nor passed over."""
    other: Fraction
    unknown: Fraction
    withheld: Fraction
    """Data of kinds that have no figure while others have one, or of a facet that is not shown."""
    silent: tuple[Kind, ...]
    """Kinds of the data that no row names."""
    covered: Fraction
    """``named`` as a part of the data of specific kinds. Other and not known have limits of their own: they are what
    the data are like, where ``covered`` is what the document makes of them."""
    precision: Fraction
    """Reader precision: 1 less the most that the mix in a reader's mind can be off by, as total variation."""
    distance: float
    """Hellinger distance of the published mix from the true one, 0 to 1."""
    widest: tuple[Kind, Share] | None
    """The large kind that a reader knows least of; None without a large kind."""
    consistent: bool
    """False when no mix at all agrees with the published rows: one of them is not true."""
    explained: bool
    """True when a reason is given for what is not told of the facet."""
    place: Openness | None
    """None where every kind is other or not known: there is nothing that a document could tell."""

    @property
    def path(self) -> str:
        return f"{self.facet}.{self.modality or 'all'}"


class Problem(NamedTuple):
    """Something that falls short, before it is told of all audiences together."""

    id: str
    message: str
    detail: str


def facet_reports(
    summary: ProvenanceSummary,
    disclosed: DisclosedSummary,
    *,
    explained: Collection[str] = (),
    exact: Mapping[Modality | None, Fraction] | None = None,
    printed: Collection[str] | None = None,
    thresholds: Thresholds = Thresholds(),  # noqa: B008  (a NamedTuple cannot be changed)
) -> tuple[FacetReport, ...]:
    """A report for each facet of the data, as the audience of ``disclosed`` sees it.

    Args:
        summary: The exact summary.
        disclosed: What the audience may see of it.
        explained: Names of facets that the document gives a reason for not telling.
        exact: Part of the data of each modality whose sources are named with exact sizes; else nothing is.
        printed: Ids of the figures that are in the documents; None takes all of ``disclosed``.
        thresholds: What the floor asks for.
    """
    return tuple(
        _report(
            facet,
            disclosed.facet(facet.name, facet.modality),
            disclosed.statements if printed is None else {i: disclosed.statements[i] for i in printed},
            disclosed.audience,
            facet.name in explained,
            (exact or {}).get(facet.modality, Fraction(0)),
            thresholds,
        )
        for facet in summary.facets
    )


def _report(
    facet: Facet,
    shown: DisclosedFacet | None,
    statements: Mapping[str, Statement],
    audience: Audience,
    explained: bool,
    exact: Fraction,
    thresholds: Thresholds,
) -> FacetReport:
    truth = {part.kind: Fraction(part.size, facet.whole.value) for part in facet.parts}
    rows = [(row.kinds, statements.get(row.statement or "")) for row in shown.rows] if shown else []
    figures = any(statement for _, statement in rows)
    mass = dict.fromkeys(("named", "other", "unknown", "withheld"), Fraction(0))
    for kinds, statement in rows:
        size = sum((truth.get(kind, Fraction(0)) for kind in kinds), Fraction(0))
        mass["withheld" if figures and not statement else _class(facet.name, kinds)] += size
    told = {kind for kinds, _ in rows for kind in kinds}
    silent = tuple(part.kind for part in facet.parts if part.kind not in told) if rows else ()
    if not rows:
        mass["withheld"] = Fraction(1)
    passed_over = sum((truth[kind] for kind in silent), Fraction(0))
    specific = mass["named"] + mass["withheld"] + passed_over
    covered = mass["named"] / specific if specific else Fraction(1)
    as_read = [ReadRow(kinds, _share(statement)) for kinds, statement in rows]
    tight = readers.tightened(as_read)
    read = readers.shares(as_read if tight is None else tight)
    precision = readers.precision(read, truth) if rows else Fraction(0)
    large = [kind for kind, share in truth.items() if share >= thresholds.large and kind in read]
    widest = max(((kind, read[kind]) for kind in large), key=lambda one: one[1].width, default=None)
    core = facet.name in CORE
    where: Openness | None = None
    if not rows:
        where = Openness.NOMINAL if explained else Openness.OPAQUE
    elif specific:
        where = place(covered=covered, precision=precision, figures=figures, exact=exact)
        if core and max(mass["other"], mass["unknown"]) > thresholds.vague:
            where = min(where, Openness.NOMINAL)
    return FacetReport(
        audience=audience,
        facet=facet.name,
        modality=facet.modality,
        core=core,
        **mass,
        silent=silent,
        covered=covered,
        precision=precision,
        distance=readers.distance(read, truth),
        widest=widest,
        consistent=not rows or tight is not None,
        explained=explained,
        place=where,
    )


def _class(facet: str, kinds: tuple[Kind, ...]) -> str:
    """A merged row is as vague as the vaguest of its kinds: a reader cannot tell them apart."""
    if None in kinds:
        return "unknown"
    return "other" if CATCH_ALL.get(facet, frozenset()) & set(kinds) else "named"


def _share(statement: Statement | None) -> Share:
    if statement is None:
        return readers.NOTHING
    low = Fraction(statement.low or 0) / 100
    return Share(low, Fraction(1) if statement.high is None else Fraction(statement.high) / 100)


def problems(report: FacetReport, thresholds: Thresholds) -> Iterator[Problem]:
    """What falls short in a facet. Messages hold no measured figure; details do."""
    what = f"the facet {report.path}"
    if report.silent:
        kinds = ", ".join(kind or "not known" for kind in report.silent)
        yield Problem("KJ411", f"{what} has kinds in the data that no row names", f"kinds: {kinds}")
    if not report.consistent:
        yield Problem("KJ416", f"the shares of {what} cannot all be true", "no mix agrees with all of them")
    highest = corridor(core=report.core).highest
    if report.place is not None and report.place > highest:
        detail = f"{report.place.label}; at most {highest.label}"
        yield Problem("KJ418", f"{what} is above the permitted corridor", detail)
    if report.core or not report.explained:
        yield from _vague(report, what, thresholds)
        yield from _too_little(report, what, thresholds)


def _vague(report: FacetReport, what: str, thresholds: Thresholds) -> Iterator[Problem]:
    masses = {"other": report.other, "withheld": report.withheld, "not known": report.unknown}
    over = [name for name, mass in masses.items() if mass > thresholds.vague]
    told = [name for name in over if name != "not known"]
    measured = ", ".join(f"{name} {percent(masses[name])}" for name in over) + f"; at most {percent(thresholds.vague)}"
    if report.core and told:
        yield Problem("KJ412", f"{what} is in too great a part {' and '.join(told)}", measured)
    if report.core and "not known" in over:
        yield Problem("KJ413", f"{what} is in too great a part not known", measured)
    if over and not report.core:
        yield Problem("KJ414", f"{what} is in great part {' and '.join(over)}", measured)


def _too_little(report: FacetReport, what: str, thresholds: Thresholds) -> Iterator[Problem]:
    least = thresholds.precision_core if report.core else thresholds.precision_other
    lowest = corridor(core=report.core).lowest
    if report.place is Openness.OPAQUE:
        yield Problem("KJ415", f"nothing is told of {what}", f"{report.place.label}; at least {lowest.label}")
    elif report.covered < thresholds.covered:
        detail = f"in named kinds {percent(report.covered)}; at least {percent(thresholds.covered)}"
        yield Problem("KJ415", f"{what} is not told for enough of the data", detail)
    elif report.precision < least:
        detail = f"reader precision {percent(report.precision)}; at least {percent(least)}"
        yield Problem("KJ415", f"the shares of {what} are too rough", detail)
    elif report.widest and report.widest[1].width > thresholds.width:
        kind, share = report.widest
        detail = f"{kind or 'not known'}: {percent(share.low)} to {percent(share.high)}"
        yield Problem("KJ415" if report.core else "KJ414", f"a large kind of {what} is left too wide open", detail)
    elif report.place is not None and report.place < lowest:
        detail = f"{report.place.label}; at least {lowest.label}"
        yield Problem("KJ415", f"{what} is below the permitted corridor", detail)


def percent(part: Fraction) -> str:
    """A part of 1 in percent, to a tenth."""
    tenths = round(part * 1000)
    return f"{tenths // 10}.{tenths % 10} %" if tenths % 10 else f"{tenths // 10} %"
