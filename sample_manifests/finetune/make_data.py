"""Make the invented data of the sample of a fine-tuned model: small, seeded, the same bytes on every run.

Run ``python make_data.py`` to write ``data/`` next to this file (``--out DIR`` writes elsewhere) and to print the exact
totals of each source, which the manifests declare. Only ``Random.random`` is used, whose sequence Python promises to
keep. Columns: text (UTF-8), token_count (tokens), language (BCP 47).
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

Row = dict[str, str | int]
SEED = 20260301
TOPICS = {
    "ja": ("配送の日時", "返品の手順", "会員登録", "領収書の発行", "保証の期間", "部品の交換", "在庫の確認"),
    "en": ("The delivery date", "A return", "An account", "A receipt", "The warranty", "A spare part", "The stock"),
}
POINTS = {
    "ja": ("について確認しました。", "は、画面から変更できます。", "には、注文番号が必要です。"),
    "en": (" was checked.", " can be changed on the order page.", " needs the order number."),
}
COUNTS = {
    "desk-dialogues": 620,
    "public-instructions": 900,
    "rewritten-dialogues": 480,
    "style-rules": 140,
    "desk-test": 160,
}


def rows(name: str, count: int) -> Iterator[Row]:
    """Rows of template sentences, four in five of them in Japanese."""
    dice = random.Random(f"{SEED}/{name}")
    for _ in range(count):
        language = "ja" if dice.random() < 0.8 else "en"
        sentences = 2 + int(dice.random() * 6)
        text = "".join(_pick(dice, TOPICS[language]) + _pick(dice, POINTS[language]) for _ in range(sentences))
        yield {"text": text, "token_count": len(text.encode()) * 10 // 37, "language": language}


def _pick(dice: random.Random, members: tuple[str, ...]) -> str:
    return members[int(dice.random() * len(members))]


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the data of the sample release and print its totals.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "data", help="folder to write to")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for name, count in COUNTS.items():
        made = list(rows(name, count))
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in made)
        (out / f"{name}.jsonl").write_bytes(lines.encode())
        size = sum(len(str(row["text"]).encode()) for row in made)
        tokens = sum(int(row["token_count"]) for row in made)
        sys.stdout.write(f"{name:20} documents={len(made)} bytes={size} tokens={tokens}\n")


if __name__ == "__main__":
    main()
