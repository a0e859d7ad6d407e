import gzip
import json
from datetime import UTC, date, datetime

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import second_opinion
from corpus_urls import ODD_URLS

ODD = {
    # no URL, or none without a base
    "": "(invalid)",
    " ": "(invalid)",
    "no address at all": "(invalid)",
    "www.nowhere.example/without-scheme": "(invalid)",
    "//cdn.somewhere.example/x.js": "(invalid)",
    "http://": "(invalid)",
    # schemes without a host, or with one of another kind
    "mailto:someone@mail.example": "(no-host)",
    "javascript:history.back()": "(no-host)",
    "data:text/plain,http://a.example/": "(no-host)",
    "about:blank": "(no-host)",
    "file:///home/me/a.txt": "(no-host)",
    "file://server.example/share": "server.example",
    "s3://Some-Bucket/key": "(opaque)",
    "foo://[::1]/x": "(ip)",
    "ftp://files.somewhere.example/pub/": "somewhere.example",
    "wss://live.somewhere.example/feed": "somewhere.example",
    # slashes, at signs, queries and fragments around the host
    "http:///three-slashes": "(suffix)",
    "https:/one.slash.example/": "slash.example",
    "https:no.slash.example/a": "slash.example",
    "http:\\\\back.slash.example\\a": "slash.example",
    "http://good.example\\@bad.example/": "good.example",
    "http://a@b@two.ats.example/": "ats.example",
    "http://query.example?x=http://other.example/": "query.example",
    "http://hash.example#a@b": "hash.example",
    # rules of the list: none, normal, private, wildcard, exception
    "http://localhost/": "(suffix)",
    "http://intranet:8080/start": "(suffix)",
    "http://com/": "(suffix)",
    "http://co.jp/": "(suffix)",
    "http://github.io/x": "(suffix)",
    "http://kawasaki.jp/": "kawasaki.jp",  # only what stands below it is a suffix
    "http://some.kawasaki.jp/": "(suffix)",
    "http://www.ck/": "www.ck",
    "http://shop.www.ck/": "www.ck",
    "http://some.ck/": "(suffix)",
    "http://city.kawasaki.jp./": "city.kawasaki.jp",
    # dots and characters in names
    "http://www.dotted.example./a": "dotted.example",
    "http://two.dots.example../": "(empty-label)",
    "http://.lead.example/": "(empty-label)",
    "http://a..b.example/": "(empty-label)",
    "http://./": "(empty-label)",
    "http://-dash-.example.org/": "example.org",
    "http://under_score.example.org/": "example.org",
    "http://spa ce.example/": "(invalid)",
    "http://a<b.example/": "(invalid)",
    'http://quo"ted.example/': 'quo"ted.example',
    "http://tab\tbed.example/a": "tabbed.example",
    "http://line\nfeed.example/": "linefeed.example",
    " http://outer.example/ ": "outer.example",
    # addresses
    "http://192.0.2.33/": "(ip)",
    "http://0xc0.0.0x2.041/": "(ip)",
    "http://3221226017/": "(ip)",
    "http://192.0.2.999/": "(invalid)",
    "http://1.2.3.4.5/": "(invalid)",
    "http://name.9/": "(invalid)",
    "https://[2001:DB8::1]:8443/x": "(ip)",
    "http://[2001:db8::zz]/": "(invalid)",
    "http://2001:db8::1/": "(invalid)",
    # ports
    "http://port.example:99999/": "(invalid)",
    "http://port.example:00080/": "port.example",
    "http://port.example:8a/": "(invalid)",
    "http://port.example:/x": "port.example",
    # case, percent encoding, IDN
    "HTTP://SHOUT.EXAMPLE.ORG/A": "example.org",
    "http://%65ncoded.example/": "encoded.example",
    "http://en%2Ecoded.example/": "coded.example",
    "http://en%2Fcoded.example/": "(invalid)",
    "http://b%C3%BCro.example/": "xn--bro-hoa.example",
    "http://BÜRO.example/": "xn--bro-hoa.example",
    "http://xn--bro-hoa.example/": "xn--bro-hoa.example",
    "http://full．width。example/": "width.example",
    "http://straße.example/": "xn--strae-oqa.example",
    "http://soft\u00adhyphen.example/": "softhyphen.example",
    "http://例え.テスト/パス": "xn--r8jz45g.xn--zckzah",
    "https://שלום.example/": "xn--9dbne9b.example",
    "http://xn--a.example/": "(invalid)",
}


def test_every_odd_form_of_the_corpus_is_here():
    assert sorted(ODD) == sorted(ODD_URLS)


@pytest.mark.parametrize(("url", "domain"), ODD.items(), ids=map(ascii, ODD))
def test_domain_of_odd_urls(url, domain):
    assert second_opinion.domain_of(second_opinion.host_of(url)) == domain


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("a.b.com", 1),
        ("com", 1),
        ("a.b.co.uk", 2),
        ("a.github.io", 2),  # private section
        ("a.b.s3.amazonaws.com", 3),
        ("a.b.kawasaki.jp", 3),  # *.kawasaki.jp
        ("kawasaki.jp", 1),  # the wildcard does not match its own parent
        ("a.city.kawasaki.jp", 2),  # !city.kawasaki.jp
        ("a.xn--p1ai", 1),
        ("a.b.nosuchtld", 1),
    ],
)
def test_suffix_by_the_formal_algorithm(name, count):
    assert second_opinion.suffix_labels(name.split(".")) == count


ROWS = [
    # url, language, licence, date, bytes, tokens
    ("https://www.one.example/a", "en", "MIT", datetime(2024, 5, 31, 23, 59, 59, tzinfo=UTC), 10, 1),
    ("http://ONE.example:8080/b", "en", "MIT", datetime(2024, 5, 1, tzinfo=UTC), 20, 2),
    ("https://reader:x@one.example/c/d", "ja", None, datetime(2024, 6, 1, tzinfo=UTC), 30, 3),
    ("https://two.example/?x=http://one.example/", "", "", None, 40, 4),
    ("https://two.example", None, None, datetime(1899, 1, 1, tzinfo=UTC), 50, None),
    ("https://two.example/ ", "en", "MIT", datetime(2024, 5, 2, tzinfo=UTC), 60, 6),
    (None, "en", None, None, 70, 7),
    ("", "en", None, None, 80, 8),
]
NAMES = ("url", "language", "licence", "date", "bytes", "tokens")
COLUMNS = {name: f"c_{name}" for name in NAMES}
DOMAINS = [
    ("(invalid)", 1, 80, 8),
    ("(none)", 1, 70, 7),
    ("one.example", 3, 60, 6),
    ("two.example", 3, 150, 10),
]
CELLS = [
    (None, None, None, 2, 90, 4),
    ("en", None, None, 2, 150, 15),
    ("en", "MIT", "2024-05", 3, 90, 9),
    ("ja", None, "2024-06", 1, 30, 3),
]


@pytest.fixture(params=["parquet", "jsonl", "both"])
def shards(request, tmp_path):
    """The rows above in two shards."""
    paths = []
    for number, rows in enumerate((ROWS[:3], ROWS[3:])):
        if request.param == "parquet" or (request.param == "both" and number):
            columns = {COLUMNS[name]: values for name, values in zip(NAMES, zip(*rows, strict=True), strict=True)}
            table = pa.table(columns).append_column("not mapped" if number else "other", pa.nulls(len(rows)))
            paths.append(tmp_path / f"{number}.parquet")
            pq.write_table(table, paths[-1])
        else:
            paths.append(tmp_path / f"{number}.jsonl.gz")
            with gzip.open(paths[-1], "wt", encoding="utf-8") as out:
                for row in rows:
                    named = {COLUMNS[name]: value for name, value in zip(NAMES, row, strict=True)}
                    named["c_date"] = named["c_date"] and named["c_date"].isoformat()
                    out.write(json.dumps(named, ensure_ascii=False) + "\n")
    return paths


def test_cells_of_shards(shards):
    found = second_opinion.cells(shards, COLUMNS)
    assert found.columns == ["language", "licence", "month", "documents", "bytes", "tokens"]
    assert found.rows() == CELLS


def test_domains_of_shards(shards):
    found = second_opinion.domains(shards, COLUMNS)
    assert found.columns == ["domain", "documents", "bytes", "tokens"]
    assert found.rows() == DOMAINS


def test_what_is_not_mapped_is_null(shards):
    only_url = {"url": "c_url"}
    assert second_opinion.cells(shards, only_url).rows() == [(None, None, None, 8, None, None)]
    assert second_opinion.domains(shards, only_url).rows() == [(name, count, None, None) for name, count, *_ in DOMAINS]
    found = second_opinion.domains(shards, {"url": "c_url", "tokens": "c_tokens"})
    assert found.schema == {"domain": pl.String, "documents": pl.Int64, "bytes": pl.Int64, "tokens": pl.Int64}
    assert found["tokens"].to_list() == [8, 7, 6, 10]


def test_text_is_measured_only_without_sizes(tmp_path):
    pq.write_table(pa.table({"text": ["né", "火", None], "size": [1, 1, 1]}), tmp_path / "a.parquet")
    without, with_sizes = ({"text": "text"}, {"text": "text", "bytes": "size"})
    assert second_opinion.cells([tmp_path / "a.parquet"], without)["bytes"].to_list() == [6]
    assert second_opinion.cells([tmp_path / "a.parquet"], with_sizes)["bytes"].to_list() == [3]


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2024-05", "2024-05"),
        ("2024-05-31", "2024-05"),
        ("2024-05-31 23:30", "2024-05"),
        ("2024-05-01T00:30:00+09:00", "2024-04"),
        ("2024-05-31T20:00:00-05:00", "2024-06"),
        ("2024-05-31T23:59:59.999Z", "2024-05"),
        ("2024-13-01", None),
        ("n/a", None),
        ("1899-12-31", None),
    ],
)
def test_month_of_text(tmp_path, text, month):
    pq.write_table(pa.table({"d": [text]}), tmp_path / "a.parquet")
    assert second_opinion.cells([tmp_path / "a.parquet"], {"date": "d"})["month"].to_list() == [month]


@pytest.mark.parametrize(
    ("value", "month"),
    [(date(2024, 5, 31), "2024-05"), (datetime(2024, 5, 31, 23, tzinfo=UTC), "2024-05")],
)
def test_month_of_dates(tmp_path, value, month):
    zone = pa.timestamp("s", "Asia/Tokyo") if isinstance(value, datetime) else pa.date32()
    pq.write_table(pa.table({"d": pa.array([value], zone)}), tmp_path / "a.parquet")
    assert second_opinion.cells([tmp_path / "a.parquet"], {"date": "d"})["month"].to_list() == [month]
