"""Whether published figures are true, and say the same in every language, file and audience."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from kaiji.control.floor_facets import Problem
from kaiji.control.floor_truths import Truths
from kaiji.control.statements import Statement
from kaiji.terms import Audience, Language, Unit

_SCALES = {
    "千": 10**3, "万": 10**4, "億": 10**8, "兆": 10**12, "京": 10**16,
    "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "quadrillion": 10**15,
}  # fmt: skip
_PIECE = r"(\d+(?:,\d{3})*(?:\.\d+)?)(?: ?(千|万|億|兆|京|thousand|million|billion|trillion|quadrillion))?"
_NUMBER = re.compile(rf"(?:{_PIECE})+")
_PIECES = re.compile(_PIECE)
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
_MONTH = re.compile(rf"\b({'|'.join(_MONTHS)})\b")
_BELOW = re.compile(r"<|未満|fewer than|less than")
_ABOVE = re.compile(r">|以上|or more|\bfrom\b")
_NONE = re.compile(r"なし|\bnone\b")


class Printed(NamedTuple):
    """The figures that were found in one file, by statement id, as they are written there."""

    path: str
    document: str
    """Files of one document (a regime, say) hold the same figures; a part of it is a document of its own."""
    language: Language
    audience: Audience
    figures: Mapping[str, str]


class Reading(NamedTuple):
    """What the text of a figure says: numbers in ascending order, and whether it is below, above, or none."""

    numbers: tuple[Fraction, ...]
    below: bool
    above: bool
    none: bool


def reading(text: str) -> Reading:
    """What a figure says, read by other means than it was written with; scales of both languages are known."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    numbered = _MONTH.sub(lambda month: str(_MONTHS.index(month[1]) + 1), plain)
    numbers = sorted(_value(match[0]) for match in _NUMBER.finditer(numbered))
    return Reading(tuple(numbers), bool(_BELOW.search(plain)), bool(_ABOVE.search(plain)), bool(_NONE.search(plain)))


def _value(written: str) -> Fraction:
    """Value of a number in one scale or several: 1.25 trillion, 1兆2,500億."""
    return sum(
        (Fraction(digits.replace(",", "")) * _SCALES.get(scale, 1) for digits, scale in _PIECES.findall(written)),
        Fraction(0),
    )


def true_of_data(statements: Mapping[str, Statement], truths: Truths) -> Iterator[Problem]:
    """Figures that are not true, and figures that nothing is known to hold them against."""
    for name, statement in sorted(statements.items()):
        if name not in truths:
            yield Problem("KJ416", f"nothing was computed to hold the figure {name} against", "")
        elif not any(statement.admits(value) for value in truths[name]):
            exact = " or ".join(f"{float(value):.6g}" for value in truths[name])
            yield Problem(
                "KJ416", f"the figure {name} is not true of the data", f"{statement.text.en}; exactly {exact}"
            )


_GROUPS = re.compile(r"(?<=[0-9]) (?=[0-9]{3}(?![0-9]))")
"""A blank that groups digits, as in 10 000: in one figure it never parts two numbers."""


def languages_agree(statements: Mapping[str, Statement]) -> Iterator[Problem]:
    """Figures that say one thing in Japanese and another in English, or another than their interval."""
    for name, statement in sorted(statements.items()):
        japanese, english = (reading(_GROUPS.sub("", text)) for text in (statement.text.ja, statement.text.en))
        readable = all(one.numbers or one.none for one in (japanese, english))
        if readable and japanese != english:
            detail = f"{statement.text.ja} / {statement.text.en}"
            yield Problem("KJ417", f"the figure {name} says different things in Japanese and English", detail)
        elif statement.unit is Unit.PERCENT and not _in_interval(statement, english):
            yield Problem("KJ417", f"the text of the figure {name} is not in its own interval", statement.text.en)


def _in_interval(statement: Statement, said: Reading) -> bool:
    return all(
        (statement.low is None or number >= Fraction(statement.low))
        and (statement.high is None or number <= Fraction(statement.high))
        for number in said.numbers
    )


def files_agree(
    printed: Sequence[Printed], statements: Mapping[Audience, Mapping[str, Statement]]
) -> Iterator[tuple[Audience, Problem]]:
    """Files that print another text than the statement's, or other figures than another file of their document."""
    documents: dict[tuple[Audience, str], list[Printed]] = defaultdict(list)
    for file in printed:
        documents[file.audience, file.document].append(file)
        known = statements.get(file.audience, {})
        for name, text in sorted(file.figures.items()):
            if name not in known:
                yield (
                    file.audience,
                    Problem("KJ417", f"{file.path} prints the figure {name}, which is not published", ""),
                )
            elif _plain(text) != _plain(known[name].text[file.language]):
                detail = f"{text}; {known[name].text[file.language]}"
                yield file.audience, Problem("KJ417", f"{file.path} prints the figure {name} differently", detail)
    for (audience, _), files in sorted(documents.items()):
        every = {name for file in files for name in file.figures}
        for file in files:
            for name in sorted(every - set(file.figures)):
                message = f"{file.path} lacks the figure {name}, which other files of the document have"
                yield audience, Problem("KJ417", message, "")


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def audiences_agree(statements: Mapping[Audience, Mapping[str, Statement]]) -> Iterator[Problem]:
    """Figures of which the public is told something that the figure for authorities does not imply."""
    coarse, fine = statements.get(Audience.PUBLIC, {}), statements.get(Audience.REGULATOR, {})
    for name in sorted(set(coarse) & set(fine)):
        one, other = coarse[name], fine[name]
        if one.unit is not other.unit or not _contains(one, other):
            message = f"the figure {name} for the public does not contain that for authorities"
            yield Problem("KJ417", message, f"{one.text.en}; {other.text.en}")


def _contains(coarse: Statement, fine: Statement) -> bool:
    """True when every value that ``fine`` admits is one that ``coarse`` admits."""
    return _reaches(coarse.low, coarse.low_open, fine.low, fine.low_open, 1) and _reaches(
        coarse.high, coarse.high_open, fine.high, fine.high_open, -1
    )


def _reaches(coarse: object, coarse_open: bool, fine: object, fine_open: bool, sign: int) -> bool:
    if coarse is None or fine is None:
        return coarse is None
    outer, inner = sign * Fraction(str(coarse)), sign * Fraction(str(fine))
    return outer < inner or (outer == inner and (fine_open or not coarse_open))
