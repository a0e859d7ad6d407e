# ruff: noqa: S608  (SQL is put together from our own texts; names and paths from outside pass through `quoted`)
"""SQL of the scan: what is read from a row, how rows become partials, and how partials become results.

Roles are the keys of ``files.columns``. A month is a number, ``year * 12 + month - 1``; -1 stands for a value that
is no date. A size that is negative or no whole number of 64 bits ends the query with an error that names the role
(:data:`ERROR_MARK`), because a shard counts whole or not at all.
"""

from collections.abc import Mapping, Sequence

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


_SIZED = ("bytes", "tokens")


def not_negative(column: str, role: str) -> str:
    """``column``, or an error for a negative value."""
    refuse = f"CAST(error({quoted(ERROR_MARK + 'negative:' + role)}) AS BIGINT)"
    return f"CASE WHEN {column} < 0 THEN {refuse} ELSE {column} END"


def moment(column: str, kind: str) -> str:
    """Column of dates as a TIMESTAMP in UTC, null where it is no date; text is read as ISO 8601.

    Text without an offset counts as UTC; `2023-05` counts as its first day.
    """
    if kind == "TIMESTAMPTZ_NS":
        # The engine has no direct way from it.
        return f"CAST(CAST({column} AS TIMESTAMP_NS) AS TIMESTAMP)"
    if kind in ("DATE", '"NULL"') or (kind.startswith("TIMESTAMP") and "TIME ZONE" not in kind):
        return f"CAST({column} AS TIMESTAMP)"
    if "TIME ZONE" in kind and kind.startswith("TIMESTAMP"):
        # The session's time zone is UTC.
        return f"CAST({column} AS TIMESTAMP)"
    value = text(column, kind)
    return f"""CAST(CASE WHEN strlen({value}) = 7 THEN TRY_CAST({value} || '-01' AS TIMESTAMPTZ)
        WHEN ascii({value}) BETWEEN 48 AND 57 THEN TRY_CAST({value} AS TIMESTAMPTZ) END AS TIMESTAMP)"""


def rows(relation: str, columns: Mapping[str, str], *, checked: bool = True) -> str:
    """One row for each document: language, licence, month, authority, bytes, tokens; ``columns`` maps roles to SQL.

    Roles: ``url``, ``language``, ``licence`` (text), ``bytes``, ``tokens`` (BIGINT), ``dated`` (true where the date
    column holds something), ``moment`` (TIMESTAMP). A role that is not there is null. A negative size is an error where
    it is ``checked``, which the first query of a shard does.
    """
    absent = {"bytes": "BIGINT", "tokens": "BIGINT", "moment": "TIMESTAMP", "dated": "BOOLEAN"}
    roles = ("url", "language", "licence", "bytes", "tokens", "dated", "moment")
    nothing = {role: f"CAST(NULL AS {absent.get(role, 'VARCHAR')})" for role in roles}
    first = ", ".join(f"{columns.get(role, nothing[role])} AS {role}_" for role in roles)
    sizes = ", ".join(f"{not_negative(f'{name}_', name) if checked else f'{name}_'} AS {name}" for name in _SIZED)
    # What is needed more than once is told in a query of its own: in an expression it would be told each time.
    inner = f"SELECT {first} FROM {relation}"
    inner = f"SELECT *, year(moment_) AS year_, {plain_host('url_')} AS host_ FROM ({inner})"
    return f"""SELECT nullif(language_, '') AS language, nullif(licence_, '') AS licence,
        CASE WHEN dated_ THEN CASE WHEN year_ BETWEEN 1900 AND 9999
            THEN CAST(year_ * 12 + month(moment_) - 1 AS INTEGER) ELSE -1 END END AS month,
        {authority("url_", "host_") if "url" in columns else "CAST(NULL AS VARCHAR)"} AS authority,
        {sizes} FROM ({inner})"""


def plain_host(url: str) -> str:
    """The host of a plain address (see :func:`authority`); empty for any other, null for none."""
    return f"regexp_extract({url}, {_PLAIN_URL}, 1)"


def authority(url: str, host: str) -> str:
    """Key of an address: enough of it to tell its host, and the same for many addresses.

    Three kinds, told apart by their first character: empty for no address (null); the host itself where the address is
    plain (scheme, host of ASCII letters, digits, dots and hyphens, a short port or none, a slash), which is nearly
    always; chr(1) and the address up to the end of its authority, so that the parser sees what ends it. An address
    without a scheme has the key chr(1) alone: without a base it is never valid. ``host`` is :func:`plain_host` of the
    address, told beforehand.
    """
    other = f"chr(1) || regexp_extract({url}, {_UP_TO_AUTHORITY})"
    return f"CASE WHEN {host} <> '' THEN {host} WHEN {url} IS NULL THEN '' ELSE {other} END"


PARTIAL = """CREATE OR REPLACE TEMP TABLE partial (by_cell BOOLEAN, language VARCHAR, licence VARCHAR,
    month INTEGER, authority VARCHAR, documents BIGINT, bytes HUGEINT, tokens HUGEINT,
    with_bytes BIGINT, with_tokens BIGINT)"""
_SIZES = "CAST(coalesce(bytes, 0) AS BIGINT) AS bytes, CAST(coalesce(tokens, 0) AS BIGINT) AS tokens"
_LACKING = "documents - with_bytes AS no_bytes, documents - with_tokens AS no_tokens"
"""Rows that lack a size: nearly always none, which takes no room."""


def cells(rows_sql: str) -> str:
    """The rows of a shard by language, licence and month."""
    grouped = f"SELECT language, licence, month, {AGGREGATES} FROM ({rows_sql}) GROUP BY language, licence, month"
    return f"SELECT language, licence, month, documents, {_SIZES}, {_LACKING} FROM ({grouped})"


def authorities(rows_sql: str) -> str:
    """The rows of a shard by authority."""
    sums = "count(*) AS documents, sum(bytes) AS bytes, sum(tokens) AS tokens"
    return f"SELECT authority, documents, {_SIZES} FROM (SELECT authority, {sums} FROM ({rows_sql}) GROUP BY authority)"


def both(rows_sql: str) -> str:
    """Fills ``partial`` with what :func:`cells` and :func:`authorities` give, for what should be read only once."""
    return f"""INSERT INTO partial SELECT grouping(language) = 0, language, licence, month, authority, {AGGREGATES}
        FROM ({rows_sql}) GROUP BY GROUPING SETS ((language, licence, month), (authority))"""


CELLS_OF_BOTH = f"SELECT language, licence, month, documents, {_SIZES}, {_LACKING} FROM partial WHERE by_cell"
AUTHORITIES_OF_BOTH = f"SELECT authority, documents, {_SIZES} FROM partial WHERE NOT by_cell"


def facts(cells: str, authorities: str | None) -> str:
    """Fields of :class:`kaiji.scan.facts.Facts`, in order, of a partial with these two files (literals)."""
    addresses = f"(SELECT count(*) FROM read_parquet({authorities}) WHERE authority <> '')" if authorities else "0"
    totals = ", ".join(f"coalesce(CAST(sum({name}) AS HUGEINT), 0)" for name in _TOTALS)
    return f"""SELECT {totals}, count(language), count(licence), count(month), {addresses},
        coalesce(CAST(sum(documents) FILTER (month = -1) AS HUGEINT), 0) FROM read_parquet({cells})"""


_TOTALS = ("documents", "bytes", "tokens", "documents - no_bytes", "documents - no_tokens")


def has_row_of_nothing(cells: str, authorities: str | None) -> str:
    """True when a row may have nothing in any mapped column; never false when one has."""
    lacking = "no_bytes > 0 AND no_tokens > 0"
    of_cell = (
        f"SELECT 1 FROM read_parquet({cells}) WHERE coalesce(language, licence) IS NULL AND month IS NULL AND {lacking}"
    )
    of_address = f"SELECT 1 FROM read_parquet({authorities}) WHERE authority = ''" if authorities else "SELECT 1"
    return f"SELECT EXISTS ({of_cell}) AND EXISTS ({of_address})"


_ADDED = ", ".join(f"CAST(sum({name}) AS BIGINT) AS {name}" for name in ("documents", "bytes", "tokens"))


def added(relation: str, *keys: str) -> str:
    """The rows of ``relation`` (keys, documents, bytes, tokens) added up by ``keys``.

    Without the rows of nothing that remain when a shard was taken away again. A sum beyond 64 bits is an error.
    """
    by = ", ".join(keys)
    # Of what is added and taken away, the number of documents may balance where their sizes do not.
    something = " OR ".join(f"sum({name}) <> 0" for name in ("documents", "bytes", "tokens"))
    return f"SELECT {by}, {_ADDED} FROM ({relation}) GROUP BY {by} HAVING {something}"


def read(paths: Sequence[str], columns: Sequence[str], *, take_away: bool = False) -> str:
    """The rows of Parquet files (paths as literals); with ``take_away``, their sizes negative."""
    sign = "-" if take_away else ""
    sizes = ", ".join(f"{sign}{name} AS {name}" for name in ("documents", "bytes", "tokens"))
    return f"SELECT {', '.join(columns)}, {sizes} FROM read_parquet([{', '.join(paths)}], hive_partitioning = false)"


CELLS = ("language", "licence", "month")
"""Keys of a cell."""
PACKED_CELLS, PACKED_AUTHORITIES, PACKED_DOMAINS = ", ".join(CELLS), "documents, authority", "documents, domain"
"""Orders in which tables take an eighth to a quarter less room."""

_BARE = r"'([a-z0-9_-]+\.)*[a-z][a-z0-9_-]*'"
"""A host that is its own serialisation: nothing to fold, no address, no label that must be checked."""
MERGED_BARE = f"regexp_full_match(authority, {_BARE}) AND NOT contains(authority, 'xn--') AS bare"
PARSED = "CREATE TABLE parsed (authority VARCHAR, host VARCHAR, bucket VARCHAR)"
RULES = "CREATE TABLE rules (suffix VARCHAR, normal BOOLEAN, wildcard BOOLEAN, exception BOOLEAN, longer BOOLEAN)"
FOLDED = rf"""INSERT INTO parsed SELECT authority, rtrim(lower(authority), '.'), NULL
    FROM merged ANTI JOIN parsed USING (authority) WHERE NOT bare AND NOT contains(lower(authority), 'xn--')
    AND regexp_full_match(lower(authority), {_BARE[:-1]}\.?')"""
"""What only has to be folded to lower case, or ends with a dot."""
ODD = """CREATE OR REPLACE TEMP TABLE odd AS SELECT authority, CASE WHEN authority[1] = chr(1) THEN authority[2:]
    ELSE 'http://' || authority || '/' END AS address FROM merged ANTI JOIN parsed USING (authority)
    WHERE NOT bare AND authority <> ''"""
"""What SQL cannot read for certain, with the address to parse."""


def domains_of(labels: int) -> str:
    """Rows of ``merged`` (authority, bare, documents, bytes, tokens) with their registrable domain, or bucket.

    By the longest rule of ``rules``, whose longest suffix has ``labels`` labels. An exception rule takes one label
    off; a wildcard adds one, if the host has it; without a rule the last label is the suffix. A suffix of more than two
    labels is only put together and looked up where a rule says that there is a longer one, which is seldom.
    """
    nested = """SELECT documents, bytes, tokens, p.bucket, CASE WHEN bare THEN m.authority ELSE p.host END AS host
        FROM merged m LEFT JOIN parsed p ON p.authority = CASE WHEN NOT bare THEN m.authority END"""
    nested = f"SELECT *, string_split(host, '.') AS labels FROM ({nested})"
    nested = f"SELECT *, labels[-1] AS s1, labels[-2] || '.' || labels[-1] AS s2 FROM ({nested})"
    kept = "{0}.normal AS normal{1}, {0}.wildcard AS wildcard{1}, {0}.exception AS exception{1}"
    nested = f"""SELECT h.*, {kept.format("a", 1)}, {kept.format("b", 2)}, b.longer
        FROM ({nested}) h LEFT JOIN rules a ON a.suffix = s1 LEFT JOIN rules b ON b.suffix = s2"""
    for k in range(3, labels + 1):
        key = f"CASE WHEN longer THEN labels[-{k}] || '.' || s{k - 1} END"
        nested = f"""SELECT h.* EXCLUDE (longer), {kept.format("r", k)}, r.longer
            FROM (SELECT *, {key} AS s{k} FROM ({nested})) h LEFT JOIN rules r ON r.suffix = s{k}"""
    cases = " ".join(
        f"WHEN exception{k} THEN {k - 1} WHEN len(labels) > {k} AND wildcard{k} THEN {k + 1} WHEN normal{k} THEN {k}"
        for k in range(labels, 0, -1)
    )
    return f"""SELECT CASE WHEN bucket IS NOT NULL THEN bucket WHEN host IS NULL THEN '(none)'
            WHEN taken = 1 THEN coalesce(s2, '(suffix)') WHEN len(labels) <= taken THEN '(suffix)'
            ELSE array_to_string(labels[len(labels) - taken:], '.') END AS domain, documents, bytes, tokens
        FROM (SELECT *, CASE {cases} ELSE 1 END AS taken FROM ({nested}))"""


NO_CELLS = """(SELECT '' AS filename, NULL::VARCHAR AS language, NULL::VARCHAR AS licence, NULL::INTEGER AS month,
    0 AS documents, 0 AS bytes, 0 AS tokens WHERE false)"""


def cells_of_release(relation: str) -> str:
    """Cells with their source and modality, in order; ``relation`` has those of merged sources and, for each, b and t,
    which tell whether bytes and tokens were measured."""
    return f"""SELECT source_id, modality, language, licence,
        CASE WHEN month >= 0 THEN printf('%04d-%02d', month // 12, month % 12 + 1) END AS month,
        CAST(sum(documents) AS BIGINT) AS documents,
        CASE WHEN b THEN CAST(sum(bytes) AS BIGINT) END AS bytes,
        CASE WHEN t THEN CAST(sum(tokens) AS BIGINT) END AS tokens
        FROM {relation} GROUP BY source_id, modality, language, licence, 5, b, t
        ORDER BY source_id, modality, language NULLS FIRST, licence NULLS FIRST, month NULLS FIRST"""
