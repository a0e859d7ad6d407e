"""YAML 1.2 to plain Python data, with the place of every key.

Scalars follow the core schema of YAML 1.2: ``no`` is a string, ``010`` is ten, a date stays a string. What a
manifest has no use for is refused: tags, several documents, keys that are not text, aliases that multiply.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ruamel.yaml.error import MarkedYAMLError, StreamMark
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from kaiji.errors import ManifestError
from kaiji.findings import Finding, Place
from kaiji.manifest.yaml_parser import events

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 40
MAX_FROM_ALIASES = 100_000
"""Most values that all aliases of a file may stand for together."""
MAX_DIGITS = 100
SHOWN = 60
"""Most characters of a wrong key or value that a message repeats."""

KeyPath = tuple[str | int, ...]

_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL_OR_HEX = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NOT_ALLOWED = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BREAK = re.compile(r"\r\n|\r|\n")
_TEXT_KEY = "a key must be text; put a number, true, false or null in quotes"
_PROBLEMS = {
    "mapping values are not allowed here": "a ':' cannot stand here; put text that holds ': ' in quotes",
    "expected <block end>": "the indentation does not fit the lines above",
    "expected ',' or": "a ',' or the closing bracket is missing",
    "could not find expected ':'": "a ':' is missing after a key",
    "expected the node content": "a value is missing",
    "found unexpected end of stream": "the closing quote is missing",
    "found character": "a value cannot begin with this character; put it in quotes",
}
"""What the parser says (its beginning), and the same for a reader who does not know how a parser works."""


class _Node(NamedTuple):
    """Where a value begins (line and column from 0), and where its parts do."""

    line: int
    column: int
    keys: "dict[str, tuple[int, int, _Node]] | None" = None
    items: "list[_Node] | None" = None
    size: int = 1


class Document:
    """One YAML file: ``data`` is made of dict, list, str, int, float, bool and None."""

    def __init__(self, file: str, data: object, root: _Node, findings: Sequence[Finding] = ()) -> None:
        self.file = file
        self.data = data
        self.findings = tuple(findings)
        """What is wrong without making the rest unreadable: a key twice or not text, a value out of bounds."""
        self._root = root

    def place(self, path: Sequence[str | int], *, value: bool = False) -> Place:
        """Where ``path`` stands, or its nearest parent: its key, or with ``value`` what the key holds."""
        node, line, column = self._root, self._root.line, self._root.column
        for part in path:
            if node.keys is not None and isinstance(part, str) and part in node.keys:
                line, column, node = node.keys[part]
            elif node.items is not None and isinstance(part, int) and part < len(node.items):
                node = node.items[part]
                line, column = node.line, node.column
            else:
                break
        else:
            if value and node.keys is None and node.items is None:
                line, column = node.line, node.column
        return Place(file=self.file, line=line + 1, column=column + 1, key=key_path(path) or None)

    def places(self) -> Iterator[Place]:
        """The place of every key path of the document, parents first."""
        waiting: list[tuple[KeyPath, _Node]] = [((), self._root)]
        while waiting:
            path, node = waiting.pop()
            if path:
                yield self.place(path)
            children: list[tuple[KeyPath, _Node]] = [
                *(((*path, key), child) for key, (_, _, child) in (node.keys or {}).items()),
                *(((*path, index), child) for index, child in enumerate(node.items or ())),
            ]
            waiting.extend(reversed(children))


def key_path(path: Sequence[str | int]) -> str:
    """``("sources", 2, "declared")`` as ``sources[2].declared``, long or unprintable keys made presentable."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{shown(part)}" for part in path)
    return text.removeprefix(".")


def shown(text: str) -> str:
    """``text`` as a message may repeat it: on one line, without control characters, at most 60 characters."""
    visible = "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in text[: SHOWN + 1])
    return visible if len(visible) <= SHOWN else visible[: SHOWN - 1] + "…"


def read(content: bytes, file: str) -> Document:
    """The one document in ``content``; ``file`` is the name that messages give it.

    What can be passed over is in its ``findings``: KJ103 (key twice; the first is kept), KJ106 (key that is no text,
    value out of bounds). Raises :class:`ManifestError` with KJ102 (syntax), KJ110 (not UTF-8) or KJ111 (bounds).
    """
    if len(content) > MAX_BYTES:
        raise _error("KJ111", f"the file is larger than {MAX_BYTES // 1024**2} MiB", Place(file=file))
    text = _decoded(content, file)
    unfit = _NOT_ALLOWED.search(text)
    if unfit:
        problem = f"the character U+{ord(unfit.group()):04X} is not allowed in YAML"
        raise _error("KJ102", problem, _position(text, unfit.start(), file))
    return _Builder(text, file).document()


def _decoded(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = len(_BREAK.findall(before.decode("utf-8", "replace"))) + 1
        message = f"byte 0x{content[error.start]:02x} at offset {error.start} is not UTF-8"
        raise _error("KJ110", message, Place(file=file, line=line)) from None


def _position(text: str, index: int, file: str) -> Place:
    breaks = list(_BREAK.finditer(text, 0, index))
    start = breaks[-1].end() if breaks else 0
    return Place(file=file, line=len(breaks) + 1, column=index - start + 1)


def _error(rule: str, message: str, place: Place) -> ManifestError:
    return ManifestError([Finding(id=rule, message=message, place=place)])


class _Open:
    """A mapping or sequence whose end has not come yet."""

    __slots__ = ("anchor", "column", "items", "key", "key_mark", "keys", "line", "size", "value")

    def __init__(self, value: dict[str, Any] | list[Any], mark: StreamMark, anchor: str | None) -> None:
        self.value = value
        self.keys: dict[str, tuple[int, int, _Node]] = {}
        self.items: list[_Node] = []
        self.line, self.column = mark.line, mark.column
        self.anchor = anchor
        self.size = 1
        self.key: str | None = None
        self.key_mark: StreamMark | None = None


class _Builder:
    """Turns events into data, without recursion: depth is bounded before it is reached."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Any, _Node] | None] = {}
        self.from_aliases = 0
        self.findings: list[Finding] = []
        self.result: tuple[Any, _Node] | None = None
        self.documents = 0

    def document(self) -> Document:
        last: StreamMark | None = None
        try:
            for event in events(self.text):
                last = event.end_mark
                self._take(event)
        except MarkedYAMLError as error:
            raise self._syntax(error) from None
        except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError):
            # The parser has no message of its own for some broken texts, an escape beyond Unicode for one.
            raise self._refused("KJ102", "the text that follows cannot be read as YAML", last) from None
        data, root = self.result or (None, _Node(0, 0))
        return Document(self.file, data, root, self.findings)

    def _take(self, event: Event) -> None:
        if isinstance(event, ScalarEvent):
            self._refuse_tag(event)
            self._scalar(event)
        elif isinstance(event, (MappingStartEvent, SequenceStartEvent)):
            self._refuse_tag(event)
            if len(self.stack) >= MAX_DEPTH:
                raise self._refused("KJ111", f"nested deeper than {MAX_DEPTH} levels", event.start_mark)
            if event.anchor:
                self.anchors[event.anchor] = None
            if self._expects_key():
                raise self._refused("KJ106", _TEXT_KEY, event.start_mark)
            value: dict[str, Any] | list[Any] = {} if isinstance(event, MappingStartEvent) else []
            self.stack.append(_Open(value, event.start_mark, event.anchor))
        elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            done = self.stack.pop()
            if isinstance(done.value, dict):
                node = _Node(done.line, done.column, keys=done.keys, size=done.size)
            else:
                node = _Node(done.line, done.column, items=done.items, size=done.size)
            self._add(done.value, node, done.anchor)
        elif isinstance(event, AliasEvent):
            self._alias(event)
        elif isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise self._refused("KJ102", "a second document begins; one file holds one", event.start_mark)
            if event.version not in (None, (1, 2)):
                raise self._refused("KJ102", "a version of YAML other than 1.2 is named", event.start_mark)

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None:
            raise self._refused("KJ102", "a tag (a word that begins with !) is not accepted", event.start_mark)

    def _expects_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].value, dict) and self.stack[-1].key_mark is None

    def _scalar(self, event: ScalarEvent) -> None:
        value: object = event.value
        mark = event.start_mark
        if event.implicit[0]:
            value = self._resolved(event.value, mark)
        elif "\\" in self.text and _NOT_ALLOWED.search(event.value):
            self._report("KJ106", "an escape stands for a character that is not allowed", mark)
            value = _NOT_ALLOWED.sub("?", event.value)
        if not self._expects_key():
            self._add(value, _Node(mark.line, mark.column), event.anchor)
            return
        if event.anchor:
            self.anchors[event.anchor] = (value, _Node(mark.line, mark.column))
        self._key(value, mark)

    def _resolved(self, text: str, mark: StreamMark) -> object:
        """A plain scalar by the core schema."""
        if text in _WORDS:
            return _WORDS[text]
        if text[0] not in "0123456789+-.":
            return text
        if _INTEGER.fullmatch(text) or _OCTAL_OR_HEX.fullmatch(text):
            if len(text) > MAX_DIGITS:
                self._report("KJ106", f"the number has more than {MAX_DIGITS} digits", mark)
                return 0
            return int(text, 0) if text[1:2] in ("o", "x") else int(text)
        if _FLOAT.fullmatch(text):
            return float(text.replace(".", "") if text[-1] in "fFnN" else text)
        return text

    def _key(self, key: object, mark: StreamMark) -> None:
        opened = self.stack[-1]
        opened.key_mark = mark
        opened.key = None
        if not isinstance(key, str):
            self._report("KJ106", _TEXT_KEY, mark)
        elif key in opened.keys:
            line, column, _ = opened.keys[key]
            first = f"it stands at line {line + 1}, column {column + 1} already"
            outer = (len(o.value) if isinstance(o.value, list) else o.key or "?" for o in self.stack[:-1])
            self._report("KJ103", first, mark, key_path((*outer, key)))
        else:
            opened.key = key

    def _add(self, value: Any, node: _Node, anchor: str | None = None) -> None:
        if anchor:
            self.anchors[anchor] = (value, node)
        if not self.stack:
            self.result = (value, node)
            return
        opened = self.stack[-1]
        opened.size += node.size
        if isinstance(opened.value, list):
            opened.value.append(value)
            opened.items.append(node)
        else:
            mark, opened.key_mark = opened.key_mark, None
            if opened.key is not None and mark is not None:
                opened.value[opened.key] = value
                opened.keys[opened.key] = (mark.line, mark.column, node)

    def _alias(self, event: AliasEvent) -> None:
        mark = event.start_mark
        if event.anchor not in self.anchors:
            raise self._refused("KJ102", "an alias (*) names an anchor (&) that is not above it", mark)
        target = self.anchors[event.anchor]
        if target is None:
            raise self._refused("KJ111", "an alias (*) stands for the value that holds it", mark)
        value, node = target
        self.from_aliases += node.size
        if self.from_aliases > MAX_FROM_ALIASES:
            raise self._refused("KJ111", f"the aliases stand for more than {MAX_FROM_ALIASES} values", mark)
        if self._expects_key():
            self._key(value, mark)
        else:
            self._add(value, node._replace(line=mark.line, column=mark.column))

    def _report(self, rule: str, message: str, mark: StreamMark, key: str | None = None) -> None:
        self.findings.append(self._finding(rule, message, mark, key))

    def _refused(self, rule: str, message: str, mark: StreamMark | None) -> ManifestError:
        return ManifestError([*self.findings, self._finding(rule, message, mark)])

    def _finding(self, rule: str, message: str, mark: StreamMark | None, key: str | None = None) -> Finding:
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return Finding(id=rule, message=message, place=Place(file=self.file, line=line, column=column, key=key))

    def _syntax(self, error: MarkedYAMLError) -> ManifestError:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(str(error.problem or "it breaks off").split())
        if mark and self._tab_at(mark):
            return self._refused("KJ102", "a tab stands where YAML takes spaces only", mark)
        begun = ""
        if error.context_mark and mark and error.context_mark.line != mark.line:
            begun = f", in what begins at line {error.context_mark.line + 1}"
        plain = next((words for start, words in _PROBLEMS.items() if problem.startswith(start)), "")
        plain = plain or "the text cannot be read as YAML from here"
        return self._refused("KJ102", f"{plain}{begun} [{problem}]", mark)

    def _tab_at(self, mark: StreamMark) -> bool:
        """True when a tab is at ``mark`` or indents its line."""
        lines = _BREAK.split(self.text)
        line = lines[mark.line] if mark.line < len(lines) else ""
        indentation = line[: len(line) - len(line.lstrip())]
        return "\t" in indentation or line[mark.column : mark.column + 1] == "\t"
