"""The two tests of a build: the plan is the first in the order of repairs that passes the ceiling; what was rendered is
held against it byte by byte; and the floor says whether enough is left."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from kaiji.control import audit_report, ceiling, ledger_file, plan_file
from kaiji.control.atoms import Atoms, atoms
from kaiji.control.ceiling import Audit, Breach, Knowledge, Limits
from kaiji.control.counting import Counted, TooFew, too_few
from kaiji.control.disclosed import Decision
from kaiji.control.floor import FloorReport
from kaiji.control.ledger import Publication
from kaiji.control.parse_back import Folder
from kaiji.control.plan import Plan
from kaiji.control.position import Position, as_data
from kaiji.control.repairs import Binding, Repair, repaired
from kaiji.control.subjects import Claim
from kaiji.control.system import Protection
from kaiji.control.worlds import different, of_names, of_sizes
from kaiji.documents import Documents, Made
from kaiji.findings import Finding, Place
from kaiji.history import History, recall, remembered
from kaiji.manifest.fields import INT64_MAX
from kaiji.manifest.policy import Policy
from kaiji.measure import Measured
from kaiji.provenance.summarise import ProvenanceSummary, Quantity
from kaiji.read_back import declared, read_back
from kaiji.scan import phases
from kaiji.sufficiency import enough, standing
from kaiji.terms import Audience, Modality, Unit

WORLDS = 1
"""Witness worlds that a build renders in every format."""
STEPS = 200
"""Repairs after which the search gives up; each takes something away, so that a release needs far fewer."""


class Settled(NamedTuple):
    """The plan that was found, what the ceiling says of it, and what had to be made coarser for it."""

    plan: Plan
    audit: Audit
    repairs: tuple[tuple[Breach, Repair], ...]
    """Each with the breach that asked for it; steps that were taken, or are proposed where the plan is pinned."""
    pinned: bool

    @property
    def coarser(self) -> frozenset[str]:
        """Facets that had to be made coarser."""
        taken = () if self.pinned else self.repairs
        return frozenset(repair.path.partition(".")[0] for _, repair in taken)

    def decisions(self) -> Iterator[Decision]:
        """The steps that were taken, for the audit trail."""
        actions = {"merge": "merge", "unit": "round", "table": "withhold", "band": "band", "withhold": "withhold"}
        for breach, repair in () if self.pinned else self.repairs:
            for audience in Audience:
                reason = f"{breach.target} would be known to {breach.profile} by {', '.join(breach.statements)}"
                yield Decision.model_validate(
                    {"path": repair.path, "action": actions[repair.step], "rule": "ceiling", "reason": reason,
                     "audience": audience}
                )  # fmt: skip

    def findings(self) -> Iterator[Finding]:
        """KJ420 for what stays open to an attacker, KJ421 for what was made coarser."""
        proposed = dict(self.repairs) if self.pinned else {}
        for breach in self.audit.breaches:
            repair = proposed.get(breach)
            hint = f"; {repair.step} {repair.path}" if repair else ""
            interval = breach.interval
            told = f"[{interval.low}, {interval.high}]" if interval else "no reliable answer"
            detail = f"{breach.target} = {breach.truth}: {told} by {', '.join(breach.statements)}"
            profile = breach.profile.partition(":")[0]
            message = f"a protected size can be worked out by {profile} ({breach.reason}){hint}"
            yield Finding(id="KJ420", message=message, detail=detail)
        for path in sorted({repair.path for _, repair in self.repairs if not self.pinned}):
            message = f"{path} was made coarser: otherwise a protected size could be worked out"
            yield Finding(id="KJ421", message=message)


def limits(policy: Policy) -> Limits:
    """How far protected sizes must stay open, by the policy of a release."""
    anybody = Protection(_part(policy.p), Fraction(policy.factor) if policy.factor > 1 else None)
    return Limits(anybody, Protection(_part(policy.p_insider)))


def _part(percent: Decimal) -> Fraction:
    return Fraction(percent) / 100


def settle(
    plan: Plan,
    claims_of: Callable[[Plan], tuple[Claim, ...]],
    known: Callable[[tuple[Claim, ...]], Knowledge],
    limit: Limits,
    *,
    pinned: bool,
) -> Settled:
    """The first plan, in the order of repairs from ``plan`` on, that passes the ceiling.

    A round takes at most one step on each figure before the plan is tried again, so that one step may mend several
    breaches. What earlier releases and others have said already gives away cannot be mended; nothing is taken for it.

    Args:
        plan: Where to begin.
        claims_of: What a plan would tell of sizes.
        known: That, together with everything that was told before.
        limit: How far protected sizes must stay open.
        pinned: True to keep to ``plan`` whatever is found; the first repair of each breach is then proposed only.
    """
    taken: list[tuple[Breach, Repair]] = []
    lost: frozenset[str] | None = None
    for _ in range(STEPS):
        claims = claims_of(plan)
        everything = known(claims)
        found = ceiling.audit(everything, limit, quick=True)
        steps: list[str] = []
        mendable = () if pinned else found.breaches
        if mendable and lost is None:
            lost = _lost(known, everything, claims, limit)
        for breach in mendable:
            binding = _binding(breach, claims, found, everything)
            if breach.target in (lost or ()) or any(figure.is_at(path) for figure in binding for path in steps):
                continue
            step = repaired(plan, binding)
            if step is not None:
                plan, repair = step
                taken.append((breach, repair))
                steps.append(repair.path)
        if not steps:
            break
    if found.breaches:  # what is left, with whom it is known to and what would be done about it
        found = ceiling.audit(everything, limit)
        left = [(breach, repaired(plan, _binding(breach, claims, found, everything))) for breach in found.breaches]
        taken += [(breach, step[1]) for breach, step in left if step and pinned]
    return Settled(plan, found, tuple(taken), pinned)


def _lost(
    known: Callable[[tuple[Claim, ...]], Knowledge], everything: Knowledge, claims: Sequence[Claim], limit: Limits
) -> frozenset[str]:
    """Targets that are given away by what was said before, whatever this release says."""
    if len(everything.claims) == len(claims) and not everything.answers:
        return frozenset()
    return frozenset(breach.target for breach in ceiling.audit(known(()), limit, quick=True).breaches)


def _binding(breach: Breach, claims: Sequence[Claim], found: Audit, known: Knowledge) -> list[Binding]:
    """Figures of this release that combine in a breach; where the solver names none, all that the target is part of."""
    by_id: dict[str, Claim] = {claim.id: claim for claim in claims if claim.unit is not Unit.DATASETS}
    named = [by_id[name] for name in breach.statements if name in by_id]
    if not named:
        atoms = {atom for target in found.targets if target.id == breach.target for atom in target.atoms}
        named = [claim for claim in by_id.values() if atoms & set(known.atoms.of(claim.part, claim.unit))]
    return [
        Binding(
            claim.part.facet,
            claim.part.modality,
            claim.part.kinds or (),
            claim.part.other_facet,
            claim.id.startswith("points."),
            _of_form(claim),
        )
        for claim in named
    ]


def _of_form(claim: Claim) -> str:
    """Path of a bin or of a list of large datasets in the plan; empty for any other claim."""
    return ".".join(claim.id.split(".")[:3]) if claim.id.startswith("form.") else ""


class Proved(NamedTuple):
    """The documents, and what the two tests say of them."""

    settled: Settled
    made: Made
    history: History
    publication: tuple[Publication, bytes]
    """The entry for the ledger, and the sizes it is true of."""
    findings: tuple[Finding, ...]
    floor: FloorReport
    positions: tuple[Position, ...]
    """Where the documents of each audience stand."""
    files: Mapping[str, bytes]
    """Internal files: the plan, and what the ledger is remembered by."""


def prove(
    measured: Measured, documents: Documents, previous: Path | None, *, minimum: int, worlds: int, pinned: bool
) -> Proved:
    """Settle the plan, render, and test what was rendered.

    Args:
        measured: The release.
        documents: How its documents are made; its plan is where the search begins.
        previous: Output of an earlier build, which remembers the ledger.
        minimum: Fewest owners behind whatever is printed.
        worlds: Witness worlds that are rendered in every format.
        pinned: True to keep to the plan whatever is found.

    Raises:
        LedgerError: what was published before is not known for certain.
        ManifestError: the file of external facts is wrong.
        UnresolvedError: a published figure is false.
    """
    summary, loaded = measured.summary, measured.loaded
    now = atoms(measured.inventory, summary, others=loaded.release.policy.external_facts is not None)
    phases.end("provenance")
    history, false = recall(loaded, summary, now, previous).without_false()
    limit = limits(loaded.release.policy)
    settled = settle(
        documents.plan,
        lambda plan: replace(documents, plan=plan).claims(summary),
        history.with_claims,
        limit,
        pinned=pinned,
    )
    phases.end("ceiling")
    documents = replace(documents, plan=settled.plan)
    made = documents.made(summary)
    phases.end("documents")
    worlds_found = _other_worlds(measured, documents, made, now, settled.audit, worlds)
    phases.end("worlds")
    few = too_few(made.claims, _counted(measured, made), minimum)
    may, folder = declared(measured, made), Folder(made.files)
    unexplained = tuple(read_back(folder, may))
    phases.end("read back")
    floor = enough(measured, made, folder, may, settled.coarser)
    phases.end("floor")
    stand = standing(measured, made, floor, settled.audit, worlds_found.compared, len(worlds_found.different))
    findings = [
        *false,
        *settled.findings(),
        *map(_few, few),
        *worlds_found.findings(),
        *unexplained,
        *floor.findings,
    ]
    publication = history.publication(loaded, made.claims, documents.on)
    more = {
        "position": {one.audience.value: as_data(one) for one in stand},
        "worlds": {"compared": worlds_found.compared, "rendered": worlds_found.rendered},
        "repairs": [[repair.path, repair.step, breach.target] for breach, repair in settled.repairs],
    }
    files = {
        "internal/plan.json": plan_file.text(settled.plan),
        "internal/audit_report.json": audit_report.report(history.atoms, settled.audit, limit, more),
    }
    if history.ledger:
        files |= [remembered(history.ledger.after(publication[0]))]
    return Proved(settled, made, history, publication, tuple(findings), floor, stand, files)


def _counted(measured: Measured, made: Made) -> dict[str, Counted]:
    """Datasets by category, as those who can read most names see them."""
    summary, named = measured.summary, max(len(one.names) for one in made.disclosed)
    found: dict[str, Counted] = {}
    for source in summary.sources:
        if source.id in summary.in_training:
            have = found.get(source.category.value, Counted(0, 0))
            field = "secret" if source.confidential else "named" if named else "unnamed"
            found[source.category.value] = have._replace(**{field: getattr(have, field) + 1})
    return found


def _few(found: TooFew) -> Finding:
    message = f"the published number of datasets of the category {found.category} shows how few are confidential"
    detail = f"{found.secret}: [{found.interval.low}, {found.interval.high}]"
    return Finding(id="KJ420", message=message, detail=detail)


class _Worlds(NamedTuple):
    """What became of the witness worlds."""

    compared: int
    rendered: int
    """Of those compared, how many in every format; the others before they are rendered."""
    different: Mapping[str, Sequence[str]]
    """Files that are not the same, by world."""

    def findings(self) -> Iterator[Finding]:
        """KJ423 for each file."""
        for path in sorted({path for paths in self.different.values() for path in paths}):
            message = "the file is not the same in a world that must not be told apart from this one"
            names = [name for name, paths in self.different.items() if path in paths]
            yield Finding(id="KJ423", message=message, place=Place(file=path), detail=", ".join(names))


def _other_worlds(
    measured: Measured, documents: Documents, made: Made, now: Atoms, audited: Audit, rendered: int
) -> _Worlds:
    """Compare the worlds of all certificates of the gate; ``rendered`` of them as files.

    In the first, confidential sources and owners have other names as well.
    """
    summary = measured.summary
    others: list[ProvenanceSummary] = []
    for certificate in audited.certificates:
        moves = {atom: move for atom, move in certificate.moves.items() if atom < len(now.frame)}
        if sum(now.truth) + sum(move for move in moves.values() if move > 0) > INT64_MAX:
            continue  # a release that could not be added up is none
        other = of_sizes(summary, measured.inventory, now, moves)
        if not _is_empty(other) - _is_empty(summary):  # a modality of which there is nothing would not be told of
            others.append(other)
    if any(source.confidential for source in summary.sources):
        others[:1] = [of_names(others[0] if others else summary)]
    found: dict[str, list[str]] = {}
    for number, other in enumerate(others):
        name = f"world {number}"
        if number < rendered:
            for one in different([(name, other)], lambda summary: documents.made(summary).files, made.files):
                found.setdefault(name, []).append(one.path)
        elif documents.disclosed(other) != made.disclosed:  # all that regimes and renderers can see
            found[name] = ["(all documents)"]
    return _Worlds(len(others), min(rendered, len(others)), found)


def _is_empty(summary: ProvenanceSummary) -> set[Modality]:
    """Modalities whose sources hold nothing."""
    return {name for name, total in summary.totals.items() if isinstance(total, Quantity) and not total.value}


def enter(proved: Proved) -> None:
    """Enter what is about to be published in the ledger that the release names, if it names one.

    Raises:
        LedgerError: the ledger was changed since it was read, or cannot be written.
    """
    history = proved.history
    if history.ledger and history.path:
        ledger_file.append(history.path, history.ledger, *proved.publication)
