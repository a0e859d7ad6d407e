"""release.yaml and the dataset manifests, as declared. These types hold owners: they are confidential."""

from datetime import date
from pathlib import PurePosixPath
from typing import Literal, Self

from pydantic import ConfigDict, Field, PrivateAttr, ValidationInfo, field_validator, model_validator

from kaiji.findings import Place
from kaiji.manifest.declarations import Declarations
from kaiji.manifest.fields import (
    Count,
    Country,
    Declared,
    Epochs,
    Flag,
    Hours,
    Identifier,
    LanguageTag,
    LocalText,
    Month,
    Text,
    Url,
)
from kaiji.manifest.policy import Policy
from kaiji.terms import (
    LANGUAGES,
    Acquisition,
    Answer,
    Confidentiality,
    Language,
    Modality,
    RightsBasis,
    SourceCategory,
    Stage,
    UserDataKind,
)


class Owner(Declared):
    """Who holds or licensed a source: the unit that confidentiality protects."""

    id: Identifier
    """Id of the owner; the same in every manifest of a release."""
    name: LocalText
    """Its name."""


class Collected(Declared):
    """When a source was collected."""

    from_: Month | None = Field(None, alias="from")
    """First month; absent when not known."""
    to: Month | None = None
    """Last month; absent when not known."""
    ongoing: Flag = False
    """True while collection continues."""

    model_config = ConfigDict(populate_by_name=True, frozen=True, extra="forbid", use_attribute_docstrings=True)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_ and self.to and self.from_ > self.to:
            raise ValueError(f"from ({self.from_}) is later than to ({self.to})")
        return self


class CrawlerBehaviour(Declared):
    """How a crawler treats barriers (`crawled.behaviour`)."""

    captcha: LocalText | None = None
    """Captchas."""
    password: LocalText | None = None
    """Identifiers and passwords."""
    paywall: LocalText | None = None
    """Paywalls."""
    robots: LocalText | None = None
    """robots.txt."""
    other_protocols: LocalText | None = None
    """Other protocols."""


class Crawler(Declared):
    """A crawler that collected a source (`crawled.crawlers`)."""

    name: Text
    """Name of the crawler."""
    user_agent: Text
    """Identifier: the token of its User-Agent string."""
    operator: LocalText | None = None
    """Who runs it."""
    purpose: LocalText | None = None
    """What it collects for."""
    url: Url | None = None
    """Where it is described."""
    behaviour: CrawlerBehaviour = CrawlerBehaviour()
    """How it treats barriers."""
    site_types: LocalText | None = None
    """Kinds of sites it collects from (`crawled.sites`)."""


class Generator(Declared):
    """The model that generated a synthetic source (`synthetic.*`)."""

    name: Text
    """Name of the generator."""
    version: Text | None = None
    """Its version."""
    on_market: Answer = Answer.UNKNOWN
    """Whether it is placed on the market."""
    url: Url | None = None
    """Where it is described."""
    training_data: LocalText | None = None
    """What is known of its own training data."""
    seed_data: Answer = Answer.UNKNOWN
    """Whether artificial data were created from seed data, with some of their characteristics (Cal. Civ. Code 3110)."""


class Contains(Declared):
    """What a source contains. Unknown is a value."""

    copyright: Answer = Answer.UNKNOWN
    """Works protected by copyright."""
    trademark: Answer = Answer.UNKNOWN
    """Trade marks."""
    patent: Answer = Answer.UNKNOWN
    """Patented matter."""
    public_domain: Answer = Answer.UNKNOWN
    """Nothing but public-domain content."""
    personal: Answer = Answer.UNKNOWN
    """Personal data."""
    aggregate_consumer: Answer = Answer.UNKNOWN
    """Aggregate consumer information."""
    machine_generated: Answer = Answer.UNKNOWN
    """Machine-generated content."""


class Columns(Declared):
    """Which column of the files holds what. A name is that of a top-level column or JSON key."""

    url: Text | None = None
    """Address of the document."""
    text: Text | None = None
    """The text; read only when `bytes` is not mapped."""
    bytes: Text | None = None
    """Size in bytes of the document (UTF-8)."""
    tokens: Text | None = None
    """Number of tokens."""
    language: Text | None = None
    """Language tag."""
    licence: Text | None = None
    """Licence."""
    date: Text | None = None
    """Date of collection or publication."""


class Files(Declared):
    """The files of a source."""

    paths: tuple[Text, ...] = Field(min_length=1)
    """Patterns, relative to the folder of release.yaml, or addresses such as s3://bucket/corpus/*.parquet.

    `**` crosses folders. A folder saved by `datasets` is one path."""
    format: Literal["auto", "parquet", "jsonl", "datasets"] = "auto"
    """Format; `auto` goes by the name (.parquet, .jsonl[.gz|.zst], a folder)."""
    columns: Columns = Columns()
    """Column mapping."""
    tokenizer: Text | None = None
    """Tokenizer that counts the tokens of `columns.text`, relative to the folder of release.yaml.

    A tokenizer.json of Hugging Face `tokenizers`; only where no column holds the tokens."""

    @field_validator("tokenizer")
    @classmethod
    def _counts_a_text(cls, value: str | None, info: ValidationInfo) -> str | None:
        columns = info.data.get("columns")
        if value is not None and "://" in value:
            raise ValueError("must be a file of this machine, not an address")
        if value is not None and columns is not None:
            if columns.tokens is not None:
                raise ValueError("the tokens come from a tokenizer or from columns.tokens; name one of the two")
            if columns.text is None:
                raise ValueError("a tokenizer needs columns.text, which it counts")
        return value


class Sizes(Declared):
    """Sizes as declared, after processing, each source once (epochs not multiplied)."""

    documents: Count | None = None
    """Documents or rows."""
    bytes: Count | None = None
    """Bytes (UTF-8 for text)."""
    tokens: Count | None = None
    """Tokens."""
    items: Count | None = None
    """Images or other items."""
    hours: Hours | None = None
    """Hours of audio or video."""


class DataSource(Declared):
    """One dataset as used: the unit that is declared."""

    id: Identifier
    """Id of the source, unique in the release."""
    title: LocalText
    """Its name."""
    version: Text | None = None
    """Version."""
    url: Url | None = None
    """Where it is described or offered."""
    hub_id: Text | None = None
    """Id on the Hugging Face hub; goes into the model card for public sources."""
    collection: Identifier | None = None
    """Id of the larger dataset it is part of."""
    category: SourceCategory
    """Kind of source."""
    user_data: UserDataKind | None = None
    """For user data: from the model itself or from another service."""
    user_service: LocalText | None = None
    """For user data of another service: which one."""
    modality: Modality
    """Form of the content."""
    stages: tuple[Stage, ...] = Field(min_length=1)
    """Stages of development it is used in."""
    content_types: tuple[LocalText, ...] = ()
    """Kinds of content, for example news or source code."""
    owner: Owner | None = None
    """Who holds or licensed it; absent for a crawl of many sites."""
    confidentiality: Confidentiality
    """Whether its owner and identity may be published."""
    publicly_known: Flag = False
    """For licensed and private sources: whether the deal is publicly known."""
    licence: Text | None = None
    """Licence: SPDX expression, LicenseRef-…, or the wording of the source."""
    rights_basis: RightsBasis | None = None
    """Ground on which it is used."""
    acquisition: Acquisition | None = None
    """How it was obtained."""
    languages: tuple[LanguageTag, ...] = ()
    """Languages, BCP 47."""
    origin_countries: tuple[Country, ...] = ()
    """Countries the content comes from."""
    collected: Collected | None = None
    """When it was collected."""
    first_used: Month | None = None
    """First month of use in training."""
    crawler: Crawler | None = None
    """For crawled data: how it was collected."""
    generator: Generator | None = None
    """For synthetic data: what generated it."""
    contains: Contains = Contains()
    """What it contains."""
    label_types: tuple[LocalText, ...] | None = None
    """Kinds of labels it comes with, for example captions or ratings; an empty list says that it has none."""
    processing: tuple[LocalText, ...] | None = None
    """Processing steps: cleaning, filtering and the like; an empty list says that there were none."""
    processing_purpose: LocalText | None = None
    """Why these steps were taken."""
    purpose: LocalText | None = None
    """What it is used for."""
    storage_countries: tuple[Country, ...] = ()
    """Where it is stored."""
    processing_countries: tuple[Country, ...] = ()
    """Where it is processed."""
    epochs: Epochs | None = None
    """How often it is seen in training; weights only the internal mixture, never a published size."""
    models: tuple[Text, ...] = ()
    """Names of the covered models that it was used for; empty means all of them (`model.also_covers`)."""
    part_used: LocalText | None = None
    """Where only a part of it was used: which one, and how it was chosen."""
    files: Files | None = None
    """Its files; without them the source is declared, with them it is observed."""
    declared: Sizes = Sizes()
    """Declared sizes."""

    _place: Place = PrivateAttr(default_factory=lambda: Place(file="?"))

    @property
    def place(self) -> Place:
        """Where the source stands: manifest file, line, key path."""
        return self._place

    @property
    def confidential(self) -> bool:
        return self.confidentiality is Confidentiality.CONFIDENTIAL

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.category is SourceCategory.USER) != (self.user_data is not None):
            raise ValueError("user_data is needed for category user, and only there")
        if self.crawler and self.category is not SourceCategory.CRAWLED:
            raise ValueError("a crawler belongs to category crawled")
        if self.generator and self.category is not SourceCategory.SYNTHETIC:
            raise ValueError("a generator belongs to category synthetic")
        if len(set(self.stages)) != len(self.stages):
            raise ValueError("a stage is named twice")
        return self


class Manifest(Declared):
    """A dataset manifest: one or more sources."""

    schema_: Literal["kaiji/dataset-manifest/v1"] = Field(alias="schema")
    """Kind and version of the file."""
    sources: tuple[DataSource, ...] = Field(min_length=1)
    """The sources."""


class Outputs(Declared):
    """What is rendered."""

    regimes: tuple[Text, ...] = ("jp-principle-code",)
    """Regimes: ids, or paths to regime folders relative to release.yaml."""
    languages: tuple[Language, ...] = LANGUAGES
    """Languages of the documents."""
    private_suffixes: Flag = False
    """True to count the names of a hosting service (user.github.io) one by one in the list of crawled domains."""


class Release(Declarations):
    """release.yaml: one model and everything disclosed for it."""

    schema_: Literal["kaiji/release/v1"] = Field(alias="schema")
    """Kind and version of the file."""
    manifests: tuple[Text, ...] = Field(min_length=1)
    """Patterns of dataset manifests, relative to this file."""
    data_roots: tuple[Text, ...] = ()
    """Folders outside the release folder, or addresses such as s3://bucket/corpus, in which data files may lie."""
    policy: Policy = Policy()
    """How the release is disclosed."""
    outputs: Outputs = Outputs()
    """What is rendered."""

    _lines: dict[str, Place] = PrivateAttr(default_factory=dict)

    def place_of(self, key: str) -> Place:
        """Where ``key`` (for example ``categories.user.used``) stands in release.yaml, or its nearest parent."""
        path = PurePosixPath(key.replace(".", "/"))
        for candidate in (path, *path.parents):
            name = str(candidate).replace("/", ".")
            if name in self._lines:
                return self._lines[name]
        return Place(file="release.yaml", key=key)

    def document_date(self) -> date:
        """The declared date of the documents: that of the document, else of the release."""
        return self.document.date or self.model.release_date
