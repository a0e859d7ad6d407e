# ruff: noqa: S608  (SQL is put together from our own texts and paths of the private folder)
"""Partials added up: the cells of a source, and the domains of all sources that one table tells of together.

The cache keeps what was merged last in each place. The next scan starts from there and adds only partials that are
new and takes away those that are gone, which is exact, because all sizes are whole numbers.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache as cached
from functools import partial as given
from importlib import metadata
from itertools import chain
from pathlib import Path
from typing import NamedTuple, cast

from kaiji.errors import ConservationError
from kaiji.scan import domains, phases, sql
from kaiji.scan.cache import Cache, DamagedError
from kaiji.scan.engine import Engine, literals
from kaiji.scan.facts import Facts
from kaiji.scan.partials import Partial, digest_of_code

KIND = "merged"
_KEYS_AT_ONCE = 50_000
_FILES_AT_ONCE = 1000
_MERGERS = ("domains.py", "merge.py", "sql.py")
"""Modules whose text decides what is merged."""
Open = Callable[[Partial, Engine], Partial]
"""Gives a partial with its files."""
Added = Callable[[Engine, Path | None, Sequence[Partial], Sequence[Partial]], Path]
"""What was merged last (if anything), with the new partials and without those that are gone."""


class Addition(NamedTuple):
    """How one kind of table is made of partials."""

    table: str
    way: str
    """Digest of the code and of what it uses: a change there merges all partials anew."""
    added: Added


def slot(*names: object) -> str:
    """Key under which the cache keeps what was merged last of the source, or group of sources, that has these names."""
    return hashlib.blake2b(json.dumps([str(name) for name in names]).encode(), digest_size=20).hexdigest()


def load_rules(engine: Engine, suffixes: domains.SuffixList) -> None:
    """Puts the rules of the list, and a table of parsed authorities, into an engine that does not have them yet."""
    if engine.rows("SELECT 1 FROM duckdb_tables() WHERE table_name = 'rules'"):
        return
    engine.rows(sql.RULES)
    engine.rows(sql.PARSED)
    # Lists, not Arrow: for so few values loading Arrow's part of the engine would cost more than all the rest.
    columns = dict(zip("abcde", map(list, zip(*suffixes.rules, strict=True)), strict=True))
    engine.rows(f"INSERT INTO rules SELECT {', '.join(f'unnest(${name})' for name in columns)}", columns)


def merge(
    engine: Engine,
    addition: Addition,
    partials: Sequence[Partial],
    *,
    open_partial: Open,
    cache: Cache | None = None,
    slot: str = "",
) -> Path:
    """Adds up ``partials``, from what the ``cache`` keeps in ``slot`` if that is less work, and keeps the result there.

    Returns a Parquet file in the private folder. Raises :class:`ConservationError` when it does not add up to the facts
    of the partials.
    """
    wanted = Counter(partial.key for partial in partials)
    by_key = {partial.key: partial for partial in partials}
    about = {"members": dict(sorted(wanted.items())), "way": addition.way}
    base, before = _base(engine, addition, cache, slot, about) if cache else (None, Counter[str]())
    gone: list[Partial] = []
    if base is not None and cache is not None:
        try:
            removed = (before - wanted).elements()
            gone = [open_partial(Partial(key, Facts(), None), engine) for key in removed]
        except LookupError:
            base, before, gone = None, Counter(), []
    new = [open_partial(by_key[key], engine) for key in sorted((wanted - before).elements())]
    merged = base if base is not None and not (new or gone) else addition.added(engine, base, new, gone)
    total = Facts()
    for partial in partials:
        total = total.plus(partial.facts)
    _conserved(engine, merged, total)
    if cache is not None and merged is not base:
        try:
            cache.put(KIND, slot, {addition.table: merged}, about)
        except OSError as error:
            cache.notices.append(f"the cache cannot be written ({error.strerror}); the next scan will have more to add")
    return merged


def of_cells() -> Addition:
    """The cells of a source: language, licence, month, documents, bytes, tokens (see :mod:`kaiji.scan.partials`)."""
    return Addition("cells", _way_of_merging(""), _added_cells)


def of_domains(suffixes: domains.SuffixList) -> Addition:
    """The domains of one or several sources: domain, documents, bytes, tokens (int64; 0 where not measured).

    A domain is a registrable one, in punycode, or a bucket in parentheses: ``(none)`` no address, ``(invalid)`` no URL
    of the WHATWG standard, ``(no-host)`` a scheme without authority or with an empty host, ``(opaque)`` host of a
    non-special scheme, ``(ip)`` an address, ``(suffix)`` a public suffix itself or a single label, ``(empty-label)`` a
    name with an empty label. In no order. The partials must have authorities.
    """
    return Addition("domains", _way_of_merging(_digest(suffixes)), given(_added_domains, suffixes))


@cached
def _digest(suffixes: domains.SuffixList) -> str:
    return hashlib.blake2b(repr(suffixes).encode(), digest_size=20).hexdigest()


@cached
def _way_of_merging(rules: str) -> str:
    import duckdb

    return digest_of_code(_MERGERS, duckdb.__version__, metadata.version("can-ada"), rules)


def _base(
    engine: Engine, addition: Addition, cache: Cache, slot: str, about: Mapping[str, object]
) -> tuple[Path | None, "Counter[str]"]:
    """What was merged last and of which partials, when it helps."""
    record = cache.record(KIND, slot)
    if record is None or record.get("way") != about["way"]:
        return None, Counter()
    before, wanted = Counter(record["members"]), Counter(cast("dict[str, int]", about["members"]))
    if 2 * ((wanted - before).total() + (before - wanted).total()) > wanted.total():
        return None, Counter()
    try:
        files = cache.files(KIND, slot, engine.folder)
    except DamagedError:
        files = None
    if files is None or addition.table not in files:
        return None, Counter()
    return files[addition.table], before


def _added_cells(engine: Engine, base: Path | None, new: Sequence[Partial], gone: Sequence[Partial]) -> Path:
    found = list(_reads([one.cells for one in new], [one.cells for one in gone], sql.CELLS))
    if base is not None:
        found.append(sql.read(literals([base]), sql.CELLS))
    return engine.write(sql.added(_union(found), *sql.CELLS), "merged", packed_by=sql.PACKED_CELLS)


def _added_domains(
    suffixes: domains.SuffixList, engine: Engine, base: Path | None, new: Sequence[Partial], gone: Sequence[Partial]
) -> Path:
    load_rules(engine, suffixes)
    authorities = _union(_reads([one.authorities for one in new], [one.authorities for one in gone], ("authority",)))
    added = sql.added(authorities, "authority")
    engine.rows(f"CREATE OR REPLACE TEMP TABLE merged AS SELECT *, {sql.MERGED_BARE} FROM ({added})")
    phases.end("merge")
    _parse_odd(engine)
    found = [sql.domains_of(suffixes.labels)]
    if base is not None:
        found.append(sql.read(literals([base]), ("domain",)))
    merged_domains = engine.write(sql.added(_union(found), "domain"), "merged", packed_by=sql.PACKED_DOMAINS)
    engine.rows("DROP TABLE merged")
    phases.end("domains")
    return merged_domains


def _reads(new: Iterable[Sequence[Path]], gone: Iterable[Sequence[Path]], columns: Sequence[str]) -> Iterable[str]:
    for groups, take_away in ((new, False), (gone, True)):
        paths = literals(list(chain.from_iterable(groups)))
        for at in range(0, len(paths), _FILES_AT_ONCE):
            yield sql.read(paths[at : at + _FILES_AT_ONCE], columns, take_away=take_away)


def _union(queries: Iterable[str]) -> str:
    return " UNION ALL ".join(queries)


def _parse_odd(engine: Engine) -> None:
    """Adds to ``parsed`` the authorities of ``merged`` that are not bare hosts; those of earlier tables are there."""
    engine.rows(sql.FOLDED)
    engine.rows(sql.ODD)
    ((total,),) = engine.rows("SELECT count(*) FROM odd")
    for at in range(0, cast("int", total), _KEYS_AT_ONCE):
        chunk = engine.rows(f"SELECT * FROM odd WHERE rowid >= {at} AND rowid < {at + _KEYS_AT_ONCE}")
        hosts = [domains.host_of(str(url)) for _, url in chunk]
        values = {"a": [key for key, _ in chunk], "b": [host for host, _ in hosts], "c": [one for _, one in hosts]}
        lists = ", ".join(f"unnest(CAST(${name} AS VARCHAR[]))" for name in values)
        engine.rows(f"INSERT INTO parsed SELECT {lists}", values)
    engine.rows("DROP TABLE odd")


def _conserved(engine: Engine, table: Path, total: Facts) -> None:
    """Compares what was written with the totals of the partials."""
    sums = ", ".join(f"coalesce(sum({name}), 0)" for name in ("documents", "bytes", "tokens"))
    (written,) = engine.rows(f"SELECT {sums} FROM read_parquet({literals([table])[0]})")
    if tuple(written) != (total.documents, total.bytes, total.tokens):
        raise ConservationError("the parts do not add up to the totals of the sources")
