"""``kaiji explain``: fact, evidence, decisions and statements behind an item. Confidential."""

from pathlib import Path

import click


@click.command()
@click.argument("item")
@click.option(
    "--release", type=click.Path(path_type=Path), default=Path("release.yaml"), show_default=True, help="The release."
)
@click.option("--regime", "regimes", multiple=True, help="Regime id or folder; may be repeated.")
def command(item: str, release: Path, regimes: tuple[str, ...]) -> int:
    """Show what stands behind ITEM: what is asked, its facts and figures, what was coarsened or withheld, and why."""
    from kaiji import pipeline
    from kaiji.errors import ExitCode, InputError

    built = pipeline.build(release, pipeline.Options(regimes=regimes))
    shown = False
    for filled in built.filled:
        for found in filled.items:
            if found.spec.id != item:
                continue
            shown = True
            wording, spec = filled.regime.wording, found.spec
            click.echo(f"{filled.regime.spec.id} {item} ({filled.summary.audience}): {found.state}, {found.origin}")
            click.echo(f"  label: {wording.words(f'item.{item}.label').en}")
            click.echo(f"  asked: {wording.words(f'item.{item}.prompt').en}")
            click.echo(f"  where: {spec.locator}; verification: {spec.verification.words.en}")
            click.echo(f"  facts: {', '.join((*spec.facts, *spec.also)) or 'none'}")
            for name in found.statements:
                statement = filled.summary.statements[name]
                click.echo(f"  {name}: {statement.text.en} tells {statement.low} to {statement.high} {statement.unit}")
                for decision in built.decisions:
                    if decision.path == name and decision.audience is filled.summary.audience:
                        click.echo(f"    {decision.action} by {decision.rule}: {decision.reason}")
    if not shown:
        raise InputError(f"no document of this release has an item {item!r}")
    return ExitCode.CLEAN
