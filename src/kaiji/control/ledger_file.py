"""A ledger on the disk: one file that is replaced as a whole, and beside it the sizes of each publication.

The file is readable by its owner only. A build enters what it is about to publish *before* the output takes its
place: killed in between, the ledger knows of figures that nobody has seen, which is safe; the other way round is not.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kaiji.control import ledger_atoms
from kaiji.control.ledger import Entry, Ledger, Publication, begin, parse
from kaiji.errors import LedgerError, OutputError

if TYPE_CHECKING:
    import pandas as pd


def init(path: Path, family: str) -> Ledger:
    """Begin the ledger of ``family`` at ``path``; its folder is made if need be.

    Raises:
        OutputError: something is there already, or it cannot be written.
    """
    made = begin(path.name, family)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _only_writer(path):
            if os.path.lexists(path):
                raise OutputError(f"{path.name} is there already; a ledger is never begun anew")
            _replace(path, made.content)
    except OSError as error:
        raise OutputError(f"{path.name}: cannot be written: {error.strerror}") from error
    return made


def read(path: Path, family: str | None = None) -> Ledger:
    """The ledger at ``path``, verified: its whole chain, and that the sizes of every publication are there.

    Args:
        path: The file.
        family: Family that it must be of; None takes any.

    Raises:
        LedgerError: it is missing, cannot be read or is damaged; see :func:`kaiji.control.ledger.parse`.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        missing = "there is no ledger; restore it from a copy, or begin the first one with kaiji ledger init"
        raise LedgerError(f"{path.name}: {missing}") from None
    except OSError as error:
        raise LedgerError(f"{path.name}: the ledger cannot be read: {error.strerror}") from error
    found = parse(content, path.name, family)
    for entry in found.entries:
        if entry.publication.atoms and not _atoms_path(path, entry.publication.atoms).is_file():
            raise LedgerError(f"{_where(path, entry)}: the sizes of this entry are missing; restore them from a copy")
    return found


def append(path: Path, ledger: Ledger, publication: Publication, atoms: bytes | None = None) -> Ledger:
    """Enter ``publication`` at the end, so that it is on the disk; nothing is written where it says nothing new.

    Args:
        path: The file.
        ledger: The ledger as it was read, which the build rests on.
        publication: What is about to be published.
        atoms: For ``publish``, the text of :func:`kaiji.control.ledger_atoms.text` whose digest it names.

    Returns:
        The ledger as it is now.

    Raises:
        LedgerError: the ledger was changed since it was read, another build is writing it, or it cannot be written.
        InputError: the entry to withdraw is none that publishes something.
        ValueError: ``atoms`` are not those that the publication names.
    """
    if publication.atoms != (ledger_atoms.digest(atoms) if atoms is not None else None):
        raise ValueError("the sizes are not those that the publication names")
    try:
        with _only_writer(path):
            if read(path, ledger.family).lines != ledger.lines:
                raise LedgerError(f"{path.name}: another build has written it in the meantime; build again")
            new = ledger.after(publication)
            if atoms is not None and publication.atoms is not None:
                _keep(_atoms_path(path, publication.atoms), atoms, publication.atoms)
            if new is not ledger:
                _replace(path, new.content)
    except OSError as error:
        raise LedgerError(f"{path.name}: the ledger cannot be written: {error.strerror}") from error
    return new


def atoms(path: Path, entry: Entry) -> "pd.DataFrame":
    """The sizes that a publication was true of, as :attr:`kaiji.control.atoms.Atoms.frame`; exact and confidential.

    Raises:
        LedgerError: they are missing or damaged, or the entry is no publication of a release.
    """
    named, where = entry.publication.atoms, _where(path, entry)
    if named is None:
        raise LedgerError(f"{where}: the entry publishes no release")
    try:
        packed = _atoms_path(path, named).read_bytes()
    except OSError:
        raise LedgerError(f"{where}: the sizes of this entry are missing; restore them from a copy") from None
    return ledger_atoms.frame(ledger_atoms.unpacked(packed, named, where), where)


def _where(path: Path, entry: Entry) -> str:
    return f"{path.name}:{entry.number + 1}"


def _atoms_path(path: Path, digest: str) -> Path:
    ledger = path.resolve()  # a link to a ledger has the sizes of that ledger
    return ledger.with_name(f"{ledger.stem}.atoms") / f"{digest}.jsonl.gz"


def _keep(path: Path, content: bytes, digest: str) -> None:
    """Write the sizes, unless they are there already and whole."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        ledger_atoms.unpacked(path.read_bytes(), digest, path.name)
    except (FileNotFoundError, LedgerError):
        _replace(path, ledger_atoms.packed(content))


def _replace(path: Path, content: bytes) -> None:
    """Let ``content`` take the place of ``path`` at once; it is on the disk afterwards. Under the lock only."""
    target = path.resolve()  # a link stays a link
    temporary = target.with_name(f".{target.name}.kaiji-tmp")
    temporary.unlink(missing_ok=True)  # what a killed build has left
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(target)
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextlib.contextmanager
def _only_writer(path: Path) -> Iterator[None]:
    """Hold the lock of the folder of the ledger; the kernel releases it when the process ends, however it ends.

    Raises:
        LedgerError: another process holds it, or the system has no file locks.
    """
    try:
        import fcntl
    except ImportError as error:
        raise LedgerError(f"{path.name}: this system has no file locks; build under Linux or macOS") from error
    folder = os.open(path.resolve().parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LedgerError(f"{path.name}: another build is writing a ledger in this folder") from None
        yield
    finally:
        os.close(folder)
