"""A regime is a folder: a valid one renders without Python, a wrong one is told with file and line."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from kaiji.errors import RegimeError
from kaiji.pipeline import Options, build
from kaiji.regime.fill import fill
from kaiji.regime.load import find, load, wording
from kaiji.regime.localise import localise
from kaiji.render.templates import templates_root

COMMON = templates_root() / "common"
MANIFEST = """\
schema: kaiji/dataset-manifest/v1
sources:
  - id: web
    title: Web pages
    category: crawled
    modality: text
    stages: [pretraining]
    confidentiality: public
    crawler: {name: ToyBot, user_agent: ToyBot/1}
    declared: {tokens: 300}
  - id: books
    title: Books
    category: public
    modality: text
    stages: [pretraining]
    confidentiality: public
    declared: {tokens: 100}
"""
RELEASE = """\
schema: kaiji/release/v1
id: toy-release
manifests: [m.yaml]
model: {name: Toy model, version: "1", release_date: 2026-10-15}
provider: {legal_name: Toy Inc., roles: [developer]}
document: {date: 2026-11-20}
"""


def refused(toy: Any) -> list[str]:
    with pytest.raises(RegimeError) as caught:
        toy.load()
    assert str(toy.folder.parent) not in str(caught.value)
    return str(caught.value).split("\n")


def test_a_toy_regime_fills_in_both_languages(toy: Any, release: Any, source: Any) -> None:
    crawler = {"name": "ToyBot", "user_agent": "ToyBot/1"}
    summary = release([source("a", category="crawled", crawler=crawler), source("b")])
    filled = fill(toy.load(), summary)
    japanese, english = localise(filled, "ja"), localise(filled, "en")
    assert [item.state for item in english.sections[0].items] == ["answered", "answered"]
    assert [item.label for item in japanese.sections[0].items] == ["モデルの名称", "クローラの識別子"]
    assert english.regime.title == "Toy rules"
    assert english.notices == ("These rules are a toy.",)
    tables = [block for item in english.sections[0].items for block in item.blocks if block.type == "table"]
    assert [table.caption for table in tables][-1] == "Points"
    assert ("Model M") in tables[0].rows[0]
    assert "50 %" in [cell for row in tables[1].rows for cell in row]
    assert filled.findings == ()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "release"
    root.mkdir()
    (root / "release.yaml").write_text(RELEASE, encoding="utf-8")
    (root / "m.yaml").write_text(MANIFEST, encoding="utf-8")
    return root


def salted(folder: Path) -> Path:
    path = folder / "salt.txt"
    path.write_text("ab" * 32 + "\n", encoding="ascii")
    return path


def test_a_toy_regime_builds_whole_documents_without_python(toy: Any, folder: Path) -> None:
    built = build(folder / "release.yaml", Options(regimes=(str(toy.folder),), salt_file=salted(folder)))
    assert {"public/toy.ja.md", "public/toy.en.html", "public/toy.en.json", "regulator/toy.ja.pdf"} <= set(built.files)
    text = built.files["public/toy.ja.md"].decode()
    assert "おもちゃの規則" in text
    assert "ToyBot/1" in text
    assert "75%" in text
    assert "定型の文です。" in text
    assert not [finding for finding in built.findings if finding.id.startswith("KJ5")]


def test_a_regime_beside_the_release_is_named_in_outputs(toy: Any, folder: Path) -> None:
    shutil.copytree(toy.folder, folder / "regimes" / "toy")
    path = folder / "release.yaml"
    path.write_text(RELEASE + "outputs: {regimes: [regimes/toy], languages: [en]}\n", encoding="utf-8")
    built = build(path, Options(salt_file=salted(folder)))
    assert "public/toy.en.md" in built.files
    assert "public/toy.ja.md" not in built.files


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("answers: {toy: {T1: {statement: More.}}}", []),
        ("answers: {jp-principle-code: {A1: {statement: More.}}}", []),
        ("answers: {jp-principel-code: {A1: {statement: More.}}}", ["answers.jp-principel-code"]),
        ("acceptance: {jp-principle-cod: {accepted: false}}", ["acceptance.jp-principle-cod"]),
        ("acceptance: {jp-principle-code: {accepted: false}}", []),
        ("acceptance: {other: {accepted: false}}\nanswers: {another: {}}", ["answers.another", "acceptance.other"]),
    ],
)
def test_what_is_said_for_a_regime_that_is_not_built_is_told(
    toy: Any, folder: Path, text: str, places: list[str]
) -> None:
    """The regimes that the release names are known, even when only another one is built now."""
    path = folder / "release.yaml"
    path.write_text(RELEASE + text + "\n", encoding="utf-8")
    built = build(path, Options(regimes=(str(toy.folder),), salt_file=salted(folder)))
    found = [finding for finding in built.findings if finding.id == "KJ509"]
    assert sorted(finding.place.key for finding in found if finding.place) == sorted(places)
    for finding in found:
        assert finding.place
        assert finding.place.line
        assert "no document is built for this regime" in finding.message
        if "principle" in text or "principel" in text:
            assert "did you mean jp-principle-code?" in finding.message
        else:
            assert "the release is built for jp-principle-code, toy" in finding.message


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        (
            "items.yaml",
            "model.names",
            "model.nams",
            "toy/items.yaml:5:5: there is no fact 'model.nams'; did you mean 'model.names'?",
        ),
        ("items.yaml", "also: [sources.shares]", "also: [nothing]", "toy/items.yaml:6:5: there is no fact 'nothing'"),
        (
            "items.yaml",
            "when: crawled.used",
            "when: crawled.usd",
            "toy/items.yaml:15:5: there is no fact 'crawled.usd'; did you mean 'crawled.used'?",
        ),
        (
            "items.yaml",
            "  - id: T2\n    section: one",
            "  - id: T2\n    section: ones",
            "toy/items.yaml:11:5: there is no section 'ones'; did you mean 'one'?",
        ),
        (
            "items.yaml",
            "tables: [points]",
            "tables: [point]",
            "toy/items.yaml:14:5: there is no table 'point' in regime.yaml; did you mean 'points'?",
        ),
        (
            "items.yaml",
            "fixed: [fixed.toy]",
            "fixed: [fixed.toys]",
            "toy/items.yaml:10:5: the wording has no fixed.toys",
        ),
        (
            "items.yaml",
            "principle: 1",
            "principle: 2",
            "toy/items.yaml:4:5: principle 2 is not in principles of regime.yaml",
        ),
        (
            "items.yaml",
            "    facts: [model.names]\n",
            "",
            "toy/items.yaml:6:5: an item without facts is answered by a person: its status must be manual",
        ),
        ("regime.yaml", "notice.toy", "notice.toi", "toy/regime.yaml:11:11: the wording has no notice.toi"),
        ("regime.yaml", "model_card: [T1]", "model_card: [T9]", "toy/regime.yaml:12:14: there is no item 'T9'"),
        ("regime.yaml", "  - id: one\n", "  - id: one\n  - id: two\n", "toy/regime.yaml:11:5: section two has no item"),
        (
            "regime.yaml",
            "  - id: one\n",
            "  - id: one\n  - id: one\n",
            "toy/regime.yaml:11:5: section one is listed twice",
        ),
        (
            "regime.yaml",
            "[table.points.a, table.points.b]",
            "[table.points.a]",
            "toy/regime.yaml:14:3: a row has more or fewer cells than there are columns",
        ),
        (
            "regime.yaml",
            "table.points.caption",
            "table.points.title",
            "toy/regime.yaml:14:3: the wording has no table.points.title",
        ),
    ],
)
def test_a_reference_that_does_not_resolve(toy: Any, file: str, old: str, new: str, told: str) -> None:
    assert told in refused(toy.change(file, old, new))


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        (
            "items.yaml",
            "also:",
            "alos:",
            "toy/items.yaml:6:5: fail: KJ104: items[0].alos: is not known here; did you mean also?",
        ),
        (
            "items.yaml",
            "    locator: Toy rules, 1\n",
            "",
            "toy/items.yaml:2:5: fail: KJ105: items[0].locator: is missing",
        ),
        (
            "items.yaml",
            "status: automated",
            "status: automatic",
            "toy/items.yaml:7:13: fail: KJ106: items[0].status: must be one of automated, declared, manual, not",
        ),
        (
            "items.yaml",
            "    also: [sources.shares]\n",
            "    facts: [provider.roles]\n",
            "toy/items.yaml:6:5: fail: KJ103: items[0].facts: ",
        ),
        ("items.yaml", "items:\n", "items: [\n", "toy/items.yaml:"),
        (
            "regime.yaml",
            "principles: [1]\n",
            "principles: [1]\napplies_from: 2026-13-01\n",
            "toy/regime.yaml:9:15: fail: KJ106: applies_from: ",
        ),
        (
            "regime.yaml",
            "principles: [1]\n",
            "principles: [1]\napplies_from: 20260825\n",
            "toy/regime.yaml:9:15: fail: KJ106: applies_from: ",
        ),
        (
            "regime.yaml",
            "nature: voluntary",
            "nature: soft",
            "toy/regime.yaml:6:9: fail: KJ106: nature: must be one of voluntary, mandatory, not 'soft'",
        ),
    ],
)
def test_a_file_that_does_not_fit(toy: Any, file: str, old: str, new: str, told: str) -> None:
    lines = refused(toy.change(file, old, new))
    assert any(line.startswith(told) for line in lines), lines


def test_the_same_item_twice(toy: Any) -> None:
    lines = refused(toy.change("items.yaml", "  - id: T2", "  - id: T1"))
    assert "toy/items.yaml:10:5: item T1 is listed twice" in lines


def test_a_condition_needs_the_text_for_when_it_does_not_hold(toy: Any) -> None:
    toy.change("wording.en.yaml", ", none: No crawler is listed.", "")
    toy.change("wording.ja.yaml", ", none: クローラの登録はありません。", "")
    assert refused(toy) == ["toy/items.yaml:15:5: the wording has no item.T2.none"]


@pytest.mark.parametrize(("language", "other"), [("en", "ja"), ("ja", "en")])
def test_a_text_in_one_language_only(toy: Any, language: str, other: str) -> None:
    toy.change(f"wording.{language}.yaml", "fixed: {toy: ", "fixed: {more: x, toy: ")
    assert refused(toy) == [f"toy/wording.{language}.yaml:7:9: fixed.more has no text in toy/wording.{other}.yaml"]


def test_a_text_that_nothing_prints(toy: Any) -> None:
    for language in ("en", "ja"):
        toy.change(f"wording.{language}.yaml", "fixed: {toy: ", "fixed: {more: x, toy: ")
    assert refused(toy) == ["toy/wording.ja.yaml:7:9: nothing uses fixed.more"]


def test_none_is_printed_only_where_there_is_a_condition(toy: Any) -> None:
    toy.change("items.yaml", "    required: {when: crawled.used}\n", "")
    assert refused(toy) == ["toy/wording.ja.yaml:6:53: nothing uses item.T2.none"]


def test_shared_texts_may_be_worded_anew_and_no_others(toy: Any) -> None:
    for language in ("en", "ja"):
        toy.change(f"wording.{language}.yaml", "fixed: {toy: ", "column: {model: Our word}\nfixed: {toy: ")
    assert toy.load().wording.words("column.model").ja == "Our word"
    for language in ("en", "ja"):
        toy.change(f"wording.{language}.yaml", "column: {model: ", "column: {modle: ")
    assert refused(toy) == ["toy/wording.ja.yaml:7:10: nothing uses column.modle"]


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ("fixed: {toy: ''}", "toy/wording.en.yaml:7:9: fixed.toy: must be a text that is not blank"),
        ("fixed: {toy: ' '}", "toy/wording.en.yaml:7:9: fixed.toy: must be a text that is not blank"),
        ("fixed: {toy: }", "toy/wording.en.yaml:7:9: fixed.toy: must be a text that is not blank"),
        ("fixed: {toy: 3}", "toy/wording.en.yaml:7:9: fixed.toy: must be a text that is not blank"),
        ("fixed: {toy: [a]}", "toy/wording.en.yaml:7:9: fixed.toy: must be a text that is not blank"),
        ("fixed.toy: a\nfixed: {toy: b}", "toy/wording.en.yaml:8:9: fixed.toy: stands at toy/wording.en.yaml:7:1 too"),
    ],
)
def test_a_text_that_is_none(toy: Any, new: str, told: str) -> None:
    assert refused(toy.change("wording.en.yaml", "fixed: {toy: This text is fixed.}", new)) == [told]


def test_placeholders_that_nothing_fills(toy: Any) -> None:
    toy.change("wording.en.yaml", "This text is fixed.", "'This {text} is fixed.'")
    toy_line = "toy/wording.en.yaml:7:9: fixed.toy has other placeholders than in Japanese"
    assert refused(toy) == [toy_line]
    toy.change("wording.ja.yaml", "定型の文です。", "'{text}です。'")
    assert set(refused(toy)) == {
        f"toy/wording.{name}.yaml:7:9: fixed.toy: nothing fills {{text}}" for name in ("en", "ja")
    }


def test_the_folder_has_the_name_of_the_regime(toy: Any, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    toy.folder.rename(moved)
    with pytest.raises(
        RegimeError, match=r"^elsewhere/regime.yaml:2:1: id 'toy' is not the name of its folder, 'elsewhere'$"
    ):
        load(moved, COMMON)


def test_a_folder_may_be_named_by_a_dot(toy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(toy.folder)
    assert load(Path(), COMMON).spec.id == "toy"


@pytest.mark.parametrize("name", ["regime.yaml", "items.yaml", "wording.ja.yaml", "wording.en.yaml"])
def test_every_file_is_needed(toy: Any, name: str) -> None:
    (toy.folder / name).unlink()
    assert refused(toy) == [f"toy/{name}: there is no such file, and a regime needs it"]


def test_every_problem_is_told_at_once(toy: Any) -> None:
    toy.change("items.yaml", "model.names", "model.nams").change("items.yaml", "tables: [points]", "tables: [point]")
    assert len(refused(toy)) == 2


def test_find_by_id_by_path_and_not_at_all(toy: Any, tmp_path: Path) -> None:
    regimes = templates_root() / "regimes"
    assert find("jp-principle-code", regimes) == regimes / "jp-principle-code"
    assert find(str(toy.folder), regimes) == toy.folder
    assert find("toy", regimes, tmp_path) == tmp_path / "toy"
    with pytest.raises(
        RegimeError, match=r"there is no regime 'jp': neither one of .*jp-principle-code.* nor a folder"
    ):
        find("jp", regimes, tmp_path)


def test_every_regime_that_comes_with_kaiji_loads() -> None:
    folders = sorted((templates_root() / "regimes").iterdir())
    assert [load(folder, COMMON).spec.id for folder in folders] == [folder.name for folder in folders]
    assert "state.answered" in wording(COMMON)
