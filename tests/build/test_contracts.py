"""What leaves the building cannot see what was measured: import-linter says so, and a stray import breaks it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _linted(folder: Path) -> subprocess.CompletedProcess[str]:
    program = "import sys; from importlinter.cli import lint_imports_command as run; sys.exit(run())"
    return subprocess.run(
        [sys.executable, "-c", program, "--config", "pyproject.toml", "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder / "src"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "src", tmp_path / "src")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold(tree: Path) -> None:
    done = _linted(tree)

    assert done.returncode == 0, done.stdout
    assert "2 kept, 0 broken" in done.stdout


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("render/html.py", "from kaiji.provenance.inventory import Inventory"),
        ("regime/facts_sources.py", "import kaiji.scan.result"),
        ("publish/checksums.py", "from kaiji.manifest.models import DataSource"),
        ("control/disclosed.py", "from kaiji.provenance.summarise import ProvenanceSummary  # a re-export"),
        ("scan/result.py", "from kaiji.control.level import Level"),
    ],
)
def test_a_stray_import_breaks_them(tree: Path, file: str, line: str) -> None:
    path = tree / "src" / "kaiji" / file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\nfrom ", f"\n{line}\nfrom ", 1), encoding="utf-8")
    assert line in path.read_text(encoding="utf-8")
    done = _linted(tree)

    assert done.returncode == 1
    assert "BROKEN" in done.stdout
