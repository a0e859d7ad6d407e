"""Small releases for the California page: made the way a build makes them, but for reading files and rendering."""

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
from kaiji.regime.filled import Filled, FilledItem
from kaiji.regime.load import load
from kaiji.regime.model import Regime
from kaiji.render.templates import templates_root
from kaiji.terms import Audience

PAGE = "us-ca-ab2013"
ON = date(2026, 11, 20)
NO = {"copyright": "no", "trademark": "no", "patent": "no", "public_domain": "yes"}
RELEASE = {
    "schema": "kaiji/release/v1",
    "id": "r",
    "model": {"name": "Model M", "version": "1", "release_date": "2026-10-15", "intended_purpose": "To answer."},
    "provider": {"legal_name": "Provider P", "roles": ["developer"]},
    "manifests": ["m.yaml"],
}


@cache
def regime(name: str = PAGE) -> Regime:
    return load(templates_root() / "regimes" / name, templates_root() / "common")


def source(name: str = "s", **keys: Any) -> DataSource:
    """A public text source of 2,000 documents about which everything is declared, but for what is given."""
    plain = {
        "category": "public",
        "modality": "text",
        "stages": ["pretraining"],
        "confidentiality": "public",
        "owner": {"id": f"owner-{name}", "name": f"Owner of {name}"},
        "content_types": ["News"],
        "collected": {"from": "2025-01", "to": "2025-06"},
        "first_used": "2026-02",
        "acquisition": "free_public",
        "label_types": [],
        "processing": [],
        "purpose": f"Purpose of {name}",
        "contains": {**NO, "personal": "no", "aggregate_consumer": "no"},
        "declared": {"documents": 2000, "tokens": 1_000_000},
    }
    given = {key: value for key, value in (plain | keys).items() if value is not None}
    return DataSource.model_validate({"id": name, "title": f"Title of {name}", **given})


def summary(*sources: DataSource, points: bool = True, **keys: Any) -> ProvenanceSummary:
    release, inventory = Release.model_validate({**RELEASE, **keys}), build(sources, None)
    made = summarise(release, sources, inventory, months(sources, None), points=points)
    return made.model_copy(update={"form": form_sizes(sources, inventory)})


def disclosed(made: ProvenanceSummary, audience: Audience = Audience.PUBLIC, level: str = "middle-ground") -> Disclosed:
    chosen = load_level(level, templates_root() / "levels")
    plan = draw(made, chosen, Rule(Fraction(1, 5), chosen.owners_minimum, on_request=True)).plan
    return disclose(made, chosen, plan, audience, ON)


def page(*sources: DataSource, name: str = PAGE, level: str = "middle-ground", **keys: Any) -> Filled:
    """A regime filled for the public."""
    return fill(regime(name), disclosed(summary(*sources, **keys), level=level).summary)


def item(filled: Filled, name: str) -> FilledItem:
    return next(one for one in filled.items if one.spec.id == name)


def rows(found: FilledItem, caption: str) -> list[tuple[str, ...]]:
    """Rows, in English, of the one table of an item with that caption."""
    (table,) = [block for block in found.blocks if block.type == "table" and block.caption.en == caption]
    return [tuple(cell.en for cell in row) for row in table.rows]


def answers(found: FilledItem) -> list[tuple[str, str]]:
    """Closed questions of an item, with their answers."""
    return [(block.label.en, block.value) for block in found.blocks if block.type == "yes_no"]


def texts(found: FilledItem) -> list[str]:
    """Paragraphs and notes of an item, in English."""
    return [block.text.en for block in found.blocks if block.type in ("paragraph", "note")]
