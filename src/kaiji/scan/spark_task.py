"""Reads one shard within a task of Spark, by the reader of the default engine.

So are read JSONL, folders saved by `datasets`, shards of a store, and whatever Spark itself would not read in the same
way. The Python of the workers needs kaiji for it.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from kaiji.errors import KaijiError
from kaiji.scan import jsonl
from kaiji.scan.engine import Engine, Share, private_folder, shares
from kaiji.scan.facts import Facts
from kaiji.scan.failure import ShardError
from kaiji.scan.files import DataFile
from kaiji.scan.options import Options
from kaiji.scan.plan import Plan
from kaiji.scan.reader import Reader

_LEAST_MEMORY = 128 * 2**20


class Task(NamedTuple):
    """A shard to read."""

    plan: Plan
    """That of its source, without the files."""
    file: DataFile
    folder: Path
    """Where the tables go."""
    memory: int | None
    """Bytes that the scan may use on the machine; None stands for all of them."""


class Read(NamedTuple):
    """What became of it. Plain values, because it goes from one Python to another."""

    facts: Facts = Facts()
    cells: str = ""
    """Name of the table in the folder."""
    authorities: str = ""
    """Empty without a url column."""
    lacking: Mapping[str, list[str]] = {}
    """Of JSONL: roles whose key is in no line, each with keys that are."""
    refused: tuple[str, str, str | None, int | None, str | None] | None = None
    """Arguments of :class:`ShardError`."""
    failed: str | None = None
    """Why the scan cannot go on."""


def read(task: Task) -> Read:
    """Reads the shard and puts its tables into the folder, under names that no other attempt takes."""
    try:
        with (
            private_folder(task.folder) as folder,
            Engine(folder, [task.file], _share(task.memory)) as engine,
        ):
            return _read(task, engine)
    except ShardError as error:
        return Read(refused=(error.rule, error.message, error.detail, error.line, error.key))
    except KaijiError as error:
        return Read(failed=str(error))


def _share(memory: int | None) -> Share:
    """One of as many as the machine has processors: so many tasks run on it at once."""
    cpus = os.cpu_count() or 1
    each = shares(None, cpus)[0].memory if memory is None else memory * 3 // 10 // cpus
    return Share(1, max(each, _LEAST_MEMORY) if each else None)


def error(refused: tuple[str, str, str | None, int | None, str | None]) -> ShardError:
    """The error that :class:`Read` tells of."""
    rule, message, detail, line, key = refused
    return ShardError(rule, message, detail=detail, line=line, key=key)


def _read(task: Task, engine: Engine) -> Read:
    (outcome,) = Reader([engine], Options(digests=False)).outcomes([(task.plan, task.file)])
    if outcome.error is not None:
        raise outcome.error
    if outcome.partial is None:
        raise AssertionError("a shard that is not looked for in a cache has an outcome")
    facts = outcome.partial.facts
    kept = [_kept(path, task.folder) for path in (*outcome.partial.cells, *outcome.partial.authorities)]
    lacking = _lacking(task, engine, facts) if task.file.format == "jsonl" and facts.documents else {}
    return Read(facts, kept[0], "".join(kept[1:]), lacking)


def _kept(table: Path, folder: Path) -> str:
    """Moves a table out of the private folder of this task: its new name, which no other attempt takes."""
    name = f"{table.parent.name}-{table.name}"
    shutil.move(table, folder / name)
    return name


def _lacking(task: Task, engine: Engine, facts: Facts) -> dict[str, list[str]]:
    """Roles without a value whose key is in no line."""
    file = task.file
    without = {role: key for role, key in task.plan.mapped.items() if not facts.values(role)}
    link = engine.link(file)
    absent = [role for role, key in without.items() if not jsonl.has_key(engine, link, file.compression, key)]
    return {role: jsonl.some_keys(engine, link, file.compression) for role in absent}
