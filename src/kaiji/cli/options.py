"""What several commands share: their options, the date, progress on stderr, findings on stdout or stderr."""

import functools
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

if TYPE_CHECKING:
    from kaiji.findings import Finding, Verdict
    from kaiji.measure import Measured
    from kaiji.scan.cache import Cache

C = TypeVar("C", bound=Callable[..., Any])

FAIL_ON = ("fail", "review", "never")

release_argument = click.argument("release", type=click.Path(path_type=Path))
fail_on_option = click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    default="fail",
    show_default=True,
    help="Exit 1 on findings of this weight or above; on a confidential value in the output, always.",
)
confidential_option = click.option(
    "--show-confidential", is_flag=True, help="Print exact figures and names in findings. Not for a CI log."
)


def build_options(command: C) -> C:
    """Options of every command that builds documents; the command gets them as one :class:`kaiji.pipeline.Options`."""

    @functools.wraps(command)
    def with_options(*arguments: Any, on: str | None, **others: Any) -> Any:
        from kaiji.pipeline import Options

        names = ("regimes", "languages", "salt_file", "scan", "worlds")
        options = Options(on=document_date(on), **{name: others.pop(name) for name in names})
        return command(*arguments, options=options, **others)

    built: Any = scan_options(with_options)
    for option in (
        click.option(
            "--worlds",
            type=click.IntRange(min=0),
            default=1,
            show_default=True,
            help="Witness worlds to render in every format; the others are compared before they are rendered.",
        ),
        click.option("--salt-file", type=click.Path(path_type=Path), help="Secret salt of the commitments."),
        click.option(
            "--date",
            "on",
            metavar="YYYY-MM-DD",
            help="Date of the documents; else SOURCE_DATE_EPOCH, else release.yaml.",
        ),
        click.option(
            "--lang", "languages", multiple=True, type=click.Choice(("ja", "en")), help="Language; may be repeated."
        ),
        click.option("--regime", "regimes", multiple=True, help="Regime id or folder; may be repeated."),
    ):
        built = option(built)
    return cast(C, built)


def scan_options(command: C) -> C:
    """Options of every command that reads data; the command gets them as one :class:`kaiji.scan.options.Options`."""

    @functools.wraps(command)
    def with_scan(*arguments: Any, cache: Path | None, no_cache: bool, **others: Any) -> Any:
        from kaiji.scan.options import Options

        names = ("memory", "temp_dir", "fingerprint", "engine")
        chosen = Options(**{name: others.pop(name) for name in names}, cache=cache_of(cache, no_cache))
        return command(*arguments, scan=chosen, **others)

    built: Any = with_scan
    for option in (
        click.option(
            "--engine",
            metavar="ENGINE",
            default="duckdb",
            show_default=True,
            help="What reads the data: duckdb, or Spark with local[N] or spark://HOST:PORT.",
        ),
        click.option(
            "--fingerprint",
            type=click.Choice(("fast", "full")),
            default="fast",
            show_default=True,
            help="What tells that a shard is as it was: size, time and both ends, or all of its bytes.",
        ),
        click.option("--no-cache", is_flag=True, help="Read all data, and keep nothing for the next time."),
        cache_option,
        click.option(
            "--temp-dir",
            type=click.Path(path_type=Path, exists=True, file_okay=False),
            help="Folder for what does not fit into the memory; else the system's.",
        ),
        click.option("--memory", metavar="SIZE", help="Bound of the memory of the whole run, for example 2GB."),
    ):
        built = option(built)
    return cast(C, built)


cache_option = click.option(
    "--cache",
    type=click.Path(path_type=Path),
    help="Folder for what was read of each shard; else kaiji's in the cache folder of the user. Confidential.",
)


def cache_of(folder: Path | None, no_cache: bool) -> "Cache | None":
    """The cache to use: that of ``folder``, else the user's; None when there is to be none.

    Raises:
        click.UsageError: a folder is named, and none wanted.
        InputError: the folder cannot be used.
    """
    from kaiji.scan.cache import Cache, user_folder

    if no_cache and folder is not None:
        raise click.UsageError("--cache and --no-cache exclude each other")
    chosen = folder or user_folder()
    return None if no_cache or chosen is None else Cache(chosen)


def document_date(text: str | None) -> date | None:
    """The date that ``--date`` or SOURCE_DATE_EPOCH asks for; None leaves it to the release.

    Raises:
        click.BadParameter: it is no date.
    """
    if text is not None:
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise click.BadParameter(f"{text!r} is not a date such as 2026-11-22", param_hint="--date") from error
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return None
    try:
        return datetime.fromtimestamp(int(epoch), UTC).date()
    except (ValueError, OverflowError, OSError) as error:
        raise click.BadParameter("SOURCE_DATE_EPOCH is not a number of seconds") from error


def progress() -> Callable[[int, int], None]:
    """Progress on stderr: a line that rewrites itself on a terminal, else a line every ten seconds and at the end."""
    terminal = sys.stderr.isatty()
    last = [time.monotonic()]

    def report(done: int, total: int) -> None:
        now = time.monotonic()
        if terminal:
            click.echo(f"\rscan: {done} of {total} shards", err=True, nl=done == total)
        elif done == total or now - last[0] >= 10:
            last[0] = now
            click.echo(f"scan: {done} of {total} shards", err=True)

    return report


def echo_notices(measured: "Measured") -> None:
    """What happened to the cache, on stderr."""
    for notice in sorted(set(measured.scan.notices)) if measured.scan else ():
        click.echo(f"kaiji: {notice}", err=True)


def reaches(found: "Verdict", fail_on: str) -> bool:
    """True when ``found`` is at or above what ``--fail-on`` names."""
    from kaiji.findings import Verdict

    return fail_on != "never" and found >= {"fail": Verdict.FAIL, "review": Verdict.REVIEW}[fail_on]


def echo_findings(findings: "Sequence[Finding]", *, confidential: bool, err: bool) -> None:
    """Findings as text."""
    from kaiji.findings import formatted

    click.echo(formatted(findings, "text", confidential=confidential), nl=False, err=err)
