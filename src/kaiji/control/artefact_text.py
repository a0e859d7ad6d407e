"""Rendered files read back: every text that they show or carry, with its place, their lists and their bars.

One parser for each kind of file, in an explicit table: a kind of file that cannot be read back cannot be published.
"""

import csv
import html
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import PurePosixPath

from kaiji.control.artefact import Artefact, Bar, Claim, Listing, Segment
from kaiji.control.artefact_html import parse_html
from kaiji.control.artefact_pdf import parse_pdf

DOCUMENT = "kaiji/document/v1"
"""Schema of a machine-readable document."""


def parse(path: str, data: bytes) -> Artefact | None:
    """What can be read out of a file, by the extension of its ``path``; None where there is no parser for it."""
    parser = PARSERS.get(extension(path))
    return None if parser is None else parser(data)


def extension(path: str) -> str:
    """What names the kind of a file: its extension without the dot, or its whole name where it has none."""
    name = PurePosixPath(path)
    return name.suffix[1:].lower() if name.suffix else name.name


def without_parser(extensions: Sequence[str]) -> list[str]:
    """Those ``extensions`` of rendered files that cannot be read back: what renders them cannot be checked."""
    return sorted(set(extensions) - PARSERS.keys())


def template_texts(path: str, source: str) -> list[str]:
    """Texts of a Jinja template, with ``{slot}`` where something is put in.

    Args:
        path: Name of the template: that of a file of its format with ``.jinja`` after it.
        source: The template.
    """
    plain = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", source, flags=re.DOTALL)
    plain = re.sub(r"\{\{.*?\}\}", "{slot}", plain, flags=re.DOTALL)
    parsed = parse(path.removesuffix(".jinja"), plain.encode())
    return [plain] if parsed is None else list(dict.fromkeys(segment.text for segment in parsed.segments))


_HTML_TAG = re.compile(r"<(?![a-z]+://)(?:!--(.*?)--|/?[a-zA-Z][^>]*)>", re.DOTALL)
_LINK = re.compile(r"!?\[((?:[^\]\\]|\\.)*)\]\((?:<([^>]*)>|([^)\s]*))(?:\s+\"([^\"]*)\")?\)")
_CELL_END = re.compile(r"(?<!\\)\|")
_MARKER = re.compile(r"^(?:#{1,6} |> ?|[*+-] )+")
_ITEM = re.compile(r"^\s*(?:[*+-]|[0-9]+[.)]) ")
_RULE = re.compile(r"\|[\s:|-]+\|?")


def _markdown(data: bytes) -> Artefact:
    segments: list[Segment] = []
    lists: list[Listing] = []
    caption, begun, count = "", "", 0
    for number, line in enumerate(data.decode("utf-8", errors="replace").split("\n"), start=1):
        place = f"line {number}"
        kind = "table" if line.startswith("|") else "list" if _ITEM.match(line) else ""
        if begun and kind != begun:
            lists.append(Listing(place, caption, count))
        if kind != begun:
            count = 0
        begun = kind
        if kind == "table":
            if _RULE.fullmatch(line.strip()):
                count = 0  # what stood above was the head
                continue
            count += 1
            cells = [_inline(cell) for cell in _CELL_END.split(line.strip().removeprefix("|").removesuffix("|"))]
            row = " ".join(text for text, _ in cells)
            for text, hidden in cells:
                segments.append(Segment(place, text, row))
                segments += [Segment(place, one) for one in hidden]
            continue
        count += bool(kind)
        text, hidden = _inline(_MARKER.sub("", line))
        if text and not kind:
            caption = text
        segments += [Segment(place, one) for one in (text, *hidden) if one]
    if begun:
        lists.append(Listing("end", caption, count))
    return Artefact(segments, lists)


def _inline(text: str) -> tuple[str, list[str]]:
    """Text of one line as a reader sees it, and what is written in links, tags and comments."""
    hidden = [part for match in _LINK.finditer(text) for part in match.groups()[1:] if part]
    shown = _LINK.sub(r"\1", text)
    hidden += [match[1] or match[0] for match in _HTML_TAG.finditer(shown) if match[0] != "<br>"]
    shown = _HTML_TAG.sub(lambda tag: "\n" if tag[0] == "<br>" else "", shown)
    shown = re.sub(r"<([a-z]+://[^>]*)>", r"\1", shown).replace("**", "")
    shown = html.unescape(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", shown))
    return shown.strip(), hidden


class _Number(str):
    """A number of a JSON file, as it is written."""

    __slots__ = ()


class _Object(dict[str, object]):
    """An object of a JSON file; ``twice`` are the keys that it gives more than once."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        self.twice = (
            sorted({key for n, (key, _) in enumerate(pairs) if key in dict(pairs[:n])})
            if len(self) < len(pairs)
            else []
        )


def _json(data: bytes) -> Artefact:
    text = data.decode("utf-8", errors="replace")
    try:
        content = json.loads(
            text, parse_int=_Number, parse_float=_Number, parse_constant=_Number, object_pairs_hook=_Object
        )
    except ValueError:
        return Artefact([Segment("file", text)], odd=[("file", "no JSON")])
    reader = _JsonReader(isinstance(content, dict) and content.get("schema") == DOCUMENT)
    reader.read(content, "", None)
    claims = reader.claims if reader.document else None
    language = str(content.get("language", "")) if isinstance(content, dict) else ""
    return Artefact(reader.segments, reader.lists, reader.bars, claims, language, reader.lines, reader.odd)


class _JsonReader:
    """Leaves and keys of a JSON file; of a document also its claims, rows and bars."""

    def __init__(self, document: bool) -> None:
        self.document = document
        self.segments: list[Segment] = []
        self.lists: list[Listing] = []
        self.bars: list[Bar] = []
        self.claims: list[Claim] = []
        self.lines: list[str] = []
        self.odd: list[tuple[str, str]] = []
        self._keys: set[str] = set()

    def read(self, value: object, place: str, only: frozenset[str] | None, row: str = "") -> None:
        if isinstance(value, _Object):
            self._object(value, place, only)
        elif isinstance(value, list):
            for number, member in enumerate(value):
                self.read(member, f"{place}[{number}]", only, row)
        elif isinstance(value, str):
            self.segments.append(Segment(place, value, row, only))
            if not isinstance(value, _Number):
                self.lines.append(value)

    def _object(self, value: _Object, place: str, only: frozenset[str] | None) -> None:
        self.odd += [(f"{place}.{key}".removeprefix("."), "a key given twice") for key in value.twice]
        self.segments += [Segment(f"{place}, key", key) for key in value if key not in self._keys]
        self._keys |= value.keys()
        left = dict(value)
        if self.document and re.fullmatch(r"statements\[[0-9]+\]", place):
            self._claim(left)
        if self.document and re.fullmatch(r"sections\[[0-9]+\]\.items\[[0-9]+\]", place):
            used = left.get("statements")
            only = frozenset(map(str, used)) if isinstance(used, list) else None
            self.lines += [f"{left.get('id')}{gap}{left.get('label')}" for gap in (" ", "")]
        if left.keys() >= {"label", "text", "length"}:
            length = left.pop("length")
            self.bars.append(_bar(place, str(left["text"]), str(length)))
        if left.keys() >= {"label", "text"}:
            self.lines.append(f"{left['label']} {left['text']}")
        kind = {"table": "rows", "list": "items"}.get(str(left.get("type")), "")
        entries = left.get(kind)
        if isinstance(entries, list):
            self.lists.append(Listing(place, str(left.get("caption") or ""), len(entries)))
        if kind == "rows" and isinstance(entries, list):
            del left[kind]
            columns = left.get("columns")
            self.lines.append(" ".join(map(str, columns)) if isinstance(columns, list) else "")
            for number, cells in enumerate(entries):
                whole = " ".join(map(str, cells)) if isinstance(cells, list) else ""
                self.lines.append(whole)
                self.read(cells, f"{place}.rows[{number}]", only, whole)
        for key, inner in left.items():
            self.read(inner, f"{place}.{key}".removeprefix("."), only)

    def _claim(self, value: dict[str, object]) -> None:
        low, high = (None if value.get(end) is None else str(value.pop(end)) for end in ("low", "high"))
        self.claims.append(Claim(str(value.get("id")), str(value.get("text")), str(value.get("unit")), low, high))


def _bar(place: str, text: str, length: str) -> Bar:
    try:
        return Bar(place, text, Fraction(length) / 100, Fraction(0))
    except ValueError:  # no number: no figure can agree with it
        return Bar(place, text, Fraction(-1), Fraction(0))


def _csv(data: bytes) -> Artefact:
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig", errors="replace"))))
    segments = [
        Segment(f"line {number}", cell, " ".join(row)) for number, row in enumerate(rows, start=1) for cell in row
    ]
    return Artefact(segments, [Listing("file", " ".join(rows[0]) if rows else "", max(len(rows) - 1, 0))])


def _lines(data: bytes) -> Artefact:
    lines = data.decode("utf-8", errors="replace").split("\n")
    return Artefact([Segment(f"line {number}", line) for number, line in enumerate(lines, start=1)])


def _checksums(data: bytes) -> Artefact:
    """Digests and names apart: a digest is compared with the file that it is of."""
    return Artefact([segment for line in _pairs(data) for segment in line])


def _pairs(data: bytes) -> Iterator[tuple[Segment, ...]]:
    for number, line in enumerate(data.decode("utf-8", errors="replace").split("\n"), start=1):
        yield tuple(Segment(f"line {number}", part) for part in line.split("  ", 1) if part)


PARSERS: dict[str, Callable[[bytes], Artefact]] = {
    "html": parse_html,
    "svg": parse_html,
    "md": _markdown,
    "json": _json,
    "pdf": parse_pdf,
    "csv": _csv,
    "txt": _lines,
    "SHA256SUMS": _checksums,
}
"""Parser by extension, or by name for files without one."""
