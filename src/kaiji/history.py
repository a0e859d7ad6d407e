"""What was published before, and what others have said: what an attacker knows that no build can change."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

from kaiji.control import external_facts, ledger_atoms, ledger_file
from kaiji.control.atoms import Atoms, joined
from kaiji.control.ceiling import Knowledge
from kaiji.control.external_facts import ExternalFact
from kaiji.control.history import History as Told
from kaiji.control.history import history
from kaiji.control.known_kinds import KnownKinds
from kaiji.control.ledger import Head, Ledger, Publication
from kaiji.control.subjects import Claim
from kaiji.errors import LedgerError
from kaiji.manifest.load import LoadedRelease

HEAD = "internal/ledger-head"
"""Where a build keeps what it remembers of the ledger, in its output."""


class History(NamedTuple):
    """What was told before of this release and of those before it. Confidential."""

    atoms: Atoms
    """Those of the release at hand, and of each publication before it by its number in the ledger (``#1``)."""
    claims: tuple[Claim, ...]
    """Of earlier publications and of external facts."""
    answers: tuple[Claim, ...]
    """What single people were told."""
    facts: tuple[ExternalFact, ...]
    ledger: Ledger | None
    path: Path | None

    def with_claims(self, claims: tuple[Claim, ...]) -> Knowledge:
        """Everything together with what the release at hand would tell."""
        return Knowledge(self.atoms, (*claims, *self.claims), self.answers)

    def publication(self, loaded: LoadedRelease, claims: tuple[Claim, ...], on: date) -> tuple[Publication, bytes]:
        """The entry of this release for the ledger, and the sizes that it is true of."""
        content = ledger_atoms.text(self.atoms.frame)
        made = Publication(
            kind="publish",
            release=loaded.release.id,
            date=on,
            version=loaded.release.document.version,
            claims=claims,
            facts=self.facts,
            atoms=ledger_atoms.digest(content),
        )
        return made, content


def recall(loaded: LoadedRelease, now: Atoms, previous: Path | None) -> History:
    """The history of a release.

    Args:
        loaded: The release; its policy names the ledger and the file of external facts.
        now: Its atoms.
        previous: Output folder of an earlier build, which remembers the end of the ledger.

    Raises:
        LedgerError: the ledger is missing, damaged, cut off or another one than the last build knew.
        ManifestError: the file of external facts is wrong.
    """
    policy, root = loaded.release.policy, loaded.root
    path = root / policy.ledger if policy.ledger else None
    ledger = ledger_file.read(path, policy.family) if path else None
    head = previous / HEAD if previous else None
    if head is not None and head.is_file():
        if ledger is None:
            raise LedgerError("an earlier build entered this release in a ledger; name it in policy.ledger")
        ledger.check(head.read_bytes())
    told = history(path, ledger, loaded.release.id) if ledger and path else Told({}, ())
    facts: tuple[ExternalFact, ...] = ()
    if policy.external_facts:
        known = KnownKinds.of({**told.frames, loaded.release.id: now.frame})
        facts = external_facts.load(root / policy.external_facts, policy.external_facts, loaded.release.id, known)
    asked = tuple(
        f"{entry.publication.release}@{entry.number}/"
        for entry in (ledger.entries if ledger else ())
        if entry.publication.kind == "answer"
    )
    answers = tuple(claim for claim in told.claims if claim.id.startswith(asked)) if asked else ()
    claims = (*(claim for claim in told.claims if claim not in answers), *(fact.claim for fact in facts))
    return History(joined(now, told.frames), claims, answers, facts, ledger, path)


def remembered(ledger: Ledger) -> tuple[str, bytes]:
    """Path and content of what a build keeps of the ledger."""
    head: Head = ledger.head
    return HEAD, head.text()
