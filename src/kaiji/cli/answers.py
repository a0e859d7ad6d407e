"""``kaiji answers``: what people still have to answer, why it is asked, and what a good answer holds."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kaiji.cli.options import build_options, echo_findings, progress, release_argument

if TYPE_CHECKING:
    from kaiji.pipeline import Options


@click.command()
@release_argument
@build_options
@click.option("--all", "optional", is_flag=True, help="List optional items too.")
@click.option("--format", "style", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.option(
    "--write", "file", type=click.Path(path_type=Path), help="Write a template for the answers to this new file."
)
def command(release: Path, options: "Options", optional: bool, style: str, file: Path | None) -> int:
    """List the items of RELEASE that nobody has answered: what is asked, why (the clause), what a good answer holds.

    In English, or in the language that --lang names. Answers stand in answers.yaml beside release.yaml.
    """
    from dataclasses import replace

    from kaiji import drafts, pipeline
    from kaiji.errors import ExitCode, OutputError

    built = pipeline.build(release, replace(options, worlds=0), progress())
    if built.proved is None:
        echo_findings(built.findings, confidential=False, err=True)
        click.echo("the questions cannot be told before this is corrected", err=True)
        return ExitCode.FINDINGS
    name, asked = built.measured.loaded.release.id, drafts.questions(built.filled, optional=optional)
    if file is not None:
        try:
            with file.open("x", encoding="utf-8", newline="\n") as opened:
                opened.write(drafts.template(name, asked))
        except FileExistsError as error:
            raise OutputError(f"{file.name}: there is such a file already; name a new one") from error
        except OSError as error:
            raise OutputError(f"{file.name}: cannot be written: {error.strerror}") from error
        click.echo(f"{file}: {len(asked)} items")
    elif style == "json":
        click.echo(json.dumps(drafts.data(name, asked), ensure_ascii=False, indent=2))
    else:
        for language in options.languages or ("en",):
            for line in drafts.text(asked, language):
                click.echo(line)
        click.echo(f"{len(asked)} items to answer")
    return ExitCode.CLEAN
