"""From shards to partials: taken from the cache where it has them, else read, several at once."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from time import sleep
from typing import NamedTuple

from kaiji.errors import InputError, StageError
from kaiji.scan import partials
from kaiji.scan.cache import DamagedError
from kaiji.scan.engine import Engine
from kaiji.scan.failure import ShardError
from kaiji.scan.files import DataFile
from kaiji.scan.fingerprint import fast, sha256, size, state
from kaiji.scan.options import Options
from kaiji.scan.partials import Partial, Refused
from kaiji.scan.plan import Plan
from kaiji.scan.shards import nothing, read


class _NotCachedError(Exception):
    """The shard has no partial, and none may be made."""


class Outcome(NamedTuple):
    """What became of a shard: its partial, or why it does not count; neither when it may only come from the cache."""

    file: DataFile
    partial: Partial | None = None
    error: ShardError | None = None


class Reader:
    """Makes partials with DuckDB engines. ``notices`` tells what was wrong with the cache, also later in the scan.

    ``unwritten`` is why a partial could not be put into the cache, if one could not.
    """

    def __init__(self, engines: Sequence[Engine], options: Options) -> None:
        self.engines, self.options = engines, options
        self.unwritten: str | None = None
        self.notices: list[str] = [] if options.cache is None else options.cache.notices
        self._free: SimpleQueue[Engine] = SimpleQueue()
        for engine in engines:
            self._free.put(engine)
        self._shards: dict[str, tuple[DataFile, Plan]] = {}

    def outcomes(self, jobs: Sequence[tuple[Plan, DataFile]]) -> Iterator[Outcome]:
        """The outcome of each job, in order; as many shards are read at once as there are engines."""
        with ThreadPoolExecutor(len(self.engines), thread_name_prefix="kaiji-scan") as pool:
            waiting: list[Future[Outcome]] = []
            try:
                for plan, file in jobs:
                    waiting.append(pool.submit(self._outcome, plan, file))
                for future in waiting:
                    yield future.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                # Again and again: an engine may be between two queries.
                while not all(future.done() for future in waiting):
                    for engine in self.engines:
                        engine.interrupt()
                    sleep(0.02)
                raise

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

    def _outcome(self, plan: Plan, file: DataFile) -> Outcome:
        engine = self._free.get()
        try:
            return Outcome(file, self._partial(engine, file, plan))
        except ShardError as error:
            return Outcome(file, error=error)
        except _NotCachedError:
            return Outcome(file)
        finally:
            self._free.put(engine)

    def _partial(self, engine: Engine, file: DataFile, plan: Plan) -> Partial:
        before = state(file)
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
        return Partial(key, facts, digest, (tables.cells,), (tables.authorities,) if tables.authorities else ())

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


def _unchanged(file: DataFile, before: object) -> None:
    if state(file) != before:
        raise ShardError("KJ201", "the file changed while it was read")


def all_cached(outcomes: Sequence[Outcome]) -> None:
    """Raises :class:`InputError` when a shard has no partial."""
    lacking = [number for number, outcome in enumerate(outcomes, start=1) if outcome.partial is None is outcome.error]
    if lacking:
        shown = ", ".join(map(str, lacking[:10])) + (", …" if len(lacking) > 10 else "")
        raise InputError(
            f"{len(lacking)} of {len(outcomes)} shards have no partial here (numbers {shown}, by source and name): "
            "run `kaiji scan --shard I/N` for every I with the same --cache, and the same --fingerprint"
        )
