"""A release folder in which a test writes shards, and a way to scan it."""

import functools
import gzip
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kaiji.manifest.models import Columns, DataSource, Files
from kaiji.scan import domains, reader
from kaiji.scan.cache import Cache
from kaiji.scan.crawled_domains import CrawledSources
from kaiji.scan.domain_table import DomainFiles
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

    def source(
        self,
        *paths: str,
        id: str = "s",  # noqa: A002
        format: str = "auto",  # noqa: A002
        modality: str = "text",
        **columns: str,
    ) -> DataSource:
        return DataSource.model_validate(
            {
                "id": id,
                "title": "A source",
                "category": "crawled",
                "modality": modality,
                "stages": ["pretraining"],
                "confidentiality": "public",
                "files": Files(paths=paths, format=format, columns=Columns(**columns)),
            }
        )

    def scan(
        self,
        *sources: DataSource,
        data_roots: Sequence[Any] = (),
        progress: Any = None,
        domain_table: bool = True,
        crawled: CrawledSources | None = None,
        **options: Any,
    ) -> ScanResult:
        """Scans ``sources``; what an earlier scan wrote is gone, and the domain tables are beside the other results."""
        shutil.rmtree(self.out, ignore_errors=True)
        self.out.mkdir()
        files = DomainFiles(self.out / "domains.parquet", self.out / "top.parquet")
        return run(
            sources,
            self.root,
            data_roots=data_roots,
            out_dir=self.out,
            options=Options(**options),
            progress=progress,
            domain_files=files if domain_table else None,
            crawled=crawled,
        )

    def domains(self) -> list[dict[str, Any]]:
        """The domain table that the last scan wrote."""
        return rows(self.out / "domains.parquet")

    def all_of(self, result: ScanResult) -> dict[str, Any]:
        """Everything that a scan found, with the bytes of the files it wrote; not what happened to the cache."""
        named = ("cells.parquet", "domains.parquet", "top.parquet")
        files: dict[str, Any] = {name: (self.out / name).read_bytes() for name in named}
        others = {
            name: getattr(result, name) for name in ("sources", "addressed", "findings", "top_domains", "crawled")
        }
        return {**files, **others}


def rows(path: Path) -> list[dict[str, Any]]:
    """Rows of a table as they are."""
    found: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return found


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
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the shards whose rows were read, in the order of their names."""
    names: list[str] = []
    read = reader.read

    def told(engine: Any, file: Any, *others: Any) -> Any:
        names.append(file.name)
        names.sort()
        return read(engine, file, *others)

    monkeypatch.setattr(reader, "read", told)
    return names


@pytest.fixture
def table() -> Callable[[Path], list[dict[str, Any]]]:
    return rows
