"""``kaiji check``: the findings of a release, in a format for people or for a CI system."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kaiji.cli.options import (
    build_options,
    confidential_option,
    echo_notices,
    fail_on_option,
    progress,
    reaches,
    release_argument,
)

if TYPE_CHECKING:
    from kaiji.findings import Finding
    from kaiji.pipeline import Options


@click.command()
@release_argument
@build_options
@click.option(
    "--format", "style", type=click.Choice(("text", "json", "sarif", "github")), default="text", show_default=True
)
@fail_on_option
@confidential_option
def command(
    release: Path,
    options: "Options",
    style: str,
    fail_on: str,
    show_confidential: bool,
) -> int:
    """Build RELEASE in memory and print what is wrong or needs a look; nothing is written."""
    from kaiji import pipeline
    from kaiji.errors import ExitCode, ManifestError
    from kaiji.findings import Finding, formatted, verdict

    unreadable = leaks = False
    findings: tuple[Finding, ...]
    try:
        built = pipeline.build(release, options, progress())
        findings, leaks = built.findings, built.leaks
        echo_notices(built.measured)
    except ManifestError as error:
        findings, unreadable = error.findings, True
    if style in ("github", "sarif"):
        findings = tuple(_from_here(finding, release.parent) for finding in findings)
    click.echo(formatted(findings, style, confidential=show_confidential), nl=False)  # type: ignore[arg-type]
    if unreadable:
        return ExitCode.INPUT
    if style == "text":
        click.echo(f"verdict: {verdict(findings).word}")
    return ExitCode.FINDINGS if leaks or reaches(verdict(findings), fail_on) else ExitCode.CLEAN


def _from_here(finding: "Finding", folder: Path) -> "Finding":
    """``finding`` with its file as seen from the current folder: annotations need a path from the repository's root."""
    place = finding.place
    if place is None or folder.is_absolute():
        return finding
    return finding.model_copy(update={"place": place.model_copy(update={"file": (folder / place.file).as_posix()})})
