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
    """A source as its shards make it. ``partials`` are what counts of it, ``scan`` their totals.

    Raises :class:`StageError` when a total passes 64 bits.
    """

    def __init__(
        self,
        plan: Plan,
        shards: Sequence[Shard],
        partials: Sequence[Partial],
        refused: Sequence[tuple[DataFile, ShardError]],
    ) -> None:
        self.plan, self.partials = plan, list(partials)
        self.findings = [error.finding(file.name) for file, error in refused]
        for shard in shards:
            if not shard.documents:
                self.findings.append(Finding(id="KJ203", message="the file has no rows", place=Place(file=shard.path)))
        total = _sum(partials)
        if max(total.bytes, total.tokens) > sql.INT64_MAX:
            raise StageError("the sizes of a source add up to more than 64 bits hold")
        self._judge(total)
        measured = {name: bool(served & plan.mapped.keys()) for name, served in _MEASURES.items()}
        measured["tokens"] |= plan.tokenizer is not None
        self.scan = SourceScan(
            source_id=plan.source.id,
            shards=tuple(sorted(shards, key=lambda shard: shard.path)),
            documents=total.documents,
            bytes=total.bytes if measured["bytes"] else None,
            tokens=total.tokens if measured["tokens"] else None,
            rows_with_bytes=total.with_bytes if measured["bytes"] else None,
            rows_with_tokens=total.with_tokens if measured["tokens"] else None,
            complete=plan.whole and not refused,
        )

    def _judge(self, total: Facts) -> None:
        if not total.documents:
            return
        for role in self.plan.mapped:
            if not values(self.plan, total, role):
                self._note("KJ206", role, "the column holds no value")
        for name, having in (("bytes", total.with_bytes), ("tokens", total.with_tokens)):
            role = name if name in self.plan.mapped else "text"
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


def of_outcomes(engine: Engine, plan: Plan, outcomes: Sequence[Outcome]) -> Source:
    """The source, by what became of its shards; ``engine`` looks into them again where a key is missing."""
    refused = [(outcome.file, outcome.error) for outcome in outcomes if outcome.error is not None]
    lost = _without_key(engine, plan, outcomes)
    kept = [outcome for outcome in outcomes if outcome.documents is not None and outcome.file not in lost]
    shards = [Shard(path=one.file.name, sha256=one.sha256, documents=one.documents or 0) for one in kept]
    partials = [one.partial for one in kept if one.partial is not None]
    return Source(plan, shards, partials, [*refused, *lost.items()])


def values(plan: Plan, total: Facts, role: str) -> int:
    """0 when no row holds a value in the role's column; a text that is only counted has tokens."""
    return total.with_tokens if role == "text" and plan.tokenizer is not None else total.values(role)


def _without_key(engine: Engine, plan: Plan, outcomes: Sequence[Outcome]) -> dict[DataFile, ShardError]:
    """A key that no JSONL line of the source has is a missing column; those shards do not count then.

    It is judged over all JSONL shards together: a key that is rare may be missing from one of them.
    """
    having = [outcome for outcome in outcomes if outcome.file.format == "jsonl" and outcome.documents]
    lines = [outcome.file for outcome in having]
    total = _sum([outcome.partial for outcome in having if outcome.partial is not None])
    for role, key in plan.mapped.items():
        if not lines or values(plan, total, role) or any(_has_key(engine, file, key) for file in lines):
            continue
        return {file: missing(role, key, _some_keys(engine, file)) for file in lines}
    return {}


def _has_key(engine: Engine, file: DataFile, key: str) -> bool:
    import duckdb

    try:
        with at_hand(file, engine.folder) as here:
            return jsonl.has_key(engine, engine.link(here), file.compression, key)
    except (duckdb.Error, ShardError):
        # It was read whole before and has gone or changed since: then nothing can be said against it.
        return True


def _some_keys(engine: Engine, file: DataFile) -> list[str]:
    with at_hand(file, engine.folder) as here:
        return jsonl.some_keys(engine, engine.link(here), file.compression)


def _sum(partials: Sequence[Partial]) -> Facts:
    total = Facts()
    for partial in partials:
        total = total.plus(partial.facts)
    return total
