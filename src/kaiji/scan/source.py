"""What the shards of one source add up to, and what is wrong with the source as a whole."""

from collections.abc import Sequence

from kaiji.errors import StageError
from kaiji.findings import Finding, Place
from kaiji.scan import jsonl, sql
from kaiji.scan.attached import at_hand
from kaiji.scan.engine import Engine
from kaiji.scan.facts import Facts
from kaiji.scan.failure import ShardError
from kaiji.scan.files import DataFile
from kaiji.scan.partials import Partial
from kaiji.scan.plan import Plan
from kaiji.scan.reader import Outcome
from kaiji.scan.result import Shard, SourceScan
from kaiji.scan.shards import missing

_MEASURES = {"bytes": {"bytes", "text"}, "tokens": {"tokens"}}
"""Measure to the roles that serve it."""


class Source:
    """Judges the shards of a source. ``counted`` are those that count, ``scan`` their totals.

    Raises :class:`StageError` when a total passes 64 bits.
    """

    def __init__(self, engine: Engine, plan: Plan, outcomes: Sequence[Outcome]) -> None:
        self.engine, self.plan = engine, plan
        self.findings: list[Finding] = []
        self.complete = plan.whole
        self.counted: list[tuple[DataFile, Partial]] = []
        for file, partial, error in outcomes:
            if error is not None:
                self._refuse(file, error)
            elif partial is not None:
                self.counted.append((file, partial))
                if not partial.facts.documents:
                    self.findings.append(
                        Finding(id="KJ203", message="the file has no rows", place=Place(file=file.name))
                    )
        self._drop_without_key()
        self.scan = self._totals()

    def _totals(self) -> SourceScan:
        total = _sum([partial for _, partial in self.counted])
        if max(total.bytes, total.tokens) > sql.INT64_MAX:
            raise StageError("the sizes of a source add up to more than 64 bits hold")
        self._judge(total)
        shards = [
            Shard(path=file.name, sha256=partial.sha256, documents=partial.facts.documents)
            for file, partial in self.counted
        ]
        measured = {name: bool(served & self.plan.mapped.keys()) for name, served in _MEASURES.items()}
        measured["tokens"] |= self.plan.tokenizer is not None
        return SourceScan(
            source_id=self.plan.source.id,
            shards=tuple(sorted(shards, key=lambda shard: shard.path)),
            documents=total.documents,
            bytes=total.bytes if measured["bytes"] else None,
            tokens=total.tokens if measured["tokens"] else None,
            rows_with_bytes=total.with_bytes if measured["bytes"] else None,
            rows_with_tokens=total.with_tokens if measured["tokens"] else None,
            complete=self.complete,
        )

    def _refuse(self, file: DataFile, error: ShardError) -> None:
        self.findings.append(error.finding(file.name))
        self.complete = False

    def _drop_without_key(self) -> None:
        """A key that no JSONL line of the source has is a missing column; those shards do not count then.

        It is judged over all JSONL shards together: a key that is rare may be missing from one of them.
        """
        lines = [
            (file, partial) for file, partial in self.counted if file.format == "jsonl" and partial.facts.documents
        ]
        total = _sum([partial for _, partial in lines])
        for role, key in self.plan.mapped.items():
            if not lines or self._values(total, role) or any(self._has_key(file, key) for file, _ in lines):
                continue
            for file, _ in lines:
                with at_hand(file, self.engine.folder) as here:
                    names = jsonl.some_keys(self.engine, self.engine.link(here), file.compression)
                self._refuse(file, missing(role, key, names))
            dropped = {file for file, _ in lines}
            self.counted = [(file, partial) for file, partial in self.counted if file not in dropped]
            return

    def _has_key(self, file: DataFile, key: str) -> bool:
        import duckdb

        try:
            with at_hand(file, self.engine.folder) as here:
                return jsonl.has_key(self.engine, self.engine.link(here), file.compression, key)
        except (duckdb.Error, ShardError):
            # It was read whole before and has gone or changed since: then nothing can be said against it.
            return True

    def _judge(self, total: Facts) -> None:
        if not total.documents:
            return
        for role in self.plan.mapped:
            if not self._values(total, role):
                self._note("KJ206", role, "the column holds no value")
        for name, having in (("bytes", total.with_bytes), ("tokens", total.with_tokens)):
            role = name if name in self.plan.mapped else "text"
            if role in self.plan.mapped and 0 < having < total.documents:
                detail = f"{total.documents - having} of {total.documents} rows"
                self._note("KJ210", role, f"some rows have no size in {name}", detail)
        if total.no_dates:
            self._note("KJ208", "date", "some values are no date", f"{total.no_dates} of {total.documents} rows")

    def _values(self, total: Facts, role: str) -> int:
        """0 when no row holds a value in the role's column; a text that is only counted has tokens."""
        counted = role == "text" and self.plan.tokenizer is not None
        return total.with_tokens if counted else total.values(role)

    def _note(self, rule: str, role: str, message: str, detail: str | None = None) -> None:
        place = self.plan.source.place
        key = f"files.columns.{role}"
        located = place.model_copy(update={"key": f"{place.key}.{key}" if place.key else key})
        self.findings.append(Finding(id=rule, message=message, place=located, detail=detail))


def _sum(partials: Sequence[Partial]) -> Facts:
    total = Facts()
    for partial in partials:
        total = total.plus(partial.facts)
    return total
