"""Findings: order, verdict, formats, and a catalogue that is complete and used."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaiji import findings
from kaiji.findings import CATALOGUE, Finding, Place, Verdict, formatted, in_order, verdict

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
DETAIL = "Kuroshio Shuppan 4,815,162"

PLACED = Finding(
    id="KJ301",
    message="declared 50% of what: was observed,\nat least",
    place=Place(file="manifests/a,b:c.yaml", line=7, column=3, key="sources[0].declared"),
    detail=DETAIL,
)
UNPLACED = Finding(id="KJ302", message="sources are listed", detail=DETAIL)
LINELESS = Finding(id="KJ401", message="the file holds a name", place=Place(file="public/a.pdf"), detail=DETAIL)
ALL = in_order([PLACED, UNPLACED, LINELESS])


def used_ids() -> set[str]:
    """Ids that stand in the source outside of the catalogue itself."""
    found: set[str] = set()
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        if path.name == "findings.py":
            text = re.sub(r"^CATALOGUE:.*?^}$", "", text, flags=re.DOTALL | re.MULTILINE)
        found |= set(re.findall(r'"(KJ\d+)"', text))
    return found


def test_every_id_of_the_source_is_in_the_catalogue() -> None:
    assert used_ids() - set(CATALOGUE) == set()


def test_every_id_of_the_catalogue_is_used() -> None:
    assert set(CATALOGUE) - used_ids() == set()


def test_every_id_belongs_to_a_documented_stage() -> None:
    documented = re.findall(r"``(?:KJ)?(\d)xx``", findings.__doc__ or "")
    assert documented == sorted(set(documented))
    for name in CATALOGUE:
        assert re.fullmatch(r"KJ\d{3}", name)
        assert name[2] in documented
    assert list(CATALOGUE) == sorted(CATALOGUE)


def test_every_rule_says_what_is_wrong_and_what_to_do() -> None:
    for rule in CATALOGUE.values():
        assert rule.severity in (Verdict.REVIEW, Verdict.FAIL)
        assert rule.title == rule.title.strip() != ""
        assert rule.advice == rule.advice.strip() != ""
        assert "\n" not in rule.title + rule.advice
    titles = [rule.title for rule in CATALOGUE.values()]
    assert len(set(titles)) == len(titles)


def test_the_verdict_is_the_worst() -> None:
    assert verdict([]) is Verdict.PASS
    assert verdict([PLACED]) is Verdict.REVIEW
    assert verdict([PLACED, UNPLACED, PLACED]) is Verdict.FAIL
    assert [one.word for one in Verdict] == ["pass", "review", "fail"]


def test_worst_first_then_by_id_and_place() -> None:
    def at(line: int, file: str = "a.yaml", name: str = "KJ301") -> Finding:
        return Finding(id=name, message="m", place=Place(file=file, line=line))

    expected = [at(5, name="KJ303"), at(1, name="KJ401"), at(2), at(10), at(1, file="b.yaml"), at(1, name="KJ309")]
    assert list(in_order(reversed(expected))) == expected


def test_a_finding_without_a_place_comes_before_those_with_one() -> None:
    placed = Finding(id="KJ302", message="a", place=Place(file="a.yaml"))
    assert in_order([placed, UNPLACED]) == (UNPLACED, placed)


def test_repeats_are_dropped() -> None:
    assert in_order([PLACED, PLACED.model_copy(), PLACED]) == (PLACED,)


def test_findings_that_differ_in_column_or_detail_only_have_an_order() -> None:
    letters = [Finding(id="KJ301", message="m", detail=letter) for letter in "abcdefghijklmnop"]
    columns = [Finding(id="KJ301", message="m", place=Place(file="a", line=1, column=n)) for n in range(1, 17)]
    assert list(in_order(reversed(letters))) == letters
    assert list(in_order(reversed(columns))) == columns


few = st.sampled_from(["", "a", "b"])
any_finding = st.builds(
    Finding,
    id=st.sampled_from(["KJ301", "KJ302"]),
    message=few,
    place=st.none() | st.builds(Place, file=few, line=st.none() | st.integers(1, 2), key=st.none() | few),
)


@given(st.lists(any_finding, max_size=8), st.randoms())
def test_the_order_does_not_depend_on_the_order_of_the_input(found: list[Finding], random: Any) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)
    assert [one.sort_key() for one in in_order(found)] == [one.sort_key() for one in in_order(shuffled)]
    assert set(in_order(found)) == set(found)


@pytest.mark.parametrize("style", findings.FORMATS)
def test_details_are_not_printed_unless_asked_for(style: Any) -> None:
    assert DETAIL not in formatted(ALL, style)


@pytest.mark.parametrize("style", ["text", "json"])
def test_details_are_printed_when_asked_for(style: Any) -> None:
    assert formatted(ALL, style, confidential=True).count(DETAIL) == len(ALL)


@pytest.mark.parametrize("style", ["sarif", "github"])
def test_formats_that_are_uploaded_never_carry_details(style: Any) -> None:
    assert DETAIL not in formatted(ALL, style, confidential=True)


def test_text_is_one_line_with_place_id_key_and_advice() -> None:
    finding = Finding(id="KJ105", message="is missing", place=Place(file="a.yaml", line=3, column=5, key="owner.name"))
    assert formatted([finding]) == "a.yaml:3:5: fail: KJ105: owner.name: is missing; add the key\n"
    assert formatted([UNPLACED]).startswith("fail: KJ302: sources are listed; ")
    assert formatted([]) == ""


def test_json_says_the_verdict_and_each_finding() -> None:
    document = json.loads(formatted(ALL, "json"))
    assert document["schema"] == "kaiji/findings/v1"
    assert document["verdict"] == "fail"
    assert [found["id"] for found in document["findings"]] == ["KJ302", "KJ401", "KJ301"]
    assert document["findings"][0]["place"] is None
    assert document["findings"][2]["place"] == {
        "file": "manifests/a,b:c.yaml", "line": 7, "column": 3, "key": "sources[0].declared",
    }  # fmt: skip
    assert json.loads(formatted([], "json")) == {"schema": "kaiji/findings/v1", "verdict": "pass", "findings": []}


def test_github_commands_are_escaped() -> None:
    (line,) = formatted([PLACED], "github").splitlines()
    command, properties, message = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line).groups()  # type: ignore[union-attr]
    assert command == "warning"
    given_properties = dict(pair.split("=", 1) for pair in properties.split(","))
    assert given_properties == {
        "title": "KJ301 declared and observed sizes differ",
        "file": "manifests/a%2Cb%3Ac.yaml",
        "line": "7",
    }
    assert message == "declared 50%25 of what: was observed,%0Aat least"
    assert formatted([UNPLACED], "github").startswith("::error title=KJ302 category declared unused%2C but ")
    assert formatted([], "github") == ""


def sarif_of(found: list[Finding]) -> Any:
    return json.loads(formatted(found, "sarif"))


def test_sarif_has_what_the_standard_requires() -> None:
    document = sarif_of(list(ALL))
    assert document["version"] == "2.1.0"
    assert document["$schema"].startswith("https://")
    (run,) = document["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "kaiji"
    rules = {rule["id"]: rule for rule in driver["rules"]}
    assert list(rules) == sorted(rules), "rules in order of id"
    for rule in rules.values():
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]
    assert {result["ruleId"] for result in run["results"]} == set(rules)
    for result in run["results"]:
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
        for location in result.get("locations", ()):
            physical = location["physicalLocation"]
            assert physical["artifactLocation"]["uri"]
            assert physical.get("region", {"startLine": 1})["startLine"] >= 1


def test_sarif_gives_level_and_place() -> None:
    results = sarif_of(list(ALL))["runs"][0]["results"]
    assert [result["level"] for result in results] == ["error", "error", "warning"]
    assert "locations" not in results[0]
    assert "region" not in results[1]["locations"][0]["physicalLocation"]
    assert results[2]["locations"][0]["physicalLocation"]["region"]["startLine"] == 7


def test_sarif_without_findings_is_a_run_without_results() -> None:
    (run,) = sarif_of([])["runs"]
    assert run["results"] == []
    assert run["tool"]["driver"]["rules"] == []
