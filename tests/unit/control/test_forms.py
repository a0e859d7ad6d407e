"""The EU form in the two tests of a build: other worlds keep it, and repairs take it away last."""

import importlib
import sys
from pathlib import Path

from kaiji.control.atoms import atoms
from kaiji.control.repairs import Binding, Repair, repaired
from kaiji.control.worlds import of_names, of_sizes
from kaiji.provenance.inventory import build
from kaiji.terms import Audience, Modality

sys.path.insert(0, str(Path(__file__).parents[2]))
eu = importlib.import_module("eu_release")
OWNER = {"id": "o", "name": "Owner O"}
SECRET = {"category": "licensed", "confidentiality": "confidential", "owner": OWNER}
GIVEN = [eu.a_source("a"), eu.a_source("b", declared={"tokens": 9_000}), eu.a_source("c", **SECRET)]


def test_a_bin_and_a_list_go_when_nothing_else_is_left() -> None:
    found = eu.summary(GIVEN)
    level = eu.load_level("middle-ground", eu.templates_root() / "levels")
    plan = eu.draw(found, level, eu.Rule(eu.Fraction(1, 5), 3, on_request=True)).plan
    binding = Binding(None, Modality.TEXT, form="form.size.text")
    steps = []
    while step := repaired(plan, [binding]):
        plan, taken = step
        steps.append(taken)
    assert steps[-1] == Repair("form.size.text", "withhold")
    assert {one.path for one in steps[:-1]} <= {"total.text"}
    assert [one.unformed for one in plan.audiences] == [("form.size.text",)] * len(Audience)
    shown = eu.disclose(found, level, plan, Audience.PUBLIC, eu.date(2026, 11, 20)).summary
    assert [(one.statement, one.reason) for one in shown.form.sizes] == [(None, "withheld.owner")]


def test_other_sizes_of_a_secret_source_give_the_same_form() -> None:
    found = eu.summary(GIVEN)
    inventory = build(found.sources, None)
    known = atoms(inventory, found)
    secret = int(known.frame.index[known.frame["source_id"] == "c"][0])
    other = of_sizes(found, inventory, known, {secret: 500})
    assert other.form.totals[0].size == found.form.totals[0].size + 500
    assert eu.disclosed(other).summary.form == eu.disclosed(found).summary.form


def test_other_names_give_the_same_form() -> None:
    twice = [*GIVEN, eu.a_source("d", declared={"tokens": 9_000}, confidentiality="confidential", owner=OWNER)]
    found = eu.summary(twice)
    assert [one.title is None for one in eu.disclosed(found).summary.form.large] == [False, False, True]
    assert eu.disclosed(of_names(found)).summary.form == eu.disclosed(found).summary.form


def test_a_month_is_printed_twice_and_says_the_same() -> None:
    said = eu.disclosed(eu.summary(GIVEN)).summary.statements
    words, digits = said["period.latest"], said["period.latest.numeric"]
    assert (words.text.en, digits.text.en) == ("February 2025", "02/2025")
    assert (words.low, words.high, words.unit) == (digits.low, digits.high, digits.unit)
