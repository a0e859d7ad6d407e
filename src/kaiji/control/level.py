"""Disclosure levels: how much of each facet an audience gets. A level is a file, not code."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from kaiji.errors import RegimeError
from kaiji.manifest.messages import findings
from kaiji.manifest.yaml_source import Document, read
from kaiji.terms import Audience, Words


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class FacetAction(_Part):
    """What is done with a facet."""

    action: Literal["share", "kinds", "withhold"]
    """Shares rounded to `unit`, kinds without figures, or nothing."""
    unit: Decimal | None = None
    """Rounding unit of shares, in percent; a divisor of 100."""

    @model_validator(mode="after")
    def _unit_fits(self) -> Self:
        if (self.action == "share") != (self.unit is not None):
            raise ValueError("a unit belongs to the action share, and only there")
        if self.unit is not None and (self.unit <= 0 or 100 % self.unit):
            raise ValueError("the unit must divide 100")
        return self


class AudiencePlan(_Part):
    """What one audience gets."""

    facets: Mapping[str, FacetAction]
    """Action by facet; `default` stands for those not named."""
    totals: Literal["band", "withhold"]
    """Totals per modality: a fixed band, or nothing."""
    counts: Literal["band", "withhold"]
    """Number of datasets per category: a fixed band, or nothing."""
    names: Literal["not_confidential", "withhold"]
    """Names of sources: those that are not confidential, or none."""
    contacts: Literal["public", "all"]
    """Contacts: those marked public, or all."""
    method: Literal["show", "withhold"]
    """The method note with the commitments to the inputs."""

    def facet(self, name: str) -> FacetAction:
        return self.facets.get(name) or self.facets["default"]


class Level(_Part):
    """A disclosure level."""

    schema_: Literal["kaiji/level/v1"] = Field(alias="schema")
    """Kind and version of the file."""
    id: str
    """Id; the name of its file."""
    inherits_from: str | None = None
    """Level whose values stand where this one names none."""
    title: Words
    """Its name."""
    description: Words
    """What it gives and what it does not give."""
    owners_minimum: int = Field(ge=2)
    """Fewest owners behind a published share that a confidential source is part of."""
    audiences: dict[Audience, AudiencePlan]
    """What each audience gets."""

    @model_validator(mode="after")
    def _every_audience(self) -> Self:
        missing = [audience.value for audience in Audience if audience not in self.audiences]
        if missing:
            raise ValueError(f"no plan for {', '.join(missing)}")
        for plan in self.audiences.values():
            if "default" not in plan.facets:
                raise ValueError("facets need a default")
        return self


def load(level_id: str, folder: Path) -> Level:
    """The level ``<folder>/<level_id>.yaml`` with what it inherits.

    Raises:
        RegimeError: no such level, a circle of inheritance, or a file that does not fit.
    """
    document, data = _merged(level_id, folder, ())
    try:
        return Level.model_validate(data)
    except ValidationError as error:
        raise RegimeError("\n".join(found.line() for found in findings(error, document, Level))) from error


def _merged(level_id: str, folder: Path, seen: tuple[str, ...]) -> tuple[Document, dict[str, Any]]:
    """The file of a level, and its values laid over those that it inherits."""
    if level_id in seen:
        raise RegimeError(f"levels/{level_id}.yaml: inherits from itself by way of {', '.join(seen)}")
    path = folder / f"{level_id}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(found.stem for found in folder.glob("*.yaml")))
        raise RegimeError(f"there is no disclosure level {level_id!r}; there are: {known}")
    document = read(path.read_bytes(), f"levels/{path.name}")
    if not isinstance(document.data, dict):
        raise RegimeError(f"levels/{path.name}: must be a mapping")
    parent = document.data.get("inherits_from")
    if not parent:
        return document, document.data
    return document, _over(_merged(str(parent), folder, (*seen, level_id))[1], document.data)


def _over(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """``base`` with the values of ``own`` on top, mapping by mapping."""
    merged = dict(base)
    for key, value in own.items():
        inner = merged.get(key)
        merged[key] = _over(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return merged
