"""A regime as data: what is asked, of whom, and how far that was verified. No Python per regime."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from kaiji.manifest.fields import Date, number
from kaiji.regime.wording import Wording
from kaiji.terms import Audience, Role, SourceCategory, Tier, Verification

FactId = str


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class When(_Part):
    """Condition on one fact; there is no expression language."""

    when: FactId
    """The item is required when this fact is present and not empty or "no"; otherwise its `none_text` is printed."""


class SectionSpec(_Part):
    """A section of the document; its title is the wording key `section.<id>`."""

    id: str
    """Section id."""
    audiences: tuple[Audience, ...] = (Audience.PUBLIC, Audience.REGULATOR)
    """Who gets it."""


class ItemSpec(_Part):
    """One item. Its texts are wording keys: `item.<id>.label`, `item.<id>.prompt`, `item.<id>.none` and so on."""

    id: str
    """Item id, unique in the regime; never renumbered."""
    section: str
    """Section it stands in."""
    principle: int | None = None
    """Principle (or part) that it counts towards."""
    facts: tuple[FactId, ...] = ()
    """Facts that answer it; all are needed."""
    also: tuple[FactId, ...] = ()
    """Facts that are shown when they are present."""
    fixed: tuple[str, ...] = ()
    """Wording keys of paragraphs of the regime's own fixed text, printed before the facts."""
    tables: tuple[str, ...] = ()
    """Names of fixed tables in `tables:` of the regime, printed after the facts."""
    roles: tuple[Role, ...] = (Role.DEVELOPER, Role.PROVIDER)
    """Roles that it applies to."""
    by_reference: bool = False
    """For a provider of another's model: answered by reference to the supplier's disclosure."""
    required: Literal["always", "optional"] | When = "always"
    """When it is required."""
    tiers: tuple[Tier, ...] = (Tier.STANDARD,)
    """Tiers that require it; under another tier it is optional."""
    audiences: tuple[Audience, ...] = (Audience.PUBLIC, Audience.REGULATOR)
    """Who gets it."""
    status: Literal["automated", "declared", "manual"]
    """Who can answer it: computed, taken from declared fields, or written by a person."""
    locator: str
    """Where the regime asks for it."""
    verification: Verification
    """How far that was verified against the primary text."""
    detail: str | None = None
    """Level of detail asked for: exact, outline, yes/no, link, categories."""


class ItemsFile(_Part):
    """items.yaml."""

    items: tuple[ItemSpec, ...] = Field(min_length=1)
    """The items, in the order of the regime."""


class FixedTable(_Part):
    """A table of the regime's own fixed wording. Cells are wording keys."""

    caption: str
    """Wording key."""
    columns: tuple[str, ...] = Field(min_length=1)
    """Wording keys."""
    rows: tuple[tuple[str, ...], ...]
    """Wording keys, one a cell."""


ParameterValue = Annotated[Decimal, BeforeValidator(number), WithJsonSchema({"type": "number"}, mode="validation")]


class DatedValue(_Part):
    """A value of a parameter, and the first day on which it holds."""

    value: ParameterValue
    """The number."""
    valid_from: Date | None = None
    """First day on which it holds; absent for the first value, when it has always held."""


class Minimum(_Part):
    """Names that the regime wants to see, and what it takes instead where a name is confidential."""

    item: str
    """Item in which the names stand."""
    category: SourceCategory
    """Category of the sources that are to be named."""
    way_out: str
    """Wording key of the regime's own way out: a description instead of a name, comply or explain."""


class RegimeSpec(_Part):
    """regime.yaml."""

    schema_: Literal["kaiji/regime/v1"] = Field(alias="schema")
    """Kind and version of the file."""
    id: str
    """Regime id; the name of its folder."""
    version: str
    """Version key of the rules."""
    jurisdiction: str
    """Jurisdiction."""
    owner: str
    """Body that issued it."""
    nature: Literal["voluntary", "mandatory"]
    """Voluntary code or law."""
    applies_from: Date | None = None
    """First day on which these rules apply."""
    inherits: str | None = None
    """Regime (id or folder, relative to this one) whose items and wording stand where this folder has none."""
    valid_from: Date | None = None
    """First day on which this version is used; absent for the first version."""
    parameters: dict[Annotated[str, Field(pattern="^[a-z][a-z_]*$")], tuple[DatedValue, ...]] = {}
    """Numbers of the rules, by the day on which they hold; `{name}` in a text of the regime prints the value."""
    minimum: tuple[Minimum, ...] = ()
    """Names that the regime wants to see whatever the level says."""
    source: str
    """Address of the primary text."""
    verified: bool = False
    """True once the items were checked against the primary text."""
    acceptance: bool = False
    """True when a provider accepts the regime by a statement of its own."""
    sections: tuple[SectionSpec, ...] = Field(min_length=1)
    """Sections in order."""
    dates: Literal["long", "numeric"] = "long"
    """Form of days and months in the documents: 22 November 2026, or 22/11/26 and 11/2026."""
    notices: tuple[str, ...] = ()
    """Wording keys of the notices that end every document."""
    principles: tuple[int, ...] = ()
    """Principles whose status is summarised."""
    tables: dict[str, FixedTable] = {}
    """Fixed tables."""
    model_card: tuple[str, ...] = ()
    """Items that the section of the model card shows; the rest is behind its link."""
    checks: tuple[str, ...] = ()
    """Names of the checks that the filled items must pass (:mod:`kaiji.regime.checks`)."""


class Regime(BaseModel):
    """A regime, loaded and checked: every reference resolves, both languages have the same keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    spec: RegimeSpec
    items: tuple[ItemSpec, ...]
    wording: Wording
    """Texts in both languages, the shared wording included."""
    parameters: Mapping[str, Decimal] = {}
    """Numbers of the rules on the day for which the regime was loaded."""
