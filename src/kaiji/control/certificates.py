"""Proof that protected sizes stay open: other whole sizes that agree with everything published.

One set of moves proves many targets at once: the sum of what all of them lack is maximised, each capped at what
it needs, and whoever has enough is done. What a solver finds in floating point counts only after it was made whole
and checked exactly; whatever has no such proof is a failure.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import zip_longest
from math import ceil
from typing import NamedTuple

import numpy as np

from kaiji.control.intervals import Attacks
from kaiji.control.move_program import MoveProgram
from kaiji.control.solver import UnresolvedError
from kaiji.control.system import Certificate, Interval, Protection, System, Target
from kaiji.control.unknowns import Unknowns, independent, spread, unknowns
from kaiji.control.whole_moves import WholeMoves

ROUNDS = 6
"""Common programs for each power of ten and direction, before targets are tried one by one."""
REACH = 1e5
"""Moves beyond this many units are left out: fewer worlds, so that what is proved stays proved."""
BUCKET = 1000
"""Targets from one unit to this many units are audited together."""
LARGEST = 2000
"""Groups that may move at first besides those of the targets; all may when that is not enough."""
STEPS = 10_000
"""Steps of a unit: moves are whole multiples of a step where sizes are large."""
PARTS = (1.0, 0.999, 0.99, 0.9, 0.5)
"""Parts of the way to a corner: short of it nothing is held fast, so that there is room to round."""
FURTHER = (1.0, 0.99, 0.9)
"""Parts of the way to the corner of a common program that are tried one after the other."""
FINER = 1000
"""Steps are this much smaller for targets whose proof fails by less than a step."""
SLACK = Fraction(1, 10**6)
"""Part of what is needed that may lack, for whole moves cannot always meet a percentage exactly."""


class Failure(NamedTuple):
    """A target that an attacker can bound too closely, or that could not be proved open."""

    target: str
    """Private id."""
    interval: Interval | None
    """What the attacker can conclude, with the published figures that combine; None when that has no answer."""
    unresolved: bool
    """The interval looks wide enough, but no other whole sizes were found that prove it."""


class Certification(NamedTuple):
    """Proofs, and the targets without one. Every target is in ``failures`` or is proved, or has size zero."""

    certificates: tuple[Certificate, ...]
    failures: tuple[Failure, ...]


def certify(system: System, targets: Sequence[Target], protection: Protection) -> Certification:
    """Proves for each target that its size may as well be ``(1 - p) v`` and ``(1 + p) v``, and that the upper end
    reaches ``factor`` times the lower one; or says what an attacker can conclude instead.

    A target of size zero asks for nothing by this rule. Whether it follows exactly: :mod:`kaiji.control.exact`.

    Raises:
        UnresolvedError: a published figure is false; see :func:`kaiji.control.unknowns.untrue`.
    """
    found = unknowns(system, targets)
    parts = [
        _Audit(system, part, [targets[place] for place in places], protection).run()
        for part, places in independent(found)
    ]
    failures = {failure.target: failure for part in parts for failure in part.failures}
    return Certification(
        tuple(_together(one) for one in zip_longest(*(part.certificates for part in parts))),
        tuple(failures[target.id] for target in targets if target.id in failures),
    )


def _together(certificates: Iterable[Certificate | None]) -> Certificate:
    """One certificate of those of independent parts: what each of them proves, it proves as well."""
    some = [one for one in certificates if one is not None]
    moves = {atom: move for one in some for atom, move in one.moves.items()}
    return Certificate(dict(sorted(moves.items())), tuple(target for one in some for target in one.targets))


class _Audit:
    """Of one independent part of what is unknown."""

    def __init__(self, system: System, part: Unknowns, targets: Sequence[Target], protection: Protection) -> None:
        self._system, self._targets, self._protection = system, targets, protection
        self._unknowns = part
        self._whole = WholeMoves(self._unknowns)
        self._truth = [sum(system.truth[atom] for atom in target.atoms) for target in targets]
        self._reached = {1: [0] * len(targets), -1: [0] * len(targets)}
        self._owners: list[list[int]] = [[] for _ in self._unknowns.groups]
        for place, groups in enumerate(self._unknowns.targets):
            for group in groups:
                self._owners[group].append(place)
        sizes = self._unknowns.sizes
        self._by_size = sorted(range(len(sizes)), key=lambda group: (-sizes[group], group))
        self._certificates: list[Certificate] = []

    def run(self) -> Certification:
        places = [place for place, value in enumerate(self._truth) if value > 0]
        buckets: dict[int, list[int]] = {}
        for place in places:
            unit = 1
            while self._truth[place] >= unit * BUCKET:
                unit *= BUCKET
            buckets.setdefault(unit, []).append(place)
        for unit, members in sorted(buckets.items(), reverse=True):
            self._bucket(unit, members)
        attacks = Attacks(self._unknowns, self._system, self._targets)
        return Certification(
            tuple(self._certificates), tuple(self._failure(attacks, place) for place in places if self._lacks(place))
        )

    def _bucket(self, unit: int, members: list[int]) -> None:
        """All targets between one unit and :data:`BUCKET` units."""
        groups = self._unknowns.targets
        for largest in (LARGEST, len(self._unknowns.groups)):
            todo = [place for place in members if self._lacks(place) and groups[place]]
            if not todo:
                return
            free = {*self._by_size[:largest], *(group for place in todo for group in groups[place])}
            step = _step(unit)
            program = MoveProgram(self._unknowns, unit, reach=REACH, step=step, totals=todo, free=free)
            for sign in (1, -1):
                for _ in range(ROUNDS):
                    wanted = [place for place in todo if self._lacks(place, sign)]
                    if not wanted or not self._together(program, step, sign, wanted):
                        break
            if len(free) == len(self._unknowns.groups):
                break
        near = [
            (place, sign)
            for place in todo
            for sign in (1, -1)
            if self._lacks(place, sign) and self._alone(program, step, sign, place)
        ]
        if near and step > 1:
            step = max(1, step // FINER)
            totals = sorted({place for place, _ in near})
            program = MoveProgram(self._unknowns, unit, reach=REACH, step=step, totals=totals)
            for place, sign in near:
                if self._lacks(place, sign):
                    self._alone(program, step, sign, place)

    def _together(self, program: MoveProgram, step: int, sign: int, wanted: Sequence[int]) -> bool:
        """One common program; True when it proved something new.

        Where its corner cannot be made whole, a part of the way to one that lies further out.
        """
        columns = [program.totals[place] for place in wanted]
        far = np.full(len(wanted), np.inf)
        for part in FURTHER:
            caps = np.array([ceil(self._cap(place, sign, step) / part) / program.unit for place in wanted])
            lower, upper = (-far, caps) if sign > 0 else (-caps, far)
            program.solver.bound(columns, lower, upper)
            solution = program.solver.maximise(columns, sign / caps)
            program.solver.bound(columns, -far, far)
            if solution is None:
                return False
            moves = self._whole.near(program.moves(solution) * part, program.unit, step)
            if moves is not None:
                return self._absorb(moves)
        return False

    def _alone(self, program: MoveProgram, step: int, sign: int, place: int) -> bool:
        """One target by itself: as far as it goes or a part of that, then as far as it needs (another corner, which may
        round better), then by a search for whole numbers. True when it still lacks proof though there seems to be room.
        """
        total = program.totals[place]
        solution = program.solver.maximise([total], [float(sign)])
        if solution is None:
            return False
        reached = sign * float(solution.values[total]) * program.unit
        if solution.status == "optimal" and reached < float(self._needed(place)) * (1 - 1e-3) - step:
            return False
        moves = program.moves(solution)
        for part in PARTS:
            if part == 1 or (self._lacks(place, sign) and part * reached >= float(self._needed(place))):
                self._absorb(self._whole.near(moves * part, program.unit, step))
        if self._lacks(place, sign):
            self._together(program, step, sign, [place])
        if self._lacks(place, sign):
            self._absorb(self._whole.furthest(self._unknowns.targets[place], sign, step))
        return self._lacks(place, sign)

    def _absorb(self, moves: Mapping[int, int] | None) -> bool:
        """Keeps ``moves`` of groups as a certificate for all targets that they bring further; False if none."""
        if not moves:
            return False
        totals: dict[int, int] = {}
        for group, move in moves.items():
            for place in self._owners[group]:
                totals[place] = totals.get(place, 0) + move
        proved = []
        for place, move in sorted(totals.items()):
            sign = 1 if move > 0 else -1
            further = abs(move) > self._reached[sign][place]
            if further and abs(move) >= self._needed(place) and self._lacks(place, sign):
                self._reached[sign][place] = abs(move)
                proved.append((self._targets[place].id, move))
        if proved:
            atoms: dict[int, int] = {}
            for group, move in moves.items():
                atoms |= spread(self._system, self._unknowns.groups[group], move)
            self._certificates.append(Certificate(dict(sorted(atoms.items())), tuple(proved)))
        return bool(proved)

    def _needed(self, place: int) -> Fraction:
        """Move that the percentage asks for, to either side."""
        return self._protection.p * self._truth[place] * (1 - SLACK)

    def _cap(self, place: int, sign: int, step: int) -> int:
        """Move, a multiple of ``step``, that is enough on one side whatever the other side reaches beyond p."""
        p, factor, value = self._protection.p, self._protection.factor or Fraction(1), self._truth[place]
        part = max(p, factor * (1 - p) - 1 if sign > 0 else 1 - (1 + p) / factor)
        return max(1, -(-(part * value) // step)) * step

    def _lacks(self, place: int, sign: int | None = None) -> bool:
        """Whether the target still needs proof (on the side of ``sign``)."""
        value = self._truth[place]
        if not value:
            return False
        needed, up, down = self._needed(place), self._reached[1][place], self._reached[-1][place]
        factor = self._protection.factor
        if factor is not None and value + up < factor * (value - down) * (1 - SLACK):
            return True
        return (up < needed and sign != -1) or (down < needed and sign != 1)

    def _failure(self, attacks: Attacks, place: int) -> Failure:
        target = self._targets[place]
        try:
            interval = attacks.interval(place)
        except UnresolvedError:
            return Failure(target.id, None, True)
        return Failure(target.id, interval, protects(interval, self._truth[place], self._protection))


def _step(unit: int) -> int:
    """Step for moves near ``unit``: the largest highly divisible number of which a unit has :data:`STEPS`."""
    small = [step for step in (5040, 720, 60, 12, 2) if step * STEPS <= unit]
    return max([small[0] * (unit // (STEPS * small[0])) if small else 1, 1])


def protects(interval: Interval, truth: int, protection: Protection) -> bool:
    """True when ``interval`` leaves the true size as open as ``protection`` asks, to one part in a million."""
    needed = protection.p * truth * (1 - SLACK)
    if interval.low > truth - needed:
        return False
    if interval.high is None:
        return True
    factor = protection.factor or Fraction(0)
    return interval.high >= truth + needed and interval.high >= factor * interval.low * (1 - SLACK)


def verify(system: System, certificate: Certificate, targets: Iterable[Target]) -> tuple[str, ...]:
    """What is wrong with a certificate, in words without figures; empty when it proves what it says.

    Arithmetic only: whole numbers and fractions, nothing of what produced the certificate.
    """
    wrong = []
    world = list(system.truth)
    for atom, move in certificate.moves.items():
        if not 0 <= atom < len(world):
            wrong.append(f"there is no atom {atom}")
            continue
        if atom in system.known:
            wrong.append(f"atom {atom} is known")
        world[atom] += move
        if world[atom] < 0:
            wrong.append(f"atom {atom} is below zero")
    other = System(world, system.sums, system.relations)
    sizes: dict[int, int] = {}
    for relation in system.relations:
        for number, _ in relation.coefficients:
            if number not in sizes:
                sizes[number] = other.size(number)
        value = sum((factor * sizes[number] for number, factor in relation.coefficients), Fraction(0))
        below = relation.low is not None and (value <= relation.low if relation.low_open else value < relation.low)
        above = relation.high is not None and (value >= relation.high if relation.high_open else value > relation.high)
        if below or above:
            wrong.append(f"{relation.id} does not hold")
    atoms = {target.id: target.atoms for target in targets}
    for target, move in certificate.targets:
        if target not in atoms:
            wrong.append("a target is not among those asked for")
        elif sum(world[atom] - system.truth[atom] for atom in atoms[target]) != move:
            wrong.append("a target does not move as far as claimed")
    return tuple(wrong)
