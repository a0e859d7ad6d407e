"""What a conformance case needs and a repository should not hold: broken bytes, links that loop, long files.

``python make_data.py CASE FOLDER`` adds the files of one case to a copy of its folder. The same bytes every time.
"""

import gzip
import json
import os
import random
import sys
from collections.abc import Callable
from pathlib import Path

SEED = 20261122


def _manifest(folder: Path) -> Path:
    return folder / "manifests" / "a.yaml"


def _shard(folder: Path, name: str) -> Path:
    path = folder / "data" / name
    path.parent.mkdir(exist_ok=True)
    return path


def _byte_order_mark(folder: Path) -> None:
    content = _manifest(folder).read_bytes().replace(b"\n", b"\r\n")
    _manifest(folder).write_bytes(b"\xef\xbb\xbf" + content)


def _ten_thousand_sources(folder: Path) -> None:
    """About fifteen lines for each source, as people write them."""
    draw = random.Random(SEED)
    lines = ["schema: kaiji/dataset-manifest/v1", "sources:"]
    for number in range(10_000):
        lines += [
            f"  - id: source-{number:05}",
            f"    title: {{ja: 見本 {number}, en: Sample {number}}}",
            f"    category: {draw.choice(('public', 'licensed', 'private'))}",
            "    modality: text",
            "    stages: [pretraining]",
            "    owner:",
            f"      id: owner-{number % 700}",
            f"      name: {{ja: 見本提供者 {number % 700}, en: Sample Provider {number % 700}}}",
            "    confidentiality: public",
            "    licence: CC-BY-4.0",
            "    languages: [ja, en]",
            "    collected: {from: 2025-01, to: 2026-03}",
            "    storage_countries: [JP]",
            "    declared:",
            f"      tokens: {draw.randrange(1_000, 10_000_000)}",
        ]
    _manifest(folder).parent.mkdir()
    _manifest(folder).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _no_release(folder: Path) -> None:
    (folder / "release.yaml").unlink()


def _release_is_a_folder(folder: Path) -> None:
    _no_release(folder)
    (folder / "release.yaml").mkdir()


def _manifest_is_a_folder(folder: Path) -> None:
    (folder / "manifests" / "b.yaml").mkdir()


def _link_loop(folder: Path) -> None:
    (folder / "manifests" / "b.yaml").symlink_to("c.yaml")
    (folder / "manifests" / "c.yaml").symlink_to("b.yaml")


def _link_out(folder: Path) -> None:
    (folder.parent / "outside.yaml").write_bytes(_manifest(folder).read_bytes())
    _manifest(folder).unlink()
    _manifest(folder).symlink_to("../../outside.yaml")


def _pipe(folder: Path) -> None:
    os.mkfifo(folder / "manifests" / "b.yaml")


def _latin_1(folder: Path) -> None:
    text = _manifest(folder).read_text(encoding="utf-8").replace("Sample Corpus", "Corpus d'été")
    start, end = text.split("d'été")
    _manifest(folder).write_bytes(start.encode() + "d'été".encode("latin-1") + end.encode())


def _utf_16(folder: Path) -> None:
    _manifest(folder).write_text(_manifest(folder).read_text(encoding="utf-8"), encoding="utf-16")


def _name_not_printable(folder: Path) -> None:
    _manifest(folder).rename(folder / "manifests" / "a\nb.yaml")


def _truncated_parquet(folder: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    draw = random.Random(SEED)
    sizes = [draw.randrange(1, 9_000) for _ in range(1_000)]
    path = _shard(folder, "a.parquet")
    pq.write_table(pa.table({"bytes": sizes, "tokens": [size // 3 for size in sizes]}), path)
    path.write_bytes(path.read_bytes()[:-100])


def _zero_bytes(name: str) -> Callable[[Path], None]:
    return lambda folder: _shard(folder, name).write_bytes(b"") and None


def _shard_not_utf8(folder: Path) -> None:
    line = json.dumps({"text": "見本"}, ensure_ascii=False)
    _shard(folder, "a.jsonl").write_bytes(line.encode() + b"\n" + line.encode("shift_jis") + b"\n")


def _zip_bomb(folder: Path) -> None:
    """Three gigabytes of one letter, in about three megabytes."""
    piece = b"x" * 2**20
    with gzip.GzipFile(_shard(folder, "a.jsonl.gz"), "wb", compresslevel=9, mtime=0) as file:
        file.write(b'{"text": "')
        for _ in range(3 * 2**10):
            file.write(piece)
        file.write(b'"}\n')


def _shard_link_out(folder: Path) -> None:
    (folder.parent / "outside.jsonl").write_text('{"bytes": 10, "tokens": 3}\n', encoding="utf-8")
    _shard(folder, "a.jsonl").symlink_to("../../outside.jsonl")


def _shard_pipe(folder: Path) -> None:
    os.mkfifo(_shard(folder, "a.jsonl"))


BUILDERS: dict[str, Callable[[Path], None]] = {
    "valid-byte-order-mark": _byte_order_mark,
    "valid-10000-sources": _ten_thousand_sources,
    "invalid-release-missing": _no_release,
    "invalid-release-is-a-folder": _release_is_a_folder,
    "invalid-manifest-is-a-folder": _manifest_is_a_folder,
    "invalid-symlink-loop": _link_loop,
    "invalid-symlink-leaves": _link_out,
    "invalid-manifest-is-a-pipe": _pipe,
    "invalid-not-utf8-manifest": _latin_1,
    "invalid-utf16-manifest": _utf_16,
    "invalid-name-not-printable": _name_not_printable,
    "invalid-truncated-parquet": _truncated_parquet,
    "invalid-zero-byte-shard": _zero_bytes("a.jsonl"),
    "invalid-zero-byte-parquet": _zero_bytes("a.parquet"),
    "invalid-not-utf8-shard": _shard_not_utf8,
    "invalid-zip-bomb": _zip_bomb,
    "invalid-shard-symlink-leaves": _shard_link_out,
    "invalid-shard-is-a-pipe": _shard_pipe,
}

if __name__ == "__main__":
    BUILDERS[sys.argv[1]](Path(sys.argv[2]))
