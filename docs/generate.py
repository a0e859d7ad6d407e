"""Writes docs/reference/ from the code and the regimes: command line, findings, facts, regimes, terms. `--check` says
whether it is current."""

import argparse
import importlib
import inspect
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from kaiji import terms
from kaiji.cli.main import COMMANDS, cli
from kaiji.errors import ExitCode
from kaiji.findings import CATALOGUE
from kaiji.regime.facts import FACTS, NAMES, OF_ITEMS
from kaiji.regime.facts_declared import DECLARED
from kaiji.regime.load import load, wording
from kaiji.regime.model import ItemSpec, Regime, When

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "reference"
TEMPLATES = ROOT / "disclosure_templates"
NOTE = "<!-- Made by docs/generate.py from the code. Do not edit: run `python docs/generate.py`. -->"
GROUPS = {
    "1": "Manifests",
    "2": "Scan",
    "3": "Provenance",
    "4": "Disclosure control",
    "5": "Regime",
    "6": "Rendering",
    "7": "Publishing",
}
EXIT_CODES = {
    ExitCode.CLEAN: "Clean: no finding at or above `--fail-on`; with `--check`, the output is current.",
    ExitCode.FINDINGS: "Findings at or above `--fail-on`, or `--check` found stale output. Never a crash.",
    ExitCode.INPUT: "Input, an option or the configuration cannot be read, or the output cannot be written as asked.",
    ExitCode.STAGE: "A stage failed, or an optional part is not installed.",
}


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or compare them with what is there; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a page is stale")
    check = parser.parse_args(arguments).check
    stale = [name for name, text in pages().items() if _current(FOLDER / name) != text]
    for name in stale:
        if check:
            sys.stderr.write(f"docs/reference/{name}: stale; run docs/generate.py\n")
        else:
            FOLDER.mkdir(parents=True, exist_ok=True)
            (FOLDER / name).write_text(pages()[name], encoding="utf-8", newline="\n")
    return 1 if check and stale else 0


def pages() -> dict[str, str]:
    """Text of every page by file name."""
    made = {
        "cli.md": command_line(),
        "findings.md": findings(),
        "facts.md": facts(),
        "regimes.md": regimes(),
        "terms.md": vocabularies(),
    }
    return {name: f"{NOTE}\n" + "\n".join(lines).rstrip("\n") + "\n" for name, lines in made.items()}


def _current(path: Path) -> str | None:
    return path.read_bytes().decode() if path.is_file() else None


def command_line() -> Iterator[str]:
    """Every command with its options, and the exit codes."""
    yield "# Command line"
    yield ""
    yield "`kaiji` is the installed command. In a source tree without an installation it is"
    yield "`PYTHONPATH=src python -m kaiji.cli.main`."
    yield "Progress and findings of a build go to standard error, results to standard output."
    yield ""
    yield "## Exit codes"
    yield ""
    yield from table(("Code", "Meaning"), ((str(int(code)), EXIT_CODES[code]) for code in ExitCode))
    yield "An interrupted run (Ctrl-C) ends with 130. `KAIJI_DEBUG=1` prints the trace of a failure; it may hold"
    yield "confidential values."
    yield ""
    yield from _command(cli, "kaiji", skip=COMMANDS)
    for name in COMMANDS:
        command = importlib.import_module(f"kaiji.cli.{name}").command
        yield from _command(command, f"kaiji {name}")


def _command(command: click.Command, name: str, skip: Iterable[str] = ()) -> Iterator[str]:
    yield f"## {name}"
    yield ""
    yield from inspect.cleandoc(command.help or "").split("\n")
    yield ""
    context = click.Context(command, info_name=name, help_option_names=cli.context_settings["help_option_names"])
    yield from ("```", " ".join((name, *command.collect_usage_pieces(context))), "```", "")
    options = [parameter for parameter in command.get_params(context) if isinstance(parameter, click.Option)]
    yield from table(("Option", "Meaning", "Default"), (_option(option, context) for option in options))
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            if inner not in skip and found is not None:
                yield from _command(found, f"{name} {inner}")


def _option(option: click.Option, context: click.Context) -> tuple[str, str, str]:
    names = ", ".join(f"`{name}`" for name in option.opts)
    choices = option.type.choices if isinstance(option.type, click.Choice) else ()
    values = f" ({', '.join(f'`{choice}`' for choice in choices)})" if choices else ""
    default = option.get_default(context) if option.show_default is True else None
    meaning = (option.help or "How findings are printed.") + values
    return names, meaning, f"`{default}`" if default is not None else ""


def findings() -> Iterator[str]:
    """The catalogue of findings."""
    yield "# Findings"
    yield ""
    yield "A finding is a judgement with a stable id. `fail` stops a build unless `--fail-on never` is given; `review`"
    yield "asks a person to look. KJ401 and KJ402 stop a build whatever `--fail-on` says. A mistake in release.yaml or"
    yield "in a manifest (KJ1xx) ends with exit code 2, because nothing can be measured before it is corrected."
    yield ""
    for digit, title in GROUPS.items():
        yield from (f"## {title}", "")
        rules = [(name, rule) for name, rule in sorted(CATALOGUE.items()) if name[2] == digit]
        yield from table(
            ("Id", "Severity", "What is wrong", "What to do"),
            ((name, rule.severity.word, rule.title, rule.advice) for name, rule in rules),
        )


def facts() -> Iterator[str]:
    """Facts that a regime may use, with their names and the items of each regime that use them."""
    shared = wording(TEMPLATES / "common")
    known = shipped()
    yield "# Facts"
    yield ""
    yield "A regime item names facts and nothing else. *Declared* facts are fields of release.yaml, *measured* ones"
    yield "come from the sources and their files, *counted* ones from the items of the document itself. The last"
    yield "columns list the items of each regime that the fact answers; in brackets, those that show it where it is"
    yield "present, or that are required only where it holds."
    yield ""
    rows = []
    for name in sorted(NAMES):
        words = shared.words(f"fact.{name}")
        kind = "declared" if name in DECLARED else "counted" if name in OF_ITEMS else "measured"
        rows.append((f"`{name}`", kind, words.en, words.ja, *(_items(regime, name) for regime in known)))
    yield from table(("Fact", "Kind", "English", "日本語", *(f"`{regime.spec.id}`" for regime in known)), rows)
    together = [name for name in sorted(FACTS) if all(_items(regime, name) != NONE for regime in known)]
    yield f"{len(FACTS)} facts and {len(OF_ITEMS)} of the document itself; {len(together)} stand in every regime."


NONE = "–"


def shipped() -> list[Regime]:
    """The regimes that come with kaiji, by id."""
    folders = sorted(found.parent for found in TEMPLATES.glob("regimes/*/regime.yaml"))
    return [load(folder, TEMPLATES / "common") for folder in folders]


STATUS = {
    "automated": "computed from the manifests and their files",
    "declared": "taken from declared fields",
    "manual": "written by a person",
}


def regimes() -> Iterator[str]:
    """Coverage of each regime: item, facts, who answers it, where it is shown, how far it was checked."""
    yield "# Regimes"
    yield ""
    yield "A regime is a folder of YAML. The tables say for each item which facts answer it (in brackets, facts that"
    yield "are shown where they are present), whether it is *automated*, *declared* or *manual*, where it stands, and"
    yield "how far it was checked against the text of the law or code. A person may add to every item, or explain it,"
    yield "under `answers` in release.yaml."
    yield ""
    for regime in shipped():
        spec = regime.spec
        yield from (f"## {spec.id}", "", f"{regime.wording.words('title').en}.", "")
        facts = (
            ("Jurisdiction", spec.jurisdiction),
            ("Nature", spec.nature),
            ("Version", spec.version),
            ("Applies from", spec.applies_from.isoformat() if spec.applies_from else "not known"),
            ("Text", f"[{spec.source}]({spec.source})"),
            ("Checked against the primary text", "yes" if spec.verified else "not all of it"),
        )
        yield from table(("About", ""), facts)
        found = Counter(item.status for item in regime.items)
        parts = [f"{found[name]} {name} ({told})" for name, told in STATUS.items() if found[name]]
        yield f"{len(regime.items)} items: {', '.join(parts)}."
        yield ""
        yield from table(
            ("Item", "Asked", "Facts", "Answered", "Required", "Shown", "Check"),
            (_covered(regime, item) for item in regime.items),
        )


def _covered(regime: Regime, item: ItemSpec) -> tuple[str, ...]:
    names = [f"`{name}`" for name in item.facts] + [f"(`{name}`)" for name in item.also]
    required = item.required if isinstance(item.required, str) else f"when `{item.required.when}`"
    sections = {section.id: section for section in regime.spec.sections}
    audiences = [one.value for one in item.audiences if one in sections[item.section].audiences]
    title = regime.wording.words(f"section.{item.section}").en
    return (
        item.id,
        regime.wording.words(f"item.{item.id}.label").en,
        ", ".join(names) or NONE,
        item.status,
        required,
        f"{title} ({', '.join(audiences)})",
        item.verification.value,
    )


def _items(regime: Regime, fact: str) -> str:
    used = []
    for item in regime.items:
        if fact in item.facts:
            used.append(item.id)
        elif fact in item.also or (isinstance(item.required, When) and item.required.when == fact):
            used.append(f"({item.id})")
    return ", ".join(used) or NONE


def vocabularies() -> Iterator[str]:
    """The closed vocabularies, with the names of their members."""
    yield "# Terms"
    yield ""
    yield "One concept, one word. The identifier is what stands in YAML and JSON; the names are what documents print."
    yield ""
    for name, kind in inspect.getmembers(terms, inspect.isclass):
        if not issubclass(kind, terms.Term) or kind is terms.Term:
            continue
        yield from (f"## {name}", "", *inspect.cleandoc(kind.__doc__ or "").split("\n"), "")
        members = ((f"`{term.value}`", term.words.en or "–", term.words.ja or "–") for term in kind)
        yield from table(("Identifier", "English", "日本語"), members)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A Markdown table and a blank line."""
    yield _row(columns)
    yield _row(["---"] * len(columns))
    for row in rows:
        yield _row(row)
    yield ""


def _row(cells: Sequence[str]) -> str:
    escaped = (cell.replace("\n", " ").replace("|", "\\|").replace("<", "&lt;").strip() for cell in cells)
    return f"| {' | '.join(escaped)} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
