"""Releases for tests of the EU form, disclosed without reading a file: domain names are given, not measured."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

from kaiji.control.disclose import Disclosed, disclose
from kaiji.control.draw import draw
from kaiji.control.level import load as load_level
from kaiji.control.primary import Rule
from kaiji.manifest.models import DataSource, Release
from kaiji.provenance.form_sizes import form_sizes
from kaiji.provenance.inventory import build
from kaiji.provenance.reconcile import months
from kaiji.provenance.summarise import ProvenanceSummary, summarise
from kaiji.regime.fill import fill
from kaiji.regime.filled import Filled
from kaiji.regime.load import load
from kaiji.regime.model import Regime
from kaiji.render.templates import templates_root
from kaiji.scan.result import RankedDomains
from kaiji.terms import LANGUAGES, Audience

EU = "eu-53-1-d"
NEEDED: dict[str, Any] = {
    "schema": "kaiji/release/v1",
    "id": "r",
    "model": {
        "name": "Model M",
        "version": "1",
        "release_date": "2026-10-15",
        "eu_market_date": "2026-11-02",
        "training_continues": "no",
    },
    "provider": {
        "legal_name": "Provider P",
        "roles": ["developer"],
        "establishment": "FR",
        "contacts": [{"purpose": "training_data", "kind": "email", "value": "data@p.example"}],
    },
    "manifests": ["m.yaml"],
    "categories": {
        name: {"used": False} for name in ("public", "licensed", "private", "crawled", "user", "synthetic", "other")
    },
    "rights": {
        "eu_code_signatory": True,
        "reservation_measures": "Reservations are read before collection.",
        "optout_signals": [{"signal": "robots_txt", "honoured": "yes"}],
    },
    "measures": {"illegal_content": "違法な内容を一覧で除く。/ Unlawful content is removed by lists."},
}
"""A release that leaves no required field of the form empty, once it has sources."""


@cache
def regime() -> Regime:
    return load(templates_root() / "regimes" / EU, templates_root() / "common")


def a_source(name: str = "s", **keys: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "category": "public",
        "modality": "text",
        "stages": ["pretraining"],
        "confidentiality": "public",
        "languages": ["en"],
        "content_types": ["Articles"],
        "collected": {"from": "2025-01", "to": "2025-02"},
        "url": f"https://{name}.example",
    }
    return {"id": name, "title": f"Title of {name}", "declared": {"tokens": 1000}, **plain, **keys}


def summary(
    sources: Sequence[Mapping[str, Any]], ranks: Sequence[RankedDomains] = (), **keys: Any
) -> ProvenanceSummary:
    """The summary of a release with these ``sources`` and keys of release.yaml laid over :data:`NEEDED`."""
    made = [DataSource.model_validate(source) for source in sources]
    used = {source.category.value for source in made}
    categories = {name: one for name, one in NEEDED["categories"].items() if name not in used}
    release = Release.model_validate({**NEEDED, "categories": categories, **keys})
    inventory = build(made, None)
    behind = {source.id for source in made if source.category == "crawled"} if not ranks else set()
    form = form_sizes(made, inventory, ranks, sorted(behind), ("1", "2026-01-01"))
    found = summarise(release, made, inventory, months(made, None))
    return found.model_copy(update={"form": form})


def disclosed(found: ProvenanceSummary, audience: Audience = Audience.PUBLIC) -> Disclosed:
    level = load_level("middle-ground", templates_root() / "levels")
    plan = draw(found, level, Rule(Fraction(1, 5), level.owners_minimum, on_request=True)).plan
    return disclose(found, level, plan, audience, date(2026, 11, 20))


def filled(sources: Sequence[Mapping[str, Any]], ranks: Sequence[RankedDomains] = (), **keys: Any) -> Filled:
    """The form filled for the public."""
    answers = keys.pop("answers", None)
    more = {"answers": {EU: answers}} if answers else {}
    return fill(regime(), disclosed(summary(sources, ranks, **keys, **more)).summary)


def state(form: Filled, item: str) -> str:
    """State of a field: answered, not_applicable, unanswered and so on."""
    return next(one.state.value for one in form.items if one.spec.id == item)


def text(form: Filled, item: str) -> str:
    """All English texts of a field, in their order, one a line."""
    one = next(one for one in form.items if one.spec.id == item)
    return "\n".join(_texts([block.model_dump(mode="json") for block in one.blocks]))


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        if set(value) == {*LANGUAGES}:
            return [value["en"]]
        return [text for name, inner in value.items() if name != "type" for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return []


def cells(form: Filled, item: str, table: int = 0) -> list[list[str]]:
    """Rows of a table of a field, in English."""
    one = next(one for one in form.items if one.spec.id == item)
    tables = [block for block in one.blocks if block.type == "table"]
    return [[cell.en for cell in row] for row in tables[table].rows]


def told(form: Filled, *ids: str) -> list[tuple[str, str]]:
    """Id and message of the findings KJ52x and KJ53x, or of those asked for."""
    wanted = ids or tuple(f"KJ5{n}" for n in range(20, 40))
    return [(one.id, one.message) for one in form.findings if one.id in wanted]
