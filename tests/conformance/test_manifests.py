"""Every folder of ``manifests/`` is a release; ``expected.txt`` is what kaiji says of it, word for word.

``KAIJI_REFRESH=1 pytest tests/conformance`` writes ``expected.txt`` anew; read the difference before it is kept.
The finding ids below are not refreshed: they say what a case is for.
"""

import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kaiji.errors import ManifestError
from kaiji.findings import CATALOGUE
from kaiji.manifest.load import load

HERE = Path(__file__).parent
DATE = "1795305600"
Check = Callable[[Path], str]
CASES = sorted(folder.name for folder in (HERE / "manifests").iterdir())
BUILDERS = runpy.run_path(str(HERE / "make_data.py"))["BUILDERS"]

WHOLE: dict[str, set[str]] = {
    "valid-tokenizer": set(),
    "invalid-tokenizer-outside": {"KJ109"},
    "invalid-tokenizer-missing": {"KJ101"},
    "invalid-tokenizer-of-another-kind": {"KJ106"},
    "invalid-text-that-a-tokenizer-cannot-encode": {"KJ201"},
    "valid-shard": set(),
    "valid-japanese-reason": set(),
    "invalid-missing-shard": {"KJ202"},
    "invalid-truncated-parquet": {"KJ201"},
    "invalid-text-named-parquet": {"KJ201"},
    "invalid-wrong-column": {"KJ204"},
    "invalid-broken-json-line": {"KJ201"},
    "invalid-zero-byte-shard": {"KJ203"},
    "invalid-zero-byte-parquet": {"KJ201"},
    "invalid-not-utf8-shard": {"KJ201"},
    "invalid-zip-bomb": {"KJ209"},
    "invalid-negative-size-in-shard": {"KJ207"},
    "invalid-shard-of-unknown-format": {"KJ205"},
    "invalid-shard-in-two-sources": {"KJ211"},
    "invalid-shard-symlink-leaves": {"KJ109"},
    "invalid-shard-is-a-pipe": {"KJ201"},
    "invalid-banana-in-date-column": {"KJ208"},
    "invalid-unused-category-with-sources": {"KJ302"},
    "invalid-used-category-without-sources": {"KJ305"},
    "invalid-source-after-the-release": {"KJ303"},
    "invalid-owner-public-and-confidential": {"KJ304"},
    "invalid-unused-knowledge-with-categories": {"KJ310"},
    "invalid-protected-and-public-domain": {"KJ310"},
    "invalid-declared-and-observed-differ": {"KJ301"},
    "invalid-japanese-reason-too-short": {"KJ502"},
    "invalid-answer-of-an-unknown-regime": {"KJ509"},
    "invalid-answer-to-an-unknown-item": {"KJ509"},
}
"""Cases that take the whole build, with the findings they are there for."""


def _copied(case: str, tmp_path: Path) -> Path:
    folder = tmp_path / "release"
    shutil.copytree(HERE / "manifests" / case, folder)
    (folder / "expected.txt").unlink(missing_ok=True)
    if case in BUILDERS:
        BUILDERS[case](folder)
    return folder


def _loaded(folder: Path) -> str:
    try:
        load(folder / "release.yaml")
    except ManifestError as error:
        return f"exit {error.exit_code:d}\n{error}\n"
    return "exit 0\n"


@pytest.fixture
def checked(command_line: Callable[..., tuple[int | str | None, str, str]], monkeypatch: pytest.MonkeyPatch) -> Check:
    """`kaiji check` in the folder of a release: exit code and findings."""

    def said(folder: Path) -> str:
        monkeypatch.chdir(folder)
        monkeypatch.setenv("SOURCE_DATE_EPOCH", DATE)
        code, out, _ = command_line("check", "release.yaml")
        return _shown(code, out)

    return said


def _shown(code: int | str | None, out: str) -> str:
    # These releases answer next to nothing, and what goes unanswered is a matter of the regime's own tests.
    return f"exit {code}\n{''.join(line for line in out.splitlines(keepends=True) if ': KJ501: ' not in line)}"


def _compare(case: str, said: str) -> None:
    expected = HERE / "manifests" / case / "expected.txt"
    if os.environ.get("KAIJI_REFRESH"):
        expected.write_text(said, encoding="utf-8", newline="\n")
    assert expected.is_file(), "no expected.txt yet: read the output below, then write it with KAIJI_REFRESH=1\n" + said
    assert said == expected.read_text(encoding="utf-8")


def _ids(said: str) -> set[str]:
    return {name for name in re.findall(r": (KJ\d{3}): ", said) if name in CATALOGUE}


@pytest.mark.parametrize("case", [case for case in CASES if case not in WHOLE])
def test_manifest(case: str, tmp_path: Path) -> None:
    said = _loaded(_copied(case, tmp_path))
    _compare(case, said)
    assert said.startswith("exit 0\n" if case.startswith("valid-") else "exit 2\n")
    assert str(tmp_path) not in said


@pytest.mark.parametrize("case", sorted(WHOLE))
def test_whole_build(case: str, tmp_path: Path, checked: Check) -> None:
    said = checked(_copied(case, tmp_path))
    _compare(case, said)
    assert WHOLE[case] <= _ids(said)
    if case.startswith("valid-"):
        assert not {name for name in _ids(said) if name.startswith(("KJ1", "KJ2", "KJ3", "KJ502"))}
    assert str(tmp_path) not in said


@pytest.mark.parametrize("case", ["invalid-everything-at-once", "invalid-release-missing", "invalid-wrong-column"])
def test_the_installed_command_line_says_the_same(case: str, tmp_path: Path, checked: Check) -> None:
    folder = _copied(case, tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "kaiji.cli.main", "check", "release.yaml"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "SOURCE_DATE_EPOCH": DATE},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert _shown(done.returncode, done.stdout) == (checked if case in WHOLE else _loaded)(folder)


def test_every_whole_case_exists() -> None:
    assert set(WHOLE) | set(BUILDERS) <= set(CASES)
