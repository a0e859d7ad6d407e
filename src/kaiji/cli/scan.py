"""``kaiji scan``: what the data of a release holds, exact. Its output is confidential."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from kaiji.cli.options import C, echo_notices, progress, release_argument, scan_options

if TYPE_CHECKING:
    from kaiji.measure import Measured
    from kaiji.scan.options import Options

STYLES = ("json", "text")
_table = click.Path(path_type=Path, dir_okay=False, writable=True)


def output_options(command: C) -> C:
    """Options of the commands that print an inventory: its format, and where the domain tables go."""
    built: Any = command
    for option in (
        click.option("--top-domains", type=_table, help="Write the largest tenth of the domain names here (Parquet)."),
        click.option("--domains", type=_table, help="Write the exact domain table here (Parquet). Confidential."),
        click.option(
            "--format",
            "style",
            type=click.Choice(STYLES),
            default="json",
            show_default=True,
            help="json: the inventory; text: a line for each source.",
        ),
    ):
        built = option(built)
    return cast(C, built)


@click.command()
@release_argument
@output_options
@click.option("--shard", "part", metavar="I/N", help="Read only every N-th shard, from the I-th on, into --cache.")
@scan_options
def command(
    release: Path, style: str, domains: Path | None, top_domains: Path | None, part: str | None, scan: "Options"
) -> int:
    """Measure the data of RELEASE and print the inventory as JSON: exact and confidential."""
    if part is not None:
        if domains or top_domains:
            raise click.UsageError("--shard reads a part only; kaiji merge writes the domains of the whole")
        return _part(release, part, scan)
    return report(release, scan, style, domains, top_domains)


def check_targets(*targets: Path | None) -> None:
    """Refuses targets of domain tables that cannot be written, or that would replace what kaiji did not write.

    Raises:
        click.UsageError: with what is wrong.
    """
    named = [target.absolute() for target in targets if target is not None]
    if len({os.path.realpath(target) for target in named}) < len(named):
        raise click.UsageError("--domains and --top-domains name the same file")
    for target in named:
        if target.suffix != ".parquet":
            raise click.UsageError(f"{target.name}: the table is a Parquet file; give it the ending .parquet")
        if not (target.parent.is_dir() and os.access(target.parent, os.W_OK)):
            raise click.UsageError(f"the folder of {target.name} does not exist, or cannot be written to")
        if target.exists() and not _own_table(target):
            raise click.UsageError(f"{target.name} exists and was not written by kaiji; it is not replaced")


def _own_table(path: Path) -> bool:
    """True for a Parquet file with kaiji's mark among the metadata in its footer."""
    with path.open("rb") as file:
        file.seek(-min(path.stat().st_size, 65536), os.SEEK_END)
        return re.search(rb"kaiji..result", file.read(), re.DOTALL) is not None


def report(release: Path, scan: "Options", style: str, domains: Path | None, top_domains: Path | None) -> int:
    """Scans, prints the inventory in a ``style`` of :data:`STYLES`, writes the domain files; returns the exit code."""
    from kaiji import measure
    from kaiji.errors import ExitCode
    from kaiji.findings import Verdict, formatted, in_order, verdict
    from kaiji.scan import phases
    from kaiji.scan.domain_table import METHOD, DomainFiles

    check_targets(domains, top_domains)
    phases.end("start")
    files = DomainFiles(domains, top_domains) if domains or top_domains else None
    measured = measure.measure(release, options=scan._replace(digests=False), progress=progress(), domain_files=files)
    # Not click.echo, which flushes each line; flushed here, so that a full pipe fails within the command.
    sys.stdout.writelines(measure.inventory_lines(measured) if style == "json" else _source_lines(measured))
    sys.stdout.flush()
    phases.end("inventory")
    echo_notices(measured)
    if measured.scan is not None:
        for top in measured.scan.top_domains:
            of = f"modality {top.modality}" if top.modality else "all modalities"
            told = f"{of}: {top.names} domain names; by {top.measure}, {top.listed} are the largest tenth"
            click.echo(f"domains of {told}, {top.listed_small} for a small provider", err=True)
        if measured.scan.top_domains:
            click.echo(f"method: {METHOD}", err=True)
    findings = in_order(measured.findings)
    click.echo(formatted(findings), nl=False, err=True)
    return ExitCode.FINDINGS if verdict(findings) is Verdict.FAIL else ExitCode.CLEAN


def _source_lines(measured: "Measured") -> Iterator[str]:
    for source in measured.scan.sources if measured.scan else ():
        sizes = (f"{getattr(source, name)} {name}" for name in ("bytes", "tokens") if getattr(source, name) is not None)
        told = ", ".join((f"{source.documents} documents", *sizes, f"{len(source.shards)} shards"))
        yield f"{source.source_id}: {told}{'' if source.complete else ' (not all of its shards could be read)'}\n"


def _part(release: Path, part: str, scan: "Options") -> int:
    from kaiji.errors import ExitCode
    from kaiji.findings import Verdict, formatted, verdict
    from kaiji.manifest.load import load
    from kaiji.scan.run import run_part

    found = re.fullmatch(r"([1-9]\d{0,5})/([1-9]\d{0,5})", part)
    if found is None or int(found[1]) > int(found[2]):
        raise click.BadParameter(f"{part!r} is not a part such as 2/8", param_hint="--shard")
    loaded = load(release)
    findings, notices, counted = run_part(
        loaded.sources,
        loaded.root,
        (int(found[1]), int(found[2])),
        data_roots=loaded.release.data_roots,
        options=scan,
        progress=progress(),
        place_of=loaded.place_of,
    )
    for notice in sorted(set(notices)):
        click.echo(f"kaiji: {notice}", err=True)
    click.echo(formatted(findings), nl=False, err=True)
    click.echo(f"part {part}: {counted} shards have a partial")
    return ExitCode.FINDINGS if verdict(findings) is Verdict.FAIL else ExitCode.CLEAN
