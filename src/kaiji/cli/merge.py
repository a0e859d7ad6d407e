"""``kaiji merge``: what the parts of a scan found, put together. Its output is confidential."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kaiji.cli.options import release_argument, scan_options
from kaiji.cli.scan import output_options, report

if TYPE_CHECKING:
    from kaiji.scan.options import Options


@click.command()
@release_argument
@output_options
@scan_options
def command(release: Path, style: str, domains: Path | None, top_domains: Path | None, scan: "Options") -> int:
    """Print the inventory of RELEASE from the parts that `kaiji scan --shard I/N` left in --cache.

    No data are read (with `--fingerprint full` only to recognise them). The output is that of one `kaiji scan`, to the
    byte.
    """
    from kaiji.scan.options import DUCKDB

    if scan.engine != DUCKDB:
        raise click.UsageError("kaiji merge reads no data; there is nothing for another engine to do")
    if scan.cache is None:
        raise click.UsageError("kaiji merge needs the cache that the parts were written to")
    return report(release, scan._replace(cached_only=True), style, domains, top_domains)
