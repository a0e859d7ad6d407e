"""The partial of a shard: what it adds up to, by cell and by authority, whichever release or source it belongs to.

Two Parquet files: `cells` with language, licence (string), month (int32, see :mod:`kaiji.scan.sql`), documents,
bytes, tokens (int64, 0 where nothing was measured), and `authorities` with authority (see
:func:`kaiji.scan.sql.authority`), documents, bytes, tokens; the latter only where a url column is mapped. Authorities,
not domains: a new Public Suffix List then needs no new scan.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from kaiji.scan.cache import Cache
from kaiji.scan.engine import Engine
from kaiji.scan.facts import Facts
from kaiji.scan.failure import ShardError
from kaiji.scan.files import DataFile

KIND = "partials"
_READERS = (
    "arrow.py",
    "attached.py",
    "bounds.py",
    "facts.py",
    "jsonl.py",
    "partials.py",
    "shards.py",
    "sql.py",
    "tokenizer.py",
)
"""Modules whose text decides what a partial holds."""


class Partial(NamedTuple):
    """The partial of one shard (or of several, with Spark and where shards were read together)."""

    key: str
    """Names its content: shards of one key have the same partial."""
    facts: Facts
    sha256: str | None
    """SHA-256 of the shard, where it was asked for."""
    cells: tuple[Path, ...] = ()
    """Files in the private folder; none of a partial that the cache holds and that was not opened yet."""
    authorities: tuple[Path, ...] = ()


class Refused(NamedTuple):
    """A shard that does not count, and why: for those who merge partials without reading shards."""

    key: str
    error: ShardError


def key(identity: str, file: DataFile, mapped: Mapping[str, str], tokenizer: str | None) -> str:
    """Key of the partial of ``file``: its content (``identity``) and everything that decides how it is read.

    ``mapped`` is role to column, ``tokenizer`` the key of the tokenizer that counts. Nothing of the key can be
    read back: it is a hash, because the cache names its files so.
    """
    told = [_way_of_reading(), identity, file.format, file.compression, sorted(mapped.items()), tokenizer]
    return hashlib.blake2b(json.dumps(told, ensure_ascii=False).encode("utf-8"), digest_size=20).hexdigest()


@cache
def _way_of_reading() -> str:
    """Digest of the code that reads shards, and of the engine's version: a change there makes partials anew."""
    import duckdb

    return digest_of_code(_READERS, duckdb.__version__)


def digest_of_code(modules: Iterable[str], *versions: str) -> str:
    """Digest of the text of ``modules`` of this package, and of the ``versions`` of what they use."""
    digest = hashlib.blake2b(" ".join(versions).encode(), digest_size=20)
    for name in modules:
        digest.update((resources.files("kaiji.scan") / name).read_bytes())
    return digest.hexdigest()


def keep(cache: Cache, partial: Partial | Refused) -> None:
    """Puts ``partial`` into the cache; only its record when it came from there. Raises :class:`OSError`."""
    if isinstance(partial, Refused):
        cache.put(KIND, partial.key, {}, {"refused": vars(partial.error)})
        return
    record = {"facts": partial.facts._asdict(), "sha256": partial.sha256}
    if not partial.cells:
        cache.amend(KIND, partial.key, record)
        return
    files = {"cells": partial.cells, "authorities": partial.authorities}
    cache.put(KIND, partial.key, {name: paths[0] for name, paths in files.items() if paths}, record)


def kept(cache: Cache, key: str) -> Partial | None:
    """The partial of ``key`` as the cache has it, not yet opened; None when it has none."""
    record = cache.record(KIND, key)
    if record is None or "refused" in record:
        return None
    try:
        found = Partial(key, Facts(**record["facts"]), record["sha256"])
    except (LookupError, TypeError):
        found = None
    if found is None or any(type(value) is not int for value in found.facts):
        cache.spoilt(KIND, key)
        return None
    return found


def refused(cache: Cache, key: str) -> ShardError | None:
    """Why the shard of ``key`` did not count when its partial was to be made; None when that is not known."""
    record = cache.record(KIND, key)
    return None if record is None or "refused" not in record else ShardError(**record["refused"])


def opened(cache: Cache, partial: Partial, engine: Engine) -> Partial | None:
    """``partial`` with its files linked into the private folder; None when the cache has lost it.

    Raises :class:`kaiji.scan.cache.DamagedError`.
    """
    files = cache.files(KIND, partial.key, engine.folder)
    if files is None or "cells" not in files:
        return None
    authorities = (files["authorities"],) if "authorities" in files else ()
    return partial._replace(cells=(files["cells"],), authorities=authorities)
