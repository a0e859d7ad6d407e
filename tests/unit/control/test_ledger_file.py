"""The ledger on the disk: replaced as a whole, for its owner only, by one writer at a time."""

import fcntl
import gzip
import os
import stat
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from kaiji.control import ledger_atoms, ledger_file
from kaiji.control.atoms import atoms
from kaiji.control.ledger import Publication
from kaiji.errors import LedgerError, OutputError
from kaiji.manifest.models import DataSource
from kaiji.provenance import inventory
from kaiji.provenance.summarise import ProvenanceSummary


@pytest.fixture
def frame(source: Callable[..., DataSource], summary: Callable[..., ProvenanceSummary]) -> pd.DataFrame:
    sources = [
        source(1, languages=["ja"], declared={"tokens": 2**62, "bytes": 5}),
        source(2, owner=None),
        source(3, category="public", confidentiality="public", licence="MIT"),
        source(4, modality="image", declared={"items": 7, "bytes": 0}),
    ]
    return atoms(inventory.build(sources, None), summary(*sources)).frame


def publication(content: bytes) -> Publication:
    return Publication(
        kind="publish", release="asagi", date=date(2026, 11, 22), atoms=ledger_atoms.digest(content), claims=()
    )


def test_sizes_read_as_they_were_written_in_any_order(frame: pd.DataFrame) -> None:
    content = ledger_atoms.text(frame)
    assert ledger_atoms.text(frame.iloc[::-1]) == content
    read = ledger_atoms.frame(content, "ledger.jsonl:2")
    assert ledger_atoms.text(read) == content
    order = ["source_id", "measure"]
    assert set(read.columns) == set(frame.columns)
    expected = frame[list(read.columns)].sort_values(order, ignore_index=True)
    pd.testing.assert_frame_equal(read.sort_values(order, ignore_index=True), expected, check_dtype=False)
    assert (read["size"].dtype, read["known"].dtype) == ("int64", "bool")
    assert 2**62 in read["size"].tolist()
    assert read["language"].isna().any()


def test_no_sizes_are_sizes_too(frame: pd.DataFrame) -> None:
    content = ledger_atoms.text(frame.iloc[:0])
    read = ledger_atoms.frame(content, "ledger.jsonl:2")
    assert (len(read), list(read.columns)) == (0, list(ledger_atoms.frame(ledger_atoms.text(frame), "").columns))


def test_sizes_of_another_form_are_refused(frame: pd.DataFrame) -> None:
    content = ledger_atoms.text(frame).replace(b"/v1", b"/v2", 1)
    with pytest.raises(
        LedgerError, match=r"^ledger\.jsonl:2: the sizes are of no known form; use the kaiji that wrote"
    ):
        ledger_atoms.frame(content, "ledger.jsonl:2")


def test_what_is_entered_is_there_and_for_its_owner_only(tmp_path: Path, frame: pd.DataFrame) -> None:
    path, content = tmp_path / "private" / "ledger.jsonl", ledger_atoms.text(frame)
    begun = ledger_file.init(path, "asagi")
    new = ledger_file.append(path, begun, publication(content), content)
    assert ledger_file.read(path, "asagi") == new
    pd.testing.assert_frame_equal(ledger_file.atoms(path, new.entries[0]), ledger_atoms.frame(content, ""))
    kept = tmp_path / "private" / "ledger.atoms"
    (sizes,) = kept.iterdir()
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path.parent, path, kept, sizes)] == [
        0o700,
        0o600,
        0o700,
        0o600,
    ]
    assert sorted(one.name for one in path.parent.iterdir()) == ["ledger.atoms", "ledger.jsonl"]
    assert gzip.decompress(sizes.read_bytes()) == content


def test_entering_the_same_again_writes_nothing(tmp_path: Path, frame: pd.DataFrame) -> None:
    path, content = tmp_path / "ledger.jsonl", ledger_atoms.text(frame)
    new = ledger_file.append(path, ledger_file.init(path, "asagi"), publication(content), content)
    before = {one: (one.read_bytes(), one.stat().st_ino) for one in tmp_path.rglob("*") if one.is_file()}
    again = ledger_file.append(path, ledger_file.read(path), publication(content), content)
    assert again == new
    assert {one: (one.read_bytes(), one.stat().st_ino) for one in tmp_path.rglob("*") if one.is_file()} == before


def test_the_same_entries_give_the_same_bytes(tmp_path: Path, frame: pd.DataFrame) -> None:
    content = ledger_atoms.text(frame)
    found = []
    for name in ("a", "b"):
        path = tmp_path / name / "ledger.jsonl"
        ledger_file.append(path, ledger_file.init(path, "asagi"), publication(content), content)
        files = (one for one in sorted(path.parent.rglob("*")) if one.is_file())
        found.append({one.relative_to(path.parent): one.read_bytes() for one in files})
    assert found[0] == found[1]


def test_a_ledger_is_begun_once(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    ledger_file.init(path, "asagi")
    before = path.read_bytes()
    with pytest.raises(OutputError, match=r"^ledger\.jsonl is there already; a ledger is never begun anew$"):
        ledger_file.init(path, "hinode")
    assert path.read_bytes() == before


def test_a_missing_ledger_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(
        LedgerError, match=r"^ledger\.jsonl: there is no ledger; restore it from a copy, or begin the fir"
    ):
        ledger_file.read(tmp_path / "ledger.jsonl")
    with pytest.raises(LedgerError, match="cannot be read: Is a directory"):
        ledger_file.read(tmp_path)


def test_missing_and_damaged_sizes_are_failures(tmp_path: Path, frame: pd.DataFrame) -> None:
    path, content = tmp_path / "ledger.jsonl", ledger_atoms.text(frame)
    new = ledger_file.append(path, ledger_file.init(path, "asagi"), publication(content), content)
    (sizes,) = (tmp_path / "ledger.atoms").iterdir()
    whole = sizes.read_bytes()
    for damaged in (b"", whole[:-20], ledger_atoms.packed(content + b"\n"), whole[:40] + b"\0" + whole[41:]):
        sizes.write_bytes(damaged)
        with pytest.raises(LedgerError, match=r"^ledger\.jsonl:2: the sizes of an earlier publication are damaged"):
            ledger_file.atoms(path, new.entries[0])
    ledger_file.append(path, new, publication(content), content)  # what a build has at hand is put back
    assert sizes.read_bytes() == whole
    sizes.unlink()
    for act in (lambda: ledger_file.read(path), lambda: ledger_file.atoms(path, new.entries[0])):
        with pytest.raises(LedgerError, match=r"^ledger\.jsonl:2: the sizes of this entry are missing"):
            act()


def test_sizes_must_be_those_that_are_named(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    begun = ledger_file.init(path, "asagi")
    for content in (b"other", None):
        with pytest.raises(ValueError, match="not those that the publication names"):
            ledger_file.append(path, begun, publication(b"sizes"), content)
    assert ledger_file.read(path) == begun


def test_a_ledger_that_another_build_wrote_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    begun = ledger_file.init(path, "asagi")
    ledger_file.append(path, begun, publication(b"one"), b"one")
    with pytest.raises(
        LedgerError, match=r"^ledger\.jsonl: another build has written it in the meantime; build again$"
    ):
        ledger_file.append(path, begun, publication(b"two"), b"two")
    assert len(ledger_file.read(path).entries) == 1


def test_one_build_at_a_time_writes(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    begun = ledger_file.init(path, "asagi")
    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    try:
        with pytest.raises(LedgerError, match=r"^ledger\.jsonl: another build is writing a ledger in this folder$"):
            ledger_file.append(path, begun, publication(b"one"), b"one")
    finally:
        os.close(folder)
    assert len(ledger_file.append(path, begun, publication(b"one"), b"one").entries) == 1


def test_killed_before_the_file_is_replaced_the_ledger_is_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.jsonl"
    begun = ledger_file.init(path, "asagi")
    (tmp_path / ".ledger.jsonl.kaiji-tmp").write_bytes(b"left by a build that was killed")

    replace = Path.replace

    def killed(self: Path, target: Path) -> Path:
        if target.name == "ledger.jsonl":
            raise KeyboardInterrupt
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            ledger_file.append(path, begun, publication(b"one"), b"one")
    assert ledger_file.read(path) == begun
    assert len(ledger_file.append(path, begun, publication(b"one"), b"one").entries) == 1


def test_a_link_to_a_ledger_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "real" / "ledger.jsonl"
    begun = ledger_file.init(real, "asagi")
    link = tmp_path / "link.jsonl"
    link.symlink_to(real)
    ledger_file.append(link, begun._replace(name="link.jsonl"), publication(b"one"), b"one")
    assert link.is_symlink()
    assert real.read_bytes().count(b"\n") == 2
    new = ledger_file.read(link)
    assert ledger_file.read(real)._replace(name="link.jsonl") == new
    assert sorted(one.name for one in real.parent.iterdir()) == ["ledger.atoms", "ledger.jsonl"]
