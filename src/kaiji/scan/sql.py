# ruff: noqa: S608  (SQL is put together from our own texts; names and paths from outside pass through `quoted`)
"""SQL of the scan: what is read from a row, how rows become partials, and how partials become results.

Roles are the keys of ``files.columns``. A month is a number, ``year * 12 + month - 1``; -1 stands for a value that
is no date. A size that is negative or no whole number of 64 bits ends the query with an error that names the role
(:data:`ERROR_MARK`), because a shard counts whole or not at all.
"""

from collections.abc import Mapping

INT64_MAX = 2**63 - 1
ERROR_MARK = "kaiji:"
AGGREGATES = """count(*) AS documents, sum(bytes) AS bytes, sum(tokens) AS tokens,
    count(bytes) AS with_bytes, count(tokens) AS with_tokens"""

_PLAIN_URL = r"'^https?://([A-Za-z0-9._-]+)(?::[0-9]{1,4})?/'"
_UP_TO_AUTHORITY = r"""'^[\x00-\x20]*[A-Za-z][A-Za-z0-9+.\-\t\n\r]*:[/\\\t\n\r]*[^/\\?#]*[/\\?#]?'"""
_INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
_WIDE = {"UBIGINT", "HUGEINT", "UHUGEINT"}


def quoted(text: str) -> str:
    """``text`` as a string literal."""
    return "'" + text.replace("'", "''") + "'"


def text(column: str, kind: str) -> str:
    """Column as text; bytes without a declared encoding must be UTF-8."""
    if kind == "VARCHAR":
        return column
    return f"decode({column})" if kind == "BLOB" else f"CAST({column} AS VARCHAR)"


def text_size(column: str, kind: str) -> str | None:
    """Length of a text column in bytes of UTF-8; ``None`` when the type holds no text."""
    if kind == "BLOB":
        return f"octet_length({column})"
    if kind in ("VARCHAR", '"NULL"', "JSON") or kind.startswith("ENUM"):
        # bit_length checks the encoding of a Parquet string; strlen alone does not.
        return f"bit_length(CAST({column} AS VARCHAR)) // 8"
    return None


def size(column: str, kind: str, role: str) -> str | None:
    """Column of sizes as BIGINT; ``None`` when the type holds no numbers.

    Whole numbers of any numeric type count, and text that is one; NaN stands for a missing value, as pandas
    writes it. A float counts below 2^53 only: above that it cannot tell neighbours apart.
    """
    refuse = f"CAST(error({quoted(ERROR_MARK + 'size:' + role)}) AS BIGINT)"
    whole_float = "{0} = trunc({0}) AND abs({0}) < 9007199254740992"
    if kind in _INTEGERS:
        value = f"CAST({column} AS BIGINT)"
    elif kind == '"NULL"':
        return "CAST(NULL AS BIGINT)"
    elif kind in _WIDE:
        value = f"CASE WHEN {column} > {INT64_MAX} THEN {refuse} ELSE TRY_CAST({column} AS BIGINT) END"
    elif kind in ("FLOAT", "DOUBLE"):
        value = f"""CASE WHEN {column} IS NULL OR isnan({column}) THEN NULL
            WHEN {whole_float.format(column)} THEN TRY_CAST({column} AS BIGINT) ELSE {refuse} END"""
    elif kind.startswith("DECIMAL"):
        value = f"""CASE WHEN {column} IS NULL THEN NULL WHEN {column} = trunc({column})
            THEN coalesce(TRY_CAST({column} AS BIGINT), {refuse}) ELSE {refuse} END"""
    elif kind == "VARCHAR":
        as_float = f"TRY_CAST({column} AS DOUBLE)"
        value = f"""CASE WHEN {column} IS NULL THEN NULL
            WHEN CAST(TRY_CAST({column} AS BIGINT) AS VARCHAR) = {column} THEN TRY_CAST({column} AS BIGINT)
            WHEN {whole_float.format(as_float)} THEN TRY_CAST({as_float} AS BIGINT) ELSE {refuse} END"""
    else:
        return None
    return value


def not_negative(column: str, role: str) -> str:
    """``column``, or an error for a negative value."""
    refuse = f"CAST(error({quoted(ERROR_MARK + 'negative:' + role)}) AS BIGINT)"
    return f"CASE WHEN {column} < 0 THEN {refuse} ELSE {column} END"


def moment(column: str, kind: str) -> str:
    """Column of dates as a TIMESTAMP in UTC, null where it is no date; text is read as ISO 8601.

    Text without an offset counts as UTC; `2023-05` counts as its first day.
    """
    if kind in ("DATE", '"NULL"') or (kind.startswith("TIMESTAMP") and "TIME ZONE" not in kind):
        return f"CAST({column} AS TIMESTAMP)"
    if "TIME ZONE" in kind and kind.startswith("TIMESTAMP"):
        # The session's time zone is UTC.
        return f"CAST({column} AS TIMESTAMP)"
    value = text(column, kind)
    return f"""CAST(CASE WHEN strlen({value}) = 7 THEN TRY_CAST({value} || '-01' AS TIMESTAMPTZ)
        WHEN ascii({value}) BETWEEN 48 AND 57 THEN TRY_CAST({value} AS TIMESTAMPTZ) END AS TIMESTAMP)"""


def rows(relation: str, columns: Mapping[str, str]) -> str:
    """One row for each document: language, licence, month, authority, bytes, tokens; ``columns`` maps roles to SQL.

    Roles: ``url``, ``language``, ``licence`` (text), ``bytes``, ``tokens`` (BIGINT), ``dated`` (true where the date
    column holds something), ``moment`` (TIMESTAMP). A role that is not there is null.
    """
    absent = {"bytes": "BIGINT", "tokens": "BIGINT", "moment": "TIMESTAMP", "dated": "BOOLEAN"}
    roles = ("url", "language", "licence", "bytes", "tokens", "dated", "moment")
    nothing = {role: f"CAST(NULL AS {absent.get(role, 'VARCHAR')})" for role in roles}
    first = ", ".join(f"{columns.get(role, nothing[role])} AS {role}_" for role in roles)
    return f"""SELECT nullif(language_, '') AS language, nullif(licence_, '') AS licence,
        CASE WHEN dated_ THEN CASE WHEN year(moment_) BETWEEN 1900 AND 9999
            THEN CAST(year(moment_) * 12 + month(moment_) - 1 AS INTEGER) ELSE -1 END END AS month,
        {authority("url_") if "url" in columns else "CAST(NULL AS VARCHAR)"} AS authority,
        {not_negative("bytes_", "bytes")} AS bytes, {not_negative("tokens_", "tokens")} AS tokens
        FROM (SELECT {first} FROM {relation})"""


def authority(url: str) -> str:
    """Key of an address: enough of it to tell its host, and the same for many addresses.

    Three kinds, told apart by their first character: empty for no address (null); the host itself where the address is
    plain (scheme, host of ASCII letters, digits, dots and hyphens, a short port or none, a slash), which is nearly
    always; chr(1) and the address up to the end of its authority, so that the parser sees what ends it. An
    address without a scheme has the key chr(1) alone: without a base it is never valid.
    """
    plain = f"regexp_extract({url}, {_PLAIN_URL}, 1)"
    return f"""CASE WHEN {url} IS NULL THEN '' WHEN {plain} <> '' THEN {plain}
        ELSE chr(1) || regexp_extract({url}, {_UP_TO_AUTHORITY}) END"""


PARTIAL = """CREATE OR REPLACE TEMP TABLE partial (by_cell BOOLEAN, language VARCHAR, licence VARCHAR,
    month INTEGER, authority VARCHAR, documents BIGINT, bytes HUGEINT, tokens HUGEINT,
    with_bytes BIGINT, with_tokens BIGINT)"""


def cells_of(rows_sql: str) -> str:
    """Adds the rows of a shard to its partial, by language, licence and month."""
    return f"""INSERT INTO partial SELECT true, language, licence, month, NULL, {AGGREGATES}
        FROM ({rows_sql}) GROUP BY language, licence, month"""


def authorities_of(rows_sql: str) -> str:
    """Adds the rows of a shard to its partial, by authority."""
    return f"""INSERT INTO partial SELECT false, NULL, NULL, NULL, authority, {AGGREGATES}
        FROM ({rows_sql}) GROUP BY authority"""


def both_of(rows_sql: str) -> str:
    """As :func:`cells_of` and :func:`authorities_of` together, for what can or should be read only once."""
    return f"""INSERT INTO partial SELECT grouping(language) = 0, language, licence, month, authority, {AGGREGATES}
        FROM ({rows_sql}) GROUP BY GROUPING SETS ((language, licence, month), (authority))"""


TABLES = """
CREATE TABLE cells (source INTEGER, shard INTEGER, language VARCHAR, licence VARCHAR, month INTEGER,
    documents BIGINT, bytes BIGINT, tokens BIGINT);
CREATE TABLE pending (shard INTEGER, authority VARCHAR, documents BIGINT, bytes BIGINT, tokens BIGINT);
CREATE TABLE authorities (source INTEGER, authority VARCHAR, documents BIGINT, bytes BIGINT, tokens BIGINT);
CREATE TABLE sources (source INTEGER, source_id VARCHAR, has_bytes BOOLEAN, has_tokens BOOLEAN);
"""

HAS_ROW_OF_NOTHING = """SELECT bool_or(by_cell AND language IS NULL AND licence IS NULL AND month IS NULL AND lacking)
    AND (bool_and(by_cell) OR bool_or(NOT by_cell AND authority = '' AND lacking))
    FROM (SELECT *, with_bytes < documents AND with_tokens < documents AS lacking FROM partial)"""
"""True when a row may have nothing in any mapped column; never false when one has."""

FACTS = """SELECT by_cell, CAST(sum(documents) AS HUGEINT), sum(bytes), sum(tokens),
    CAST(sum(with_bytes) AS HUGEINT), CAST(sum(with_tokens) AS HUGEINT),
    count(*) FILTER (by_cell AND language IS NOT NULL), count(*) FILTER (by_cell AND licence IS NOT NULL),
    count(*) FILTER (by_cell AND month IS NOT NULL), count(*) FILTER (NOT by_cell AND authority <> ''),
    CAST(coalesce(sum(documents) FILTER (by_cell AND month = -1), 0) AS HUGEINT)
    FROM partial GROUP BY by_cell ORDER BY by_cell DESC"""

KEEP_CELLS = """INSERT INTO cells SELECT $source, $shard, language, licence, month, documents,
    CAST(bytes AS BIGINT), CAST(tokens AS BIGINT) FROM partial WHERE by_cell"""
KEEP_AUTHORITIES = """INSERT INTO pending SELECT $shard, authority, documents, CAST(bytes AS BIGINT),
    CAST(tokens AS BIGINT) FROM partial WHERE NOT by_cell"""
MERGE_AUTHORITIES = """INSERT INTO authorities SELECT $source, authority, CAST(sum(documents) AS BIGINT),
    CAST(sum(bytes) AS BIGINT), CAST(sum(tokens) AS BIGINT) FROM pending GROUP BY authority"""

_SIZES = """CAST(sum(documents) AS BIGINT) AS documents,
    CASE WHEN has_bytes THEN coalesce(CAST(sum(bytes) AS BIGINT), 0) END AS bytes,
    CASE WHEN has_tokens THEN coalesce(CAST(sum(tokens) AS BIGINT), 0) END AS tokens"""

CELLS = f"""SELECT source_id, language, licence,
    CASE WHEN month >= 0 THEN printf('%04d-%02d', month // 12, month % 12 + 1) END AS month, {_SIZES}
    FROM cells JOIN sources USING (source) GROUP BY source_id, language, licence, 4, has_bytes, has_tokens
    ORDER BY source_id, language NULLS FIRST, licence NULLS FIRST, month NULLS FIRST"""

KEYS = """CREATE TABLE keys AS SELECT authority, CASE WHEN authority = '' THEN '(none)' END AS bucket,
    CASE WHEN regexp_full_match(host, '([a-z0-9_-]+\\.)*[a-z][a-z0-9_-]*\\.?') AND NOT contains(host, 'xn--')
        THEN rtrim(host, '.') END AS host
    FROM (SELECT DISTINCT authority, lower(authority) AS host FROM authorities)"""
ODD_KEYS = """SELECT authority, CASE WHEN authority[1] = chr(1) THEN authority[2:]
    ELSE 'http://' || authority || '/' END FROM keys WHERE host IS NULL AND bucket IS NULL"""
PARSED = "CREATE TEMP TABLE parsed (authority VARCHAR, host VARCHAR, bucket VARCHAR)"
RULES = "CREATE TEMP TABLE rules (suffix VARCHAR, normal BOOLEAN, wildcard BOOLEAN, exception BOOLEAN)"


def registrable(labels: int) -> str:
    """Table ``registrable`` (host, domain) by the longest rule; ``labels`` is the length of the longest suffix.

    An exception rule takes one label off; a wildcard adds one, if the host has it; without a rule the last label
    is the suffix. The domain is null for a host that is itself a suffix.
    """
    depths = range(labels, 0, -1)
    joins = " ".join(
        f"LEFT JOIN rules r{k} ON r{k}.suffix = array_to_string(labels[-{k}:], '.') AND n >= {k}" for k in depths
    )
    cases = " ".join(
        f"WHEN r{k}.exception THEN {k - 1} WHEN n > {k} AND r{k}.wildcard THEN {k + 1} WHEN r{k}.normal THEN {k}"
        for k in depths
    )
    return f"""CREATE TABLE registrable AS
        SELECT host, CASE WHEN n > taken THEN array_to_string(labels[n - taken:], '.') END AS domain
        FROM (SELECT host, labels, n, CASE {cases} ELSE 1 END AS taken
            FROM (SELECT host, string_split(host, '.') AS labels, len(string_split(host, '.')) AS n
                FROM (SELECT DISTINCT coalesce(parsed.host, keys.host) AS host
                    FROM keys LEFT JOIN parsed USING (authority)) WHERE host IS NOT NULL) {joins})"""


DOMAINS = f"""SELECT source_id, coalesce(parsed.bucket, keys.bucket, r.domain, '(suffix)') AS domain, {_SIZES}
    FROM authorities JOIN sources USING (source) JOIN keys USING (authority)
    LEFT JOIN parsed USING (authority) LEFT JOIN registrable r ON r.host = coalesce(parsed.host, keys.host)
    GROUP BY source_id, 2, has_bytes, has_tokens ORDER BY 1, 2"""
