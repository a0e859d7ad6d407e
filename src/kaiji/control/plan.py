"""Plans: what is done with each facet, total and outline of one release, decided once and then frozen.

A level says what may be done; the plan says what is done with these data, kinds by name. Whoever applies a plan looks
at no size to decide anything, so that the form of a document tells nothing but the plan.
"""

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from kaiji.terms import Audience, Modality, SourceCategory, Stage

Kinds = tuple[str | None, ...]


def row_name(kinds: Kinds) -> str:
    """Name of a row of one or several kinds, as it stands in the id of its statement.

    Stages that one source is used in are one kind, joined by ``+``; rows that put stages together are joined by ``&``.
    """
    stages = len(kinds) > 1 and any(kind and kind.partition("+")[0] in set(Stage) for kind in kinds)
    return ("&" if stages else "+").join(kind or "not-known" for kind in kinds)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FacetPlan(_Part):
    """What is done with a facet of a modality (of all modalities: None)."""

    facet: str
    modality: Modality | None
    action: Literal["share", "kinds", "withhold"]
    unit: Decimal | None = Field(None, description="Rounding unit of shares, in percent.")
    groups: tuple[Kinds, ...] = Field((), description="Rows in order, each of one kind or of several that are merged.")
    reason: Literal["level", "owner"] = Field("level", description="Why it is withheld: by the level, or for an owner.")


class TotalPlan(_Part):
    """What is done with the total of a modality."""

    modality: Modality
    action: Literal["band", "decade", "withhold"]
    reason: Literal["level", "owner"] = "level"


class PointsPlan(_Part):
    """What is done with the numbers of data points of a modality; their rows are those of its categories."""

    modality: Modality
    action: Literal["band", "decade", "withhold"]
    reason: Literal["level", "owner"] = "level"


class TablePlan(_Part):
    """A table of two facets: cells that are not printed, by row and column."""

    facets: tuple[str, str]
    modality: Modality
    unit: Decimal = Field(description="Rounding unit of the shares, in percent.")
    suppressed: tuple[tuple[Kinds, Kinds], ...] = Field((), description="Row and column of each suppressed cell.")


class AudiencePlanned(_Part):
    """What one audience gets."""

    audience: Audience
    facets: tuple[FacetPlan, ...]
    totals: tuple[TotalPlan, ...]
    tables: tuple[TablePlan, ...] = ()
    points: tuple[PointsPlan, ...] = ()
    uncounted: tuple[SourceCategory, ...] = Field((), description="Categories whose number of datasets is withheld.")
    unformed: tuple[str, ...] = Field((), description="Size bins and lists of large datasets that are withheld.")
    untold: tuple[str, ...] = Field((), description="Paths of outlines that confidential sources are left out of.")

    def facet(self, name: str, modality: Modality | None) -> FacetPlan | None:
        return next((one for one in self.facets if (one.facet, one.modality) == (name, modality)), None)

    def total(self, modality: Modality) -> TotalPlan:
        return next(one for one in self.totals if one.modality is modality)


class Plan(_Part):
    """What is done for every audience. Confidential: it tells which kinds needed protection."""

    level: str
    audiences: tuple[AudiencePlanned, ...]

    def audience(self, audience: Audience) -> AudiencePlanned:
        return next(one for one in self.audiences if one.audience is audience)
