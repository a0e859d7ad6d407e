"""The literal scan: no confidential name, address, id or exact value stands in any rendered byte.

It is the last line, not the lock: the types already keep owners and exact figures away from the renderers, but
a person can write a name into any free text. Needles are compared after normalisation (NFKC, case, URL, HTML and
JSON escapes, invisible characters); names also in base64, in hexadecimal, as digests, and with all white space
removed; values with thousands separators, 万/億/兆, scale words, as powers of ten, in kanji and in English words.
"""

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import urlsplit

from kaiji.control.figures import numbers
from kaiji.control.plain_text import normalised, texts, unescaped, views
from kaiji.findings import Finding, Place
from kaiji.manifest.models import DataSource
from kaiji.provenance.summarise import ProvenanceSummary, Quantity
from kaiji.terms import LANGUAGES, Unit

if TYPE_CHECKING:
    import numpy as np

_SHORT = 3
"""Latin names up to this length are looked for as whole words only, in the case in which they were given."""
_LONG = 8
"""Texts from this length are looked for inside of other words too."""
_DIGEST = 12
"""Digits of a digest that give it away: digests are often cut short."""
_DIGESTS = ("md5", "sha1", "sha256", "sha512", "blake2b")
_GRAMS = (8, 4, 2)
_GAP = r"[\s+_-]"
"""What may stand between the words of a name: white space, or what file names and addresses put in its place."""
_ALPHANUMERIC = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


Sizes = Mapping[str, Mapping[str, Sequence[int]]]
"""Exact sizes by source id and measure: what was counted first, then what was declared."""


class Needle(NamedTuple):
    """One confidential text: what it is (said in a finding), and the text itself (never said)."""

    what: str
    text: str


def owner_names(sources: Iterable[DataSource]) -> list[Needle]:
    """Names of the owners of confidential sources, each also as people call it: without its legal form."""
    needles = []
    for source in sources:
        for language in LANGUAGES if source.confidential and source.owner else ():
            name = source.owner.name[language] if source.owner else ""
            what = f"the name of the owner of the source at {source.place}"
            needles += [Needle(what, text) for text in dict.fromkeys((name, _without_legal_form(name))) if text]
    return needles


_LEGAL_FORM = re.compile(
    r"(株式会社|有限会社|合同会社|合資会社|合名会社|(一般|公益)?(財団|社団)法人|学校法人|国立大学法人|独立行政法人|特定非営利活動法人"
    r"|[(（]\s*[株有同資名財社学]\s*[)）]|[㈱㈲㈶㈳])"
    r"|[,、]?\s*\b(incorporated|inc|corporation|corp|company|co|limited|ltd|llc|llp|plc|gmbh|ag|kg|sarl|sa|sas|spa|srl|bv|nv"
    r"|ab|oy|as|kk|k\.k|pte|pty|foundation)\b\.?",
    re.IGNORECASE,
)


def _without_legal_form(name: str) -> str:
    """``name`` without 株式会社, Inc. and the like; empty where what is left is too common to look for.

    Three Japanese characters, two Latin words or one Latin word of eight letters are taken as telling; less, such as
    a family name or a word of every day, would be found in texts that say nothing of the owner.
    """
    core = " ".join(_LEGAL_FORM.sub(" ", name).split()).strip(" ,、.&")
    telling = (
        len(core) >= 3 if not core.isascii() else len(core) >= 8 or len([w for w in core.split() if len(w) > 2]) > 1
    )
    return core if telling and core != name else ""


def identities(sources: Sequence[DataSource]) -> list[Needle]:
    """Owners' names and ids, titles, ids, addresses and hosts of confidential sources.

    A host or address that a source which is not confidential uses too says nothing of the confidential one.
    """
    open_sources = [source for source in sources if not source.confidential]
    open_hosts = {_host(source.url) for source in open_sources}
    open_addresses = [f"{_address(source.url)}/" for source in open_sources]
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
        host, address = _host(source.url), _address(source.url)
        if host not in open_hosts:
            needles.append(Needle(f"the host {at}", host))
        if not any(known.startswith(f"{address}/") for known in open_addresses):
            needles.append(Needle(f"the address {at}", address))
    return sorted({needle for needle in needles if needle.text})


def _host(url: str | None) -> str:
    """The host of an address without `www.`; empty when there is none."""
    try:
        return (urlsplit(url or "").hostname or "").removeprefix("www.")
    except ValueError:  # brackets that hold no address
        return ""


def _address(url: str | None) -> str:
    """An address as people write it: without scheme, `www.` and the last slash."""
    return (url or "").partition("://")[2].removeprefix("www.").rstrip("/").casefold()


def exact_values(summary: ProvenanceSummary, sizes: Sizes) -> dict[int, str]:
    """Exact figures that must not be printed, each with what it is.

    These are the sizes of every confidential source and of its owner, of every kind that holds a confidential
    source, and of every modality that does; seconds also as whole hours. Values below 1,000, or with fewer than
    three significant digits, are left out: they cannot be told from a band, a page number or a date by their
    digits alone.
    """
    secret = [source for source in summary.sources if source.confidential]
    values: dict[int, str] = {}

    def keep(value: int, unit: str, what: str) -> None:
        hours = {(value + 1800) // 3600} if unit == Unit.SECONDS else set()
        values.update(dict.fromkeys({value, *hours}, what))

    for owner in sorted({source.owner.id for source in secret if source.owner}):
        owned = [sizes.get(source.id, {}) for source in secret if source.owner and source.owner.id == owner]
        for measure in sorted({measure for found in owned for measure in found}):
            for end in (0, -1):
                keep(
                    sum(found[measure][end] for found in owned if found.get(measure)),
                    measure,
                    "an exact total of an owner",
                )
    for source in secret:
        for measure, found in sizes.get(source.id, {}).items():
            for value in found:
                keep(value, measure, f"an exact size of the source at {source.place}")
    for facet in summary.facets:
        parts = [part for part in facet.parts if part.confidential]
        for part in parts:
            keep(part.size, facet.whole.unit, f"an exact size in the facet {facet.name}")
        if parts:
            keep(facet.whole.value, facet.whole.unit, "the exact total of a modality")
    for modality, total in summary.totals.items():
        if isinstance(total, Quantity) and any(source.modality is modality for source in secret):
            keep(total.value, total.unit, "the exact total of a modality")
    return {value: what for value, what in values.items() if _telling(value)}


def _telling(value: int) -> bool:
    return value >= 1000 and len(str(value).rstrip("0")) >= 3 and not 1900 <= value <= 2100


class LiteralScan:
    """Looks for confidential texts and values; built once, used on every file and input."""

    def __init__(self, needles: Sequence[Needle], values: Mapping[int, str]) -> None:
        self._values = values
        self._forms: list[_Form] = []
        self.too_short: list[Needle] = []
        for needle in needles:
            self._add(needle)
        self._by_gram, self._pieces = _by_gram(self._forms), _Pieces(self._forms)

    def _add(self, needle: Needle) -> None:
        as_given = unescaped(needle.text).strip()
        plain = normalised(as_given)
        if not plain:
            return
        if len(plain) <= (_SHORT if plain.isascii() else 1):
            self.too_short.append(needle)
            if len(plain) > 1 and as_given != plain:  # `en` or `p` stands in every page; `NHK` or `HP` does not
                pattern = re.compile(rf"(?<![A-Za-z0-9]){re.escape(as_given)}(?![A-Za-z0-9])")
                self._forms.append(_Form(needle, "as given", as_given, pattern, _grams([plain])))
            return
        words = [word for word in re.split(f"{_GAP}+", plain) if word] if " " in plain else [plain]
        pattern = re.compile(f"{_GAP}+".join(re.escape(word) for word in words) + "(?![a-z0-9])")
        self._forms.append(_Form(needle, "words", words[0], pattern, _grams(words)))
        squeezed = "".join(plain.split())
        if not plain.isascii() or len(squeezed) >= _LONG:
            self._forms.append(_Form(needle, "squeezed", squeezed, _whole_numbers(squeezed), _grams([squeezed])))
        for coded in _coded(needle.text, as_given, plain):
            self._forms.append(_Form(needle, "squeezed", coded, None, _grams([coded])))

    def hits(self, text: str) -> Iterator[tuple[str, str]]:
        """What of ``text`` is confidential: what it is, and the text or value found. Each thing once."""
        as_given = unescaped(text)
        folded = normalised(as_given)
        squeezed = "".join(folded.split())
        grams = self._pieces.within(squeezed)
        possible = {n for gram in grams & self._by_gram.keys() for n in self._by_gram[gram]}
        where = {"as given": as_given, "words": folded, "squeezed": squeezed}
        seen: set[str] = set()
        for form in (self._forms[n] for n in sorted(possible.union(self._by_gram.get("", ())))):
            if form.needle.what not in seen and grams.issuperset(form.grams) and form.within(where[form.kind]):
                seen.add(form.needle.what)
                yield form.needle.what, form.needle.text
        for value in numbers(folded) if self._values else ():
            what = self._values.get(value)
            if what and what not in seen:
                seen.add(what)
                yield what, str(value)

    def scan_files(self, files: Mapping[str, bytes]) -> list[Finding]:
        """Findings (KJ401) for rendered files, by relative path: each with the file and, for text, the line."""
        findings: dict[tuple[str, str], Finding] = {}
        hits = cache(lambda text: tuple(self.hits(text)))  # documents share fonts, pictures and particulars
        for path, data in sorted(files.items()):
            named = dict(hits(path))
            for what, found in named.items():
                message = f"the name of a file holds {what}"
                findings[path, what] = Finding(id="KJ401", message=message, detail=f"{found} in {path}")
            found_in: dict[str, str] = {}
            for text in texts(path, data):
                found_in.update(hits(text))
            lines = self._lines(path, data, set(found_in)) if found_in else {}
            for what, found in found_in.items():
                place = None if named else Place(file=path, line=lines.get(what))
                message = f"the file holds {what}"
                findings.setdefault((path, what), Finding(id="KJ401", message=message, place=place, detail=found))
        return list(findings.values())

    def _lines(self, path: str, data: bytes, wanted: set[str]) -> dict[str, int]:
        """First line of a text file in which each thing ``wanted`` stands; absent where it runs over lines."""
        lines: dict[str, int] = {}
        if path.endswith(".pdf"):
            return lines
        narrow = LiteralScan([], {value: what for value, what in self._values.items() if what in wanted})
        narrow._forms = [form for form in self._forms if form.needle.what in wanted]
        narrow._by_gram, narrow._pieces = _by_gram(narrow._forms), _Pieces(narrow._forms)
        for number, line in enumerate(data.decode("utf-8", errors="replace").split("\n"), start=1):
            for text in views(path, line):
                for what, _ in narrow.hits(text):
                    lines.setdefault(what, number)
            if len(lines) == len(wanted):
                break
        return lines

    def scan_inputs(self, inputs: Iterable[tuple[Place, str]]) -> list[Finding]:
        """Findings (KJ402) for inputs that are published or logged: each with its place."""
        hits = cache(lambda text: tuple(self.hits(text)))  # many sources say the same of their data
        return [
            Finding(id="KJ402", message=f"this text holds {what}", place=place, detail=found)
            for place, text in inputs
            for what, found in hits(text)
        ]


class _Form(NamedTuple):
    """One way in which a needle may be written, and where it is looked for."""

    needle: Needle
    kind: Literal["as given", "words", "squeezed"]
    """In the text with its case, in the normalised text, or in that without white space."""
    text: str
    """The text itself; for words the first of them."""
    pattern: re.Pattern[str] | None
    grams: tuple[str, ...]
    """Pieces that the text without white space must hold, whichever kind is looked for."""

    def within(self, text: str) -> bool:
        if self.text not in text:
            return False
        if self.pattern is None:
            return True
        match = self.pattern.search(text)
        # A look-behind at its front would keep the pattern from being searched for by its first characters.
        while match and self.kind == "words" and match.start() and text[match.start() - 1] in _ALPHANUMERIC:
            match = self.pattern.search(text, match.start() + 1)
        return match is not None


class _Pieces:
    """The pieces of all forms, looked for in a text all at once.

    A table of 2^20 hashes tells at which places of the text a piece may begin; only there is the text cut.
    Reading every place in Python would cost most of a scan.
    """

    _BITS = 20
    _FACTORS = tuple(pow(2_654_435_761, power, 2**32) for power in range(1, max(_GRAMS) + 1))

    def __init__(self, forms: Iterable[_Form]) -> None:
        by_size: dict[int, set[str]] = {}
        for form in forms:
            for gram in form.grams:
                by_size.setdefault(len(gram), set()).add(gram)
        self._tables = {size: self._table("".join(sorted(grams)), size) for size, grams in sorted(by_size.items())}

    def within(self, text: str) -> set[str]:
        """All pieces that stand in ``text``, and perhaps a few other cuts of it."""
        return {text[i : i + n] for n, table in self._tables.items() for i in table[self._hashes(text, n)].nonzero()[0]}

    def _table(self, grams: str, size: int) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        import numpy as np

        table = np.zeros(1 << self._BITS, dtype=bool)
        table[self._hashes(grams, size)[::size]] = True
        return table

    def _hashes(self, text: str, size: int) -> "np.ndarray[tuple[int], np.dtype[np.uint32]]":
        """One hash for every place at which ``size`` characters of ``text`` begin."""
        import numpy as np

        codes = np.frombuffer(text.encode("utf-32-le", errors="replace"), dtype="<u4")
        places = max(len(codes) - size + 1, 0)
        hashes = np.zeros(places, dtype=np.uint32)
        for offset, factor in enumerate(self._FACTORS[:size]):
            hashes += codes[offset : offset + places] * np.uint32(factor)
        return hashes >> np.uint32(32 - self._BITS)


def _whole_numbers(text: str) -> re.Pattern[str] | None:
    """Pattern of a text that begins or ends with a number, which is not cut: source-1 does not stand in source-10."""
    before, after = (r"(?<!\d)" if text[0].isdigit() else ""), (r"(?!\d)" if text[-1].isdigit() else "")
    return re.compile(before + re.escape(text) + after) if before or after else None


def _grams(pieces: Iterable[str]) -> tuple[str, ...]:
    """Pieces of 8, 4 or 2 characters that cover ``pieces``, the longest that fit."""
    found: dict[str, None] = {}
    for piece in pieces:
        size = next((size for size in _GRAMS if len(piece) >= size), 0)
        if size:
            found.update(dict.fromkeys(piece[i : i + size] for i in range(0, len(piece) - size + 1, size)))
            found[piece[-size:]] = None
    return tuple(found)


def _by_gram(forms: Sequence[_Form]) -> dict[str, list[int]]:
    """Positions in ``forms`` by the piece of each that is the rarest among them; by an empty text where there is none.

    Only forms whose rarest piece stands in a text are looked for in it, so that thousands of needles cost little.
    """
    often = Counter(gram for form in forms for gram in form.grams)
    found: dict[str, list[int]] = {}
    for position, form in enumerate(forms):
        found.setdefault(min(form.grams, key=lambda gram: (often[gram], gram), default=""), []).append(position)
    return found


def _coded(*writings: str) -> Iterator[str]:
    """Codes of a text that a tool may print in its place: base64, hexadecimal, digests, the ASCII form of a host."""
    coded = set()
    for writing in writings:
        raw = writing.encode("utf-8", errors="replace")
        coded |= {raw.hex(), writing.encode("utf-16-be", errors="replace").hex()}
        for offset in range(3):
            # What stands before and after in the coded text changes its first and last characters: those are left out.
            whole = base64.b64encode(bytes(offset) + raw).decode()
            code = whole[(0, 2, 3)[offset] : len(whole) - (0, 3, 2)[(offset + len(raw)) % 3]]
            coded |= {code, code.replace("+", "-").replace("/", "_")}
        coded |= {hashlib.new(name, raw, usedforsecurity=False).hexdigest()[:_DIGEST] for name in _DIGESTS}
        if "." in writing and not writing.isascii():
            with suppress(UnicodeError):  # no name of a host: a label is empty or too long
                coded.add(writing.encode("idna").decode())
        if "xn--" in writing:
            with suppress(UnicodeError):
                coded.add(writing.encode().decode("idna"))
    yield from sorted({code.casefold() for code in coded if len(code) >= _LONG})
