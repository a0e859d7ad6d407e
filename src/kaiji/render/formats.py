"""The formats of a document. A new format is a function from document to bytes and a line here."""

from collections.abc import Callable

from kaiji.regime.document import DisclosureDocument
from kaiji.render.html import html
from kaiji.render.machine import machine
from kaiji.render.markdown import markdown
from kaiji.render.pdf import pdf

RENDERERS: dict[str, Callable[[DisclosureDocument], bytes]] = {
    "html": html,
    "pdf": pdf,
    "md": markdown,
    "json": machine,
}
"""Extension to renderer, in the order in which formats are listed for a reader."""


def file_name(document: DisclosureDocument, extension: str) -> str:
    """Name of the document's file in the folder of its audience: ``<regime>.<language>.<extension>``."""
    return f"{document.regime.id}.{document.language}.{extension}"
