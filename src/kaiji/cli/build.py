"""``kaiji build``: all documents of a release, written and swapped in, or compared with what is there."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kaiji.cli.options import (
    build_options,
    confidential_option,
    echo_findings,
    echo_notices,
    fail_on_option,
    progress,
    reaches,
    release_argument,
)

if TYPE_CHECKING:
    from kaiji.findings import Finding
    from kaiji.pipeline import Build, Options
    from kaiji.signoff import SignOff


@click.command()
@release_argument
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("disclosure"), show_default=True, help="Output folder."
)
@build_options
@click.option("--check", is_flag=True, help="Write nothing; exit 1 with the difference when the output is not current.")
@click.option("--final", is_flag=True, help="Without the mark of a draft; needs a sign-off of exactly what is built.")
@fail_on_option
@confidential_option
def command(
    release: Path,
    out: Path,
    options: "Options",
    check: bool,
    final: bool,
    fail_on: str,
    show_confidential: bool,
) -> int:
    """Build the documents of RELEASE (a release.yaml) into public/, regulator/ and internal/ of the output folder.

    Every document is marked as a draft, unless it is built with --final, for which it must have been approved.
    """
    from kaiji import pipeline, signoff
    from kaiji.proof import enter
    from kaiji.publish import release_folder

    if not check:
        release_folder.check_own(out)
    record = signoff.read(signoff.place(release)) if final else None
    built = pipeline.build(release, replace(options, previous=out, final=final), progress())
    echo_notices(built.measured)
    echo_findings(built.findings, confidential=show_confidential, err=True)
    for line in _counts(built):
        click.echo(line)
    if built.leaks or reaches(built.verdict, fail_on):
        click.echo(f"verdict: {built.verdict.word}; nothing was written", err=True)
        return 1
    if final and (changed := _not_approved(release, record, built)):
        echo_findings(changed, confidential=False, err=True)
        click.echo("not what was approved; nothing was written", err=True)
        return 1
    if check:
        difference = release_folder.compare(out, built.files)
        click.echo(difference, nl=False)
        click.echo(f"{out}: {'not what a build gives now' if difference else 'current'}", err=True)
        return 1 if difference else 0
    if built.proved is not None:
        enter(built.proved)  # first: what a ledger knows of and nobody has seen does no harm
    release_folder.publish(out, built.files)
    for name in built.files:
        if not name.startswith("internal/"):
            click.echo(out / name)
    click.echo(f"verdict: {built.verdict.word}")
    return 0


def _not_approved(release: Path, record: "SignOff | None", built: "Build") -> "list[Finding]":
    """What keeps the documents from being final: no sign-off, or what is not as it was approved."""
    from kaiji import signoff

    now, name = built.approved(), signoff.place(release).name
    return list(signoff.findings(record, built.measured.loaded.release.id, now, name))


def _counts(built: "Build") -> list[str]:
    """A line for each regime and audience: how its items are answered."""
    words = {
        "data": "answered from data",
        "declaration": "from declaration",
        "fixed": "fixed text",
        "explained": "explained",
        "missing": "missing",
        "not_applicable": "not applicable",
        "optional": "optional and empty",
    }
    lines = []
    for filled in built.filled:
        told = ", ".join(f"{count} {words[name]}" for name, count in filled.counts().items())
        lines.append(f"{filled.regime.spec.id} ({filled.summary.audience}): {told}")
    return lines
