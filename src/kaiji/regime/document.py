"""The document: sections, items, blocks and statements in one language, for one audience.

This is the published JSON as well as what every renderer reads. Its JSON Schema is exported to
``schemas/document.v1.schema.json``; field names are part of the contract and are never renamed.
"""

import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from kaiji.regime.blocks import TextBlock

SCHEMA = "kaiji/document/v1"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RegimeReference(_Part):
    """The regime a document answers."""

    id: str = Field(description="Regime id, for example `jp-principle-code`.")
    version: str = Field(description="Version key of the regime's rules.")
    title: str = Field(description="Official title, in the document's language.")


class ReleaseReference(_Part):
    """The release a document is about."""

    id: str = Field(description="Id of the release.")
    model: str = Field(description="Name of the model.")
    version: str = Field(description="Version of the model.")


class VerificationNote(_Part):
    """How far an item was checked against the text of the law or code."""

    status: Literal["primary", "final", "april_draft", "december_draft", "unverified"] = Field(
        description="Closed vocabulary."
    )
    text: str = Field(description="The status in words.")


class Item(_Part):
    """One thing that the regime asks for."""

    id: str = Field(description="Item id within the regime.")
    label: str = Field(description="Its title.")
    state: Literal["answered", "explained", "withheld", "not_applicable", "not_known", "unanswered"] = Field(
        description="How it is answered."
    )
    text: str = Field(description="The state in words, with the reason where there is one.")
    blocks: tuple[TextBlock, ...] = Field(description="The answer.")
    statements: tuple[str, ...] = Field(description="Ids of the figures that the answer prints.")
    verification: VerificationNote = Field(description="How far the item itself was verified.")


class Section(_Part):
    """A group of items."""

    id: str = Field(description="Section id within the regime.")
    title: str = Field(description="Its title.")
    items: tuple[Item, ...] = Field(description="Its items, in the order of the regime.")


class PublishedStatement(_Part):
    """A published figure and the interval of values that print it."""

    id: str = Field(description="Stable id; the same in every language, format and audience.")
    text: str = Field(description="The figure as printed.")
    unit: str = Field(description="Unit of low and high.")
    low: int | float | None = Field(description="Least value that prints this text; null when open-ended.")
    high: int | float | None = Field(description="Greatest value that prints this text; null when open-ended.")


class DisclosureDocument(_Part):
    """A document in one language for one audience."""

    schema_: Literal["kaiji/document/v1"] = Field("kaiji/document/v1", alias="schema", description="Kind and version.")
    regime: RegimeReference = Field(description="The regime answered.")
    language: Literal["ja", "en"] = Field(description="Language of all texts.")
    audience: Literal["public", "regulator"] = Field(description="Who the document is for.")
    release: ReleaseReference = Field(description="The release.")
    title: str = Field(description="Title of the document.")
    date: datetime.date = Field(description="Date of the document.")
    provider: str = Field(description="Legal name of the provider.")
    banner: str | None = Field(None, description="Mark of a sample, on every page.")
    draft: str | None = Field(None, description="Mark of a draft, on every page; null once the document was approved.")
    notices: tuple[str, ...] = Field((), description="Fixed notices: what the document is not, how far it was checked.")
    sections: tuple[Section, ...] = Field(description="Sections, in the order of the regime.")
    statements: tuple[PublishedStatement, ...] = Field(description="All figures of the document, by id.")

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @property
    def marks(self) -> tuple[str, ...]:
        """What stands on every page: that it is a draft, that it is a sample."""
        return tuple(mark for mark in (self.draft, self.banner) if mark)
