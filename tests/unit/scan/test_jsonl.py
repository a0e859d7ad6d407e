# ruff: noqa: S608  (the statements of a test are its own)
import json

import duckdb
import pytest

from kaiji.scan import jsonl
from kaiji.scan.engine import Engine
from kaiji.scan.files import DataFile

FORMS = {"a.jsonl": "uncompressed", "a.jsonl.gz": "gzip", "a.jsonl.zst": "zstd"}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("reported", [1, 2, 3])
def test_the_broken_line_is_found_next_to_the_reported_one(release, name, reported):
    path = release.jsonl(name, ['{"n": 1}', "[2]", "", '{"n": 4}'])
    assert jsonl.broken_line(path, FORMS[name], reported) == 2


@pytest.mark.parametrize("line", ["[1]", "1", "null", '"x"', "{", '{"n": 1} {"n": 2}', '{"n": 1},', "x", "[" * 100_000])
def test_what_is_no_object(release, line):
    path = release.jsonl("a.jsonl", ['{"n": 1}', line])
    assert jsonl.broken_line(path, "uncompressed", 3) == 2


def test_no_line_when_none_is_broken_there(release):
    path = release.jsonl("a.jsonl", ["x", "", "  ", '{"n": 1}', '{"n": 1}'])
    assert jsonl.broken_line(path, "uncompressed", 4) is None
    assert jsonl.broken_line(path, "uncompressed", 40) is None


@pytest.mark.parametrize("name", FORMS)
def test_all_three_forms_count_the_same(release, name):
    rows = [{"t": "ab\u0000c", "n": 1, "d": "2024-01-01"}, {"t": "日本😀", "n": 2, "more": {"x": [1]}}, {"n": None}]
    release.jsonl(name, rows)
    result = release.scan(release.source("a*", text="t", tokens="n", date="d"))
    (scan,) = result.sources
    assert (scan.documents, scan.bytes, scan.tokens) == (3, 14, 3)
    assert [finding.id for finding in result.findings] == ["KJ210", "KJ210"]


def test_a_line_that_is_null_is_no_document(release):
    release.jsonl("a.jsonl", ['{"n": 1}', "null"])
    (finding,) = release.scan(release.source("a.jsonl", tokens="n")).findings
    assert (finding.id, finding.place.line) == ("KJ201", 2)


@pytest.mark.parametrize("name", FORMS)
def test_a_byte_order_mark_is_named(release, name):
    release.bytes(name, b'\xef\xbb\xbf{"n": 1}\n')
    (finding,) = release.scan(release.source(name, tokens="n")).findings
    assert (finding.id, finding.place.line) == ("KJ201", 1)
    assert "byte order mark" in finding.message


def test_a_line_longer_than_the_maximum_is_told_from_other_errors(release):
    path = release.jsonl("a.jsonl", [{"t": "x" * 40_000_000}, {"t": "y"}])
    connection = duckdb.connect()
    query = "SELECT sum(strlen(c0)) FROM {}"
    with pytest.raises(duckdb.Error) as raised:
        connection.execute(query.format(jsonl.relation(f"'{path}'", "uncompressed", ["t"])))
    assert jsonl.is_longer(raised.value)
    longest = jsonl.relation(f"'{path}'", "uncompressed", ["t"], jsonl.LONGEST_LINE)
    assert connection.execute(query.format(longest)).fetchall() == [(40_000_001,)]
    with pytest.raises(duckdb.Error) as raised:
        connection.execute(query.format(jsonl.relation("'/nowhere'", "uncompressed", ["t"])))
    assert not jsonl.is_longer(raised.value)
    connection.close()


def test_line_ends_of_windows_and_a_missing_last_one(release):
    release.bytes("a.jsonl", b'{"n": 1}\r\n\r\n{"n": 2}')
    result = release.scan(release.source("a.jsonl", tokens="n"))
    assert (result.sources[0].documents, result.sources[0].tokens, result.findings) == (2, 3, ())


TEXTS = [
    ('"plain"', False, False),
    ("12", False, False),
    ("null", False, False),
    ('""', False, False),
    ('"[sic] the {brace}"', False, False),
    ('"[1, 2]"', True, False),
    ('"{}"', True, False),
    ("[1, 2]", True, True),
    ("[]", True, True),
    ('{"role": "user"}', True, True),
]


@pytest.mark.parametrize(("value", "suspect", "nested"), TEXTS)
@pytest.mark.parametrize("key", ["t", "a/b", "a~1", 'a"b', "0", "$.t", "日本"])
def test_objects_and_lists_are_told_from_texts(release, value, suspect, nested, key):
    lines = ['{"n": 1}', f"{{{json.dumps(key)}: {value}}}", '{"t2": [1]}']
    path = release.jsonl("a.jsonl", lines)
    file = DataFile(path, "a.jsonl", "jsonl", "uncompressed")
    with Engine(release.outside, [file]) as engine:
        link = engine.link(file)
        relation = jsonl.relation(link, "uncompressed", [key])
        query = f"SELECT count({jsonl.unless_nested('c0')}) FROM {relation}"
        if suspect:
            with pytest.raises(duckdb.Error) as raised:
                engine.rows(query)
            assert jsonl.may_be_nested(raised.value)
        else:
            assert engine.rows(query) == [(0 if value == "null" else 1,)]
        assert jsonl.has_nested(engine, link, "uncompressed", key) == nested
