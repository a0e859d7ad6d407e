"""The document as a tagged PDF (PDF/UA-1), set by Typst from the document JSON with pinned fonts.

Only the two fonts named here are seen, so that the same document gives the same bytes on every machine; a
character that they lack is an error, never an empty box.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kaiji.errors import MissingExtraError, StageError
from kaiji.regime.document import DisclosureDocument
from kaiji.render import layout
from kaiji.render.machine import machine
from kaiji.render.templates import formats_folder
from kaiji.render.text import one_line, pieces
from kaiji.render.typesetting import Job, TypesettingError, typeset
from kaiji.render.wording import long_date, wording

_NO_GLYPH = re.compile(r'the text `("(?:[^"\\]|\\.)*")` could not be displayed')
_RUST_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}")
_LONG_WORD = re.compile(r"[!-,.-~\u00a1-\u2e7f]{24,}")
_BREAK = "\u200b"


def pdf(document: DisclosureDocument) -> bytes:
    """``document`` as a PDF; the same document gives the same bytes on every machine.

    Raises:
        MissingExtraError: Typst or the fonts are not installed.
        StageError: a character has no glyph in the fonts, a table is no rectangle, or Typst fails otherwise.
    """
    try:
        import typst  # noqa: F401
        from noto_cjk_sans_jp_bold import FONT_PATH as BOLD
        from noto_cjk_sans_jp_regular import FONT_PATH as REGULAR
    except ImportError as error:
        raise MissingExtraError("PDF", "pdf") from error
    layout.check(document)
    folder = formats_folder()
    job = Job(
        template=str(folder / "document.typ"),
        root=str(folder),
        fonts=[str(Path(path).parent) for path in (REGULAR, BOLD)],
        inputs={
            "document": json.dumps(_settable(json.loads(machine(document)))),
            "wording": json.dumps(_settable(_words(document))),
        },
        date=document.date.isoformat(),
    )
    try:
        return typeset(job)
    except TypesettingError as error:
        raise StageError(_reason(document, str(error))) from error


def _words(document: DisclosureDocument) -> dict[str, str]:
    """Wording with the places filled that depend on the document."""
    words = wording(document.language)
    particulars = {
        "model": one_line(document.release.model),
        "provider": one_line(document.provider),
        "date": long_date(document.date, document.language),
    }
    return {
        **words,
        "date_filled": particulars["date"],
        "document_id_filled": layout.document_id(document),
        "description_filled": words["description"].format(**particulars),
    }


def _settable(value: Any) -> Any:
    """``value`` with its texts ready to be set: no tabs, and long words that may break anywhere.

    Addresses stay as they are: Typst breaks those itself, and they must stay links.
    """
    if isinstance(value, dict):
        return {name: _settable(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_settable(member) for member in value]
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(
        _LONG_WORD.sub(lambda word: _BREAK.join(word[0]), piece.text) if piece.kind == "text" else piece.text
        for piece in pieces(text)
    )


def _reason(document: DisclosureDocument, diagnostic: str) -> str:
    """What is wrong, for a person: the character and the item if a glyph is missing."""
    found = _NO_GLYPH.search(diagnostic)
    if not found:
        return f"PDF: {diagnostic.splitlines()[0]}"
    text = _unquoted(found[1])
    codes = " ".join(f"U+{ord(character):04X}" for character in text)
    shown = f"“{text}” ({codes})" if text.isprintable() else codes
    places = [place for place, content in _texts(document) if text in content]
    where = f" ({', '.join(dict.fromkeys(places))})" if places else ""
    return f"PDF: the font has no glyph for the character {shown}{where}; change the text"


def _unquoted(literal: str) -> str:
    """The text of a string literal as Typst prints it: escapes as in Python but for ``\\u{…}``."""
    text: str = ast.literal_eval(_RUST_ESCAPE.sub(lambda code: f"\\U{int(code[1], 16):08x}", literal))
    return text


def _texts(document: DisclosureDocument) -> Iterator[tuple[str, str]]:
    """Every text of the document as (where it is, all that stands there)."""
    for section in document.sections:
        yield f"title of section {section.id}", section.title
        for item in section.items:
            content = item.model_dump(mode="json")
            yield f"item {item.id}", "\n".join(_strings(content))
    yield "notices", "\n".join(document.notices)
    yield (
        "title, provider, model, banner or regime",
        "\n".join(_strings(document.model_dump(mode="json", exclude={"sections", "notices", "statements"}))),
    )


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _strings(member)
