"""Kinds of a facet, as a person names them: in the release's private policy, and of what others said."""

import difflib
from typing import Literal, Self

from pydantic import Field, model_validator

from kaiji.manifest.fields import Declared, Text
from kaiji.terms import Acquisition, Modality, RightsBasis, SourceCategory, Stage, Term

FacetName = Literal["category", "modality", "language", "licence", "rights_basis", "acquisition", "period", "stage"]
"""Facets of the summary, as they are written."""
NOT_KNOWN = "not-known"
"""The kind of what is not known of a facet."""

CLOSED: dict[str, type[Term]] = {
    "category": SourceCategory,
    "modality": Modality,
    "rights_basis": RightsBasis,
    "acquisition": Acquisition,
}
"""Facets whose kinds are a closed vocabulary; the kinds of the others come from the data."""


class KindsOf(Declared):
    """Some kinds of a facet."""

    modality: Modality | None = None
    """Modality; left out for the facet `modality`, and where all modalities are counted together."""
    facet: FacetName
    """The facet."""
    kinds: tuple[Text, ...] = Field(min_length=1)
    """Kinds of it; `not-known` is a kind."""

    @model_validator(mode="after")
    def _kinds_of_the_facet(self) -> Self:
        if self.facet == "modality" and self.modality is not None:
            raise ValueError("the facet modality stands without a modality")
        for kind in self.kinds:
            if fault := unknown_kind(self.facet, kind):
                raise ValueError(fault)
        return self


def unknown_kind(facet: str, kind: str) -> str | None:
    """What is wrong with a kind by the closed vocabularies alone; None when nothing is."""
    if kind == NOT_KNOWN:
        return None
    if facet == "stage":  # a source of two stages is a kind of its own: pretraining+alignment
        known = [stage.value for stage in Stage]
        parts = kind.split("+")
    elif facet in CLOSED:
        known, parts = [term.value for term in CLOSED[facet]], [kind]
    else:
        return None
    wrong = next((part for part in parts if part not in known), None)
    if wrong is None:
        return None
    close = difflib.get_close_matches(wrong.lower(), known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"
    return f"a kind is not one of the facet {facet}; {hint}"
