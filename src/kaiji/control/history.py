"""What earlier publications of the ledger tell, together with what they were true of."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kaiji.control import ledger_file
from kaiji.control.ledger import Entry, Ledger
from kaiji.control.subjects import Claim, Subject
from kaiji.errors import LedgerError

if TYPE_CHECKING:
    import pandas as pd


class History(NamedTuple):
    """Everything that was told before, withdrawn or not. Exact and confidential.

    A publication is named by the id of its release; by ``<id>@<number of the entry>`` where a later one took its
    place, and for earlier publications of the release at hand.
    """

    frames: "Mapping[str, pd.DataFrame]"
    """Sizes of each publication, by its name; rows as in :attr:`kaiji.control.atoms.Atoms.frame`."""
    claims: tuple[Claim, ...]
    """What was told; each subject names its publication, and each id begins with that of the entry that told it."""


def history(path: Path, ledger: Ledger, at_hand: str) -> History:
    """What the ledger at ``path`` says was told before the release ``at_hand`` is built.

    Raises:
        LedgerError: sizes are missing or damaged, or something was told of a release that was never published.
    """
    published = [entry for entry in ledger.entries if entry.publication.kind == "publish"]
    last = {entry.publication.release: entry.number for entry in published}
    names: dict[int, str] = {}
    for entry in published:
        release = entry.publication.release
        current = last[release] == entry.number and release != at_hand
        names[entry.number] = release if current else f"{release}@{entry.number}"
    frames = {names[entry.number]: ledger_file.atoms(path, entry) for entry in published}
    told = tuple(claim for entry in ledger.entries for claim in _told(entry, published, names, ledger.name))
    return History(frames, told)


def _told(entry: Entry, published: list[Entry], names: Mapping[int, str], ledger: str) -> list[Claim]:
    said = entry.publication
    own = f"{said.release}@{entry.number}"

    def named(subject: Subject) -> Subject:
        """``subject`` in the publication that it spoke of when it was told."""
        release = subject.release or said.release
        before = [one.number for one in published if one.publication.release == release]
        before = [number for number in before if number <= entry.number] or before[:1]
        if not before:
            raise LedgerError(f"{ledger}:{entry.number + 1}: something is told of a release that was not published")
        return subject.model_copy(update={"release": names[before[-1]]})

    return [
        claim.model_copy(
            update={
                "id": f"{names.get(entry.number, own)}/{claim.id}",
                "part": named(claim.part),
                "whole": claim.whole and named(claim.whole),
            }
        )
        for claim in (*said.claims, *(fact.claim for fact in said.facts))
    ]
