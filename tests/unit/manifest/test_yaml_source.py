import math
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from kaiji.errors import ManifestError
from kaiji.findings import Finding
from kaiji.manifest.yaml_parser import events
from kaiji.manifest.yaml_source import MAX_BYTES, Document, key_path, read, shown

MANIFESTS = Path(__file__).parents[2] / "conformance" / "manifests"


def data(text: str) -> object:
    document = read(text.encode(), "a.yaml")
    assert not document.findings
    return document.data


def refused(content: bytes) -> Finding:
    with pytest.raises(ManifestError) as error:
        read(content, "a.yaml")
    return error.value.findings[-1]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("Yes", "Yes"),
        ("on", "on"),
        ("true", True),
        ("FALSE", False),
        ("", None),
        ("~", None),
        ("Null", None),
        ("nUll", "nUll"),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("-7", -7),
        ("+7", 7),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("2026-11-22", "2026-11-22"),
        ("1.50", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-.inf", -math.inf),
        ("1.0.0", "1.0.0"),
        ("=", "="),
        ('"12"', "12"),
        ("'true'", "true"),
        ('"\\u898b\\/"', "見/"),
    ],
)
def test_a_scalar_follows_the_core_schema(written: str, value: object) -> None:
    assert data(f"key: {written}\n") == {"key": value}
    assert type(data(f"key: {written}\n")["key"]) is type(value)  # type: ignore[index]


def test_not_a_number() -> None:
    assert math.isnan(data("[.nan]")[0])  # type: ignore[index]


def test_an_anchor_stands_for_its_value_and_may_be_set_again() -> None:
    assert data("a: &x [1]\nb: *x\nc: &x 2\nd: *x\n") == {
        "a": [1],
        "b": [1],
        "c": 2,
        "d": 2,
    }


def test_places_of_keys_and_values() -> None:
    document = read(b"a:\n  - b: 1\n    c: {d: 2}\n  - *x\n".replace(b"*x", b"e"), "m.yaml")
    assert str(document.place(("a",))) == "m.yaml:1:1"
    assert str(document.place(("a", 0, "c", "d"))) == "m.yaml:3:9"
    assert str(document.place(("a", 0, "c", "d"), value=True)) == "m.yaml:3:12"
    assert str(document.place(("a", 1))) == "m.yaml:4:5"
    nearest = document.place(("a", 0, "nothing", "here"))
    assert (str(nearest), nearest.key) == ("m.yaml:2:5", "a[0].nothing.here")
    assert [place.key for place in document.places()] == ["a", "a[0]", "a[0].b", "a[0].c", "a[0].c.d", "a[1]"]


def test_an_alias_is_placed_where_it_stands() -> None:
    document = read(b"a: &x {k: 1}\nb: *x\n", "m.yaml")
    assert str(document.place(("b",), value=True)) == "m.yaml:2:1"
    assert str(document.place(("b", "k"))) == "m.yaml:1:8"


def test_a_byte_order_mark_moves_no_column() -> None:
    assert str(read("\ufeffa: x\n".encode(), "m.yaml").place(("a",), value=True)) == "m.yaml:1:4"


def test_a_key_that_stands_twice_names_both_places_and_the_first_is_kept() -> None:
    document = read(b"a:\n  - b: 1\n    b: 2\n", "m.yaml")
    assert document.data == {"a": [{"b": 1}]}
    (finding,) = document.findings
    assert (finding.id, str(finding.place)) == ("KJ103", "m.yaml:3:5")
    assert finding.place is not None
    assert finding.place.key == "a[0].b"
    assert "line 2, column 5" in finding.message


@pytest.mark.parametrize(
    ("content", "rule", "place"),
    [
        (b"a:\n\tb: 1\n", "KJ102", "a.yaml:2:1"),
        (b"a: !x 1", "KJ102", "a.yaml:1:4"),
        (b"! a", "KJ102", "a.yaml:1:1"),
        (b"--- 1\n--- 2\n", "KJ102", "a.yaml:2:1"),
        (b"a\n...\nb", "KJ102", "a.yaml:3:1"),
        (b"%YAML 1.1\n---\na", "KJ102", "a.yaml:2:1"),
        (b"%YAML 2.0\n---\na", "KJ102", "a.yaml:1:1"),
        (b'a: "x', "KJ102", "a.yaml:1:6"),
        (b'a: "\\UFFFFFFFF"', "KJ102", "a.yaml:1:2"),
        (b"a: \x00", "KJ102", "a.yaml:1:4"),
        (b"a: *x", "KJ102", "a.yaml:1:4"),
        (b"a: &x [*x]", "KJ111", "a.yaml:1:8"),
        (b"[" * 100_000, "KJ111", "a.yaml:1:41"),
        (b"- " * 100, "KJ111", "a.yaml:1:81"),
        (b"? [a]\n: b", "KJ106", "a.yaml:1:3"),
        (b"a: x\r\nb: \xe9\r\n", "KJ110", "a.yaml:2"),
        (b"\xff\xfea\x00", "KJ110", "a.yaml:1"),
        (b" " * (MAX_BYTES + 1), "KJ111", "a.yaml"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_cannot_be_read_is_refused_with_its_place(content: bytes, rule: str, place: str) -> None:
    finding = refused(content)
    assert (finding.id, str(finding.place)) == (rule, place)


def test_aliases_that_multiply_are_refused_before_they_are_followed() -> None:
    names = "abcdefghijklmnop"
    lines = ["a: &a [" + "x, " * 10 + "]"]
    lines += [f"{n}: &{n} [" + f"*{m}, " * 10 + "]" for m, n in pairwise(names)]
    assert refused("\n".join(lines).encode()).id == "KJ111"


def test_a_key_or_value_is_shown_on_one_line_and_cut() -> None:
    assert shown("a\nb\x1b") == "a\\u{a}b\\u{1b}"
    assert len(shown("x" * 500)) == 60
    assert key_path(("sources", 2, "declared", "tokens")) == "sources[2].declared.tokens"


def _as_tuples(parsed: object) -> list[tuple[object, ...]]:
    return [
        (
            type(event).__name__,
            getattr(event, "value", None),
            getattr(event, "anchor", None),
            event.start_mark.line,
            event.start_mark.column,
            event.end_mark.line,
            event.end_mark.column,
        )
        for event in parsed  # type: ignore[attr-defined]
    ]


def _upstream(text: str) -> object:
    try:
        return _as_tuples(YAML(typ="safe", pure=True).parse(text))
    except Exception as error:  # whatever it refuses, the fast parser must refuse as well
        return type(error)


def _fast(text: str) -> object:
    try:
        return _as_tuples(events(text))
    except Exception as error:
        return type(error)


@pytest.mark.parametrize("path", sorted(MANIFESTS.glob("**/*.yaml")), ids=lambda path: str(path.relative_to(MANIFESTS)))
def test_the_fast_parser_gives_the_events_of_the_plain_one(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert _fast(text) == _upstream(text)


PIECES = [*"ab1:-?,[]{}#&*!|>'\"%@` \t\n\r~.<=", "見", ": ", "- ", "\n  ", "\n- ", " #", "''", "\\n", "---\n", "\ufeff"]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_the_fast_parser_agrees_on_any_text(text: str) -> None:
    assert _fast(text) == _upstream(text)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.binary(max_size=60), st.lists(st.sampled_from(PIECES), max_size=40).map(lambda p: "".join(p).encode()))
)
def test_any_bytes_are_read_or_refused_with_findings(content: bytes) -> None:
    try:
        document = read(content, "a.yaml")
    except ManifestError as error:
        assert error.findings
        assert all("\n" not in finding.line() for finding in error.findings)
    else:
        assert isinstance(document, Document)
        assert all(place.line for place in document.places())
