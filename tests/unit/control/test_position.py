"""The disclosure position: margins, who is identified, and where facets and documents stand."""

import json
from fractions import Fraction
from typing import Any

import pytest

from kaiji.control.floor_facets import FacetReport
from kaiji.control.openness import Openness
from kaiji.control.position import (
    LIMITS,
    Attacker,
    Identification,
    Position,
    as_data,
    attacker,
    identification,
    margin,
    position,
)
from kaiji.control.system import Interval
from kaiji.terms import Audience, Modality

F = Fraction
PUBLIC = Audience.PUBLIC
TEXT = Modality.TEXT


def report(facet: str = "category", place: Openness | None = Openness.PRECISE, **given: Any) -> FacetReport:
    values: dict[str, Any] = {
        "audience": PUBLIC,
        "facet": facet,
        "modality": TEXT,
        "core": facet in ("category", "acquisition"),
        "named": F("0.93"),
        "other": F("0.07"),
        "unknown": F(0),
        "withheld": F(0),
        "silent": (),
        "covered": F(1),
        "precision": F("0.97"),
        "distance": 0.0123456,
        "widest": None,
        "consistent": True,
        "explained": False,
        "place": place,
    }
    return FacetReport(**values | given)


NOBODY = attacker({}, certified=0, targets=0, witnesses_passed=0, witnesses=0)
NAMED = identification(TEXT, {"a": 30, "b": 50, "c": 20}, named=["a", "b"], exact=["a"], confidential=["c"])


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("80", "130", "0.2"),
        ("50", "110", "0.1"),
        ("0", None, "1"),
        ("0", "900", "1"),
        ("100", "100", "0"),
    ],
)
def test_margin(low: str, high: str | None, expected: str) -> None:
    assert margin(100, Interval(F(low), F(high) if high else None)) == F(expected)


def test_a_margin_is_of_something() -> None:
    with pytest.raises(ValueError, match="above zero"):
        margin(0, Interval(F(0), None))


def test_the_attacker_who_comes_closest() -> None:
    margins = {
        "outsider": [F(1)] * 40,
        "insider": [F(n, 100) for n in range(60, 20, -1)],
        "union": [F("0.21"), F("0.9")],
        "nobody": [],
    }
    found = attacker(margins, certified=39, targets=40, witnesses_passed=79, witnesses=80)
    assert found == Attacker("insider", F("0.21"), F("0.22"), 39, 40, 79, 80)  # two of forty at or below the fifth
    assert Attacker(None, None, None, 0, 0, 0, 0) == NOBODY


def test_identification() -> None:
    assert Identification(TEXT, F("0.8"), 2, 3, F("0.3"), F(0), 0) == NAMED
    leaked = identification(TEXT, {"a": 30, "c": 70}, named=["a"], exact=["c"], confidential=["c"])
    assert leaked == Identification(TEXT, F("0.3"), 1, 2, F(0), F("0.7"), 1)
    assert identification(None, {}, named=[]) == Identification(None, F(0), 0, 0, F(0), F(0), 0)


def stand(*reports: FacetReport, identified: Any = (NAMED,)) -> Position:
    return position(PUBLIC, reports, identified, NOBODY)


def test_the_composite_is_a_third_each() -> None:
    (facet,) = stand(report()).facets
    assert (facet.exact, facet.composite) == (F("0.3"), (F("0.93") + F("0.97") + F("0.3")) / 3)
    (elsewhere,) = stand(report(modality=Modality.AUDIO)).facets
    assert elsewhere.exact == 0


def test_the_document_stands_where_its_lowest_core_facet_stands() -> None:
    found = stand(
        report(), report("acquisition", Openness.CATEGORY), report("licence", Openness.NOMINAL), report("stage", None)
    )
    assert (found.place, found.inside) == (Openness.CATEGORY, True)
    assert [facet.inside for facet in found.facets] == [True, True, True, None]
    assert (stand(report("licence")).place, stand(report("category", None)).place) == (None, None)


@pytest.mark.parametrize(
    ("facet", "place"),
    [
        ("category", Openness.OPAQUE),
        ("category", Openness.NOMINAL),
        ("category", Openness.EXHAUSTIVE),
        ("licence", Openness.OPAQUE),
        ("licence", Openness.EXHAUSTIVE),
    ],
)
def test_outside_of_the_corridor(facet: str, place: Openness) -> None:
    found = stand(report(facet, place))
    assert ([one.inside for one in found.facets], found.inside) == ([False], False)


def test_an_identified_confidential_source_is_outside() -> None:
    leaked = identification(TEXT, {"c": 70}, named=["c"], confidential=["c"])
    assert not stand(report(), identified=(leaked,)).inside
    assert stand(report(), identified=()).inside


def test_reports_for_others_are_left_out() -> None:
    found = stand(report(audience=Audience.REGULATOR, place=Openness.OPAQUE), report())
    assert [facet.report for facet in found.facets] == [report()]


def test_as_data() -> None:
    attack = attacker({"union": [F(1, 3)]}, certified=1, targets=1, witnesses_passed=2, witnesses=2)
    found = as_data(position(PUBLIC, [report()], [NAMED], attack))
    assert found == {
        "audience": "public",
        "place": "L3",
        "inside": True,
        "facets": [
            {
                "facet": "category",
                "modality": "text",
                "core": True,
                "place": "L3",
                "corridor": ["L2", "L3"],
                "inside": True,
                "named": 0.93,
                "other": 0.07,
                "unknown": 0.0,
                "withheld": 0.0,
                "precision": 0.97,
                "composite": 0.7333,
                "distance": 0.0123,
                "explained": False,
            }
        ],
        "identification": [
            {
                "modality": "text",
                "named": 0.8,
                "named_sources": 2,
                "sources": 3,
                "exact": 0.3,
                "confidential": 0.0,
                "confidential_sources": 0,
            }
        ],
        "attacker": {
            "profile": "union",
            "least": 0.3333,
            "fifth": 0.3333,
            "certified": 1,
            "targets": 1,
            "witnesses_passed": 2,
            "witnesses": 2,
        },
        "limits": list(LIMITS),
    }
    assert json.loads(json.dumps(found)) == found


def test_as_data_without_places_and_attackers() -> None:
    found = as_data(position(PUBLIC, [report(place=None, modality=None)], [NAMED._replace(modality=None)], NOBODY))
    (facet,), (who,) = found["facets"], found["identification"]  # type: ignore[misc]
    assert (found["place"], found["inside"]) == (None, True)
    assert (facet["place"], facet["inside"], facet["modality"], who["modality"]) == (None, None, None, None)
    assert found["attacker"]["least"] is None  # type: ignore[index]
