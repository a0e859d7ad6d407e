"""Folders saved by `datasets`: opened offline, read as Arrow batches, nothing written."""

import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kaiji.scan.failure import ShardError

_one_at_a_time = threading.Lock()
_BATCH = 4096
"""Rows of a batch: few enough for long documents."""


def saved_parts(folder: Path) -> list[Any]:
    """The `datasets.Dataset` of a folder, or of the splits of a `DatasetDict`; none for one without rows.

    Raises :class:`ShardError` when it cannot be opened or names files outside itself.
    """
    if (folder / "dataset_dict.json").is_file():
        splits = sorted(_names(folder / "dataset_dict.json", "splits"))
        _inside(splits)
        return [part for split in splits for part in _opened(folder / split)]
    return _opened(folder)


def _opened(folder: Path) -> list[Any]:
    names = _names(folder / "state.json", "_data_files")
    _inside(names)
    if not names:
        # Saved without a row; `datasets` itself cannot open that.
        return []
    with _offline():
        import datasets

        try:
            # Memory-mapped: the folder may be larger than memory.
            dataset = datasets.load_from_disk(str(folder), keep_in_memory=False)
        except Exception as error:  # `datasets` lets errors of every library below it through
            raise ShardError("KJ201", "the saved dataset cannot be opened", detail=str(error)) from error
    if not isinstance(dataset, datasets.Dataset):
        raise ShardError("KJ201", "the saved dataset cannot be opened", detail="a split within a split")
    return [dataset]


def _names(file: Path, key: str) -> list[str]:
    try:
        listed = json.loads(file.read_text("utf-8"))[key]
        return [entry["filename"] if isinstance(entry, dict) else str(entry) for entry in listed]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ShardError("KJ201", "the saved dataset cannot be opened", detail=f"{file.name}: {error}") from error


def _inside(names: Sequence[str]) -> None:
    for name in names:
        if name in ("", ".", "..") or "/" in name or "\\" in name:
            raise ShardError("KJ201", "the saved dataset names a file outside its folder", detail=name)


@contextmanager
def _offline() -> Iterator[None]:
    """Keeps `datasets` from the network while it is imported and opens a folder; restores the environment.

    One shard at a time: the environment is that of all threads.
    """
    wanted = {
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    }
    with _one_at_a_time:
        before = {name: os.environ.get(name) for name in wanted}
        os.environ.update(wanted)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


def schema(dataset: Any, names: Sequence[str]) -> Any:
    """`pyarrow.Schema` of the columns ``names`` under the names c0, c1, …; dictionaries are read as their values."""
    import pyarrow as pa

    held = dataset.data.schema
    kinds = [held.field(name).type for name in names]
    values = [kind.value_type if pa.types.is_dictionary(kind) else kind for kind in kinds]
    return pa.schema([(f"c{number}", kind) for number, kind in enumerate(values or [pa.null()])])


def batches(dataset: Any, names: Sequence[str]) -> Any:
    """The columns ``names`` as a `pyarrow.RecordBatchReader` with :func:`schema`.

    Rows come in the order and number of the dataset's indices mapping, if it has one. Without names there is one
    null column, so that the rows can be counted. Text is checked to be UTF-8.
    """
    import pyarrow as pa

    target = schema(dataset, names)

    def produced() -> Iterator[Any]:
        if not names:
            yield from pa.table([pa.nulls(dataset.num_rows)], schema=target).to_batches()
            return
        for table in dataset.select_columns(list(names)).with_format("arrow").iter(batch_size=_BATCH):
            table.validate(full=True)
            ordered = table.select(list(names)).rename_columns(target.names).cast(target)
            yield from ordered.combine_chunks().to_batches()

    return pa.RecordBatchReader.from_batches(target, produced())
