"""The same fact has the same value in every document of a release: on what was filled, and on what was rendered."""

import json
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kaiji.consistency import findings
from kaiji.control.statements import Statement
from kaiji.pipeline import Build, Options, build
from kaiji.regime.values import Present
from kaiji.render.formats import RENDERERS
from kaiji.terms import Audience, Unit, Words

RULES = Path(__file__).parents[1] / "conformance" / "regimes" / "valid" / "house-rules"
RELEASE = """\
schema: kaiji/release/v1
id: toy-release
manifests: [m.yaml]
model: {name: Toy model, version: "1", release_date: 2026-10-15}
provider: {legal_name: Toy Inc., roles: [developer]}
document: {date: 2026-11-20}
policy: {salt_file: salt.txt}
outputs: {regimes: [house-rules, other-rules], languages: [en, ja]}
categories: {crawled: {used: true}}
"""
MANIFEST = """\
schema: kaiji/dataset-manifest/v1
sources:
  - id: books
    title: Books
    category: public
    modality: text
    stages: [pretraining]
    confidentiality: %s
    declared: {tokens: 300}
  - id: web
    title: Pages
    category: crawled
    modality: text
    stages: [pretraining]
    confidentiality: public
    crawler: {name: ToyBot, user_agent: ToyBot/1}
    declared: {tokens: 100}
"""
QUESTION = "Is data collected from the web used?"


def written(root: Path, manifest: str, release: str = RELEASE) -> Path:
    """A release with two regimes, of which one also asks whether crawled data are used."""
    for name in ("house-rules", "other-rules"):
        shutil.copytree(RULES, root / name)
        items = root / name / "items.yaml"
        both = items.read_text("utf-8").replace("[sources.shares]", "[sources.shares, crawled.used]")
        items.write_text(both, "utf-8")
    spec = root / "other-rules" / "regime.yaml"
    spec.write_text(spec.read_text("utf-8").replace("id: house-rules", "id: other-rules"), "utf-8")
    (root / "release.yaml").write_text(release, encoding="utf-8")
    (root / "m.yaml").write_text(manifest, encoding="utf-8")
    (root / "salt.txt").write_text("ab" * 32 + "\n", encoding="ascii")
    return root / "release.yaml"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delitem(RENDERERS, "pdf")  # takes long, and nothing here depends on it
        yield build(written(tmp_path_factory.mktemp("release"), MANIFEST % "public"), Options(worlds=0))


def said(built: Build, filled: Any = None, files: Any = None) -> list[str]:
    return [finding.line() for finding in findings(filled or built.filled, built.files if files is None else files)]


def test_the_documents_of_a_release_agree(built: Build) -> None:
    assert len(built.filled) == 4
    assert len([name for name in built.files if name.endswith(".en.json") and not name.startswith("internal/")]) == 4
    assert said(built) == []


def test_a_fact_with_two_values_is_told(built: Build) -> None:
    first, *others = built.filled
    value = first.values["crawled.used"]
    assert isinstance(value, Present)
    turned = first._replace(values={**first.values, "crawled.used": value._replace(truth=not value.truth)})
    advice = "do not publish; documents must be made from one summary"
    assert said(built, [turned, *others], {}) == [
        f"fail: KJ570: crawled.used is not the same in house-rules and other-rules (public); {advice}"
    ]


def test_figures_that_exclude_one_another_are_told(built: Build) -> None:
    name = "category.text.public.share"
    low, high = Decimal("75.5"), Decimal("76.5")
    other = Statement(id=name, text=Words(ja="76 %", en="76 %"), unit=Unit.PERCENT, low=low, high=high)
    told = []
    for filled in built.filled:
        one = filled
        if (filled.regime.spec.id, filled.summary.audience) == ("other-rules", Audience.REGULATOR):
            statements = {**filled.summary.statements, name: other}
            one = filled._replace(summary=filled.summary.model_copy(update={"statements": statements}))
        told.append(one)
    open_end = built.filled[0].summary.statements[name]
    assert (open_end.low, open_end.high, open_end.high_open) == (Decimal("74.5"), Decimal("75.5"), True)
    both = "other-rules (regulator), house-rules (public)"
    assert said(built, told, {}) == [
        f"fail: KJ571: {name} cannot be what all of {both} print; do not publish; one of them is not true"
    ]


@pytest.mark.parametrize(
    ("path", "change", "about"),
    [
        ("public/other-rules.ja.json", ("release", "version"), "release"),
        ("public/other-rules.ja.json", ("date",), "date"),
        ("public/other-rules.en.json", ("provider",), "provider, en"),
        ("public/other-rules.en.json", ("statements", 0, "high"), "figure, category.text.crawled.share"),
        ("public/other-rules.en.json", ("statements", 0, "text"), "figure, category.text.crawled.share"),
    ],
)
def test_a_changed_byte_in_one_document_is_told(
    built: Build, path: str, change: tuple[str | int, ...], about: str
) -> None:
    document = json.loads(built.files[path])
    part = document
    for key in change[:-1]:
        part = part[key]
    part[change[-1]] = 99 if isinstance(part[change[-1]], int | float) else f"{part[change[-1]]}1"
    (line,) = said(built, files={**built.files, path: json.dumps(document).encode()})
    assert line.startswith(f"{path}: fail: KJ572: {about}: not what public/house-rules.")
    assert line.endswith(".json says; do not publish; find where the two part")


@pytest.mark.parametrize("kind", ["yes_no", "table"])
def test_an_answer_or_a_table_that_differs_is_told(built: Build, kind: str) -> None:
    path = "public/other-rules.en.json"
    document = json.loads(built.files[path])
    block = next(b for s in document["sections"] for i in s["items"] for b in i["blocks"] if b["type"] == kind)
    if kind == "yes_no":
        assert (block["label"], block["value"]) == (QUESTION, "yes")
        block["value"] = "no"
    else:
        block["rows"].reverse()
    advice = "do not publish; find where the two part"
    about = f"question, {QUESTION}" if kind == "yes_no" else f"table, {block['caption']}"
    assert said(built, files={**built.files, path: json.dumps(document).encode()}) == [
        f"{path}: fail: KJ572: {about}: not what public/house-rules.en.json says; {advice}"
    ]


ANSWERS = """\
answers:
  house-rules: {H1: {statement: {ja: 公開された書籍の集まりです。, en: A public collection of books.}}}
  other-rules:
    H1:
      status: partly
      reason:
        ja: データの構成(H1)のうち、公開データセットの名称は契約により示せないため、内容の説明に代えます。
        en: Of the mix of the data (H1), the name of a public dataset is kept by contract; it is described instead.
      review_by: 2027-11-01
"""


def test_names_that_are_confidential_call_for_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(RENDERERS, "pdf", raising=False)
    path = written(tmp_path, MANIFEST % "confidential\n    owner: {id: acme, name: Acme Sample}")
    category = "sources of “Publicly available datasets” are not named"
    asked = f"H1: the regime asks for names, and {category}, because they are confidential or the level of disclosure "
    asked += "names none. Way out: A description of the dataset may stand instead of its name"
    found = [finding for finding in build(path, Options(worlds=0)).findings if finding.id in ("KJ580", "KJ581")]
    assert [(finding.id, finding.place and finding.place.key, finding.message) for finding in found] == [
        ("KJ580", "answers.house-rules.H1", asked),
        ("KJ580", "answers.other-rules.H1", asked),
    ]
    path.write_text(RELEASE + ANSWERS, encoding="utf-8")
    built = build(path, Options(worlds=0))
    found = [finding for finding in built.findings if finding.id in ("KJ580", "KJ581")]
    assert [(finding.id, finding.message) for finding in found] == 2 * [
        ("KJ581", f"H1: {category}; a person answers for it")
    ]
    assert not [name for name, content in built.files.items() if b"Acme" in content and name.startswith("public/")]
