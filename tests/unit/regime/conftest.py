"""A toy regime as a folder, and releases disclosed for it without reading a single file."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from disclosing import tell

from kaiji.control.disclosed import DisclosedSummary, Method
from kaiji.control.level import load as load_level
from kaiji.manifest.models import DataSource, Release
from kaiji.provenance.inventory import build
from kaiji.provenance.reconcile import months
from kaiji.provenance.summarise import summarise
from kaiji.regime.fill import fill
from kaiji.regime.filled import Filled, FilledItem
from kaiji.regime.load import load
from kaiji.regime.model import Regime
from kaiji.render.templates import templates_root
from kaiji.terms import Audience

COMMON = templates_root() / "common"
CODE = "jp-principle-code"
METHOD = Method(
    kaiji="kaiji 0",
    engine="e 1",
    psl_version="1",
    tokenizers=("tokenizer.json (0123456789ab), tokenizers 0.23",),
    psl_date="2026-01-01",
    tolerance="1.00%",
    commitments={"manifests": "ab", "data": "cd"},
)

REGIME = """\
schema: kaiji/regime/v1
id: toy
version: "1"
jurisdiction: XX
owner: Toy office
nature: voluntary
source: https://toy.example/rules
principles: [1]
sections:
  - id: one
notices: [notice.toy]
model_card: [T1]
tables:
  points:
    caption: table.points.caption
    columns: [table.points.point, table.points.where]
    rows:
      - [table.points.a, table.points.b]
"""
ITEMS = """\
items:
  - id: T1
    section: one
    principle: 1
    facts: [model.names]
    also: [sources.shares]
    status: automated
    locator: Toy rules, 1
    verification: primary
  - id: T2
    section: one
    facts: [crawled.crawlers]
    fixed: [fixed.toy]
    tables: [points]
    required: {when: crawled.used}
    status: declared
    locator: Toy rules, 2
    verification: unverified
"""
WORDING = {
    "en": """\
title: Toy rules
section:
  one: Section one
item:
  T1: {label: Model of the toy, prompt: Name the model.}
  T2: {label: Crawler of the toy, prompt: Name the crawler., none: No crawler is listed.}
fixed: {toy: This text is fixed.}
notice: {toy: These rules are a toy.}
table:
  points: {caption: Points, point: Point, where: Where, a: A point, b: Its place}
""",
    "ja": """\
title: おもちゃの規則
section:
  one: 第一の節
item:
  T1: {label: モデルの名称, prompt: モデルの名称を記載してください。}
  T2: {label: クローラの識別子, prompt: クローラの識別子を記載してください。, none: クローラの登録はありません。}
fixed: {toy: 定型の文です。}
notice: {toy: この規則は見本です。}
table:
  points: {caption: 論点, point: 論点名, where: 箇所, a: 論点甲, b: その箇所}
""",
}


class Toy:
    """A regime folder that a test changes one text of."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "toy"
        self.folder.mkdir()
        texts = {"regime.yaml": REGIME, "items.yaml": ITEMS}
        texts |= {f"wording.{language}.yaml": text for language, text in WORDING.items()}
        for name, text in texts.items():
            (self.folder / name).write_text(text, encoding="utf-8")

    def change(self, file: str, old: str, new: str) -> "Toy":
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return self

    def load(self) -> Regime:
        return load(self.folder, COMMON)


def a_source(name: str = "s", **keys: Any) -> dict[str, Any]:
    plain = {"category": "public", "modality": "text", "stages": ["pretraining"], "confidentiality": "public"}
    return {"id": name, "title": f"Title of {name}", "declared": {"tokens": 1000}, **plain, **keys}


def disclosed(
    sources: Sequence[Mapping[str, Any]] = (),
    audience: Audience = Audience.PUBLIC,
    level: str = "middle-ground",
    **keys: Any,
) -> DisclosedSummary:
    """What a release with these ``sources`` and keys of release.yaml discloses."""
    needed = {
        "schema": "kaiji/release/v1",
        "id": "r",
        "model": {"name": "Model M", "version": "1", "release_date": "2026-10-15"},
        "provider": {"legal_name": "Provider P", "roles": ["developer"]},
        "manifests": ["m.yaml"],
    }
    release = Release.model_validate({**needed, **keys})
    made = [DataSource.model_validate(source) for source in sources]
    how = load_level(level, templates_root() / "levels")
    summary = summarise(release, made, build(made, None), months(made, None), how.crossed())
    return tell(summary, how, audience, date(2026, 11, 20), method=METHOD).summary


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    return Toy(tmp_path)


@pytest.fixture
def source() -> Callable[..., dict[str, Any]]:
    return a_source


@pytest.fixture
def release() -> Callable[..., DisclosedSummary]:
    return disclosed


@pytest.fixture(scope="session")
def code() -> Regime:
    """The Principle Code, as it comes with kaiji."""
    return load(templates_root() / "regimes" / CODE, COMMON)


@pytest.fixture
def filled(code: Regime) -> Callable[..., Filled]:
    """The Principle Code filled from ``sources`` and keys of release.yaml; ``answers`` by item."""

    def made(
        sources: Sequence[Mapping[str, Any]] = (), answers: Mapping[str, Any] | None = None, **keys: Any
    ) -> Filled:
        evidenced = frozenset(name for name, one in (answers or {}).items() if one.get("evidence"))
        return fill(code, disclosed(sources, **({"answers": {CODE: answers}} if answers else {}), **keys), evidenced)

    return made


@pytest.fixture
def item() -> Callable[[Filled, str], FilledItem]:
    def found(filled: Filled, name: str) -> FilledItem:
        return next(one for one in filled.items if one.spec.id == name)

    return found
