"""The section for a model card: the short form of the public documents, between two marker lines."""

import json
import re
from collections.abc import Mapping, Sequence

from kaiji.regime.document import DisclosureDocument
from kaiji.render import layout
from kaiji.render.formats import file_name
from kaiji.render.markdown import rendered
from kaiji.render.text import Piece, clean, pieces
from kaiji.render.wording import long_date, wording

BEGIN, END = "<!-- kaiji:begin -->", "<!-- kaiji:end -->"
"""The lines that stand before and after what kaiji writes in a model card."""
KEYS = ("license", "datasets", "language")
"""Keys of the front matter that kaiji may give, in the order in which it writes them."""

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._/+-]*")
_WORDS_OF_YAML = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
"""What a YAML 1.1 reader takes for something else than text; the language code ``no`` is one of them."""


def model_card(
    documents: Sequence[DisclosureDocument],
    item_ids: Sequence[str],
    front_matter: Mapping[str, object],
    address: str | None,
) -> bytes:
    """A model card with nothing but front matter, a title and the disclosure section, UTF-8.

    Args:
        documents: The public documents, one a language, in order; at least one.
        item_ids: Items shown in full where a document has them; the rest is in the full document.
        front_matter: Texts, or sequences of texts, for some of :data:`KEYS`. Without any there is no front matter.
        address: Where the documents are published (http or https); without it links are relative file names.

    Raises:
        ValueError: there is no document, a key is not one of KEYS, or the address is no http(s) address.
        StageError: a table of a document is no rectangle.
    """
    if not documents:
        raise ValueError("a model card needs a document")
    if address is not None and list(pieces(address)) != [Piece("url", address)]:
        raise ValueError("the address of the documents must be a plain http or https address")
    entries = []
    for document in documents:
        layout.check(document)
        entries.append(
            {
                "document": document,
                "w": wording(document.language),
                "date": long_date(document.date, document.language),
                "items": [item for section in document.sections for item in section.items if item.id in set(item_ids)],
                "file": file_name(document, "html"),
            }
        )
    body = rendered("model_card.md.jinja", entries=entries, address=address, begin=BEGIN, end=END)
    return _front_matter(front_matter).encode() + body


def _front_matter(values: Mapping[str, object]) -> str:
    unknown = set(values) - set(KEYS)
    if unknown:
        raise ValueError(f"not a key of the front matter: {', '.join(sorted(unknown))}")
    lines = []
    for key in (key for key in KEYS if key in values):
        value = values[key]
        if isinstance(value, str):
            lines.append(f"{key}: {_scalar(value)}\n")
        elif isinstance(value, Sequence) and value:
            lines += [f"{key}:\n", *(f"- {_scalar(str(member))}\n" for member in value)]
    return "".join(["---\n", *lines, "---\n\n"]) if lines else ""


def _scalar(text: str) -> str:
    """``text`` as YAML that readers of 1.1 and 1.2 take for the same text; a JSON string is YAML."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS_OF_YAML
    return text if plain else json.dumps(clean(text), ensure_ascii=False)
