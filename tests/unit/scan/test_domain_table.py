"""The domain table and the list of the largest names, against a plain Python account of the same rows."""

import random
import stat
from collections import defaultdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kaiji.errors import StageError
from kaiji.scan import domain_table
from kaiji.scan.domain_table import DomainFiles, PartOfTable
from kaiji.scan.engine import Engine, private_folder
from kaiji.scan.result import TopDomains
from kaiji.terms import Modality

TEXT, IMAGE, AUDIO = Modality("text"), Modality("image"), Modality("audio")
SCHEMA = pa.schema([("domain", pa.string()), *((name, pa.int64()) for name in ("documents", "bytes", "tokens"))])


@pytest.fixture
def engine():
    with private_folder(None) as folder, Engine(folder) as engine:
        yield engine


@pytest.fixture
def write(engine, tmp_path):
    """Writes both files of the parts, each (modality, has bytes, has tokens, rows of domain and sizes)."""

    def written(*parts):
        given = []
        for modality, has_bytes, has_tokens, rows in parts:
            path = engine.new("part")
            pq.write_table(
                pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in rows], SCHEMA), path
            )
            given.append(PartOfTable(path, modality, has_bytes, has_tokens))
        files = DomainFiles(tmp_path / "domains.parquet", tmp_path / "top.parquet")
        top = domain_table.write(engine, given, files)
        return top, *(pq.read_table(path).to_pylist() for path in files)

    return written


def test_the_columns_their_types_and_the_mark(write, tmp_path):
    write((TEXT, True, True, [("a.example", 1, 2, 3)]))
    schema = pq.read_schema(tmp_path / "domains.parquet")
    assert [f"{field.name} {field.type}" for field in schema] == [
        "domain string",
        "modality string",
        "documents int64",
        "bytes int64",
        "tokens int64",
    ]
    top = pq.read_schema(tmp_path / "top.parquet")
    assert [f"{field.name} {field.type}" for field in top] == [
        "modality string",
        "rank int64",
        "domain string",
        "documents int64",
        "bytes int64",
        "tokens int64",
        "small_provider bool",
    ]
    for name in ("domains.parquet", "top.parquet"):
        assert pq.read_metadata(tmp_path / name).metadata[b"confidential"] == b"true"
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_rows_are_added_up_by_domain_and_modality_and_sorted(write):
    """Upper case sorts before lower case, and the names of other scripts last: by code points."""
    _, table, _ = write(
        (TEXT, True, True, [("b.example", 1, 10, 100), ("a.example", 2, 20, 200), ("(none)", 5, 50, 500)]),
        (IMAGE, True, True, [("a.example", 3, 30, 300)]),
        (TEXT, True, True, [("b.example", 4, 40, 400), ("xn--p1ai", 1, 1, 1), ("Z.example", 1, 1, 1)]),
    )
    assert [tuple(row.values()) for row in table] == [
        ("(none)", "text", 5, 50, 500),
        ("Z.example", "text", 1, 1, 1),
        ("a.example", "image", 3, 30, 300),
        ("a.example", "text", 2, 20, 200),
        ("b.example", "text", 5, 50, 500),
        ("xn--p1ai", "text", 1, 1, 1),
    ]


def test_a_size_that_one_source_of_a_domain_does_not_measure_is_null(write):
    """0 in the table of a source without the column is no size, so that a sum with it would be a wrong figure."""
    _, table, top = write(
        (TEXT, True, False, [("a.example", 1, 10, 0), ("b.example", 1, 20, 0)]),
        (TEXT, False, False, [("b.example", 1, 0, 0)]),
        (IMAGE, True, True, [("a.example", 1, 5, 7), ("c.example", 1, 0, 0)]),
    )
    assert [tuple(row.values()) for row in table] == [
        ("a.example", "image", 1, 5, 7),
        ("a.example", "text", 1, 10, None),
        ("b.example", "text", 2, None, None),
        ("c.example", "image", 1, 0, 0),
    ]
    assert top[0] == {
        "modality": None,
        "rank": 1,
        "domain": "a.example",
        "documents": 2,
        "bytes": 15,
        "tokens": None,
        "small_provider": True,
    }


def test_the_measure_is_the_first_that_all_sources_concerned_have(write):
    told, _, top = write(
        (TEXT, False, True, [("a.example", 1, 0, 5), ("b.example", 9, 0, 4)]),
        (IMAGE, True, True, [("c.example", 1, 8, 1), ("d.example", 2, 7, 9)]),
        (AUDIO, False, False, [("e.example", 1, 0, 0), ("f.example", 2, 0, 0)]),
    )
    sizes = {"names": 2, "listed": 1, "listed_small": 1}
    assert told == (
        TopDomains(modality=None, names=6, measure="documents", listed=1, listed_small=1),
        TopDomains(modality=AUDIO, measure="documents", **sizes),
        TopDomains(modality=IMAGE, measure="bytes", **sizes),
        TopDomains(modality=TEXT, measure="tokens", **sizes),
    )
    assert [(row["modality"], row["domain"]) for row in top] == [
        (None, "b.example"),
        ("audio", "f.example"),
        ("image", "c.example"),
        ("text", "a.example"),
    ]


@pytest.mark.parametrize(
    ("names", "listed", "small"),
    [(0, 0, 0), (1, 1, 1), (9, 1, 1), (10, 1, 1), (11, 2, 1), (20, 2, 1), (21, 3, 2), (25, 3, 2), (20_001, 2001, 1000)],
)
def test_how_many_names_are_listed(write, names, listed, small):
    """By the tens and the twenties, rounded up; for a small provider never more than 1000."""
    buckets = [("(none)", 1, 10**9, 0), ("(ip)", 1, 10**9, 0), ("(suffix)", 1, 10**9, 0)]
    rows = [(f"h{n:05}.example", 1, n // 3, 0) for n in range(names)]
    random.Random(names).shuffle(rows)
    (together, text), table, top = write((TEXT, True, False, buckets + rows))
    assert (together.names, together.measure, together.listed, together.listed_small) == (names, "bytes", listed, small)
    assert text == together.model_copy(update={"modality": TEXT})
    assert len(table) == names + 3
    expected = [(name, size) for name, _, size, _ in sorted(rows, key=lambda row: (-row[2], row[0]))][:listed]
    for modality in (None, "text"):
        mine = [row for row in top if row["modality"] == modality]
        assert [(row["domain"], row["bytes"]) for row in mine] == expected
        assert [row["rank"] for row in mine] == list(range(1, listed + 1))
        assert [row["small_provider"] for row in mine] == [rank < small for rank in range(listed)]


def test_equal_sizes_are_ordered_by_name_whatever_the_order_of_the_rows(write, engine, tmp_path):
    seen = set()
    for seed in range(3):
        rows = [(f"{name}.example", 7, 0, 0) for name in "abcdefghijklmnopqrstuvwxyz"]
        random.Random(seed).shuffle(rows)
        _, _, top = write((TEXT, False, False, rows[:20]), (TEXT, False, False, rows[20:]))
        assert [row["domain"] for row in top if row["modality"]] == ["a.example", "b.example", "c.example"]
        seen.add(((tmp_path / "top.parquet").read_bytes(), (tmp_path / "domains.parquet").read_bytes()))
    assert len(seen) == 1


def test_names_of_several_modalities_count_once_together(write):
    rows = [(f"{n}.example", 1, n, 0) for n in range(10)]
    told, _, top = write((TEXT, True, False, rows), (IMAGE, True, False, rows))
    assert [(one.modality, one.names) for one in told] == [(None, 10), (IMAGE, 10), (TEXT, 10)]
    assert (top[0]["domain"], top[0]["bytes"], top[0]["documents"]) == ("9.example", 18, 2)


def test_chance_rows_against_plain_python(write):
    chance = random.Random(7)
    parts = []
    for number in range(6):
        names = [*(f"{chance.randrange(60)}.example" for _ in range(40)), "(none)", "(ip)"]
        rows = [(name, chance.randrange(1, 5), chance.randrange(9), chance.randrange(9)) for name in sorted(set(names))]
        parts.append(((TEXT, IMAGE)[number % 2], True, True, rows))
    added = defaultdict(lambda: [0, 0, 0])
    for modality, _, _, rows in parts:
        for name, *sizes in rows:
            for key in ((name, modality.value), (name, None)):
                added[key] = [a + b for a, b in zip(added[key], sizes, strict=True)]
    told, table, top = write(*parts)
    assert [(row["domain"], row["modality"], row["documents"], row["bytes"], row["tokens"]) for row in table] == [
        (*key, *added[key]) for key in sorted((key for key in added if key[1]), key=lambda key: key)
    ]
    for one in told:
        of = one.modality and one.modality.value
        names = sorted(
            (key for key in added if key[1] == of and not key[0].startswith("(")), key=lambda k: (-added[k][1], k[0])
        )
        assert one.names == len(names)
        listed = [(row["domain"], row["bytes"]) for row in top if row["modality"] == of]
        assert listed == [(key[0], added[key][1]) for key in names[: -(-len(names) // 10)]]


def test_without_a_source_there_is_an_empty_table(write):
    told, table, top = write()
    assert told == (TopDomains(modality=None, names=0, measure="documents", listed=0, listed_small=0),)
    assert (table, top) == ([], [])


@pytest.mark.parametrize("wanted", ["domains", "top_domains"])
def test_only_what_is_asked_for_is_written(engine, tmp_path, wanted):
    domain_table.write(engine, [], DomainFiles(**{wanted: tmp_path / "one.parquet"}))
    assert [path.name for path in tmp_path.iterdir()] == ["one.parquet"]


@pytest.mark.parametrize("at", ["copyfileobj", "replace", "fsync"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(write, engine, tmp_path, monkeypatch, at):
    write((TEXT, True, True, [("a.example", 1, 2, 3)]))
    before = (tmp_path / "domains.parquet").read_bytes()

    def full(source, *others):
        if at == "copyfileobj":
            others[0].write(b"PAR1 half")
        raise OSError(28, "No space left on device")

    owner = {"copyfileobj": domain_table.shutil, "replace": Path, "fsync": domain_table.os}[at]
    monkeypatch.setattr(owner, at, full)
    with pytest.raises(StageError, match=r"^domains\.parquet cannot be written: No space left on device$"):
        write((TEXT, True, True, [("b.example", 1, 2, 3)]))
    assert (tmp_path / "domains.parquet").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["domains.parquet", "top.parquet"]


def test_a_folder_that_is_not_there_is_an_error(engine, tmp_path):
    with pytest.raises(StageError, match=r"^x\.parquet cannot be written: No such file or directory$"):
        domain_table.write(engine, [], DomainFiles(tmp_path / "none" / "x.parquet"))


def test_a_file_with_other_rights_is_replaced_by_a_private_one(write, tmp_path):
    (tmp_path / "domains.parquet").write_bytes(b"old")
    (tmp_path / "domains.parquet").chmod(0o666)
    write((TEXT, True, True, [("a.example", 1, 2, 3)]))
    assert stat.S_IMODE((tmp_path / "domains.parquet").stat().st_mode) == 0o600
