import datetime
import decimal
import os

import pyarrow as pa
import pytest

from kaiji.errors import ConservationError, InputError, StageError
from kaiji.scan import merge, reader, shards, sql
from kaiji.scan.crawled_domains import CrawledSources

UTC = datetime.UTC
BIG = 2**63 - 1


def only(result):
    (source,) = result.sources
    return source


def found(result):
    return [(finding.id, finding.place.file, finding.place.key) for finding in result.findings]


def test_cells_and_domains_of_a_small_source(release, table):
    release.parquet(
        "a.parquet",
        u=["https://a.example/1", "https://b.a.example/2", None],
        t=["ab", "日本", None],
        k=[3, 4, None],
        l=["no", "no", ""],
        c=["MIT", None, ""],
        d=[datetime.datetime(2024, 1, 31, 23, 59, tzinfo=UTC), None, datetime.datetime(2024, 2, 1, tzinfo=UTC)],
    )
    source = release.source("a.parquet", url="u", text="t", tokens="k", language="l", licence="c", date="d")
    result = release.scan(source)
    scan = only(result)
    assert (scan.documents, scan.bytes, scan.tokens, scan.complete) == (3, 8, 7, True)
    row = {"source_id": "s", "modality": "text", "documents": 1}
    assert table(result.cells) == [
        {**row, "language": None, "licence": None, "month": "2024-02", "bytes": 0, "tokens": 0},
        {**row, "language": "no", "licence": None, "month": None, "bytes": 6, "tokens": 4},
        {**row, "language": "no", "licence": "MIT", "month": "2024-01", "bytes": 2, "tokens": 3},
    ]
    assert release.domains() == [
        {"domain": "(none)", "modality": "text", "documents": 1, "bytes": 0, "tokens": 0},
        {"domain": "a.example", "modality": "text", "documents": 2, "bytes": 8, "tokens": 7},
    ]
    assert result.addressed == {"s"}
    assert found(result) == [
        ("KJ210", "?", "files.columns.text"),
        ("KJ210", "?", "files.columns.tokens"),
    ]
    assert result.findings[0].detail == "1 of 3 rows"
    assert result.engine.startswith("duckdb ")


def test_what_is_not_mapped_is_not_measured(release, table):
    release.parquet("a.parquet", u=["https://a.example/1"], t=["ab"])
    release.jsonl("b.jsonl", [{"t": "ab"}, {"t": "c"}])
    result = release.scan(release.source("a.parquet", "b.jsonl"))
    assert (only(result).documents, only(result).bytes, only(result).tokens) == (3, None, None)
    assert [(row["documents"], row["bytes"], row["tokens"]) for row in table(result.cells)] == [(3, None, None)]
    assert (result.addressed, release.domains()) == (frozenset(), [])
    assert result.findings == ()


@pytest.fixture
def asked(monkeypatch):
    """Grows by one whenever domains are merged."""
    times = []
    added = merge._added_domains
    monkeypatch.setattr(merge, "_added_domains", lambda *arguments: times.append(1) or added(*arguments))
    return times


@pytest.fixture
def four(release):
    """Four sources: of the text, one without sizes in bytes and one with; of the images, one of no address."""
    names = ["http://a.example/", "http://b.example/", None]
    release.parquet("a.parquet", u=names, k=[1, 2, 4])
    release.parquet("b.parquet", u=[*names[:2], "http://d.github.io/"], k=[8, 16, 32], b=[10, 20, 40])
    release.parquet("c.parquet", u=names, k=[64, 128, 256], b=[80, 160, 320])
    release.parquet("d.parquet", k=[512], b=[640])
    return (
        release.source("a.parquet", id="a", url="u", tokens="k"),
        release.source("b.parquet", id="b", url="u", tokens="k", bytes="b"),
        release.source("c.parquet", id="c", modality="image", url="u", tokens="k", bytes="b"),
        release.source("d.parquet", id="d", modality="image", tokens="k", bytes="b"),
    )


def test_a_size_that_one_of_two_sources_does_not_measure(release, four):
    """Of the names they share it is not known; documents and tokens, which both measure, still add up."""
    result = release.scan(*four)
    assert [tuple(row.values()) for row in release.domains()] == [
        ("(none)", "image", 1, 320, 256),
        ("(none)", "text", 1, None, 4),
        ("a.example", "image", 1, 80, 64),
        ("a.example", "text", 2, None, 9),
        ("b.example", "image", 1, 160, 128),
        ("b.example", "text", 2, None, 18),
        ("d.github.io", "text", 1, 40, 32),
    ]
    addressed = [scan for scan in result.sources if scan.source_id in result.addressed]
    assert [scan.source_id for scan in addressed] == ["a", "b", "c"]
    for measure in ("documents", "tokens"):
        assert sum(row[measure] for row in release.domains()) == sum(getattr(scan, measure) for scan in addressed)
    assert [(top.modality, top.names, top.measure) for top in result.top_domains] == [
        (None, 3, "tokens"),
        ("image", 2, "bytes"),
        ("text", 3, "tokens"),
    ]


def test_domains_that_nobody_asks_for_are_not_told(release, four, asked):
    asked_for = release.scan(*four)
    assert len(asked) == 3
    result = release.scan(*four, domain_table=False)
    assert len(asked) == 3
    assert (result.top_domains, result.crawled, result.addressed) == ((), (), {"a", "b", "c"})
    assert [path.name for path in release.out.iterdir()] == ["cells.parquet"]
    assert result == asked_for.model_copy(update={"top_domains": ()})


def ranks(result):
    return [(one.modality, one.names, one.measure, one.domains) for one in result.crawled]


def test_only_the_domains_of_crawled_sources_are_told(release, four, asked):
    crawled = CrawledSources(frozenset({"b", "c", "d"}))
    result = release.scan(*four, domain_table=False, crawled=crawled)
    assert len(asked) == 2
    assert (result.top_domains, result.addressed) == ((), {"a", "b", "c"})
    assert [path.name for path in release.out.iterdir()] == ["cells.parquet"]
    assert ranks(result) == [
        (None, 3, "bytes", ("b.example",)),
        ("image", 2, "bytes", ("b.example",)),
        ("text", 3, "bytes", ("github.io",)),
    ]
    apart = release.scan(*four, domain_table=False, crawled=crawled._replace(private_suffixes=True))
    assert ranks(apart)[2] == ("text", 3, "bytes", ("d.github.io",))


@pytest.mark.parametrize("ids", ["a", "abc", "ad", "abcd", "d", ""])
def test_the_table_and_the_names_of_crawled_sources_are_the_same_together_as_alone(release, four, ids):
    crawled = CrawledSources(frozenset(ids))
    alone = release.scan(*four, domain_table=False, crawled=crawled)
    table = release.all_of(release.scan(*four))
    together = release.scan(*four, crawled=crawled)
    assert together.crawled == alone.crawled
    assert (alone.crawled == ()) == (ids in ("d", ""))
    assert release.all_of(together) == {**table, "crawled": alone.crawled}
    own = release.scan(*(source for source in four if source.id in ids), domain_table=False, crawled=crawled)
    assert own.crawled == alone.crawled


def test_the_text_is_not_read_when_a_size_is_mapped(release):
    release.parquet("a.parquet", t=["abcdef"], n=[1])
    release.parquet("b.parquet", n=[2])
    result = release.scan(release.source("*.parquet", text="t", bytes="n"))
    assert (only(result).bytes, result.findings) == (3, ())


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([1, 2], pa.uint8()), 3),
        (pa.array([1, 2], pa.int16()), 3),
        (pa.array([BIG - 1, 1], pa.uint64()), BIG),
        (pa.array([2.0, 1.0, float("nan")]), 3),
        (pa.array([decimal.Decimal("2.00"), decimal.Decimal("1.00")], pa.decimal128(20, 2)), 3),
        (pa.array(["2", "1.0", "0"]), 3),
        (pa.array([2, 1], pa.int32()).dictionary_encode(), 3),
    ],
)
def test_sizes_of_many_types_are_exact(release, values, expected):
    release.parquet("a.parquet", n=values)
    assert only(release.scan(release.source("a.parquet", tokens="n"))).tokens == expected


@pytest.mark.parametrize(
    "values",
    [
        pa.array([BIG + 1], pa.uint64()),
        pa.array([1.5]),
        pa.array([float(2**53)]),
        pa.array([float("inf")]),
        pa.array([decimal.Decimal("1.50")], pa.decimal128(20, 2)),
        pa.array([decimal.Decimal(2**63)], pa.decimal128(30, 0)),
        pa.array(["many"]),
        pa.array(["9223372036854775808"]),
        pa.array(["9007199254740993.0"]),
        pa.array([True]),
        pa.array([[1]]),
        pa.array([datetime.date(2024, 1, 1)]),
    ],
)
def test_a_size_that_is_no_whole_number_refuses_the_shard(release, table, values):
    release.parquet("a.parquet", n=values)
    release.parquet("b.parquet", n=[5])
    result = release.scan(release.source("*.parquet", bytes="n"))
    assert (only(result).documents, only(result).bytes, only(result).complete) == (1, 5, False)
    assert found(result) == [("KJ201", "a.parquet", "files.columns.bytes")]
    assert [row["bytes"] for row in table(result.cells)] == [5]


@pytest.mark.parametrize("value", ["1.5", "true", '"x"', "[1]", "1e400", "9223372036854775808", "18446744073709551616"])
def test_the_same_in_jsonl(release, value):
    release.jsonl("a.jsonl", ['{"n": 1}', f'{{"n": {value}}}'])
    release.jsonl("b.jsonl", ['{"n": 5}', '{"n": 1e3}', '{"n": "7"}', f'{{"n": {BIG - 2000}}}'])
    result = release.scan(release.source("*.jsonl", tokens="n"))
    assert [finding.id for finding in result.findings] == ["KJ201"]
    assert (only(result).documents, only(result).tokens) == (4, BIG - 2000 + 1012)


@pytest.mark.parametrize("role", ["bytes", "tokens"])
@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_a_negative_size_refuses_the_shard(release, role, form):
    if form == "parquet":
        release.parquet("a.parquet", n=[1, -1])
    else:
        release.jsonl("a.jsonl", [{"n": 1}, {"n": -1}])
    result = release.scan(release.source(f"a.{form}", **{role: "n"}))
    assert found(result) == [("KJ207", f"a.{form}", f"files.columns.{role}")]
    assert (only(result).documents, only(result).complete) == (0, False)


MONTHS = [
    (pa.array([0, 2**31 * 10**6], pa.timestamp("us")), ["1970-01", "2038-01"]),
    (pa.array([0], pa.timestamp("ns")), ["1970-01"]),
    (pa.array([0], pa.timestamp("s")), ["1970-01"]),
    (pa.array([datetime.datetime(2024, 1, 31, 23, 30, tzinfo=UTC)], pa.timestamp("us", "Asia/Tokyo")), ["2024-01"]),
    (pa.array([datetime.date(2024, 2, 29), None]), [None, "2024-02"]),
    (
        pa.array(["2023-05", "2023-06-07", "2023-07-08T09:10:11Z", "2023-08-01 00:00:00"]),
        ["2023-05", "2023-06", "2023-07", "2023-08"],
    ),
    (pa.array(["2023-05-01T00:30:00+09:00", "2023-05-31T23:30:00-05:00"]), ["2023-04", "2023-06"]),
    (pa.array(["2023-05-01T00:00:00.123456789Z"]), ["2023-05"]),
    (pa.array(["", None]), [None]),
    (pa.array([b"2023-05-01"]), ["2023-05"]),
]


@pytest.mark.parametrize(("values", "expected"), MONTHS)
def test_months_are_those_of_utc(release, table, values, expected):
    release.parquet("a.parquet", d=values)
    result = release.scan(release.source("a.parquet", date="d"))
    assert [row["month"] for row in table(result.cells)] == expected
    assert [finding.id for finding in result.findings] == (["KJ206"] if expected == [None] else [])


@pytest.mark.parametrize(
    "values",
    [
        ["2023", "May 2023", "2023-13", "2023-02-30", "infinity", "epoch", "now", "12023-05-01", "0000-01", "x", "-"],
        [20230501, 2023],
        [True],
        pa.array([253402300800], pa.timestamp("s")),
    ],
)
def test_what_is_no_date_counts_without_a_month(release, table, values):
    release.parquet("a.parquet", d=values)
    result = release.scan(release.source("a.parquet", date="d"))
    assert [(row["month"], row["documents"]) for row in table(result.cells)] == [(None, len(values))]
    assert found(result) == [("KJ208", "?", "files.columns.date")]
    assert only(result).complete


def test_columns_are_cast_to_text(release, table):
    release.parquet("a.parquet", l=[1, 2], c=pa.array(["MIT", "MIT"]).dictionary_encode(), u=[b"http://a.example/"] * 2)
    result = release.scan(release.source("a.parquet", language="l", licence="c", url="u"))
    assert [(row["language"], row["licence"]) for row in table(result.cells)] == [("1", "MIT"), ("2", "MIT")]
    assert [row["domain"] for row in release.domains()] == ["a.example"]


def broken_parquet(release):
    path = release.parquet("broken.parquet", u=["http://a.example/"] * 500, n=list(range(500)))
    path.write_bytes(path.read_bytes()[:-20])


def empty_parquet(release):
    release.bytes("broken.parquet", b"")


def no_parquet(release):
    release.bytes("broken.parquet", b"no such format" * 10)


def damaged_parquet(release):
    path = release.parquet("broken.parquet", u=[f"http://a{n}.example/" for n in range(5000)], n=list(range(5000)))
    data = bytearray(path.read_bytes())
    data[2000:3000] = bytes(1000)
    path.write_bytes(data)


def latin1_parquet(release):
    text = pa.Array.from_buffers(pa.string(), 1, pa.array([b"http://a.example/\xe9"]).buffers())
    release.parquet("broken.parquet", u=text, n=[1])


def broken_line(release):
    release.jsonl("broken.jsonl", [{"u": "http://a.example/", "n": 1}] * 3 + ['{"u": "http://a.example/", "n":'])


def latin1_line(release):
    release.bytes("broken.jsonl", b'{"u": "http://a.example/", "n": 1}\n{"u": "\xe9", "n": 1}\n')


def array_line(release):
    release.jsonl("broken.jsonl", ['{"u": "http://a.example/", "n": 1}', "[1, 2]"])


def cut_gzip(release):
    rows = [{"u": f"http://a.example/{os.urandom(8).hex()}", "n": n} for n in range(500)]
    path = release.jsonl("broken.jsonl.gz", rows)
    path.write_bytes(path.read_bytes()[:-40])


def cut_zstd_at_a_line(release):
    """A file of two frames, the second of which is gone but for its header."""
    line = b'{"u": "http://a.example/", "n": 1}\n'
    frame = pa.compress(line, codec="zstd", asbytes=True)
    (release.root / "broken.jsonl.zst").write_bytes(frame + frame[:-1])


def empty_gzip(release):
    (release.root / "broken.jsonl.gz").write_bytes(b"")


def pipe(release):
    os.mkfifo(release.root / "broken.jsonl")


def secret(release):
    path = release.parquet("broken.parquet", u=["http://a.example/"], n=[1])
    path.unlink()
    path.symlink_to("nowhere")


BROKEN = [
    broken_parquet,
    empty_parquet,
    no_parquet,
    damaged_parquet,
    latin1_parquet,
    broken_line,
    latin1_line,
    array_line,
    cut_gzip,
    cut_zstd_at_a_line,
    empty_gzip,
    pipe,
    secret,
]


@pytest.mark.parametrize("arrange", BROKEN)
def test_a_broken_shard_counts_nothing_and_the_scan_goes_on(release, arrange):
    release.parquet("a.parquet", u=["http://a.example/"], n=[3])
    release.parquet("z.parquet", u=["http://z.example/"], n=[4])
    arrange(release)
    result = release.scan(release.source("*", url="u", tokens="n"))
    assert [(finding.id, finding.place.file.split(".")[0]) for finding in result.findings] == [("KJ201", "broken")]
    assert str(release.root) not in result.findings[0].model_dump_json()
    scan = only(result)
    assert (scan.documents, scan.tokens, scan.complete) == (2, 7, False)
    assert [shard.path for shard in scan.shards] == ["a.parquet", "z.parquet"]
    assert [(row["domain"], row["tokens"]) for row in release.domains()] == [("a.example", 3), ("z.example", 4)]


@pytest.mark.parametrize("compression", ["", ".gz", ".zst"])
def test_the_broken_line_is_named(release, compression):
    lines = [f'{{"n": {n}}}' for n in range(1, 20_000)]
    lines[12_344] = '{"n": 12345'
    release.jsonl(f"a.jsonl{compression}", lines)
    (finding,) = release.scan(release.source("a*", tokens="n")).findings
    assert (finding.id, finding.place.line, finding.message) == ("KJ201", 12_345, "a line is not a JSON object")


def test_a_shard_that_changes_or_goes_away_meanwhile(release, monkeypatch):
    release.parquet("a.parquet", n=[1])
    changing, going = release.parquet("b.parquet", n=[1]), release.parquet("c.parquet", n=[1])

    def read(engine, file, *others):
        found = shards.read(engine, file, *others)
        if file.name == "b.parquet":
            os.utime(changing, (1, 1))
        if file.name == "c.parquet":
            going.unlink()
        return found

    monkeypatch.setattr(reader, "read", read)
    result = release.scan(release.source("*.parquet", tokens="n"))
    assert [(finding.place.file, finding.message) for finding in result.findings] == [
        ("b.parquet", "the file changed while it was read"),
        ("c.parquet", "the file cannot be opened"),
    ]
    assert only(result).tokens == 1


def test_a_missing_column_names_the_one_that_was_meant(release):
    release.parquet("a.parquet", token_count=[1], url=["http://a.example/"])
    release.parquet("b.parquet", tokens=[1], url=["http://a.example/"])
    result = release.scan(release.source("*.parquet", tokens="tokens", url="url"))
    (finding,) = result.findings
    assert (finding.id, finding.place.file, finding.place.key) == ("KJ204", "a.parquet", "files.columns.tokens")
    assert finding.message == "no column 'tokens' for tokens; did you mean 'token_count'?"
    assert (only(result).documents, only(result).complete) == (1, False)


def test_column_names_keep_their_case(release):
    release.parquet("a.parquet", URL=["http://a.example/"], url=["http://b.example/"])
    release.parquet("b.parquet", Url=["http://a.example/"])
    result = release.scan(release.source("*.parquet", url="URL"))
    assert [(finding.id, finding.place.file, finding.message) for finding in result.findings] == [
        ("KJ204", "b.parquet", "no column 'URL' for url; did you mean 'Url'?")
    ]


def test_columns_may_have_any_name_and_serve_twice(release, table):
    name = 'it\'s "the" {column}, select; ナ'
    release.parquet("a.parquet", **{name: ["ja"], "struct": [{"x": 1, "y": {"z": 2}}], "last": [7]})
    release.jsonl("b.jsonl", [{name: "ja", "last": 7}])
    result = release.scan(release.source("a.parquet", "b.jsonl", language=name, licence=name, tokens="last"))
    assert [(row["language"], row["licence"], row["tokens"]) for row in table(result.cells)] == [("ja", "ja", 14)]


def test_a_key_that_no_line_has(release):
    release.jsonl("a.jsonl", [{"token_count": 1, "u": "http://a.example/"}, {"u": "http://a.example/", "Tokens": 1}])
    release.parquet("b.parquet", tokens=[4], u=["http://b.example/"])
    result = release.scan(release.source("*", tokens="tokens", url="u"))
    (finding,) = result.findings
    assert (finding.id, finding.place.file, finding.place.key) == ("KJ204", "a.jsonl", "files.columns.tokens")
    assert finding.message == "no column 'tokens' for tokens; did you mean 'Tokens'?"
    assert (only(result).documents, only(result).tokens, only(result).complete) == (1, 4, False)
    assert [row["domain"] for row in release.domains()] == ["b.example"]


def test_a_key_that_only_some_lines_or_shards_have(release):
    release.jsonl("a.jsonl", [{"n": 1}, {"n": 2}])
    release.jsonl("b.jsonl", [{"n": 1}, {"n": 2, "c": "MIT"}])
    result = release.scan(release.source("*.jsonl", tokens="n", licence="c"))
    assert (only(result).documents, result.findings) == (4, ())


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_a_column_that_is_always_null(release, form):
    if form == "parquet":
        release.parquet("a.parquet", n=pa.nulls(2), c=pa.array([None, ""], pa.string()), t=["a", "b"])
    else:
        release.jsonl("a.jsonl", [{"n": None, "c": None, "t": "a"}, {"n": None, "c": "", "t": "b"}])
    result = release.scan(release.source(f"a.{form}", tokens="n", licence="c", text="t"))
    assert found(result) == [("KJ206", "?", "files.columns.licence"), ("KJ206", "?", "files.columns.tokens")]
    assert (only(result).documents, only(result).bytes, only(result).tokens) == (2, 2, 0)


def test_shards_without_rows(release):
    release.parquet("a.parquet", n=pa.array([], pa.int64()))
    release.bytes("b.jsonl", b"")
    release.bytes("c.jsonl", b"\n\n")
    release.bytes("d.jsonl.gz", b"")
    result = release.scan(release.source("*", tokens="n"))
    assert [(finding.id, finding.place.file) for finding in result.findings] == [
        ("KJ203", "a.parquet"),
        ("KJ203", "b.jsonl"),
        ("KJ203", "c.jsonl"),
        ("KJ203", "d.jsonl.gz"),
    ]
    scan = only(result)
    assert (scan.documents, scan.tokens, scan.complete, len(scan.shards)) == (0, 0, True, 4)


def test_an_empty_shard_takes_nothing_from_the_one_before(release):
    release.parquet("a.parquet", n=[1, 2])
    release.bytes("b.jsonl", b"")
    assert only(release.scan(release.source("*", tokens="n"))).tokens == 3


def test_a_file_of_two_sources_counts_in_the_first(release):
    release.parquet("a.parquet", n=[1])
    (release.root / "b.parquet").symlink_to("a.parquet")
    first, second = release.source("a.parquet", id="z", tokens="n"), release.source("b.parquet", id="y", tokens="n")
    result = release.scan(first, second)
    (finding,) = result.findings
    assert (finding.id, finding.place.file, finding.detail) == ("KJ211", "b.parquet", "z, y")
    scans = [(scan.source_id, scan.tokens, scan.complete) for scan in result.sources]
    assert scans == [("y", 0, False), ("z", 1, True)]


def test_sources_without_files_are_not_scanned(release):
    release.parquet("a.parquet", n=[1])
    declared = release.source("a.parquet", id="d").model_copy(update={"files": None})
    result = release.scan(declared, release.source("a.parquet", id="s"))
    assert [scan.source_id for scan in result.sources] == ["s"]
    assert result.source("d") is None


def test_progress_counts_every_shard(release):
    release.parquet("a.parquet", n=[1])
    release.bytes("b.parquet", b"")
    seen = []
    release.scan(release.source("*.parquet"), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]


def test_sums_reach_the_end_of_64_bits_but_do_not_wrap(release, table):
    release.parquet("a.parquet", n=[BIG - 5])
    release.parquet("b.parquet", n=[5])
    result = release.scan(release.source("*.parquet", tokens="n"))
    assert only(result).tokens == BIG
    assert [row["tokens"] for row in table(result.cells)] == [BIG]
    release.parquet("c.parquet", n=[1])
    with pytest.raises(StageError, match="more than 64 bits"):
        release.scan(release.source("*.parquet", tokens="n"))


def test_sums_of_a_domain_of_several_sources_reach_the_end_of_64_bits_but_do_not_wrap(release):
    release.parquet("a.parquet", n=[BIG - 5, 3], u=["http://a.example/", "http://b.example/"])
    release.parquet("b.parquet", n=[5, BIG - 5], u=["http://a.example/", "http://b.example/"])
    release.parquet("c.parquet", n=[1], u=["http://a.example/"])
    sources = [release.source(f"{name}.parquet", id=name, tokens="n", url="u") for name in "abc"]
    release.scan(*sources[:2])
    assert [row["tokens"] for row in release.domains()] == [BIG, BIG - 2]
    release.scan(*sources, domain_table=False)
    with pytest.raises(StageError):
        release.scan(*sources)


def test_sums_of_one_shard_that_pass_64_bits_refuse_it(release):
    release.parquet("a.parquet", n=[BIG, 1])
    result = release.scan(release.source("a.parquet", tokens="n"))
    assert [finding.id for finding in result.findings] == ["KJ201"]


@pytest.mark.parametrize("memory", ["much", "", "-1GB", "2GB'; SELECT 1"])
def test_a_memory_limit_that_is_none(release, memory):
    release.parquet("a.parquet", n=[1])
    with pytest.raises(InputError, match="memory"):
        release.scan(release.source("a.parquet"), memory=memory)


def test_a_temporary_folder_that_cannot_be_used(release):
    release.parquet("a.parquet", n=[1])
    (release.root / "a[b]").mkdir()
    for name in ("none", "a[b]"):
        with pytest.raises(InputError, match="temporary folder"):
            release.scan(release.source("a.parquet"), temp_dir=release.root / name)
    assert list((release.root / "a[b]").iterdir()) == []


def test_the_temporary_folder_is_left_empty(release, tmp_path):
    temporary = tmp_path / "it's a temporary folder"
    temporary.mkdir()
    release.parquet("a.parquet", n=[1])
    release.bytes("b.parquet", b"")
    assert only(release.scan(release.source("*.parquet", tokens="n"), temp_dir=temporary, memory="2GB")).tokens == 1
    assert list(temporary.iterdir()) == []


def shorter(query):
    return f"SELECT * FROM ({query}) LIMIT 1"  # noqa: S608


@pytest.mark.parametrize("keys", [("language", "licence", "month"), ("authority",), ("domain",)])
def test_a_row_lost_in_merging_is_an_error(release, monkeypatch, keys):
    release.parquet("a.parquet", n=[1, 2], u=["http://a.example/", "http://b.example/"], l=["ja", "en"])
    added = sql.added
    monkeypatch.setattr(
        sql, "added", lambda relation, *by: shorter(added(relation, *by)) if by == keys else added(relation, *by)
    )
    with pytest.raises(ConservationError, match="the parts do not add up to the totals of the sources"):
        release.scan(release.source("a.parquet", tokens="n", url="u", language="l"))


@pytest.mark.parametrize("part", ["cells_of_release", "domains_of"])
def test_a_row_lost_on_the_way_to_the_result_is_an_error(release, monkeypatch, part):
    release.parquet("a.parquet", n=[1, 2], u=["http://a.example/", "http://b.example/"], l=["ja", "en"])
    query = getattr(sql, part)
    monkeypatch.setattr(sql, part, lambda *arguments: shorter(query(*arguments)))
    with pytest.raises(ConservationError):
        release.scan(release.source("a.parquet", tokens="n", url="u", language="l"))


@pytest.mark.parametrize("part", ["cells", "authorities"])
def test_a_row_lost_in_reading_refuses_the_shard(release, monkeypatch, part):
    release.parquet("a.parquet", n=[1, 2], u=["http://a.example/", "http://b.example/"], l=["ja", "en"])
    query = getattr(sql, part)
    monkeypatch.setattr(sql, part, lambda rows: shorter(query(rows)))
    result = release.scan(release.source("a.parquet", tokens="n", url="u", language="l"))
    assert found(result) == [("KJ201", "a.parquet", None)]
    assert (only(result).documents, result.addressed, release.domains()) == (0, frozenset(), [])


@pytest.mark.parametrize("part", ["CELLS_OF_BOTH", "AUTHORITIES_OF_BOTH"])
def test_tables_of_a_shard_that_differ_are_an_error(release, monkeypatch, part):
    release.jsonl("a.jsonl", [{"n": 1, "u": "http://a.example/", "l": "ja"}, {"n": 2, "u": "http://b.example/"}])
    monkeypatch.setattr(sql, part, shorter(getattr(sql, part)))
    with pytest.raises(ConservationError, match="the parts do not add up to the totals of the sources"):
        release.scan(release.source("a.jsonl", tokens="n", url="u", language="l"))


def test_scanning_twice_gives_the_same(release):
    for number in range(5):
        release.parquet(f"{number}.parquet", u=[f"http://a{n}.example/" for n in range(50)], n=list(range(50)))
    source = release.source("*.parquet", url="u", tokens="n")
    first = release.scan(source)
    before, domains = release.all_of(first), release.domains()
    second = release.scan(source)
    assert first == second
    assert before == release.all_of(second)
    assert [(row["domain"], row["documents"]) for row in domains] == sorted((f"a{n}.example", 5) for n in range(50))
