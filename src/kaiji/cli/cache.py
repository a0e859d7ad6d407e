"""``kaiji cache``: see and clear what was kept of earlier scans."""

from pathlib import Path

import click

from kaiji.cli.options import cache_of, cache_option


@click.command()
@cache_option
@click.option("--clear", is_flag=True, help="Remove all of it; the next scan reads all data again.")
def command(cache: Path | None, clear: bool) -> int:
    """Show where the cache is and what it holds. It is confidential: exact sizes, and names of sites."""
    from kaiji.errors import ExitCode

    chosen = cache_of(cache, no_cache=False)
    if chosen is None:
        raise click.UsageError("there is no home folder: name the cache with --cache")
    if clear:
        chosen.clear()
    click.echo(chosen.folder)
    for kind, held in chosen.usage().items():
        click.echo(f"{kind}: {held.entries} entries, {held.bytes} bytes")
    return ExitCode.CLEAN
