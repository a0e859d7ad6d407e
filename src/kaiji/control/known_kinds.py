"""What a figure may speak of: the facets, kinds and sources that there are, with a hint where a word is misspelt."""

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, Self

from kaiji.manifest.kinds import CLOSED, NOT_KNOWN, unknown_kind
from kaiji.provenance.summarise import FACETS
from kaiji.terms import Modality

if TYPE_CHECKING:
    import pandas as pd

_LISTED = 12
"""Most kinds that a message lists when none is close."""


class Fault(NamedTuple):
    """What is wrong with a word. ``detail`` may name a confidential source; the message never does."""

    message: str
    detail: str | None = None


class KnownKinds(NamedTuple):
    """Kinds by facet, and sources, of one or several releases. Confidential: it holds the ids of sources."""

    kinds: Mapping[str, frozenset[str]]
    """Kinds that are in the data, by facet."""
    sources: frozenset[str]
    confidential: frozenset[str]
    """Those of the sources whose ids must not be told."""
    releases: frozenset[str]
    """Ids of the releases."""

    @classmethod
    def of(cls, frames: "Mapping[str, pd.DataFrame]") -> Self:
        """What is in the atoms of some releases, by release: :attr:`kaiji.control.atoms.Atoms.frame`."""
        kinds: dict[str, set[str]] = {facet: set() for facet in FACETS}
        sources: set[str] = set()
        confidential: set[str] = set()
        for frame in frames.values():
            for facet, found in kinds.items():
                found |= set(frame[facet].dropna().unique())
            sources |= set(frame["source_id"].unique())
            confidential |= set(frame.loc[frame["owner"] != "", "source_id"].unique())
        every = {facet: frozenset(found) for facet, found in kinds.items()}
        return cls(every, frozenset(sources), frozenset(confidential), frozenset(frames))

    def release(self, release: str) -> Fault | None:
        """What is wrong with the id of a release; None when it is known."""
        if release in self.releases:
            return None
        close = difflib.get_close_matches(release, sorted(self.releases), n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(sorted(self.releases))}"
        return Fault(f"nothing was published of a release of this id; {hint}")

    def kind(self, facet: str, kind: str) -> Fault | None:
        """What is wrong with a kind of a facet; None when it is in the data or in the vocabulary of the facet."""
        if kind == NOT_KNOWN or kind in self.kinds.get(facet, ()):
            return None
        fault = unknown_kind(facet, kind)
        if fault is None and facet not in (*CLOSED, "stage"):
            fault = self._not_in_the_data(facet, kind)
        return Fault(fault) if fault else None

    def _not_in_the_data(self, facet: str, kind: str) -> str:
        known = sorted(self.kinds.get(facet, ()))
        close = difflib.get_close_matches(kind, known, n=1)
        if close:
            return f"a kind of the facet {facet} is in no data; did you mean {close[0]}?"
        listed = f"; there are {', '.join(known)}" if 0 < len(known) <= _LISTED else ""
        return f"a kind of the facet {facet} is in no data{listed}"

    def source(self, source: str) -> Fault | None:
        """What is wrong with the id of a source; None when there is such a source."""
        if source in self.sources:
            return None
        message = "there is no source of this id"
        close = difflib.get_close_matches(source, sorted(self.sources), n=1)
        if not close:
            return Fault(message)
        hint = f"did you mean {close[0]}?"
        # what is close to a confidential id is nearly that id: neither is repeated
        return Fault(message, hint) if close[0] in self.confidential else Fault(f"{message}; {hint}")

    def modality(self, modality: Modality) -> Fault | None:
        """What is wrong with a modality; None when there is data of it."""
        known = sorted(self.kinds.get("modality", ()))
        return None if modality.value in known else Fault(f"there is no data of this modality; of {', '.join(known)}")
