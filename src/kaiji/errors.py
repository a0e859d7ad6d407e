"""What cannot go on. A judgement about the data is a finding (:mod:`kaiji.findings`), not an exception.

::

    KaijiError
    ├── InputError          exit 2: a file, an option or the configuration cannot be read
    │   ├── ManifestError       one or more findings in release.yaml or a dataset manifest
    │   ├── RegimeError         a regime folder, level file or wording file is wrong
    │   └── OutputError         the output folder or the model card cannot be written as asked
    └── StageError          exit 3: a stage failed
        ├── ConservationError   parts do not add up to the whole
        ├── LedgerError         the record of what was published is missing, damaged or not the one expected
        ├── MissingExtraError   an optional part of kaiji is not installed (carries the install line)
        └── UnresolvedError     the ceiling has no reliable answer (in kaiji.control.solver)
"""

from collections.abc import Sequence
from enum import IntEnum

from kaiji.findings import Finding


class ExitCode(IntEnum):
    """Exit codes of every command. A crash is never 1."""

    CLEAN = 0
    FINDINGS = 1
    """Findings at or above ``--fail-on``, or ``--check`` found stale output."""
    INPUT = 2
    """Input or configuration cannot be read."""
    STAGE = 3
    """A stage failed."""


class KaijiError(Exception):
    """Root of all errors of kaiji; ``exit_code`` is what the command line returns."""

    exit_code = ExitCode.STAGE


class InputError(KaijiError):
    """Input or configuration cannot be read."""

    exit_code = ExitCode.INPUT


class ManifestError(InputError):
    """A release or dataset manifest is wrong; ``findings`` lists every place, not only the first."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(finding.line() for finding in self.findings))


class RegimeError(InputError):
    """A regime, level or wording file is wrong."""


class OutputError(InputError):
    """The output folder or the model card cannot be written as asked."""


class StageError(KaijiError):
    """A stage failed."""


class ConservationError(StageError):
    """Parts do not add up to the whole: a defect of kaiji or of an engine, never of the data."""


class LedgerError(StageError):
    """The ledger is missing, damaged, or not the one expected: what was published before is not known for certain."""


class MissingExtraError(StageError):
    """An optional part is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs an optional part of kaiji: pip install 'kaiji[{extra}]'")
