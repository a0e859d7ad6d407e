"""Findings: judgements about input and output, as values with a stable id.

Ids: ``KJ1xx`` manifest, ``2xx`` scan, ``3xx`` provenance, ``4xx`` control, ``5xx`` regime, ``6xx`` render,
``7xx`` publish. A message never holds an exact figure or a confidential name, because a CI log prints it; what is
confidential goes into ``detail``, which is shown only on request and in ``internal/``.
"""

import json
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Literal, NamedTuple
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field

FORMATS = ("text", "json", "sarif", "github")


class Verdict(IntEnum):
    """Worst of all findings: ``pass`` (nothing to do), ``review`` (a person must look), ``fail``."""

    PASS = 0
    REVIEW = 1
    FAIL = 2

    @property
    def word(self) -> str:
        return self.name.lower()


class Rule(NamedTuple):
    """What a finding id stands for: its severity, what is wrong, and what to do about it."""

    severity: Verdict
    title: str
    advice: str


_FAIL, _REVIEW = Verdict.FAIL, Verdict.REVIEW

CATALOGUE: dict[str, Rule] = {
    # 1xx: manifests (these end a build with exit code 2)
    "KJ101": Rule(_FAIL, "file cannot be read", "check the path, the permissions and that it is a plain file"),
    "KJ102": Rule(_FAIL, "not valid YAML 1.2", "correct the syntax at the place named"),
    "KJ103": Rule(_FAIL, "key given twice", "keep one of the two"),
    "KJ104": Rule(_FAIL, "unknown key", "correct the spelling or remove the key"),
    "KJ105": Rule(_FAIL, "required key missing", "add the key"),
    "KJ106": Rule(_FAIL, "value not allowed", "give a value of the kind named"),
    "KJ107": Rule(_FAIL, "source id used twice", "give each source an id of its own"),
    "KJ108": Rule(_FAIL, "pattern matches no file", "correct the pattern or remove it"),
    "KJ109": Rule(_FAIL, "path leaves the allowed folders", "move the data or name its folder in data_roots"),
    "KJ110": Rule(_FAIL, "not UTF-8", "save the file as UTF-8"),
    "KJ111": Rule(_FAIL, "document too large or too deep", "split it, and do not nest aliases"),
    # 2xx: scan
    "KJ201": Rule(_FAIL, "shard cannot be read", "restore the shard; nothing of it was counted"),
    "KJ202": Rule(_FAIL, "pattern matches no data file", "correct the path in files.paths"),
    "KJ203": Rule(_FAIL, "no rows", "remove the empty file, or say why the source is empty"),
    "KJ204": Rule(_FAIL, "mapped column not found", "correct files.columns"),
    "KJ205": Rule(_FAIL, "format of the file is not known", "set files.format"),
    "KJ206": Rule(_REVIEW, "column holds no value", "check files.columns"),
    "KJ207": Rule(_FAIL, "negative size", "correct the column; a size cannot be below zero"),
    "KJ208": Rule(_REVIEW, "values that are no date", "they were counted without a month"),
    "KJ209": Rule(_FAIL, "compressed file expands beyond the bound", "store the shard uncompressed if it is real"),
    "KJ210": Rule(_REVIEW, "rows without a size", "they count as documents, not as bytes or tokens"),
    "KJ211": Rule(_FAIL, "file named by more than one source", "count each file once: name it in one source"),
    # 3xx: provenance
    "KJ301": Rule(_REVIEW, "declared and observed sizes differ", "correct the declared size or explain it"),
    "KJ302": Rule(_FAIL, "category declared unused, but sources are listed", "correct one of the two"),
    "KJ303": Rule(_FAIL, "date after the release", "correct the date of the source or of the release"),
    "KJ304": Rule(_FAIL, "owner both public and confidential", "decide which; the stricter one cannot be guessed"),
    "KJ305": Rule(_REVIEW, "category declared used, but no source is listed", "list the source or correct it"),
    "KJ306": Rule(_REVIEW, "language tag not recognised", "use a BCP 47 tag; it was counted as not known"),
    "KJ307": Rule(_REVIEW, "observed language not declared", "add it to languages"),
    "KJ308": Rule(_REVIEW, "licence not recognised", "use an SPDX identifier or LicenseRef-…"),
    "KJ309": Rule(_REVIEW, "size not known", "declare a size or map a column"),
    "KJ310": Rule(_FAIL, "declared facts contradict each other", "correct one of the two"),
    "KJ311": Rule(_REVIEW, "observed licence not declared", "check the rows or the declared licence"),
    "KJ312": Rule(_REVIEW, "sizes of a modality cannot be added", "give every source the same measure"),
    "KJ313": Rule(_REVIEW, "rows dated after the release", "check the date column; the rows were counted"),
    "KJ314": Rule(_REVIEW, "confidential source without an owner", "name the owner; nameless ones count as one"),
    # 4xx: control
    "KJ401": Rule(_FAIL, "confidential value in a rendered file", "remove it from the text that carries it"),
    "KJ402": Rule(_FAIL, "confidential name in an input that is published or logged", "remove it from that place"),
    "KJ403": Rule(_REVIEW, "confidential value too short to look for", "a person must read the documents for it"),
    "KJ404": Rule(_REVIEW, "category merged with others", "read the decisions; the figure would show an owner"),
    "KJ406": Rule(_FAIL, "required item passed over in silence", "answer it, explain it, or print it as a gap"),
    "KJ407": Rule(_FAIL, "answered item that says nothing", "give a text or a figure, or explain"),
    "KJ408": Rule(_FAIL, "explanation that cannot stand", "say why, in words of its own"),
    "KJ409": Rule(_FAIL, "not applicable without proof", "name the fact that shows it, or answer"),
    "KJ410": Rule(_FAIL, "too much explained instead of answered", "answer more items, the central ones first"),
    "KJ411": Rule(_FAIL, "kind of the data passed over in silence", "give it a row of its own, or merge it by name"),
    "KJ412": Rule(_FAIL, "too much other or withheld", "tell its kinds apart in the manifests or in the level"),
    "KJ413": Rule(_REVIEW, "too much not known", "declare it in the manifests"),
    "KJ414": Rule(_REVIEW, "facet told in vague terms", "see whether more is known; it may be as good as it gets"),
    "KJ415": Rule(_FAIL, "reader learns too little", "choose a finer level or unit, or explain the item"),
    "KJ416": Rule(_FAIL, "published figure that is not true", "do not publish; a program or a plan is wrong"),
    "KJ417": Rule(_FAIL, "one figure, different statements", "do not publish; print it from one statement"),
    "KJ418": Rule(_FAIL, "more told than the corridor permits", "choose a coarser level"),
    "KJ419": Rule(_REVIEW, "category neither used nor declared unused", "declare it in categories"),
    "KJ420": Rule(_FAIL, "protected size can be worked out", "take the step named, or withhold and explain"),
    "KJ421": Rule(_REVIEW, "made coarser to protect an owner", "read the decisions; see whether enough is told"),
    "KJ422": Rule(_FAIL, "figure that no statement explains", "take it out of the text or of the template"),
    "KJ423": Rule(_FAIL, "document tells more than its figures", "do not publish; a renderer uses what it must not"),
    "KJ424": Rule(_REVIEW, "explanation that lacks something", "say what is offered, who approved it, until when"),
    "KJ425": Rule(_FAIL, "external fact contradicts the data", "correct the entry, the publication or the data"),
    # 5xx: regime
    "KJ501": Rule(_REVIEW, "required item not answered", "give the answer in release.yaml, or explain"),
    "KJ502": Rule(_FAIL, "explanation without a usable reason", "name the item, the ground and an alternative or date"),
    "KJ503": Rule(_FAIL, "the same reason for three or more items", "say for each item why"),
    "KJ504": Rule(_FAIL, "ground without its scope", "say in withheld_scope what is withheld"),
    "KJ505": Rule(_FAIL, "reason does not fit the role", "name the supplier and its disclosure, or answer"),
    "KJ506": Rule(_FAIL, "answer contradicts the data", "correct the answer or the manifest"),
    "KJ507": Rule(_REVIEW, "absolute claim without evidence", "say what was done, and how it is known"),
    "KJ508": Rule(_REVIEW, "reason past its review date", "look at it again and set a new review_by"),
    "KJ509": Rule(_FAIL, "answer to an item or a regime that is not there", "correct the id"),
    "KJ510": Rule(_REVIEW, "answer in one language only", "give ja and en"),
    "KJ520": Rule(_FAIL, "field of the EU form empty", "fill it, or declare what makes it not applicable"),
    "KJ521": Rule(_FAIL, "size in the EU form without its bin", "give sizes in tokens, images or hours"),
    "KJ522": Rule(_FAIL, "large public datasets cannot be listed", "give all public datasets one measure"),
    "KJ523": Rule(_FAIL, "list of crawled domains incomplete", "map the address column of every crawled source"),
    "KJ524": Rule(_FAIL, "crawler not described", "name it and say how it treats each of the five barriers"),
    "KJ525": Rule(_FAIL, "source in the wrong class of the EU form", "correct its category or how it was obtained"),
    "KJ526": Rule(_FAIL, "dates in the EU form contradict each other", "correct the date"),
    "KJ527": Rule(_FAIL, "representative of a provider in the Union", "leave one of the two out"),
    "KJ528": Rule(_FAIL, "models that need summaries of their own", "disclose them as releases of their own"),
    "KJ530": Rule(_FAIL, "version or change note missing", "number the version anew and say what changed"),
    "KJ531": Rule(_FAIL, "gap that the EU form does not allow", "fill the field"),
    "KJ532": Rule(_FAIL, "modalities do not agree", "do not publish; correct the manifests"),
    "KJ534": Rule(_REVIEW, "general contact only", "name a contact for training data or rights holders"),
    "KJ536": Rule(_FAIL, "illegal content passed over", "say what is done against which unlawful content"),
    "KJ537": Rule(_REVIEW, "generating model not described", "name it, whether it is on the market, and its address"),
    "KJ538": Rule(_REVIEW, "large public dataset not named in full", "name it, or see that the description is enough"),
    "KJ550": Rule(_FAIL, "item answered in two files", "keep the answer in one of the two"),
    "KJ551": Rule(_REVIEW, "hedge in a text", "say what is the case, or that it is not known"),
    "KJ552": Rule(_FAIL, "placeholder left in a text", "write the text, or leave the key out"),
    "KJ553": Rule(_REVIEW, "marketing in a text", "say what was done; leave the praise out"),
    "KJ554": Rule(_FAIL, "guidance repeated instead of an answer", "answer what is asked, in your own words"),
    "KJ570": Rule(_FAIL, "one fact, different values", "do not publish; documents must be made from one summary"),
    "KJ571": Rule(_FAIL, "figures that exclude one another", "do not publish; one of them is not true"),
    "KJ572": Rule(_FAIL, "documents that contradict each other", "do not publish; find where the two part"),
    "KJ580": Rule(_FAIL, "regime asks for names that are confidential", "take the way out named, or make them public"),
    "KJ581": Rule(_REVIEW, "description instead of a confidential name", "see whether it is as full as it can be"),
    # 7xx: publish
    "KJ702": Rule(_REVIEW, "no stable salt for the commitments", "pass --salt-file"),
    "KJ710": Rule(_FAIL, "no sign-off", "review the draft, then run kaiji signoff"),
    "KJ711": Rule(_FAIL, "changed since it was approved", "review the change, then sign again"),
}


class Place(BaseModel):
    """Where a finding is: a path relative to the release folder, a line and column from 1, a key path."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str = Field(description="Path relative to the folder of release.yaml, or an artefact's path.")
    line: int | None = Field(None, description="Line, counted from 1.")
    column: int | None = Field(None, description="Column, counted from 1.")
    key: str | None = Field(None, description="Key path, for example `sources[2].licence`.")

    def __str__(self) -> str:
        numbers = "".join(f":{n}" for n in (self.line, self.column) if n is not None)
        return f"{self.file}{numbers}"


class Finding(BaseModel):
    """One judgement. ``severity`` is the rule's, so that the same id always weighs the same."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(description="Stable id, for example KJ301.")
    message: str = Field(description="What is wrong here; holds nothing confidential.")
    place: Place | None = Field(None, description="Where it is.")
    detail: str | None = Field(None, description="Confidential detail: figures, names. Never in a log by default.")

    @property
    def rule(self) -> Rule:
        return CATALOGUE[self.id]

    @property
    def severity(self) -> Verdict:
        return self.rule.severity

    def line(self, *, confidential: bool = False) -> str:
        """The finding as one line of text; ``detail`` only when ``confidential`` is asked for."""
        where = f"{self.place}: " if self.place else ""
        key = f"{self.place.key}: " if self.place and self.place.key else ""
        detail = f" [{self.detail}]" if confidential and self.detail else ""
        return f"{where}{self.severity.word}: {self.id}: {key}{self.message}{detail}; {self.rule.advice}"

    def sort_key(self) -> tuple[int, str, str, tuple[int, int], str, str, str]:
        place = self.place or Place(file="")
        position = (place.line or 0, place.column or 0)
        return (-self.severity, self.id, place.file, position, place.key or "", self.message, self.detail or "")


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings without repeats, worst first, then by id and place."""
    return tuple(sorted(set(findings), key=Finding.sort_key))


def verdict(findings: Iterable[Finding]) -> Verdict:
    """The worst severity among ``findings``; ``PASS`` when there are none."""
    return max((finding.severity for finding in findings), default=Verdict.PASS)


def formatted(
    findings: Sequence[Finding],
    style: Literal["text", "json", "sarif", "github"] = "text",
    *,
    confidential: bool = False,
) -> str:
    """``findings`` as text ending in a line feed (empty for no findings in text and github style)."""
    if style == "text":
        return "".join(finding.line(confidential=confidential) + "\n" for finding in findings)
    if style == "github":
        return "".join(_github(finding) for finding in findings)
    document = _sarif(findings) if style == "sarif" else _json(findings, confidential=confidential)
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _json(findings: Sequence[Finding], *, confidential: bool) -> dict[str, object]:
    return {
        "schema": "kaiji/findings/v1",
        "verdict": verdict(findings).word,
        "findings": [
            {
                "id": finding.id,
                "severity": finding.severity.word,
                "message": finding.message,
                "advice": finding.rule.advice,
                "place": finding.place.model_dump(exclude_none=True) if finding.place else None,
                **({"detail": finding.detail} if confidential and finding.detail else {}),
            }
            for finding in findings
        ],
    }


def _github(finding: Finding) -> str:
    """A GitHub workflow command; its properties and data are escaped as the runner expects."""
    level = "error" if finding.severity is Verdict.FAIL else "warning"
    properties = {"title": f"{finding.id} {finding.rule.title}"}
    if finding.place:
        properties["file"] = finding.place.file
        if finding.place.line:
            properties["line"] = str(finding.place.line)
    listed = ",".join(f"{name}={_escaped(value, also=',:')}" for name, value in properties.items())
    return f"::{level} {listed}::{_escaped(finding.message)}\n"


def _escaped(text: str, also: str = "") -> str:
    for character in "%\r\n" + also:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _sarif(findings: Sequence[Finding]) -> dict[str, object]:
    """SARIF 2.1.0, one run; rules are those that occur, in order of id."""
    used = sorted({finding.id for finding in findings})
    level = {Verdict.FAIL: "error", Verdict.REVIEW: "warning", Verdict.PASS: "none"}
    results = []
    for finding in findings:
        result: dict[str, object] = {
            "ruleId": finding.id,
            "level": level[finding.severity],
            "message": {"text": finding.message},
        }
        if finding.place:
            location: dict[str, object] = {"artifactLocation": {"uri": quote(finding.place.file)}}
            if finding.place.line:
                location["region"] = {"startLine": finding.place.line}
            result["locations"] = [{"physicalLocation": location}]
        results.append(result)
    rules = [
        {
            "id": name,
            "shortDescription": {"text": CATALOGUE[name].title},
            "help": {"text": CATALOGUE[name].advice},
        }
        for name in used
    ]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": {"name": "kaiji", "rules": rules}}, "results": results}],
    }
