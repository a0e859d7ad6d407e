"""The YAML 1.2 event parser of ruamel.yaml, made about twice as fast for long manifests.

A manifest of 10,000 sources has some 150,000 lines, and the parser looks at every character through several
method calls. The text is held whole, so the same decisions are taken here with regular expressions and plain
attributes; grammar, tokens and events stay those of ruamel.yaml (a test holds them equal on every fixture).
"""

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml.docinfo import DocInfo
from ruamel.yaml.error import StreamMark
from ruamel.yaml.events import Event
from ruamel.yaml.parser import Parser
from ruamel.yaml.reader import Reader
from ruamel.yaml.scanner import Scanner
from ruamel.yaml.tokens import ScalarToken

_END = r"\n\0\r\x85\u2028\u2029"
_GAP = re.compile(rf" *(?:#[^{_END}]*)?")
_GAP_IN_FLOW = re.compile(rf"[ \t]*(?:#[^{_END}]*)?")
_CHARACTER = rf"(?:[^:\x20\t{_END}]|:(?![\x20\t{_END}]))"
_CHARACTER_IN_FLOW = rf"(?:[^:,\[\]{{}}\x20\t{_END}]|:(?![\x20\t{_END}]))"
_PLAIN = re.compile(rf"{_CHARACTER}+(?:\x20+(?!\#){_CHARACTER}+)*")
_PLAIN_IN_FLOW = re.compile(rf"{_CHARACTER_IN_FLOW}+(?:\x20+(?!\#){_CHARACTER_IN_FLOW}+)*")
_MARKS = ("---", "...")


def events(text: str) -> Iterator[Event]:
    """Events of ``text`` (decoded), every mark with ``line`` and ``column`` from 0.

    Raises ruamel.yaml's ``YAMLError`` where the text is not YAML 1.2.
    """
    loader = _Loader(text)
    scanner = _Scanner(loader)
    parser = _Parser(loader)
    parser.scanner = scanner
    while parser.check_event():
        yield parser.get_event()


class _Resolver:
    processing_version = (1, 2)


class _Loader:
    """What the parts ask of each other; comments are handled as by the safe loader, which forgets them."""

    typ = ("safe",)
    comment_handling = None
    resolver = _Resolver()
    _reader = _scanner = _parser = None

    def __init__(self, text: str) -> None:
        self.reader = _Reader(text)
        self.doc_infos = [DocInfo()]


class _Reader(Reader):
    def peek(self, index: int = 0) -> str:
        return self.buffer[self.pointer + index]

    def prefix(self, length: int = 1) -> str:
        return self.buffer[self.pointer : self.pointer + length]

    def get_mark(self) -> StreamMark:
        return StreamMark(None, self.index, self.line, self.column)

    def forward(self, length: int = 1) -> None:
        start = self.pointer
        self.pointer = self.index = start + length
        part = self.buffer[start : self.pointer]
        if "\n" not in part and "\r" not in part:
            self.column += length - part.count("\ufeff")
            return
        for offset, character in enumerate(part, start + 1):
            if character == "\n" or (character == "\r" and self.buffer[offset] != "\n"):
                self.line += 1
                self.column = 0
            elif character != "\ufeff":
                self.column += 1


class _Scanner(Scanner):
    scanner_processing_version = (1, 2)
    reader: Any = None  # an attribute in place of a property that is looked up for every character

    def __init__(self, loader: _Loader) -> None:
        self.reader = loader.reader
        self._looked_ahead = False
        super().__init__(loader)

    def need_more_tokens(self) -> bool:
        if self.done:
            return False
        if not self.tokens:
            return True
        if not self.possible_simple_keys:
            return False
        self.stale_possible_simple_keys()
        taken = self.tokens_taken
        return any(key.token_number == taken for key in self.possible_simple_keys.values())

    def check_token(self, *choices: Any) -> bool:
        if not self._looked_ahead:  # once a token is known to be final it stays so until it is taken
            while self.need_more_tokens():
                self.fetch_more_tokens()
            self._looked_ahead = True
        return bool(self.tokens) and (not choices or isinstance(self.tokens[0], choices))

    def get_token(self) -> Any:
        token = super().get_token()
        self._looked_ahead = False
        return token

    def scan_to_next_token(self) -> None:
        reader = self.reader
        gap = _GAP_IN_FLOW if self.flow_context else _GAP
        if reader.pointer == 0 and reader.peek() == "\ufeff":
            reader.forward()
        while True:
            match = gap.match(reader.buffer, reader.pointer)
            if match and match.end() > reader.pointer:
                reader.forward(match.end() - reader.pointer)
            if not self.scan_line_break():
                return
            if not self.flow_context:
                self.allow_simple_key = True

    def scan_plain(self) -> ScalarToken:
        reader = self.reader
        plain = _PLAIN_IN_FLOW if self.flow_context else _PLAIN
        chunks: list[str] = []
        spaces: list[str] = []
        start = end = reader.get_mark()
        indent = self.indent + 1
        while reader.peek() != "#":
            match = plain.match(reader.buffer, reader.pointer)
            if match is None:
                break
            self.allow_simple_key = False
            chunks.extend(spaces)
            chunks.append(match.group())
            reader.forward(len(match.group()))
            end = reader.get_mark()
            spaces = self.scan_plain_spaces(indent, start)
            if not spaces or reader.peek() == "#" or (not self.flow_context and reader.column < indent):
                break
        return ScalarToken("".join(chunks), True, start, end)


class _Parser(Parser):
    scanner: Any = None  # an attribute in place of a property that is looked up for every token
