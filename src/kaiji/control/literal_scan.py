"""The literal scan: no confidential name, address, id or exact value stands in any rendered byte.

It is the last line, not the lock: the types already keep owners and exact figures away from the renderers, but
a person can write a name into any free text. Needles are compared after normalisation (NFKC, case, URL and HTML
escapes, invisible characters, thousands separators, 万/億/兆, kanji numerals); names also in base64, as digests,
and with all white space removed.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from kaiji.control.plain_text import normalised, numbers, texts
from kaiji.findings import Finding, Place
from kaiji.manifest.models import DataSource
from kaiji.provenance.summarise import ProvenanceSummary, Quantity
from kaiji.terms import LANGUAGES

_SHORT = 3
"""Latin names up to this length are looked for as whole words only, in the case in which they were given."""


class Needle(NamedTuple):
    """One confidential text: what it is (said in a finding), and the text itself (never said)."""

    what: str
    text: str


def owner_names(sources: Iterable[DataSource]) -> list[Needle]:
    """Names of the owners of confidential sources."""
    return [
        Needle(f"the name of the owner of the source at {source.place}", source.owner.name[language])
        for source in sources
        if source.confidential and source.owner
        for language in LANGUAGES
    ]


def identities(sources: Sequence[DataSource]) -> list[Needle]:
    """Owners' names and ids, titles, ids, addresses and hosts of confidential sources.

    A host that a source which is not confidential uses too says nothing of the confidential one.
    """
    open_hosts = {_host(source.url) for source in sources if not source.confidential}
    needles = owner_names(sources)
    for source in sources:
        if not source.confidential:
            continue
        at = f"of the source at {source.place}"
        needles += [Needle(f"the title {at}", source.title[language]) for language in LANGUAGES]
        needles.append(Needle(f"the id {at}", source.id))
        if source.owner:
            needles.append(Needle(f"the id of the owner {at}", source.owner.id))
        if source.hub_id:
            needles.append(Needle(f"the hub id {at}", source.hub_id))
        if source.url:
            needles.append(Needle(f"the address {at}", source.url))
            if _host(source.url) not in open_hosts:
                needles.append(Needle(f"the host {at}", _host(source.url)))
    return sorted(set(needles))


def _host(url: str | None) -> str:
    return (urlsplit(url).hostname or "") if url else ""


def exact_values(summary: ProvenanceSummary, sizes: Mapping[str, Sequence[int]]) -> dict[int, str]:
    """Exact figures that must not be printed, each with what it is.

    These are the sizes of every confidential source and of its owner, of every kind that holds a confidential
    source, and of every modality that does. ``sizes`` gives all exact sizes of a source by its id. Values
    below 1,000, or with fewer than three significant digits, are left out: they cannot be told from a band,
    a page number or a date by their digits alone.
    """
    values: dict[int, str] = {}
    by_owner: dict[str, list[int]] = {}
    for source in summary.sources:
        if source.confidential:
            values.update(dict.fromkeys(sizes.get(source.id, ()), f"an exact size of the source at {source.place}"))
            if source.owner:
                by_owner.setdefault(source.owner.id, []).extend(sizes.get(source.id, ()))
    values.update({sum(owned): "an exact total of an owner" for owned in by_owner.values()})
    for facet in summary.facets:
        secret = [part for part in facet.parts if part.confidential]
        values.update({part.size: f"an exact size in the facet {facet.name}" for part in secret})
        if secret:
            values[facet.whole.value] = "the exact total of a modality"
    for modality, total in summary.totals.items():
        if isinstance(total, Quantity) and any(s.confidential and s.modality is modality for s in summary.sources):
            values[total.value] = "the exact total of a modality"
    return {value: what for value, what in values.items() if _telling(value)}


def _telling(value: int) -> bool:
    return value >= 1000 and len(str(value).rstrip("0")) >= 3 and not 1900 <= value <= 2100


class LiteralScan:
    """Looks for confidential texts and values; built once, used on every file and input."""

    def __init__(self, needles: Sequence[Needle], values: Mapping[int, str]) -> None:
        self._values = values
        self._patterns: list[tuple[Needle, re.Pattern[str] | str, bool]] = []
        self.too_short: list[Needle] = []
        for needle in needles:
            self._add(needle)

    def _add(self, needle: Needle) -> None:
        plain = normalised(needle.text).strip()
        if not plain:
            return
        latin = plain.isascii()
        if latin and len(plain) <= _SHORT:
            exact = re.compile(rf"(?<![A-Za-z0-9]){re.escape(needle.text.strip())}(?![A-Za-z0-9])")
            self._patterns.append((needle, exact, False))
            self.too_short.append(needle)
            return
        if not latin and len(plain) < 2:
            self.too_short.append(needle)
            return
        words = r"\s+".join(re.escape(word) for word in plain.split())
        self._patterns.append((needle, re.compile(rf"(?<![a-z0-9]){words}(?![a-z0-9])"), True))
        squeezed = re.sub(r"\s+", "", plain)
        if not latin or len(squeezed) >= 8:
            self._patterns.append((needle, squeezed, True))
        raw = needle.text.encode()
        for coded in (
            base64.b64encode(raw).decode().rstrip("="),
            *(hashlib.new(name, raw, usedforsecurity=False).hexdigest() for name in ("md5", "sha1", "sha256")),
        ):
            if len(coded) >= 8:
                self._patterns.append((needle, coded.casefold(), True))
        if not latin and "." in plain:
            self._patterns.append((needle, plain.encode("idna", errors="replace").decode(), True))

    def hits(self, text: str) -> Iterator[tuple[str, str]]:
        """What of ``text`` is confidential: what it is, and the text or value found. Each thing once."""
        folded = normalised(text)
        squeezed = re.sub(r"\s+", "", folded)
        seen: set[str] = set()
        for needle, pattern, by_folded in self._patterns:
            if isinstance(pattern, str):
                found = pattern in squeezed
            else:
                found = pattern.search(folded if by_folded else text) is not None
            if found and needle.what not in seen:
                seen.add(needle.what)
                yield needle.what, needle.text
        if self._values:
            for value, _ in numbers(folded):
                what = self._values.get(value)
                if what and what not in seen:
                    seen.add(what)
                    yield what, str(value)

    def scan_files(self, files: Mapping[str, bytes]) -> list[Finding]:
        """Findings (KJ401) for rendered files, by relative path: each with the file and, for text, the line."""
        findings: dict[tuple[str, str], Finding] = {}
        for path, data in sorted(files.items()):
            for text in texts(path, data):
                for what, found in self.hits(text):
                    place = Place(file=path, line=self._line(path, data, what))
                    message = f"the file holds {what}"
                    findings.setdefault((path, what), Finding(id="KJ401", message=message, place=place, detail=found))
        return list(findings.values())

    def _line(self, path: str, data: bytes, what: str) -> int | None:
        if path.endswith(".pdf"):
            return None
        for number, line in enumerate(data.decode("utf-8", errors="replace").splitlines(), start=1):
            if any(found == what for found, _ in self.hits(line)):
                return number
        return None

    def scan_inputs(self, inputs: Iterable[tuple[Place, str]]) -> list[Finding]:
        """Findings (KJ402) for inputs that are published or logged: each with its place."""
        return [
            Finding(id="KJ402", message=f"this text holds {what}", place=place, detail=found)
            for place, text in inputs
            for what, found in self.hits(text)
        ]
