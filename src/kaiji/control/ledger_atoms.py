"""Sizes that a publication was true of, kept beside the ledger: exact, confidential, and named by their digest."""

import gzip
import hashlib
import json
import zlib
from typing import TYPE_CHECKING

from kaiji.errors import LedgerError
from kaiji.provenance.summarise import FACETS

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "kaiji/ledger-atoms/v1"
_TEXTS = (*FACETS, "source_id", "owner", "holder", "measure")
_COLUMNS = (*_TEXTS, "known", "size")
_LEVEL = 6
"""Of gzip. The digest is that of the plain text, so no version of zlib changes it."""


def text(frame: "pd.DataFrame") -> bytes:
    """The rows of :attr:`kaiji.control.atoms.Atoms.frame` as lines of JSON, in an order of their own."""
    columns = [frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in _COLUMNS]
    rows = sorted(_json(list(row)) for row in zip(*columns, strict=True))
    return "".join(f"{line}\n" for line in (_json({"schema": SCHEMA, "columns": _COLUMNS}), *rows)).encode()


def frame(content: bytes, where: str) -> "pd.DataFrame":
    """The rows that :func:`text` wrote, numbered from 0.

    Raises:
        LedgerError: they are of another form, as a later version may write it.
    """
    import pandas as pd

    first, *lines, _ = content.decode().split("\n")  # splitlines() would divide a name at U+0085
    if json.loads(first) != {"schema": SCHEMA, "columns": list(_COLUMNS)}:
        raise LedgerError(f"{where}: the sizes are of no known form; use the kaiji that wrote them")
    rows = json.loads(f"[{','.join(lines)}]")
    values = list(zip(*rows, strict=True)) if rows else [()] * len(_COLUMNS)
    data = dict(zip(_COLUMNS, values, strict=True))
    texts = {name: pd.Series(data[name], dtype="str") for name in _TEXTS}
    numbers = {"known": pd.Series(data["known"], dtype="bool"), "size": pd.Series(data["size"], dtype="int64")}
    return pd.DataFrame({**texts, **numbers})


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
