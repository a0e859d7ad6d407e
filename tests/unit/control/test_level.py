"""Level files: inheritance, and what is said of a file that does not fit."""

from pathlib import Path

import pytest

from kaiji.control.level import load
from kaiji.errors import RegimeError
from kaiji.terms import Audience

PLAN = """\
    facets:
      default: {action: share, unit: 1}
    totals: band
    counts: band
    names: not_confidential
    contacts: all
    method: show
"""
BASE = f"""\
schema: kaiji/level/v1
id: base
title: Base
description: Everything that may be said.
owners_minimum: 3
audiences:
  public:
{PLAN}  regulator:
{PLAN}"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    head = f"schema: kaiji/level/v1\nid: {name}\n"
    (folder / f"{name}.yaml").write_text(head + text, encoding="utf-8")


def wrong(folder: Path, name: str) -> str:
    with pytest.raises(RegimeError) as caught:
        load(name, folder)
    return str(caught.value)


def test_a_level_takes_what_it_does_not_say_from_its_parent(folder: Path) -> None:
    write(folder, "child", "inherits_from: base\ntitle: Child\naudiences: {public: {facets: {default: {unit: 5}}}}\n")
    write(folder, "grandchild", "inherits_from: child\naudiences: {public: {totals: withhold}}\n")
    level = load("grandchild", folder)
    assert level.id == "grandchild"
    assert level.title.en == "Child"
    public, regulator = level.audiences[Audience.PUBLIC], level.audiences[Audience.REGULATOR]
    assert (public.facet("category").unit, public.totals) == (5, "withhold")
    assert (regulator.facet("category").unit, regulator.totals) == (1, "band")


def test_another_action_does_not_keep_the_unit(folder: Path) -> None:
    kinds = "audiences: {public: {facets: {default: {action: kinds}}}}"
    write(folder, "child", f"inherits_from: base\n{kinds}\n")
    action = load("child", folder).audiences[Audience.PUBLIC].facet("language")
    assert (action.action, action.unit) == ("kinds", None)


def test_a_facet_of_its_own_before_the_default(folder: Path) -> None:
    own = "audiences: {public: {facets: {licence: {action: withhold}}}}"
    write(folder, "child", f"inherits_from: base\n{own}\n")
    plan = load("child", folder).audiences[Audience.PUBLIC]
    assert plan.facet("licence").action == "withhold"
    assert plan.facet("language").action == "share"


def test_an_unknown_level_names_those_there_are(folder: Path) -> None:
    assert wrong(folder, "bsae") == "there is no disclosure level 'bsae'; there are: base"


def test_an_unknown_parent_is_placed(folder: Path) -> None:
    write(folder, "child", "title: Child\ninherits_from: bsae\n")
    assert wrong(folder, "child").startswith("levels/child.yaml:4:1: there is no disclosure level 'bsae'")


def test_a_parent_outside_of_the_folder_is_not_read(folder: Path) -> None:
    (folder / "levels").mkdir()
    write(folder / "levels", "child", "inherits_from: ../base\n")
    assert "there is no disclosure level '../base'" in wrong(folder / "levels", "child")


def test_a_circle_is_placed(folder: Path) -> None:
    write(folder, "one", "inherits_from: two\n")
    write(folder, "two", "inherits_from: one\n")
    assert wrong(folder, "one") == "levels/two.yaml:3:1: a level inherits from itself by way of one, two"
    write(folder, "self", "inherits_from: self\n")
    assert wrong(folder, "self").startswith("levels/self.yaml:3:1: a level inherits from itself")


@pytest.mark.parametrize("unit", ["3", "0", "-1", "0.001", "1e-30", ".nan", ".inf", "200"])
def test_a_unit_that_does_not_divide_100_is_placed(folder: Path, unit: str) -> None:
    text = BASE.replace("id: base", "id: bad").replace("unit: 1}", f"unit: {unit}}}", 1)
    (folder / "bad.yaml").write_text(text, encoding="utf-8")
    (message,) = wrong(folder, "bad").splitlines()
    assert message.startswith("levels/bad.yaml:9:")
    assert "KJ106: audiences.public.facets.default" in message


def test_shares_need_a_unit_and_kinds_have_none(folder: Path) -> None:
    for action in ("{action: share}", "{action: kinds, unit: 1}", "{action: withhold, unit: 1}"):
        text = BASE.replace("id: base", "id: bad").replace("{action: share, unit: 1}", action, 1)
        (folder / "bad.yaml").write_text(text, encoding="utf-8")
        assert "a unit belongs to the action share, and only there" in wrong(folder, "bad")


def test_a_missing_default_is_said(folder: Path) -> None:
    text = BASE.replace("id: base", "id: bad").replace("default:", "category:", 1)
    (folder / "bad.yaml").write_text(text, encoding="utf-8")
    message = wrong(folder, "bad")
    assert message.startswith("levels/bad.yaml:1:")
    assert "facets need a default" in message


def test_every_audience_needs_a_plan(folder: Path) -> None:
    (folder / "bad.yaml").write_text(BASE.replace("id: base", "id: bad").split("  regulator:")[0], encoding="utf-8")
    assert "no plan for regulator" in wrong(folder, "bad")


def test_an_unknown_key_is_placed_in_the_file_that_has_it(folder: Path) -> None:
    broken = BASE.replace("    totals: band", "    total: band", 1)
    (folder / "base.yaml").write_text(broken, encoding="utf-8")
    write(folder, "child", "inherits_from: base\nonwers_minimum: 4\n")
    lines = wrong(folder, "child").splitlines()
    assert len(lines) == 3
    assert [line.split(": ")[0] for line in lines if "total" in line] == [
        "levels/base.yaml:7:3",
        "levels/base.yaml:10:5",
    ]
    assert [line.split(": ")[0] for line in lines if "onwers_minimum" in line] == ["levels/child.yaml:4:1"]
    assert "did you mean owners_minimum?" in "\n".join(lines)


@pytest.mark.parametrize("minimum", ["1", "0"])
def test_fewer_than_two_owners_protect_nobody(folder: Path, minimum: str) -> None:
    text = BASE.replace("id: base", "id: bad").replace("owners_minimum: 3", f"owners_minimum: {minimum}")
    (folder / "bad.yaml").write_text(text, encoding="utf-8")
    assert wrong(folder, "bad").startswith("levels/bad.yaml:5:")


def test_an_id_that_is_not_the_name_of_the_file(folder: Path) -> None:
    (folder / "other.yaml").write_text(BASE, encoding="utf-8")
    assert wrong(folder, "other") == "levels/other.yaml:2:1: the id of a level must be the name of its file"


@pytest.mark.parametrize(
    ("content", "rule"),
    [(b"id: [", "KJ102"), (b"id: a\nid: b\n", "KJ103"), (b"id: \xff", "KJ110"), (b"- a\n", "must be a mapping")],
)
def test_a_file_that_is_no_mapping_in_yaml(folder: Path, content: bytes, rule: str) -> None:
    (folder / "bad.yaml").write_bytes(content)
    message = wrong(folder, "bad")
    assert message.startswith("levels/bad.yaml:")
    assert rule in message


@pytest.mark.parametrize("name", ["middle-ground", "nominal"])
def test_the_levels_that_are_shipped(name: str) -> None:
    level = load(name, Path(__file__).parents[3] / "disclosure_templates" / "levels")
    assert level.owners_minimum >= 3
    assert not level.title.blank
    assert not level.description.blank
    public = level.audiences[Audience.PUBLIC]
    assert (public.contacts, public.method, public.names) == ("public", "withhold", "not_confidential")
