"""Every folder of ``regimes/`` is a regime with a mistake, laid over ``valid``; ``expected.txt`` is what is said of it.

``KAIJI_REFRESH=1 pytest tests/conformance`` writes ``expected.txt`` anew; read the difference before it is kept.
"""

import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from kaiji.cli.regimes import command
from kaiji.errors import RegimeError
from kaiji.regime.load import load
from kaiji.render.templates import templates_root

HERE = Path(__file__).parent / "regimes"
CASES = sorted(folder.name for folder in HERE.iterdir())


def laid(case: str, tmp_path: Path) -> Path:
    """The folder of a case: the valid regime, with the files of the case over it."""
    for folder in (HERE / "valid", HERE / case):
        shutil.copytree(folder, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected.txt"))
    for mark in tmp_path.rglob("*.absent"):
        mark.with_suffix("").unlink()
    return tmp_path / "house-rules"


@pytest.mark.parametrize("case", CASES)
def test_regime(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    laid(case, tmp_path)
    monkeypatch.chdir(tmp_path)
    try:
        command.main(["check", "./house-rules"], standalone_mode=False)
        said = f"exit 0\n{capsys.readouterr().out}"
    except RegimeError as error:
        said = f"exit {error.exit_code:d}\n{error}\n"
    expected = HERE / case / "expected.txt"
    if os.environ.get("KAIJI_REFRESH"):
        expected.write_text(said, encoding="utf-8", newline="\n")
    assert said == expected.read_text(encoding="utf-8")
    assert said.startswith("exit 0\n" if case.startswith("valid") else "exit 2\n")
    assert str(tmp_path) not in said


def test_the_command_line_says_the_same(tmp_path: Path) -> None:
    laid("unknown-fact", tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "kaiji.cli.main", "regimes", "check", "./house-rules"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"exit {done.returncode}\n{done.stderr}" == (HERE / "unknown-fact" / "expected.txt").read_text("utf-8")


def test_a_folder_comes_before_a_built_in_regime_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "us-ca-ab2013"
    shutil.copytree(templates_root() / "regimes" / folder.name, folder)
    (folder / "items.yaml").write_text("items: 1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RegimeError) as caught:
        command.main(["check", folder.name], standalone_mode=False)
    assert "us-ca-ab2013/items.yaml" in str(caught.value)


@pytest.mark.parametrize(
    ("on", "version", "percent", "notice"),
    [
        (date(2026, 10, 31), "2025", "5", "Made for internal use, by the rules of 2025."),
        (date(2026, 11, 1), "2026-11", "3", "Made for internal use."),
        (None, "2026-11", "3", "Made for internal use."),
    ],
)
def test_the_date_chooses_the_version_and_its_numbers(
    tmp_path: Path, on: date | None, version: str, percent: str, notice: str
) -> None:
    regime = load(laid("valid-versions", tmp_path), templates_root() / "common", on)
    assert regime.spec.version == version
    assert {name: str(value) for name, value in regime.parameters.items()} == {"large_percent": percent}
    assert regime.wording.words("fixed.large").en == f"Datasets above {percent} % of the public data are large."
    assert regime.wording.words("notice.house").en == notice
    assert regime.wording.words("section.data").ja == "学習データ"
    assert [item.id for item in regime.items] == ["H1", "H2"]


@pytest.mark.parametrize(("on", "percent"), [(date(2026, 3, 31), "5"), (date(2026, 4, 1), "3")])
def test_a_number_holds_from_its_day_on(tmp_path: Path, on: date, percent: str) -> None:
    regime = load(laid("valid", tmp_path), templates_root() / "common", on)
    assert str(regime.parameters["large_percent"]) == percent


def test_there_are_no_rules_before_the_first(tmp_path: Path) -> None:
    folder = laid("valid-versions", tmp_path)
    path = folder / "versions" / "2025" / "regime.yaml"
    path.write_text(path.read_text("utf-8").replace("jurisdiction", "valid_from: 2025-01-01\njurisdiction"), "utf-8")
    with pytest.raises(RegimeError) as caught:
        load(folder, templates_root() / "common", date(2024, 12, 31))
    assert str(caught.value) == "house-rules: there are no rules for 2024-12-31; the first are valid from 2025-01-01"


def test_a_number_without_a_value_for_the_day_is_told(tmp_path: Path) -> None:
    folder = laid("valid", tmp_path)
    path = folder / "regime.yaml"
    path.write_text(path.read_text("utf-8").replace("    - {value: 5}\n", ""), "utf-8")
    with pytest.raises(RegimeError) as caught:
        load(folder, templates_root() / "common", date(2026, 3, 31))
    assert str(caught.value) == "house-rules/regime.yaml:12:3: large_percent has no value for 2026-03-31"
