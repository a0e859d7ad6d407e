"""What a reader, a search engine or a tool can read out of a rendered file: all of its text, however it is packed."""

import html
import json
import re
import unicodedata
import zlib
from collections.abc import Iterator
from urllib.parse import unquote

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


def texts(path: str, data: bytes) -> Iterator[str]:
    """Texts of a file: its name, its bytes as text, and what its format hides (escapes, tags, PDF streams)."""
    yield path
    if path.endswith(".pdf"):
        yield from _pdf_texts(data)
        return
    text = data.decode("utf-8", errors="replace")
    yield text
    if path.endswith((".html", ".svg")):
        yield html.unescape(re.sub(r"<[^>]*>", " ", text))
        yield html.unescape(re.sub(r"<[^>]*>", "", text))
    elif path.endswith(".json"):
        yield "\n".join(_json_strings(json.loads(text)))
    elif path.endswith(".md"):
        yield html.unescape(re.sub(r"\\([^\w\s])", r"\1", text))


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


_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_LITERAL = re.compile(rb"\(((?:[^()\\]|\\.)*)\)", re.DOTALL)
_HEX = re.compile(rb"<(FEFF[0-9A-F]*)>", re.IGNORECASE)


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
            yield page.get_textpage().get_text_bounded()
    finally:
        document.close()
    parts = [data]
    for match in _STREAM.finditer(data):
        try:
            parts.append(zlib.decompress(match[1]))
        except zlib.error:
            continue  # fonts and images in other codings hold no text
    for part in parts:
        if part.lstrip()[:1] == b"<" and b"xpacket" in part[:200]:
            yield part.decode("utf-8", errors="replace")
        else:
            yield "\n".join(_pdf_strings(part))


def _pdf_strings(part: bytes) -> Iterator[str]:
    """Strings of PDF objects: Latin or UTF-16 with its mark, in parentheses or in hexadecimal."""
    for match in _LITERAL.finditer(part):
        plain = re.sub(rb"\\([()\\])", rb"\1", match[1])
        coding = "utf-16-be" if plain.startswith(b"\xfe\xff") else "latin-1"
        yield plain.decode(coding, errors="replace")
    for match in _HEX.finditer(part):
        if len(match[1]) % 2 == 0:
            yield bytes.fromhex(match[1].decode()).decode("utf-16-be", errors="replace")


def normalised(text: str) -> str:
    """``text`` with one form for one content: escapes undone, NFKC, case folded, invisible characters gone."""
    for _ in range(3):  # an escape may be escaped again, for example %25E3
        plain = html.unescape(unquote(text))
        if plain == text:
            break
        text = plain
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold()


_SCALES = {
    "万": 10**4, "億": 10**8, "兆": 10**12, "京": 10**16,
    "thousand": 10**3, "k": 10**3, "million": 10**6, "m": 10**6, "mn": 10**6,
    "billion": 10**9, "b": 10**9, "bn": 10**9, "trillion": 10**12, "t": 10**12, "tn": 10**12,
}  # fmt: skip
_DIGITS = r"\d{1,3}(?:[,_'\u2019\u00a0\u202f ]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_NUMBER = re.compile(
    rf"(?<![a-z0-9.#])(?:{_DIGITS})(?:\s?(?:万|億|兆|京)(?:\s?(?:{_DIGITS})\s?(?:万|億|兆|京)?)*|"
    r"\s?(?:thousand|million|billion|trillion|[kmbt]n?)(?![a-z]))?(?![a-z0-9#])"
)
_PIECE = re.compile(rf"({_DIGITS})\s?(万|億|兆|京|thousand|million|billion|trillion|[kmbt]n?)?")
_KANJI = re.compile(r"[〇一二三四五六七八九十百千万億兆京]{2,}")
_KANJI_DIGITS = {character: value for value, character in enumerate("〇一二三四五六七八九")}
_KANJI_UNITS = {"十": 10, "百": 100, "千": 1000}


def numbers(text: str) -> Iterator[tuple[int, int]]:
    """Whole numbers in ``text`` (normalised), with their position: separators, 万/億/兆, scale words, kanji."""
    for match in _NUMBER.finditer(text):
        total, whole = 0, True
        for digits, scale in _PIECE.findall(match[0]):
            head, _, tail = re.sub(r"[,_'\u2019\u00a0\u202f ]", "", digits).partition(".")
            factor = _SCALES.get(scale, 1)
            value, rest = divmod(int(head + tail) * factor, 10 ** len(tail))
            total, whole = total + value, whole and not rest
        if whole:
            yield total, match.start()
    for match in _KANJI.finditer(text):
        yield _kanji(match[0]), match.start()


def _kanji(text: str) -> int:
    """Value of a number in kanji, positional (一二三) or with units (千二百三十四万)."""
    if not set(text) - set(_KANJI_DIGITS):
        return int("".join(str(_KANJI_DIGITS[character]) for character in text))
    total = section = digit = 0
    for character in text:
        if character in _KANJI_DIGITS:
            digit = digit * 10 + _KANJI_DIGITS[character]
        elif character in _KANJI_UNITS:
            section, digit = section + (digit or 1) * _KANJI_UNITS[character], 0
        else:
            total, section, digit = total + ((section + digit) or 1) * _SCALES[character], 0, 0
    return total + section + digit
