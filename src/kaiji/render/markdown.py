"""Markdown (CommonMark with GitHub's tables). Every text is escaped: none can add markup, HTML or a link target.

Autoescaping of Jinja knows HTML only. Here ``finalize`` does its work: whatever a template prints and has not
been through one of the filters below is escaped for one line of Markdown.
"""

import re
from typing import TYPE_CHECKING

from markupsafe import Markup

from kaiji.regime.document import DisclosureDocument
from kaiji.render import layout
from kaiji.render.templates import formats_folder
from kaiji.render.text import clean, one_line, paragraphs, pieces
from kaiji.render.wording import long_date, wording

if TYPE_CHECKING:
    from jinja2 import Environment

_ALWAYS = re.compile(r"[\\`*\[\]|~$]")
_ENTITY = re.compile(r"&(?=#|[A-Za-z0-9]+;)")
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_BARE_HOST = re.compile(r"\b(www)\.", re.IGNORECASE)
_MARKER = re.compile(r"[#=-]|\+(?=\s|$)|[0-9]{1,9}(?=[.)](?:\s|$))|:(?=-)")


def markdown(document: DisclosureDocument) -> bytes:
    """``document`` as Markdown, UTF-8.

    Raises:
        StageError: a table of the document is no rectangle.
    """
    layout.check(document)
    return rendered(
        "document.md.jinja",
        document=document,
        w=wording(document.language),
        document_id=layout.document_id(document),
        long_date=long_date(document.date, document.language),
    )


def rendered(template: str, **values: object) -> bytes:
    """The template of that name in ``formats/`` with ``values``; blank lines are folded, the end is one line feed."""
    text: str = _environment().get_template(template).render(**values)
    return (re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n").encode()


def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(formats_folder()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
        finalize=lambda value: value if isinstance(value, Markup) else line(str(value)),
    )
    environment.filters |= {"lines": lines, "prose": prose, "quoted": quoted}
    environment.globals |= {"runs": layout.runs}
    return environment


def line(text: str) -> Markup:
    """``text`` escaped, on one line, safe at the start of a line, inside a line and in a table cell.

    http(s) addresses become autolinks (``<https://…>``), which nothing inside them can end.
    """
    parts = [
        f"<{piece.text}>" if piece.kind == "url" and not _ENTITY.search(piece.text) else _escaped(piece.text)
        for piece in pieces(one_line(text))
    ]
    whole = "".join(parts)
    if whole.endswith("#"):  # would close a heading
        whole = f"{whole[:-1]}\\#"
    if marker := _MARKER.match(whole):
        first = marker[0]
        whole = f"{first}\\{whole[len(first) :]}" if first[0].isdigit() else f"\\{whole}"
    return Markup(whole)  # noqa: S704  escaped above, for Markdown


def _escaped(text: str) -> str:
    text = _ALWAYS.sub(r"\\\g<0>", text)
    text = _ENTITY.sub(r"\\&", text)
    text = _UNDERSCORE.sub(r"\\_", text)
    text = _BARE_HOST.sub(r"\1\\.", text)
    return text.replace("<", "&lt;").replace(">", "&gt;")


def lines(text: str) -> Markup:
    """``text`` escaped, its line feeds as ``<br>``: for table cells and list entries."""
    return Markup("<br>").join(line(part) for part in clean(text).strip().split("\n"))


def prose(text: str) -> Markup:
    """``text`` escaped, as Markdown paragraphs."""
    return Markup("\n\n").join(Markup("<br>\n").join(map(line, part)) for part in paragraphs(text))


def quoted(text: str) -> Markup:
    """``text`` escaped, as a block quote."""
    return Markup("\n").join(Markup("> ") + part if part else Markup(">") for part in prose(text).split("\n"))
