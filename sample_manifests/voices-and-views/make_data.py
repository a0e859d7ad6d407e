"""Make the invented lists of images of the sample of images and recordings: small, seeded, the same bytes every time.

Run ``python make_data.py`` to write ``data/`` next to this file (``--out DIR`` writes elsewhere) and to print the exact
totals of each source, which the manifests declare. Only ``Random.random`` is used, whose sequence Python promises to
keep. Columns: url, byte_size (bytes), licence (SPDX), taken (YYYY-MM-DD).
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

Row = dict[str, str | int | None]
SEED = 20260620
FIRST = date(2019, 4, 1)
DAYS = 2400
COUNTS = {"open-views": 1400, "library-k1": 420, "library-k2": 510, "library-k3": 380, "views-test": 150}
OPEN = ("CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0")


def rows(name: str, count: int) -> Iterator[Row]:
    """One row for each image; only open collections state a licence by row."""
    dice = random.Random(f"{SEED}/{name}")
    for number in range(count):
        taken = FIRST + timedelta(days=int(dice.random() * DAYS))
        size = 40_000 + int(dice.random() * 900_000)
        licence = OPEN[int(dice.random() * len(OPEN))] if name.startswith(("open", "views")) else None
        url = f"https://{name}.example/{number + 1}.jpg"
        yield {"url": url, "byte_size": size, "licence": licence, "taken": taken.isoformat()}


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the data of the sample release and print its totals.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "data", help="folder to write to")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for name, count in COUNTS.items():
        made = list(rows(name, count))
        (out / f"{name}.jsonl").write_bytes("".join(json.dumps(row) + "\n" for row in made).encode())
        sys.stdout.write(f"{name:12} images={len(made)} bytes={sum(int(row['byte_size'] or 0) for row in made)}\n")


if __name__ == "__main__":
    main()
