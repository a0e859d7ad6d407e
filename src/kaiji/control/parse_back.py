"""Every figure in every rendered file is explained: by a published statement, by a declared text, or by wording.

The other tests look at what was meant to be published. This one looks at what was: files are parsed back into texts,
and each figure in them must stand there because a text that may be published holds it, with the same words around it.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import PurePosixPath
from typing import NamedTuple

from kaiji.control.artefact import Artefact, Listing, Segment
from kaiji.control.artefact_text import DOCUMENT, PARSERS, extension, parse
from kaiji.control.known_texts import KnownTexts, Text, folded, in_words, squeezed, unexplained, unexplained_on_pages
from kaiji.control.statements import Bound, Statement
from kaiji.terms import LANGUAGES, Language


class Declared(NamedTuple):
    """What may stand in the files of one audience."""

    statements: Mapping[str, Statement]
    """Published figures by id. An id may hold a kind of a facet, as in ``period.text.2024.share``."""
    texts: Iterable[str]
    """What the provider wrote, names of sources that are not confidential, versions, contacts, particulars; dates as
    ISO 8601, which explain the same date in words. A text that is nothing but a number explains a cell, or a value
    behind its label: where it can be given with its label ("Version 3"), give it so."""
    wording: Iterable[str]
    """Fixed texts of regimes, formats and vocabularies, the same for every release, with ``{slot}`` for what is put
    in."""


class Undeclared(NamedTuple):
    """A figure that nothing explains."""

    path: str
    place: str
    figure: str
    """As it is written, in lower case; or what says something without a figure: a drawing, an attachment. Secret."""


class Absent(NamedTuple):
    """A statement that a document claims and that does not stand, or stands otherwise, where it should."""

    path: str
    statement: str
    why: str


_FACETS = re.compile(r"[a-z_]+\.[a-z_]+\.(.+)\.[a-z]+\Z")
"""Id of a figure of a facet: facet, modality, kind, what is said of the kind."""


def _known(declared: Declared) -> KnownTexts:
    texts = []
    for text in declared.texts:
        texts += [Text(text), *map(Text, in_words(text.strip()))]
    for key, statement in declared.statements.items():
        texts += [Text(key), *(Text(statement.text[language], key) for language in LANGUAGES)]
        if kind := _FACETS.match(key):
            texts += [Text(part, key) for part in (kind[1], *kind[1].split("+"), *re.findall("[0-9]{4}", kind[1]))]
    return KnownTexts([*texts, Text(DOCUMENT), *map(Text, PARSERS)], declared.wording)


class Folder:
    """All files of a release that leave the building, by path: audience, then file."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    @cached_property
    def _parsed(self) -> dict[str, Artefact | None]:
        return {path: parse(path, data) for path, data in sorted(self._files.items())}

    def lists(self) -> Iterator[tuple[str, Listing]]:
        """Every list and table, by path, with its number of entries: what a reader can count."""
        for path, artefact in self._parsed.items():
            yield from ((path, one) for one in (artefact.lists if artefact else ()))

    def undeclared(self, declared: Mapping[str, Declared]) -> Iterator[Undeclared]:
        """Figures that nothing explains, by file.

        Args:
            declared: What may stand in the files of each audience, by the first part of their paths. Files of an
                audience that is not named, and files that cannot be parsed, are reported.
        """
        allowed = {audience: _known(one) for audience, one in declared.items()}
        for path, artefact in self._parsed.items():
            audience, _, name = path.partition("/")
            if audience not in allowed:
                yield Undeclared(path, "file", "a file of no audience")
                continue
            may = allowed[audience]
            for figure in unexplained(Segment("file name", name), [may]):
                yield Undeclared(path, "file name", figure)
            if artefact is None:
                yield Undeclared(path, "file", "a kind of file that cannot be read back")
                continue
            yield from (Undeclared(path, place, what) for place, what in artefact.odd)
            known = [may, KnownTexts(self._own_texts(path, artefact, may))]
            for segment in artefact.segments:
                for figure in unexplained(segment, known) if not segment.page else ():
                    yield Undeclared(path, segment.place, figure)
            pages = [segment for segment in artefact.segments if segment.page]
            yield from (Undeclared(path, *one) for one in unexplained_on_pages(pages, known))
            yield from self._bars(path, artefact, declared[audience])

    def absent(self, declared: Mapping[str, Declared]) -> Iterator[Absent]:
        """Statements of machine-readable documents that are not as declared, or miss in another format or language."""
        for path, artefact in self._documents():
            statements = declared[path.partition("/")[0]].statements
            for claim in artefact.claims or ():
                statement = statements.get(claim.id)
                bounds = statement and tuple(_written(end) for end in (statement.low, statement.high))
                if statement is None:
                    yield Absent(path, claim.id, "not a statement for this audience")
                elif claim.text != statement.text[_language(artefact)]:
                    yield Absent(path, claim.id, "another text than the statement has in this language")
                elif (claim.unit, (claim.low, claim.high)) != (statement.unit, bounds):
                    yield Absent(path, claim.id, "another unit or interval than the statement has")
            yield from self._missing_in_formats(path, artefact)
            for other, twin in self._documents():
                if other != path and _without_language(other, twin) == _without_language(path, artefact):
                    missing = {one.id for one in artefact.claims or ()} - {one.id for one in twin.claims or ()}
                    yield from (
                        Absent(other, one, "stands in the document in another language") for one in sorted(missing)
                    )

    def found(self, declared: Mapping[str, Declared]) -> dict[str, frozenset[str]]:
        """Ids of the statements whose text, in either language, stands in each file."""
        ids = {}
        for path, shown in self._shown.items():
            statements = declared[path.partition("/")[0]].statements
            texts = {text for one in statements.values() for text in (one.text.ja, one.text.en)}
            here = {text for text in texts if shown.has(text, 1)}
            ids[path] = frozenset(key for key, one in statements.items() if here & {one.text.ja, one.text.en})
        return ids

    @cached_property
    def _shown(self) -> dict[str, "_Shown"]:
        return {path: _Shown(one.segments) for path, one in self._parsed.items() if one}

    def _documents(self) -> Iterator[tuple[str, Artefact]]:
        yield from ((path, one) for path, one in self._parsed.items() if one and one.claims is not None)

    def _missing_in_formats(self, path: str, artefact: Artefact) -> Iterator[Absent]:
        answers = [one for one in artefact.segments if one.statements is not None and ".bars[" not in one.place]
        wanted = _Shown(answers)
        stem = path.removesuffix(".json")
        for other in (f"{stem}.{kind}" for kind in ("html", "md", "pdf")):
            shown = self._shown.get(other)
            if shown is None:
                continue
            texts = {claim.text for claim in artefact.claims or ()}
            less = {text for text in texts if not shown.has(text, wanted.times(text))}
            for claim in artefact.claims or ():
                if claim.text in less:
                    yield Absent(other, claim.id, "stands less often than in the machine-readable document")

    def _own_texts(self, path: str, artefact: Artefact, may: KnownTexts) -> Iterator[Text]:
        """What only this file may hold: digests of its neighbours, or what its machine-readable form says."""
        if extension(path) == "SHA256SUMS":
            folder = path.rpartition("/")[0]
            for other, data in self._files.items():
                if other.rpartition("/")[0] == folder:
                    yield Text(hashlib.sha256(data).hexdigest())
        elif extension(path) == "pdf":
            twin = self._parsed.get(f"{path.removesuffix('.pdf')}.json")
            yield from (Text(line) for line in (twin.lines if twin else ()))
            pages = sum(segment.page for segment in artefact.segments)
            footers = [text for text in may.templates if "{page}" in text and "{pages}" in text]
            for number in range(1, pages + 1):
                yield from (
                    Text(text.replace("{page}", f"{number}").replace("{pages}", f"{pages}")) for text in footers
                )

    def _bars(self, path: str, artefact: Artefact, declared: Declared) -> Iterator[Undeclared]:
        """Bars that are longer or shorter than the figures beside them give."""
        lengths: dict[str, set[Fraction]] = {}  # the same text may stand for two intervals, in steps of 1 and of 5
        for statement in declared.statements.values():
            if statement.low is not None and statement.high is not None:
                middle = (Fraction(statement.low) + Fraction(statement.high)) / 200
                for text in (statement.text.ja, statement.text.en):
                    lengths.setdefault(squeezed(folded(text)), set()).add(middle)
        bars = artefact.bars
        if extension(path) == "pdf":
            twin = self._parsed.get(f"{path.removesuffix('.pdf')}.json")
            texts = [bar.text for bar in twin.bars] if twin else []
            if len(texts) != len(bars):
                yield Undeclared(path, "file", f"{len(bars)} bars of a chart where {len(texts)} are known")
            bars = [bar._replace(text=text) for bar, text in zip(bars, texts, strict=False)]
        for bar in bars:
            may = lengths.get(squeezed(folded(bar.text)), ())
            if not any(abs(bar.length - length) <= bar.slack for length in may):
                yield Undeclared(path, bar.place, f"a bar of {float(bar.length):.4%}")


class _Shown:
    """All texts of a file, in which figures are counted."""

    def __init__(self, segments: Iterable[Segment]) -> None:
        self._text = "\n".join(folded(one.text) for one in segments)
        self._squeezed = "".join(self._text.split())

    def times(self, text: str) -> int:
        """How often a figure stands in the file, not counting where it is part of another one."""
        said, count, place = folded(text), 0, -1
        while (place := self._text.find(said, place + 1)) >= 0:
            after = self._text[place + len(said) : place + len(said) + 1]
            count += not (self._text[place - 1 : place] in _PARTS_OF_NUMBERS or after.isdigit())
        return count

    def has(self, text: str, times: int) -> bool:
        """True when a figure stands ``times`` or more in the file; lines may end inside of it."""
        if self.times(text) >= times:
            return True
        said = squeezed(folded(text))
        if said not in self._squeezed:
            return False
        broken = r"\s?".join(re.escape(character) for character in said)
        return len(re.findall(rf"(?<![0-9.,<>]){broken}(?![0-9])", self._text)) >= times


_PARTS_OF_NUMBERS = tuple("0123456789.,<>")


def _written(bound: Bound | None) -> str | None:
    return None if bound is None else f"{Decimal(bound).normalize():f}"


def _language(artefact: Artefact) -> Language:
    return "ja" if artefact.language == "ja" else "en"


def _without_language(path: str, artefact: Artefact) -> str:
    """Name of a document in any language: ``public/code.json`` for ``public/code.ja.json``."""
    name = PurePosixPath(path)
    return str(name.with_name(".".join(part for part in name.name.split(".") if part != artefact.language)))
