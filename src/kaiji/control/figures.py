"""Whole numbers in a text, however written: 1,234,567, 1234567, 123万4,567, 1.234567 million, kanji, English words."""

import re
from collections.abc import Iterator
from decimal import Decimal

from kaiji.control.number_words import english_numbers, kanji_value

_SCALES = {
    "千": 10**3, "万": 10**4, "百万": 10**6, "千万": 10**7, "億": 10**8, "十億": 10**9, "百億": 10**10,
    "千億": 10**11, "兆": 10**12, "京": 10**16,
    "thousand": 10**3, "k": 10**3, "million": 10**6, "m": 10**6, "mn": 10**6, "mio": 10**6,
    "billion": 10**9, "b": 10**9, "bn": 10**9, "trillion": 10**12, "quadrillion": 10**15, "t": 10**12, "tn": 10**12,
    "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12, "pb": 10**15,
    "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40, "pib": 2**50,
}  # fmt: skip
_JA = "百万|千万|十億|百億|千億|千|万|億|兆|京"
_EN = "thousand|million|billion|trillion|quadrillion|mio|mn|bn|tn|[kmgtp]i?b|[kmbt]"
_UNIT = "(?:token|byte|document|doc|item|second|hour|dataset|file|row|record|word|image)s?"


def _digits(group: str) -> str:
    """Pattern of digits: with one kind of separator (kept in ``group``), with points between three groups, or plain."""
    separated = rf"\d{{1,3}}(?P<{group}>[,_' \u2019])\d{{3}}(?:(?P={group})\d{{3}})*(?!\d|[,_'\u2019]\d{{3}}(?!\d))"
    return rf"{separated}(?:\.\d+)?|\d{{1,3}}(?:\.\d{{3}}){{2,}}|\d+(?:\.\d+)?"


_NUMBER = re.compile(
    rf"(?<![a-z0-9.#])(?:{_digits('a')})"
    rf"(?:\s?(?:{_JA})(?:\s?(?:{_digits('b')})\s?(?:{_JA})?)*"
    rf"|\s?(?:{_EN})(?![a-z0-9])|e\+?\d{{1,2}}(?![a-z0-9])|\s?[x×*]\s?10\^?\d{{1,2}}(?!\d))?"
    rf"(?:{_UNIT})?(?![a-z0-9#])"
)
_PIECE = re.compile(
    rf"(?P<digits>{_digits('c')})(?:\s?(?P<scale>{_JA}|(?:{_EN})(?![a-z0-9])|e\+?\d+|[x×*]\s?10\^?\d+))?"
)
_BARE = 6
"""Fewest digits that are a size without a separator, a scale or a name of what is counted: titles, years, postcodes
and numbers of laws have fewer."""
_COUNTED = re.compile(rf"\s?(?:{_UNIT}(?![a-z])|トークン|バイト|文書|件|秒|時間|枚|行|語|文字|個|点)")
_LONGEST = 7
"""Most groups of three digits that are read as one number: sizes stay below 10^21."""
_SEPARATOR = re.compile(r"[,_' \u2019]")
_KANJI = re.compile(r"[〇一二三四五六七八九十百千万億兆京零壱壹弐貳参參拾萬]{2,}")


def numbers(text: str) -> Iterator[int]:
    """Whole numbers in ``text`` (normalised): separators, 万/億/兆, scale words, powers of ten, kanji, English words.

    Digits that are part of a word, a hexadecimal number or a version, and short numbers joined by hyphens (dates,
    telephone numbers, postcodes) are no numbers of things.
    """
    for match in _NUMBER.finditer(text):
        written = match[0]
        if len(written) <= 4 and _hyphenated(text, match.start(), match.end()):
            continue
        if len(written) < _BARE and written.isdigit() and not _COUNTED.match(text, match.end()):
            continue
        yield from _values(written)
    for match in _KANJI.finditer(text):
        yield kanji_value(match[0])
    yield from english_numbers(text)


def _hyphenated(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    return (before[1:] == "-" and before[:1].isdigit()) or (after[:1] == "-" and after[1:].isdigit())


def _values(written: str) -> Iterator[int]:
    """The value of a written number; for groups parted by spaces also of each run of them (two table cells)."""
    groups = written.split(" ")
    if len(groups) > 2 and all(group.isdigit() for group in groups):
        for first in range(len(groups)):
            for last in range(first + 1, min(first + _LONGEST, len(groups)) + 1):
                yield int("".join(groups[first:last]))
        return
    total = Decimal(0)
    for match in _PIECE.finditer(written):
        digits = match["digits"]
        if digits.count(".") > 1:
            digits = digits.replace(".", "")
        total += Decimal(_SEPARATOR.sub("", digits)) * _scale(match["scale"] or "")
    if total == int(total):
        yield int(total)
    head, _, rest = written.partition(" ")
    if head.isdigit() and rest[:1].isdigit():
        yield int(head)
        yield from _values(rest)


def _scale(word: str) -> int:
    if word[:1] in ("e", "x", "×", "*"):
        return int(10 ** int(re.split(r"e\+?|10\^?", word, maxsplit=1)[1]))
    return _SCALES.get(word, 1)
