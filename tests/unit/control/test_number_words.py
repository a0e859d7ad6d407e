"""Figures are found in digits and in words, with all that changes what they say; words that are no figures are not."""

from fractions import Fraction

import pytest

from kaiji.control.number_words import english_numbers, figures, kanji_value
from kaiji.control.plain_text import normalised


def read(text: str) -> list[tuple[str, Fraction | None]]:
    plain = normalised(text)
    return [(plain[one.start : one.end], one.value) for one in figures(plain)]


@pytest.mark.parametrize(
    ("text", "figure", "value"),
    [
        ("12 %", "12 %", Fraction(12, 100)),
        ("１２％", "12%", Fraction(12, 100)),
        ("112 % of", "112 %", Fraction(112, 100)),
        ("12.5 %", "12.5 %", Fraction(125, 1000)),
        ("<1 %", "<1 %", Fraction(1, 100)),
        (">99%", ">99%", Fraction(99, 100)),
        ("3 per cent", "3 per cent", Fraction(3, 100)),
        ("5‰", "5‰", Fraction(5, 1000)),
        ("fewer than 5 datasets", "fewer than 5", 5),
        ("500 or more", "500 or more", 500),
        ("5件未満", "5", 5),
        ("約1,000件", "約1,000", 1000),
        ("100以上", "100以上", 100),
        ("1.2 trillion tokens", "1.2 trillion", 1_200_000_000_000),
        ("12k", "12k", 12_000),
        ("3.5bn", "3.5bn", 3_500_000_000),
        ("1兆2,345億6,700万トークン", "1兆2,345億6,700万", 1_234_567_000_000),
        ("12 thousand", "12 thousand", 12_000),
        ("3割", "3割", Fraction(3, 10)),
        ("3分の1", "3分の1", Fraction(1, 3)),
        ("2倍", "2倍", 2),
        ("三百件", "三百件", 300),
        ("千二百三十四万", "千二百三十四万", 12_340_000),
        ("三割", "三割", Fraction(3, 10)),
        ("データは千万件です", "千万件", 10**7),
        ("書籍千万冊", "千万", 10**7),
        ("十分の一", "十分の一", Fraction(1, 10)),
        ("三分の一", "三分の一", Fraction(1, 3)),
        ("約半分", "約半分", Fraction(1, 2)),
        ("半数", "半数", Fraction(1, 2)),
        ("海外の一社に", "一社", 1),
        ("九十九%", "九十九%", Fraction(99, 100)),
        ("過半数", "過半数", None),
        ("数千件", "数千", None),
        ("three hundred datasets", "three hundred", 300),
        ("Twenty-one", "twenty-one", 21),
        ("one hundred and five", "one hundred and five", 105),
        ("two million three hundred thousand", "two million three hundred thousand", 2_300_000),
        ("a dozen", "a dozen", 12),
        ("half a million", "half a million", 500_000),
        ("two and a half billion", "two and a half billion", 2_500_000_000),
        ("about half of it", "about half", Fraction(1, 2)),
        ("a third of", "a third", Fraction(1, 3)),
        ("two thirds", "two thirds", Fraction(2, 3)),
        ("twelve per cent", "twelve per cent", Fraction(12, 100)),
        ("a twofold rise", "twofold", 2),
        ("ten-fold", "ten-fold", 10),
        ("doubled", "doubled", 2),
        ("dozens of", "dozens", None),
        ("hundreds of sources", "hundreds", None),
        ("the majority", "majority", None),
        ("five point two", "five point two", None),
        ("A1b", "a1b", None),
        ("version 1.2.3", "1.2.3", None),
        ("0 minutes, 分の", "0", 0),
    ],
)
def test_figures(text: str, figure: str, value: Fraction | None) -> None:
    assert read(text) == [(figure, value)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3 of 7", ["3", "7"]),
        ("two of seven", ["two of", "seven"]),
        ("5 to 19", ["5", "19"]),
        ("from 10 million to less than 30 million tokens", ["10 million", "less than 30 million"]),
        ("2026-08-25", ["2026", "08", "25"]),
        ("hinode-7b-1.0", ["7b", "1.0"]),
        ("0分の1、零", ["0分の1"]),
        ("三件と四件", ["三件", "四件"]),
    ],
)
def test_several_figures(text: str, found: list[str]) -> None:
    assert [figure for figure, _ in read(text)] == found


@pytest.mark.parametrize(
    "text",
    [
        "Publicly available datasets",
        "third-party data",
        "no one knows, and one of them says so",
        "one another",
        "someone often weighs a tenet",
        "一般に公開された一覧",
        "一部の第三者の二次資料",
        "十分な百科事典、万が一",
        "遺憾千万である",
        "統一された三者の四半期",
        "",
    ],
)
def test_no_figures(text: str) -> None:
    assert read(text) == []


def test_nothing_divides_by_zero() -> None:
    assert read("0分の5") == [("0分の5", None)]
    assert read("〇分の三") == [("〇分の三", None)]


def test_english_numbers_of_several_words() -> None:
    said = "one million two hundred and thirty-four thousand five hundred sixty-seven tokens, one hundred files, seven"
    assert list(english_numbers(said)) == [1_234_567, 100]
    assert list(english_numbers("forty-two, twenty-five")) == []


@pytest.mark.parametrize(
    ("text", "value"), [("一二三", 123), ("千二百", 1200), ("壱億", 10**8), ("二兆三万", 2 * 10**12 + 30000)]
)
def test_kanji(text: str, value: int) -> None:
    assert kanji_value(text) == value
