"""The document as JSON: what a regulator's program reads, and what the PDF is set from."""

import json
from decimal import Decimal

from kaiji.regime.document import DisclosureDocument


def machine(document: DisclosureDocument) -> bytes:
    """``document`` as JSON, UTF-8: keys in the order of the model, two spaces, a line feed at the end."""
    content = _exact(document.model_dump(mode="json", by_alias=True))
    return (json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()


def _exact(value: object) -> object:
    """``value`` with whole floats as integers: 37, not 37.0. Other floats print the shortest text that gives them."""
    if isinstance(value, dict):
        return {name: _exact(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_exact(member) for member in value]
    if isinstance(value, Decimal | float) and value == int(value):
        return int(value)
    return value
