"""Exceptions: their exit codes, and what they say."""

import re

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


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = set(re.findall(r"\w+Error", errors.__doc__ or ""))
    defined = {
        name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, KaijiError)
    }
    assert drawn == defined


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
