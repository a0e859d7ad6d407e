"""Small summaries, made the way a build makes them: sources, inventory, summary."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from kaiji.control.level import Level, load
from kaiji.manifest.declarations import Declarations
from kaiji.manifest.models import DataSource
from kaiji.provenance import inventory, reconcile
from kaiji.provenance.summarise import ProvenanceSummary, summarise

LEVELS = Path(__file__).parents[3] / "disclosure_templates" / "levels"
DECLARED: dict[str, Any] = {
    "id": "asagi",
    "model": {"name": "Asagi", "version": "1", "release_date": date(2026, 11, 1)},
    "provider": {"legal_name": "Asagi KK", "roles": ["developer"]},
}


def make_source(number: int, **given: Any) -> DataSource:
    """A confidential licensed text source of owner ``owner-<number>`` with 1,000,000 tokens, but for what is given."""
    owner = given.pop("owner", f"owner-{number}")
    values: dict[str, Any] = {
        "id": f"source-{number}",
        "title": f"Title {number}",
        "category": "licensed",
        "modality": "text",
        "stages": ["pretraining"],
        "confidentiality": "confidential",
        "owner": owner and {"id": owner, "name": f"Name of {owner}"},
        "declared": {"tokens": 1_000_000},
    }
    return DataSource.model_validate(values | given)


def make_summary(*sources: DataSource, crossed: Sequence[tuple[str, str]] = (), **declared: Any) -> ProvenanceSummary:
    """The summary of ``sources``, with ``declared`` laid over the declarations of a release."""
    return summarise(
        Declarations.model_validate(DECLARED | declared),
        sources,
        inventory.build(sources, None),
        reconcile.months(sources, None),
        crossed,
    )


@pytest.fixture(name="source", scope="session")
def _source() -> Callable[..., DataSource]:
    return make_source


@pytest.fixture(name="summary", scope="session")
def _summary() -> Callable[..., ProvenanceSummary]:
    return make_summary


@pytest.fixture(scope="session")
def crossed(middle_ground_tables: Level) -> Callable[..., ProvenanceSummary]:
    """Summaries with the pairs of facets that the level with tables asks for."""
    return partial(make_summary, crossed=middle_ground_tables.crossed())


@pytest.fixture(scope="session")
def middle_ground_tables() -> Level:
    return load("middle-ground-tables", LEVELS)


@pytest.fixture(scope="session")
def middle_ground() -> Level:
    return load("middle-ground", LEVELS)


@pytest.fixture(scope="session")
def nominal() -> Level:
    return load("nominal", LEVELS)
