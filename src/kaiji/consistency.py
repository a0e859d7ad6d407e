"""One source, no contradiction: the documents of a release give the same fact the same value, in whatever regime.

Two looks at the same thing. The first is at what was filled: facts by id, figures by id. The second is at the JSON
that was rendered, which knows nothing of facts: questions, tables and figures that stand in several documents.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from kaiji.control.statements import Statement
from kaiji.findings import Finding, Place
from kaiji.regime.blocks import Chart, Table, YesNo
from kaiji.regime.facts import OF_ITEMS
from kaiji.regime.filled import Filled
from kaiji.regime.values import FactValue, Present
from kaiji.terms import Audience, Language

AUDIENCES = frozenset(audience.value for audience in Audience)
"""Folders whose files are compared; internal/ is for nobody."""


def findings(filled: Sequence[Filled], files: Mapping[str, bytes]) -> Iterator[Finding]:
    """KJ570 for a fact with two values, KJ571 for figures that cannot both be true, KJ572 for files that differ."""
    yield from _facts(filled)
    yield from _figures(filled)
    yield from _rendered(filled, files)


def _facts(filled: Sequence[Filled]) -> Iterator[Finding]:
    """Facts of one audience: the first regime that uses one against all others."""
    first: dict[tuple[str, str], tuple[str, tuple[object, ...]]] = {}
    for one in filled:
        audience, regime = one.summary.audience.value, one.regime.spec.id
        for name, value in sorted(one.values.items()):
            if name in OF_ITEMS:
                continue  # these are about their own document
            seen, told = first.setdefault((audience, name), (regime, _value(value)))
            if told != _value(value):
                message = f"{name} is not the same in {seen} and {regime} ({audience})"
                yield Finding(id="KJ570", message=message)


def _value(value: FactValue) -> tuple[object, ...]:
    """What a fact says, whatever the words and the form of dates that a regime prints it in."""
    if not isinstance(value, Present):
        return (value.state,)
    said: list[object] = [value.truth, value.basis, value.statements]
    for block in value.blocks:
        if isinstance(block, YesNo):
            said.append(block.value)
        elif isinstance(block, Chart):
            said.append(tuple(bar.length for bar in block.bars))
        elif isinstance(block, Table):
            said.append((len(block.columns), len(block.rows)))
        else:
            said.append(block.type)
    return tuple(said)


def _figures(filled: Sequence[Filled]) -> Iterator[Finding]:
    """Figures by id: all that is printed of one value, for whatever audience, leaves a value that it can have."""
    found: dict[str, list[tuple[str, Statement]]] = {}
    for one in filled:
        name = f"{one.regime.spec.id} ({one.summary.audience})"
        for statement in sorted({statement for item in one.items for statement in item.statements}):
            found.setdefault(statement, []).append((name, one.summary.statements[statement]))
    for statement, told in sorted(found.items()):
        low = max(((one.low, one.low_open, name) for name, one in told if one.low is not None), default=None)
        highs = [(one.high, not one.high_open, name) for name, one in told if one.high is not None]
        high = min(highs, default=None)
        units = {one.unit for _, one in told}
        apart = low and high and (low[0] > high[0] or (low[0] == high[0] and (low[1] or not high[1])))
        if apart or len(units) > 1:
            names = ", ".join(dict.fromkeys([low[2], high[2]] if apart and low and high else [n for n, _ in told]))
            yield Finding(id="KJ571", message=f"{statement} cannot be what all of {names} print")


class _Said(NamedTuple):
    """One thing that a rendered document says: what it is about, and what it says of it."""

    about: tuple[str, ...]
    value: object


def _rendered(filled: Sequence[Filled], files: Mapping[str, bytes]) -> Iterator[Finding]:
    """What two documents of one audience say of the same, as their JSON has it."""
    sources = {(one.regime.spec.id, one.summary.audience.value): one for one in filled}
    first: dict[tuple[str, ...], tuple[str, object]] = {}
    for path, content in sorted(files.items()):
        if not path.endswith(".json") or path.split("/")[0] not in AUDIENCES:
            continue
        document = json.loads(content)
        one = sources.get((document.get("regime", {}).get("id"), document.get("audience")))
        for said in _said(document, one) if one else ():
            other, value = first.setdefault((document["audience"], *said.about), (path, said.value))
            if value != said.value:
                message = f"{', '.join(said.about[:2])}: not what {other} says"
                yield Finding(id="KJ572", message=message, place=Place(file=path))


def _said(document: Mapping[str, Any], source: Filled) -> Iterator[_Said]:
    """Figures, questions and tables of facts; not those of items about the document itself."""
    language: Language = document["language"]
    facts = {item.id: (*item.facts, *item.also) for item in source.regime.items}
    yield _Said(("release",), document["release"])
    yield _Said(("date",), document["date"])
    yield _Said(("provider", language), document["provider"])
    for one in document["statements"]:
        bounds = [one["unit"], *(None if one[end] is None else Decimal(str(one[end])) for end in ("low", "high"))]
        yield _Said(("figure", one["id"]), bounds)
        yield _Said(("figure", one["id"], language), one["text"])
    for section in document["sections"]:
        for item in section["items"]:
            own = set(OF_ITEMS) & set(facts[item["id"]])
            for block in item["blocks"] if not own else ():
                if block["type"] == "yes_no":
                    yield _Said(("question", block["label"], language), block["value"])
                elif block["type"] == "table":
                    told = [fact for fact in facts[item["id"]] if block["caption"] in _captions(source, fact, language)]
                    # a day is printed in the form of its regime; otherwise the same table has the same rows
                    about = ("table", block["caption"], language, source.regime.spec.dates, *told, *block["columns"])
                    if told:
                        yield _Said(about, block["rows"])


def _captions(source: Filled, fact: str, language: Language) -> set[str]:
    """Captions of the tables of a fact: two facts (two kinds of contacts, say) may share one."""
    value = source.values.get(fact)
    blocks = value.blocks if isinstance(value, Present) else ()
    return {block.caption[language] for block in blocks if isinstance(block, Table)}
