"""What a provider says of the disclosure itself: acceptance, versions, requests, comply or explain."""

from typing import Self

from pydantic import model_validator

from kaiji.manifest.fields import Date, Declared, Flag, LocalText, Text, Url
from kaiji.terms import Answer, ComplianceStatus, WithheldGround, Words


class AcceptanceDeclaration(Declared):
    """Acceptance of a voluntary code (`acceptance.statement`)."""

    accepted: Flag
    """Whether the provider accepts the code."""
    date: Date | None = None
    """Day of acceptance."""
    url: Url | None = None
    """Where the statement is published."""
    statement: LocalText | None = None
    """The statement, in the provider's words."""

    @model_validator(mode="after")
    def _dated(self) -> Self:
        if self.accepted and self.date is None:
            raise ValueError("an acceptance needs its date")
        return self


class PreviousVersion(Declared):
    """An earlier version of the disclosure (`doc.version`)."""

    id: Text
    """Version of the document."""
    date: Date
    """Its date."""
    url: Url | None = None
    """Its address."""


class DocumentDeclaration(Declared):
    """The disclosure itself (`doc.*`)."""

    version: Text = "1"
    """Version of the disclosure."""
    date: Date | None = None
    """Date of the documents, when neither --date nor SOURCE_DATE_EPOCH gives one; else the release date."""
    next_review: Date | None = None
    """When it is reviewed next; else twelve months after its date."""
    change_note: LocalText | None = None
    """What changed since the last version."""
    canonical_url: Url | None = None
    """Stable address of the public document."""
    previous: tuple[PreviousVersion, ...] = ()
    """Earlier versions."""


class RequestHandling(Declared):
    """How requests under Principles 2 and 3 are handled (`rights.requests`)."""

    form: Flag = True
    """Whether a request form is offered."""
    procedure: LocalText | None = None
    """Who answers, how, and how a request is logged."""
    time_limit: LocalText | None = None
    """Within what time an answer is given."""
    log: Answer = Answer.UNKNOWN
    """Whether requests and answers are logged."""


class ItemAnswer(Declared):
    """What a person says of one item of a regime: comply, or explain."""

    status: ComplianceStatus = ComplianceStatus.COMPLY
    """Comply, partly, explain, or not applicable."""
    statement: LocalText | None = None
    """Narrative that adds to the facts of the item."""
    reason: Words | None = None
    """Why the item is not, or only partly, complied with."""
    withheld_ground: WithheldGround | None = None
    """Ground for withholding."""
    withheld_scope: Words | None = None
    """What exactly is withheld."""
    alternative: Words | None = None
    """What is disclosed or done instead."""
    review_by: Date | None = None
    """When the reason is looked at again."""
    approver: LocalText | None = None
    """Role that approved the answer."""
    evidence: tuple[Text, ...] = ()
    """Documents or records it rests on; internal, never published."""
