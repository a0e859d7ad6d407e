"""A small release without data files, through the stages by hand: measured, planned, and made into documents."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from kaiji.control.disclosed import Method
from kaiji.control.draw import draw
from kaiji.control.level import load as load_level
from kaiji.control.primary import Rule
from kaiji.documents import Documents
from kaiji.measure import Measured, measure
from kaiji.regime.load import load as load_regime
from kaiji.regime.model import Regime
from kaiji.render.templates import templates_root
from kaiji.terms import Language

CODE = "jp-principle-code"
ON = date(2026, 11, 22)
METHOD = Method(kaiji="", engine="", psl_version="", psl_date="", tolerance="", commitments={"data": "ab" * 32})
OPEN = {"confidentiality": "public", "owner": None}


def source(number: int, **given: Any) -> dict[str, Any]:
    """A confidential licensed source of text of the owner ``holder-<number>``, but for what is given."""
    owner = f"holder-{number}"
    return {
        "id": f"quiet-{number}",
        "title": {"ja": f"静かな資料{number}号", "en": f"Quiet corpus {number}"},
        "category": "licensed",
        "modality": "text",
        "stages": ["pretraining"],
        "confidentiality": "confidential",
        "acquisition": "licensed",
        "languages": ["ja"],
        "owner": {"id": owner, "name": {"ja": f"静かな会社{owner}", "en": f"Quiet company {owner}"}},
        "declared": {"tokens": 1_234_567 + 1001 * number},
        **given,
    }


def sources() -> list[dict[str, Any]]:
    """Three licensors, three other owners, and an open crawl and an open set."""
    crawl = {"id": "crawl", "title": "Own crawl", "category": "crawled", "acquisition": "self_collected"}
    dump = {"id": "dump", "title": "Open dump", "category": "public", "hub_id": "open/dump", "languages": ["en"]}
    return [
        *(source(number) for number in range(3)),
        *(source(number, category="private", acquisition="purchased") for number in range(3, 6)),
        source(6, **{**OPEN, **crawl, "declared": {"tokens": 9_876_543}}),
        source(7, **{**OPEN, **dump, "declared": {"tokens": 4_567_891}}),
    ]


def write(root: Path, listed: Sequence[Mapping[str, Any]] | None = None, **release: Any) -> Path:
    """Write a release of ``listed`` (else of :func:`sources`) and return its release.yaml."""
    root.mkdir(parents=True, exist_ok=True)
    manifest = {"schema": "kaiji/dataset-manifest/v1", "sources": sources() if listed is None else list(listed)}
    written = {
        "schema": "kaiji/release/v1",
        "id": "small-1",
        "model": {"name": "small", "version": "1", "release_date": "2026-10-01"},
        "provider": {"legal_name": {"ja": "見本社", "en": "Sample Co."}, "roles": ["developer"]},
        "manifests": ["manifest.json"],
        **release,
    }
    for name, value in (("manifest.json", manifest), ("release.yaml", written)):
        (root / name).write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
    return root / "release.yaml"


def measured(root: Path, listed: Sequence[Mapping[str, Any]] | None = None, **release: Any) -> Measured:
    return measure(write(root, listed, **release))


@cache
def code() -> Regime:
    return load_regime(templates_root() / "regimes" / CODE, templates_root() / "common")


def documents_of(of: Measured, languages: Sequence[Language] = ("ja", "en")) -> Documents:
    """The documents of a release at its level, with the plan as it is drawn."""
    release = of.loaded.release
    level = load_level(release.policy.level, templates_root() / "levels")
    plan = draw(of.summary, level, Rule(Fraction(1, 5), level.owners_minimum, on_request=True)).plan
    return Documents(release, level, plan, (code(),), tuple(languages), ON, METHOD)
