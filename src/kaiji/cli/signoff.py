"""``kaiji signoff``: who approved the documents, and exactly what."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kaiji.cli.options import build_options, document_date, echo_findings, progress, release_argument

if TYPE_CHECKING:
    from kaiji.pipeline import Options

LISTED = 5
"""Most files that a message names."""


@click.command()
@release_argument
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("disclosure"),
    show_default=True,
    help="Output folder with the draft that was reviewed.",
)
@click.option("--by", "name", required=True, help="Name of who approves.")
@click.option("--role", help="Role in which they approve.")
@click.option("--signed", metavar="YYYY-MM-DD", help="Day of the approval; else today.")
@build_options
def command(release: Path, out: Path, name: str, role: str | None, signed: str | None, options: "Options") -> int:
    """Record that the documents of RELEASE, as they were reviewed in the output folder, are approved.

    The record, signoff.json, stands beside the release and holds digests only. It is of the documents without the mark
    of a draft: `kaiji build --final` gives exactly these, or says what has changed since.
    """
    from dataclasses import replace

    from kaiji import pipeline, signoff
    from kaiji.errors import ExitCode
    from kaiji.findings import Verdict

    if not name.strip():
        raise click.BadParameter("must not be blank", param_hint="--by")
    day = (document_date(signed) if signed else None) or _today()
    built = pipeline.build(release, replace(options, previous=out), progress())
    if built.leaks or built.verdict is Verdict.FAIL or built.proved is None:
        echo_findings(built.findings, confidential=False, err=True)
        click.echo("this cannot be approved; nothing was written", err=True)
        return ExitCode.FINDINGS
    others = signoff.not_reviewed(out, built.files)
    if others:
        listed = ", ".join([*others[:LISTED], *(["…"] if len(others) > LISTED else [])])
        click.echo(f"{out}: not what a build gives now: {listed}", err=True)
        click.echo("build, review that, then sign; nothing was written", err=True)
        return ExitCode.FINDINGS
    what = built.approved()
    counts: dict[str, int] = {}
    for finding in built.findings:
        counts[finding.id] = counts.get(finding.id, 0) + 1
    record = signoff.SignOff(
        release=built.measured.loaded.release.id,
        by=name.strip(),
        role=role,
        on=day,
        findings=counts,
        approved=what,
        digest=what.digest,
    )
    signoff.write(signoff.place(release), record)
    click.echo(f"{signoff.place(release)}: {len(what.files)} files and {len(what.items)} items approved by {record.by}")
    click.echo(f"digest {record.digest}")
    return ExitCode.CLEAN


def _today() -> date:
    return datetime.now(UTC).astimezone().date()
