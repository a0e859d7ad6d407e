"""Partials: what is in them, what their key depends on, and how the cache keeps them."""

import datetime
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from kaiji.scan import partials
from kaiji.scan.engine import Engine, private_folder
from kaiji.scan.facts import Facts
from kaiji.scan.files import DataFile, find
from kaiji.scan.partials import Partial
from kaiji.scan.shards import nothing, read

KEY = "ab" + "0" * 38
FILE = DataFile(Path("/data/a.jsonl"), "a.jsonl", "jsonl", "uncompressed")
MAPPED = {"url": "u", "tokens": "n"}


def test_the_key_depends_on_the_content_and_on_all_that_decides_how_it_is_read(monkeypatch):
    known = partials.key("fast 1", FILE, MAPPED, "tokenizers 1")
    others = [
        partials.key("fast 2", FILE, MAPPED, "tokenizers 1"),
        partials.key("full 1", FILE, MAPPED, "tokenizers 1"),
        partials.key("fast 1", FILE._replace(format="parquet"), MAPPED, "tokenizers 1"),
        partials.key("fast 1", FILE._replace(compression="gzip"), MAPPED, "tokenizers 1"),
        partials.key("fast 1", FILE, {**MAPPED, "tokens": "m"}, "tokenizers 1"),
        partials.key("fast 1", FILE, {**MAPPED, "bytes": "n"}, "tokenizers 1"),
        partials.key("fast 1", FILE, {"url": "n", "tokens": "u"}, "tokenizers 1"),
        partials.key("fast 1", FILE, MAPPED, "tokenizers 2"),
        partials.key("fast 1", FILE, MAPPED, None),
    ]
    monkeypatch.setattr(partials, "_way_of_reading", lambda: "other code")
    others.append(partials.key("fast 1", FILE, MAPPED, "tokenizers 1"))
    assert len({known, *others}) == 11


def test_the_key_depends_on_neither_name_nor_order_and_tells_nothing():
    known = partials.key("fast 1", FILE, MAPPED, None)
    moved = FILE._replace(location=Path("/elsewhere/b.jsonl"), name="b.jsonl")
    assert partials.key("fast 1", moved, dict(reversed(MAPPED.items())), None) == known
    assert len(known) == 40
    assert set(known) <= set("0123456789abcdef")


def test_a_change_of_the_code_or_of_a_version_is_seen(tmp_path, monkeypatch):
    known = partials.digest_of_code(["sql.py"], "1", "2")
    assert partials.digest_of_code(["sql.py"], "1", "2") == known
    (tmp_path / "sql.py").write_text("changed")
    assert len({known, partials.digest_of_code(["sql.py"], "1", "3"), partials.digest_of_code(["shards.py"], "1")}) == 3
    monkeypatch.setattr(partials.resources, "files", lambda _: tmp_path)
    assert partials.digest_of_code(["sql.py"], "1", "2") != known


@pytest.fixture
def engine(release):
    release.parquet(
        "a.parquet",
        u=["https://A.example/1", "https://A.example/2", None, "mailto:x"],
        n=[3, None, 4, None],
        l=["ja", "ja", None, ""],
        d=[datetime.date(2024, 1, 31), None, datetime.date(2024, 2, 1), datetime.date(1, 1, 1)],
    )
    files = find(release.source("a.parquet"), release.root).files
    with private_folder(None) as folder, Engine(folder, files) as engine:
        engine.file = files[0]
        yield engine


ROLES = {"url": "u", "tokens": "n", "language": "l", "date": "d"}


def test_a_partial_holds_cells_and_authorities(engine):
    facts, tables = read(engine, engine.file, ROLES)
    sizes = ("documents", "bytes", "tokens", "no_bytes", "no_tokens")
    cells = [tuple(row.values()) for row in pq.read_table(tables.cells).to_pylist()]
    assert pq.read_schema(tables.cells).names == ["language", "licence", "month", *sizes]
    assert sorted(cells, key=repr) == [
        ("ja", None, 2024 * 12, 1, 0, 3, 1, 0),
        ("ja", None, None, 1, 0, 0, 1, 1),
        (None, None, -1, 1, 0, 0, 1, 1),
        (None, None, 2024 * 12 + 1, 1, 0, 4, 1, 0),
    ]
    kinds = [str(kind) for kind in pq.read_schema(tables.cells).types]
    assert kinds == ["string", "string", "int32", *["int64"] * 5]
    found = pq.read_table(tables.authorities).to_pylist()
    assert sorted(tuple(row.values()) for row in found) == [
        ("", 1, 0, 4),
        ("\x01mailto:x", 1, 0, 0),
        ("A.example", 2, 0, 3),
    ]
    assert facts == Facts(4, tokens=7, with_tokens=2, languages=2, licences=0, months=3, addresses=2, no_dates=1)


def test_a_partial_of_nothing(engine):
    facts, tables = nothing(engine, ROLES)
    assert facts == Facts()
    assert (pq.read_table(tables.cells).num_rows, pq.read_table(tables.authorities).num_rows) == (0, 0)
    assert nothing(engine, {"tokens": "n"})[1].authorities is None


def test_a_partial_is_kept_and_opened(engine, cache):
    facts, tables = read(engine, engine.file, ROLES)
    assert partials.kept(cache, KEY) is None
    partials.keep(cache, Partial(KEY, facts, "0" * 64, (tables.cells,), (tables.authorities,)))
    kept = partials.kept(cache, KEY)
    assert kept == Partial(KEY, facts, "0" * 64)
    opened = partials.opened(cache, kept, engine)
    assert opened.cells[0].read_bytes() == tables.cells.read_bytes()
    assert opened.authorities[0].read_bytes() == tables.authorities.read_bytes()
    assert engine.folder in opened.cells[0].parents


def test_keeping_what_came_from_the_cache_changes_its_record_only(engine, cache):
    facts, tables = read(engine, engine.file, {"tokens": "n"})
    partials.keep(cache, Partial(KEY, facts, None, (tables.cells,)))
    partials.keep(cache, partials.kept(cache, KEY)._replace(sha256="1" * 64))
    kept = partials.kept(cache, KEY)
    assert kept.sha256 == "1" * 64
    opened = partials.opened(cache, kept, engine)
    assert (opened.cells[0].read_bytes(), opened.authorities) == (tables.cells.read_bytes(), ())


def test_a_partial_that_is_lost_or_without_cells_is_not_opened(engine, cache):
    assert partials.opened(cache, Partial(KEY, Facts(), None), engine) is None
    cache.put(partials.KIND, KEY, {}, {})
    assert partials.opened(cache, Partial(KEY, Facts(), None), engine) is None


WHOLE = {"facts": Facts(1)._asdict(), "sha256": None}


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"facts": WHOLE["facts"]},
        {"sha256": None},
        {"facts": None, "sha256": None},
        {"facts": [1, 2], "sha256": None},
        {"facts": {"documents": 1, "pages": 1}, "sha256": None},
        {"facts": {**WHOLE["facts"], "tokens": "7"}, "sha256": None},
        {"facts": {**WHOLE["facts"], "tokens": 7.0}, "sha256": None},
        {"facts": {**WHOLE["facts"], "tokens": True}, "sha256": None},
        {"facts": {**WHOLE["facts"], "tokens": None}, "sha256": None},
    ],
)
def test_a_record_of_another_shape_is_told_and_removed(cache, record):
    cache.put(partials.KIND, KEY, {}, record)
    assert json.loads(json.dumps(record)) == cache.record(partials.KIND, KEY)
    assert partials.kept(cache, KEY) is None
    assert cache.notices == ["an entry of the cache was damaged; it was removed"]
    assert cache.usage() == {}


def test_a_whole_record_is_taken(cache):
    cache.put(partials.KIND, KEY, {}, WHOLE)
    assert partials.kept(cache, KEY) == Partial(KEY, Facts(1), None)
