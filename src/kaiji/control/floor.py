"""The floor: whether a disclosure tells enough, and nothing but the truth.

The test is taken on what was published, after all coarsening: items, facets, and every single figure.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from kaiji.control import floor_agreement, floor_facets, floor_items
from kaiji.control.disclosed import DisclosedSummary
from kaiji.control.floor_agreement import Printed
from kaiji.control.floor_facets import FacetReport, Problem, Thresholds
from kaiji.control.floor_items import REASONS, FloorItem, ItemCount
from kaiji.control.floor_truths import Truths, truths
from kaiji.findings import Finding, Verdict, in_order
from kaiji.provenance.summarise import NotKnown, ProvenanceSummary
from kaiji.terms import Answer, Audience, Modality


class FloorReport(NamedTuple):
    """What the floor found. Confidential: it rests on the exact shares."""

    findings: tuple[Finding, ...]
    facets: tuple[FacetReport, ...]
    items: tuple[ItemCount, ...]
    figures: int
    """Published figures that were held against the data, each once for each audience."""
    unmeasured: tuple[Modality, ...]
    """Modalities of which no share can be given, because their sizes cannot be added."""
    passed: bool
    """True when nothing fails or is too little known, no required item is missing, and no reason fails."""

    def of(self, audience: Audience) -> tuple[FacetReport, ...]:
        return tuple(report for report in self.facets if report.audience is audience)


def floor(
    summary: ProvenanceSummary,
    disclosed: Sequence[DisclosedSummary],
    items: Sequence[FloorItem],
    *,
    asked: Mapping[tuple[str, Audience], Sequence[str]],
    printed: Sequence[Printed] = (),
    reasons: Sequence[Finding] = (),
    more_truths: Truths | None = None,
    explained: Collection[tuple[Audience, str]] = (),
    exact: Mapping[Modality | None, Fraction] | None = None,
    thresholds: Thresholds = Thresholds(),  # noqa: B008  (a NamedTuple cannot be changed)
) -> FloorReport:
    """Test whether enough is told, and that it is true and the same everywhere.

    Args:
        summary: The exact summary.
        disclosed: What each audience may see.
        items: The items of all documents.
        asked: Ids of the items that each regime requires of the document for an audience.
        printed: The figures found in each file. When given, only those count as told to a reader.
        reasons: Findings of the regimes; those about reasons count here too, and are not repeated.
        more_truths: True values of figures that are not in :func:`kaiji.control.floor_truths.truths`.
        explained: Facets that are withheld with a reason besides those of explained items.
        exact: Part of the data of each modality whose sources are named with exact sizes.
        thresholds: What is asked for.

    Returns:
        The findings (KJ406 to KJ419) in order, and what was measured.
    """
    statements = {one.audience: one.statements for one in disclosed}
    weak = floor_items.weak_items(reasons)
    found: list[tuple[Audience, Problem]] = []
    facets: list[FacetReport] = []
    figures = 0
    for one in disclosed:
        excused = {facet for audience, facet in explained if audience is one.audience}
        excused |= {f for i in items if i.audience is one.audience and i.state == "explained" for f in i.facets}
        seen = {name for file in printed if file.audience is one.audience for name in file.figures}
        reports = floor_facets.facet_reports(
            summary,
            one,
            explained=excused,
            exact=exact,
            printed=seen & set(one.statements) if printed else None,
            thresholds=thresholds,
        )
        facets += reports
        told = [problem for report in reports for problem in floor_facets.problems(report, thresholds)]
        told += floor_agreement.true_of_data(one.statements, {**truths(summary, one), **(more_truths or {})})
        told += floor_agreement.languages_agree(one.statements)
        told += _unsaid(one)
        if summary.totals and not any(facet.name == "category" for facet in summary.facets):
            told.append(Problem("KJ413", "no mix of categories can be told: the sizes of no modality are known", ""))
        found += [(one.audience, problem) for problem in told]
        figures += len(one.statements)
    shown = {one.audience: {facet.name for facet in one.facets if facet.rows} for one in disclosed}
    found += floor_items.problems(items, asked, shown, weak, thresholds.explained)
    found += floor_agreement.files_agree(printed, statements)
    found += [(audience, one) for one in floor_agreement.audiences_agree(statements) for audience in Audience]
    findings = _findings(found, [one.audience for one in disclosed])
    counts = floor_items.counts(items, weak)
    failed = [one for one in reasons if one.id in REASONS]
    return FloorReport(
        findings=findings,
        facets=tuple(facets),
        items=counts,
        figures=figures,
        unmeasured=tuple(modality for modality, size in summary.totals.items() if isinstance(size, NotKnown)),
        passed=all(one.severity is not Verdict.FAIL and one.id != "KJ413" for one in (*findings, *failed))
        and not any(count.missing for count in counts),
    )


def _unsaid(disclosed: DisclosedSummary) -> Iterator[Problem]:
    unsaid = [outline.category for outline in disclosed.categories if outline.used is Answer.UNKNOWN]
    if unsaid:
        names = ", ".join(unsaid)
        yield Problem("KJ419", f"of some categories nothing says whether they are used: {names}", "")


def _findings(found: Sequence[tuple[Audience, Problem]], audiences: Sequence[Audience]) -> tuple[Finding, ...]:
    """One finding for what falls short for all audiences alike; else each says for whom."""
    by_problem: dict[Problem, set[Audience]] = {}
    for audience, problem in found:
        by_problem.setdefault(problem, set()).add(audience)
    return in_order(
        Finding(
            id=problem.id,
            message=problem.message if told >= set(audiences) else f"{problem.message} ({_names(told)})",
            detail=problem.detail or None,
        )
        for problem, told in by_problem.items()
    )


def _names(audiences: Collection[Audience]) -> str:
    return ", ".join(audience.value for audience in Audience if audience in audiences)
