"""What people still have to answer: each item that is missing, what is asked, why, and what a good answer holds."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from kaiji.regime.filled import Filled
from kaiji.regime.model import When
from kaiji.terms import LANGUAGES, Language, Words

_WIDTH = 100


class Question(NamedTuple):
    """An item that waits for an answer."""

    regime: str
    item: str
    audiences: tuple[str, ...]
    """Who would read the answer."""
    label: Words
    asked: Words
    why: str
    """Where the regime asks for it, and how far that was verified."""
    state: Words
    """What its documents say now."""
    facts: Mapping[str, Words]
    """Facts that would answer it, with their names: declared in release.yaml or in a manifest."""
    good: Words
    """What a good answer holds, in this product's own words."""


def questions(filled: Sequence[Filled], *, optional: bool = False) -> tuple[Question, ...]:
    """The items without an answer, each once, in the order of the regimes.

    Args:
        filled: The regimes as filled for each audience.
        optional: True to list the items too that are not required and not answered.
    """
    wanted = ("missing", "optional") if optional else ("missing",)
    found: dict[tuple[str, str], Question] = {}
    for one in filled:
        words = one.regime.wording.words
        for item in one.items:
            if item.origin not in wanted:
                continue
            name, key = item.spec.id, (one.regime.spec.id, item.spec.id)
            audiences = found[key].audiences if key in found else ()
            good, required = f"item.{name}.good", item.spec.required
            facts = (*item.spec.facts, *((required.when,) if isinstance(required, When) else ()))
            found[key] = Question(
                regime=key[0],
                item=name,
                audiences=(*audiences, one.summary.audience.value),
                label=words(f"item.{name}.label"),
                asked=words(f"item.{name}.prompt"),
                why=f"{item.spec.locator} ({item.spec.verification.words.en})",
                state=item.text,
                facts={fact: words(f"fact.{fact}") for fact in facts if f"fact.{fact}" in one.regime.wording},
                good=words(good if good in one.regime.wording else "answer.good"),
            )
    return tuple(found.values())


def text(asked: Sequence[Question], language: Language) -> Iterator[str]:
    """The questions for people, a line each."""
    for one in asked:
        yield f"{one.regime} {one.item}: {_one_line(one.label[language])} ({', '.join(one.audiences)})"
        yield f"  now: {_one_line(one.state[language])}"
        yield f"  asked: {_one_line(one.asked[language])}"
        yield f"  why: {_one_line(one.why)}"
        if one.facts:
            named = ", ".join(f"{name} ({words[language]})" for name, words in one.facts.items())
            yield f"  answered by: {named}, or your own words"
        yield f"  a good answer: {_one_line(one.good[language])}"


def data(release: str, asked: Sequence[Question]) -> dict[str, object]:
    """The questions for programs."""
    listed = [
        {
            "regime": one.regime,
            "item": one.item,
            "audiences": list(one.audiences),
            "label": one.label.model_dump(),
            "asked": one.asked.model_dump(),
            "why": one.why,
            "state": one.state.model_dump(),
            "facts": sorted(one.facts),
            "good": one.good.model_dump(),
        }
        for one in asked
    ]
    return {"schema": "kaiji/questions/v1", "release": release, "questions": listed}


def template(release: str, asked: Sequence[Question]) -> str:
    """A file for the answers: every text stands in a comment, and no key has a value, so that nothing passes as one."""
    lines = [
        f"# Answers for {release} that only people can give. Fill in both languages; what stays empty counts as not",
        "# written. To explain instead of answering, use the keys status (partly, explain, not_applicable), reason,",
        "# alternative, withheld_ground, withheld_scope and review_by. Also known: approver, evidence (both internal).",
        "schema: kaiji/answers/v1",
        "answers:",
    ]
    regime = None
    for one in asked:
        if one.regime != regime:
            regime = one.regime
            lines += [f'  "{regime}":']
        lines += _comment(f"{one.item}: {one.label.en} / {one.label.ja}")
        for language in LANGUAGES:
            lines += _comment(f"asked: {one.asked[language]}")
        lines += _comment(f"why: {one.why}")
        if one.facts:
            lines += _comment(f"or declare: {', '.join(one.facts)}")
        for language in LANGUAGES:
            lines += _comment(f"good: {one.good[language]}")
        lines += [f'    "{one.item}":', "      statement:", "        ja:", "        en:"]
    return "\n".join(lines) + "\n"


def _comment(words: str) -> list[str]:
    start = " " * 4 + "# "
    whole = textwrap.fill(_one_line(words), _WIDTH, initial_indent=start, subsequent_indent=f"{start}  ")
    return whole.split("\n")


def _one_line(words: str) -> str:
    return " ".join(words.split())
