"""What others have said about the data: a press release, a paper, a model card elsewhere.

A reader puts it together with what is published, so the ceiling takes it as published too. The file is private: it
may name confidential sources.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema, model_validator

from kaiji.control.known_kinds import Fault, KnownKinds
from kaiji.control.subjects import Claim, Subject
from kaiji.errors import ManifestError
from kaiji.findings import Finding, Place
from kaiji.manifest import input_files, yaml_source
from kaiji.manifest.fields import Date, Declared, Identifier, LocalText, Text, Url, number
from kaiji.manifest.kinds import NOT_KNOWN, FacetName
from kaiji.manifest.messages import findings, schema_of
from kaiji.manifest.yaml_source import Document, KeyPath
from kaiji.terms import Audience, Modality, Unit

_SECONDS_PER_HOUR = 3600
_MEASURES = Literal["tokens", "bytes", "documents", "items", "seconds", "hours", "datasets"]
_Size = Annotated[
    Decimal,
    BeforeValidator(number),
    Field(ge=0, le=Decimal(10) ** 30),
    WithJsonSchema({"type": "number", "minimum": 0}, mode="validation"),
]


class Where(Declared):
    """Where something was said."""

    title: LocalText
    """Title of the publication."""
    url: Url | None = None
    """Its address."""
    date: Date
    """Its date."""


class About(Declared):
    """A rounded figure: any value that, rounded to so many significant digits, gives it."""

    value: _Size
    """The figure as it was said."""
    digits: int = Field(ge=1, le=18)
    """Significant digits of it that count: 2 for "about 1.2 trillion"."""

    @model_validator(mode="after")
    def _has_no_more_digits(self) -> Self:
        if not self.value:
            raise ValueError("nothing is about 0: say exact, or between")
        if len(self.value.normalize().as_tuple().digits) > self.digits:
            raise ValueError("the value has more significant digits than that")
        return self

    @property
    def bounds(self) -> tuple[Fraction, Fraction]:
        """Least and greatest value that may be meant; a power of ten reaches down only half a unit of the finer kind.

        Below 1,000 at two digits the unit is 10, above it 100: 995 to 1,050 give 1,000.
        """
        value = Fraction(self.value)
        unit = Fraction(10) ** (self.value.adjusted() - self.digits + 1)
        power = self.value.normalize().as_tuple().digits == (1,)
        return value - unit / (20 if power else 2), value + unit / 2


class Between(Declared):
    """Bounds as they were said; one of them may be left out."""

    at_least: _Size | None = None
    """Lower bound, itself included."""
    more_than: _Size | None = None
    """Lower bound, itself left out."""
    at_most: _Size | None = None
    """Upper bound, itself included."""
    less_than: _Size | None = None
    """Upper bound, itself left out."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        lower, upper = (self.at_least, self.more_than), (self.at_most, self.less_than)
        if None not in lower or None not in upper:
            raise ValueError("an end is either included or left out: name one of the two")
        low, high = self.low, self.high
        if low is None and high is None:
            raise ValueError("name a lower or an upper bound")
        closed = (self.more_than, self.less_than) == (None, None)
        if low is not None and high is not None and (low > high or (low == high and not closed)):
            raise ValueError("no value lies between these bounds")
        return self

    @property
    def low(self) -> Decimal | None:
        return self.at_least if self.at_least is not None else self.more_than

    @property
    def high(self) -> Decimal | None:
        return self.at_most if self.at_most is not None else self.less_than


class SaidOf(Declared):
    """What was spoken of: all of a modality, kinds of a facet in it, or sources."""

    modality: Modality | None = None
    """Modality; left out for sources, for the facet `modality`, and for counts of all datasets."""
    facet: FacetName | None = None
    """Facet of the kinds."""
    kinds: tuple[Text, ...] | None = Field(None, min_length=1)
    """Kinds of the facet; `not-known` is a kind."""
    sources: tuple[Identifier, ...] | None = Field(None, min_length=1)
    """Ids of sources."""

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if (self.facet is None) != (self.kinds is None):
            raise ValueError("a facet comes with its kinds, and kinds with their facet")
        if self.sources is not None and self.facet is not None:
            raise ValueError("name sources, or kinds of a facet, not both")
        if self.facet == "modality" and self.modality is not None:
            raise ValueError("the facet modality stands without a modality")
        return self

    def subject(self, release: str | None) -> Subject:
        """The data that was spoken of, in ``release``; kinds and sources in the order of their names."""
        named = sorted(set(self.kinds or ()), key=lambda kind: (kind == NOT_KNOWN, kind))
        return Subject(
            modality=self.modality,
            facet=self.facet,
            kinds=tuple(None if kind == NOT_KNOWN else kind for kind in named) or None,
            sources=tuple(sorted(set(self.sources or ()))) or None,
            release=release,
        )


class Said(Declared):
    """One thing that was said: how much, of what, and where it can be read."""

    id: Identifier
    """Id of the fact."""
    where: Where
    """Where it was said."""
    release: Identifier | None = None
    """Release that it speaks of; else the one that is built."""
    says: Literal["total", "size", "share"]
    """The total of a modality, the size of kinds or sources, or their share in percent of the modality."""
    of: SaidOf
    """What it speaks of."""
    unit: _MEASURES
    """Measure of the size; for a share, the measure that it is a share of."""
    exact: _Size | None = None
    """The exact figure; a share in percent."""
    about: About | None = None
    """A rounded figure."""
    between: Between | None = None
    """Bounds."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if sum(said is not None for said in (self.exact, self.about, self.between)) != 1:
            raise ValueError("how much was said: name one of exact, about, between")
        plain = self.of.facet is None and self.of.sources is None
        if (self.says == "total") != plain:
            raise ValueError("a total is of a modality alone; a size or a share is of kinds or sources")
        across = self.of.modality is None and self.of.facet != "modality"
        if across and self.unit != "datasets" and (self.says == "share" or self.of.sources is None):
            raise ValueError("needs a modality; only datasets are counted over all modalities")
        low, high = self._bounds()
        if self.says == "share" and ((low or 0) > 100 or (high is not None and high > 100 and self.about is None)):
            raise ValueError("a share is not more than 100 percent")
        return self

    def _bounds(self) -> tuple[Fraction | None, Fraction | None]:
        if self.exact is not None:
            return Fraction(self.exact), Fraction(self.exact)
        if self.about is not None:
            return self.about.bounds
        ends = (self.between.low, self.between.high) if self.between else (None, None)
        return tuple(None if end is None else Fraction(end) for end in ends)  # type: ignore[return-value]

    def claim(self, at_hand: str) -> Claim:
        """What was said, as a claim of the release ``at_hand``; hours become seconds. Everybody may know it."""
        share = self.says == "share"
        release = None if self.release in (None, at_hand) else self.release
        factor = _SECONDS_PER_HOUR if self.unit == "hours" and not share else 1
        low, high = self._bounds()
        return Claim(
            id=f"fact:{self.id}",
            audience=Audience.PUBLIC,
            unit=Unit.SECONDS if self.unit == "hours" else Unit(self.unit),
            part=self.of.subject(release),
            whole=Subject(modality=self.of.modality, release=release) if share else None,
            low=None if low is None else low * factor,
            high=None if high is None else high * factor,
            low_open=self.between is not None and self.between.more_than is not None,
            high_open=self.between is not None and self.between.less_than is not None,
        )


class ExternalFactsFile(Declared):
    """external_facts.yaml: what others have said about the data."""

    schema_: Literal["kaiji/external-facts/v1"] = Field(alias="schema")
    """Kind and version of the file."""
    facts: tuple[Said, ...]
    """What was said."""


class ExternalFact(BaseModel):
    """Something that was said outside the documents, with what a reader may conclude."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(description="Id of the fact.")
    title: str = Field(description="Title of the publication, in English.")
    url: str | None = Field(None, description="Its address.")
    date: date
    release: str = Field(description="Release that it speaks of.")
    claim: Claim = Field(description="What it says: its subject, unit, ends and which of them are open.")


def load(path: Path, name: str, release: str, known: KnownKinds) -> tuple[ExternalFact, ...]:
    """The facts in the file at ``path``, by id.

    Args:
        path: The file.
        name: What messages call it.
        release: Release at hand: a fact speaks of it when it names none.
        known: Kinds, sources and releases that there are: this release, and those of the ledger.

    Raises:
        ManifestError: all that is wrong with the file, each with its line (KJ101 to KJ111).
    """
    document = yaml_source.read(input_files.read(path, name).content, name)
    found = list(document.findings)
    said: tuple[Said, ...] = ()
    if not isinstance(document.data, dict):
        message = f"the file is not a mapping; it must begin with `schema: {schema_of(ExternalFactsFile)}`"
        found.append(Finding(id="KJ106", message=message, place=Place(file=name, line=1, column=1)))
    else:
        try:
            said = ExternalFactsFile.model_validate(document.data).facts
        except ValidationError as error:
            found += findings(error, document, ExternalFactsFile)
    ids: dict[str, int] = {}
    for index, one in enumerate(said):
        if ids.setdefault(one.id, index) != index:
            message = f"the same id stands at {document.place(('facts', ids[one.id], 'id'))}"
            found.append(Finding(id="KJ107", message=message, place=document.place(("facts", index, "id"))))
        found += _unknown(one, document, ("facts", index), known)
    if found:
        raise ManifestError(sorted(found, key=_by_line))
    return tuple(
        ExternalFact(
            id=one.id,
            title=one.where.title.en,
            url=one.where.url,
            date=one.where.date,
            release=one.release or release,
            claim=one.claim(release),
        )
        for one in sorted(said, key=lambda one: one.id)
    )


def _by_line(finding: Finding) -> tuple[int, int, str, str]:
    place = finding.place or Place(file="")
    return (place.line or 0, place.column or 0, finding.id, finding.message)


def _unknown(said: Said, document: Document, path: KeyPath, known: KnownKinds) -> Iterator[Finding]:
    """Release, modality, kinds and sources that are not there."""
    of, checked = said.of, list[tuple[KeyPath, Fault | None]]()
    if said.release is not None:
        checked.append((("release",), known.release(said.release)))
    if of.modality is not None:
        checked.append((("of", "modality"), known.modality(of.modality)))
    if of.facet is not None:
        checked += [(("of", "kinds", n), known.kind(of.facet, kind)) for n, kind in enumerate(of.kinds or ())]
    checked += [(("of", "sources", n), known.source(source)) for n, source in enumerate(of.sources or ())]
    for where, fault in checked:
        if fault is not None:
            place = document.place((*path, *where), value=True)
            yield Finding(id="KJ106", message=fault.message, place=place, detail=fault.detail)
