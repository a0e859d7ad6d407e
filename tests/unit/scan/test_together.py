"""Shards that are read together, where no partial is kept: the same as one by one, whatever is wrong with one."""

import os

import pytest

from kaiji.scan import reader, shards

ROLES = {"url": "u", "tokens": "n", "language": "l"}
NUMBER = 8


@pytest.fixture(autouse=True)
def one_engine(monkeypatch):
    """As on a machine with one processor, so that the batches are the same everywhere."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)


@pytest.fixture
def source(release):
    for number in range(NUMBER):
        urls = [f"http://www.h{(number + row) % 5}.example/{row}" for row in range(4)]
        release.parquet(f"{number}.parquet", u=urls, n=[number] * 4, l=["ja", "en", None, "ja"])
    return release.source("*.parquet", **ROLES)


@pytest.fixture
def batches(monkeypatch):
    """Names of the shards of each batch that was read together and of the parts in which it was added up."""
    seen = []
    together = reader.read_together

    def told(engine, files, mapped):
        found = together(engine, files, mapped)
        seen.append([len(rows) for rows, _, _ in found])
        return found

    monkeypatch.setattr(reader, "read_together", told)
    return seen


@pytest.fixture
def same(release, source):
    """Scans together and, with a bound on the memory, one by one; the results must be the same. Returns the former."""

    def scanned(*sources):
        found = release.scan(*(sources or (source,)))
        together = release.all_of(found)
        assert together == release.all_of(release.scan(*(sources or (source,)), memory="2GB"))
        return found

    return scanned


def test_together_and_one_by_one(same, batches):
    found = same().sources[0]
    assert [(shard.path, shard.documents) for shard in found.shards] == [(f"{n}.parquet", 4) for n in range(NUMBER)]
    assert (found.documents, found.tokens, found.rows_with_tokens) == (32, 4 * 28, 32)
    assert all(len(shard.sha256) == 64 for shard in found.shards)
    assert batches == [[4], [4]]


def test_no_more_rows_than_are_held_at_once(same, batches, monkeypatch):
    monkeypatch.setattr(shards, "_ROWS_TOGETHER", 9)
    same()
    assert batches == [[2, 2], [2, 2]]
    monkeypatch.setattr(shards, "_ROWS_TOGETHER", 3)
    same()
    assert batches[2:] == [[1, 1, 1, 1], [1, 1, 1, 1]]


def test_no_digest_that_nobody_asked_for(release, source):
    assert {shard.sha256 for shard in release.scan(source, digests=False).sources[0].shards} == {None}
    found = release.scan(source, digests=False, fingerprint="full").sources[0]
    assert all(len(shard.sha256) == 64 for shard in found.shards)


def test_shards_with_other_columns_and_types(release, same, batches):
    release.parquet("1.parquet", more=["x"], n=["7"], l=["ja"], u=["https://b.example/"])
    release.parquet("2.parquet", n=[2.0], u=[b"http://c.example/"], l=[None])
    release.parquet("3.parquet", n=[], u=[], l=[])
    found = same()
    assert (found.sources[0].tokens, found.sources[0].documents) == (4 * (28 - 1 - 2 - 3) + 9, 22)
    assert [finding.id for finding in found.findings] == ["KJ203"]
    assert batches == [[4], [4]]


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (lambda release: (release.root / "2.parquet").write_bytes(b"PAR1 no more"), "KJ201"),
        (lambda release: (release.root / "2.parquet").write_bytes(b""), "KJ201"),
        (lambda release: release.parquet("2.parquet", u=["http://a.example/"], n=[-1], l=["ja"]), "KJ207"),
        (lambda release: release.parquet("2.parquet", u=["http://a.example/"], n=[1.5], l=["ja"]), "KJ201"),
        (lambda release: release.parquet("2.parquet", u=["http://a.example/"], tokens=[1], l=["ja"]), "KJ204"),
    ],
    ids=["cut off", "empty", "negative", "no whole number", "no column"],
)
def test_one_that_does_not_count_costs_no_other(release, same, batches, spoil, rule):
    spoil(release)
    found = same()
    assert [(finding.id, finding.place.file) for finding in found.findings] == [(rule, "2.parquet")]
    assert len(found.sources[0].shards) == NUMBER - 1
    assert (found.sources[0].tokens, found.sources[0].complete) == (4 * (28 - 2), False)
    assert batches == [[4]]


def test_one_that_changes_while_they_are_read(release, source, monkeypatch):
    together = reader.read_together

    def changed(engine, files, mapped):
        found = together(engine, files, mapped)
        if files[0].name == "0.parquet":
            release.parquet("1.parquet", u=["http://new.example/"], n=[99], l=["ja"])
        return found

    monkeypatch.setattr(reader, "read_together", changed)
    found = release.scan(source)
    assert [(finding.id, finding.message) for finding in found.findings] == [
        ("KJ201", "the file changed while it was read")
    ]
    assert found.sources[0].tokens == 4 * (28 - 1)


def test_a_file_that_holds_other_rows_than_it_states(release, source, batches, monkeypatch):
    opened = shards._opened
    monkeypatch.setattr(shards, "_opened", lambda *given: _one_more(opened(*given), given[1].name))
    found = release.scan(source)
    assert [(finding.place.file, finding.message) for finding in found.findings] == [
        ("5.parquet", "the file holds another number of rows than it states")
    ]
    assert batches == [[4]]


def _one_more(opened, name):
    return opened._replace(stated=opened.stated + 1) if name == "5.parquet" else opened


def test_sources_are_not_read_together(release, same, batches):
    first = release.source("[0-3].parquet", id="x", **ROLES)
    second = release.source("[4-7].parquet", id="y", **ROLES)
    found = same(first, second)
    assert [source.tokens for source in found.sources] == [4 * 6, 4 * 22]
    assert batches == [[4], [4]]


def test_what_is_no_parquet_file_is_read_by_itself(release, same, batches):
    release.jsonl("8.jsonl", [{"u": "http://a.example/", "n": 1, "l": "ja"}])
    release.jsonl("9.jsonl", [{"u": "http://a.example/", "n": 1, "l": "ja"}])
    assert same(release.source("*", **ROLES)).sources[0].tokens == 4 * 28 + 2
    assert batches == [[5], [3]]


def test_one_by_one_with_a_cache(release, source, batches, reads, cache):
    release.scan(source, cache=cache)
    assert (batches, len(reads)) == ([], NUMBER)
