import pytest

from kaiji.scan import jsonl

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


def test_a_byte_order_mark_is_not_json(release):
    release.bytes("a.jsonl", b'\xef\xbb\xbf{"n": 1}\n')
    assert [finding.id for finding in release.scan(release.source("a.jsonl", tokens="n")).findings] == ["KJ201"]


def test_line_ends_of_windows_and_a_missing_last_one(release):
    release.bytes("a.jsonl", b'{"n": 1}\r\n\r\n{"n": 2}')
    result = release.scan(release.source("a.jsonl", tokens="n"))
    assert (result.sources[0].documents, result.sources[0].tokens, result.findings) == (2, 3, ())
