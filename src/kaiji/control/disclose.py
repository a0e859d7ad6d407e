"""The only door out: :func:`disclose` turns the exact summary into what one audience may see."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from kaiji.control import statements
from kaiji.control.disclosed import (
    Decision,
    DisclosedFacet,
    DisclosedSummary,
    Method,
    Row,
    Total,
)
from kaiji.control.level import AudiencePlan, FacetAction, Level
from kaiji.control.outlines import Outlines
from kaiji.control.statements import Statement
from kaiji.control.suppression import merge, owners_of, unsafe
from kaiji.errors import StageError
from kaiji.findings import Finding
from kaiji.manifest.declarations import Declarations
from kaiji.provenance.summarise import Facet, Part, ProvenanceSummary, Quantity
from kaiji.terms import Audience, Modality

DOMINANT = Fraction(4, 5)
"""Part of a kind from which on its share is as good as that of its largest confidential owner."""


class Door:
    """Collects statements and decisions while a summary is disclosed to one audience."""

    def __init__(self, audience: Audience, minimum: int) -> None:
        self.audience = audience
        self.minimum = minimum
        self.statements: dict[str, Statement] = {}
        self.decisions: list[Decision] = []
        self.findings: list[Finding] = []

    def publish(self, statement: Statement, action: str, rule: str, reason: str) -> str:
        """Keep a statement, with the decision that coarsened it; returns its id.

        Raises:
            StageError: another statement has the same id already; one of the two would be lost.
        """
        if self.statements.get(statement.id, statement) != statement:
            raise StageError("two published figures have one id")
        self.statements[statement.id] = statement
        self.decide(statement.id, action, rule, reason)
        return statement.id

    def decide(self, path: str, action: str, rule: str, reason: str) -> None:
        self.decisions.append(
            Decision.model_validate(
                {"path": path, "action": action, "rule": rule, "reason": reason, "audience": self.audience}
            )
        )


def disclose(
    summary: ProvenanceSummary,
    level: Level,
    audience: Audience,
    on: date,
    *,
    owners_minimum: int | None = None,
    method: Method | None = None,
) -> tuple[DisclosedSummary, tuple[Decision, ...], tuple[Finding, ...]]:
    """What ``audience`` may see of ``summary`` at ``level``, with every decision that coarsened or withheld a value.

    Args:
        summary: Exact and confidential.
        level: The disclosure level.
        audience: Who the result is for.
        on: Date of the documents.
        owners_minimum: The release's own threshold; else the level's.
        method: How the figures were made; kept only where the level shows it to the audience.

    Returns:
        The disclosed summary, the decisions (internal), and findings about merged kinds.
    """
    plan = level.audiences[audience]
    door = Door(audience, owners_minimum or level.owners_minimum)
    facets = tuple(_facet(facet, plan.facet(facet.name), door) for facet in summary.facets)
    outlines = Outlines(summary, plan, door)
    if method and plan.method == "withhold":
        door.decide("method", "withhold", f"level {level.id}: method", "the method note is for regulators")
    disclosed = DisclosedSummary(
        audience=audience,
        level=level.id,
        level_title=level.title,
        level_description=level.description,
        share_units=_units(facets, plan),
        date=on,
        declarations=_declarations(summary.declarations, plan, door),
        facets=tuple(facet for facet in facets if facet),
        totals=tuple(_total(modality, summary, plan, door) for modality in summary.totals),
        categories=outlines.categories(),
        names=outlines.names(),
        crawlers=outlines.crawlers(),
        generators=outlines.generators(),
        user_data=outlines.user_data(),
        regions=outlines.regions(),
        latest=outlines.latest(),
        observed=bool(summary.observed),
        method=method if plan.method == "show" else None,
        statements=dict(sorted(door.statements.items())),
    )
    return disclosed, tuple(door.decisions), tuple(door.findings)


def _units(facets: Sequence[DisclosedFacet | None], plan: AudiencePlan) -> tuple[str, ...]:
    units = {plan.facet(facet.name).unit for facet in facets if facet and any(row.statement for row in facet.rows)}
    return tuple(format(unit.normalize(), "f") for unit in sorted(unit for unit in units if unit is not None))


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


def _total(modality: Modality, summary: ProvenanceSummary, plan: AudiencePlan, door: Door) -> Total:
    path, quantity = f"total.{modality}", summary.totals[modality]
    if not isinstance(quantity, Quantity):
        return Total(modality=modality, statement=None, reason=quantity.reason)
    if plan.totals == "withhold":
        door.decide(path, "withhold", "totals", f"{quantity.value} {quantity.unit}")
        return Total(modality=modality, statement=None, reason="withheld.level")
    if unsafe(_parts_of(modality, summary), door.minimum):
        door.decide(path, "withhold", "owners_minimum", "the total of a modality would show an owner")
        return Total(modality=modality, statement=None, reason="withheld.owner")
    statement = statements.total_band(path, quantity.value, quantity.unit)
    door.publish(statement, "band", "totals: band", f"{quantity.value} {quantity.unit}")
    return Total(modality=modality, statement=path, basis=quantity.basis)


def _parts_of(modality: Modality, summary: ProvenanceSummary) -> Sequence[Part]:
    """Parts of the category facet of a modality; with a size of zero there is no facet and nothing to protect."""
    return next((f.parts for f in summary.facets if f.name == "category" and f.modality is modality), ())


def _facet(facet: Facet, action: FacetAction, door: Door) -> DisclosedFacet | None:
    path = f"{facet.name}.{facet.modality or 'all'}"
    if action.action == "withhold":
        door.decide(path, "withhold", f"facet {facet.name}", "withheld by the level")
        return None
    merged = merge(facet.parts, door.minimum)
    rows = []
    for group in merged.groups if merged.safe else ():  # the kinds of a withheld facet would describe its few owners
        kinds = tuple(part.kind for part in group)
        row_path = f"{path}.{'+'.join(kind or 'not-known' for kind in kinds)}.share"
        if len(group) > 1:
            owners = len(owners_of(group))
            door.decide(row_path, "merge", f"owners_minimum {door.minimum}", f"{owners} owners behind the merged kinds")
        if action.unit is None:
            rows.append(Row(kinds=kinds, statement=None))
            continue
        size, whole = sum(part.size for part in group), facet.whole.value
        statement = statements.share(row_path, size, whole, Decimal(action.unit))
        door.publish(statement, "round", f"share to {action.unit} %", f"{size} of {whole} {facet.whole.unit}")
        rows.append(Row(kinds=kinds, statement=statement.id))
        if facet.name == "category" and DOMINANT * size < max(part.largest for part in group):
            message = (
                f"one confidential owner holds nearly all of a kind of the facet {path}, as {door.audience} sees it"
            )
            door.findings.append(Finding(id="KJ405", message=message))
    if not merged.safe:
        door.decide(path, "withhold", f"owners_minimum {door.minimum}", "too few owners behind the whole facet")
    if len(merged.groups) < len(facet.parts) or not merged.safe:
        done = "merged" if merged.safe else "withheld, because even together"
        message = (
            f"kinds of the facet {path} were {done} for {door.audience}: too few owners stand behind a kind that "
            "holds a confidential source (a source without owner counts as none)"
        )
        if facet.name == "category":
            door.findings.append(Finding(id="KJ404", message=message))
    return DisclosedFacet(
        name=facet.name,
        modality=facet.modality,
        unit=facet.whole.unit,
        basis=facet.whole.basis,
        rows=tuple(rows),
        withheld=not merged.safe,
    )
