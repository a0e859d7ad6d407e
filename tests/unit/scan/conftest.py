"""A release folder in which a test writes shards, and a way to scan it."""

import gzip
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kaiji.manifest.models import Columns, DataSource, Files
from kaiji.scan.result import ScanResult
from kaiji.scan.run import run


class Release:
    """The folder of a release; ``root`` lies beside ``outside``, which is not part of it."""

    def __init__(self, folder: Path) -> None:
        self.root, self.outside, self.out = folder / "release", folder / "outside", folder / "out"
        self.root.mkdir()
        self.outside.mkdir()

    def parquet(self, name: str, **columns: Any) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(columns), path)
        return path

    def jsonl(self, name: str, rows: Iterable[Mapping[str, Any] | str]) -> Path:
        lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
        return self.bytes(name, "".join(f"{line}\n" for line in lines).encode())

    def bytes(self, name: str, data: bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".gz"):
            data = gzip.compress(data)
        elif name.endswith(".zst"):
            data = pa.compress(data, codec="zstd", asbytes=True)
        path.write_bytes(data)
        return path

    def source(self, *paths: str, id: str = "s", format: str = "auto", **columns: str) -> DataSource:  # noqa: A002
        return DataSource.model_validate(
            {
                "id": id,
                "title": "A source",
                "category": "crawled",
                "modality": "text",
                "stages": ["pretraining"],
                "confidentiality": "public",
                "files": Files(paths=paths, format=format, columns=Columns(**columns)),
            }
        )

    def scan(self, *sources: DataSource, **options: Any) -> ScanResult:
        return run(sources, self.root, out_dir=self.out, **options)


def rows(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return found


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return Release(tmp_path)


@pytest.fixture
def table() -> Callable[[Path], list[dict[str, Any]]]:
    return rows
