"""Programs and their answers: ends, duals, whole numbers, no end, no answer."""

from math import inf

import numpy as np
import pytest

from kaiji.control.solver import Program


def box(upper: float, *, whole: bool = False) -> Program:
    program = Program(whole=whole)
    program.columns(np.zeros(2), np.array([upper, upper]))
    return program


def test_largest_value_and_what_holds_it() -> None:
    program = box(inf)
    program.row([0, 1], [1.0, 2.0], 0.0, 10.0)
    program.row([0], [1.0], -inf, 4.0)
    solver = program.solver()
    found = solver.maximise([0, 1], [1.0, 1.0])
    assert found is not None
    assert (found.status, found.values.tolist(), found.row_duals.tolist()) == ("optimal", [4.0, 3.0], [0.5, 0.5])
    assert found.row_values.tolist() == [10.0, 4.0]
    less = solver.maximise([1], [-1.0])  # the objective before is forgotten
    assert less is not None and less.values[1] == 0.0


def test_new_ends_of_columns() -> None:
    solver = box(3.0).solver()
    solver.bound([1], np.array([0.0]), np.array([1.0]))
    found = solver.maximise([0, 1], [1.0, 1.0])
    assert found is not None and found.values.tolist() == [3.0, 1.0]
    assert found.column_duals.tolist() == [1.0, 1.0]


def test_whole_numbers() -> None:
    program = box(10.0, whole=True)
    program.row([0, 1], [2.0, 2.0], 0.0, 7.0)
    found = program.solver().maximise([0, 1], [1.0, 1.0])
    assert found is not None and found.values.sum() == pytest.approx(3.0)


def test_no_end() -> None:
    found = box(inf).solver().maximise([0], [1.0])
    assert found is not None and found.status == "unbounded"


def test_no_answer() -> None:
    program = box(1.0)
    program.row([0, 1], [1.0, 1.0], 3.0, 4.0)
    assert program.solver().maximise([0], [1.0]) is None
