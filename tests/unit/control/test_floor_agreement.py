"""Figures: true of the data, and the same in both languages, all files and for all audiences."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from kaiji.control.floor_agreement import (
    Printed,
    Reading,
    audiences_agree,
    files_agree,
    languages_agree,
    reading,
    true_of_data,
)
from kaiji.control.floor_facets import Problem
from kaiji.control.statements import Statement, count_band, month, share, total_band
from kaiji.terms import Audience, Unit

F = Fraction
PUBLIC, REGULATOR = Audience.PUBLIC, Audience.REGULATOR
TEN = share("a", 10, 100, Decimal(1))
TOTAL = total_band("t", 12_345_678, Unit.TOKENS)


def said(statement: Statement, **texts: str) -> Statement:
    return statement.model_copy(update={"text": statement.text.model_copy(update=texts)})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12.5 %", Reading((F("12.5"),), False, False, False)),
        ("<1 %", Reading((F(1),), True, False, False)),
        ("＞99％", Reading((F(99),), False, True, False)),
        ("from 3 million to less than 10 million tokens", Reading((F(3 * 10**6), F(10**7)), True, True, False)),
        ("300万トークン以上1,000万トークン未満", Reading((F(3 * 10**6), F(10**7)), True, True, False)),
        ("1兆2,500億", Reading((F(125 * 10**10),), False, False, False)),
        ("1.25 trillion", Reading((F(125 * 10**10),), False, False, False)),
        ("fewer than 5", Reading((F(5),), True, False, False)),
        ("2026年9月", Reading((F(9), F(2026)), False, False, False)),
        ("September 2026", Reading((F(9), F(2026)), False, False, False)),
        ("none", Reading((), False, False, True)),
        ("なし", Reading((), False, False, True)),
    ],
)
def test_reading(text: str, expected: Reading) -> None:
    assert reading(text) == expected


def test_figures_that_are_true() -> None:
    truths = {"a": (F("10.4"),), "t": (F(1), F(12_345_678))}
    assert list(true_of_data({"a": TEN, "t": TOTAL}, truths)) == []


def test_a_figure_that_is_not_true_and_one_that_nothing_is_known_of() -> None:
    assert list(true_of_data({"a": TEN, "t": TOTAL}, {"a": (F("12.5"), F(13))})) == [
        Problem("KJ416", "the figure a is not true of the data", "10 %; exactly 12.5 or 13"),
        Problem("KJ416", "nothing was computed to hold the figure t against", ""),
    ]


GOOD = [
    TEN,
    share("a", 1, 1000, Decimal(1)),
    share("a", 999, 1000, Decimal("0.5")),
    total_band("a", 5, Unit.SECONDS),
    total_band("a", 10**16, Unit.BYTES),
    total_band("a", 0, Unit.ITEMS),
    count_band("a", 7),
    count_band("a", 700),
    month("a", "2026-09"),
]


@pytest.mark.parametrize("statement", GOOD, ids=lambda one: one.text.en)
def test_both_languages_say_the_same(statement: Statement) -> None:
    assert list(languages_agree({"a": statement})) == []


@pytest.mark.parametrize(
    ("statement", "texts"),
    [
        (TEN, {"ja": "12%"}),
        (TEN, {"ja": "<10%"}),
        (TEN, {"en": "none"}),
        (TOTAL, {"ja": "1,000万トークン以上3億トークン未満"}),
        (TOTAL, {"en": "10 million tokens"}),
        (count_band("a", 7), {"ja": "5〜99件"}),
        (month("a", "2026-09"), {"en": "August 2026"}),
    ],
)
def test_languages_that_say_different_things(statement: Statement, texts: dict[str, str]) -> None:
    wrong = said(statement, **texts)
    detail = f"{wrong.text.ja} / {wrong.text.en}"
    message = "the figure a says different things in Japanese and English"
    assert list(languages_agree({"a": wrong})) == [Problem("KJ417", message, detail)]


def test_a_text_outside_of_its_own_interval() -> None:
    wrong = said(TEN, ja="12%", en="12 %")
    message = "the text of the figure a is not in its own interval"
    assert list(languages_agree({"a": wrong})) == [Problem("KJ417", message, "12 %")]


def printed(path: str, language: Any = "en", document: str = "code", **figures: str) -> Printed:
    return Printed(path, document, language, PUBLIC, figures)


PUBLISHED = {PUBLIC: {"a": TEN, "t": TOTAL}}
HTML = printed("code.en.html", a="10 %", t="from 10 million to less than 30 million tokens")
JAPANESE = printed("code.ja.html", "ja", a="１０％", t="1,000万トークン以上3,000万トークン未満")


def test_files_that_agree() -> None:
    spaced = printed("code.en.pdf", a="10\u00a0%", t="from 10 million to\nless than 30 million tokens")
    card = printed("card.md", document="card", a="10 %")
    assert list(files_agree([HTML, JAPANESE, spaced, card], PUBLISHED)) == []


def test_a_file_that_prints_another_text() -> None:
    wrong = printed("code.en.md", a="10.4 %", t=HTML.figures["t"])
    message = "code.en.md prints the figure a differently"
    assert list(files_agree([HTML, wrong], PUBLISHED)) == [(PUBLIC, Problem("KJ417", message, "10.4 %; 10 %"))]


def test_a_file_that_lacks_a_figure_and_one_that_has_too_many() -> None:
    less = printed("code.en.md", a="10 %")
    more = printed("code.en.pdf", a="10 %", t=HTML.figures["t"], x="7")
    assert list(files_agree([HTML, less], PUBLISHED)) == [
        (PUBLIC, Problem("KJ417", "code.en.md lacks the figure t, which other files of the document have", ""))
    ]
    assert list(files_agree([more], PUBLISHED)) == [
        (PUBLIC, Problem("KJ417", "code.en.pdf prints the figure x, which is not published", ""))
    ]


@pytest.mark.parametrize(
    ("public", "regulator", "agree"),
    [
        (TEN, TEN, True),
        (share("a", 10, 100, Decimal(5)), TEN, True),
        (TEN, share("a", 10, 100, Decimal(5)), False),
        (TEN, share("a", 20, 100, Decimal("0.1")), False),
        (total_band("a", 10**16, Unit.BYTES), total_band("a", 2 * 10**16, Unit.BYTES), True),
        (total_band("a", 10**14, Unit.BYTES), total_band("a", 10**16, Unit.BYTES), False),
        (share("a", 1, 1000, Decimal(1)), share("a", 1, 1000, Decimal("0.1")), True),
        (TEN.model_copy(update={"low_open": True}), TEN.model_copy(update={"low_open": False}), False),
        (TEN.model_copy(update={"low_open": False}), TEN.model_copy(update={"low_open": True}), True),
        (TEN, TEN.model_copy(update={"unit": Unit.BYTES}), False),
        (TEN.model_copy(update={"id": "b"}), share("a", 20, 100, Decimal(1)), True),
    ],
)
def test_the_coarser_figure_contains_the_finer_one(public: Statement, regulator: Statement, agree: bool) -> None:
    found = list(audiences_agree({PUBLIC: {public.id: public}, REGULATOR: {regulator.id: regulator}}))
    message = "the figure a for the public does not contain that for authorities"
    assert found == ([] if agree else [Problem("KJ417", message, f"{public.text.en}; {regulator.text.en}")])


def test_one_audience_alone_agrees() -> None:
    assert list(audiences_agree({PUBLIC: {"a": TEN}})) == []
