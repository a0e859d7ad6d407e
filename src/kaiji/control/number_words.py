"""Figures in running text, in digits and in words, Japanese and English: 12 %, 12k, 三割, 3分の1, about half, twofold.

Texts are taken as :func:`kaiji.control.plain_text.normalised` gives them: NFKC, lower case. What is found is more than
the digits: the words that change what a figure says (less than, 約, 以上, per cent) belong to it, so that "12 %" is
another figure than "<12 %", "12.5 %" or "112 %".
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple


class Figure(NamedTuple):
    """A figure and where it stands, with the words that change what it says."""

    start: int
    end: int
    number: str
    """The figure without them."""

    @property
    def value(self) -> Fraction | None:
        """What it says, shares as parts of 1; None where that is vague (dozens, 過半数) or no number (a1b, 1.2.3)."""
        match = _DIGITS.fullmatch(self.number)
        return _digits(match) if match else _said(self.number)


_KANJI_DIGITS = {character: value for value, character in enumerate("〇一二三四五六七八九")}
_KANJI_UNITS = {"十": 10, "百": 100, "千": 1000}
_KANJI_SCALES = {"万": 10**4, "億": 10**8, "兆": 10**12, "京": 10**16}
_LEGAL_KANJI = str.maketrans("零壱壹弐貳参參拾萬", "〇一一二二三三十万")
_KANJI = "〇一二三四五六七八九十百千万億兆京零壱壹弐貳参參拾萬"
_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ENGLISH = {
    **{word: value for value, word in enumerate(_SMALL)},
    **{word: 10 * value for value, word in enumerate(_TENS, start=2)},
    "dozen": 12,
}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "quadrillion": 10**15}
_LETTERS = {"k": 10**3, "m": 10**6, "mn": 10**6, "b": 10**9, "bn": 10**9, "t": 10**12, "tn": 10**12}
_PARTS = {
    "half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "hundredth": 100, "thousandth": 1000,
}  # fmt: skip
_TIMES = {
    "once": Fraction(1), "twice": Fraction(2), "thrice": Fraction(3), "double": Fraction(2), "doubled": Fraction(2),
    "doubling": Fraction(2), "triple": Fraction(3), "tripled": Fraction(3), "treble": Fraction(3),
    "quadruple": Fraction(4), "halved": Fraction(1, 2), "倍増": Fraction(2), "半減": Fraction(1, 2),
    "半数": Fraction(1, 2), "半分": Fraction(1, 2), "折半": Fraction(1, 2),
}  # fmt: skip


def _any(words: object) -> str:
    return "|".join(sorted(map(re.escape, words), key=lambda word: (-len(word), word)))  # type: ignore[call-overload]


_CARDINAL = f"(?:{_any([*_ENGLISH, 'hundred', *_SCALES])})"
_SCALE = rf"(?: (?:hundred|{_any(_SCALES)})(?![a-z]))*"
_PERCENT = " ?(?:%|‰|percent(?:age points?)?|per cent)(?![a-z])"
_JA_PART = r"(?:割(?:[0-9一二三四五六七八九]分)?|パーセント|倍)"
_BEFORE = re.compile(
    r"(?:(?:fewer|less|more|greater) than |at least |at most |up to |over |under |nearly |almost |about |around "
    r"|approximately |roughly |circa |約 ?|およそ|おおよそ|ほぼ|[<>≤≥≦≧±+~≈≒] ?)\Z"
)
_AFTER = re.compile(
    r" or (?:more|less|fewer|over|above|below)(?![a-z])|以上|以下|未満|超|前後|[強弱](?![\u3400-\u9fff])|余"
)
_QUALIFIER = 16
"""Characters before a figure in which its qualifier stands."""

_NUMBER = r"(?>[0-9]+(?:[,.][0-9]+)*)"
_DIGITS = re.compile(
    rf"(?<![a-z0-9])(?:"
    rf"(?P<lot>{_NUMBER})分の(?P<some>{_NUMBER})"
    rf"|(?P<ja>{_NUMBER}(?: ?[十百千万億兆京]+(?:{_NUMBER})?)+)(?:{_PERCENT}|{_JA_PART})?"
    rf"|(?P<plain>{_NUMBER})(?![a-z0-9])(?P<scale>{_SCALE})(?P<share>{_PERCENT}|{_JA_PART})?"
    rf"|[a-z]*[0-9][a-z0-9]*(?:[,.][0-9][a-z0-9]*)*(?:{_PERCENT})?)"
)
_SHORT = re.compile(r"([0-9]+(?:\.[0-9]+)?)([a-z]+)\Z")
_PIECE = re.compile(rf"({_NUMBER}) ?([十百千万億兆京]*)")
_COUNTERS = (
    r"件|社|個|点|名|人|種|本|冊|枚|回|度|年|か月|カ月|ヶ月|月|日|時間|分(?!野|類|析|割|散|布|担|離|別|け|か)|秒|割|倍"
    r"|か所|カ所|箇所|か国|カ国|ヶ国|言語|語|文書|文字|文|トークン|バイト|記事|作品|曲|頁|ページ|つ|団体|法人|機関"
    r"|サイト|ドメイン|データ|事業者|行|例|組|%|パーセント"
)
_COUNT = rf"(?:(?:an?|half an?) (?=hundred|dozen|{_any(_SCALES)}))?{_CARDINAL}(?:(?:-| and | ){_CARDINAL})*"
_MORE = rf"(?: and a half(?: (?:{_any(_SCALES)}))?| point (?:{_any(_SMALL)})+)"
_WORDS = re.compile(
    rf"(?<![a-z])(?:{_any([*_ENGLISH, 'hundred'])})[- ]?fold(?![a-z])"
    rf"|(?<![a-z]){_COUNT}(?:{_MORE}| of)?(?![a-z])(?:[ -](?:{_any(_PARTS)})s?(?![a-z]))?(?:{_PERCENT})?"
    rf"|(?<![a-z])(?:an? (?:{_any(_PARTS)})|halves|thirds|quarters|half|majority|most of|dozens|hundreds|thousands"
    rf"|millions|billions|trillions|{_any(word for word in _TIMES if word.isascii())})(?![a-z])"
    rf"|[{_KANJI}]+分の[{_KANJI}]+"
    rf"|[数幾][十百千万億兆]+|[数幾](?:{_COUNTERS})"
    rf"|(?<![一-龥])[{_KANJI}]+(?:{_COUNTERS})(?![野類析])|(?<=約)[{_KANJI}]+"
    rf"|[{_KANJI}]*[十百千万億兆拾萬][{_KANJI}]*[{_KANJI}]"
    rf"|[〇一二三四五六七八九]{{3,}}|過半数?|大半|大多数|{_any(word for word in _TIMES if not word.isascii())}"
)
_NO_FIGURE = re.compile(
    r"(?:no|any|every|each|the|this|that|another|which) one"
    r"|one (?:another|or more|or the other|of (?:them|these|those))"
    rf"|十分(?!の[{_KANJI}])|百科|万全|(?<=[一-龥])(?<!約)千万(?!{_COUNTERS})|十全|一[部般覧定致切方括連環]"
)
_MAY_HOLD = re.compile(
    rf"[0-9]|(?<![a-z])(?:{_any([*_ENGLISH, 'hundred', *_SCALES, *_PARTS, *(w for w in _TIMES if w.isascii())])})"
    rf"|(?<![a-z])(?:dozens|majority|most of|[a-z]*fold|h[au]l)|[{_KANJI}数幾過大倍半折]"
)


@lru_cache(maxsize=1 << 16)
def figures(text: str) -> tuple[Figure, ...]:
    """Figures in ``text`` (normalised; runs of white space are one blank), in order, none inside another."""
    if not _MAY_HOLD.search(text):
        return ()
    found = list(_DIGITS.finditer(text))
    taken = {position for match in found for position in range(match.start(), match.end())}
    found += [
        match
        for match in _WORDS.finditer(text)
        if match.start() not in taken and match.end() - 1 not in taken and not _idle(text, match)
    ]
    found.sort(key=lambda match: match.start())
    return tuple(Figure(*_qualified(text, match.start(), match.end()), match[0]) for match in found)


def english_numbers(text: str) -> Iterator[int]:
    """Whole numbers of two words or more that ``text`` (normalised) says in English: three hundred and twelve."""
    if any(word in text for word in ("hundred", *_SCALES)):
        yield from (_whole(match[0].replace(" and ", " ")) for match in _ENGLISH_NUMBER.finditer(text))


_ENGLISH_NUMBER = re.compile(rf"(?<![a-z])(?:an? )?{_CARDINAL}(?:(?:-| and | ){_CARDINAL})+(?![a-z])")


def kanji_value(text: str) -> int:
    """Value of a number in kanji, positional (一二三) or with units (千二百三十四万)."""
    total = section = digit = 0
    for character in text.translate(_LEGAL_KANJI):
        if character in _KANJI_DIGITS:
            digit = digit * 10 + _KANJI_DIGITS[character]
        elif character in _KANJI_UNITS:
            section, digit = section + (digit or 1) * _KANJI_UNITS[character], 0
        else:
            total, section, digit = total + ((section + digit) or 1) * _KANJI_SCALES[character], 0, 0
    return total + section + digit


def _qualified(text: str, start: int, end: int) -> tuple[int, int]:
    before = _BEFORE.search(text[max(0, start - _QUALIFIER) : start])
    after = _AFTER.match(text, end)
    return start - len(before[0]) if before else start, after.end() if after else end


def _idle(text: str, match: re.Match[str]) -> bool:
    """True where the words are no figure: no one, 十分."""
    if _NO_FIGURE.match(text, match.start()):
        return True
    return match[0] == "one" and bool(_NO_FIGURE.search(text, max(0, match.start() - 8), match.end()))


def _digits(match: re.Match[str]) -> Fraction | None:
    if match["lot"]:
        lot, some = _plain(match["lot"]), _plain(match["some"])
        return some / lot if lot and some is not None else None
    if match["ja"]:
        pieces = [(_plain(number), scale) for number, scale in _PIECE.findall(match["ja"])]
        total = sum((number * (kanji_value(scale) if scale else 1) for number, scale in pieces if number), Fraction(0))
        return total * _unit(match[0])
    if match["plain"]:
        value = _plain(match["plain"])
        for word in match["scale"].split():
            value = value * (100 if word == "hundred" else _SCALES[word]) if value is not None else None
        return None if value is None else value * _unit(match["share"] or "")
    short = _SHORT.match(match[0])
    return Fraction(short[1]) * _LETTERS[short[2]] if short and short[2] in _LETTERS else None


def _plain(digits: str) -> Fraction | None:
    """Value of digits with thousands separators and a decimal point; None for a version or an address."""
    return Fraction(digits.replace(",", "")) if digits.count(".") < 2 else None


def _unit(text: str) -> Fraction:
    """What a figure with this unit at its end is multiplied by to be a plain number."""
    if "割" in text:
        return Fraction(1, 10)
    return (
        Fraction(1, 1000) if "‰" in text else Fraction(1, 100) if re.search("%|cent|パーセント", text) else Fraction(1)
    )


def _said(text: str) -> Fraction | None:
    """Value of a figure in words; None where it is vague."""
    if text[0] in _KANJI:
        return _said_in_kanji(text)
    if text in _TIMES:
        return _TIMES[text]
    if text.endswith("fold"):
        return Fraction(_whole(text.removesuffix("fold").strip(" -")))
    share = Fraction(1, 100) if re.search("%|cent", text) else Fraction(1)
    text = re.sub(_PERCENT, "", text).removesuffix(" of")
    part = re.search(rf"(?:^|[ -])({_any(_PARTS)})s?\Z", text)
    if part and " and a half" not in text:
        head = text[: part.start()].strip(" -")
        return Fraction(1 if head in ("", "a", "an") else _whole(head), _PARTS[part[1]])
    if not re.match(rf"(?:an? |half an? )?{_CARDINAL}(?![a-z])", text) or " point " in text:
        return None
    head, half, scale = text.removeprefix("half ").partition(" and a half")
    value = (_whole(head) + Fraction(len(half) > 0, 2)) * (_SCALES[scale.strip()] if scale else 1)
    return (value / 2 if text.startswith("half ") else value) * share


def _said_in_kanji(text: str) -> Fraction | None:
    lot, cut, some = text.partition("分の")
    if cut:
        return Fraction(kanji_value(some), kanji_value(lot)) if kanji_value(lot) else None
    number = re.match(f"[{_KANJI}]+", text)
    return None if number is None else kanji_value(number[0]) * _unit(text)


def _whole(words: str) -> int:
    """Value of a whole number in English words; the words are known."""
    total = section = 0
    for word in re.split(r"[ -]", words):
        if word in _ENGLISH:
            section = section * 12 if word == "dozen" and section else section + _ENGLISH[word]
        elif word == "hundred":
            section = (section or 1) * 100
        elif word in _SCALES:
            total, section = total + (section or 1) * _SCALES[word], 0
    return total + section
