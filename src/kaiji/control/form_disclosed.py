"""What the EU summary of training content says beyond the rest: no size but in bins, no name that is confidential."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from kaiji.terms import Answer, Modality, Words

NUMERIC = "numeric"
"""Last part of the id of a month that is printed as MM/YYYY; the month in words has the id without it."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FormSize(_Part):
    """Size of a modality as one of the bins of the form, or why there is none (a wording key)."""

    modality: Modality
    statement: str | None
    reason: str | None = None
    dynamic: tuple[Words, ...] = Field((), description="Dynamic datasets that are left out, where they may be named.")
    unnamed_dynamic: bool = False


class Outline(_Part):
    """Some sources in outline: what a description of them in general terms holds."""

    modalities: tuple[Modality, ...]
    content_types: tuple[Words, ...]
    languages: tuple[str, ...] = Field(description="Primary languages (BCP 47).")
    copyright: Answer
    personal: Answer
    machine_generated: Answer
    period: tuple[str, str] | None = Field(description="Statement ids of first and last month; None when not known.")


class LargeSet(_Part):
    """A large public dataset; without a name where its name is confidential."""

    title: Words | None
    version: str | None
    url: str | None
    modalities: tuple[Modality, ...]
    content_types: tuple[Words, ...]
    period: tuple[str, str] | None
    part_used: Words | None
    parts: tuple[Words, ...] = Field((), description="Names of its parts, where it is a collection of several.")


class KnownSet(_Part):
    """A private dataset of a third party that is publicly known."""

    title: Words
    version: str | None
    url: str | None
    modality: Modality


class DomainList(_Part):
    """The most relevant domain names that were crawled."""

    length: str = Field(description="Statement id of the length of the list.")
    names: tuple[str, ...]
    small: bool = Field(description="True by the rule for small and medium-sized providers.")
    measure: str = Field(description="What names are ranked by: bytes, tokens or documents.")
    modalities: int = Field(description="How many modalities were ranked.")
    private_suffixes: bool
    psl_version: str
    psl_date: str
    incomplete: bool = Field(description="True when addresses of a crawled source were not measured.")


class FormFigures(_Part):
    """All of it."""

    sizes: tuple[FormSize, ...] = ()
    content_types: Mapping[Modality, tuple[Words, ...]] = {}
    large: tuple[LargeSet, ...] = ()
    large_withheld: tuple[Modality, ...] = Field((), description="Modalities in which no list can be given.")
    unmeasured: tuple[Modality, ...] = Field((), description="Modalities whose public data have no common measure.")
    measures: Mapping[Modality, str] = Field({}, description="Measure of the public data, by modality.")
    other_public: Outline | None = None
    known_private: tuple[KnownSet, ...] = ()
    other_private: Outline | None = None
    crawled: Outline | None = None
    domains: DomainList | None = None
    repeated: tuple[tuple[Words, str], ...] = Field((), description="Named sources seen more or less than once.")
    languages: tuple[str, ...] = Field((), description="Primary languages of all of it (BCP 47).")
    languages_unknown: bool = Field(
        False, description="True when the language of some of it is not known, or not told."
    )
    linguistic: bool = Field(False, description="True when there is text, speech or video.")
    generators_missing: bool = Field(False, description="True when a synthetic source names no generator.")
