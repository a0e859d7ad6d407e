"""``kaiji explain``: fact, evidence, decisions and statements behind an item. Confidential."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from kaiji.pipeline import Build
    from kaiji.regime.filled import Filled, FilledItem

LISTED = 20
"""Sources behind a figure that are listed, largest first."""


@click.command()
@click.argument("item")
@click.option(
    "--release", type=click.Path(path_type=Path), default=Path("release.yaml"), show_default=True, help="The release."
)
@click.option("--regime", "regimes", multiple=True, help="Regime id or folder; may be repeated.")
def command(item: str, release: Path, regimes: tuple[str, ...]) -> int:
    """Show what stands behind ITEM: what is asked, its facts, figures and sources, what was coarsened, and why.

    All of it is confidential: it names sources and exact sizes.
    """
    from kaiji import pipeline
    from kaiji.errors import ExitCode, InputError

    built = pipeline.build(release, pipeline.Options(regimes=regimes, worlds=0))
    shown = False
    for filled in built.filled:
        for found in filled.items:
            if found.spec.id == item:
                shown = True
                for line in _lines(built, filled, found):
                    click.echo(line)
    if not shown:
        raise InputError(f"no document of this release has an item {item!r}")
    return ExitCode.CLEAN


def _lines(built: "Build", filled: "Filled", found: "FilledItem") -> Iterator[str]:
    wording, spec, audience = filled.regime.wording, found.spec, filled.summary.audience
    yield f"{filled.regime.spec.id} {spec.id} ({audience}): {found.state}, {found.origin}"
    yield f"  label: {wording.words(f'item.{spec.id}.label').en}"
    yield f"  asked: {wording.words(f'item.{spec.id}.prompt').en}"
    yield f"  where: {spec.locator}; verification: {spec.verification.words.en}"
    yield f"  facts: {', '.join((*spec.facts, *spec.also)) or 'none'}"
    for name in found.statements:
        statement = filled.summary.statements[name]
        yield f"  {name}: {statement.text.en} tells {statement.low} to {statement.high} {statement.unit}"
        for decision in built.decisions:
            if decision.path == name and decision.audience is audience:
                yield f"    {decision.action} by {decision.rule}: {decision.reason}"
        yield from _evidence(built, name)


def _evidence(built: "Build", statement: str) -> Iterator[str]:
    """The sources behind a figure, with their sizes, how these are known, and where the source is declared."""
    from kaiji.terms import Unit

    if built.proved is None:
        return
    claim = next((claim for claim in built.proved.made.claims if claim.id == statement), None)
    if claim is None or claim.unit is Unit.DATASETS:
        return
    atoms = built.proved.history.atoms
    frame = atoms.frame.loc[list(atoms.of(claim.part, claim.unit))]
    sizes = frame.groupby("source_id", dropna=False, observed=True, sort=True)["size"].sum()
    sources = {source.id: source for source in built.measured.loaded.sources}
    observed = set(built.measured.summary.observed)
    ordered = sorted(sizes.items(), key=lambda pair: (-pair[1], str(pair[0])))
    for name, size in ordered[:LISTED]:
        source = sources[str(name)]
        known = "measured on its files" if name in observed else "declared"
        secret = ", confidential" if source.confidential else ""
        yield f"    source {name}: {size} {claim.unit}, {known}{secret} ({source.place})"
    if len(ordered) > LISTED:
        yield f"    and {len(ordered) - LISTED} smaller sources"
