"""Subjects and claims: what a published figure is about, and what it says, in terms of kinds and not yet of atoms."""

from fractions import Fraction

from pydantic import BaseModel, ConfigDict, Field

from kaiji.terms import Audience, Modality, Unit


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Subject(_Part):
    """A part of the training data of a release: all of it, a modality, kinds of a facet, or sources."""

    modality: Modality | None = Field(None, description="None for all modalities together.")
    facet: str | None = Field(None, description="Facet that the kinds are of.")
    kinds: tuple[str | None, ...] | None = Field(None, description="Kinds of the facet; None is not known.")
    other_facet: str | None = Field(None, description="Second facet, for a cell of a table of two facets.")
    other_kinds: tuple[str | None, ...] | None = Field(None, description="Kinds of the second facet.")
    sources: tuple[str, ...] | None = Field(None, description="Ids of sources.")
    release: str | None = Field(None, description="Release that it is of; None for the one at hand.")

    @property
    def path(self) -> str:
        """A name for people: `category.text.licensed+private`."""
        parts = [self.facet or "", self.modality or "all", _joined(self.kinds), self.other_facet or ""]
        parts += [_joined(self.other_kinds), "+".join(self.sources or ()), self.release or ""]
        return ".".join(part for part in parts if part)


def _joined(kinds: tuple[str | None, ...] | None) -> str:
    return "+".join(kind or "not-known" for kind in kinds or ())


class Claim(_Part):
    """What a reader may conclude from one published figure.

    Without a whole: ``low <= part <= high`` in ``unit``. With a whole: part as a percentage of whole lies in between;
    that one thing is at least as large as another is the claim that it is 100 per cent of it or more.
    """

    id: str = Field(description="Id of the statement.")
    audience: Audience = Field(description="Who can read it.")
    unit: Unit = Field(description="Measure of part and whole; datasets for counts.")
    part: Subject
    whole: Subject | None = None
    low: Fraction | None = None
    high: Fraction | None = None
    low_open: bool = False
    high_open: bool = False
