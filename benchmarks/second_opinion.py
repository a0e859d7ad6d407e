"""What a scan must find, worked out a second time: by Polars, a URL parser and the list's own rules, without kaiji.

It shares no code and no method with the scan: every address that is not plain goes whole through the parser, every
distinct host goes through it too, and the rules of the Public Suffix List are matched one by one, as its formal
algorithm says. It is exact for columns of the usual types (sizes: whole numbers; dates: date, timestamp, ISO 8601
text) and does not judge faulty data.

Columns are given as in a manifest: role (url, text, bytes, tokens, language, licence, date) to name.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path

import can_ada
import polars as pl

SPECIAL_SCHEMES = {"http:", "https:", "ws:", "wss:", "ftp:", "file:"}
_WHOLE = "/"
"""Marks a key that is an address and not an authority, which never holds a slash."""
_ISO_FORMATS = ("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M")


def cells(paths: Iterable[str | Path], columns: Mapping[str, str]) -> pl.DataFrame:
    """Sums by language, licence and month of the rows of ``paths``, the shards of one source.

    Columns: language, licence, month (`YYYY-MM`) (String, null where a row has none; a value that is no date has no
    month), documents, bytes, tokens (Int64; bytes and tokens null where no column holds them). Sorted, nulls first.
    """
    keys = ("language", "licence", "month")
    rows = _rows(paths, {role: name for role, name in columns.items() if role != "url"}, keys)
    return _summed(rows, keys).collect(engine="streaming").sort(keys, nulls_last=False)


def domains(paths: Iterable[str | Path], columns: Mapping[str, str]) -> pl.DataFrame:
    """Sums by registrable domain of the rows of ``paths``; ``columns`` must hold the role url.

    Columns: domain (punycode, or a bucket in parentheses, as :func:`domain_of` gives it; `(none)` where the url is
    null), documents, bytes, tokens (Int64, as in :func:`cells`). Sorted.
    """
    wanted = {role: name for role, name in columns.items() if role in ("url", "bytes", "tokens", "text")}
    grouped = _summed(_rows(paths, wanted, ("key",)), ("key",)).collect(engine="streaming")
    found: dict[str, str] = {}
    names = []
    for key in grouped["key"]:
        if key is None:
            names.append("(none)")
            continue
        host = host_of(key[1:] if key[0] == _WHOLE else f"http://{key}/")
        if host not in found:
            found[host] = domain_of(host)
        names.append(found[host])
    sums = grouped.with_columns(pl.Series("domain", names, pl.String)).lazy()
    kept = [name for name in ("bytes", "tokens") if grouped[name].null_count() < len(grouped)]
    again = [pl.col(name).sum() if name in kept else pl.lit(None, pl.Int64).alias(name) for name in ("bytes", "tokens")]
    return sums.group_by("domain").agg(pl.col("documents").sum(), *again).sort("domain").collect()


def host_of(url: str) -> str:
    """Host of ``url`` by the URL Standard: lower case, in punycode; or a bucket for an address without a name.

    Buckets: `(invalid)`, `(no-host)`, `(ip)`, `(opaque)` for a host of a scheme that is not special.
    """
    try:
        parsed = can_ada.parse(url)
    except ValueError:
        return "(invalid)"
    host: str = parsed.hostname
    if host == "":
        return "(no-host)"
    if host[0] == "[":
        return "(ip)"
    if parsed.protocol not in SPECIAL_SCHEMES:
        return "(opaque)"
    # A host whose last label is a number was read as an IPv4 address, or the URL would be invalid.
    return "(ip)" if host.removesuffix(".").rpartition(".")[2].isdecimal() else host


def domain_of(host: str) -> str:
    """Registrable domain of a host of :func:`host_of`, or its bucket; `(suffix)` and `(empty-label)` are added here."""
    if host[0] == "(":
        return host
    labels = host.removesuffix(".").split(".")
    if "" in labels:
        return "(empty-label)"
    taken = suffix_labels(labels)
    return ".".join(labels[-taken - 1 :]) if len(labels) > taken else "(suffix)"


def suffix_labels(labels: Sequence[str]) -> int:
    """How many labels of a name are its public suffix, by the formal algorithm of the list, private section and all.

    An exception rule prevails, else the matching rule of most labels, else the rule `*`.
    """
    names, wildcards, exceptions = _rules()
    longest = 1
    for count in range(1, len(labels) + 1):
        name = ".".join(labels[-count:])
        if name in exceptions:
            return count - 1
        if name in names:
            longest = max(longest, count)
        if name in wildcards and count < len(labels):
            longest = max(longest, count + 1)
    return longest


@cache
def _rules() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Names that are rules, that follow `*.`, and that follow `!`; in punycode."""
    kinds: dict[str, set[str]] = {"": set(), "*.": set(), "!": set()}
    text = (resources.files("publicsuffixlist") / "public_suffix_list.dat").read_text("utf-8")
    for mark, name in re.findall(r"^(?!//)(\*\.|!|)(\S+)", text, re.MULTILINE):
        kinds[mark].add(can_ada.parse(f"https://{name}").hostname)
    return frozenset(kinds[""]), frozenset(kinds["*."]), frozenset(kinds["!"])


def _summed(rows: pl.LazyFrame, keys: Sequence[str]) -> pl.LazyFrame:
    held = rows.collect_schema().names()
    sums = [pl.col(name).sum() if name in held else pl.lit(None, pl.Int64).alias(name) for name in ("bytes", "tokens")]
    return rows.group_by(keys).agg(pl.len().cast(pl.Int64).alias("documents"), *sums)


def _rows(paths: Iterable[str | Path], columns: Mapping[str, str], keys: Sequence[str]) -> pl.LazyFrame:
    """A row for each document, with ``keys`` and what there is of bytes and tokens."""
    wanted = {role: name for role, name in columns.items() if role != "text" or "bytes" not in columns}
    measures = [name for name in ("bytes", "tokens") if name in wanted or (name == "bytes" and "text" in wanted)]
    frames = []
    for frame in _opened([str(path) for path in paths], wanted):
        types = frame.collect_schema()
        made = {
            "language": _word(wanted.get("language")),
            "licence": _word(wanted.get("licence")),
            "month": _month(wanted.get("date"), types),
            "key": _key(wanted.get("url")),
        }
        sizes = [pl.col(wanted[role]).cast(pl.Int64).alias(role) for role in ("bytes", "tokens") if role in wanted]
        if "text" in wanted:
            sizes.append(pl.col(wanted["text"]).str.len_bytes().cast(pl.Int64).alias("bytes"))
        # not select alone: of constants only, that makes a single row
        frames.append(frame.with_columns(*(made[key].alias(key) for key in keys), *sizes).select(*keys, *measures))
    return pl.concat(frames)


def _opened(paths: Sequence[str], columns: Mapping[str, str]) -> list[pl.LazyFrame]:
    """The shards by format. Of JSON Lines, sizes are numbers and all else is text."""
    lines = [path for path in paths if not path.endswith(".parquet")]
    # one by one, because the types may differ from shard to shard
    frames = [pl.scan_parquet(path, hive_partitioning=False) for path in paths if path.endswith(".parquet")]
    if lines:
        schema = {name: pl.Int64() if role in ("bytes", "tokens") else pl.String() for role, name in columns.items()}
        frames.append(pl.scan_ndjson(lines, schema=schema or {"none": pl.String()}))
    return frames


def _word(name: str | None) -> pl.Expr:
    """Text that is not empty."""
    if name is None:
        return pl.lit(None, pl.String)
    text = pl.col(name).cast(pl.String)
    return pl.when(text != "").then(text)


def _month(name: str | None, types: Mapping[str, pl.DataType]) -> pl.Expr:
    if name is None:
        return pl.lit(None, pl.String)
    moment = pl.col(name)
    if isinstance(types[name], pl.String):
        moment = _iso(moment)
    elif isinstance(types[name], pl.Datetime) and types[name].time_zone is not None:
        moment = moment.dt.convert_time_zone("UTC")
    return pl.when(moment.dt.year().is_between(1900, 9999)).then(moment.dt.strftime("%Y-%m"))


def _iso(text: pl.Expr) -> pl.Expr:
    """ISO 8601 text (`2024-05`, a day, or a moment) in UTC; null where it is none. Without an offset it is UTC."""
    day = (
        pl.when(text.str.len_bytes() == 7).then(text + "-01").otherwise(text).str.to_datetime("%Y-%m-%d", strict=False)
    )
    joined = pl.concat_str(text.str.slice(0, 10), pl.lit("T"), text.str.slice(11))
    moments = [
        joined.str.to_datetime(form, strict=False, time_zone="UTC" if "z" in form else None).dt.replace_time_zone(None)
        for form in _ISO_FORMATS
    ]
    return pl.coalesce(day.cast(pl.Datetime("us")), *(moment.cast(pl.Datetime("us")) for moment in moments))


def _key(name: str | None) -> pl.Expr:
    """Enough of an address to tell its host: what stands between `http://` and the next slash, else all of it.

    An address without that slash is taken whole, because white space at its end would be trimmed.
    """
    if name is None:
        return pl.lit(None, pl.String)
    url = pl.col(name).cast(pl.String)
    parts = url.str.splitn("/", 4)
    scheme, empty, authority, rest = (parts.struct.field(f"field_{number}") for number in range(4))
    split = scheme.is_in(["http:", "https:"]) & (empty == "") & (authority != "") & rest.is_not_null()
    return pl.when(split).then(authority).otherwise(pl.lit(_WHOLE) + url)
