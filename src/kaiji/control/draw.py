"""Drawing a plan: what a level allows, applied to the kinds and owners of one release.

Decisions rest on owners and on the order of vocabularies, never on sizes. What sizes give away is found by the audit
(:mod:`kaiji.control.ceiling`), which asks for a coarser plan.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kaiji.control.disclosed import Decision
from kaiji.control.level import AudiencePlan, Level
from kaiji.control.outlines import told
from kaiji.control.plan import AudiencePlanned, FacetPlan, Kinds, Plan, PointsPlan, TablePlan, TotalPlan, row_name
from kaiji.control.primary import Rule
from kaiji.control.statements import count_band
from kaiji.control.suppression import merge, owners_of, unsafe
from kaiji.findings import Finding
from kaiji.provenance.summarise import NAMELESS, Crossing, Facet, ProvenanceSummary
from kaiji.terms import Audience, Modality, SourceCategory


class Drawn(NamedTuple):
    """A plan with the decisions behind it (internal) and findings about merged and withheld kinds."""

    plan: Plan
    decisions: tuple[Decision, ...]
    findings: tuple[Finding, ...]


def draw(summary: ProvenanceSummary, level: Level, rule: Rule, pinned: Plan | None = None) -> Drawn:
    """The plan of a release.

    Args:
        summary: Exact and confidential; its sizes are looked at only to suppress cells of tables.
        level: What each audience may get.
        rule: When a cell is sensitive; its ``minimum`` is the fewest owners behind whatever is printed.
        pinned: Plan of an earlier release of the same model: what it merges, widens or withholds stays so, and what
            it does not know is decided anew.
    """
    decisions: list[Decision] = []
    findings: list[Finding] = []
    audiences = []
    for audience in Audience:
        drawing = _Drawing(summary, level.audiences[audience], audience, rule, pinned)
        audiences.append(drawing.planned())
        decisions += drawing.decisions
        findings += drawing.findings
    return Drawn(Plan(level=level.id, audiences=tuple(audiences)), tuple(decisions), tuple(findings))


class _Drawing:
    """The part of a plan for one audience, while it is drawn."""

    def __init__(
        self, summary: ProvenanceSummary, allowed: AudiencePlan, audience: Audience, rule: Rule, pinned: Plan | None
    ) -> None:
        self.summary, self.allowed, self.audience = summary, allowed, audience
        self.rule, self.minimum = rule, rule.minimum
        self.before = pinned.audience(audience) if pinned else None
        self.decisions: list[Decision] = []
        self.findings: list[Finding] = []

    def planned(self) -> AudiencePlanned:
        facets = tuple(self._facet(facet) for facet in self.summary.facets)
        return AudiencePlanned(
            audience=self.audience,
            facets=facets,
            tables=tuple(self._tables(facets)),
            points=tuple(self._points()),
            totals=tuple(self._total(modality) for modality in self.summary.totals),
            uncounted=tuple(self._uncounted()),
            untold=tuple(self._untold()),
            unformed=self.before.unformed if self.before else (),
        )

    def _decide(self, path: str, action: str, reason: str) -> None:
        rule = f"owners_minimum {self.minimum}"
        given = {"path": path, "action": action, "rule": rule, "reason": reason, "audience": self.audience}
        self.decisions.append(Decision.model_validate(given))

    def _facet(self, facet: Facet) -> FacetPlan:
        allowed = self.allowed.facet(facet.name)
        before = self.before.facet(facet.name, facet.modality) if self.before else None
        same = {"facet": facet.name, "modality": facet.modality}
        if allowed.action == "withhold":
            return FacetPlan(**same, action="withhold")
        unit = allowed.unit
        if before and before.unit is not None and unit is not None:
            unit = max(unit, before.unit)
        path = f"{facet.name}.{facet.modality or 'all'}"
        merged = merge(facet.parts, self.minimum, before.groups if before else ())
        if before and before.action == "withhold" and before.reason == "owner":
            return FacetPlan(**same, action="withhold", reason="owner")
        for group in merged.groups:
            if len(group) > 1:
                kinds = "+".join(part.kind or "not-known" for part in group)
                self._decide(
                    f"{path}.{kinds}.share", "merge", f"{len(owners_of(group))} owners behind the merged kinds"
                )
        if not merged.safe:
            self._decide(path, "withhold", "too few owners behind the whole facet")
        if facet.name == "category" and (len(merged.groups) < len(facet.parts) or not merged.safe):
            done = "merged" if merged.safe else "withheld, because even together"
            message = (
                f"kinds of the facet {path} were {done} for {self.audience}: too few owners stand behind a kind that "
                "holds a confidential source (a source without owner counts as none)"
            )
            self.findings.append(Finding(id="KJ404", message=message))
        if not merged.safe:  # its kinds would describe its few owners
            return FacetPlan(**same, action="withhold", reason="owner")
        groups = tuple(tuple(part.kind for part in group) for group in merged.groups)
        return FacetPlan(**same, action=allowed.action, unit=unit, groups=groups)

    def _tables(self, facets: Sequence[FacetPlan]) -> Iterator[TablePlan]:
        groups = {(facet.facet, facet.modality): facet.groups for facet in facets if facet.action == "share"}
        for allowed in self.allowed.tables:
            for crossing in self.summary.crossings:
                names, modality = crossing.facets, crossing.modality
                rows, columns = (groups.get((name, modality)) for name in names)
                if names != (allowed.rows, allowed.columns) or not rows or not columns:
                    continue
                path = f"{names[0]}-by-{names[1]}.{modality}"
                hidden = hidden_cells(crossing, rows, columns, self.rule)
                if hidden is None:
                    self._decide(path, "withhold", "no pattern of suppressed cells protects its owners")
                    continue
                before = (
                    next((t for t in self.before.tables if (t.facets, t.modality) == (names, modality)), None)
                    if self.before
                    else None
                )
                kept = [cell for cell in before.suppressed if cell not in hidden] if before else []
                yield TablePlan(facets=names, modality=modality, unit=allowed.unit, suppressed=(*hidden, *kept))

    def _total(self, modality: Modality) -> TotalPlan:
        if self.allowed.totals == "withhold":
            return TotalPlan(modality=modality, action="withhold")
        parts = next((f.parts for f in self.summary.facets if f.name == "category" and f.modality is modality), ())
        if unsafe(parts, self.minimum):  # a size of zero has no facet, and nothing to protect
            return TotalPlan(modality=modality, action="withhold", reason="owner")
        before = next((one for one in self.before.totals if one.modality is modality), None) if self.before else None
        return before or TotalPlan(modality=modality, action=self.allowed.totals)

    def _points(self) -> Iterator[PointsPlan]:
        """Numbers of data points get the bands of totals; rows are those of the category facet (see data_points)."""
        for modality in dict.fromkeys(one.modality for one in self.summary.points):
            pinned = self.before.points if self.before else ()
            before = next((one for one in pinned if one.modality is modality), None)
            yield before or PointsPlan(modality=modality, action=self.allowed.totals)

    def _uncounted(self) -> Iterator[SourceCategory]:
        """Categories whose banded count, less the sources that are named, shows too few confidential ones."""
        counted = set(self.summary.in_training)
        for category in SourceCategory:
            sources = [s for s in self.summary.sources if s.id in counted and s.category is category]
            secret = sum(1 for source in sources if source.confidential)
            if not secret or self.allowed.counts == "withhold":
                continue
            high = count_band("", len(sources)).high
            named = len(sources) - secret if self.allowed.names == "not_confidential" else 0
            if (high is not None and high - named < self.minimum) or (
                self.before and category in self.before.uncounted
            ):
                self._decide(f"category.{category}.count", "withhold", f"{secret} confidential datasets beside {named}")
                yield category

    def _untold(self) -> Iterator[str]:
        """Outlines in which too few owners would tell something of their own.

        Owners count when their source tells it and adds to a figure: a date that one of three owners gives is that
        owner's date.
        """
        sized = set(self.summary.sized)
        for path, sources in told(self.summary):
            owners = {source.owner.id if source.owner else NAMELESS for source in sources if source.id in sized}
            if sources and (len(owners) < self.minimum or (self.before and path in self.before.untold)):
                self._decide(f"{path}.outline", "withhold", f"{len(sources)} sources of {len(owners)} owners")
                yield path


def hidden_cells(
    crossing: Crossing, rows: Sequence[Kinds], columns: Sequence[Kinds], rule: Rule
) -> tuple[tuple[Kinds, Kinds], ...] | None:
    """Row and column of the cells to suppress: the sensitive ones and those that protect them; None where that is no
    protection. As if all else were printed exactly: rounding only adds to it."""
    from kaiji.control.complementary import suppress
    from kaiji.control.complementary_exact import LARGEST, suppress_exactly
    from kaiji.control.tables import Row, Table, cells_of, lattice, sensitive_cells

    named: list[dict[str, Kinds]] = [{row_name(kinds): kinds for kinds in groups} for groups in (rows, columns)]
    place = [{kind: name for name, kinds in names.items() for kind in kinds} for names in named]
    held = [
        Row((place[0][one.kinds[0]], place[1][one.kinds[1]]), one.owner, one.size, one.confidential)
        for one in crossing.holdings
    ]
    cells = cells_of(Table(held, lattice(2)))
    sensitive = [one for one in sensitive_cells(cells, rule) if None not in one.keys[0]]
    margins = [key for key in cells.keys if None in key]
    protect = suppress_exactly if sum(cells.published) <= LARGEST else suppress
    found = protect(cells, sensitive, unions=rule, keep=margins)
    if found.unprotected or any(None in key for key in found.hidden):
        return None
    hidden = {(named[0][first], named[1][second]) for first, second in found.hidden if first and second}
    return tuple((row, column) for row in rows for column in columns if (row, column) in hidden)
