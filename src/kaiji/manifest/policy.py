"""The part of release.yaml that is never published: how the release is disclosed, and what is protected how far."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, field_validator, model_validator

from kaiji.manifest.fields import Declared, Identifier, OwnersMinimum, Text, Tolerance, number
from kaiji.manifest.kinds import KindsOf
from kaiji.terms import Modality


def _file(value: str) -> str:
    if "://" in value:
        raise ValueError("must be a file of this machine, not an address")
    return value


Percent = Annotated[
    Decimal,
    BeforeValidator(number),
    Field(ge=1, le=100),
    WithJsonSchema({"type": "number", "minimum": 1, "maximum": 100}, mode="validation"),
]
Factor = Annotated[
    Decimal,
    BeforeValidator(number),
    Field(ge=1, le=100),
    WithJsonSchema({"type": "number", "minimum": 1, "maximum": 100}, mode="validation"),
]
File = Annotated[Text, AfterValidator(_file)]


class Secret(Declared):
    """A figure that is protected although it is not the size of one owner: one of the two keys."""

    total: Modality | None = None
    """Total size of a modality."""
    share: KindsOf | None = None
    """Share of kinds in their modality; in all data for the facet `modality`."""

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.total is None) == (self.share is None):
            raise ValueError("a secret is a total or a share: name one of the two")
        return self

    @field_validator("share")
    @classmethod
    def _of_a_modality(cls, value: KindsOf | None) -> KindsOf | None:
        if value is not None and value.modality is None and value.facet != "modality":
            raise ValueError("needs the modality in which it is a share")
        return value


class Policy(Declared):
    """How the release is disclosed. Private: its thresholds narrow what a reader can work out."""

    level: Identifier = "middle-ground"
    """Disclosure level."""
    owners_minimum: OwnersMinimum | None = None
    """Fewest owners behind a published share that a confidential source is part of; else the level's."""
    tolerance: Tolerance | None = None
    """Relative difference between declared and observed sizes that is let pass; else 0.01."""
    salt_file: Text | None = None
    """File with the secret salt of the commitments, relative to release.yaml."""
    p: Percent = Decimal(20)
    """How far, in percent of the truth, a reader must be left in doubt of a protected size, upwards and downwards."""
    p_insider: Percent = Decimal(10)
    """The same for an owner who knows the size of his own data; at most p."""
    factor: Factor = Decimal(2)
    """How many times its lower end the upper end of what a reader can work out must be; 1 asks for nothing."""
    secrets: dict[Identifier, Secret] = {}
    """Figures that are protected besides the sizes of confidential sources and owners, each with a name."""
    family: Identifier | None = None
    """Family of releases that the ledger must be of."""
    ledger: File | None = None
    """Ledger of what was published of the family, relative to release.yaml. It must exist: `kaiji ledger init`."""
    external_facts: File | None = None
    """File with what others have said about the data, relative to release.yaml."""
    plan: File | None = None
    """Plan of an earlier release that this one keeps to, relative to release.yaml; else a plan is searched."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.p_insider > self.p:
            raise ValueError("p_insider must not be more than p: an owner who knows his own part can tell more")
        if self.family is not None and self.ledger is None:
            raise ValueError("family belongs to a ledger; name the ledger, or leave family out")
        return self
