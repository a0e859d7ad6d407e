"""index.html: which documents there are, by language and format, with relative links."""

from collections.abc import Sequence
from urllib.parse import quote

from kaiji.regime.document import DisclosureDocument
from kaiji.render.formats import RENDERERS, file_name
from kaiji.render.html import rendered
from kaiji.render.wording import long_date, wording


def index(
    documents: Sequence[DisclosureDocument],
    formats: Sequence[str] = tuple(RENDERERS),
    others: Sequence[str] = (),
) -> bytes:
    """The page that lists ``documents`` (at least one, of one audience), UTF-8.

    Args:
        documents: In the order in which they are listed; the first one's language is that of the page.
        formats: Extensions that were written for every document.
        others: Names of further files in the same folder: annexes, checksums.

    Raises:
        ValueError: there is no document.
    """
    if not documents:
        raise ValueError("an index needs a document")
    entries = [
        {
            "document": document,
            "w": wording(document.language),
            "date": long_date(document.date, document.language),
            "files": [(extension, _address(file_name(document, extension))) for extension in formats],
        }
        for document in documents
    ]
    languages = list(dict.fromkeys(document.language for document in documents))
    return rendered(
        "index.html.jinja",
        language=languages[0],
        w=wording(languages[0]),
        headings=[(language, wording(language)["index_title"]) for language in languages],
        banners=list(dict.fromkeys((document.language, mark) for document in documents for mark in document.marks)),
        entries=entries,
        others=[(name, _address(name)) for name in others],
    )


def _address(name: str) -> str:
    """``name`` as a relative address: ``./`` keeps a colon in it from being read as a scheme."""
    return f"./{quote(name)}"
