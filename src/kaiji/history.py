"""What was published before, and what others have said: what an attacker knows that no build can change."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from kaiji.control import external_facts, ledger_atoms, ledger_file
from kaiji.control.atoms import Atoms, joined
from kaiji.control.ceiling import Hidden, Knowledge
from kaiji.control.external_facts import ExternalFact
from kaiji.control.history import History as Told
from kaiji.control.history import history
from kaiji.control.known_kinds import KnownKinds
from kaiji.control.ledger import Head, Ledger, Publication
from kaiji.control.relations import system
from kaiji.control.subjects import Claim, Subject
from kaiji.control.unknowns import untrue
from kaiji.errors import LedgerError, ManifestError
from kaiji.findings import Finding
from kaiji.manifest.kinds import NOT_KNOWN
from kaiji.manifest.load import LoadedRelease
from kaiji.provenance.summarise import ProvenanceSummary, Quantity
from kaiji.terms import Unit

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
    hidden: tuple[Hidden, ...] = ()
    """Figures that the policy protects besides owners and sources."""

    def with_claims(self, claims: tuple[Claim, ...]) -> Knowledge:
        """Everything together with what the release at hand would tell."""
        return Knowledge(self.atoms, (*claims, *self.claims), self.answers, self.hidden)

    def without_false(self) -> tuple["History", tuple[Finding, ...]]:
        """The history without external facts that the sizes contradict, and a finding (KJ425) for each of them."""
        told = tuple(claim for claim in self.claims if claim.unit is not Unit.DATASETS)
        false = {name for name in untrue(system(self.atoms, told)) if name.startswith("fact:")}
        found = [
            Finding(id="KJ425", message=f"what was said elsewhere ({name}) contradicts the data")
            for name in sorted(false)
        ]
        return self._replace(claims=tuple(claim for claim in self.claims if claim.id not in false)), tuple(found)

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


def recall(loaded: LoadedRelease, summary: ProvenanceSummary, now: Atoms, previous: Path | None) -> History:
    """The history of a release.

    Args:
        loaded: The release; its policy names the ledger and the file of external facts.
        summary: Its exact summary: the measure of each modality.
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
    return History(joined(now, told.frames), claims, answers, facts, ledger, path, tuple(_hidden(loaded, summary)))


def _hidden(loaded: LoadedRelease, summary: ProvenanceSummary) -> Iterator[Hidden]:
    """The secrets of the policy.

    Raises:
        ManifestError: a secret names a kind that is not in the data, or a modality without a size.
    """
    for name, secret in sorted(loaded.release.policy.secrets.items()):
        modality = secret.total if secret.share is None else secret.share.modality
        size = summary.totals.get(modality) if modality else None
        unit = size.unit if isinstance(size, Quantity) else None if modality else Unit.BYTES
        place = loaded.release.place_of(f"policy.secrets.{name}")
        if unit is None:
            message = f"no size of {modality} is known, so that there is nothing to protect; remove the secret"
            raise ManifestError([Finding(id="KJ106", message=message, place=place)])
        if secret.share is None:
            yield Hidden(name, Subject(modality=modality), None, unit)
            continue
        facet = next((f for f in summary.facets if (f.name, f.modality) == (secret.share.facet, modality)), None)
        known = {part.kind or NOT_KNOWN for part in facet.parts} if facet else set()
        if missing := [kind for kind in secret.share.kinds if kind not in known]:
            message = f"{missing[0]!r} is no kind of {secret.share.facet} in the data; correct it"
            raise ManifestError([Finding(id="KJ106", message=message, place=place)])
        kinds = tuple(None if kind == NOT_KNOWN else kind for kind in secret.share.kinds)
        part = Subject(modality=modality, facet=secret.share.facet, kinds=kinds)
        yield Hidden(name, part, Subject(modality=modality), unit)


def remembered(ledger: Ledger) -> tuple[str, bytes]:
    """Path and content of what a build keeps of the ledger."""
    head: Head = ledger.head
    return HEAD, head.text()
