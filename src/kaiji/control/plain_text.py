"""What a reader, a search engine or a tool can read out of a rendered file: all of its text, however it is packed."""

import base64
import binascii
import html
import json
import re
import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import unquote

_INVISIBLE = re.compile(
    "[\u0002\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufffe\U000e0000-\U000e0fff]"
)
"""Characters without a shape of their own; U+0002 and U+FFFE are where PDFium finds a word hyphenated."""
_MAY_BE_ESCAPED = re.compile(r"[%&\\]")
_ESCAPED_CODE = re.compile(r"\\u([0-9a-fA-F]{4})")
_MARKDOWN_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_TAG = re.compile(r"<[^>]*>")
_DATA_ADDRESS = re.compile(r";base64,([A-Za-z0-9+/=\s]+)")


def texts(path: str, data: bytes) -> Iterator[str]:
    """Texts of a file: its name, its bytes as text, and what its format hides (escapes, tags, PDF streams)."""
    yield path
    if path.endswith(".pdf"):
        yield from _pdf_texts(data)
    else:
        yield from views(path, data.decode("utf-8", errors="replace"))


def views(path: str, text: str) -> Iterator[str]:
    """``text``, of a file named ``path``, as it is written and as a reader of its format sees it. No repeats."""
    found = [text]
    if path.endswith((".html", ".svg", ".xml")):
        found += [html.unescape(_TAG.sub(gap, text)) for gap in (" ", "")]
    elif path.endswith(".json"):
        with suppress(ValueError):  # a line of JSON, or none: it was read as it is written
            found.append("\n".join(_json_strings(json.loads(text))))
    elif path.endswith(".md"):
        plain = html.unescape(_MARKDOWN_ESCAPE.sub(r"\1", _TAG.sub("", text)))
        found += [plain, re.sub(r"[*`~]", "", plain)]
    for match in _DATA_ADDRESS.finditer(text):
        try:
            found.append(base64.b64decode(match[1]).decode("utf-8"))
        except (binascii.Error, UnicodeDecodeError):
            continue  # a font or picture
    yield from dict.fromkeys(found)


def _json_strings(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _json_strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _json_strings(inner)
    else:
        yield str(value)


_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_OBJECT_STREAM = re.compile(rb"/ObjStm\b[^>]*>>\s*stream\r?\n.*?endstream", re.DOTALL)
_LITERAL = re.compile(rb"\(((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*)\)", re.DOTALL)
_LITERAL_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_CONTROL = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b""}
_HEX = re.compile(rb"<(FE\s*FF[0-9A-F\s]*)>", re.IGNORECASE)


def _pdf_texts(data: bytes) -> Iterator[str]:
    """Text of the pages as a reader sees it, the particulars, and all that the file holds besides glyphs.

    Strings of a PDF (titles, alternative texts) are Latin or UTF-16, plain or in compressed streams; page streams
    hold glyph numbers, which only the pages' own fonts turn into text.
    """
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    try:
        yield "\n".join(f"{key}: {value}" for key, value in document.get_metadata_dict().items())
        for page in document:
            text = page.get_textpage().get_text_range()
            yield text
            yield re.sub("[\u0002\ufffe]\\s*", "-", text)  # a hyphen at the end of a line may be one of the word's own
    finally:
        document.close()
    for part in (without_streams(data), *stream_contents(data)):
        if b"xpacket" in part[:200]:
            yield part.decode("utf-8", errors="replace")
        else:
            yield "\n".join(pdf_strings(part))


def without_streams(data: bytes) -> bytes:
    """The objects of a PDF that are no streams: titles, alternative texts, addresses of links."""
    return _STREAM.sub(b"", data)


def stream_contents(data: bytes) -> Iterator[bytes]:
    """The streams of a PDF, unpacked where they are packed."""
    for match in _STREAM.finditer(data):
        try:
            yield zlib.decompressobj().decompress(match[1])
        except zlib.error:
            yield match[1]


def object_streams(data: bytes) -> Iterator[bytes]:
    """Those streams of a PDF that hold objects, unpacked."""
    for match in _OBJECT_STREAM.finditer(data):
        yield from stream_contents(match[0])


def pdf_strings(part: bytes) -> Iterator[str]:
    """Strings of PDF objects: Latin or UTF-16 with its mark, in parentheses or in hexadecimal."""
    for match in _LITERAL.finditer(part):
        plain = _LITERAL_ESCAPE.sub(_unescaped_byte, match[1])
        yield plain.decode("utf-16" if plain[:2] in (b"\xfe\xff", b"\xff\xfe") else "latin-1", errors="replace")
    for match in _HEX.finditer(part):
        digits = b"".join(match[1].split()).decode()
        yield bytes.fromhex(digits + "0" * (len(digits) % 2)).decode("utf-16", errors="replace")


def _unescaped_byte(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([int(code, 8) % 256]) if code.isdigit() and code < b"8" else _CONTROL.get(code, code)


def unescaped(text: str) -> str:
    """``text`` with its escapes undone (URL, HTML, JSON, also several deep), in NFKC, without invisible characters."""
    for _ in range(4 if _MAY_BE_ESCAPED.search(text) else 0):  # an escape may be escaped again, for example %25E3
        plain = html.unescape(unquote(_ESCAPED_CODE.sub(lambda code: chr(int(code[1], 16)), text)))
        if plain == text:
            break
        text = plain
    if re.search("[\ud800-\udfff]", text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))


def normalised(text: str) -> str:
    """``text`` with one form for one content: :func:`unescaped`, and without the difference of case."""
    return unicodedata.normalize("NFKC", unescaped(text).casefold())
