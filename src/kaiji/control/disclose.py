"""The only door out: :func:`disclose` turns the exact summary into what one audience may see, as its plan says.

No size decides anything here but the text of its own figure: what is merged, withheld or left out was decided when
the plan was drawn (:mod:`kaiji.control.draw`).
"""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Literal, NamedTuple

from kaiji.control import statements
from kaiji.control.data_points import data_points
from kaiji.control.disclosed import (
    Decision,
    DisclosedFacet,
    DisclosedSummary,
    DisclosedTable,
    Method,
    Row,
    Total,
)
from kaiji.control.form_disclosed import FormFigures
from kaiji.control.forms import Forms, numeric_months
from kaiji.control.level import AudiencePlan, Level
from kaiji.control.outlines import Outlines
from kaiji.control.plan import AudiencePlanned, FacetPlan, Kinds, Plan, TablePlan, row_name
from kaiji.control.statements import Statement
from kaiji.control.subjects import Claim, Subject
from kaiji.errors import StageError
from kaiji.manifest.declarations import Declarations
from kaiji.provenance.summarise import Facet, ProvenanceSummary, Quantity
from kaiji.terms import Audience, Modality, Unit


class Door:
    """Collects statements, claims and decisions while a summary is disclosed to one audience."""

    def __init__(self, audience: Audience) -> None:
        self.audience = audience
        self.statements: dict[str, Statement] = {}
        self.claims: list[Claim] = []
        self.decisions: list[Decision] = []

    def publish(self, statement: Statement, action: Literal["round", "band"], rule: str, reason: str) -> str:
        """Keep a statement, with the decision that coarsened it; returns its id.

        Raises:
            StageError: another statement has the same id already; one of the two would be lost.
        """
        if self.statements.get(statement.id, statement) != statement:
            raise StageError("two published figures have one id")
        self.statements[statement.id] = statement
        self.decide(statement.id, action, rule, reason)
        return statement.id

    def claim(self, statement: Statement, part: Subject, whole: Subject | None, unit: Unit) -> None:
        """Keep what a statement tells of sizes, in ``unit``: hours that are printed are seconds that were counted."""
        factor = 3600 if (statement.unit, unit) == (Unit.HOURS, Unit.SECONDS) else 1
        low, high = (None if end is None else Fraction(end) * factor for end in (statement.low, statement.high))
        self.claims.append(
            Claim(
                id=statement.id,
                audience=self.audience,
                unit=unit,
                part=part,
                whole=whole,
                low=low,
                high=high,
                low_open=statement.low_open,
                high_open=statement.high_open,
            )
        )

    def decide(
        self, path: str, action: Literal["round", "band", "merge", "withhold", "pseudonym"], rule: str, reason: str
    ) -> None:
        self.decisions.append(Decision(path=path, action=action, rule=rule, reason=reason, audience=self.audience))


class Disclosed(NamedTuple):
    """What one audience may see, what that tells of sizes, and every decision that coarsened or withheld a value."""

    summary: DisclosedSummary
    claims: tuple[Claim, ...]
    decisions: tuple[Decision, ...]


def disclose(
    summary: ProvenanceSummary,
    level: Level,
    plan: Plan,
    audience: Audience,
    on: date,
    *,
    method: Method | None = None,
) -> Disclosed:
    """What ``audience`` may see of ``summary``.

    Args:
        summary: Exact and confidential.
        level: The disclosure level: what may be named.
        plan: What is done with each facet, total and outline.
        audience: Who the result is for.
        on: Date of the documents.
        method: How the figures were made; kept only where the level shows it to the audience.
    """
    allowed, planned = level.audiences[audience], plan.audience(audience)
    door = Door(audience)
    facets = tuple(_facet(facet, planned.facet(facet.name, facet.modality), door) for facet in summary.facets)
    outlines = Outlines(summary, allowed, planned, door)
    if method and allowed.method == "withhold":
        door.decide("method", "withhold", f"level {level.id}: method", "the method note is for regulators")
    disclosed = DisclosedSummary(
        audience=audience,
        level=level.id,
        level_title=level.title,
        level_description=level.description,
        share_units=_units(facets, planned),
        date=on,
        declarations=_declarations(summary.declarations, allowed, door),
        facets=tuple(facet for facet in facets if facet),
        tables=tuple(_table(table, summary, planned, door) for table in planned.tables),
        totals=tuple(_total(modality, summary, planned, door) for modality in summary.totals),
        categories=outlines.categories(),
        names=outlines.names(),
        crawlers=outlines.crawlers(),
        generators=outlines.generators(),
        user_data=outlines.user_data(),
        regions=outlines.regions(),
        latest=outlines.latest(),
        observed=bool(summary.observed),
        points=data_points(summary, planned, door),
        evaluation=Outlines(summary, allowed, planned, door, evaluation=True).evaluation(),
        form=_form(summary, planned, door),
        method=method if allowed.method == "show" else None,
        statements=dict(sorted(door.statements.items())),
    )
    return Disclosed(disclosed, tuple(door.claims), tuple(door.decisions))


def _form(summary: ProvenanceSummary, planned: AudiencePlanned, door: Door) -> FormFigures | None:
    """Last of all: it prints the months that were let through before once more, in the form's own way."""
    if summary.form is None:
        return None
    figures = Forms(summary, summary.form, planned, door).figures()
    numeric_months(door)
    return figures


def _units(facets: Sequence[DisclosedFacet | None], planned: AudiencePlanned) -> tuple[str, ...]:
    shown = [facet for facet in facets if facet and any(row.statement for row in facet.rows)]
    plans = (planned.facet(facet.name, facet.modality) for facet in shown)
    units = {plan.unit for plan in plans if plan and plan.unit is not None}
    return tuple(format(unit.normalize(), "f") for unit in sorted(units))


def _declarations(declared: Declarations, plan: AudiencePlan, door: Door) -> Declarations:
    """What the provider says of itself, without what is not for this audience."""
    contacts = declared.provider.contacts
    representative = declared.provider.representative
    if plan.contacts == "public":
        kept = tuple(contact for contact in contacts if contact.public)
        if len(kept) < len(contacts):
            door.decide("provider.contacts", "withhold", "contacts: public", "contacts that are not marked public")
        if representative:
            door.decide("provider.representative", "withhold", "contacts: public", "for the filing form only")
        contacts, representative = kept, None
    provider = declared.provider.model_copy(update={"contacts": contacts, "representative": representative})
    internal = [
        f"answers.{regime}.{item}.{name}"
        for regime, given in declared.answers.items()
        for item, answer in given.items()
        for name in ("evidence", "approver")
        if getattr(answer, name)
    ]
    for path in internal:
        door.decide(path, "withhold", "internal", "who approved an answer, and on what it rests, is not published")
    answers = {
        regime: {item: answer.model_copy(update={"evidence": (), "approver": None}) for item, answer in given.items()}
        for regime, given in declared.answers.items()
    }
    return declared.model_copy(update={"provider": provider, "answers": answers})


def _total(modality: Modality, summary: ProvenanceSummary, planned: AudiencePlanned, door: Door) -> Total:
    path, quantity = f"total.{modality}", summary.totals[modality]
    if not isinstance(quantity, Quantity):
        return Total(modality=modality, statement=None, reason=quantity.reason)
    plan, exact = planned.total(modality), f"{quantity.value} {quantity.unit}"
    if plan.action == "withhold":
        door.decide(path, "withhold", f"totals: {plan.reason}", exact)
        return Total(modality=modality, statement=None, reason=f"withheld.{plan.reason}")
    statement = statements.total_band(path, quantity.value, quantity.unit, decade=plan.action == "decade")
    door.publish(statement, "band", f"totals: {plan.action}", exact)
    door.claim(statement, Subject(modality=modality), None, quantity.unit)
    return Total(modality=modality, statement=path, basis=quantity.basis)


def _facet(facet: Facet, plan: FacetPlan | None, door: Door) -> DisclosedFacet | None:
    path = f"{facet.name}.{facet.modality or 'all'}"
    if plan is None:
        raise StageError("the plan says nothing of a facet: it was drawn for other data")
    if plan.action == "withhold" and plan.reason == "level":
        door.decide(path, "withhold", f"facet {facet.name}", "withheld by the level")
        return None
    rows = []
    parts = {part.kind: part for part in facet.parts}
    if plan.action == "withhold":
        door.decide(path, "withhold", "owner", "the shares would show an owner")
    elif parts.keys() - {kind for kinds in plan.groups for kind in kinds}:
        raise StageError("the plan says nothing of a kind of a facet: it was drawn for other data")
    for kinds in plan.groups if plan.action != "withhold" else ():
        row_path = f"{path}.{row_name(kinds)}.share"
        if plan.unit is None:
            rows.append(Row(kinds=kinds, statement=None))
            continue
        size, whole = sum(parts[kind].size for kind in kinds if kind in parts), facet.whole.value
        statement = statements.share(row_path, size, whole, plan.unit)
        door.publish(statement, "round", f"share to {plan.unit} %", f"{size} of {whole} {facet.whole.unit}")
        subject = Subject(modality=facet.modality, facet=facet.name, kinds=kinds)
        door.claim(statement, subject, Subject(modality=facet.modality), facet.whole.unit)
        rows.append(Row(kinds=kinds, statement=statement.id))
    return DisclosedFacet(
        name=facet.name,
        modality=facet.modality,
        unit=facet.whole.unit,
        basis=facet.whole.basis,
        rows=tuple(rows),
        withheld=plan.action == "withhold",
    )


def _table(plan: TablePlan, summary: ProvenanceSummary, planned: AudiencePlanned, door: Door) -> DisclosedTable:
    facets, modality = plan.facets, plan.modality
    crossing = next((c for c in summary.crossings if (c.facets, c.modality) == (facets, modality)), None)
    rows, columns = (getattr(planned.facet(name, modality), "groups", None) for name in facets)
    if crossing is None or not rows or not columns:
        raise StageError("the plan has a table that the data have not: it was drawn for other data")
    whole, path = crossing.whole, f"{facets[0]}-by-{facets[1]}.{modality}"
    place = {(name, kind): kinds for name, groups in zip(facets, (rows, columns), strict=True)
             for kinds in groups for kind in kinds}  # fmt: skip
    sizes: dict[tuple[Kinds, Kinds], int] = {}
    for held in crossing.holdings:
        cell = place[facets[0], held.kinds[0]], place[facets[1], held.kinds[1]]
        sizes[cell] = sizes.get(cell, 0) + held.size
    cells: list[tuple[str | None, ...]] = []
    for row in rows:
        printed: list[str | None] = []
        for column in columns:
            cell_path = f"{path}.{row_name(row)}.{row_name(column)}.share"
            if (row, column) in plan.suppressed:
                door.decide(cell_path, "withhold", "suppression", f"{sizes.get((row, column), 0)} of {whole.value}")
                printed.append(None)
                continue
            size = sizes.get((row, column), 0)
            statement = statements.share(cell_path, size, whole.value, plan.unit)
            door.publish(statement, "round", f"share to {plan.unit} %", f"{size} of {whole.value} {whole.unit}")
            both = {"facet": facets[0], "kinds": row, "other_facet": facets[1], "other_kinds": column}
            door.claim(statement, Subject(modality=modality, **both), Subject(modality=modality), whole.unit)
            printed.append(statement.id)
        cells.append(tuple(printed))
    return DisclosedTable(
        facets=facets, modality=modality, unit=whole.unit, basis=whole.basis,
        rows=tuple(rows), columns=tuple(columns), cells=tuple(cells),
    )  # fmt: skip
