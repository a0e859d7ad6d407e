"""From shards to partials: taken from the cache where it has them, else read, several at once."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain, groupby
from typing import NamedTuple

from kaiji.errors import InputError, StageError
from kaiji.scan import partials
from kaiji.scan.cache import DamagedError
from kaiji.scan.engine import Engine, spread
from kaiji.scan.facts import Facts
from kaiji.scan.failure import ShardError
from kaiji.scan.files import DataFile
from kaiji.scan.fingerprint import State, fast, sha256, size, state
from kaiji.scan.options import Options
from kaiji.scan.partials import Partial, Refused
from kaiji.scan.plan import Plan
from kaiji.scan.shards import Tables, nothing, read, read_together


class _NotCachedError(Exception):
    """The shard has no partial, and none may be made."""


Job = tuple[Plan, DataFile]
_TOGETHER = 10
"""Most shards that are read together: more hold no less in common, and one that does not count costs them all."""


class Outcome(NamedTuple):
    """What became of a shard: what it holds, or why it does not count; neither when it may only come from the cache."""

    file: DataFile
    documents: int | None = None
    """Rows; None when it does not count."""
    sha256: str | None = None
    """SHA-256, where it was asked for."""
    partial: Partial | None = None
    """What it adds up to; of shards that were read together, the first has that of all, and the others have none."""
    error: ShardError | None = None


class Reader:
    """Makes partials with DuckDB engines. ``notices`` tells what was wrong with the cache, also later in the scan.

    ``unwritten`` is why a partial could not be put into the cache, if one could not.
    """

    def __init__(self, engines: Sequence[Engine], options: Options) -> None:
        self.engines, self.options = engines, options
        self.unwritten: str | None = None
        self.notices: list[str] = [] if options.cache is None else options.cache.notices
        self._shards: dict[str, tuple[DataFile, Plan]] = {}

    def outcomes(self, jobs: Sequence[Job]) -> Iterator[Outcome]:
        """The outcome of each job, in order; as many shards, or batches of them, are read at once as there are engines.

        Shards are only read together where no partial is kept and the memory is not bounded.
        """
        return chain.from_iterable(spread(self.engines, self._outcomes, self._batches(jobs)))

    def opened(self, partial: Partial, engine: Engine) -> Partial:
        """``partial`` with its files, which ``engine`` can read.

        Its shard is read again when the cache has lost or spoilt them. Raises :class:`LookupError` when there is no
        such shard in this scan.
        """
        if partial.cells:
            return partial
        if self.options.cache is not None:
            with suppress(DamagedError):
                found = partials.opened(self.options.cache, partial, engine)
                if found is not None:
                    return found
        file, plan = self._shards[partial.key]
        try:
            before = state(file)
            if self._key(file, plan)[0] != partial.key:
                raise ShardError("KJ201", "the file changed since its partial was made")
            found = self._read(engine, file, plan, partial.key, partial.sha256)
            _unchanged(file, before)
        except (ShardError, _NotCachedError) as error:
            raise StageError("an entry of the cache was lost, and its shard cannot be read any more") from error
        self._keep(found)
        return found

    def _batches(self, jobs: Sequence[Job]) -> Iterator[Sequence[Job]]:
        """The ``jobs`` in order, together where they may be, and so many batches that every engine has some to do."""
        together = min(_TOGETHER, -(-len(jobs) // (2 * len(self.engines))))
        if self.options.cache is not None or self.options.memory is not None:
            together = 1
        for _, alike in groupby(enumerate(jobs), lambda one: _kind(*one)):
            some = [job for _, job in alike]
            yield from (some[at : at + together] for at in range(0, len(some), together))

    def _outcomes(self, engine: Engine, batch: Sequence[Job]) -> list[Outcome]:
        before: dict[DataFile, State] = {}
        if len(batch) > 1:
            with suppress(ShardError):
                before.update((file, state(file)) for _, file in batch)
                return self._together(engine, batch, before)
        return [self._outcome(engine, job, before.get(job[1])) for job in batch]

    def _together(self, engine: Engine, batch: Sequence[Job], before: Mapping[DataFile, State]) -> list[Outcome]:
        """The outcomes of shards of one source. Raises :class:`ShardError` when one of them does not count."""
        plan = batch[0][0]
        files = [file for _, file in batch]
        wanted = self.options.digests or self.options.fingerprint == "full"
        digests = [sha256(file) if wanted else None for file in files]
        read = read_together(engine, files, plan.mapped)
        for file in files:
            _unchanged(file, before[file])
        found: list[Outcome] = []
        for rows, facts, tables in read:
            key = files[len(found)].name
            partial: Partial | None = _partial_of(key, facts, None, tables)
            for documents in rows:
                at = len(found)
                found.append(Outcome(files[at], documents, digests[at], partial))
                partial = None
        return found

    def _outcome(self, engine: Engine, job: Job, before: State | None = None) -> Outcome:
        plan, file = job
        try:
            partial = self._partial(engine, file, plan, before)
            return Outcome(file, partial.facts.documents, partial.sha256, partial)
        except ShardError as error:
            return Outcome(file, error=error)
        except _NotCachedError:
            return Outcome(file)

    def _partial(self, engine: Engine, file: DataFile, plan: Plan, before: State | None) -> Partial:
        before = before or state(file)
        key, digest = self._key(file, plan)
        if self.options.cache is not None:
            self._shards[key] = file, plan
            kept = partials.kept(self.options.cache, key)
            if kept is not None:
                if kept.sha256 is None and self.options.digests:
                    kept = kept._replace(sha256=digest or sha256(file))
                    self._keep(kept)
                _unchanged(file, before)
                return kept
        try:
            found = self._read(engine, file, plan, key, digest)
        except ShardError as error:
            _unchanged(file, before)
            self._keep(partials.Refused(key, error))
            raise
        _unchanged(file, before)
        self._keep(found)
        return found

    def _key(self, file: DataFile, plan: Plan) -> tuple[str, str | None]:
        """Key of the partial of a shard, and its SHA-256 where the key needs it."""
        digest = sha256(file) if self.options.fingerprint == "full" else None
        if self.options.cache is None:
            return file.name, digest
        identity = f"full {digest}" if digest else f"fast {fast(file)}"
        return partials.key(identity, file, plan.mapped, plan.tokenizer_key), digest

    def _read(self, engine: Engine, file: DataFile, plan: Plan, key: str, digest: str | None) -> Partial:
        if self.options.cached_only:
            refused = self.options.cache and partials.refused(self.options.cache, key)
            raise refused or _NotCachedError
        if digest is None and self.options.digests:
            digest = sha256(file)
        is_empty = file.format != "datasets" and size(state(file)) == 0
        if is_empty and file.format == "jsonl" and file.compression == "uncompressed":
            facts, tables = nothing(engine, plan.mapped)
        elif is_empty:
            raise ShardError("KJ201", "the file is empty")
        else:
            facts, tables = read(engine, file, plan.mapped, plan.tokenizer)
        return _partial_of(key, facts, digest, tables)

    def _keep(self, partial: Partial | Refused) -> None:
        cache = self.options.cache
        if cache is None:
            return
        try:
            partials.keep(cache, partial)
        except OSError as error:
            told = f"the cache cannot be written ({error.strerror}); the next scan will read these shards again"
            if self.unwritten is None:
                self.unwritten = told
                self.notices.append(told)


def _kind(number: int, job: Job) -> str | int:
    """The same for jobs that may be read together; in a store, what one of them lacks would cost too much."""
    plan, file = job
    alike = file.format == "parquet" and not file.is_remote and plan.tokenizer is None
    return plan.source.id if alike else number


def _partial_of(key: str, facts: Facts, digest: str | None, tables: Tables) -> Partial:
    return Partial(key, facts, digest, (tables.cells,), (tables.authorities,) if tables.authorities else ())


def _unchanged(file: DataFile, before: State) -> None:
    if state(file) != before:
        raise ShardError("KJ201", "the file changed while it was read")


def all_cached(outcomes: Sequence[Outcome]) -> None:
    """Raises :class:`InputError` when a shard has no partial."""
    lacking = [number for number, outcome in enumerate(outcomes, start=1) if outcome.documents is None is outcome.error]
    if lacking:
        shown = ", ".join(map(str, lacking[:10])) + (", …" if len(lacking) > 10 else "")
        raise InputError(
            f"{len(lacking)} of {len(outcomes)} shards have no partial here (numbers {shown}, by source and name): "
            "run `kaiji scan --shard I/N` for every I with the same --cache, and the same --fingerprint"
        )
