"""Sizes that a publication was true of, kept beside the ledger: exact, confidential, and named by their digest."""

import gzip
import hashlib
import json
import zlib
from typing import TYPE_CHECKING, Any

from kaiji.errors import LedgerError
from kaiji.provenance.summarise import FACETS

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "kaiji/ledger-atoms/v1"
_TEXTS = (*FACETS, "source_id", "owner", "holder", "measure")
_NUMBERS = ("known", "size")
_LEVEL = 6
"""Of gzip. The digest is that of the plain text, so no version of zlib changes it."""


def text(frame: "pd.DataFrame") -> bytes:
    """The rows of :attr:`kaiji.control.atoms.Atoms.frame` as lines of JSON, one for each column, in an order of their
    own: the same rows give the same bytes."""
    import numpy as np
    import pandas as pd

    kinds = {name: sorted(frame[name].dropna().unique().tolist()) for name in _TEXTS}
    columns = {name: pd.Categorical(frame[name], categories=known).codes for name, known in kinds.items()}
    columns |= {name: frame[name].to_numpy(dtype="int64") for name in _NUMBERS}
    order = np.lexsort([columns[name] for name in reversed(columns)])
    lines = [_json({"schema": SCHEMA, "columns": list(columns)})]
    lines += (_json({"kinds": kinds.get(name), "rows": column[order].tolist()}) for name, column in columns.items())
    return "".join(f"{line}\n" for line in lines).encode()


def frame(content: bytes, where: str) -> "pd.DataFrame":
    """The rows that :func:`text` wrote, numbered from 0.

    Raises:
        LedgerError: they are of another form, as a later version may write it.
    """
    import numpy as np
    import pandas as pd

    first, *lines, _ = content.decode().split("\n")  # splitlines() would divide a name at U+0085
    if json.loads(first) != {"schema": SCHEMA, "columns": [*_TEXTS, *_NUMBERS]}:
        raise LedgerError(f"{where}: the sizes are of no known form; use the kaiji that wrote them")
    found: dict[str, pd.Series[Any]] = {}
    for name, line in zip((*_TEXTS, *_NUMBERS), lines, strict=True):
        column = json.loads(line)
        rows = np.array(column["rows"], dtype="int64")
        if name in _NUMBERS:
            found[name] = pd.Series(rows)
        else:  # -1, the last one, is not known
            found[name] = pd.Series(np.array([*column["kinds"], None], dtype=object)[rows], dtype="str")
    return pd.DataFrame(found).astype({"known": bool})


def digest(content: bytes) -> str:
    """SHA-256 (hex) of the plain text: the name of the file that keeps it."""
    return hashlib.sha256(content).hexdigest()


def packed(content: bytes) -> bytes:
    """The file that keeps ``content``."""
    return gzip.compress(content, _LEVEL, mtime=0)


def unpacked(packed: bytes, expected: str, where: str) -> bytes:
    """The plain text in a file.

    Raises:
        LedgerError: the file is damaged, or holds something else than its name says.
    """
    try:
        content = gzip.decompress(packed)
    except (OSError, EOFError, zlib.error):
        content = b""
    if digest(content) != expected:
        raise LedgerError(f"{where}: the sizes of an earlier publication are damaged; restore them from a copy")
    return content


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
