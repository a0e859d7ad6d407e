"""Whole builds through the installed command line, on small releases made here."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

RELEASE = """\
schema: kaiji/release/v1
id: toy-1
sample: true
model:
  name: toy
  version: "1"
  release_date: 2026-06-01
provider:
  legal_name: {ja: 見本社, en: Sample Co.}
  roles: [developer]
manifests: [manifests/*.yaml]
policy:
  salt_file: salt.txt
"""

SOURCE = """\
schema: kaiji/dataset-manifest/v1
sources:
  - id: crawl
    title: {ja: 収集データ, en: Crawl}
    category: crawled
    modality: text
    stages: [pretraining]
    confidentiality: public
    languages: [ja, en]
    files:
      paths: [data/crawl-*.jsonl.gz]
      columns: {url: url, text: text, tokens: tokens, language: lang, licence: licence, date: date}
"""


def rows(count: int, first: int = 0) -> list[dict[str, object]]:
    """Rows of a crawl, of two languages in the ratio 3 to 1."""
    return [
        {
            "url": f"https://site{n % 7}.example/{n}",
            "text": f"本文{n}",
            "tokens": 10 + n % 3,
            "lang": "en" if n % 4 == 0 else "ja",
            "licence": "CC-BY-4.0" if n % 2 else None,
            "date": f"2026-0{1 + n % 5}-01",
        }
        for n in range(first, first + count)
    ]


def shard(path: Path, content: list[dict[str, object]]) -> None:
    path.parent.mkdir(exist_ok=True)
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in content)
    path.write_bytes(gzip.compress(lines.encode(), mtime=0))


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Folder of a small release: one observed source of two shards, every file changeable by the test."""
    root = tmp_path / "release"
    (root / "manifests").mkdir(parents=True)
    (root / "release.yaml").write_text(RELEASE, encoding="utf-8")
    (root / "manifests" / "crawl.yaml").write_text(SOURCE, encoding="utf-8")
    (root / "salt.txt").write_text("0123456789abcdef" * 4 + "\n", encoding="ascii")
    shard(root / "data" / "crawl-0.jsonl.gz", rows(40))
    shard(root / "data" / "crawl-1.jsonl.gz", rows(40, 40))
    return root


def kaiji(*arguments: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command line."""
    return subprocess.run(
        [sys.executable, "-m", "kaiji.cli.main", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def content(out: Path) -> dict[str, bytes]:
    """All files below ``out``."""
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


@pytest.fixture
def run():
    return kaiji


@pytest.fixture
def read():
    return content


@pytest.fixture
def make_shard():
    return shard


@pytest.fixture
def make_rows():
    return rows
