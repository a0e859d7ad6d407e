"""The scan of a release: every source that names files, shard by shard, into exact cells and domains.

A shard counts whole or not at all, and its partial is merged only when the file did not change meanwhile, so the
result depends neither on the order, the number nor the format of the shards.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, cast

from kaiji.errors import ConservationError, ManifestError, StageError
from kaiji.findings import Finding, Place, in_order
from kaiji.manifest.models import Columns, DataSource
from kaiji.scan import domains, jsonl, sql
from kaiji.scan.engine import Engine
from kaiji.scan.failure import ShardError
from kaiji.scan.files import DataFile, Found, find
from kaiji.scan.fingerprint import fingerprint, sha256
from kaiji.scan.result import ScanResult, Shard, SourceScan
from kaiji.scan.shards import Facts, missing, read, roles

Progress = Callable[[int, int], None]
_KEYS_AT_ONCE = 50_000
_MEASURES = {"bytes": {"bytes", "text"}, "tokens": {"tokens"}}
"""Measure to the roles that serve it."""


def run(
    sources: Sequence[DataSource],
    root: Path,
    *,
    data_roots: Sequence[str | Path] = (),
    out_dir: Path,
    memory: str | None = None,
    temp_dir: Path | None = None,
    progress: Progress | None = None,
) -> ScanResult:
    """Scans the ``sources`` that name files and writes `cells.parquet` and `domains.parquet` into ``out_dir``.

    ``root`` is the folder of release.yaml and ``data_roots`` the further folders in which data may lie (relative to
    ``root`` or absolute); ``memory`` limits the engine (`2GB`), ``temp_dir`` takes what it spills; ``progress`` is
    called with the shards done and the shards in all.

    Raises :class:`ManifestError` (KJ109) before anything is read when a path leaves the allowed folders,
    :class:`InputError` for an unusable ``memory`` or ``temp_dir``, :class:`StageError` when a total passes 64 bits
    or the engine fails, :class:`ConservationError` when parts do not add up to the whole. Whatever is wrong with
    the data is a finding, and what cannot be read is not counted.
    """
    observed = [source for source in sources if source.files is not None]
    found = [find(source, root, data_roots) for source in observed]
    if outside := [finding for one in found for finding in one.outside]:
        raise ManifestError(in_order(outside))
    findings = [finding for one in found for finding in one.findings]
    plans, twice = _planned(observed, found)
    findings.extend(twice)
    done, total = 0, sum(len(plan.files) for plan in plans)
    scans: list[SourceScan] = []
    with Engine([file.real for plan in plans for file in plan.files], memory, temp_dir) as engine:
        for number, plan in enumerate(plans):
            scan = _SourceReader(engine, number, plan)
            for file in plan.files:
                scan.take(file)
                done += 1
                if progress:
                    progress(done, total)
            scans.append(scan.finish())
            findings.extend(scan.findings)
        suffixes = domains.suffix_list()
        _resolve_domains(engine, suffixes)
        cells, table = out_dir / "cells.parquet", out_dir / "domains.parquet"
        with_url = {plan.source.id for plan in plans if "url" in plan.mapped}
        engine.export(sql.CELLS, cells, partial(_conserved, scans))
        engine.export(sql.DOMAINS, table, partial(_conserved, [one for one in scans if one.source_id in with_url]))
        return ScanResult(
            sources=tuple(sorted(scans, key=lambda scan: scan.source_id)),
            cells=cells,
            domains=table,
            findings=in_order(findings),
            engine=engine.version,
            psl_version=suffixes.version,
            psl_date=suffixes.date,
        )


class _Plan(NamedTuple):
    source: DataSource
    files: tuple[DataFile, ...]
    mapped: dict[str, str]
    """Role to column, of the columns that are read."""
    whole: bool
    """False when a file of the source is known beforehand not to be counted."""


def _planned(observed: Sequence[DataSource], found: Sequence[Found]) -> tuple[list[_Plan], list[Finding]]:
    """What each source reads. A file that two sources name is counted in the first, and is a finding."""
    first: dict[Path, str] = {}
    plans: list[_Plan] = []
    findings: list[Finding] = []
    for source, one in zip(observed, found, strict=True):
        own = tuple(file for file in one.files if first.setdefault(file.real, source.id) == source.id)
        for file in one.files:
            if file not in own:
                message = "the file is named by more than one source; only the first counts it"
                detail = f"{first[file.real]}, {source.id}"
                findings.append(Finding(id="KJ211", message=message, place=Place(file=file.name), detail=detail))
        whole = len(own) == len(one.files) and not one.findings
        columns = source.files.columns if source.files else Columns()
        plans.append(_Plan(source, own, roles(columns), whole))
    return plans, findings


class _SourceReader:
    """Reads the shards of one source and keeps what they add up to."""

    def __init__(self, engine: Engine, number: int, plan: _Plan) -> None:
        self.engine, self.number, self.plan = engine, number, plan
        self.findings: list[Finding] = []
        self.complete = plan.whole
        self.counted: list[tuple[DataFile, Shard, Facts]] = []
        self.measured = {name: bool(served & plan.mapped.keys()) for name, served in _MEASURES.items()}
        values = {"source": number, "id": plan.source.id, **self.measured}
        engine.rows("INSERT INTO sources VALUES ($source, $id, $bytes, $tokens)", values)

    def take(self, file: DataFile) -> None:
        """Reads a shard; it counts whole, or it is a finding."""
        try:
            before = fingerprint(file.real)
            if file.format == "jsonl" and before[0][1] == 0 and file.compression == "uncompressed":
                digest, facts = sha256(file.real), Facts()
                self.engine.connection.execute(sql.PARTIAL)
            elif before and file.format != "datasets" and before[0][1] == 0:
                raise ShardError("KJ201", "the file is empty")
            else:
                digest, facts = sha256(file.real), read(self.engine, file, self.plan.mapped)
            if fingerprint(file.real) != before:
                raise ShardError("KJ201", "the file changed while it was read")
        except ShardError as error:
            self._refuse(file, error)
            return
        number = len(self.counted)
        self.engine.rows(sql.KEEP_CELLS, {"source": self.number, "shard": number})
        self.engine.rows(sql.KEEP_AUTHORITIES, {"shard": number})
        self.counted.append((file, Shard(path=file.name, sha256=digest, documents=facts.documents), facts))
        if not facts.documents:
            self.findings.append(Finding(id="KJ203", message="the file has no rows", place=Place(file=file.name)))

    def finish(self) -> SourceScan:
        """Judges the source as a whole and merges its shards."""
        self._drop_without_key()
        parameters = {"source": self.number}
        self.engine.rows(sql.MERGE_AUTHORITIES, parameters)
        self.engine.rows("TRUNCATE pending")
        total = Facts()
        for _, _, facts in self.counted:
            total = total.plus(facts)
        if max(total.bytes, total.tokens) > sql.INT64_MAX:
            raise StageError("the sizes of a source add up to more than 64 bits hold")
        self._judge(total)
        return SourceScan(
            source_id=self.plan.source.id,
            shards=tuple(sorted((shard for _, shard, _ in self.counted), key=lambda shard: shard.path)),
            documents=total.documents,
            bytes=total.bytes if self.measured["bytes"] else None,
            tokens=total.tokens if self.measured["tokens"] else None,
            rows_with_bytes=total.with_bytes if self.measured["bytes"] else None,
            rows_with_tokens=total.with_tokens if self.measured["tokens"] else None,
            complete=self.complete,
        )

    def _refuse(self, file: DataFile, error: ShardError) -> None:
        self.findings.append(error.finding(file.name))
        self.complete = False

    def _drop_without_key(self) -> None:
        """A key that no JSONL line of the source has is a missing column; those shards do not count then.

        It is judged over all JSONL shards together: a key that is rare may be missing from one of them.
        """
        held = enumerate(self.counted)
        lines = [(at, file) for at, (file, _, facts) in held if file.format == "jsonl" and facts.documents]
        total = Facts()
        for at, _ in lines:
            total = total.plus(self.counted[at][2])
        for role, key in self.plan.mapped.items():
            if not lines or total.values(role) or any(self._has_key(file, key) for _, file in lines):
                continue
            for at, file in lines:
                names = jsonl.some_keys(self.engine, self.engine.link(file.real), file.compression)
                self._refuse(file, missing(role, key, names))
                parameters = {"source": self.number, "shard": at}
                self.engine.rows("DELETE FROM cells WHERE source = $source AND shard = $shard", parameters)
                self.engine.rows("DELETE FROM pending WHERE shard = $shard", {"shard": at})
            dropped = {at for at, _ in lines}
            self.counted = [kept for at, kept in enumerate(self.counted) if at not in dropped]
            return

    def _has_key(self, file: DataFile, key: str) -> bool:
        import duckdb

        try:
            return jsonl.has_key(self.engine, self.engine.link(file.real), file.compression, key)
        except duckdb.Error:
            # It was read whole before and has gone or changed since: then nothing can be said against it.
            return True

    def _judge(self, total: Facts) -> None:
        if not total.documents:
            return
        for role in self.plan.mapped:
            if not total.values(role):
                self._note("KJ206", role, "the column holds no value")
        for name, having in (("bytes", total.with_bytes), ("tokens", total.with_tokens)):
            role = "text" if name == "bytes" and "text" in self.plan.mapped else name
            if role in self.plan.mapped and 0 < having < total.documents:
                detail = f"{total.documents - having} of {total.documents} rows"
                self._note("KJ210", role, f"some rows have no size in {name}", detail)
        if total.no_dates:
            self._note("KJ208", "date", "some values are no date", f"{total.no_dates} of {total.documents} rows")

    def _note(self, rule: str, role: str, message: str, detail: str | None = None) -> None:
        place = self.plan.source.place
        key = f"files.columns.{role}"
        located = place.model_copy(update={"key": f"{place.key}.{key}" if place.key else key})
        self.findings.append(Finding(id=rule, message=message, place=located, detail=detail))


def _resolve_domains(engine: Engine, suffixes: domains.SuffixList) -> None:
    """Fills `keys`, `parsed` and `registrable` for all authorities."""
    engine.rows(sql.KEYS)
    engine.rows(sql.PARSED)
    engine.rows(sql.RULES)
    # Lists, not Arrow: for so few values loading Arrow's part of the engine would cost more than all the rest.
    columns = dict(zip("abcd", map(list, zip(*suffixes.rules, strict=True)), strict=True))
    engine.rows("INSERT INTO rules SELECT unnest($a), unnest($b), unnest($c), unnest($d)", columns)
    # A second cursor: the first one inserts while this one is read.
    cursor = engine.connection.cursor()
    cursor.execute(sql.ODD_KEYS)
    while chunk := cast("list[tuple[str, str]]", cursor.fetchmany(_KEYS_AT_ONCE)):
        hosts = [domains.host_of(url) for _, url in chunk]
        values = {"a": [key for key, _ in chunk], "b": [host for host, _ in hosts], "c": [one for _, one in hosts]}
        lists = ", ".join(f"unnest(CAST(${name} AS VARCHAR[]))" for name in values)
        engine.rows(f"INSERT INTO parsed SELECT {lists}", values)
    engine.rows(sql.registrable(max(rule.suffix.count(".") + 1 for rule in suffixes.rules)))


def _conserved(scans: Iterable[SourceScan], rows: Iterable[tuple[object, ...]]) -> None:
    """Compares what was written, added up by source, with the totals of the shards that were counted."""
    written = {str(source_id): sizes for source_id, *sizes in rows}
    for scan in scans:
        expected = [scan.documents, scan.bytes, scan.tokens]
        if scan.documents == 0:
            expected = [None, None, None]
        if written.pop(scan.source_id, [None, None, None]) != expected:
            raise ConservationError("the parts of a source do not add up to its totals")
    if written:
        raise ConservationError("rows were written for a source that has none")
