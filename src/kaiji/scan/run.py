"""The scan of a release: every source that names files, shard by shard, into exact cells and domains.

A shard counts whole or not at all, and its partial counts only when the file did not change meanwhile, so the
result depends neither on the order, the number nor the format of the shards, nor on what the cache held.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from kaiji.errors import InputError, StageError
from kaiji.findings import Finding, in_order
from kaiji.manifest.models import DataSource
from kaiji.scan import domain_table, domains, merge, phases
from kaiji.scan.cache import Cache
from kaiji.scan.crawled_domains import CrawledSources, ranked
from kaiji.scan.domain_groups import Group, grouped, has_domains
from kaiji.scan.domain_table import DomainFiles, PartOfTable
from kaiji.scan.engine import Engine, private_folder, shares, side_by_side, spread
from kaiji.scan.export import export_cells
from kaiji.scan.files import DataFile
from kaiji.scan.options import DUCKDB, Options
from kaiji.scan.partials import Partial
from kaiji.scan.plan import PlaceOf, Plan, planned
from kaiji.scan.reader import Outcome, Reader, all_cached
from kaiji.scan.result import ScanResult, Shard
from kaiji.scan.source import Source, of_outcomes

Progress = Callable[[int, int], None]
_FEW_HOSTS = 10_000_000
"""Authorities of all partials that one thread adds up in some seconds; several need half as much CPU more for them."""


def run(
    sources: Sequence[DataSource],
    root: Path,
    *,
    data_roots: Sequence[str | Path] = (),
    out_dir: Path,
    options: Options = Options(),  # noqa: B008  (a NamedTuple cannot be changed)
    progress: Progress | None = None,
    domain_files: DomainFiles | None = None,
    place_of: PlaceOf | None = None,
    crawled: CrawledSources | None = None,
) -> ScanResult:
    """Scans the ``sources`` that name files and writes `cells.parquet` into ``out_dir``.

    ``root`` is the folder of release.yaml and ``data_roots`` the further folders in which data may lie (relative to
    ``root`` or absolute); ``progress`` is called with the shards done and the shards in all;
    ``domain_files`` asks for the domain table and the largest names (:mod:`kaiji.scan.domain_table`); ``place_of`` says
    where a key of a source stands; ``crawled`` asks for the largest names of some sources. Without either, no domain is
    told.

    Raises :class:`ManifestError` (KJ109) before anything is read when a path leaves the allowed folders,
    :class:`InputError` for an option that cannot be used, :class:`StageError` when a total passes 64 bits
    or the engine fails, :class:`ConservationError` when parts do not add up to the whole. Whatever is wrong with
    the data is a finding, and what cannot be read is not counted.
    """
    plans, findings = planned(sources, root, data_roots, place_of)
    jobs = [(plan, file) for plan in plans for file in plan.files]
    asked = crawled or CrawledSources(frozenset())
    with private_folder(options.temp_dir) as folder:
        reading = _by_spark if options.engine != DUCKDB else _by_duckdb
        read = reading(plans, folder, options, progress)
        phases.end("scan")
        suffixes = domains.suffix_list()
        files = [file for _, file in jobs]

        def merged(engine: Engine, addition: merge.Addition, partials: Sequence[Partial], *place: object) -> Path:
            slot = merge.slot(root.absolute(), addition.table, *place)
            return merge.merge(engine, addition, partials, open_partial=read.opened, cache=read.cache, slot=slot)

        def cells_of(engine: Engine, one: tuple[Plan, Source]) -> Path:
            plan, source = one
            place = (plan.source.id, sorted(plan.mapped.items()), plan.tokenizer_key)
            return merged(engine, merge.of_cells(), source.partials, *place)

        def domains_of(engine: Engine, one: tuple[Group, Sequence[Partial]]) -> PartOfTable:
            group, partials = one
            place = ("crawled" if crawled else "all", *group)
            table = merged(engine, merge.of_domains(suffixes), partials, *place)
            return PartOfTable(table, group.modality, group.has_bytes, group.has_tokens)

        with _engines(options, folder, files, len(plans), packed=read.cache is not None) as engines:
            found = list(zip(plans, read.sources(engines[0]), strict=True))
            findings.extend(finding for _, source in found for finding in source.findings)
            counted = [(plan, source) for plan, source in found if source.partials]
            parts = list(spread(engines, cells_of, counted))
            cells = [(plan, source.scan, one) for (plan, source), one in zip(counted, parts, strict=True)]
        groups = grouped(counted, asked.sources, crawled_only=domain_files is None)
        hosts = sum(partial.facts.addresses for partials in groups.values() for partial in partials)
        threads = 1 if hosts <= _FEW_HOSTS else None
        with _engines(options, folder, files, len(groups), packed=read.cache is not None, threads=threads) as engines:
            tables = dict(zip(groups, spread(engines, domains_of, groups.items()), strict=True))
        (share,) = shares(options.memory, 1, checked=True)
        share = share._replace(threads=threads or share.threads)
        with Engine(folder, (), share) as engine:
            phases.end("merge")
            cells_file = export_cells(engine, cells, out_dir)
            top = domain_table.write(engine, list(tables.values()), domain_files) if domain_files else ()
            own = [part for group, part in tables.items() if group.crawled]
            ranks = ranked(folder, own, private_suffixes=asked.private_suffixes, share=share)
            phases.end("write")
        return ScanResult(
            sources=tuple(sorted((source.scan for _, source in found), key=lambda scan: scan.source_id)),
            cells=cells_file,
            addressed=frozenset(plan.source.id for plan, source in found if has_domains(plan, source)),
            findings=in_order(findings),
            engine=read.version,
            psl_version=suffixes.version,
            psl_date=suffixes.date,
            tokenizers=tuple(sorted({f"{t.name}, {t.library}" for t in (plan.tokenizer for plan in plans) if t})),
            top_domains=top,
            crawled=ranks,
            notices=tuple(read.notices),
        )


@contextmanager
def _engines(
    options: Options, folder: Path, files: Sequence[DataFile], jobs: int, *, packed: bool, threads: int | None = None
) -> Iterator[list[Engine]]:
    """Engines that merge, for so many jobs; each with so many ``threads`` if given."""
    # With a bound on the memory one after the other, so that each has all of it and spills less.
    each = shares(options.memory, max(1, jobs) if options.memory is None else 1, checked=True)
    each = [share._replace(threads=threads or share.threads) for share in each]
    with side_by_side(folder, files, each, packed=packed) as engines:
        yield engines


class _Read(NamedTuple):
    """What an engine read, source by source."""

    sources: Callable[[Engine], Iterator[Source]]
    opened: merge.Open
    cache: Cache | None
    version: str
    notices: list[str]


def _by_duckdb(plans: Sequence[Plan], folder: Path, options: Options, progress: Progress | None) -> _Read:
    reader, outcomes = _read([(plan, file) for plan in plans for file in plan.files], folder, options, progress)
    all_cached(outcomes)
    following = iter(outcomes)

    def sources(engine: Engine) -> Iterator[Source]:
        for plan in plans:
            yield of_outcomes(engine, plan, [next(following) for _ in plan.files])

    return _Read(sources, reader.opened, options.cache, reader.engines[0].version, reader.notices)


def _by_spark(plans: Sequence[Plan], folder: Path, options: Options, progress: Progress | None) -> _Read:
    """Partials of Spark are those of whole sources, so nothing is taken from the cache or kept there."""
    from kaiji.scan.spark import SparkEngine

    total = sum(len(plan.files) for plan in plans)
    done = 0
    found: list[Source] = []
    with SparkEngine(options.engine, folder, options.memory) as spark:
        for number, plan in enumerate(plans):
            one = spark.read(plan, number, digests=options.digests)
            files = [file for file in plan.files if file.name in one.documents]
            shards = [
                Shard(path=file.name, sha256=one.digests.get(file.name), documents=one.documents[file.name])
                for file in files
            ]
            whole = Partial(str(number), one.facts, None, one.cells, one.authorities)
            found.append(Source(plan, shards, [whole] if shards else [], one.refused))
            done += len(plan.files)
            if progress:
                progress(done, total)
        return _Read(lambda _: iter(found), lambda partial, _: partial, None, spark.version, [])


def run_part(
    sources: Sequence[DataSource],
    root: Path,
    part: tuple[int, int],
    *,
    data_roots: Sequence[str | Path] = (),
    options: Options,
    progress: Progress | None = None,
    place_of: PlaceOf | None = None,
) -> tuple[list[Finding], tuple[str, ...], int]:
    """Makes the partials of every n-th shard, from the i-th on, in the cache of ``options``; ``part`` is (i, n).

    i counts from 1. Returns what is wrong with these shards, notices, and the number of shards that count.
    Raises as :func:`run`, and :class:`StageError` when the cache cannot be written.
    """
    if options.engine != DUCKDB:
        raise InputError("a part of a scan is read by the default engine; Spark divides the work by itself")
    if options.cache is None:
        raise InputError("a part of a scan needs a cache that its partials go to")
    number, parts = part
    plans, findings = planned(sources, root, data_roots, place_of)
    jobs = [(plan, file) for plan in plans for file in plan.files][number - 1 :: parts]
    with private_folder(options.temp_dir) as folder:
        reader, outcomes = _read(jobs, folder, options, progress)
    if reader.unwritten is not None:
        raise StageError(reader.unwritten)
    found = [outcome.error.finding(outcome.file.name) for outcome in outcomes if outcome.error is not None]
    return list(in_order([*findings, *found])), tuple(reader.notices), len(outcomes) - len(found)


def _read(
    jobs: Sequence[tuple[Plan, DataFile]], folder: Path, options: Options, progress: Progress | None
) -> tuple[Reader, list[Outcome]]:
    each = shares(options.memory, len(jobs))
    if all(file.compression != "uncompressed" for _, file in jobs):
        # A compressed shard is one stream: more threads would cost memory and gain nothing.
        each = [share._replace(threads=1) for share in each]
    outcomes: list[Outcome] = []
    with side_by_side(folder, [file for _, file in jobs], each, packed=options.cache is not None) as engines:
        reader = Reader(engines, options)
        for outcome in reader.outcomes(jobs):
            outcomes.append(outcome)
            if progress:
                progress(len(outcomes), len(jobs))
    return reader, outcomes
