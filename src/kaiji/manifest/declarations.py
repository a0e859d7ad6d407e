"""What a provider declares about a release: model, provider, rights, measures, acceptance.

Nothing here is about a single data source, so these types may travel on to the documents once
:func:`kaiji.control.disclose.disclose` has let them through. Field names follow the facts of the regimes
(``model.architecture`` is the fact of that name).
"""

from typing import Self

from pydantic import Field, model_validator

from kaiji.manifest.answers import AcceptanceDeclaration, DocumentDeclaration, ItemAnswer, RequestHandling
from kaiji.manifest.fields import (
    Country,
    Date,
    Declared,
    Flag,
    Identifier,
    LocalText,
    Month,
    Text,
    Url,
)
from kaiji.terms import (
    Answer,
    ContactKind,
    ContactPurpose,
    Role,
    Signal,
    SizeClass,
    SourceCategory,
    TermsKind,
    Tier,
)


class BaseModelReference(Declared):
    """A model that this release is built on (`model.base_models`)."""

    name: Text
    """Name of the base model."""
    version: Text | None = None
    """Its version."""
    supplier: LocalText | None = None
    """Who supplies it; needed when it is not the provider's own."""
    supplier_country: Country | None = None
    """Country of the supplier, ISO 3166-1 alpha-2."""
    url: Url | None = None
    """Where the model is described."""
    disclosure_url: Url | None = None
    """Where the supplier's own training-data disclosure stands."""
    disclosure_version: Text | None = None
    """Version of that disclosure."""
    disclosure_seen: Date | None = None
    """Day on which it was read."""
    own: Flag = False
    """True when the provider developed the base model itself."""

    @model_validator(mode="after")
    def _supplier_of_another(self) -> Self:
        if not self.own and self.supplier is None:
            raise ValueError("a base model that is not the provider's own needs its supplier")
        return self


class Update(Declared):
    """Whether the model is updated (`model.update_status`)."""

    updated: Flag
    """True when the model has been updated since it was first offered."""
    last: Date | None = None
    """Day of the last update."""
    note: LocalText | None = None
    """What changed."""


class TermsLink(Declared):
    """A document of terms (`model.terms`)."""

    kind: TermsKind
    """Kind of terms."""
    url: Url
    """Its address."""


class Service(Declared):
    """A service that uses the model."""

    name: LocalText
    """Name of the service."""
    url: Url | None = None
    """Its address."""


class CoveredModel(Declared):
    """A further model or version whose training content is the same, so that one disclosure covers both."""

    name: Text
    """Name of the model."""
    version: Text
    """Version string."""
    identifiers: tuple[Text, ...] = ()
    """Unique identifiers."""
    url: Url | None = None
    """Model card or documentation."""
    eu_market_date: Date | None = None
    """Day on which it was placed on the market of the European Union."""


class ModelDeclaration(Declared):
    """The model (`model.*`)."""

    name: Text
    """Name of the model, as it is offered."""
    version: Text
    """Version string."""
    identifiers: tuple[Text, ...] = ()
    """Unique identifiers, for example a repository name."""
    release_date: Date
    """Day on which this version was released."""
    licence: Text | None = None
    """Licence of the model: SPDX identifier or LicenseRef-…; goes into the model card."""
    services: tuple[Service, ...] = ()
    """Services that use the model."""
    base_models: tuple[BaseModelReference, ...] = ()
    """Models it is built on; empty means that it was trained from scratch."""
    architecture: LocalText | None = None
    """Family and key design choices, in outline."""
    training_process: LocalText | None = None
    """Stages and methods of training, in outline."""
    update_status: Update | None = None
    """Whether the model is updated."""
    terms: tuple[TermsLink, ...] = ()
    """Terms of use, acceptable-use policy, licence."""
    intended_purpose: LocalText | None = None
    """What the model is for."""
    url: Url | None = None
    """Model card or documentation (`model.covered`)."""
    eu_market_date: Date | None = None
    """Day on which it was placed on the market of the European Union (`model.eu_market_dates`)."""
    training_continues: Answer = Answer.UNKNOWN
    """Whether it goes on being trained on new or dynamic data after release (`model.continues`)."""
    also_covers: tuple[CoveredModel, ...] = ()
    """Further models or versions with the same training content."""

    @property
    def covered(self) -> tuple[CoveredModel, ...]:
        """Every model or version that the disclosure covers, this one first."""
        own = {name: getattr(self, name) for name in CoveredModel.model_fields}
        return (CoveredModel.model_validate(own), *self.also_covers)


class Contact(Declared):
    """A point of contact (`provider.contact`)."""

    purpose: ContactPurpose
    """What it handles."""
    kind: ContactKind
    """Form of the contact."""
    value: Text
    """The address itself."""
    public: Flag = True
    """False keeps it out of public documents."""
    handles: LocalText | None = None
    """What may be sent there, for example takedown requests."""

    @model_validator(mode="after")
    def _value_fits_kind(self) -> Self:
        if self.kind is ContactKind.URL and not self.value.startswith(("https://", "http://")):
            raise ValueError("a contact of kind url must begin with https:// or http://")
        if self.kind is ContactKind.EMAIL and ("@" not in self.value or " " in self.value or ":" in self.value):
            raise ValueError("a contact of kind email must be an e-mail address")
        return self


class EuRepresentative(Declared):
    """Authorised representative in the European Union (`provider.eu_representative`)."""

    name: LocalText
    """Name."""
    contact: Text
    """Address, e-mail address or web address."""


class ProviderDeclaration(Declared):
    """The provider (`provider.*`)."""

    legal_name: LocalText
    """Legal name of the business."""
    registered_id: Text | None = None
    """Corporate number (法人番号) or another register id."""
    roles: tuple[Role, ...] = Field(min_length=1)
    """Developer, provider, or both."""
    establishment: Country | None = None
    """Country of establishment, ISO 3166-1 alpha-2."""
    size_class: SizeClass = SizeClass.UNKNOWN
    """Size of the business, as declared."""
    size_evidence: LocalText | None = None
    """What the size class rests on, with its date."""
    service_volume: LocalText | None = None
    """Users or requests a month, as a range."""
    tier: Tier = Tier.STANDARD
    """Profile of expectations that the provider chooses."""
    tier_reason: LocalText | None = None
    """Why that profile fits."""
    responsible_role: LocalText | None = None
    """Role that answers for the disclosure; never a private person's name."""
    representative: LocalText | None = None
    """Representative for the filing form; kept out of public documents."""
    contacts: tuple[Contact, ...] = ()
    """Points of contact."""
    eu_representative: EuRepresentative | None = None
    """Authorised representative, for a provider established outside the European Union."""


class CategoryDeclaration(Declared):
    """What the provider says of a source category as a whole."""

    used: Flag
    """Whether sources of this category were used for training."""
    description: LocalText | None = None
    """One paragraph on the category, in outline."""
    legal_basis: LocalText | None = None
    """Legal basis of the use, for this category (`rights.legal_basis`)."""
    purpose: LocalText | None = None
    """How the category serves the intended purpose of the model (`sources.purpose`)."""
    processing_purpose: LocalText | None = None
    """Why the data of the category was cleaned or processed (`processing.purpose`)."""


class SignalDeclaration(Declared):
    """A reservation signal that is honoured (`rights.optout_signals`)."""

    signal: Signal
    """Which signal."""
    honoured: Answer
    """Whether it is honoured."""
    since: Month | None = None
    """Since when, by month."""
    scope: LocalText | None = None
    """To what it applies."""


class PolicyLink(Declared):
    """A policy with its summary (`rights.policy`)."""

    url: Url | None = None
    """Address of the policy."""
    summary: LocalText
    """What it says, and how it is adhered to."""


class RightsDeclaration(Declared):
    """Protection of intellectual property (`rights.*`)."""

    policy: PolicyLink | None = None
    """Policy on intellectual property."""
    legal_basis: LocalText | None = None
    """How others' rights are respected in the training data, and on what basis."""
    optout_signals: tuple[SignalDeclaration, ...] = ()
    """Reservation signals and whether they are honoured."""
    reservation_measures: LocalText | None = None
    """What is done before and during collection, and for acquired datasets."""
    access_control: LocalText | None = None
    """How paywalls and login restrictions are treated."""
    piracy_exclusion: LocalText | None = None
    """How known infringing sites are kept out."""
    compensation: LocalText | None = None
    """Licensing or compensation schemes."""
    eu_code_signatory: Flag | None = None
    """Whether the provider signed the EU Code of Practice with its commitments on text and data mining."""


class Measure(Declared):
    """A technical measure (`measures.output`, `measures.provenance`)."""

    name: LocalText
    """The measure, or the standard for watermarks and provenance data."""
    in_place: Answer
    """Whether it is in place."""
    outline: LocalText | None = None
    """How it works, in outline."""


class MeasuresDeclaration(Declared):
    """Technical measures (`measures.*`)."""

    output: tuple[Measure, ...] | None = None
    """Measures against infringing output; an empty list says that there are none."""
    provenance: tuple[Measure, ...] | None = None
    """Watermarks and provenance data; an empty list says that there are none."""
    illegal_content: LocalText | None = None
    """How unlawful content is avoided or removed."""


class KnowledgeDeclaration(Declared):
    """Content consulted at inference (`knowledge.sources`)."""

    used: Flag
    """Whether search, retrieval or similar consults outside content."""
    categories: tuple[LocalText, ...] = ()
    """Kinds of content consulted."""
    optout: LocalText | None = None
    """How a site keeps its content out."""


class RecordsDeclaration(Declared):
    """Accountability (`records.*`)."""

    retention: LocalText | None = None
    """Which records are kept, and for how long."""
    traceability: LocalText | None = None
    """How a statement is traced to records."""


class PrivacyDeclaration(Declared):
    """Personal data (`privacy.handling`)."""

    handling: LocalText | None = None
    """How personal data in the training data is handled."""
    url: Url | None = None
    """Public notice."""


class OutputRights(Declared):
    """Rights in outputs (`output.ip_attribution`)."""

    attribution: LocalText
    """What the terms say of rights in outputs (the human developer or user)."""
    terms_state_owner: Answer = Answer.UNKNOWN
    """Whether the terms state who owns outputs."""
    claims_for_ai: Flag | None = None
    """False declares that no rights are claimed for the AI itself."""
    url: Url | None = None
    """The clause."""


class Compute(Declared):
    """Where training and hosting run (`supply.compute`)."""

    kind: LocalText
    """Kind of infrastructure, for example training or hosting."""
    country: Country
    """Country, ISO 3166-1 alpha-2."""
    operator: LocalText | None = None
    """Who operates it; vendor names are optional."""


class SupplyDeclaration(Declared):
    """Supply chain and data location (`supply.*`)."""

    compute: tuple[Compute, ...] = ()
    """Where training and hosting run."""
    user_data: LocalText | None = None
    """Where the data of users is kept, and what crosses borders."""
    dependencies: LocalText | None = None
    """Dependence on suppliers and how it is spread."""


class Framework(Declared):
    """A report made under another scheme (`alignment.frameworks`)."""

    name: LocalText
    """The scheme."""
    version: Text | None = None
    """Its version."""
    date: Date | None = None
    """Day of the report."""
    url: Url | None = None
    """Its address."""


class Engagement(Declared):
    """An exchange with an authority (`alignment.engagement`)."""

    authority: LocalText
    """The authority, for example METI or the AI Strategic Headquarters."""
    kind: LocalText
    """Kind of exchange: an enquiry answered, a consultation, a working group."""
    date: Date
    """When it took place."""


class AlignmentDeclaration(Declared):
    """Engagement with authorities and other schemes (`alignment.*`)."""

    frameworks: tuple[Framework, ...] = ()
    """Reports made under other voluntary schemes."""
    evaluations: tuple[Framework, ...] = ()
    """Safety evaluations: linked, never restated."""
    engagement: tuple[Engagement, ...] = ()
    """Exchanges with authorities."""
    policy: LocalText | None = None
    """How the provider answers enquiries of authorities."""


class TrainingDataDeclaration(Declared):
    """What is said of the training data as a whole."""

    characteristics: LocalText | None = None
    """National, regional or demographic particulars (`content.characteristics`)."""
    size_method: LocalText | None = None
    """How sizes were counted: tokenisation, compression, sampling rate (`size.method`)."""


class Declarations(Declared):
    """Everything that a release declares about itself, without its sources."""

    id: Identifier
    """Id of the release."""
    sample: Flag = False
    """True for an invented release: every document is marked as a sample."""
    model: ModelDeclaration
    """The model."""
    provider: ProviderDeclaration
    """The provider."""
    document: DocumentDeclaration = DocumentDeclaration()
    """The disclosure itself."""
    categories: dict[SourceCategory, CategoryDeclaration] = {}
    """What is said of each source category as a whole."""
    training_data: TrainingDataDeclaration = TrainingDataDeclaration()
    """The training data as a whole."""
    rights: RightsDeclaration = RightsDeclaration()
    """Protection of intellectual property."""
    requests: RequestHandling | None = None
    """How requests of rights holders and users are handled."""
    measures: MeasuresDeclaration = MeasuresDeclaration()
    """Technical measures."""
    knowledge: KnowledgeDeclaration | None = None
    """Content consulted at inference."""
    records: RecordsDeclaration = RecordsDeclaration()
    """Records and traceability."""
    privacy: PrivacyDeclaration = PrivacyDeclaration()
    """Personal data."""
    output: OutputRights | None = None
    """Rights in outputs."""
    supply: SupplyDeclaration = SupplyDeclaration()
    """Supply chain."""
    alignment: AlignmentDeclaration = AlignmentDeclaration()
    """Engagement with authorities and other schemes."""
    acceptance: dict[Identifier, AcceptanceDeclaration] = {}
    """Acceptance of voluntary codes, by regime id."""
    answers: dict[Identifier, dict[str, ItemAnswer]] = {}
    """Comply or explain: regime id, then item id."""
