"""What is written is read: every whole number in English words, in kanji and in digits, alone and inside a sentence."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from kaiji.control.artefact import Segment
from kaiji.control.known_texts import KnownTexts, Text, unexplained
from kaiji.control.number_words import english_numbers, figures, kanji_value
from kaiji.control.plain_text import normalised
from kaiji.control.statements import share, total_band
from kaiji.terms import Unit

OFTEN = settings(max_examples=150, deadline=None)
NUMBERS = st.one_of(
    st.integers(1, 10**3),
    st.integers(1, 10**15 - 1),
    st.builds(lambda a, b: a * 10**b, st.integers(1, 99), st.integers(0, 12)),
)
SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def english(number: int) -> str:
    """``number`` in English words."""
    for value, word in ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand")):
        if number >= value:
            head, rest = divmod(number, value)
            return f"{english(head)} {word}" + (f" {english(rest)}" if rest else "")
    if number >= 100:
        head, rest = divmod(number, 100)
        return f"{SMALL[head]} hundred" + (f" and {english(rest)}" if rest else "")
    if number >= 20:
        return TENS[number // 10 - 2] + (f"-{SMALL[number % 10]}" if number % 10 else "")
    return SMALL[number]


def kanji(number: int) -> str:
    """``number`` in kanji with units."""
    text = ""
    for value, word in ((10**12, "兆"), (10**8, "億"), (10**4, "万")):
        head, number = divmod(number, value)
        text += f"{kanji(head)}{word}" if head else ""
    for value, word in ((1000, "千"), (100, "百"), (10, "十")):
        head, number = divmod(number, value)
        text += (("" if head == 1 else "〇一二三四五六七八九"[head]) + word) if head else ""
    return text + ("〇一二三四五六七八九"[number] if number else "")


@OFTEN
@given(NUMBERS)
def test_english_words(number: int) -> None:
    said = normalised(f"It holds {english(number)} datasets.")
    assert [figure.value for figure in figures(said)] == [number]
    if " " in english(number) and number >= 100:
        assert list(english_numbers(said)) == [number]


@OFTEN
@given(NUMBERS)
def test_kanji(number: int) -> None:
    assert kanji_value(kanji(number)) == number
    assert [figure.value for figure in figures(normalised(f"データは{kanji(number)}件です"))] == [number]


@OFTEN
@given(NUMBERS, st.sampled_from(["{:,}", "{}", "約{:,}", "({})"]))
def test_digits(number: int, form: str) -> None:
    assert [figure.value for figure in figures(normalised(form.format(number)))] == [number]


@OFTEN
@given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(0, 10**15))
def test_a_statement_explains_itself_in_a_sentence_and_no_other_figure(part: int, rest: int, total: int) -> None:
    """Whatever digit is put before or after the figure makes it another one."""
    for one in (share("x", part, part + rest, Decimal(1)), total_band("y", total, Unit.TOKENS)):
        for text in (one.text.ja, one.text.en):
            known = [KnownTexts([Text(text, one.id)])]
            assert unexplained(Segment("", f"It is {text} here"), known) == []
            for other in (
                f"{text} 7",
                f"7{text}",
                text.replace("%", "5%"),
                text.replace(" ", "1 ", 1),
                f"{text}と三割",
            ):
                if other != text and any(character.isdigit() for character in text) and other.strip("7 ") != text:
                    assert unexplained(Segment("", f"it is {other} here"), known) != []


@OFTEN
@given(st.integers(1, 999), st.integers(1, 999))
def test_shares_of_two_numbers(part: int, whole: int) -> None:
    for text in (f"{whole}分の{part}", f"{kanji(whole)}分の{kanji(part)}"):
        assert [figure.value for figure in figures(text)] == [Fraction(part, whole)]
