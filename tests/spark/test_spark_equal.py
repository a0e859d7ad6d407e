"""Spark and DuckDB give the same, to the row."""

import datetime
import decimal
import random
import re

import numpy as np
import pyarrow as pa
import pytest

ODD_ADDRESSES = [
    *(
        None,
        "",
        " ",
        "not a url",
        "//a.example/x",
        "/path",
        "a.example",
        "http:",
        "http:/",
        "http://",
        "http:///nohost",
    ),
    *(
        "https://a.example",
        "https://a.example?q",
        "https://a.example#f",
        "https://a.example:80/",
        "https://a.example:99999/",
    ),
    *(
        "HTTP://A.Example/",
        "https://A.EXAMPLE/x",
        "https://a.example./",
        "https://a_b.example/",
        "https://-a-.example/",
    ),
    *(
        "http://user:pass@a.example/x",
        "http://user@a.example@b.example/",
        "http://a.example\\b",
        "http:\\\\a.example\\b",
    ),
    *("http://[::1]/", "http://[::1", "http://1.2.3.4/", "http://0x7f.1/", "http://256.1.1.1/", "http://1/"),
    *(
        "http://例え.jp/",
        "http://xn--r8jz45g.jp/",
        "http://bücher.example/",
        "http://BÜCHER.example/",
        "http://ＡＢ.example/",
    ),
    *(
        "http://%65xample.com/",
        "http://ex ample.com/",
        "http://a..b/",
        "http://.a.example/",
        "http://com/",
        "http://a/b",
    ),
    *(
        " http://a.example/",
        "\x00http://a.example/",
        "\thttp://a.example/",
        "ht\ntp://a.example/",
        "http\t://a.example/",
    ),
    *(
        "http:/\t/a.example/x",
        "http://a\n.example/",
        "http://a.example\x00/",
        "http://a\x7f.example/",
        "http://a\x85b.example/",
    ),
    *(
        "http://a\u2028b/",
        "http://\U0001f600.example/",
        "http://\u0130.example/",
        "http://ſ.example/",
        "http://K.example/",
    ),
    *(
        "mailto:a@a.example",
        "data:text/plain,x",
        "javascript:x",
        "urn:isbn:1",
        "file:///x",
        "ftp://a.example/",
        "ws://a/",
    ),
    *(
        "1http://a.example/",
        "h+t.p-1://a.example/x",
        "é://a.example/",
        "http://a.example:/x",
        "http://a.example:0080/x",
    ),
    *(
        "http://a.example:12345/x",
        "http://a.example:1a/",
        "https://a.example//x",
        "https://a.example/\\",
        "https:a.example/",
    ),
    "https://" + "a" * 300 + ".example/",
    "x" * 5000,
    "http://a.example/" + "é" * 3000,
]

DATES = [
    *(None, "", "0", "no date", "2024", "2024-05", "2024-5", "2024/05", "0024-05", " 2024-5", "２０２４-01"),
    *("2024-01-05", "2024-1-5", "2024/01/05", "2024 01 05", "2024\\01\\05", "2024-01/05", "2024.01.05", "20240105"),
    *(
        " 2024-01-05",
        "2024-01-05 ",
        "2024-01-05T",
        "2024-01-05Z",
        "24-01-05",
        "002024-01-05",
        "12024-01-05",
        "0000-01-01",
    ),
    *("2024-02-29", "2023-02-29", "2024-00-01", "2024-13-01", "2024-01-32", "1899-12-31", "1900-01-01", "9999-12-31"),
    *(
        "2024-01-05 10",
        "2024-01-05 10:00",
        "2024-01-05T10:00",
        "2024-01-05  10:00:00",
        "2024-01-05 1:2:3",
        "2024-1-5T1",
    ),
    *("2024-01-31 24:00:00", "2024-01-31 24:00:01", "2024-01-31 24:00:00.5", "2024-01-31 24:00:00.0000001"),
    *(
        "2023-12-31 23:30:00-01:00",
        "2024-01-01 00:30:00+01",
        "2024-01-01T00:30:00.123456789+0100",
        "2024-01-31 23:59:60",
    ),
    *(
        "2024-01-01 00:00+99:99:99",
        "2024-01-05 10:00+9",
        "2024-01-05 10:00 +09",
        "2024-01-05 10:00Z",
        "2024-01-05 10:00 Z",
    ),
    *("10000-01-01 00:30+01:00", "9999-12-31 23:59:59-05", "1900-01-01 00:30+01", "infinity", "epoch", "today", "now"),
    *(
        "2024-W01-5",
        "2024-005",
        "20240105T100000Z",
        "Fri, 05 Jan 2024 10:00:00 GMT",
        "5 Jan 2024",
        "2024-01-05T10:00:00.000Z\n",
    ),
]
DATES_IN_UTC = ["2024-01-05 10:00:00 UTC", "2024-01-05 10:00:00 gmt ", "2024-01-31 24:00 Utc\t"]
DATES_WITH_ZONES = [
    *("2024-01-01 00:30:00 Europe/Berlin", "2023-12-31 23:30 America/New_York", "2024-01-05 10:00 AM", "2024-01-05"),
    *(
        "2024-01-05 10:00:00  UTC",
        "2024-01-05 10:00z",
        "2024-01-05 (BC)",
        "2023-12-31 23:30:00-01: ",
        "2024-01-05 10:00 GMT0",
    ),
]

SIZES_AS_TEXT = [
    *(None, "0", "1", "01", "+1", "+-0", "-0", "1.0", "1.", " 7 ", "1e3", "1E+3", "1_000", "9007199254740991.0"),
    *("9223372036854775807", "1.50e1", ".5e1", "\t12\n", "0.000", "1e0_1"),
]


def mutated(rng, text, letters):
    """``text`` with up to three characters changed, added or left out."""
    held = list(text or "")
    for _ in range(rng.randint(0, 3)):
        at = rng.randint(0, len(held))
        kind = rng.random()
        if kind < 0.4 or at == len(held):
            held.insert(at, rng.choice(letters))
        elif kind < 0.7:
            held.pop(at)
        else:
            held[at] = rng.choice(letters)
    return "".join(held)


def test_addresses(corpus):
    rng = random.Random(1)
    known = [one for one in ODD_ADDRESSES if one]
    more = [mutated(rng, rng.choice(known), ":/\\?#@[]. \t\n%éÉ0aA-_\x01") for _ in range(3000)]
    corpus.parquet("a.parquet", {"url": ODD_ADDRESSES + more})
    found = corpus.same(corpus.plan(url="url"))
    assert corpus.tasks == 0
    assert found.authorities["a.example",] > (5, 0, 0)
    assert found.authorities["",] == (1, 0, 0)
    assert len(found.authorities) > 1000


def test_dates_as_text(corpus):
    rng = random.Random(2)
    plain = [one for one in DATES if one and not re.search("[a-su-y]", one)]
    more = [mutated(rng, rng.choice(plain), "0123456789-/ \\TZ+.(,\x01é") for _ in range(3000)]
    corpus.parquet(
        "a.parquet", {"d": [*DATES, *DATES_IN_UTC, *(one for one in more if not one.rstrip().endswith(":"))]}
    )
    corpus.parquet("b.parquet", {"d": pa.array([one and one.encode() for one in DATES], pa.binary())})
    corpus.parquet("zones.parquet", {"d": DATES_WITH_ZONES})
    found = corpus.same(corpus.plan(date="d"))
    assert corpus.tasks == 1, "only named time zones are left to DuckDB"
    assert found.facts.no_dates > 1000
    assert found.cells[None, None, 2024 * 12] > (200, 0, 0)
    assert found.cells[None, None, 9999 * 12 + 11] >= (2, 0, 0)


def test_dates_of_all_types(corpus):
    day, time = datetime.date(2024, 2, 29), datetime.datetime(2023, 12, 31, 23, 30, 0, 1)  # noqa: DTZ001
    early = datetime.datetime(1500, 1, 1)  # noqa: DTZ001
    columns = {
        "date32": pa.array([day, None, datetime.date(1500, 1, 1)]),
        "date64": pa.array([day], pa.date64()),
        "seconds": pa.array([time, None], pa.timestamp("s")),
        "milliseconds": pa.array([-1, time], pa.timestamp("ms")),
        "microseconds": pa.array([time, early], pa.timestamp("us")),
        "nanoseconds": pa.array([-1, time, None], pa.timestamp("ns")),
        "utc": pa.array([time, early], pa.timestamp("us", tz="UTC")),
        "tokyo": pa.array([time], pa.timestamp("ms", tz="Asia/Tokyo")),
        "nanoseconds_utc": pa.array([-1, time, None], pa.timestamp("ns", tz="UTC")),
        "nothing": pa.nulls(3),
        "number": pa.array([2023, 20230105]),
        "time": pa.array([datetime.time(1)]),
    }
    for name, values in columns.items():
        corpus.parquet(f"{name}.parquet", {"d": values})
    corpus.parquet("int96.parquet", {"d": pa.array([time, early, None])}, use_deprecated_int96_timestamps=True)
    found = corpus.same(corpus.plan(date="d"))
    assert found.refused == []
    assert corpus.tasks == 2, "numbers and times of day"
    assert found.cells[None, None, 2023 * 12 + 11] == (8, 0, 0)


def test_dates_at_the_ends_of_their_types(corpus):
    columns = {
        "date": pa.array([2**30], pa.date32()),
        "milliseconds": pa.array([2**62], pa.timestamp("ms")),
        "microseconds": pa.array([2**63 - 1, -(2**63)], pa.timestamp("us")),
        "utc": pa.array([2**63 - 1], pa.timestamp("us", tz="UTC")),
        "good": pa.array([0], pa.timestamp("us")),
    }
    for name, values in columns.items():
        corpus.parquet(f"{name}.parquet", {"d": values})
    found = corpus.same(corpus.plan(date="d"))
    assert found.documents == {"good.parquet": 1, "microseconds.parquet": 2, "utc.parquet": 1}


def test_sizes_of_all_types(corpus):
    whole = [0, 1, 100, None]
    types = [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()]
    for kind in (*types, pa.float32(), pa.float64(), pa.decimal128(5, 2), pa.decimal128(38, 0), pa.decimal128(20, 3)):
        corpus.parquet(f"{kind}.parquet", {"n": pa.array(whole, pa.int64()).cast(pa.float64()).cast(kind)})
    corpus.parquet("nan.parquet", {"n": pa.array([float("nan"), 2.0**53 - 1, -0.0])})
    corpus.parquet("large.parquet", {"n": pa.array([2**61], pa.uint64())})
    corpus.parquet("half.parquet", {"n": pa.array(np.array([1, 2], dtype=np.float16))})
    corpus.parquet("nothing.parquet", {"n": pa.nulls(3)})
    corpus.parquet("text.parquet", {"n": [one for one in SIZES_AS_TEXT if one != "9223372036854775807"]})
    found = corpus.same(corpus.plan(tokens="n"))
    assert found.refused == []
    assert corpus.tasks == 1, "16 bit floats"
    assert found.facts.tokens > 2**61 + 2**53


def test_sizes_that_are_none(corpus):
    bad = {
        "negative": [1, -1],
        "fraction": [1.5],
        "infinite": [float("inf")],
        "imprecise": [2.0**53],
        "unsigned": pa.array([2**63], pa.uint64()),
        "decimal": [decimal.Decimal("0.5")],
        "wide": pa.array([decimal.Decimal(10) ** 37], pa.decimal128(38, 0)),
        "words": ["7", "seven"],
        "java": ["1d"],
        "hexadecimal": ["0x10"],
        "empty": [""],
        "too_much": [2**63 - 1, 1],
        "truth": [True],
        "day": [datetime.date(2024, 1, 1)],
    }
    for name, values in bad.items():
        corpus.parquet(f"{name}.parquet", {"n": values})
    corpus.parquet("good.parquet", {"n": [1, 2]})
    found = corpus.same(corpus.plan(bytes="n"))
    assert found.documents == {"good.parquet": 2}
    assert {rule for _, rule, *_ in found.refused} == {"KJ201", "KJ207"}


def test_one_bad_file_takes_no_other_with_it(corpus):
    corpus.parquet("bad.parquet", {"n": [1, -1]})
    corpus.parquet("good.parquet", {"n": [1, 2]})
    found = corpus.same(corpus.plan(bytes="n"))
    assert corpus.tasks == 0
    assert found.documents == {"good.parquet": 2}
    assert found.refused == [("bad.parquet", "KJ207", "column 'n' holds a negative value", None, "files.columns.bytes")]


def test_texts(corpus):
    texts = ["", "a", "é", "\U0001f600", "a\x00b", None, "z" * 100_000]
    corpus.parquet("a.parquet", {"t": texts, "l": ["en", "", " ", "EN", "ja\x00", None, "é"]})
    corpus.parquet("binary.parquet", {"t": pa.array([b"\xff\xfe", b"", None]), "l": pa.array([b"en", b"", None])})
    corpus.parquet("nothing.parquet", {"t": pa.nulls(2), "l": pa.nulls(2)})
    corpus.parquet("dictionary.parquet", {"t": pa.array(["a", "a", None]).dictionary_encode(), "l": ["de"] * 3})
    corpus.parquet("list.parquet", {"t": ["a"], "l": [["en", "ja"]]})
    corpus.parquet("truth.parquet", {"t": ["a"], "l": [True]})
    corpus.parquet("float.parquet", {"t": ["a"], "l": [1e20]})
    for name, column in (("text", "t"), ("language", "l")):
        wrong = pa.array([b"ok", b"\xff"]).view(pa.string())
        corpus.parquet(f"wrong-{name}.parquet", {"t": ["a", "a"], "l": ["en", "en"], column: wrong})
    found = corpus.same(corpus.plan(text="t", language="l", licence="l"))
    assert corpus.tasks == 3
    assert [name for name, *_ in found.refused] == ["wrong-language.parquet", "wrong-text.parquet"]
    assert found.facts.bytes == 100_000 + 1 + 2 + 4 + 3 + 2 + 2 + 3


def test_names_of_columns(corpus):
    names = ["a.b", "A", "a", "`x`", '"q"', "é", " ", "_metadata"]
    for at, name in enumerate(names):
        corpus.parquet(f"{at}.parquet", {name: [1, 2], "other" + name: ["x", "y"]})
        assert (
            corpus.same(corpus.plan(f"{at}.parquet", tokens=name)).facts.tokens == 3 if name in ("a.b", "`x`") else True
        )
    found = corpus.same(corpus.plan(tokens="a"))
    assert found.documents == {"2.parquet": 2}


def test_columns_that_are_not_there_or_twice(corpus):
    corpus.parquet("a.parquet", {"tokens": [1], "o": [1]})
    corpus.parquet("b.parquet", {"token": [1]})
    corpus.parquet("c.parquet", {"s": [{"tokens": 1}]})
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2]), pa.array([3])], ["tokens", "x", "x"])
    corpus.parquet("d.parquet", twice)
    corpus.parquet("e.parquet", twice.rename_columns(["x", "tokens", "tokens"]))
    found = corpus.same(corpus.plan(tokens="tokens"))
    assert found.documents == {"a.parquet": 1, "d.parquet": 1}
    assert [rule for _, rule, *_ in found.refused] == ["KJ204", "KJ204", "KJ201"]


def test_without_any_column(corpus):
    corpus.parquet("a.parquet", {"n": list(range(1000))}, row_group_size=100)
    corpus.parquet("b.parquet", {"n": pa.array([], pa.int64())})
    corpus.jsonl("c.jsonl", ["{}", "{}"])
    found = corpus.same(corpus.plan())
    assert found.cells == {(None, None, None): (1002, 0, 0)}
    assert found.documents == {"a.parquet": 1000, "b.parquet": 0, "c.jsonl": 2}


def test_lines(corpus):
    lines = [
        '{"u": "http://a.example/", "n": 1.0, "l": 1.0, "d": 2024}',
        '{"n": 1e3, "l": {"a": [1,  2]}}',
        "",
        '{"l": null}',
    ]
    more = ['{"l": "\\u00e9\\ud83d\\ude00", "n": "7"}', '{"l": true}', '{"u": "http:\\/\\/b.example\\/x"}\r']
    for name in ("a.jsonl", "b.jsonl.gz", "c.jsonl.zst"):
        corpus.jsonl(name, lines + more)
    corpus.bytes("broken.jsonl", b'{"n": 1}\n{"n": \n')
    corpus.bytes("twice.jsonl", b'{"l": true, "l": "en"}\n')
    corpus.bytes("list.jsonl", b'{"n": 1}\n[1]\n')
    corpus.bytes("null.jsonl", b'{"n": 1}\nnull\n')
    corpus.bytes("utf8.jsonl", b'{"n": 1}\n{"l": "\xff"}\n')
    corpus.bytes("cut.jsonl.gz", b"")
    (corpus.root / "cut.jsonl.gz").write_bytes((corpus.root / "b.jsonl.gz").read_bytes()[:-30])
    (corpus.root / "empty.jsonl").write_bytes(b"")
    (corpus.root / "empty.jsonl.zst").write_bytes(b"")
    found = corpus.same(corpus.plan(url="u", tokens="n", language="l", date="d"))
    assert found.documents == {"a.jsonl": 6, "b.jsonl.gz": 6, "c.jsonl.zst": 6, "empty.jsonl": 0}
    assert len(found.refused) == 7
    assert found.authorities["b.example",] == (3, 0, 0)


def test_a_key_that_is_in_no_line(corpus):
    corpus.jsonl("a.jsonl", [{"tokens": 1}])
    corpus.jsonl("b.jsonl", [{"tokens": None}, {"other": 1}])
    corpus.parquet("c.parquet", {"token": [5]})
    found = corpus.by_spark(corpus.plan(tokens="token"))
    assert found.documents == {"c.parquet": 1}
    assert found.refused == [
        (name, "KJ204", "no column 'token' for tokens; did you mean 'tokens'?", None, "files.columns.tokens")
        for name in ("a.jsonl", "b.jsonl")
    ]
    assert found.cells == {(None, None, None): (1, 0, 5)}
    assert corpus.by_spark(corpus.plan("*.jsonl", tokens="tokens")).documents == {"a.jsonl": 1, "b.jsonl": 2}


def test_broken_files(corpus):
    rows = {"n": list(range(5000)), "l": [f"l{at}" for at in range(5000)]}
    corpus.parquet("good.parquet", rows)
    corpus.parquet("page.parquet", rows, compression="none", use_dictionary=False)
    data = bytearray((corpus.root / "page.parquet").read_bytes())
    data[2000:20000] = b"\xff" * 18000
    (corpus.root / "page.parquet").write_bytes(data)
    corpus.parquet("cut.parquet", rows)
    (corpus.root / "cut.parquet").write_bytes((corpus.root / "cut.parquet").read_bytes()[:-100])
    (corpus.root / "empty.parquet").write_bytes(b"")
    (corpus.root / "words.parquet").write_bytes(b"no Parquet file at all")
    (corpus.root / "gone.parquet").symlink_to(corpus.root / "nowhere")
    found = corpus.same(corpus.plan(tokens="n", language="l"))
    assert found.documents == {"good.parquet": 5000}
    assert len(found.refused) == 5


def test_a_footer_that_states_more_rows(corpus):
    corpus.parquet("good.parquet", {"n": [1, 2]})
    path = corpus.parquet("more.parquet", {"n": [7] * 1000})
    # 1000 as a varint of Thrift, in the footer: of the row group, and of the file.
    data = path.read_bytes()
    start = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    assert data[start:].count(b"\xd0\x0f") >= 2
    path.write_bytes(data[:start] + data[start:].replace(b"\xd0\x0f", b"\xd2\x0f"))
    found = corpus.by_spark(corpus.plan(tokens="n"))
    assert found.documents == {"good.parquet": 2}
    assert [name for name, *_ in found.refused] == ["more.parquet"]


def test_totals_beyond_64_bits(corpus):
    from kaiji.errors import StageError

    for name in ("a", "b", "c"):
        corpus.parquet(f"{name}.parquet", {"n": [2**62]})
    with pytest.raises(StageError, match="more than 64 bits hold"):
        corpus.by_spark(corpus.plan(tokens="n"))


def test_random_splits_and_mixed_formats(corpus):
    rng = random.Random(3)
    rows = [
        {
            "url": rng.choice(
                [rng.choice(ODD_ADDRESSES), f"https://h{int(rng.paretovariate(0.7)) % 900}.example/{at}"]
            ),
            "language": rng.choice([None, "en", "ja", "", "zh-Hant"]),
            "licence": rng.choice([None, "CC0-1.0", "MIT"]),
            "date": rng.choice(
                [*DATES, *DATES_IN_UTC, f"20{rng.randint(10, 24)}-{rng.randint(1, 12):02}-11T10:00:00Z"]
            ),
            "bytes": rng.choice([None, 0, rng.randint(0, 10**6)]),
            "tokens": rng.choice([None, rng.randint(0, 10**12)]),
        }
        for at in range(4000)
    ]
    columns = {name: name for name in rows[0]}
    schema = pa.schema([(name, pa.int64() if name in ("bytes", "tokens") else pa.string()) for name in columns])
    corpus.parquet("whole.parquet", pa.Table.from_pylist(rows, schema))
    expected = corpus.by_duckdb(corpus.plan("whole.parquet", **columns))
    rng.shuffle(rows)
    at = number = 0
    while at < len(rows):
        part = rows[at : at + rng.randint(1, 700)]
        at, number = at + len(part), number + 1
        form = rng.choice(["parquet", "parquet", "jsonl", "jsonl.gz", "jsonl.zst"])
        if form == "parquet":
            table = pa.Table.from_pylist(part, schema)
            narrow = table.cast(
                pa.schema(
                    [
                        (name, rng.choice([kind, kind, pa.large_string()]) if kind == pa.string() else kind)
                        for name, kind in zip(schema.names, schema.types, strict=True)
                    ]
                )
            )
            corpus.parquet(f"part-{number}.parquet", narrow, row_group_size=rng.randint(1, 300))
        else:
            corpus.jsonl(f"part-{number}.{form}", part)
    found = corpus.by_spark(corpus.plan("part-*", **columns))
    assert found.refused == []
    assert found.cells == expected.cells
    assert found.authorities == expected.authorities
    assert found.facts[:5] == expected.facts[:5]
    assert found.facts.no_dates == expected.facts.no_dates
    assert 0 < corpus.tasks < number


def test_a_saved_dataset(corpus):
    from datasets import Dataset

    Dataset.from_dict({"u": ["http://a.example/x", None], "n": [1, 2]}).save_to_disk(str(corpus.root / "saved"))
    corpus.parquet("a.parquet", {"u": ["http://a.example/y"], "n": [4]})
    found = corpus.same(corpus.plan(url="u", tokens="n"))
    assert found.authorities == {("a.example",): (2, 0, 5), ("",): (1, 0, 2)}


def test_a_tokenizer(corpus):
    import tokenizers

    words = tokenizers.models.WordLevel({"[UNK]": 0, "cat": 1}, unk_token="[UNK]")  # noqa: S106
    tokenizer = tokenizers.Tokenizer(words)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    folder = corpus.root.parent / "tokenizer"
    folder.mkdir()
    tokenizer.save(str(folder / "tokenizer.json"))
    corpus.parquet("a.parquet", {"t": ["a cat sat", None, ""]})
    corpus.jsonl("b.jsonl", [{"t": "two cats"}])
    plan = corpus.plan(tokenizer="../tokenizer/tokenizer.json", data_roots=["../tokenizer"], text="t")
    found = corpus.same(plan)
    assert (found.facts.tokens, found.facts.with_tokens, found.facts.bytes) == (5, 3, 17)
