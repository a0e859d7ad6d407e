"""``kaiji ledger``: the record of what was published of a family of releases. Confidential."""

from pathlib import Path

import click

from kaiji.cli.options import document_date

_ledger = click.argument("ledger", type=click.Path(path_type=Path))
_date = click.option("--date", "on", metavar="YYYY-MM-DD", help="Date of the entry; else SOURCE_DATE_EPOCH.")


@click.group()
def command() -> None:
    """Begin, read and verify a ledger, and enter what no build enters: answers and withdrawals.

    The file is named by policy.ledger of release.yaml; each build verifies it and enters what is published.
    """


@command.command()
@_ledger
@click.argument("family")
def init(ledger: Path, family: str) -> None:
    """Begin LEDGER, a new file, for the releases of FAMILY (an id of your choice)."""
    import re

    from kaiji.control import ledger_file

    if not re.fullmatch("[a-z0-9][a-z0-9._-]{0,79}", family):
        raise click.BadParameter("an id begins with a-z or a digit and holds only a-z, 0-9, '.', '_' and '-'")
    ledger_file.init(ledger, family)
    click.echo(f"{ledger}: begun for {family}; keep a copy in another place, and never edit it")


@command.command()
@_ledger
def show(ledger: Path) -> None:
    """List the entries of LEDGER; exact figures are not shown."""
    from kaiji.control import ledger_file

    found = ledger_file.read(ledger)
    click.echo(f"family {found.family}, {len(found.entries)} entries")
    gone = {entry.publication.withdraws for entry in found.entries}
    for entry in found.entries:
        told = entry.publication
        about = {
            "publish": f"{len(told.claims)} figures, {len(told.facts)} external facts",
            "withdraw": f"of entry {told.withdraws}",
            "answer": f"to {told.request}, {len(told.facts)} figures",
        }[told.kind]
        version = f" version {told.version}" if told.version else ""
        note = " (withdrawn)" if entry.number in gone else ""
        click.echo(f"{entry.number}\t{told.date}\t{told.kind}\t{told.release}{version}\t{about}{note}")


@command.command()
@_ledger
@click.option("--out", type=click.Path(path_type=Path), help="Output of the last build.")
def verify(ledger: Path, out: Path | None) -> None:
    """Verify the chain of LEDGER and the sizes kept beside it; with --out, that no entry is missing from its end."""
    from kaiji.control import ledger_file
    from kaiji.errors import InputError

    found = ledger_file.read(ledger)
    for entry in found.entries:
        if entry.publication.atoms:
            ledger_file.atoms(ledger, entry)
    if out is not None:
        try:
            head = (out / "internal" / "ledger-head").read_bytes()
        except OSError as error:
            raise InputError(f"{out}: remembers no ledger; name the output of a build that had one") from error
        found.check(head)
    click.echo(f"{ledger}: {len(found.entries)} entries, whole")


@command.command()
@_ledger
@click.argument("facts", type=click.Path(path_type=Path))
@click.option("--release", required=True, help="Id of the release that was asked about.")
@click.option("--request", required=True, help="Your own reference of the request; not the name of who asked.")
@_date
def answer(ledger: Path, facts: Path, release: str, request: str, on: str | None) -> None:
    """Enter an answer to a rights holder into LEDGER. FACTS says what it told, in the form of external facts."""
    from kaiji.control import external_facts, ledger_file
    from kaiji.control.known_kinds import KnownKinds
    from kaiji.control.ledger import Publication
    from kaiji.errors import InputError

    day = document_date(on)
    if day is None:
        raise click.UsageError("name the date of the answer with --date")
    found = ledger_file.read(ledger)
    published = {e.publication.release: e for e in found.entries if e.publication.kind == "publish"}
    if release not in published:
        raise InputError(f"{ledger.name}: nothing was published of a release {release!r}")
    known = KnownKinds.of({name: ledger_file.atoms(ledger, entry) for name, entry in published.items()})
    said = external_facts.load(facts, facts.name, release, known)
    told = Publication(kind="answer", release=release, date=day, facts=said, request=request)
    _entered(ledger, ledger_file.append(ledger, found, told) is not found)


@command.command()
@_ledger
@click.argument("number", type=int)
@_date
def withdraw(ledger: Path, number: int, on: str | None) -> None:
    """Enter into LEDGER that the publication NUMBER was withdrawn. What it told stays: nobody forgets it."""
    from kaiji.control import ledger_file
    from kaiji.control.ledger import Publication
    from kaiji.errors import InputError

    day = document_date(on)
    if day is None:
        raise click.UsageError("name the date of the withdrawal with --date")
    found = ledger_file.read(ledger)
    release = next((e.publication.release for e in found.entries if e.number == number), None)
    if release is None:
        raise InputError(f"{ledger.name}: there is no entry {number}")
    told = Publication(kind="withdraw", release=release, date=day, withdraws=number)
    _entered(ledger, ledger_file.append(ledger, found, told) is not found)


def _entered(ledger: Path, new: bool) -> None:
    click.echo(f"{ledger}: {'entered' if new else 'it stands there already; nothing was entered'}")
