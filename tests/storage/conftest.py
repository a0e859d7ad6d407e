"""An S3 server on loopback whose answers can fail, a release that reads from it, and a folder with the same shards."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import pyarrow.parquet as pq
import pytest
from moto.server import DomainDispatcherApplication, create_backend_app
from s3fs import S3FileSystem
from werkzeug.serving import WSGIRequestHandler, make_server

from kaiji.manifest.models import Columns, DataSource, Files
from kaiji.scan import storage
from kaiji.scan.domain_table import DomainFiles
from kaiji.scan.options import Options
from kaiji.scan.result import ScanResult
from kaiji.scan.run import run

SECRET = "very/SECRET+access-key-0123456789"  # noqa: S105
BUCKET = "corpus"
_ERROR = b"<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>"

Answer = Callable[[dict[str, Any], Any], Iterable[bytes]]
Fault = Callable[[dict[str, Any], Any, Answer], Iterable[bytes]]


class _Quiet(WSGIRequestHandler):
    def log_request(self, *args: Any) -> None:
        pass


class Store:
    """The server as a WSGI application. A request for an object (GET) fails when ``fault(key, number)`` gives a fault.

    ``number`` counts the requests for that object from 0; ``sent`` has the bytes of its answers.
    """

    bucket, secret = BUCKET, SECRET

    def __init__(self) -> None:
        self.fault: Callable[[str, int], Fault | None] = lambda key, number: None
        self.requests: Counter[str] = Counter()
        self.sent: Counter[str] = Counter()
        self._answer = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self, threaded=True, request_handler=_Quiet)
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.client = boto3.client(
            "s3", endpoint_url=self.url, aws_access_key_id="test", aws_secret_access_key=SECRET, region_name="us-east-1"
        )

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        bucket, _, key = environ["PATH_INFO"].lstrip("/").partition("/")
        if environ["REQUEST_METHOD"] != "GET" or bucket != BUCKET or not key:
            return self._answer(environ, start)
        fault = self.fault(key, self.requests[key])
        self.requests[key] += 1
        data = list(fault(environ, start, self._answer) if fault else self._answer(environ, start))
        self.sent[key] += sum(map(len, data))
        return data

    @staticmethod
    def refused(environ: dict[str, Any], start: Any, answer: Answer) -> Iterable[bytes]:
        start("500 Internal Server Error", [("Content-Type", "application/xml"), ("Content-Length", str(len(_ERROR)))])
        return [_ERROR]

    @staticmethod
    def cut_off(environ: dict[str, Any], start: Any, answer: Answer) -> Iterable[bytes]:
        """Half of what was announced, then the connection is closed."""
        whole = b"".join(answer(environ, start))
        return [whole[: len(whole) // 2]]

    def put(self, folder: Path) -> None:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                self.client.put_object(Bucket=BUCKET, Key=path.relative_to(folder).as_posix(), Body=path.read_bytes())

    def post(self, path: str, data: str = "") -> None:
        """A command to the server itself."""
        import urllib.request

        headers = {"Content-Type": "text/plain"}
        request = urllib.request.Request(f"{self.url}/moto-api/{path}", data.encode(), headers)  # noqa: S310
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            answer.read()

    def close(self) -> None:
        self.client.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(scope="session")
def server() -> Iterator[Store]:
    store = Store()
    yield store
    store.close()


@pytest.fixture
def store(server: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Store]:
    """The server, empty but for a bucket; the environment names it, and delays are short."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    environment = {
        "AWS_ENDPOINT_URL": server.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(storage, "DELAYS", (0.01, 0.01, 0.01))
    monkeypatch.setattr(S3FileSystem, "retries", 1)
    server.post("reset")
    server.client.create_bucket(Bucket=BUCKET)
    server.fault = lambda key, number: None
    server.requests.clear()
    server.sent.clear()
    storage._of_protocol.cache_clear()
    yield server
    storage._of_protocol.cache_clear()


class Release:
    """A release in ``root`` and its shards in ``data``, to be put into the store."""

    def __init__(self, folder: Path, data: Path) -> None:
        self.root, self.data, self.out = folder / "release", data, folder / "out"
        self.root.mkdir()

    def source(self, *paths: str, **columns: str) -> DataSource:
        return DataSource.model_validate(
            {
                "id": "s",
                "title": "A source",
                "category": "crawled",
                "modality": "text",
                "stages": ["pretraining"],
                "confidentiality": "public",
                "files": Files(paths=paths, columns=Columns(**columns)),
            }
        )

    def scan(self, *paths: str, columns: dict[str, str], **options: Any) -> ScanResult:
        source = self.source(*paths, **columns)
        roots = [f"s3://{BUCKET}", self.data]
        self.out.mkdir(exist_ok=True)
        chosen, files = Options(**options), DomainFiles(self.out / "domains.parquet")
        return run([source], self.root, data_roots=roots, out_dir=self.out, options=chosen, domain_files=files)

    def write(self, place: str) -> Path:
        """A release on disk whose one source names ``place`` in the bucket, for the command line."""
        head = (Path(__file__).parents[1] / "conformance/manifests/valid-minimal/release.yaml").read_text("utf-8")
        manifest = self.source(f"s3://{BUCKET}/{place}", tokens="n").model_dump(mode="json", exclude_none=True)
        (self.root / "release.yaml").write_text(f"{head}data_roots: ['s3://{BUCKET}']\n", encoding="utf-8")
        (self.root / "manifests").mkdir()
        kept = {name: manifest[name] for name in ("id", "category", "modality", "stages", "confidentiality", "files")}
        kept["title"] = {"ja": "見本", "en": "Sample"}
        text = json.dumps({"schema": "kaiji/dataset-manifest/v1", "sources": [kept]}, ensure_ascii=False)
        (self.root / "manifests" / "a.yaml").write_text(text, encoding="utf-8")
        return self.root / "release.yaml"

    def figures(self, *paths: str, **options: Any) -> dict[str, Any]:
        """All that a scan measures, without the names of the shards."""
        result = self.scan(*paths, **options)
        (source,) = result.sources
        return {
            "totals": (source.documents, source.bytes, source.tokens, source.complete),
            "digests": sorted(str(shard.sha256) for shard in source.shards),
            "cells": pq.read_table(result.cells).to_pylist(),
            "domains": pq.read_table(self.out / "domains.parquet").to_pylist(),
            "addressed": result.addressed,
            "findings": [(finding.id, finding.message) for finding in result.findings],
        }


@pytest.fixture
def release(tmp_path: Path) -> Release:
    (tmp_path / "data").mkdir()
    return Release(tmp_path, tmp_path / "data")
