"""Small invented releases, made and built here."""

import functools
import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from kaiji import documents, proof
from kaiji.control import ledger_file
from kaiji.pipeline import Build, Options
from kaiji.pipeline import build as build_release
from kaiji.regime import load as regimes

sys.path.insert(0, str(Path(__file__).parent))
releases = importlib.import_module("releases")

_load = functools.cache(regimes.load)


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    """Write a release and return its release.yaml; those of one test share a ledger, if they name one."""

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
            releases.write(root / own["external_facts"], {"schema": "kaiji/external-facts/v1", "facts": list(facts)})
        if ledger:
            own |= {"ledger": "ledger.jsonl", "family": "toy"}
            if not (root / "ledger.jsonl").exists():
                ledger_file.init(root / "ledger.jsonl", "toy")
        manifest = {"schema": "kaiji/dataset-manifest/v1", "sources": list(sources)}
        releases.write(root / name / "manifest.json", manifest)
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
        path = root / f"{name}.yaml"
        releases.write(path, release)
        return path

    return made


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Build]:
    """Build a release as its JSON alone: the other formats hold the same figures and cost many times more."""
    monkeypatch.setattr(documents, "RENDERERS", {"json": documents.RENDERERS["json"]})
    monkeypatch.setattr(regimes, "load", _load)
    return lambda path, **options: build_release(path, Options(**{"worlds": 2, **options}))


@pytest.fixture
def publish(build: Callable[..., Build]) -> Callable[..., Build]:
    """Build a release that passes, and enter it in its ledger."""

    def published(path: Path, **options: Any) -> Build:
        built = build(path, **options)
        assert releases.alarms(built) == []
        assert built.proved is not None
        proof.enter(built.proved)
        return built

    return published
