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
@click.option("--date", "on", metavar="YYYY-MM-DD", help="Check the rules of that day only; else every version.")
def check_regime(folder: Path, on: str | None) -> None:
    """Check the regime in FOLDER, and the earlier versions in it: schema, facts, wording in both languages.

    Every problem is told with its file and line, as far as it can be told before another one is corrected.
    """
    from kaiji.cli.options import document_date
    from kaiji.errors import RegimeError
    from kaiji.regime import load
    from kaiji.render.templates import templates_root

    root = templates_root()
    # a folder on disk comes before a regime of the same name that is built in: it is the one that somebody writes
    found = folder if (folder / "regime.yaml").is_file() else load.find(str(folder), root / "regimes")
    day = document_date(on) if on else None
    if day:
        regimes = [load.load(found, root / "common", day)]
    else:
        regimes, problems = [], []
        for version in load.versions(found.resolve()):
            try:
                regimes.append(load.load_version(version, root / "common"))
            except RegimeError as error:
                problems += str(error).split("\n")
        if problems:
            raise RegimeError("\n".join(dict.fromkeys(problems)))
        load.load(found, root / "common")  # that one version can be told from another by its day
    for regime in regimes:
        about = f"{regime.spec.id} version {regime.spec.version}"
        click.echo(f"{about}: {len(regime.items)} items, {len(regime.spec.sections)} sections; no problem found")
