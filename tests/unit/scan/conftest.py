"""A release folder in which a test writes shards, and a way to scan it."""

import functools
import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kaiji.manifest.models import Columns, DataSource, Files
from kaiji.scan import domains
from kaiji.scan.options import Options
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

    def scan(
        self, *sources: DataSource, data_roots: Sequence[Any] = (), progress: Any = None, **options: Any
    ) -> ScanResult:
        chosen = Options(**options)
        return run(sources, self.root, data_roots=data_roots, out_dir=self.out, options=chosen, progress=progress)


def rows(path: Path | Mapping[str, Path]) -> list[dict[str, Any]]:
    """Cells as they are; domains of all sources, sorted by source and domain."""
    if isinstance(path, Path):
        found: list[dict[str, Any]] = pq.read_table(path).to_pylist()
        return found
    tables = [{"source_id": name, **row} for name, one in path.items() for row in pq.read_table(one).to_pylist()]
    return sorted(tables, key=lambda row: (row["source_id"], row["domain"]))


@pytest.fixture(scope="session", autouse=True)
def list_read_once() -> Iterator[None]:
    """The Public Suffix List is read once for all tests: reading it costs more than most of their scans."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(domains, "suffix_list", functools.cache(domains.suffix_list))
        yield


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return Release(tmp_path)


@pytest.fixture
def table() -> Callable[[Path], list[dict[str, Any]]]:
    return rows
