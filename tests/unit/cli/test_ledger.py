"""``kaiji ledger``: what it prints, what it enters, and how it ends."""

from datetime import date
from pathlib import Path
from typing import Any

import click
import pandas as pd
import pytest

from kaiji.cli.ledger import command
from kaiji.control import ledger_atoms, ledger_file
from kaiji.control.ledger import Publication
from kaiji.errors import InputError, LedgerError, ManifestError, OutputError
from kaiji.provenance.summarise import FACETS

FACTS = """\
schema: kaiji/external-facts/v1
facts:
  - id: told
    where: {title: Answer, date: 2026-12-01}
    says: size
    of: {sources: [news-archive]}
    unit: tokens
    exact: 370000000
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger with one publication of ``asagi-1``."""
    found = tmp_path / "ledger.jsonl"
    row: dict[str, Any] = {**dict.fromkeys(FACETS), "modality": "text", "source_id": "news-archive", "owner": "acme"}
    frame = pd.DataFrame([{**row, "holder": "acme", "measure": "tokens", "size": 370_000_000, "known": False}])
    content = ledger_atoms.text(frame)
    told = Publication(
        kind="publish", release="asagi-1", date=date(2026, 11, 22), version="2", atoms=ledger_atoms.digest(content)
    )
    ledger_file.append(found, ledger_file.init(found, "asagi"), told, content)
    (tmp_path / "facts.yaml").write_text(FACTS, encoding="utf-8")
    return found


def run(*arguments: object) -> None:
    command.main([str(argument) for argument in arguments], standalone_mode=False)


def test_a_ledger_is_begun(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("init", tmp_path / "private" / "ledger.jsonl", "asagi")
    assert ledger_file.read(tmp_path / "private" / "ledger.jsonl").family == "asagi"
    assert "begun for asagi; keep a copy" in capsys.readouterr().out
    with pytest.raises(OutputError, match="never begun anew"):
        run("init", tmp_path / "private" / "ledger.jsonl", "asagi")
    with pytest.raises(click.BadParameter, match="an id begins with"):
        run("init", tmp_path / "other.jsonl", "Asagi LM")


def test_entries_are_shown_without_figures(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(
        "answer", path, path.with_name("facts.yaml"), "--release", "asagi-1", "--request", "r-1", "--date", "2026-12-01"
    )
    run("withdraw", path, 1, "--date", "2026-12-05")
    capsys.readouterr()
    run("show", path)
    assert capsys.readouterr().out == (
        "family asagi, 3 entries\n"
        "1\t2026-11-22\tpublish\tasagi-1 version 2\t0 figures, 0 external facts (withdrawn)\n"
        "2\t2026-12-01\tanswer\tasagi-1\tto r-1, 1 figures\n"
        "3\t2026-12-05\twithdraw\tasagi-1\tof entry 1\n"
    )


def test_what_is_entered_twice_is_entered_once(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = path.with_name("facts.yaml")
    for words in ("entered", "it stands there already; nothing was entered"):
        run("answer", path, facts, "--release", "asagi-1", "--request", "r-1", "--date", "2026-12-01")
        assert capsys.readouterr().out == f"{path}: {words}\n"
    for words in ("entered", "it stands there already; nothing was entered"):
        run("withdraw", path, 1, "--date", "2026-12-05")
        assert capsys.readouterr().out == f"{path}: {words}\n"
    assert [entry.publication.kind for entry in ledger_file.read(path).entries] == ["publish", "answer", "withdraw"]


def test_a_ledger_is_verified_with_its_sizes_and_its_end(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    internal = tmp_path / "out" / "internal"
    internal.mkdir(parents=True)
    with pytest.raises(InputError, match="remembers no ledger"):
        run("verify", path, "--out", tmp_path / "out")
    (internal / "ledger-head").write_bytes(ledger_file.read(path).head.text())
    run("verify", path, "--out", tmp_path / "out")
    assert capsys.readouterr().out == f"{path}: 1 entries, whole\n"
    whole = path.read_bytes()
    path.write_bytes(whole.splitlines(keepends=True)[0])
    run("verify", path)
    with pytest.raises(LedgerError, match="the last 1 of its entries are missing"):
        run("verify", path, "--out", tmp_path / "out")
    path.write_bytes(whole)
    (sizes,) = (tmp_path / "ledger.atoms").iterdir()
    sizes.write_bytes(b"")
    with pytest.raises(LedgerError, match="sizes of an earlier publication are damaged"):
        run("verify", path)


def test_what_cannot_be_entered_is_told(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    facts, before = path.with_name("facts.yaml"), path.read_bytes()
    answer = ("answer", path, facts, "--request", "r-1", "--release")
    with pytest.raises(InputError, match="nothing was published of a release 'asagi-2'"):
        run(*answer, "asagi-2", "--date", "2026-12-01")
    for arguments in ((*answer, "asagi-1"), ("withdraw", path, 1)):
        with pytest.raises(click.UsageError, match="--date"):
            run(*arguments)
    for number in (0, 2):
        with pytest.raises(InputError, match=f"there is no entry {number}"):
            run("withdraw", path, number, "--date", "2026-12-01")
    facts.write_text(FACTS.replace("news-archive", "news-archiv"), encoding="utf-8")
    with pytest.raises(ManifestError, match=r"facts\.yaml:6:20: fail: KJ106"):
        run(*answer, "asagi-1", "--date", "2026-12-01")
    with pytest.raises(LedgerError, match="there is no ledger"):
        run("show", tmp_path / "missing.jsonl")
    assert path.read_bytes() == before
