"""What the shards of one source add up to, and what is told of them together; from the cache as from the files."""

import pytest

from kaiji.errors import StageError
from kaiji.scan.engine import Engine, private_folder
from kaiji.scan.facts import Facts
from kaiji.scan.failure import ShardError
from kaiji.scan.partials import Partial
from kaiji.scan.plan import planned
from kaiji.scan.reader import Outcome
from kaiji.scan.source import of_outcomes

BIG = 2**63 - 1


@pytest.fixture
def judged(release):
    """Judges the outcomes of the files of a source: facts, or why a shard does not count."""

    def judge(source, *found):
        (plan,), _ = planned([source], release.root, ())
        outcomes = [
            Outcome(file, error=one)
            if isinstance(one, ShardError)
            else Outcome(file, one.documents, None, Partial(file.name, one, None))
            for file, one in zip(plan.files, found, strict=True)
        ]
        with private_folder(None) as folder, Engine(folder, plan.files) as engine:
            return of_outcomes(engine, plan, outcomes)

    return judge


@pytest.fixture
def three(release):
    for name in "abc":
        release.parquet(f"{name}.parquet", n=[1])
    return release.source("*.parquet", tokens="n", bytes="b")


def told(source):
    return [(finding.id, finding.place.file, finding.place.key, finding.detail) for finding in source.findings]


def test_totals_are_those_of_the_shards_that_count(judged, three):
    refused = ShardError("KJ201", "the file cannot be read", detail="secret", line=7, key="files.columns.tokens")
    source = judged(three, Facts(2, 30, 5, 2, 2), refused, Facts(3, 40, 6, 3, 3))
    scan = source.scan
    assert (scan.documents, scan.bytes, scan.tokens) == (5, 70, 11)
    assert (scan.rows_with_bytes, scan.rows_with_tokens, scan.complete) == (5, 5, False)
    assert [(shard.path, shard.documents) for shard in scan.shards] == [("a.parquet", 2), ("c.parquet", 3)]
    assert [partial.key for partial in source.partials] == ["a.parquet", "c.parquet"]
    assert told(source) == [("KJ201", "b.parquet", "files.columns.tokens", "secret")]
    assert source.findings[0].place.line == 7


def test_rows_without_a_size_are_told_with_their_number(judged, three):
    source = judged(three, Facts(2, 30, 5, 1, 2), Facts(2, 0, 0, 0, 2), Facts(3, 40, 6, 3, 3))
    assert told(source) == [("KJ210", "?", "files.columns.bytes", "3 of 7 rows")]
    assert (source.scan.rows_with_bytes, source.scan.rows_with_tokens, source.scan.complete) == (4, 7, True)


def test_a_column_without_a_value_in_any_shard(judged, three):
    source = judged(three, Facts(2, 30, 0, 2, 0), Facts(0), Facts(3, 40, 0, 3, 0))
    assert told(source) == [
        ("KJ203", "b.parquet", None, None),
        ("KJ206", "?", "files.columns.tokens", None),
    ]
    source = judged(three, Facts(2, 30, 0, 2, 0), Facts(1, 0, 0, 0, 1), Facts(3, 40, 0, 3, 0))
    assert [found[0] for found in told(source)] == ["KJ210", "KJ210"]


def test_nothing_is_said_of_the_columns_of_no_rows(judged, three):
    source = judged(three, Facts(), Facts(), Facts())
    assert [found[0] for found in told(source)] == ["KJ203"] * 3
    assert (source.scan.documents, source.scan.tokens, source.scan.complete) == (0, 0, True)


@pytest.mark.parametrize(("size", "fits"), [(BIG - 2, True), (BIG - 1, False)])
@pytest.mark.parametrize("measure", ["bytes", "tokens"])
def test_totals_beyond_64_bits_are_an_error(judged, three, size, fits, measure):
    facts = [Facts(1, with_bytes=1, with_tokens=1)._replace(**{measure: part}) for part in (size, 1, 1)]
    if fits:
        assert getattr(judged(three, *facts).scan, measure) == BIG
    else:
        with pytest.raises(StageError, match="more than 64 bits"):
            judged(three, *facts)


def test_what_is_not_mapped_is_not_measured(judged, release):
    release.parquet("a.parquet", n=[1])
    scan = judged(release.source("a.parquet"), Facts(2)).scan
    assert (scan.bytes, scan.tokens, scan.rows_with_bytes, scan.rows_with_tokens) == (None, None, None, None)


def test_dates_that_are_none_are_counted(judged, release):
    release.parquet("a.parquet", n=[1])
    release.parquet("b.parquet", n=[1])
    source = judged(release.source("*", date="d"), Facts(5, months=1, no_dates=2), Facts(5, months=1, no_dates=1))
    assert told(source) == [("KJ208", "?", "files.columns.date", "3 of 10 rows")]


@pytest.mark.parametrize("cached", [False, True])
def test_a_key_is_missing_only_when_no_line_of_any_shard_has_it(release, cache, cached):
    """Each shard alone may lack it, so that it cannot be judged, nor kept in the cache, shard by shard."""
    release.jsonl("a.jsonl", [{"n": 1}])
    release.jsonl("b.jsonl.gz", [{"n": 2}])
    release.parquet("c.parquet", n=[4], m=["x"])
    source = release.source("*", tokens="n", licence="m")
    for _ in range(2 if cached else 1):
        result = release.scan(source, cache=cache if cached else None)
        assert [(finding.id, finding.place.file) for finding in result.findings] == [
            ("KJ204", "a.jsonl"),
            ("KJ204", "b.jsonl.gz"),
        ]
        assert (result.sources[0].tokens, result.sources[0].complete) == (4, False)
    release.jsonl("d.jsonl", [{"n": 8, "m": None}])
    result = release.scan(source, cache=cache if cached else None)
    assert (result.findings, result.sources[0].tokens, result.sources[0].complete) == ((), 15, True)
