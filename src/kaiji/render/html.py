"""One self-contained HTML page: no script, nothing loaded from anywhere, readable on paper and on a phone."""

import re
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from kaiji.regime.document import DisclosureDocument
from kaiji.render import layout
from kaiji.render.chart import svg
from kaiji.render.templates import formats_folder
from kaiji.render.text import clean, one_line, paragraphs, pieces
from kaiji.render.wording import long_date, wording

if TYPE_CHECKING:
    from jinja2 import Environment


def html(document: DisclosureDocument) -> bytes:
    """``document`` as a page, UTF-8.

    Raises:
        StageError: a table of the document is no rectangle.
    """
    layout.check(document)
    words = wording(document.language)
    particulars = {
        "model": document.release.model,
        "provider": document.provider,
        "date": long_date(document.date, document.language),
    }
    return rendered(
        "document.html.jinja",
        document=document,
        w=words,
        names=layout.names(document),
        document_id=layout.document_id(document),
        long_date=particulars["date"],
        description=words["description"].format(**{name: one_line(text) for name, text in particulars.items()}),
    )


def rendered(template: str, **values: object) -> bytes:
    """The template of that name in ``formats/`` with ``values``, as UTF-8 with a line feed at the end."""
    text: str = _environment().get_template(template).render(**values)
    return (text.rstrip("\n") + "\n").encode()


def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(formats_folder()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
        finalize=lambda value: clean(value) if type(value) is str else value,
    )
    environment.filters |= {"linked": linked, "lines": lines, "paragraphs": paragraphs, "css_string": css_string}
    environment.globals |= {"runs": layout.runs, "svg": _svg}
    return environment


def _svg(chart: object, name: str) -> Markup:
    return Markup(svg(chart, name))  # type: ignore[arg-type]  # noqa: S704  every text in it is escaped by svg


def linked(text: str) -> Markup:
    """``text`` escaped, with its http(s) and e-mail addresses as links; nothing else ever becomes one."""
    target = {"url": Markup('<a href="{0}">{0}</a>'), "email": Markup('<a href="mailto:{0}">{0}</a>')}
    return Markup("").join(
        _breakable(piece.text) if piece.kind == "text" else target[piece.kind].format(piece.text)
        for piece in pieces(clean(text))
    )


_LONG = re.compile(r"([!-~]{25,})")
"""A digest, a path, a long identifier: it may break anywhere, where a word of a language may not."""


def _breakable(text: str) -> Markup:
    long = Markup('<span class="long">{0}</span>')
    return Markup("").join(
        long.format(part) if _LONG.fullmatch(part) else escape(part) for part in _LONG.split(text) if part
    )


def lines(text: str) -> Markup:
    """``text`` linked, its line feeds as ``br``."""
    return Markup("<br>").join(linked(line) for line in clean(text).strip().split("\n"))


def css_string(text: str) -> Markup:
    """``text`` as a CSS string: every character but ASCII letters and digits as an escape."""
    safe = (c if c.isascii() and c.isalnum() else f"\\{ord(c):x} " for c in one_line(text))
    return Markup('"{}"').format(Markup("").join(Markup(part) for part in safe))  # noqa: S704  only \, hex, space
