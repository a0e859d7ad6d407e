"""What every renderer of pages needs to know of a document beside its blocks: runs of answers, names of parts."""

import re
from collections.abc import Sequence
from itertools import groupby

from kaiji.errors import StageError
from kaiji.regime.blocks import TextBlock
from kaiji.regime.document import DisclosureDocument

_NOT_IN_NAME = re.compile(r"[^A-Za-z0-9_.-]+")


def document_id(document: DisclosureDocument) -> str:
    """Name of the document: regime, language, audience, release and date."""
    parts = (document.regime.id, document.language, document.audience, document.release.id, str(document.date))
    return "/".join(parts)


def runs(blocks: Sequence[TextBlock]) -> list[tuple[str, list[TextBlock]]]:
    """``blocks`` in order as (type, blocks): neighbouring yes/no answers together, every other block alone."""
    found: list[tuple[str, list[TextBlock]]] = []
    for kind, group in groupby(blocks, key=lambda block: block.type):
        members = list(group)
        found += [(kind, members)] if kind == "yes_no" else [(kind, [member]) for member in members]
    return found


def names(document: DisclosureDocument) -> dict[tuple[int, int | None], str]:
    """Name of each section (number, None) and item (section number, item number), unique in the page.

    Made of the ids, so that a link to an item outlives a change of order.
    """
    found: dict[tuple[int, int | None], str] = {}
    taken: set[str] = set()

    def name(prefix: str, own_id: str) -> str:
        wanted = candidate = f"{prefix}-{_NOT_IN_NAME.sub('-', own_id)}"
        number = 2
        while candidate in taken:
            candidate, number = f"{wanted}-{number}", number + 1
        taken.add(candidate)
        return candidate

    for place, section in enumerate(document.sections):
        found[place, None] = name("section", section.id)
        for number, item in enumerate(section.items):
            found[place, number] = name("item", item.id)
    return found


def check(document: DisclosureDocument) -> None:
    """Make sure that every table is a rectangle: a missing cell would move all that follow it.

    Raises:
        StageError: a row is shorter or longer than the head.
    """
    for section in document.sections:
        for item in section.items:
            for block in item.blocks:
                if block.type == "table" and any(len(row) != len(block.columns) for row in block.rows):
                    raise StageError(f"item {item.id}: a table row has not as many cells as the table has columns")
