"""``kaiji scan``: what the data of a release holds, exact. Its output is confidential."""

import json
from pathlib import Path

import click

from kaiji.cli.options import progress, release_argument


@click.command()
@release_argument
@click.option("--memory", metavar="SIZE", help="Memory limit of the scan engine, for example 2GB.")
def command(release: Path, memory: str | None) -> int:
    """Measure the data of RELEASE and print the inventory as JSON: exact and confidential."""
    from kaiji import measure
    from kaiji.errors import ExitCode
    from kaiji.findings import Verdict, formatted, in_order, verdict

    measured = measure.measure(release, memory=memory, progress=progress())
    click.echo(json.dumps(measure.inventory_document(measured), ensure_ascii=False, indent=1))
    findings = in_order(measured.findings)
    click.echo(formatted(findings), nl=False, err=True)
    return ExitCode.FINDINGS if verdict(findings) is Verdict.FAIL else ExitCode.CLEAN
