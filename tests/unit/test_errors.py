"""Exceptions: their exit codes, and what they say."""

import importlib
import re
from pathlib import Path

import pytest

from kaiji import errors
from kaiji.errors import (
    ConservationError,
    ExitCode,
    InputError,
    KaijiError,
    LedgerError,
    ManifestError,
    MissingExtraError,
    OutputError,
    RegimeError,
    StageError,
)
from kaiji.findings import Finding, Place


@pytest.mark.parametrize("kind", [InputError, ManifestError, RegimeError, OutputError])
def test_what_cannot_be_read_or_written_as_asked_ends_with_2(kind: type[KaijiError]) -> None:
    assert kind.exit_code == ExitCode.INPUT == 2


@pytest.mark.parametrize("kind", [KaijiError, StageError, ConservationError, LedgerError, MissingExtraError])
def test_a_failed_stage_ends_with_3(kind: type[KaijiError]) -> None:
    assert kind.exit_code == ExitCode.STAGE == 3


def test_no_error_ends_as_if_it_were_a_finding() -> None:
    found = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, KaijiError)]
    assert len(found) == 9
    assert not [kind for kind in found if kind.exit_code in (ExitCode.CLEAN, ExitCode.FINDINGS)]


def written() -> dict[str, str]:
    """Every error of the tree in the source by name, with its base: also those defined beside what raises them."""
    found: dict[str, str] = {}
    for path in sorted(Path(errors.__file__).parent.rglob("*.py")):
        found |= dict(re.findall(r"^class (\w+Error)\((\w+Error)\):", path.read_text(encoding="utf-8"), re.M))

    def root(name: str) -> str:
        return root(found[name]) if name in found else name

    return {name: base for name, base in found.items() if root(name) == "KaijiError"}


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn: dict[str, str] = {}
    above: list[str] = []
    for indent, name in re.findall(r"^    ((?:[│├└─ ]{4})*)(\w+Error)", errors.__doc__ or "", re.M):
        above[len(indent) // 4 :] = [name]
        drawn |= {name: above[-2]} if len(above) > 1 else {}
    assert drawn == written()


def test_an_error_that_is_defined_elsewhere_is_where_the_docstring_says() -> None:
    elsewhere = dict(re.findall(r"(\w+Error) .*\(in ([\w.]+)\)$", errors.__doc__ or "", re.M))
    assert set(elsewhere) == set(written()) - set(vars(errors))
    for name, module in elsewhere.items():
        assert issubclass(getattr(importlib.import_module(module), name), StageError)


def test_a_manifest_error_lists_every_finding_and_no_detail() -> None:
    findings = [
        Finding(id="KJ104", message="is not known here", place=Place(file="a.yaml", line=3), detail="Kuroshio"),
        Finding(id="KJ105", message="is missing", place=Place(file="a.yaml", line=9)),
    ]
    error = ManifestError(findings)
    assert error.findings == tuple(findings)
    assert str(error).splitlines() == [finding.line() for finding in findings]
    assert "Kuroshio" not in str(error)


def test_a_missing_part_names_the_line_that_installs_it() -> None:
    assert str(MissingExtraError("PDF", "pdf")) == "PDF needs an optional part of kaiji: pip install 'kaiji[pdf]'"
