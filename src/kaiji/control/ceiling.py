"""The ceiling: nothing that is protected can be worked out from everything that was ever published, taken together.

Attackers are sets of claims and of sizes known besides. The union of all documents, audiences, earlier releases,
answers and of what others have said is the gate (P4), and each owner behind a printed kind is an insider who knows
his own part as well (P5). A target passes with a certificate in either direction; whatever has none is a breach.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from kaiji.control import audit as attack
from kaiji.control.atoms import Atoms, targets
from kaiji.control.certificates import Failure, certify
from kaiji.control.intervals import share
from kaiji.control.relations import system
from kaiji.control.subjects import Claim, Subject
from kaiji.control.system import Certificate, Interval, Protection, System, Target
from kaiji.terms import Audience, Unit


class Hidden(NamedTuple):
    """A figure that is protected although it is not the size of one owner."""

    name: str
    part: Subject
    whole: Subject | None
    """None for a size; else the share of the part in it is hidden."""
    unit: Unit


class Knowledge(NamedTuple):
    """Everything that was ever published of a family of releases."""

    atoms: Atoms
    claims: tuple[Claim, ...]
    """Of all audiences and releases."""
    answers: tuple[Claim, ...] = ()
    """What single people were told."""
    hidden: tuple[Hidden, ...] = ()
    """What is protected besides owners and sources."""

    def of(self, profile: str) -> tuple[Claim, ...]:
        """What an attacker of a profile has read: P1 the public, P2 an authority, P3 who asked, P4 all of them."""
        public = tuple(claim for claim in self.claims if claim.audience is Audience.PUBLIC)
        read = {"P1": public, "P2": self.claims, "P3": (*public, *self.answers)}
        return read.get(profile, (*self.claims, *self.answers))


class Limits(NamedTuple):
    """How far protected sizes must stay open. Private."""

    anybody: Protection
    insider: Protection


class Breach(NamedTuple):
    """A protected size that an attacker can work out too closely. Confidential."""

    target: str
    profile: str
    """P1 to P4; ``P5:`` and who the insider is."""
    truth: int
    """Size; of a share, millionths."""
    interval: Interval | None
    """None where the solver gives no reliable answer, which counts as a breach."""
    reason: str
    """`interval`, `exact` or `unresolved`."""

    @property
    def statements(self) -> tuple[str, ...]:
        """Ids of the published figures that combine."""
        return self.interval.relations if self.interval else ()


class Audit(NamedTuple):
    """What the ceiling found."""

    gate: System
    """What the attacker of the gate (P4) knows."""
    targets: tuple[Target, ...]
    certificates: tuple[Certificate, ...]
    """Of the gate (P4)."""
    insiders: Mapping[str, tuple[Certificate, ...]]
    """Of each group of insiders: names joined by ``+``; they know their own parts, and these prove what stays open."""
    against: Mapping[str, tuple[str, ...]]
    """Insiders that each target was held against, by the id of the target."""
    breaches: tuple[Breach, ...]

    @property
    def certified(self) -> int:
        """Targets that no attacker comes too close to."""
        return len(self.targets) - len({breach.target for breach in self.breaches})


def audit(known: Knowledge, limits: Limits, *, quick: bool = False) -> Audit:
    """Test every protected size against every attacker.

    With ``quick``, breaches of the gate are enough: they are not traced to the lesser attackers, and insiders are not
    tried while there are any.

    Raises:
        UnresolvedError: a published figure is false, so that nothing can be concluded.
    """
    claims = [claim for claim in known.of("P4") if claim.unit is not Unit.DATASETS]
    claimed = dict.fromkeys((claim.part, claim.unit) for claim in claims)
    sizes = [Target(f"secret:{one.name}", known.atoms.of(one.part, one.unit)) for one in known.hidden if not one.whole]
    aims = (*targets(known.atoms, claimed), *sizes)
    gate = system(known.atoms, claims)
    found = attack.audit(gate, aims, limits.anybody)
    truth = {aim.id: sum(gate.truth[atom] for atom in aim.atoms) for aim in aims}
    breaches = [_breach(known, () if quick else aims, failure, truth, limits.anybody) for failure in found.failures]
    failed = {breach.target for breach in breaches}
    for name in sorted(found.exact - failed):  # a second way to the same answer
        point = Interval(Fraction(truth[name]), Fraction(truth[name]))
        breaches.append(Breach(name, "P4", truth[name], point, "exact"))
        failed.add(name)
    breaches += _shares(known, gate, limits.anybody)
    if quick and breaches:
        return Audit(gate, aims, found.certificates, {}, {}, tuple(breaches))
    open_ = [aim for aim in aims if aim.id not in failed]
    inside = _insiders(known, gate, open_, found.certificates, limits.insider)
    breaches += [
        Breach(failure.target, f"P5:{insider}", truth[failure.target], failure.interval, _reason(failure, truth))
        for insider, failure in inside.failures
    ]
    ordered = sorted(breaches, key=lambda breach: (breach.target, breach.profile))
    return Audit(gate, aims, found.certificates, inside.certificates, inside.against, tuple(ordered))


def _breach(
    known: Knowledge, aims: Sequence[Target], failure: Failure, truth: Mapping[str, int], limit: Protection
) -> Breach:
    """A breach under the first profile that is enough for it; P4 where the target is not among ``aims``."""
    aim = [target for target in aims if target.id == failure.target]
    for profile in ("P1", "P2", "P3") if aim else ():
        claims = [claim for claim in known.of(profile) if claim.unit is not Unit.DATASETS]
        lesser = certify(system(known.atoms, claims), aim, limit).failures
        if lesser:
            return Breach(failure.target, profile, truth[failure.target], lesser[0].interval, _reason(lesser[0], truth))
    return Breach(failure.target, "P4", truth[failure.target], failure.interval, _reason(failure, truth))


_MILLION = 10**6


def _shares(known: Knowledge, gate: System, limit: Protection) -> Iterator[Breach]:
    """Hidden shares that a reader can work out to less than the percentage asks for, to either side."""
    for one in known.hidden:
        if one.whole is None:
            continue
        part, whole = known.atoms.of(one.part, one.unit), known.atoms.of(one.whole, one.unit)
        size, all_ = sum(gate.truth[atom] for atom in part), sum(gate.truth[atom] for atom in whole)
        if not size or not all_:
            continue
        true = Fraction(size, all_)
        found = share(gate, part, whole)
        # above the whole there is nothing to move to
        far = min((1 + limit.p) * true, Fraction(1))
        if found.low > (1 - limit.p) * true or found.high is None or found.high < far:
            yield Breach(f"secret:{one.name}", "P4", int(true * _MILLION), _scaled(found), "interval")


def _scaled(interval: Interval) -> Interval:
    high = None if interval.high is None else interval.high * _MILLION
    return interval._replace(low=interval.low * _MILLION, high=high)


_EXACT = Fraction(1, 10**4)
"""An interval narrower than this part of the size counts as the size itself."""


def _reason(failure: Failure, truth: Mapping[str, int]) -> str:
    interval = failure.interval
    if interval is None or failure.unresolved:
        return "unresolved"
    narrow = interval.high is not None and interval.high - interval.low <= _EXACT * truth[failure.target]
    return "exact" if narrow else "interval"


class _Inside(NamedTuple):
    certificates: Mapping[str, tuple[Certificate, ...]]
    against: Mapping[str, tuple[str, ...]]
    failures: tuple[tuple[str, Failure], ...]


_TOP = 3
"""Holders of a kind from whom the two largest others of each are taken."""
_ALL = 32
"""Holders up to which everyone is tried as an insider against every target, however small his part."""
_FEW = 6
"""Insiders up to which each is tried by himself."""


def _insiders(
    known: Knowledge,
    gate: System,
    aims: Sequence[Target],
    proofs: Sequence[Certificate],
    limit: Protection,
) -> _Inside:
    """Each target against the two largest other holders of every printed kind that it is part of; in a release of few
    holders, against all others.

    Many insiders are tried at once: a target that stays open though half of them join their knowledge stays open to
    each of that half. Halves by each binary digit of their numbers tell every two insiders apart. Who is left over is
    tried alone.
    """
    held = known.atoms.held_by()
    pairs = _pairs(gate, aims, held)
    if not pairs:
        return _Inside({}, {}, ())
    against: dict[str, tuple[str, ...]] = {}
    for target, insider in sorted(pairs):
        against[target] = (*against.get(target, ()), insider)
    by_name = {aim.id: aim for aim in aims}
    pairs -= _open_already(proofs, by_name, held, gate, limit, pairs)
    insiders = sorted({insider for _, insider in pairs})
    certificates: dict[str, tuple[Certificate, ...]] = {}
    owners = {aim.id: {name for name, atoms in held.items() if atoms & set(aim.atoms)} for aim in aims}
    rounds: list[tuple[str, ...]] = []
    if len(insiders) > _FEW:
        for digit in range((len(insiders) - 1).bit_length()):
            rounds += [tuple(name for n, name in enumerate(insiders) if n >> digit & 1 == half) for half in (0, 1)]
    for group in rounds:
        wanted = [
            by_name[name]
            for name in sorted({target for target, insider in pairs if insider in group})
            if not owners[name] & set(group)
        ]
        certification = certify(_with(gate, group, held), wanted, limit)
        failed = {failure.target for failure in certification.failures}
        certificates["+".join(group)] = certification.certificates
        done = {aim.id for aim in wanted} - failed
        pairs -= {(target, insider) for target, insider in pairs if target in done and insider in group}
    failures: list[tuple[str, Failure]] = []
    for insider in sorted({insider for _, insider in pairs}):
        wanted = [by_name[target] for target, one in sorted(pairs) if one == insider]
        certification = certify(_with(gate, (insider,), held), wanted, limit)
        certificates[insider] = (*certificates.get(insider, ()), *certification.certificates)
        failures += [(insider, failure) for failure in certification.failures]
    return _Inside({name: made for name, made in sorted(certificates.items()) if made}, against, tuple(failures))


def _with(gate: System, insiders: Collection[str], held: Mapping[str, frozenset[int]]) -> System:
    return gate._replace(known=gate.known.union(*(held[insider] for insider in insiders)))


def _pairs(gate: System, aims: Sequence[Target], held: Mapping[str, frozenset[int]]) -> set[tuple[str, str]]:
    """Target and insider: the two largest other holders of each sum of a relation that holds some of the target.

    Several releases or tables together can make someone an insider who is large in no sum with the target, so that
    where there are few holders all of them are tried.
    """
    holder = {atom: name for name, atoms in held.items() for atom in atoms}
    unknown = sorted({name for name, atoms in held.items() if atoms - gate.known})
    if len(unknown) <= _ALL:
        own_of = {aim.id: {holder[atom] for atom in aim.atoms if atom in holder} for aim in aims}
        return {(aim.id, name) for aim in aims for name in unknown if name not in own_of[aim.id]}
    top: dict[int, list[str]] = {}  # by sum
    for number in sorted({number for relation in gate.relations for number, _ in relation.coefficients}):
        sizes: dict[str, int] = {}
        for atom in gate.sums[number]:
            if atom in holder and atom not in gate.known:
                sizes[holder[atom]] = sizes.get(holder[atom], 0) + gate.truth[atom]
        top[number] = sorted((name for name in sizes if sizes[name]), key=lambda name: (-sizes[name], name))[:_TOP]
    inside: dict[int, list[int]] = {}
    for number in top:
        for atom in gate.sums[number]:
            inside.setdefault(atom, []).append(number)
    pairs = set()
    for aim in aims:
        own = {holder[atom] for atom in aim.atoms if atom in holder}
        for number in {number for atom in aim.atoms for number in inside.get(atom, ())}:
            pairs |= {(aim.id, name) for name in [name for name in top[number] if name not in own][:2]}
    return pairs


def _open_already(
    proofs: Sequence[Certificate],
    by_name: Mapping[str, Target],
    held: Mapping[str, frozenset[int]],
    gate: System,
    limit: Protection,
    pairs: Collection[tuple[str, str]],
) -> set[tuple[str, str]]:
    """Pairs that the certificates of the gate prove, because they move nothing of the insider."""
    if limit.factor is not None:
        return set()
    reached: dict[str, dict[bool, list[frozenset[str]]]] = {}
    holder = {atom: name for name, atoms in held.items() for atom in atoms}
    for certificate in proofs:
        moved = frozenset(holder[atom] for atom in certificate.moves if atom in holder)
        for name, move in certificate.targets:
            size = sum(gate.truth[atom] for atom in by_name[name].atoms) if name in by_name else 0
            if name in by_name and abs(move) >= limit.p * size:
                reached.setdefault(name, {True: [], False: []})[move > 0].append(moved)
    return {
        (target, insider)
        for target, insider in pairs
        if target in reached and all(any(insider not in moved for moved in ways) for ways in reached[target].values())
    }


def margins(audited: Audit) -> Mapping[str, Fraction]:
    """How far each certified target is proved open at least, as a part of its size: the nearer side, at most 1."""
    up: dict[str, int] = {}
    down: dict[str, int] = {}
    for certificate in audited.certificates:
        for name, move in certificate.targets:
            side = up if move > 0 else down
            side[name] = max(side.get(name, 0), abs(move))
    sizes = {target.id: sum(audited.gate.truth[atom] for atom in target.atoms) for target in audited.targets}
    failed = {breach.target for breach in audited.breaches}
    return {
        name: min(Fraction(up[name], sizes[name]), Fraction(down[name], sizes[name]), Fraction(1))
        for name in sorted(sizes)
        if sizes[name] and name in up and name in down and name not in failed
    }
