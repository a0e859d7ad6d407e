"""Partials from the cache or the shards: the figures are those of a scan without a cache, whatever happened to it."""

import datetime
import json
import os
import shutil
from pathlib import Path

import pytest

from kaiji.errors import InputError, StageError
from kaiji.scan import domains, partials, reader
from kaiji.scan.cache import ENTRY, Cache
from kaiji.scan.run import run_part

DAMAGED = "an entry of the cache was damaged; it was removed"
ROLES = {"url": "u", "tokens": "n", "language": "l", "licence": "c", "date": "d"}


@pytest.fixture
def source(release):
    day = datetime.datetime(2024, 3, 1, tzinfo=datetime.UTC)
    columns = {"l": ["ja", None, "en"], "c": [None, "MIT", "MIT"], "d": [day, None, day]}
    release.parquet("a.parquet", u=[f"http://a{n}.example/" for n in range(3)], n=[1, 2, 3], **columns)
    release.parquet("b.parquet", u=[f"http://b{n}.example/" for n in range(3)], n=[4, 5, 6], **columns)
    release.jsonl(
        "c.jsonl.gz", [{"u": "http://c.example/", "n": n, "l": "ja", "c": None, "d": "2024-05-01"} for n in range(9)]
    )
    return release.source("*", **ROLES)


@pytest.fixture
def expected(release, source):
    """What a scan without a cache finds."""
    return release.all_of(release.scan(source))


def entries(cache, kind="partials"):
    return sorted(path.parent for path in cache.folder.glob(f"{kind}/*/*/{ENTRY}"))


def sizes(row):
    return row["domain"], row["documents"], row["bytes"], row["tokens"]


def forget_what_was_merged(cache):
    shutil.rmtree(cache.folder / "merged")


def test_the_second_scan_reads_no_shard(release, source, expected, cache, reads):
    assert release.all_of(release.scan(source, cache=cache)) == expected
    assert reads == ["a.parquet", "b.parquet", "c.jsonl.gz"]
    reads.clear()
    assert release.all_of(release.scan(source, cache=cache)) == expected
    forget_what_was_merged(cache)
    assert release.all_of(release.scan(source, cache=cache)) == expected
    assert (reads, cache.notices) == ([], [])
    assert {kind: held.entries for kind, held in cache.usage().items()} == {"merged": 2, "partials": 3}


def test_a_new_shard_costs_a_new_shard(release, source, cache, reads):
    release.scan(source, cache=cache)
    reads.clear()
    release.parquet("d.parquet", u=["http://d.example/"], n=[7], l=["ja"], c=["MIT"], d=["2024-01"])
    found = release.all_of(release.scan(source, cache=cache))
    assert reads == ["d.parquet"]
    assert found == release.all_of(release.scan(source))


def flip(path):
    """One bit in the middle, where the values are: Parquet itself would not notice."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path):
    os.truncate(path, path.stat().st_size // 2)


def other_figures(path):
    entry = json.loads(path.read_text())
    entry["record"]["facts"]["with_tokens"] -= 1
    path.write_text(json.dumps(entry, sort_keys=True))


def another_type(path):
    entry = json.loads(path.read_text())
    entry["record"]["facts"]["documents"] = "3"
    path.write_text(json.dumps(entry, sort_keys=True))


DAMAGES = {
    "flip": flip,
    "cut": cut,
    "empty": lambda path: path.write_bytes(b""),
    "gone": Path.unlink,
    "other figures": other_figures,
    "another type": another_type,
}


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("cells", "flip"),
        ("authorities", "flip"),
        (ENTRY, "flip"),
        ("cells", "cut"),
        ("authorities", "gone"),
        (ENTRY, "empty"),
        (ENTRY, "other figures"),
        (ENTRY, "another type"),
    ],
)
def test_damage_changes_no_figure_and_is_told_and_mended(release, source, expected, cache, reads, name, damage):
    release.scan(source, cache=cache)
    for entry in entries(cache)[:2]:
        DAMAGES[damage](entry / name)
    forget_what_was_merged(cache)
    reads.clear()
    result = release.scan(source, cache=Cache(cache.folder))
    assert release.all_of(result) == expected
    assert set(result.notices) == {DAMAGED}
    assert len(reads) == 2
    reads.clear()
    forget_what_was_merged(cache)
    again = release.scan(source, cache=Cache(cache.folder))
    assert release.all_of(again) == expected
    assert (again.notices, reads) == ((), [])


@pytest.mark.parametrize("table", ["cells", "domains"])
@pytest.mark.parametrize("damage", ["flip", "cut", "gone", "flip the record"])
def test_damage_of_what_was_merged_last(release, source, expected, cache, reads, table, damage):
    release.scan(source, cache=cache)
    (entry,) = (one for one in entries(cache, "merged") if (one / table).exists())
    DAMAGES[damage.split()[0]](entry / (ENTRY if "record" in damage else table))
    reads.clear()
    result = release.scan(source, cache=Cache(cache.folder))
    assert release.all_of(result) == expected
    assert (result.notices, reads) == ((DAMAGED,), [])
    again = release.scan(source, cache=Cache(cache.folder))
    assert (release.all_of(again), again.notices) == (expected, ())


@pytest.mark.parametrize("which", ["one", "all"])
def test_entries_removed_between_record_and_files(release, source, expected, cache, monkeypatch, reads, which):
    """Partials are opened for the cells and again for the domains; what is lost is read for each of them."""
    release.scan(source, cache=cache)
    forget_what_was_merged(cache)
    reads.clear()
    opened = partials.opened

    def removed(cache, partial, engine):
        if which == "all":
            Cache(cache.folder).clear()
        elif len(entries(cache)) == 3:
            shutil.rmtree(entries(cache)[0])
        return opened(cache, partial, engine)

    monkeypatch.setattr(partials, "opened", removed)
    assert release.all_of(release.scan(source, cache=cache)) == expected
    assert len(reads) == 2 * (3 if which == "all" else 1)


@pytest.mark.parametrize("change", ["rows", "domains only", "gone"])
def test_a_shard_that_is_lost_from_the_cache_and_changed_since(release, source, cache, monkeypatch, change):
    """The partial that was found is that of the shard as it was: what it holds now must not take its place."""
    release.scan(source, cache=cache)
    forget_what_was_merged(cache)
    opened = partials.opened

    def changed(cache, partial, engine):
        Cache(cache.folder).clear()
        path = release.root / "c.jsonl.gz"
        path.unlink(missing_ok=True)
        if change != "gone":
            numbers = range(9) if change == "domains only" else range(8)
            rows = [{"u": "http://other.example/", "n": n, "l": "ja", "c": None, "d": "2024-05-01"} for n in numbers]
            release.jsonl("c.jsonl.gz", rows)
        return opened(cache, partial, engine)

    monkeypatch.setattr(partials, "opened", changed)
    with pytest.raises(StageError, match="cannot be read any more"):
        release.scan(source, cache=cache)


def test_a_shard_that_changes_while_it_is_taken_from_the_cache(release, source, cache, monkeypatch):
    release.scan(source, cache=cache)
    kept = partials.kept

    def changing(cache, key):
        os.utime(release.root / "a.parquet", (1, 1))
        return kept(cache, key)

    monkeypatch.setattr(partials, "kept", changing)
    result = release.scan(source, cache=cache)
    assert {(finding.id, finding.message) for finding in result.findings} >= {
        ("KJ201", "the file changed while it was read")
    }
    assert "a.parquet" not in [shard.path for shard in result.sources[0].shards]


def test_a_shard_that_changes_while_it_is_read_leaves_no_partial(release, source, cache, monkeypatch):
    read = reader.read

    def changing(engine, file, *others):
        found = read(engine, file, *others)
        os.utime(release.root / file.name, (1, 1))
        return found

    monkeypatch.setattr(reader, "read", changing)
    result = release.scan(source, cache=cache)
    assert [finding.id for finding in result.findings] == ["KJ201"] * 3
    assert cache.usage() == {}


def test_a_broken_shard_is_read_again(release, cache, reads):
    """Its reason may have gone: there may be more memory now, or room in the temporary folder."""
    release.bytes("a.jsonl", b'{"n": 1}\n{"n": \n')
    release.bytes("b.parquet", b"")
    source = release.source("*", tokens="n")
    found = [release.all_of(release.scan(source, **options)) for options in ({}, {"cache": cache}, {"cache": cache})]
    assert [finding.id for finding in found[0]["findings"]] == ["KJ201", "KJ201"]
    assert found == [found[0]] * 3
    assert reads == ["a.jsonl"] * 3


@pytest.mark.parametrize("fingerprint", ["fast", "full"])
def test_a_shard_that_was_touched(release, source, expected, cache, reads, fingerprint):
    """The fast fingerprint holds the modification time; the full one is the content alone."""
    release.scan(source, cache=cache, fingerprint=fingerprint)
    reads.clear()
    os.utime(release.root / "a.parquet", (1, 1))
    found = release.all_of(release.scan(source, cache=cache, fingerprint=fingerprint))
    assert (found, reads) == (expected, ["a.parquet"] if fingerprint == "fast" else [])


def test_the_full_fingerprint_sees_what_the_fast_one_cannot(release, cache, reads):
    """An edit in the middle that keeps the size, with the modification time put back."""
    rows = [{"n": 1, "pad": "x" * 50_000} for _ in range(9)]
    path = release.jsonl("a.jsonl", rows)
    os.utime(path, (1, 1))
    source = release.source("a.jsonl", tokens="n")
    for fingerprint, tokens in (("full", 9), ("fast", 9), ("full", 13), ("fast", 9)):
        result = release.scan(source, cache=cache, fingerprint=fingerprint)
        assert result.sources[0].tokens == tokens
        if fingerprint == "fast" and tokens == 9 and len(reads) == 2:
            rows[4]["n"] = 5
            release.jsonl("a.jsonl", rows)
            os.utime(path, (1, 1))
    assert reads == ["a.jsonl"] * 3


def test_the_two_fingerprints_do_not_take_each_other_for_true(release, source, cache, reads):
    release.scan(source, cache=cache, fingerprint="fast")
    reads.clear()
    release.scan(source, cache=cache, fingerprint="full")
    assert len(reads) == 3


def test_a_changed_mapping_reads_again(release, cache, reads):
    release.parquet("a.parquet", n=[1, 2], m=[10, 20], u=["http://a.example/"] * 2)
    for columns, tokens in (({"tokens": "n"}, 3), ({"tokens": "m"}, 30), ({"tokens": "m", "url": "u"}, 30)):
        result = release.scan(release.source("a.parquet", **columns), cache=cache)
        assert result.sources[0].tokens == tokens
        domains = [("a.example", 2, None, 30)] if "url" in columns else []
        assert (list(result.addressed), [sizes(row) for row in release.domains()]) == (
            ["s"] if domains else [],
            domains,
        )
    assert reads == ["a.parquet"] * 3
    release.scan(release.source("a.parquet", tokens="n"), cache=cache)
    assert reads == ["a.parquet"] * 3


def test_a_moved_or_renamed_shard_is_known(release, source, expected, cache, reads):
    release.scan(source, cache=cache)
    reads.clear()
    (release.root / "b.parquet").rename(release.root / "z.parquet")
    found = release.all_of(release.scan(source, cache=cache))
    assert (found["cells.parquet"], found["domains.parquet"], reads) == (
        expected["cells.parquet"],
        expected["domains.parquet"],
        [],
    )
    assert [shard.path for shard in found["sources"][0].shards] == ["a.parquet", "c.jsonl.gz", "z.parquet"]


def test_digests_are_added_when_they_are_asked_for(release, source, expected, cache, reads):
    first = release.scan(source, cache=cache, digests=False)
    assert [shard.sha256 for shard in first.sources[0].shards] == [None] * 3
    reads.clear()
    for _ in range(2):
        assert release.all_of(release.scan(source, cache=cache)) == expected
    assert all(len(shard.sha256) == 64 for shard in expected["sources"][0].shards)
    kept = [json.loads((entry / ENTRY).read_text())["record"]["sha256"] for entry in entries(cache)]
    assert sorted(kept) == sorted(shard.sha256 for shard in expected["sources"][0].shards)
    assert (reads, cache.notices) == ([], [])


def test_an_empty_shard_has_a_partial_too(release, cache):
    release.bytes("a.jsonl", b"")
    for _ in range(2):
        result = release.scan(release.source("a.jsonl", tokens="n"), cache=cache)
        assert [finding.id for finding in result.findings] == ["KJ203"]
        assert (result.sources[0].documents, result.sources[0].complete) == (0, True)
    assert cache.usage()["partials"].entries == 1


def no_room(folder):
    (folder / ".unfinished").write_text("a file where a folder is needed")


def no_place(folder):
    (folder / "partials").write_text("a file where a folder is needed")
    (folder / "merged").write_text("a file where a folder is needed")


@pytest.mark.parametrize("arrange", [no_room, no_place])
def test_a_cache_that_cannot_be_written_changes_no_figure(release, source, expected, tmp_path, arrange):
    (tmp_path / "cache").mkdir(mode=0o700)
    arrange(tmp_path / "cache")
    result = release.scan(source, cache=Cache(tmp_path / "cache"))
    assert release.all_of(result) == expected
    assert {notice.split(" (")[0] for notice in result.notices} == {"the cache cannot be written"}
    with pytest.raises(StageError, match="the cache cannot be written"):
        run_part([source], release.root, (1, 2), options=reader.Options(cache=Cache(tmp_path / "cache")))


@pytest.mark.parametrize("kind", ["partials", "merged"])
def test_a_cache_that_is_full_changes_no_figure(release, source, expected, cache, monkeypatch, kind):
    put = Cache.put

    def full(self, name, *others):
        if name == kind:
            raise OSError(28, "No space left on device")
        put(self, name, *others)

    monkeypatch.setattr(Cache, "put", full)
    result = release.scan(source, cache=cache)
    assert release.all_of(result) == expected
    assert len(result.notices) == (2 if kind == "merged" else 1)
    (notice,) = set(result.notices)
    assert notice.startswith("the cache cannot be written (No space left on device)")


def test_parts_need_a_cache(release, source):
    with pytest.raises(InputError, match="needs a cache"):
        run_part([source], release.root, (1, 2), options=reader.Options())


def test_what_no_part_has_read_is_named(release, source, cache, reads):
    options = reader.Options(cache=cache, digests=False)
    assert run_part([source], release.root, (2, 3), options=options) == ([], (), 1)
    assert reads == ["b.parquet"]
    with pytest.raises(InputError, match=r"^2 of 3 shards have no partial here \(numbers 1, 3, by source and name\)"):
        release.scan(source, cache=cache, cached_only=True)
    assert reads == ["b.parquet"]


def test_a_long_list_of_what_is_lacking_is_cut(release, cache):
    for number in range(12):
        release.parquet(f"{number:02}.parquet", n=[1])
    shown = ", ".join(map(str, range(1, 11)))
    with pytest.raises(InputError, match=rf"^12 of 12 shards have no partial here \(numbers {shown}, …, by"):
        release.scan(release.source("*", tokens="n"), cache=cache, cached_only=True)


@pytest.mark.parametrize("order", [(1, 2, 3, 4), (4, 2, 1, 3)])
def test_parts_in_any_order_give_the_whole(release, source, expected, cache, reads, order):
    """With more parts than shards: the last one has nothing to do."""
    options = reader.Options(cache=cache, fingerprint="full")
    found = [run_part([source], release.root, (part, 4), options=options) for part in order]
    assert sorted(counted for _, _, counted in found) == [0, 1, 1, 1]
    assert reads == ["a.parquet", "b.parquet", "c.jsonl.gz"]
    result = release.scan(source, cache=cache, cached_only=True, fingerprint="full")
    assert release.all_of(result) == expected
    assert len(reads) == 3


def test_a_shard_that_changed_after_its_part_is_no_old_figure(release, source, cache):
    run_part([source], release.root, (1, 1), options=reader.Options(cache=cache))
    release.jsonl("c.jsonl.gz", [{"u": "http://c.example/", "n": 1}])
    with pytest.raises(InputError, match=r"^1 of 3 shards have no partial here \(numbers 3,"):
        release.scan(source, cache=cache, cached_only=True)


def test_a_broken_shard_of_a_part_is_a_finding_also_of_the_whole(release, source, cache):
    """Merging tells what one scan would, instead of asking for a part that can never be made."""
    release.bytes("b.parquet", b"PAR1 broken")
    expected = release.all_of(release.scan(source))
    findings, _, counted = run_part([source], release.root, (1, 1), options=reader.Options(cache=cache))
    assert ([finding.id for finding in findings], counted) == (["KJ201"], 2)
    assert release.all_of(release.scan(source, cache=cache, cached_only=True)) == expected


def test_a_part_that_was_lost_before_merging(release, source, cache, monkeypatch):
    run_part([source], release.root, (1, 1), options=reader.Options(cache=cache))
    opened = partials.opened

    def lost(cache, partial, engine):
        Cache(cache.folder).clear()
        return opened(cache, partial, engine)

    monkeypatch.setattr(partials, "opened", lost)
    with pytest.raises(StageError, match="an entry of the cache was lost"):
        release.scan(source, cache=cache, cached_only=True)


def test_the_cache_tells_no_names(release, cache):
    """Ids, file names, titles, owners and columns are in clear nowhere: not in a path, not in a record."""
    told = ["secret-id", "secret-file", "secret-column", "secret-owner", "secret title"]
    release.parquet("secret-file.parquet", **{"secret-column": ["http://a.example/"]}, n=[1])
    source = release.source("secret-file.parquet", id="secret-id", url="secret-column", tokens="n")
    source = source.model_copy(update={"title": "secret title"})
    release.scan(source, cache=cache)
    for path in cache.folder.rglob("*"):
        text = str(path.relative_to(cache.folder)) + (path.read_text() if path.name == ENTRY else "")
        if path.is_file() and path.name != ENTRY:
            text += path.read_bytes().decode("latin-1")
        assert [word for word in told if word in text] == []
        assert release.root.name not in text


def test_a_new_list_of_suffixes_reads_no_shard(release, cache, monkeypatch, reads):
    release.parquet("a.parquet", u=["http://x.a.example/", "http://y.a.example/"], n=[1, 2])
    release.jsonl("b.jsonl", [{"u": "http://x.a.example/", "n": 4}, {"u": "http://a.example/", "n": 8}])
    source = release.source("*", url="u", tokens="n")
    release.scan(source, cache=cache)
    assert [sizes(row) for row in release.domains()] == [("a.example", 4, None, 15)]
    known = domains.suffix_list()
    rules = (*known.rules, domains.Rule("a.example", True, False, False, longer=False))
    rules = tuple(rule._replace(longer=True) if rule.suffix == "example" else rule for rule in rules)
    if "example" not in {rule.suffix for rule in rules}:
        rules = (*rules, domains.Rule("example", False, False, False, longer=True))
    reads.clear()
    # Of the same version and day: it is the rules that count.
    monkeypatch.setattr(domains, "suffix_list", lambda: known._replace(rules=rules))
    monkeypatch.setattr(reader, "nothing", None)
    release.scan(source, cache=cache, digests=False)
    assert [sizes(row) for row in release.domains()] == [
        ("(suffix)", 1, None, 8),
        ("x.a.example", 2, None, 5),
        ("y.a.example", 1, None, 2),
    ]
    assert reads == []
    monkeypatch.undo()
    assert release.all_of(release.scan(source, cache=cache)) == release.all_of(release.scan(source))
