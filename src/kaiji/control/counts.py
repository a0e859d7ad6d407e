"""What an attacker can conclude of numbers of things: whole numbers only.

A linear program is too generous here: of seven datasets, 14 % lie between 0.945 and 1.015, and only one of these
values is a number of datasets. Bounds are made whole first (an open end is never reached), then a search for whole
numbers finds both ends.
"""


from kaiji.control.intervals import interval as real_interval
from kaiji.control.move_program import MoveProgram
from kaiji.control.solver import UnresolvedError
from kaiji.control.system import Interval, System, Target
from kaiji.control.unknowns import unknowns
from kaiji.control.whole_moves import WholeMoves


def interval(system: System, target: Target) -> Interval:
    """Smallest and largest whole value of ``target`` that agrees with all relations, all atoms being whole numbers.

    Each end is checked exactly against every relation. The relations named are those that bind the interval in real
    numbers, which is the wider one.

    Raises:
        UnresolvedError: a published figure is false, or the search does not end with a reliable answer.
    """
    found = unknowns(system, [target])
    truth = sum(system.truth[atom] for atom in target.atoms)
    real = real_interval(system, target)
    groups = found.targets[0]
    if not groups:
        return Interval(real.low, real.high, real.relations)
    program = MoveProgram(found, 1, step=1, whole=True)
    ends: list[int] = []
    for sign in (-1, 1):
        if sign > 0 and real.high is None:
            break
        solution = program.solver.maximise(groups, [float(sign)] * len(groups))
        moves = None
        if solution is not None and solution.status == "optimal":
            moves = WholeMoves(found).near(program.moves(solution), 1, 1)
        if moves is None:
            raise UnresolvedError("a search for whole numbers has no reliable answer")
        ends.append(truth + sum(moves.get(group, 0) for group in groups))
    return Interval(real.low.__class__(ends[0]), None if real.high is None else real.high.__class__(ends[1]), real.relations)
