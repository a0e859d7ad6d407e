"""The checklist and the questions of a small release: every item, with what it rests on, in words and as a page."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import html

from kaiji import drafts
from kaiji.cli.answers import command
from kaiji.errors import OutputError
from kaiji.manifest.load import load
from kaiji.pipeline import Build, Options, build
from kaiji.render.formats import RENDERERS

RULES = Path(__file__).parents[1] / "conformance" / "regimes" / "valid" / "house-rules"
RELEASE = """\
schema: kaiji/release/v1
id: toy-release
manifests: [m.yaml]
model: {name: Toy model, version: "1", release_date: 2026-10-15}
provider: {legal_name: Toy Inc., roles: [developer]}
document: {date: 2026-11-20}
policy: {salt_file: salt.txt}
outputs: {regimes: [house-rules]}
"""
MANIFEST = """\
schema: kaiji/dataset-manifest/v1
sources:
  - id: books
    title: Books
    category: public
    modality: text
    stages: [pretraining]
    confidentiality: public
    declared: {tokens: 300}
  - id: letters
    title: Letters
    category: private
    modality: text
    stages: [pretraining]
    confidentiality: public
    declared: {tokens: 100}
"""
ANSWERS = """\
schema: kaiji/answers/v1
answers:
  house-rules:
    H1:
      statement: {ja: 本と手紙を用いました。, en: "Books & letters <b>may be used</b>."}
      approver: {ja: 法務部長, en: General counsel}
      evidence: [minutes-7]
"""
INSIDE = "core facets at L3 or above, inside of the corridor; witness worlds: none were needed"
HEDGE = "“may be used” (en); say what is the case, or that it is not known"
MISSING = "Not known: No source of this kind is listed; give the answer in release.yaml, or explain"
GOOD = (
    "Names what the item asks for, says what was done, by whom and since when, and how that can be checked; what is "
    "not known is called not known. It holds no intentions and no praise."
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("release")
    shutil.copytree(RULES, root / "house-rules")
    for name, text in {"release.yaml": RELEASE, "m.yaml": MANIFEST, "answers.yaml": ANSWERS}.items():
        (root / name).write_text(text, encoding="utf-8")
    (root / "salt.txt").write_text("ab" * 32 + "\n", encoding="ascii")
    with pytest.MonkeyPatch.context() as patch:
        patch.delitem(RENDERERS, "pdf")  # takes long, and nothing here depends on it
        yield root


@pytest.fixture(scope="module")
def built(folder: Path) -> Build:
    return build(folder / "release.yaml", Options())


def test_the_checklist_has_every_item_with_what_it_rests_on(built: Build) -> None:
    parts = built.files["internal/review.md"].decode().split("\n## ")
    assert parts[0].split("\n") == [
        "# Review of Toy model 1",
        "",
        "Confidential. Tick what you have checked; nothing here is published. Then: `kaiji signoff`.",
        "",
        "- Verdict: review: 0 fail, 4 review",
        "- Date of the documents: 2026-11-20",
        "- Protected sizes: 0 of 0 certified against every attacker",
        f"- Position, public: {INSIDE}",
        f"- Position, regulator: {INSIDE}",
        "- Made coarser by the audit: nothing",
        "",
    ]
    assert [part.split("\n")[0] for part in parts[1:]] == [
        "Findings",
        "Disclosure position, public",
        "Disclosure position, regulator",
        "house-rules version 2026-11, public",
        "house-rules version 2026-11, regulator",
        "Withheld and merged",
    ]
    assert "| category, text * |" in parts[2]
    assert parts[4].split("\n") == [
        "house-rules version 2026-11, public",
        "",
        "### H1 Mix of the data / データの構成",
        "",
        "- [ ] answered, from declaration",
        "- Asked in: House rules, point 1; Checked against the primary text",
        "- Fact: sources.shares: declared",
        "- Answer: Implemented; approved by General counsel",
        "- Evidence: minutes-7",
        "- Figure: category.text.public.share: 75 % (tells 74.5 to 75.5 percent)",
        "- Decision: category.text.public.share: round (share to 1 %): 300 of 400 tokens",
        "- Figure: category.text.private.share: 25 % (tells 24.5 to 25.5 percent)",
        "- Decision: category.text.private.share: round (share to 1 %): 100 of 400 tokens",
        f"- [ ] answers.yaml:5:7: review: KJ551: answers.house-rules.H1.statement: {HEDGE}",
        "",
        "### H2 Crawlers / クローラ",
        "",
        "- [ ] not_known, from missing",
        "- Asked in: House rules, point 2; Checked against the primary text",
        "- Fact: crawled.crawlers: not answered",
        f"- [ ] answers.yaml:3:3: review: KJ501: answers.house-rules.H2: H2: {MISSING}",
        "",
    ]


def test_the_page_is_accessible_and_needs_no_script(built: Build) -> None:
    page = html.document_fromstring(built.files["internal/review.html"])
    assert page.get("lang") == "en"
    assert not page.xpath("//script | //@onclick | //link | //img | //form")
    assert len(page.xpath("//h1")) == 1
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {target[1:] for target in page.xpath("//a/@href")} <= set(ids)
    assert set(page.xpath("//@aria-labelledby/../@aria-labelledby")) <= {*ids, *(" ".join(ids),)} | {
        f"{name}-title {name}-desc" for name in ("public", "regulator")
    }
    boxes = page.xpath("//input[@type='checkbox']/@id")
    assert boxes == page.xpath("//label/@for")
    assert len(boxes) == 4 + 2 * (2 + 2) + len(page.xpath("//section[@aria-labelledby='decisions']//input"))
    titles = [item.text_content() for item in page.xpath("//h3")]
    assert titles == 2 * ["H1 Mix of the data データの構成", "H2 Crawlers クローラ"]
    assert len(page.xpath("//*[local-name()='svg'][@role='img']")) == 2
    assert "CONFIDENTIAL" in page.xpath("//p[@role='note']")[0].text


def test_questions_say_what_is_asked_why_and_what_a_good_answer_holds(built: Build) -> None:
    asked = drafts.questions(built.filled)
    assert list(drafts.text(asked, "en")) == [
        "house-rules H2: Crawlers (public, regulator)",
        "  now: Not known: No source of this kind is listed.",
        "  asked: Which crawlers collected data?",
        "  why: House rules, point 2 (Checked against the primary text)",
        "  answered by: crawled.crawlers (Crawlers), crawled.used (Web-collected data), or your own words",
        f"  a good answer: {GOOD}",
    ]
    assert list(drafts.text(asked, "ja"))[2] == "  asked: どのクローラで収集しましたか。"
    (question,) = drafts.data("toy-release", asked)["questions"]  # type: ignore[misc]
    assert {key: question[key] for key in ("regime", "item", "audiences", "facts")} == {
        "regime": "house-rules",
        "item": "H2",
        "audiences": ["public", "regulator"],
        "facts": ["crawled.crawlers", "crawled.used"],
    }


def test_a_template_asks_and_answers_nothing(built: Build, tmp_path: Path) -> None:
    text = drafts.template("toy-release", drafts.questions(built.filled))
    assert [line for line in text.split("\n") if "#" not in line] == [
        "schema: kaiji/answers/v1",
        "answers:",
        '  "house-rules":',
        '    "H2":',
        "      statement:",
        "        ja:",
        "        en:",
        "",
    ]
    assert max(map(len, text.split("\n"))) <= 120
    for name, content in {"release.yaml": RELEASE, "m.yaml": MANIFEST, "answers.yaml": text}.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    assert load(tmp_path / "release.yaml").release.answers == {}


def test_the_command_lists_and_writes(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], built: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kaiji.pipeline.build", lambda *_: built)
    release, file = str(folder / "release.yaml"), tmp_path / "answers.yaml"
    assert command.main([release, "--format", "json"], standalone_mode=False) == 0
    assert [one["item"] for one in json.loads(capsys.readouterr().out)["questions"]] == ["H2"]
    assert command.main([release, "--lang", "ja"], standalone_mode=False) == 0
    assert capsys.readouterr().out.split("\n")[0] == "house-rules H2: クローラ (public, regulator)"
    assert command.main([release, "--write", str(file)], standalone_mode=False) == 0
    assert file.read_text("utf-8") == drafts.template("toy-release", drafts.questions(built.filled))
    with pytest.raises(OutputError, match=r"answers\.yaml: there is such a file already; name a new one"):
        command.main([release, "--write", str(file)], standalone_mode=False)
