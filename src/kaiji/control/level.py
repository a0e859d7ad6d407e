"""Disclosure levels: how much of each facet an audience gets. A level is a file, not code."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from kaiji.errors import ManifestError, RegimeError
from kaiji.findings import Finding
from kaiji.manifest.messages import findings
from kaiji.manifest.yaml_source import Document, read
from kaiji.provenance.summarise import FACETS
from kaiji.terms import Audience, Words

_FINEST = Decimal("0.01")
"""Least unit of shares: a finer one would be as good as an exact figure."""


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
        if self.unit is not None and (self.unit < _FINEST or 100 % self.unit):
            raise ValueError(f"the unit must divide 100 and be {_FINEST} or more")
        return self


class TableAction(_Part):
    """A table of two facets, within each modality."""

    rows: str
    """Facet of the rows."""
    columns: str
    """Facet of the columns."""
    unit: Decimal
    """Rounding unit of shares, in percent; a divisor of 100."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        partitions = [name for name in FACETS if name != "modality"]
        if self.rows == self.columns or not {self.rows, self.columns} <= set(partitions):
            raise ValueError(f"rows and columns must be two of {', '.join(partitions)}")
        if self.unit < _FINEST or 100 % self.unit:
            raise ValueError(f"the unit must divide 100 and be {_FINEST} or more")
        return self


class AudiencePlan(_Part):
    """What one audience gets."""

    facets: Mapping[str, FacetAction]
    """Action by facet; `default` stands for those not named."""
    totals: Literal["band", "decade", "withhold"]
    """Totals per modality: a fixed band (1-3-10), a wider one (1-10), or nothing."""
    tables: tuple[TableAction, ...] = ()
    """Tables of two facets, which need both facets as shares."""
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

    @model_validator(mode="after")
    def _margins(self) -> Self:
        for one in self.tables:
            if any(self.facet(name).action != "share" for name in (one.rows, one.columns)):
                raise ValueError(f"the table of {one.rows} by {one.columns} needs both as shares")
        return self


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

    def crossed(self) -> tuple[tuple[str, str], ...]:
        """Pairs of facets that some audience gets a table of."""
        pairs = ((one.rows, one.columns) for plan in self.audiences.values() for one in plan.tables)
        return tuple(dict.fromkeys(pairs))

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
        RegimeError: no such level, a circle of inheritance, or a file that does not fit, with its file and line.
    """
    chain = _chain(level_id, folder)
    data: dict[str, Any] = {}
    for _, own in reversed(chain):
        data = _over(data, own)
    try:
        level = Level.model_validate(data)
    except ValidationError as error:
        judged = zip(*(list(findings(error, document, Level)) for document, _ in chain), strict=True)
        raise _wrong(_where_written(found, chain) for found in judged) from error
    if level.id != level_id:
        raise RegimeError(f"{chain[0][0].place(('id',))}: the id of a level must be the name of its file")
    return level


_Chain = list[tuple[Document, dict[str, Any]]]
"""The file of a level and those that it inherits, nearest first, each with its values."""


def _chain(level_id: str, folder: Path) -> _Chain:
    chain: _Chain = []
    seen: list[str] = []
    wanted, asked = level_id, ""
    while True:
        if wanted in seen:
            raise RegimeError(f"{asked}a level inherits from itself by way of {', '.join(seen)}")
        path = folder / f"{wanted}.yaml"
        if Path(wanted).name != wanted or not path.is_file():
            known = ", ".join(sorted(found.stem for found in folder.glob("*.yaml")))
            raise RegimeError(f"{asked}there is no disclosure level {wanted!r}; there are: {known}")
        try:
            document = read(path.read_bytes(), f"levels/{path.name}")
        except ManifestError as error:
            raise _wrong(error.findings) from error
        if document.findings:
            raise _wrong(document.findings)
        if not isinstance(document.data, dict):
            raise RegimeError(f"levels/{path.name}:1: must be a mapping")
        chain.append((document, document.data))
        seen.append(wanted)
        parent = document.data.get("inherits_from")
        if not parent:
            return chain
        wanted, asked = str(parent), f"{document.place(('inherits_from',))}: "


def _wrong(found: Iterable[Finding]) -> RegimeError:
    return RegimeError("\n".join(finding.line() for finding in found))


def _where_written(found: Sequence[Finding], chain: _Chain) -> Finding:
    """Of one finding as placed in each file of ``chain``, that of the file in which the value is written."""
    keys = [key for key in ((found[0].place and found[0].place.key) or "").split(".") if key]
    depths = [_depth(keys, values) for _, values in chain]
    return found[depths.index(max(depths))]


def _depth(keys: Sequence[str], values: object) -> int:
    """How many of ``keys``, one inside the other, ``values`` has."""
    for depth, key in enumerate(keys):
        if not isinstance(values, dict) or key not in values:
            return depth
        values = values[key]
    return len(keys)


def _over(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """``base`` with the values of ``own`` on top, mapping by mapping; another action brings its own unit, or none."""
    merged = dict(base)
    for key, value in own.items():
        inner = merged.get(key)
        if isinstance(inner, dict) and isinstance(value, dict) and "action" not in value:
            merged[key] = _over(inner, value)
        else:
            merged[key] = value
    return merged
