"""Whole numbers are read however they are written, and nothing else is read as one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaiji.control.figures import numbers
from kaiji.control.plain_text import normalised
from kaiji.control.statements import _en, _ja


def read(text: str) -> set[int]:
    return set(numbers(normalised(text)))


WRITTEN = [
    "1234567",
    "1,234,567",
    "1 234 567",
    "1\u202f234\u202f567",
    "1\u00a0234\u00a0567",
    "1_234_567",
    "1'234'567",
    "1’234’567",
    "1.234.567",
    "1,234,567.00",
    "123万4567",
    "123万4,567",
    "123 万 4,567",
    "百二十三万四千五百六十七",
    "壱百弐拾参万四千五百六十七",
    "一二三四五六七",
    "１２３４５６７",
    "１，２３４，５６７",
    "１２３万４５６７",
    "1.234567 million",
    "1.234567 Million",
    "1.234567M",
    "1.234567 mn",
    "1234.567k",
    "1234.567 thousand",
    "1.234567百万",
    "1.234567e6",
    "1.234567E+6",
    "1.234567×10^6",
    "1.234567 × 10⁶",
    "1.234567 MB",
    "1.234567MB",
    "0.001234567 billion",
    "0.000001234567 trillion",
    "one million two hundred and thirty-four thousand five hundred sixty-seven",
]


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("around", ["{}", "約{}件", "of {} tokens", "({}).", "={};", "a 5 {}", "is {}, and 7"])
def test_ways_of_writing_a_number(written: str, around: str) -> None:
    assert 1_234_567 in read(around.format(written))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1兆2,345億6,700万トークン", 1_234_567_000_000),
        ("1.5 GiB", 3 * 2**29),
        ("三億", 300_000_000),
        ("十二", 12),
        ("1,234 tokens", 1234),
        ("1234567tokens", 1_234_567),
        ("12 345 678 items", 12_345_678),
        ("12 345 678 items", 345_678),
        ("5 123,456", 123_456),
        ("123,456 789", 123_456),
        ("99 123", 123),
    ],
)
def test_numbers_in_a_text(text: str, value: int) -> None:
    assert value in read(text)


@pytest.mark.parametrize(
    "text",
    [
        "#1234567",
        "0x1234567",
        "a1234567",
        "1234567b2",
        "e3b1234567c",
        "v1.2.1234567",
        "1,234,5678",
        "12,34,567",
        "1.2345678",
        "from 1,000 to 3,000",
        "100万件以上300万件未満",
        "2026-11-22",
        "2026年11月22日",
        "03-1234-5678",
    ],
)
def test_what_is_no_such_number(text: str) -> None:
    assert 1_234_567 not in read(text)


@pytest.mark.parametrize("text", ["03-1234-5678", "100-8921", "2026-11-22", "1234-5678-9012"])
def test_short_numbers_joined_by_hyphens_are_no_sizes(text: str) -> None:
    assert read(text) == set()


@given(st.integers(1, 10**19 - 1))
def test_numbers_as_statements_print_them(value: int) -> None:
    assert value in read(f"計{_ja(value)}トークン")
    assert value in read(f"a total of {_en(value)} tokens")
    assert value in read(f"{value:,}") or value < 1_000


@pytest.mark.parametrize("text", ["第5094号", "collection number 5094", "No. 50941", "5094 title"])
def test_a_bare_short_number_is_a_number_of_something_else(text: str) -> None:
    assert read(text) == set()


@pytest.mark.parametrize("text", ["5,094", "5094 tokens", "5094件", "5094トークン", "5.094k", "0.5094万"])
def test_a_short_number_with_a_sign_of_a_size_is_one(text: str) -> None:
    assert 5094 in read(text)


@given(st.text(alphabet="0123456789.,'_ eEkx×^万億千兆一二十百#-", max_size=60))
def test_no_text_is_too_strange(text: str) -> None:
    assert all(value >= 0 for value in read(text))


def test_very_long_numbers_are_read_in_good_time() -> None:
    assert len(read("9" * 100_000)) == 1
    assert len(read("123 " * 20_000)) <= 20
