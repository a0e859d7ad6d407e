"""What may leave the building. Nothing here is exact but dates, names of sources that are not confidential, and
what the provider declared of itself; every other figure is a :class:`~kaiji.control.statements.Statement`.
"""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from kaiji.control.form_disclosed import FormFigures
from kaiji.control.statements import Statement
from kaiji.manifest.declarations import Declarations
from kaiji.terms import Acquisition, Answer, Audience, Basis, CountryGroup, Modality, SourceCategory, Stage, Unit, Words


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Decision(_Part):
    """Why a value was coarsened, merged or withheld: the audit trail. Internal."""

    path: str = Field(description="Statement id, or the path of the value that was withheld.")
    action: Literal["round", "band", "merge", "withhold", "pseudonym"]
    rule: str = Field(description="Name of the rule that decided.")
    reason: str = Field(description="What the rule found; may hold exact figures.")
    audience: Audience


class Row(_Part):
    """One kind, or several merged kinds, of a facet."""

    kinds: tuple[str | None, ...] = Field(description="Facet values; None is not known. Several when merged.")
    statement: str | None = Field(description="Id of its share; None where only kinds are given or it was withheld.")


class DisclosedFacet(_Part):
    """A facet of a modality as an audience may see it; rows in fixed order, never by size."""

    name: str
    modality: Modality | None
    unit: Unit = Field(description="Measure that the shares are of.")
    basis: Basis
    rows: tuple[Row, ...]
    withheld: bool = Field(False, description="True when the shares were withheld to protect an owner.")


class DisclosedTable(_Part):
    """A table of two facets of a modality; a cell without a statement is suppressed."""

    facets: tuple[str, str] = Field(description="Facet of the rows and of the columns.")
    modality: Modality
    unit: Unit = Field(description="Measure that the shares are of.")
    basis: Basis
    rows: tuple[tuple[str | None, ...], ...] = Field(description="Kinds of each row; several when merged.")
    columns: tuple[tuple[str | None, ...], ...]
    cells: tuple[tuple[str | None, ...], ...] = Field(description="Statement id by row and column.")


class Total(_Part):
    """Total of a modality: a banded statement, or the reason why there is none (a wording key)."""

    modality: Modality
    statement: str | None
    reason: str | None = None
    basis: Basis | None = None


class NamedSource(_Part):
    """A source whose name may be published."""

    title: Words
    version: str | None
    url: str | None
    hub_id: str | None
    owner: Words | None
    category: SourceCategory
    modality: Modality
    licence: str | None


class CategoryOutline(_Part):
    """What may be said of a source category."""

    category: SourceCategory
    used: Answer = Field(description="yes: sources are listed; no: declared unused; unknown: nothing says either.")
    basis: Basis
    count: str | None = Field(description="Statement id of the banded number of datasets.")
    modalities: tuple[Modality, ...]
    content_types: tuple[Words, ...]
    acquisitions: tuple[Acquisition, ...]
    acquisition_unknown: bool
    period: tuple[str, str] | None = Field(description="Statement ids of first and last month; None when not known.")
    period_withheld: bool
    ongoing: bool
    processing: tuple[Words, ...]
    purposes: tuple[Words, ...]
    copyright: Answer
    personal: Answer
    trademark: Answer
    patent: Answer
    public_domain: Answer
    machine_generated: Answer
    aggregate_consumer: Answer
    unnamed: bool = Field(description="True when the category has sources that are not named.")
    stages: tuple[Stage, ...] = Field((), description="Stages of development that its sources are used in.")
    label_types: tuple[Words, ...] = Field((), description="Kinds of labels of its sources.")
    unlabelled: bool = Field(False, description="True when a source is declared to have no labels.")
    labels_unknown: bool = Field(False, description="True when nothing is declared of the labels of a source.")
    first_used: tuple[str, str] | None = Field(
        None, description="Statement ids of the first and last of the months of first use; None when not known."
    )
    first_used_unknown: bool = Field(False, description="True when the month of first use of a source is not declared.")
    first_used_withheld: bool = Field(False, description="True when that of a confidential source is left out.")
    processed: Answer = Field(Answer.UNKNOWN, description="Whether its sources were cleaned or processed.")
    processing_purposes: tuple[Words, ...] = ()
    seeded: Answer = Field(Answer.UNKNOWN, description="Synthetic sources: whether they were created from seed data.")


class Evaluation(_Part):
    """Sources that are used for validation or testing only: apart from the training data, and never added to it."""

    categories: tuple[CategoryOutline, ...] = Field((), description="The categories that have such sources.")
    names: tuple[NamedSource, ...] = ()


class DataPoints(_Part):
    """Number of data points of categories of a modality: documents, images, recordings or other items."""

    modality: Modality
    training: bool = Field(description="False for sources that are used for validation or testing only.")
    kinds: tuple[str, ...] = Field(description="Categories; several when merged.")
    unit: Unit
    statement: str | None
    reason: str | None = Field(None, description="Why there is no figure (a wording key).")
    basis: Basis | None = None
    dynamic: bool = Field(False, description="True when collection goes on, so that the figure is an estimate.")


class CrawlerOutline(_Part):
    """A crawler and how it behaves."""

    name: str
    user_agent: str
    operator: Words | None
    purpose: Words | None
    url: str | None
    behaviour: Mapping[str, Words]
    site_types: Words | None
    period: tuple[str, str] | None
    ongoing: bool


class GeneratorOutline(_Part):
    """A model that generated synthetic data."""

    name: str
    version: str | None
    on_market: Answer
    url: str | None
    training_data: Words | None


class UserDataOutline(_Part):
    """Whether user data of each kind is used, and of which services."""

    model_interactions: Answer
    other_services: Answer
    basis: Basis
    services: tuple[Words, ...]


class Regions(_Part):
    """Countries (ISO 3166-1 alpha-2) that data comes from, is stored in and processed in; by group."""

    origin: tuple[str, ...]
    storage: tuple[str, ...]
    processing: tuple[str, ...]
    origin_unknown: bool
    storage_unknown: bool
    processing_unknown: bool
    groups: Mapping[str, CountryGroup]


class Method(_Part):
    """How the figures were made; for regulators."""

    kaiji: str
    engine: str
    psl_version: str
    psl_date: str
    tokenizers: tuple[str, ...] = Field((), description="What counted tokens: file, digest, package and version.")
    tolerance: str
    commitments: Mapping[str, str] = Field(description="What is committed to, and the salted commitment (hex).")


class DisclosedSummary(_Part):
    """Everything a document for one audience may say. Made by :func:`kaiji.control.disclose.disclose` only."""

    audience: Audience
    level: str
    level_title: Words
    level_description: Words
    share_units: tuple[str, ...] = Field(description="Rounding units of the shares given, in percent.")
    date: date
    declarations: Declarations
    facets: tuple[DisclosedFacet, ...]
    tables: tuple[DisclosedTable, ...] = ()
    totals: tuple[Total, ...]
    categories: tuple[CategoryOutline, ...]
    names: tuple[NamedSource, ...]
    crawlers: tuple[CrawlerOutline, ...]
    generators: tuple[GeneratorOutline, ...]
    user_data: UserDataOutline
    regions: Regions
    latest: str | None = Field(description="Statement id of the last month of collection.")
    observed: bool = Field(description="True when at least one source was measured on its files.")
    method: Method | None
    statements: Mapping[str, Statement]
    points: tuple[DataPoints, ...] = ()
    evaluation: Evaluation = Evaluation()
    form: FormFigures | None = Field(None, description="Figures of the EU form, where a regime asks for them.")

    def facet(self, name: str, modality: Modality | None) -> DisclosedFacet | None:
        return next((f for f in self.facets if f.name == name and f.modality is modality), None)

    def outline(self, category: SourceCategory) -> CategoryOutline:
        return next(outline for outline in self.categories if outline.category is category)
