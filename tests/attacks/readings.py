"""What an attacker reads: figures in published JSON, and the bounds that a printed text or a word of others gives."""

import json
import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

_WORDS = {"million": 10**6, "billion": 10**9, "trillion": 10**12, "quadrillion": 10**15}
_MANY = r"([0-9][0-9,]*(?: (?:million|billion|trillion|quadrillion))?)"
_UNIT = r"(tokens|bytes|documents|items|seconds|hours)"
_FIGURE = re.compile(
    rf"(?:(?P<sign>[<>]?)(?P<percent>[0-9.]+) %|from {_MANY} to less than {_MANY} {_UNIT}|fewer than {_MANY} {_UNIT}"
    rf"|{_MANY} {_UNIT} or more|(?P<few>fewer than [0-9]+|[0-9]+ to [0-9]+|[0-9]+ or more)|none"
    r"|(?:January|February|March|April|May|June|July|August|September|October|November|December) [0-9]{4})"
)


class Seen(NamedTuple):
    """One release as the attacker has it."""

    name: str
    figures: Mapping[str, str]
    """Printed text by id of its statement, over all documents."""
    plan: Mapping[str, Any]
    """Rows and rounding units of the tables: documents show the former, and the latter can be guessed."""
    frame: Any
    """Inventory: the truth, by rows."""


def figures(documents: Iterable[bytes]) -> dict[str, str]:
    """Printed text of every statement, by id, from documents in JSON."""
    found: dict[str, str] = {}
    for content in documents:
        for section in json.loads(content)["sections"]:
            for item in section["items"]:
                cells = [
                    cell
                    for block in item["blocks"]
                    if block["type"] == "table"
                    for row in block["rows"]
                    for cell in row[1:]
                    if _FIGURE.fullmatch(cell) and not _of_the_document(block)
                ]
                ids = [one for one in item["statements"] if not re.search(r"\.(from|to)$|latest$", one)]
                cells = [cell for cell in cells if not re.fullmatch("[A-Z][a-z]+ [0-9]{4}", cell)]
                assert len(ids) == len(cells), (item["id"], ids, cells)
                for one, cell in zip(ids, cells, strict=True):
                    assert found.setdefault(one, cell) == cell, one
    return found


def _of_the_document(block: Mapping[str, Any]) -> bool:
    return bool({"Items explained", "Number of items", "Commitment"} & set(block["columns"]))


def seen(build: Any) -> Seen:
    """What a build would publish, for all audiences."""
    documents = [data for path, data in build.files.items() if re.fullmatch(r"(public|regulator)/.*\.en\.json", path)]
    frame = build.measured.inventory.frame
    return Seen(
        build.measured.loaded.release.id,
        figures(documents),
        json.loads(build.files["internal/plan.json"]),
        frame[frame["in_training"]].reset_index(drop=True),
    )


def _number(text: str) -> Fraction:
    digits, _, word = text.partition(" ")
    return Fraction(int(digits.replace(",", ""))) * _WORDS.get(word, 1)


def band(text: str) -> tuple[Fraction, Fraction | None]:
    factor = 3600 if text.split(" or ")[0].endswith("hours") else 1
    if text == "none":
        return Fraction(0), Fraction(0)
    if found := re.fullmatch(rf"from {_MANY} to less than {_MANY} {_UNIT}", text):
        return _number(found[1]) * factor, _number(found[2]) * factor
    if found := re.fullmatch(rf"fewer than {_MANY} {_UNIT}", text):
        return Fraction(0), _number(found[1]) * factor
    found = re.fullmatch(rf"{_MANY} {_UNIT} or more", text)
    assert found, text
    return _number(found[1]) * factor, None


def percent(text: str, unit: Fraction) -> tuple[Fraction, Fraction]:
    found = _FIGURE.fullmatch(text)
    assert found and found["percent"], text
    value = Fraction(found["percent"])
    if found["sign"] == "<":
        return Fraction(0), value
    if found["sign"] == ">":
        return value, Fraction(100)
    if value in (0, 100):
        return value, value
    return max(value - unit / 2, unit), min(value + unit / 2, 100 - unit)


def said(fact: Mapping[str, Any]) -> tuple[Fraction | None, Fraction | None]:
    if "exact" in fact:
        return Fraction(str(fact["exact"])), Fraction(str(fact["exact"]))
    if "between" in fact:
        ends = fact["between"]
        low, high = ends.get("at_least", ends.get("more_than")), ends.get("at_most", ends.get("less_than"))
        return tuple(None if end is None else Fraction(str(end)) for end in (low, high))  # type: ignore[return-value]
    value, digits = Fraction(str(fact["about"]["value"])), fact["about"]["digits"]
    power = 0
    while value >= 10 ** (power + 1):
        power += 1
    unit = Fraction(10) ** (power - digits + 1)
    below = unit / 20 if value == 10**power else unit / 2
    return value - below, value + unit / 2
