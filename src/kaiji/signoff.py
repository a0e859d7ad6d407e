"""The sign-off: who approved what, when; and whether that is still what a build gives.

What is approved is the documents as they will be published, without the mark of a draft, with the plan and the versions
of the regimes. The record stands beside release.yaml and may be committed: it holds digests only. A digest of what is
published is a plain one, that anybody can check; every other digest is keyed with the salt of the release, because a
plain one of a short text lets a reader try out guesses.
"""

import datetime
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kaiji.control import plan_file
from kaiji.documents import Documents
from kaiji.errors import InputError, OutputError
from kaiji.findings import Finding, Place
from kaiji.manifest.answers_file import beside
from kaiji.provenance.summarise import ProvenanceSummary
from kaiji.regime.filled import Filled

FILE = "signoff.json"
_UNTOLD = "SHA256SUMS"
"""Not part of what is approved: it follows from the files it lists."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Approved(_Part):
    """What was approved, as digests in hexadecimal."""

    date: datetime.date = Field(description="Date of the documents.")
    files: dict[str, str] = Field(description="By path: SHA-256 below public/, keyed below regulator/.")
    items: dict[str, str] = Field(description="By regime, audience and item; keyed.")
    plan: str = Field(description="The plan of disclosure; keyed.")
    regimes: dict[str, str] = Field(description="Version of each regime.")

    @property
    def digest(self) -> str:
        """One digest of all of it."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


class SignOff(_Part):
    """signoff.json: a record of who approved what, and when."""

    schema_: Literal["kaiji/signoff/v1"] = Field("kaiji/signoff/v1", alias="schema")
    release: str = Field(description="Id of the release.")
    by: str = Field(min_length=1, description="Who approved.")
    role: str | None = Field(None, description="In what role.")
    on: datetime.date = Field(description="Day of the approval.")
    findings: dict[str, int] = Field(description="Findings that were open when it was approved, by id.")
    approved: Approved
    digest: str = Field(description="Digest of `approved`.")

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def place(release: Path) -> Path:
    """Where the sign-off of ``release`` stands: ``signoff.json`` beside ``release.yaml``."""
    return beside(release, FILE)


def approved(files: Mapping[str, bytes], documents: Documents, filled: Sequence[Filled], salt: bytes) -> Approved:
    """What is approved with the ``files`` of a build in their final form; those of internal/ are left out."""

    def keyed(content: bytes) -> str:
        return hmac.new(salt, content, hashlib.sha256).hexdigest()

    digests = {}
    for path, content in sorted(files.items()):
        folder = path.split("/")[0]
        if folder in ("public", "regulator") and not path.endswith(f"/{_UNTOLD}"):
            digests[path] = hashlib.sha256(content).hexdigest() if folder == "public" else keyed(content)
    items = {}
    for one in filled:
        for item in one.items:
            said = {
                "state": item.state.value,
                "text": item.text.model_dump(mode="json"),
                "blocks": [block.model_dump(mode="json") for block in item.blocks],
                "statements": [one.summary.statements[name].model_dump(mode="json") for name in item.statements],
            }
            content = json.dumps(said, ensure_ascii=False, sort_keys=True).encode()
            items[f"{one.regime.spec.id} {one.summary.audience} {item.spec.id}"] = keyed(content)
    return Approved(
        date=documents.on,
        files=digests,
        items=dict(sorted(items.items())),
        plan=keyed(plan_file.text(documents.plan)),
        regimes={regime.spec.id: regime.spec.version for regime in documents.regimes},
    )


def not_reviewed(out: Path, files: Mapping[str, bytes]) -> list[str]:
    """Paths for the outside at which ``out`` does not hold what ``files`` say: nobody can have reviewed these."""
    found = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    outward = {name for name in {*files, *found} if name.split("/")[0] in ("public", "regulator")}
    return sorted(name for name in outward if name not in found or (out / name).read_bytes() != files.get(name))


def final(documents: Documents, summary: ProvenanceSummary) -> Mapping[str, bytes]:
    """The documents without the mark of a draft."""
    return replace(documents, final=True).made(summary).files


def write(path: Path, record: SignOff) -> None:
    """Write the record to ``path``.

    Raises:
        OutputError: it cannot be written.
    """
    data = record.model_dump(mode="json", by_alias=True)
    text = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(f"{path.name}: the sign-off cannot be written: {error.strerror}") from error


def read(path: Path) -> SignOff | None:
    """The record at ``path``; None when there is none.

    Raises:
        InputError: it is damaged: not what :func:`write` wrote.
    """
    try:
        record = SignOff.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"{path.name}: the sign-off cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise InputError(f"{path.name}: this is no sign-off, or it was edited; sign again") from error
    if record.digest != record.approved.digest:
        raise InputError(f"{path.name}: the sign-off was edited: its digest is not that of what it lists; sign again")
    return record


def findings(record: SignOff | None, release: str, now: Approved, name: str) -> Iterator[Finding]:
    """KJ710 without a sign-off for this release; KJ711 for each thing that is not as it was approved.

    Args:
        record: The sign-off.
        release: Id of the release.
        now: What a build gives now, in its final form.
        name: What messages call the file of the sign-off.
    """
    if record is None or record.release != release:
        why = "there is no sign-off" if record is None else f"the sign-off is of another release, {record.release}"
        yield Finding(id="KJ710", message=why, place=Place(file=name))
        return
    then = record.approved
    if then.date != now.date:
        message = f"the documents are of {now.date}, and those of {then.date} were approved"
        yield Finding(id="KJ711", message=message)
    for regime in sorted({*then.regimes, *now.regimes}):
        if then.regimes.get(regime) != now.regimes.get(regime):
            old, new = (versions.get(regime, "not there") for versions in (then.regimes, now.regimes))
            yield Finding(id="KJ711", message=f"regime {regime}: version {old} was approved, now {new}")
    if then.plan != now.plan:
        yield Finding(id="KJ711", message="the plan of disclosure is another one")
    for what, before, after in (("item", then.items, now.items), ("file", then.files, now.files)):
        for one in sorted({*before, *after}):
            if before.get(one) != after.get(one):
                how = "is new" if one not in before else "is gone" if one not in after else "has changed"
                yield Finding(id="KJ711", message=f"{what} {one} {how}")
