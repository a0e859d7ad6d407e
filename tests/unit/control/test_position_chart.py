"""The chart of the position: readable without colour, without pictures, and the same every time."""

import re
import xml.etree.ElementTree as ET
from fractions import Fraction
from typing import Any

from kaiji.control.floor_facets import FacetReport
from kaiji.control.openness import Openness
from kaiji.control.position import Attacker, Position, attacker, identification, position
from kaiji.control.position_chart import markdown, svg
from kaiji.terms import Audience, Modality

F = Fraction
SVG = "{http://www.w3.org/2000/svg}"


def report(facet: str, place: Openness | None, **given: Any) -> FacetReport:
    values: dict[str, Any] = {
        "audience": Audience.PUBLIC,
        "facet": facet,
        "modality": Modality.TEXT,
        "core": facet == "category",
        "named": F(1),
        "other": F(0),
        "unknown": F(0),
        "withheld": F(0),
        "silent": (),
        "covered": F(1),
        "precision": F("0.974"),
        "distance": 0.0,
        "widest": None,
        "consistent": True,
        "explained": False,
        "place": place,
    }
    return FacetReport(**values | given)


NAMED = identification(Modality.TEXT, {"a": 30, "b": 70}, named=["a"])
UNION = attacker({"union": [F("0.3")]}, certified=5, targets=5, witnesses_passed=10, witnesses=10)
NOBODY = attacker({}, certified=0, targets=0, witnesses_passed=0, witnesses=0)


def stand(attack: Attacker = UNION) -> Position:
    reports = [
        report("category", Openness.PRECISE),
        report("licence", Openness.OPAQUE, precision=F(0), named=F(0), withheld=F(1)),
        report("stage", None, modality=None),
    ]
    return position(Audience.PUBLIC, reports, [NAMED], attack)


def drawn() -> ET.Element:
    return ET.fromstring(svg(stand(), "pos"))  # noqa: S314  (our own text)


def test_the_chart_has_a_title_and_a_description_that_say_it_all() -> None:
    root = drawn()
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}" == "pos-title pos-desc"
    assert title.text == "Disclosure position, public"
    assert description.text == (
        "category, text *: L3, precision 97.4 %. licence, text: L0 OUTSIDE, precision 0 %. "
        "stage, all: no kind known, nothing to tell"
    )


def test_inside_is_a_circle_and_outside_a_cross() -> None:
    root = drawn()
    circles, crosses = root.findall(f"{SVG}circle"), [p for p in root.iter(f"{SVG}path") if "l12 12" in p.get("d", "")]
    assert (len(circles), len(crosses)) == (1, 1)
    outlines = root.findall(f"{SVG}rect")
    left, width = (int(outlines[0].get(name, "")) for name in ("x", "width"))
    assert left < int(circles[0].get("cx", "")) < left + width
    first = re.match(r"M(\d+)", crosses[0].get("d", ""))
    assert first is not None
    assert int(first[1]) + 12 < int(outlines[1].get("x", ""))
    assert len(outlines) == 3
    assert all(outline.get("stroke") for outline in outlines)


def test_everything_is_inside_of_the_drawing_and_labelled() -> None:
    root = drawn()
    width, height = (int(number) for number in root.get("viewBox", "").split()[2:])
    texts = root.findall(f"{SVG}text")
    assert all(0 <= int(one.get("x", "")) <= width and 0 < int(one.get("y", "")) <= height for one in texts)
    written = [one.text for one in texts]
    assert {"L0", "L1", "L2", "L3", "L4", "outline: permitted; circle: inside; cross: outside; *: core facet"} < set(
        written
    )


def test_the_same_position_gives_the_same_text() -> None:
    assert svg(stand(), "pos") == svg(stand(), "pos")
    assert svg(stand(), "other") == svg(stand(), "pos").replace("pos-", "other-")


def test_markdown() -> None:
    assert markdown(stand()) == (
        "Core facets (*) stand at L3 or above; the document is OUTSIDE.\n"
        "\n"
        "| Facet | L0 | L1 | L2 | L3 | L4 | Reader precision | Named | Other | Not known | Withheld | Composite |\n"
        "| --- | :-: | :-: | :-: | :-: | :-: | --: | --: | --: | --: | --: | --: |\n"
        "| category, text * | - | - | [ ] | [X] | - | 97.4 % | 100 % | 0 % | 0 % | 0 % | 0.66 |\n"
        "| licence, text | X | [ ] | [ ] | [ ] | - | 0 % | 0 % | 0 % | 0 % | 100 % | 0.00 |\n"
        "| stage, all | - | [ ] | [ ] | [ ] | - | 97.4 % | 100 % | 0 % | 0 % | 0 % | 0.66 |\n"
        "\n"
        "`[ ]` permitted, `X` where the facet stands, `-` not permitted; no `X` where no kind is known.\n"
        "\n"
        "- Sources, text: 1 of 2 named (30 % of the size); exact size known of 0 %; confidential ones identified: 0.\n"
        "- Protected sizes: 5 of 5 certified; witness worlds: 10 of 10 gave the same bytes.\n"
        "- Margin of the attacker who comes closest (union): at least 30 %; one target in twenty is at or below 30 %.\n"
        "- The margin is what is possible in the worst case, not what is likely.\n"
        "- It holds for the attackers and the common knowledge that were declared, and for no others.\n"
        "- Whether an owner can be guessed from knowledge of the trade (a famous sole licensor) is for a person to "
        "judge.\n"
    )


def test_markdown_without_anything_to_protect() -> None:
    empty = Position(Audience.PUBLIC, (), (), NOBODY)
    lines = markdown(empty).splitlines()
    assert lines[0] == "Core facets (*) stand at none or above; the document is inside."
    assert "- Nothing had to be protected from an attacker." in lines
