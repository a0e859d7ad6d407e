"""Items: answered, explained, not applicable; what falls short, and what counts."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from kaiji.control.floor_facets import Problem
from kaiji.control.floor_items import FloorItem, ItemCount, counts, problems, weak_items
from kaiji.findings import Finding, Place
from kaiji.terms import Audience, Words

PUBLIC, REGULATOR = Audience.PUBLIC, Audience.REGULATOR
FIFTH = Fraction(1, 5)
SAID = Words(ja="本文", en="text")


def item(name: str, state: Any = "answered", **given: Any) -> FloorItem:
    """A good item of the state."""
    good: dict[str, dict[str, Any]] = {
        "answered": {"text": SAID},
        "explained": {
            "reason": Words(ja=f"{name}の理由", en=f"reason of {name}"),
            "alternative": Words(ja="概数", en="a rough figure"),
            "approver": Words(ja="責任者", en="the head"),
            "review_by": date(2027, 1, 1),
        },
        "not_applicable": {"proof": "crawled.used: no"},
        "missing": {},
    }
    return FloorItem("code", name, PUBLIC, state, **(good[state] | given))


def told(
    *items: FloorItem, asked: Any = None, weak: Any = (), most: Fraction = Fraction(1)
) -> list[tuple[Audience, Problem]]:
    return list(problems(items, asked or {}, {PUBLIC: {"category"}}, weak, most))


def one(problem_id: str, message: str, detail: str = "") -> list[tuple[Audience, Problem]]:
    return [(PUBLIC, Problem(problem_id, message, detail))]


def test_good_items_have_no_problem() -> None:
    items = [
        item("A"),
        item("B", text=None, statements=("category.text.public.share",), facets=("category",)),
        item("C", "explained"),
        item("D", "not_applicable"),
        item("E", "missing"),
    ]
    assert told(*items, asked={("code", PUBLIC): ["A", "B", "C", "D", "E"]}) == []


def test_an_item_that_is_not_in_the_document() -> None:
    found = told(item("A"), asked={("code", PUBLIC): ["A", "B"]})
    assert found == one("KJ406", "code: B is required, and the document has no such item")


def test_an_item_in_another_document_does_not_count() -> None:
    asked = {("code", REGULATOR): ["A"], ("law", PUBLIC): ["A"]}
    assert [(audience, problem.id) for audience, problem in told(item("A"), asked=asked)] == [
        (REGULATOR, "KJ406"),
        (PUBLIC, "KJ406"),
    ]


@pytest.mark.parametrize("text", [None, Words(ja="", en=""), Words(ja="本文", en=" ")])
def test_an_answer_that_says_nothing(text: Words | None) -> None:
    assert told(item("A", text=text)) == one("KJ407", "code: A counts as answered, and says nothing")


def test_an_answer_without_the_facet_that_is_asked_for() -> None:
    found = told(item("A", facets=("category", "acquisition")))
    assert found == one("KJ407", "code: A counts as answered, and the facet acquisition is not shown")


@pytest.mark.parametrize(
    ("given", "rule", "lack"),
    [
        ({"reason": None}, "KJ408", "why"),
        ({"reason": Words(ja="", en="")}, "KJ408", "why"),
        ({"alternative": None}, "KJ424", "what is offered instead"),
        ({"approver": Words(ja="責任者", en="")}, "KJ424", "who approved it"),
        ({"review_by": None}, "KJ424", "when it is looked at again"),
    ],
)
def test_an_explanation_that_lacks_something(given: dict[str, Any], rule: str, lack: str) -> None:
    found = told(item("A", "explained", **given))
    assert found == one(rule, f"code: A is explained, and does not say {lack}")


def test_what_the_regime_found_already_is_not_told_again() -> None:
    assert told(item("A", "explained", reason=None, alternative=None), weak={("code", "A")}) == []


def test_one_reason_at_two_items() -> None:
    same = Words(ja="同じ 理由です", en="The same Reason")
    alike = Words(ja="同じ理由です", en="the same reason")
    pair = (item("A", "explained", reason=same), item("B", "explained", reason=alike), item("C", "explained"))
    assert told(*pair) == [
        *one("KJ408", "code: one reason (ja) stands at A and B"),
        *one("KJ408", "code: one reason (en) stands at A and B"),
    ]
    assert told(*pair, item("D", "explained", reason=same)) == []  # KJ503 tells of three


@pytest.mark.parametrize("proof", [None, " "])
def test_not_applicable_needs_proof_where_it_is_required(proof: str | None) -> None:
    assert told(item("A", "not_applicable", proof=proof)) == one(
        "KJ409", "code: A counts as not applicable, and nothing shows it"
    )
    assert told(item("A", "not_applicable", proof=proof, required=False)) == []


def test_too_many_explanations() -> None:
    items = [item("A", "explained"), *(item(name) for name in "BCDE")]
    assert told(*items, most=FIFTH) == []
    found = told(*items[:-1], most=FIFTH)
    assert found == one("KJ410", "code: more items are explained than may be; at most 20 %", "1 of 4, 25 %")


def test_what_a_disclosure_is_about_cannot_be_explained_away() -> None:
    found = told(item("A", "explained", core=True))
    assert found == one("KJ410", "code: A is what a disclosure is about, and is explained instead of answered")


def test_counts_by_document() -> None:
    items = [
        item("A"),
        item("B", "explained"),
        item("C", "not_applicable"),
        item("D", "missing"),
        item("E", required=False),
        item("B", "explained")._replace(audience=REGULATOR),
    ]
    assert counts(items, {("code", "B")}) == (
        ItemCount("code", PUBLIC, 4, 1, 1, 1, 1, 1, 1),
        ItemCount("code", REGULATOR, 1, 0, 1, 0, 0, 1, 0),
    )
    assert [count.explained_share for count in counts(items, ())] == [Fraction(1, 4), Fraction(1)]
    assert ItemCount("code", PUBLIC, 0, 0, 0, 0, 0, 0, 1).explained_share == 0


def test_weak_items_are_those_whose_reason_fails() -> None:
    def finding(name: str, key: str | None) -> Finding:
        return Finding(id=name, message="m", place=Place(file="release.yaml", key=key) if key else None)

    findings = [
        finding("KJ502", "answers.jp-principle-code.B2.1"),
        finding("KJ508", "answers.code.A"),  # a review, and no failure
        finding("KJ503", "answers.code"),
        finding("KJ501", "answers.code.B"),
        finding("KJ504", None),
    ]
    assert weak_items(findings) == {("jp-principle-code", "B2.1")}
