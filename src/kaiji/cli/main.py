"""The command line. Commands are loaded when they run, so that ``kaiji --help`` needs none of the engines."""

import contextlib
import importlib
import os
import signal
import sys
import traceback

import click

from kaiji import __version__

COMMANDS = {
    "build": "Build all documents of a release.",
    "check": "Judge a release without writing anything.",
    "scan": "Print what the data holds, exact and confidential.",
    "merge": "Put the parts of a scan together.",
    "cache": "Show or clear what was kept of earlier scans.",
    "answers": "List what people still have to answer.",
    "signoff": "Record who approved the documents.",
    "explain": "Show what stands behind an item.",
    "ledger": "Keep the record of what was published.",
    "attach": "Splice the disclosure into a model card.",
    "regimes": "List regimes, or check a regime folder.",
    "doctor": "Say whether this machine has all that a build needs.",
}
"""Command to its one-line help; each command is a module of this package."""


class _Commands(click.Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = importlib.import_module(f"kaiji.cli.{cmd_name}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="kaiji")
def cli() -> None:
    """Disclose what a model was trained on: measured on the data, at a checked level.

    Exit codes: 0 clean, 1 findings (or stale output), 2 input cannot be read, 3 a stage failed.
    """


def main() -> None:
    """Run the command line; no failure leaves it with exit code 1."""
    signal.signal(signal.SIGTERM, _terminated)
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        _stop(130, "stopped")
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except SystemExit as stop:
        # click ends so, with code 1, when nobody reads the output any more
        sys.exit(3 if stop.code == 1 else stop.code)
    except Exception as error:
        from kaiji.errors import ExitCode, KaijiError

        if isinstance(error, KaijiError):
            _stop(error.exit_code, str(error))
        if os.environ.get("KAIJI_DEBUG"):
            traceback.print_exc()
        # the message of a foreign exception may hold a path or a value, so only its kind is printed
        _stop(ExitCode.STAGE, f"a stage failed with {type(error).__name__}; KAIJI_DEBUG=1 shows where (confidential)")
    sys.exit(code if isinstance(code, int) else 0)


def _terminated(*_: object) -> None:
    """As after Ctrl-C, what was made so far is removed: temporary folders, and files that are half-written."""
    sys.exit(128 + signal.SIGTERM)


def _stop(code: int, message: str) -> None:
    with contextlib.suppress(OSError):  # a full or closed stderr must not turn the exit code into 1
        print(f"kaiji: {message}" if code != 2 or "\n" not in message else message, file=sys.stderr)  # noqa: T201
    sys.exit(code)


if __name__ == "__main__":
    main()
