"""``kaiji regimes``: which regimes there are, and whether a folder is one."""

from pathlib import Path

import click


@click.group()
def command() -> None:
    """List regimes, or check a regime folder."""


@command.command("list")
def list_regimes() -> None:
    """Regimes that come with kaiji: id, version, how far they were verified, title."""
    from kaiji.regime import load
    from kaiji.render.templates import templates_root

    root = templates_root()
    for folder in sorted(path.parent for path in (root / "regimes").glob("*/regime.yaml")):
        regime = load.load(folder, root / "common")
        verified = "verified" if regime.spec.verified else "not verified against the primary text"
        title = regime.wording.words("title").en
        click.echo(f"{regime.spec.id}\t{regime.spec.version}\t{len(regime.items)} items\t{verified}\t{title}")


@command.command("check")
@click.argument("folder", type=click.Path(path_type=Path))
def check_regime(folder: Path) -> None:
    """Check the regime in FOLDER: schema, facts, wording in both languages."""
    from kaiji.regime import load
    from kaiji.render.templates import templates_root

    root = templates_root()
    found = load.find(str(folder), root / "regimes")
    regime = load.load(found, root / "common")
    click.echo(f"{regime.spec.id}: {len(regime.items)} items, {len(regime.spec.sections)} sections; no problem found")
