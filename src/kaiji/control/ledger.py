"""The ledger: everything that was ever published of a family of releases, and what it was true of.

One line of JSON for each publication. Every line carries its number, the SHA-256 of the line before it and its own, so
that no line can be changed, left out, doubled or moved without being noticed. Lines that are cut off at the end as a
whole leave a chain that is sound; they are noticed by :class:`Head`, which is kept in the output of each build.
What was withdrawn or corrected stays: nobody forgets it.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from typing import Any, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from kaiji.control.external_facts import ExternalFact
from kaiji.control.subjects import Claim
from kaiji.errors import InputError, LedgerError

SCHEMA = "kaiji/ledger/v1"
_RESTORE = "restore the ledger from a copy; it is never edited and never begun anew"
_DIGEST = r"^[0-9a-f]{64}$"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Publication(_Part):
    """What was told, to whom and of what: a release, its withdrawal, or an answer to a rights holder."""

    kind: Literal["publish", "withdraw", "answer"]
    release: str = Field(description="Id of the release; it is the one at hand for the claims.")
    date: date
    version: str | None = Field(None, description="Version of the document.")
    claims: tuple[Claim, ...] = Field((), description="What the documents of all audiences tell.")
    facts: tuple[ExternalFact, ...] = Field((), description="What others have said; of an answer, what it told.")
    atoms: str | None = Field(None, pattern=_DIGEST, description="SHA-256 of the sizes that it was true of.")
    withdraws: int | None = Field(None, ge=1, description="Number of the entry that is withdrawn.")
    request: str | None = Field(None, description="Own reference of a request; never the name of who asked.")

    @field_validator("claims")
    @classmethod
    def _claims_in_order(cls, value: tuple[Claim, ...]) -> tuple[Claim, ...]:
        return tuple(sorted(set(value), key=lambda claim: (claim.audience, claim.id, _canonical(_plain(claim)))))

    @field_validator("facts")
    @classmethod
    def _facts_in_order(cls, value: tuple[ExternalFact, ...]) -> tuple[ExternalFact, ...]:
        return tuple(sorted(set(value), key=lambda fact: (fact.id, _canonical(_plain(fact)))))

    @model_validator(mode="after")
    def _whole(self) -> Self:
        needed = {"publish": "atoms", "withdraw": "withdraws", "answer": "request"}
        wrong = [name for kind, name in needed.items() if (getattr(self, name) is not None) != (kind == self.kind)]
        if wrong:
            raise ValueError(f"atoms, withdraws and request belong to one kind each: {wrong[0]}")
        if (self.claims and self.kind != "publish") or (self.facts and self.kind == "withdraw"):
            raise ValueError("a withdrawal tells nothing, and an answer tells facts")
        return self

    def says_the_same(self, other: "Publication") -> bool:
        """True when nothing but the date differs."""
        return self == other.model_copy(update={"date": self.date})


class Entry(_Part):
    """A publication in its place."""

    number: int = Field(ge=1, description="From 1; 0 is the line that begins the ledger.")
    previous: str = Field(pattern=_DIGEST, description="SHA-256 of the line before it.")
    publication: Publication


class Head(_Part):
    """The last line of a ledger, as it is remembered in another place."""

    number: int = Field(ge=0)
    sha256: str = Field(pattern=_DIGEST)

    def text(self) -> bytes:
        """One line of JSON."""
        return _canonical(_plain(self)) + b"\n"


class Ledger(NamedTuple):
    """A ledger whose chain was verified. Confidential."""

    name: str
    """What messages call it."""
    family: str
    """Family of the releases."""
    entries: tuple[Entry, ...]
    """In order; entry n has the number n + 1."""
    lines: tuple[bytes, ...]
    """The lines as they stand in the file, without their ends; the first begins the ledger."""

    @property
    def head(self) -> Head:
        """The last line."""
        return Head(number=len(self.lines) - 1, sha256=_sha256(self.lines[-1]))

    @property
    def content(self) -> bytes:
        """The file."""
        return b"".join(line + b"\n" for line in self.lines)

    def after(self, publication: Publication) -> "Ledger":
        """The ledger with ``publication`` as its last entry; the ledger as it is where that would say nothing new.

        A release that was built again says nothing new when the last entry on it says the same on any date; an
        answer when it was entered before; a withdrawal when the entry is withdrawn already.

        Raises:
            InputError: the entry to withdraw is none that publishes something.
        """
        if self._known(publication):
            return self
        if publication.withdraws is not None:
            told = [entry for entry in self.entries if entry.publication.kind != "withdraw"]
            if publication.withdraws not in {entry.number for entry in told}:
                raise InputError(f"{self.name}: entry {publication.withdraws} is none that can be withdrawn")
        entry = Entry(number=len(self.lines), previous=self.head.sha256, publication=publication)
        line = _line({"number": entry.number, "previous": entry.previous, **_plain(publication)})
        return self._replace(entries=(*self.entries, entry), lines=(*self.lines, line))

    def _known(self, publication: Publication) -> bool:
        earlier = [entry.publication for entry in self.entries if entry.publication.release == publication.release]
        if publication.kind == "publish":
            last = [one for one in earlier if one.kind != "answer"][-1:]
            return any(one.says_the_same(publication) for one in last)
        if publication.kind == "withdraw":
            return any(one.withdraws == publication.withdraws for one in earlier)
        return any(one.says_the_same(publication) for one in earlier)

    def check(self, head: bytes) -> None:
        """Make sure that the ledger goes on from what was remembered of it.

        Args:
            head: :meth:`Head.text` as the last build kept it.

        Raises:
            LedgerError: entries are missing from the end, or this is another ledger.
        """
        try:
            remembered = Head.model_validate_json(head)
        except ValidationError:
            raise LedgerError(f"{self.name}: what the last build remembers of it cannot be read") from None
        if remembered.number >= len(self.lines):
            missing = remembered.number - len(self.lines) + 1
            raise LedgerError(f"{self.name}: the last {missing} of its entries are missing; {_RESTORE}")
        if _sha256(self.lines[remembered.number]) != remembered.sha256:
            raise LedgerError(f"{self.name}: it is not the ledger of the last build; {_RESTORE}")


def begin(name: str, family: str) -> Ledger:
    """A ledger without entries."""
    first = _line({"family": family, "number": 0, "previous": None, "schema": SCHEMA})
    return Ledger(name, family, (), (first,))


def parse(content: bytes, name: str, family: str | None = None) -> Ledger:
    """The ledger in ``content``, with its whole chain verified.

    Args:
        content: The file.
        name: What messages call it.
        family: Family that it must be of; None takes any.

    Raises:
        LedgerError: a line is cut off, changed, missing, doubled or out of order, or the family is another; with the
            number of the line, counted from 1.
    """
    if not content:
        raise LedgerError(f"{name}: the file is empty; {_RESTORE}")
    *lines, rest = content.split(b"\n")
    bodies = [_body(line, f"{name}:{number}") for number, line in enumerate(lines, start=1)]
    if rest:
        raise LedgerError(f"{name}:{len(lines) + 1}: the line is cut off; {_RESTORE}")
    _chained(bodies, lines, name)
    first = bodies[0]
    if first.get("schema") != SCHEMA:
        raise LedgerError(f"{name}:1: it does not begin as a ledger of {SCHEMA}; use the kaiji that wrote it")
    found = str(first.get("family"))
    if family is not None and family != found:
        raise LedgerError(f"{name}: it is the ledger of another family, {found}; name that of {family}")
    entries = tuple(_entry(body, f"{name}:{number}") for number, body in enumerate(bodies[1:], start=2))
    return Ledger(name, found, entries, tuple(lines))


def _body(line: bytes, where: str) -> dict[str, Any]:
    """A line without its own digest, which is checked."""
    try:
        body = json.loads(line)
        if isinstance(body, dict):
            body.pop("sha256", None)
            if _line(body) == line:
                return body
    except (ValueError, RecursionError):
        raise LedgerError(f"{where}: the line is damaged; {_RESTORE}") from None
    raise LedgerError(f"{where}: the line was changed; {_RESTORE}")


def _chained(bodies: Sequence[dict[str, Any]], lines: Sequence[bytes], name: str) -> None:
    before: str | None = None
    for number, (body, line) in enumerate(zip(bodies, lines, strict=True)):
        where, given = f"{name}:{number + 1}", body.get("number")
        if given != number:
            later = isinstance(given, int) and given > number
            what = "an entry before it is missing" if later else "it stands twice, or in another place than it was"
            raise LedgerError(f"{where}: {what}; {_RESTORE}")
        if body.get("previous") != before:
            raise LedgerError(f"{where}: the line before it was replaced; {_RESTORE}")
        before = _sha256(line)


def _entry(body: dict[str, Any], where: str) -> Entry:
    try:
        number, previous = body.pop("number"), body.pop("previous")
        return Entry(number=number, previous=previous, publication=Publication.model_validate_json(json.dumps(body)))
    except (KeyError, ValidationError):
        # the error of pydantic would repeat exact figures
        raise LedgerError(f"{where}: the entry is of no known form; use the kaiji that wrote it") from None


def _line(body: dict[str, Any]) -> bytes:
    return _canonical({**body, "sha256": _sha256(_canonical(body))})


def _plain(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(mode="json", exclude_none=True)


def _canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
