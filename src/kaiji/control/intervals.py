"""What an attacker can conclude: the smallest and the largest value that agree with all he knows.

Sizes are taken as real numbers, so that an interval is never narrower than the truth of whole numbers
(:mod:`kaiji.control.counts` is for those). Method: the audit of suppressed tables by linear programs (Zayatz 1992;
SDC Handbook 4.4), around the true sizes, which the publisher knows.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import inf

import numpy as np

from kaiji.control.move_program import MoveProgram
from kaiji.control.solver import Program, Solution, Solver, UnresolvedError
from kaiji.control.system import Interval, System, Target
from kaiji.control.unknowns import Unknowns, unknowns

REACH = 1e6
"""Units around the true value that are looked at first."""
DIGITS = 7
"""Decimals of an end in the unit of the target: what a solver in floating point can be trusted with."""
BINDING = 10
"""Statements named with an interval."""


def interval(system: System, target: Target) -> Interval:
    """Smallest and largest value of ``target`` that agrees with all relations, sizes being real numbers.

    Ends are exact to 10^-6 of the target's power of ten and count as reached even where a relation is open. The
    relations named are those whose figures bind either end, by weight (shadow price).

    Raises:
        UnresolvedError: a published figure is false, or the solver gives no reliable answer.
    """
    return intervals(system, [target])[0]


def intervals(system: System, targets: Sequence[Target]) -> tuple[Interval, ...]:
    """:func:`interval` of each of ``targets``; programs are built once for all."""
    attacks = Attacks(unknowns(system, targets), system, targets)
    return tuple(attacks.interval(place) for place in range(len(targets)))


class Attacks:
    """Intervals of many targets under one system; programs are kept and reused, one for each power of ten."""

    def __init__(self, found: Unknowns, system: System, targets: Sequence[Target]) -> None:
        """``found`` must be the unknowns of ``system`` and ``targets``."""
        self._unknowns = found
        self._truth = [sum(system.truth[atom] for atom in target.atoms) for target in targets]
        self._largest = max([1, *found.sizes, sum(found.sizes)])
        self._programs: dict[tuple[int, float], MoveProgram] = {}

    def interval(self, place: int) -> Interval:
        """Interval of the target at ``place``; see :func:`interval`.

        Raises:
            UnresolvedError: the solver gives no reliable answer.
        """
        low, weights = self._furthest(place, -1)
        high, above = self._furthest(place, 1)
        for name, weight in above.items():
            weights[name] = weights.get(name, 0.0) + weight
        names = sorted(weights, key=lambda name: (-round(weights[name], 9), name))
        return Interval(max(Fraction(0), low or Fraction(0)), high, tuple(names[:BINDING]))

    def _furthest(self, place: int, sign: int) -> tuple[Fraction | None, dict[str, float]]:
        """Furthest value of the target to one side, None without end; and the weights of what stops it there."""
        truth, groups = self._truth[place], self._unknowns.targets[place]
        unit = decade(truth)
        while groups:
            last = unit >= self._largest
            program = self._program(unit, inf if last else REACH)
            solution = program.solver.maximise(groups, [float(sign)] * len(groups))
            if solution is None:
                raise UnresolvedError("a linear program of the audit has no reliable answer")
            if last or not program.cut_off(solution):
                return _end(solution, groups, truth, unit), program.binding(solution)
            unit *= 1000
        return Fraction(truth), {}

    def _program(self, unit: int, reach: float) -> MoveProgram:
        if (unit, reach) not in self._programs:
            self._programs[unit, reach] = MoveProgram(self._unknowns, unit, reach=reach)
        return self._programs[unit, reach]


def decade(value: int) -> int:
    """Largest power of ten that is not above ``value``; 1 for zero."""
    return int(10 ** (len(str(value)) - 1))


def _end(solution: Solution, groups: Sequence[int], truth: int, unit: int) -> Fraction | None:
    if solution.status == "unbounded":
        return None
    end = Fraction(truth, unit) + Fraction(float(np.sum(solution.values[np.array(groups)])))
    return Fraction(round(end * 10**DIGITS) * unit, 10**DIGITS)


def share(system: System, part: Sequence[int], whole: Sequence[int]) -> Interval:
    """Smallest and largest share of the atoms ``part`` in the atoms ``whole``, as a fraction of 1.

    Raises:
        UnresolvedError: as :func:`interval`; also when the whole is empty.
    """
    return shares(system, [part], whole)[0]


def shares(system: System, parts: Iterable[Sequence[int]], whole: Sequence[int]) -> tuple[Interval, ...]:
    """Interval of the share of each of ``parts`` in ``whole``, exact to 10^-6 of 1: one program for all of them.

    The ratio is made linear by taking all sizes as multiples of the whole (Charnes and Cooper 1962).

    Raises:
        UnresolvedError: a published figure is false, the whole is empty, or the solver gives no reliable answer.
    """
    targets = [Target(str(number), tuple(part)) for number, part in enumerate(parts)]
    everything = Target("whole", tuple(whole))
    found = unknowns(system, [*targets, everything])
    scale = sum(system.truth[atom] for atom in whole)
    if scale == 0:
        raise UnresolvedError("a share of nothing")
    solver, multiple, relations = _ratio_program(system, found, everything, scale)
    intervals = []
    for place, target in enumerate(targets):
        fixed = float(Fraction(sum(system.truth[atom] for atom in target.atoms if atom in system.known), scale))
        ends, weights = [], dict[str, float]()
        for sign in (-1, 1):
            groups = found.targets[place]
            solution = solver.maximise([*groups, multiple], [*[float(sign)] * len(groups), sign * fixed])
            if solution is None or solution.status == "unbounded":
                raise UnresolvedError("a linear program of the audit has no reliable answer")
            value = float(np.sum(solution.values[np.array(groups, dtype=np.int64)]) + fixed * solution.values[multiple])
            ends.append(min(max(Fraction(round(value * 10**DIGITS), 10**DIGITS), Fraction(0)), Fraction(1)))
            for row, name in relations.items():
                weight = abs(float(solution.row_duals[row]))
                if weight > 1e-9:
                    weights[name] = weights.get(name, 0.0) + weight
        names = sorted(weights, key=lambda name: (-round(weights[name], 9), name))
        intervals.append(Interval(ends[0], ends[1], tuple(names[:BINDING])))
    return tuple(intervals)


def facet_shares(system: System, parts: Sequence[Sequence[int]], whole: Sequence[int]) -> tuple[Interval, ...]:
    """:func:`shares` from those figures alone that treat each of ``parts`` (the kinds of a facet) as one.

    Never narrower than :func:`shares`, and the same where other figures say nothing about the facet; the program has
    as many columns as there are parts, however many atoms.

    Raises:
        UnresolvedError: as :func:`shares`.
    """
    marks: dict[int, tuple[int, ...]] = dict.fromkeys(whole, (-1,))
    for place, part in enumerate(parts):
        for atom in part:
            marks[atom] = (*marks.get(atom, ()), place)
    sizes = Counter(marks.values())
    used = {number for relation in system.relations for number, _ in relation.coefficients}
    coarse = {
        number
        for number in used
        if all(
            mark is not None and count == sizes[mark]
            for mark, count in Counter(marks.get(atom) for atom in system.sums[number]).items()
        )
    }
    own = [relation for relation in system.relations if all(number in coarse for number, _ in relation.coefficients)]
    return shares(system._replace(relations=own), parts, whole)


def _ratio_program(system: System, found: Unknowns, whole: Target, scale: int) -> tuple[Solver, int, dict[int, str]]:
    """Program over all sizes as multiples of the whole; the column of 1 / whole (in true wholes); ids by row."""
    program = Program()
    groups = program.columns(np.zeros(len(found.groups)), np.full(len(found.groups), inf))
    multiple = program.columns(np.zeros(1), np.full(1, inf))
    places, sizes = {}, []
    for number, members in enumerate(found.sums):
        sizes.append(sum(found.sizes[group] for group in members))
        if len(members) == 1:
            places[number] = groups + members[0]
            continue
        places[number] = program.columns(np.zeros(1), np.full(1, inf))
        program.row([*members, places[number]], [*np.ones(len(members)), -1.0], 0.0, 0.0)
    fixed = sum(system.truth[atom] for atom in whole.atoms if atom in system.known)
    everything = found.targets[-1]
    program.row([*everything, multiple], [*np.ones(len(everything)), float(Fraction(fixed, scale))], 1.0, 1.0)
    relations = {}
    for limit in found.limits:
        largest = max(abs(factor) for _, factor in limit.terms)
        columns = [places[number] for number, _ in limit.terms]
        factors = [factor / largest for _, factor in limit.terms]
        value = sum(factor * sizes[number] for number, factor in limit.terms)
        for end, above in ((limit.low, False), (limit.high, True)):
            if end is not None:
                ends = (-inf, 0.0) if above else (0.0, inf)
                far = float((end + value) / (scale * largest))
                relations[program.row([*columns, multiple], [*factors, -far], *ends)] = limit.id
    return program.solver(), multiple, relations
