"""How many fields of the EU form a release fills without one narrative answer: ``python count_eu_fields.py RELEASE``.

Counted are fields with an answer and fields that the manifests show to be not applicable; the provider block (release
and provider particulars: sections 0, 1.1 and 1.2) apart from the rest. What is not filled is named.
"""

import sys
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from kaiji.control.disclose import disclose
from kaiji.control.draw import draw
from kaiji.control.level import load as load_level
from kaiji.control.primary import Rule
from kaiji.manifest.answers import DocumentDeclaration
from kaiji.manifest.declarations import (
    CategoryDeclaration,
    Declarations,
    MeasuresDeclaration,
    PrivacyDeclaration,
    RightsDeclaration,
    TrainingDataDeclaration,
)
from kaiji.measure import measure
from kaiji.provenance.summarise import ProvenanceSummary
from kaiji.regime.fill import fill
from kaiji.regime.load import load
from kaiji.render.templates import templates_root
from kaiji.terms import Audience

BLOCK = ("header", "provider", "model")
"""Sections that the provider block of release.yaml answers."""


class Count(NamedTuple):
    """Ids of the fields."""

    data: tuple[str, ...]
    """Filled from manifests and data."""
    not_applicable: tuple[str, ...]
    """Shown by manifests and data to be not applicable."""
    block: tuple[str, ...]
    """Filled from the provider block, those not applicable included."""
    missing: tuple[str, ...]
    """Required and empty."""
    optional: tuple[str, ...]


def without_narrative(summary: ProvenanceSummary) -> ProvenanceSummary:
    """The summary without any prose about the release as a whole: answers, rights, measures, descriptions."""
    given = summary.declarations
    silent = Declarations(
        id=given.id,
        sample=given.sample,
        model=given.model,
        provider=given.provider,
        document=DocumentDeclaration.model_validate(given.document.model_dump() | {"change_note": None}),
        categories={name: CategoryDeclaration(used=one.used) for name, one in given.categories.items()},
        training_data=TrainingDataDeclaration(),
        rights=RightsDeclaration(),
        measures=MeasuresDeclaration(),
        privacy=PrivacyDeclaration(),
    )
    return summary.model_copy(update={"declarations": silent})


def count(release: Path) -> Count:
    summary = measure(release, form=True).summary
    root = templates_root()
    level = load_level("middle-ground", root / "levels")
    silent = without_narrative(summary)
    plan = draw(silent, level, Rule(Fraction(1, 5), level.owners_minimum, on_request=True)).plan
    shown = disclose(silent, level, plan, Audience.PUBLIC, date(2026, 11, 20)).summary
    found: dict[str, list[str]] = {name: [] for name in Count._fields}
    for item in fill(load(root / "regimes" / "eu-53-1-d", root / "common"), shown).items:
        kind = {"missing": "missing", "optional": "optional"}.get(item.origin)
        if kind is None and item.spec.section in BLOCK:
            kind = "block"
        found[kind or ("not_applicable" if item.origin == "not_applicable" else "data")].append(item.spec.id)
    return Count(**{name: tuple(ids) for name, ids in found.items()})


if __name__ == "__main__":
    for name, ids in count(Path(sys.argv[1]))._asdict().items():
        sys.stdout.write(f"{name}\t{len(ids)}\t{' '.join(ids)}\n")
