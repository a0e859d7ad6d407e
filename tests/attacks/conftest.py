"""Small invented releases, made and built here, and an attacker of our own who reads what they would publish."""

import functools
import importlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from kaiji import documents, proof
from kaiji.control import ledger_file
from kaiji.pipeline import Build, Options
from kaiji.pipeline import build as build_release
from kaiji.regime import load as regimes

sys.path.insert(0, str(Path(__file__).parent))
attacker = importlib.import_module("attacker")

M = 10**6
_JSON = {"json": documents.RENDERERS["json"]}
_load = functools.cache(regimes.load)


def source(name: str, owner: str | None = None, category: str = "licensed", **more: Any) -> dict[str, Any]:
    """A source of text as a manifest declares it: with an ``owner`` it is confidential. Sizes go by measure."""
    sizes = {key: more.pop(key) for key in ("tokens", "bytes", "documents", "items", "hours") if key in more}
    held = {"owner": {"id": owner, "name": {"ja": f"保有者{owner}号社", "en": f"Holder {owner} Inc."}}} if owner else {}
    acquisition = {"crawled": "self_collected", "synthetic": "generated", "public": "free_public"}
    return {
        "id": name,
        "title": {"ja": f"資料{name}", "en": f"Corpus {name}"},
        "category": category,
        "modality": "text",
        "stages": ["pretraining"],
        "confidentiality": "confidential" if owner else "public",
        "acquisition": acquisition.get(category, "licensed"),
        "languages": ["ja"],
        "declared": sizes,
        **({"user_data": "other_service"} if category == "user" else {}),
        **held,
        **more,
    }


def fact(name: str, says: str, of: Mapping[str, Any], unit: str = "tokens", **much: Any) -> dict[str, Any]:
    """Something that others said; ``much`` is exact, about or between."""
    where = {"title": {"ja": f"記事{name}", "en": f"Report {name}"}, "date": "2026-07-01"}
    return {"id": name, "where": where, "says": says, "of": dict(of), "unit": unit, **much}


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    """Write a release and return its release.yaml; releases in one folder share a ledger, if they name one."""

    def made(
        sources: Sequence[Mapping[str, Any]],
        facts: Sequence[Mapping[str, Any]] = (),
        *,
        name: str = "toy-1",
        ledger: bool = False,
        **policy: Any,
    ) -> Path:
        root = tmp_path / "releases"
        (root / name).mkdir(parents=True, exist_ok=True)
        (root / "salt.txt").write_text("0123456789abcdef" * 4 + "\n", encoding="ascii")
        own: dict[str, Any] = {"salt_file": "salt.txt", **policy}
        if facts:
            own["external_facts"] = f"{name}/facts.json"
            _write(root / own["external_facts"], {"schema": "kaiji/external-facts/v1", "facts": list(facts)})
        if ledger:
            own |= {"ledger": "ledger.jsonl", "family": "toy"}
            if not (root / "ledger.jsonl").exists():
                ledger_file.init(root / "ledger.jsonl", "toy")
        release = {
            "schema": "kaiji/release/v1",
            "id": name,
            "model": {"name": "toy", "version": "1", "release_date": "2026-06-01"},
            "provider": {"legal_name": {"ja": "見本社", "en": "Sample Co."}, "roles": ["developer"]},
            "document": {"date": "2026-11-20"},
            "manifests": [f"{name}/manifest.json"],
            "policy": own,
            "outputs": {"languages": ["en"]},
        }
        _write(root / name / "manifest.json", {"schema": "kaiji/dataset-manifest/v1", "sources": list(sources)})
        path = root / f"{name}.yaml"
        _write(path, release)
        return path

    return made


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Build]:
    """Build a release as its JSON alone: the other formats hold the same figures and cost many times more."""
    monkeypatch.setattr(documents, "RENDERERS", _JSON)
    monkeypatch.setattr(regimes, "load", _load)
    return lambda path, **options: build_release(path, Options(**{"worlds": 2, **options}))


@pytest.fixture
def publish(build: Callable[..., Build]) -> Callable[..., Build]:
    """Build a release that passes, and enter it in its ledger."""

    def published(path: Path, **options: Any) -> Build:
        built = build(path, **options)
        assert not alarms(built), [finding.line(confidential=True) for finding in built.findings]
        assert built.proved is not None
        proof.enter(built.proved)
        return built

    return published


def alarms(built: Build) -> list[str]:
    """Ids of the findings that say that something protected, or unexplained, would be published."""
    return sorted({finding.id for finding in built.findings} & {"KJ401", "KJ402", "KJ416", "KJ417", "KJ420", "KJ422", "KJ423"})


def attack(built: Build, *earlier: Build, facts: Sequence[Mapping[str, Any]] = ()) -> Any:
    """The attacker before the documents of a release, and of those before it."""
    found = attacker.Attack([attacker.seen(one) for one in (*earlier, built)], facts)
    assert found.untrue() == []
    return found
