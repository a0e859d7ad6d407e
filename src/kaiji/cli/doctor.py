"""``kaiji doctor``: does this machine have all that a build needs?"""

import importlib
import sys
from importlib import metadata

import click

_PACKAGES = ("duckdb", "pandas", "pyarrow", "datasets", "publicsuffixlist", "can-ada", "typst", "pypdfium2")


@click.command()
def command() -> int:
    """Print versions, the date of the Public Suffix List and the fonts of the PDF; exit 3 when something is missing."""
    from kaiji.errors import ExitCode

    missing = 0
    click.echo(f"python {sys.version.split()[0]}")
    for name in _PACKAGES:
        try:
            click.echo(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            click.echo(f"{name}: not installed", err=True)
            missing += 1
    for name in ("noto_cjk_sans_jp_regular", "noto_cjk_sans_jp_bold"):
        try:
            importlib.import_module(name)
            click.echo(f"font {name}: found")
        except ImportError:
            click.echo(f"font {name}: not installed; pip install 'kaiji[pdf]'", err=True)
            missing += 1
    return ExitCode.STAGE if missing else ExitCode.CLEAN
