"""What the EU summary of training content starts from: sizes by modality, by public dataset, by crawled domain.

Exact and confidential; made by :mod:`kaiji.provenance.form_sizes`.
"""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from kaiji.scan.result import RankedDomains
from kaiji.terms import Modality, Unit


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FormTotal(_Part):
    """Total of a modality over all sources, in the measure of the form."""

    modality: Modality
    unit: Unit
    size: int | None = Field(description="None when the size of a source that is not dynamic is not known.")
    dynamic: tuple[str, ...] = Field(description="Sources still being collected, without a size: left out.")


class PublicSet(_Part):
    """A public dataset as a whole: splits, shards and variants of one collection are one dataset."""

    key: str = Field(description="Collection, else id of the source.")
    sources: tuple[str, ...]
    sizes: Mapping[Modality, int]


class FormSizes(_Part):
    """What the form's calculations start from."""

    totals: tuple[FormTotal, ...]
    public: tuple[PublicSet, ...] = Field(description="By key.")
    units: Mapping[Modality, Unit | None] = Field(
        description="Measure of the public datasets of a modality; None where they have none in common."
    )
    crawled: tuple[RankedDomains, ...] = ()
    domains_unknown: tuple[str, ...] = Field(
        (), description="Crawled sources whose names are not among them: not measured, or confidential."
    )
    psl_version: str = ""
    psl_date: str = ""
    private_suffixes: bool = Field(False, description="True when names of a hosting service are told apart.")
