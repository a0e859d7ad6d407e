"""Make the invented training data of the sample release: small, seeded, the same bytes on every run.

Run ``python make_data.py`` to write ``data/`` next to this file (``--out DIR`` writes elsewhere) and to print the
exact totals of each source, which the manifests declare. With the pinned versions of pyarrow and datasets two
runs give identical bytes: only ``Random.random`` is used, sizes are whole numbers, gzip carries no time, and the
folder saved by datasets gets a fixed fingerprint.

Columns, where a source has them: url, text (UTF-8), byte_size (bytes), token_count (tokens), language (BCP 47),
licence (SPDX), crawl_date (YYYY-MM-DD). Hosts lie under reserved names, so no address leads anywhere.
"""

import argparse
import gzip
import json
import random
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Row = dict[str, Any]

SEED = 20261015
BYTES_PER_TEN_TOKENS = {"ja": 37, "en": 43, "zh": 32, "ko": 35, "fr": 39, "no": 37, "zxx": 31}
TOKEN_STEPS = (60, 110, 190, 320, 540, 900, 1500, 2600, 4400)
STEP_WEIGHTS = (9, 14, 19, 20, 16, 11, 6, 3, 1)

FIRST = (
    "kaze", "hoshi", "mori", "kawa", "sora", "umi", "hana", "yuki",
    "tsuki", "yama", "asa", "hikari", "take", "matsu", "nami", "kumo",
)  # fmt: skip
SECOND = ("machi", "niwa", "kouji", "gaoka", "zaka", "hama", "bashi", "tani", "saki", "mura", "dori", "sato")
KIND = ("shimbun", "blog", "note", "shop", "forum", "lab")
FOREIGN = {
    "en": (
        "gentle-rain",
        "paper-lantern",
        "north-harbour",
        "quiet-engine",
        "copper-kettle",
        "field-notes",
        "tin-roof",
    ),
    "zh": ("qingshan-riji", "yueguang-shudian", "xiaoqiao-luntan"),
    "ko": ("byeolbit-ilgi", "namu-gage", "baram-gil"),
    "fr": ("petit-phare", "jardin-bleu", "châtaigne-café"),
    "no": ("fjordbrev", "blåbær-kjøkken", "nordlysbok"),
}
IDN = ("ことのは日記.example", "風の図書室.example", "星降る台所.example", "xn--u9jt37i7ddo6ncr4d.example")
ODD_URLS = (
    "http://192.0.2.17/index.html",
    "http://[2001:db8::7]:8080/",
    "https://",
    "http:///no-host",
    "htp//kazemachi-blog.example/typo",
    "//cdn.asagaoka-lab.example/lib.js",
    "mailto:webmaster@example.jp",
    "http://two words.example/",
    "http://umihama-shop.example:99999/",
    "http://..example/",
    "http://intranet/wiki",
    "https://co.jp/",
    "about:blank",
    "ftp://files.example.com/pub/readme.txt",
)

JA_TOPICS = (
    "潮の満ち引き",
    "和紙の漉き方",
    "里山の野鳥",
    "町家の格子",
    "蕎麦の実",
    "行灯の油",
    "藍染めの布",
    "霧の出る朝",
    "用水路の水門",
    "古い時刻表",
)
JA_POINTS = (
    "については、地域ごとに呼び名が異なる。",
    "は、季節の変わり目に様子が大きく変わる。",
    "を記録した帳面が、土蔵から見つかった。",
    "を学ぶには、まず道具の手入れから始めるとよい。",
    "に関する問い合わせは、年の前半に多い。",
    "は、写真よりも図で示すほうが分かりやすい。",
    "の手順を、次のように整理した。",
    "をめぐっては、二つの説が並び立っている。",
)
EN_TOPICS = (
    "The tide table",
    "Hand-made paper",
    "A lattice window",
    "The old timetable",
    "Indigo cloth",
    "A water gate",
)
EN_POINTS = (
    " is described differently from one valley to the next.",
    " changes visibly at the turn of the season.",
    " was noted in a ledger found in the storehouse.",
    " is easier to explain with a drawing than with a photograph.",
    " needs its tools looked after before anything else.",
    " has two competing explanations.",
)


class Dice:
    """Random choices built on ``Random.random`` alone, whose sequence Python promises to keep."""

    def __init__(self, name: str) -> None:
        self._random = random.Random(f"{SEED}/{name}")

    def below(self, end: int) -> int:
        return int(self._random.random() * end)

    def chance(self, percent: float) -> bool:
        return self._random.random() * 100 < percent

    def pick(self, members: Sequence[Any]) -> Any:
        return members[self.below(len(members))]

    def weighted(self, members: Sequence[Any], weights: Sequence[int]) -> Any:
        point = self.below(sum(weights))
        return next(m for m, edge in zip(members, accumulate(weights), strict=True) if point < edge)

    def day(self, first: date, last: date) -> date:
        return first + timedelta(days=self.below((last - first).days + 1))


def sites() -> list[tuple[str, str]]:
    """Hosts with their language, most frequent first: a site at rank k is drawn in proportion to 1/(k+2)."""
    dice = Dice("sites")
    japanese = [(f"{a}{b}-{k}.example", "ja") for a in FIRST for b in SECOND for k in KIND if dice.chance(35)]
    foreign = [(f"{n}{s}.example", lang) for lang, ns in FOREIGN.items() for n in ns for s in ("", "-2", "-press")]
    others = [(h, "ja") for h in (*IDN, "news.example.co.jp", "town.example.or.jp", "lib.example.ac.jp")]
    everything = japanese + foreign + others
    return sorted(everything, key=lambda site: (dice.below(1_000_000), site))


class Web:
    """Draws pages of the invented web."""

    def __init__(self, name: str) -> None:
        self.dice = Dice(name)
        self.sites = sites()
        self.edges = list(accumulate(1_000_000 // (rank + 2) for rank in range(len(self.sites))))

    def page(self, first: date, last: date) -> Row:
        dice = self.dice
        host, language = self.sites[bisect_right(self.edges, dice.below(self.edges[-1]))]
        tokens, size = length(dice, language)
        return {
            "url": self.address(host),
            "byte_size": size,
            "token_count": tokens,
            "language": None if dice.chance(4) else language,
            "licence": dice.weighted((None, "CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0"), (90, 5, 4, 1)),
            "crawl_date": None if dice.chance(1) else dice.day(first, last),
        }

    def address(self, host: str) -> str | None:
        dice = self.dice
        if dice.chance(0.8):
            return None
        if dice.chance(0.7):
            return str(dice.pick(ODD_URLS))
        scheme = dice.weighted(("https://", "http://", "HTTPS://"), (85, 14, 1))
        before = dice.weighted(("", "www.", "blog.", "m.", "reader@"), (50, 30, 12, 7, 1))
        port = dice.weighted(("", ":8080", ":443", "."), (96, 2, 1, 1))
        path = dice.pick(("articles", "notes", "2025", "archive", "q"))
        return f"{scheme}{before}{host}{port}/{path}/{dice.below(90_000) + 10_000}"


def length(dice: Dice, language: str, scale: int = 100) -> tuple[int, int]:
    """Tokens and bytes of a document; ``scale`` in percent."""
    step = dice.weighted(TOKEN_STEPS, STEP_WEIGHTS) * scale // 100
    tokens = step + dice.below(step)
    return tokens, tokens * BYTES_PER_TEN_TOKENS[language] // 10 + dice.below(3)


def prose(dice: Dice, language: str, sentences: int) -> Row:
    """A text of template sentences, with its number of tokens."""
    topics, points = (JA_TOPICS, JA_POINTS) if language == "ja" else (EN_TOPICS, EN_POINTS)
    joint = "" if language == "ja" else " "
    text = joint.join(dice.pick(topics) + dice.pick(points) for _ in range(sentences))
    return {"text": text, "token_count": len(text.encode()) * 10 // BYTES_PER_TEN_TOKENS[language]}


def crawl(name: str, count: int, first: date, last: date) -> list[Row]:
    web = Web(name)
    return [web.page(first, last) for _ in range(count)]


def encyclopedia() -> Iterator[Row]:
    dice = Dice("encyclopedia")
    for number in range(1300):
        yield {
            "url": f"https://kotonoha.example/wiki/{number + 1}",
            **prose(dice, "ja", 6 + dice.below(26)),
            "language": "ja",
            "licence": "CC-BY-SA-4.0",
            "crawl_date": date(2026, 3, 1),
        }


def code() -> Iterator[Row]:
    dice = Dice("code")
    for number in range(1200):
        tokens, size = length(dice, "zxx", 165)
        licence = dice.weighted(("MIT", "Apache-2.0", "BSD-3-Clause", None), (52, 33, 12, 3))
        url = f"https://code.example/{dice.pick(FIRST)}/{dice.pick(SECOND)}-{number}"
        yield {"url": url, "byte_size": size, "token_count": tokens, "language": "code", "licence": licence}


def multilingual() -> Iterator[Row]:
    dice = Dice("multilingual")
    for number in range(1600):
        language = dice.weighted(("ja", "en", "zh", "ko", "fr", "no", None), (24, 30, 17, 11, 10, 6, 2))
        tokens, size = length(dice, language or "en", 95)
        url = f"https://tabi-honyaku.example/{language or 'xx'}/{number}"
        yield {"url": url, "byte_size": size, "token_count": tokens, "language": language}


def collection(name: str, count: int, scale: int, english: int, first: date, last: date) -> list[Row]:
    """Rows without address or text, as a licensed delivery is often described; ``english`` in percent."""
    dice, rows = Dice(name), []
    for _ in range(count):
        language = "en" if dice.chance(english) else "ja"
        tokens, size = length(dice, language, scale)
        day = dice.day(first, last)
        rows.append({"byte_size": size, "token_count": tokens, "language": language, "published": day})
    return rows


def texts(name: str, count: int, sentences: int, english: int) -> list[Row]:
    """Rows with text; ``english`` in percent."""
    dice, rows = Dice(name), []
    for _ in range(count):
        language = "en" if dice.chance(english) else "ja"
        rows.append({**prose(dice, language, 1 + dice.below(sentences * 2)), "language": language})
    return rows


def books() -> Iterator[Row]:
    dice = Dice("books")
    for number in range(420):
        tokens, size = length(dice, "ja", 310)
        scanned = dice.day(date(2025, 6, 2), date(2026, 2, 27))
        yield {"shelf": f"H-{number + 1:04}", "byte_size": size, "token_count": tokens, "scanned": scanned}


def write_parquet(path: Path, rows: list[Row]) -> None:
    pq.write_table(pa.Table.from_pylist(rows), path, compression="zstd", compression_level=9)


def write_lines(path: Path, rows: list[Row]) -> None:
    """JSON Lines; .gz and .zst by the name of the file."""
    lines = "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows).encode()
    if path.suffix == ".gz":
        lines = gzip.compress(lines, mtime=0)
    elif path.suffix == ".zst":
        sink = pa.BufferOutputStream()
        with pa.CompressedOutputStream(sink, "zstd") as stream:
            stream.write(lines)
        lines = sink.getvalue().to_pybytes()
    path.write_bytes(lines)


def write_folder(path: Path, rows: list[Row]) -> None:
    """A folder as ``datasets`` saves it. Its fingerprint would otherwise differ from run to run."""
    from datasets import Dataset, disable_progress_bars
    from datasets.table import InMemoryTable

    disable_progress_bars()
    table = InMemoryTable(pa.Table.from_pylist(rows))
    Dataset(table, fingerprint=f"{SEED:016x}").save_to_disk(path)


WRITERS: tuple[tuple[str, Callable[[Path, list[Row]], None]], ...] = (
    (".parquet", write_parquet),
    (".jsonl", write_lines),
    (".jsonl.gz", write_lines),
    (".jsonl.zst", write_lines),
)


def shards() -> dict[str, list[tuple[str, list[Row]]]]:
    """Rows of each file, by source id."""
    own = crawl("hinodebot-2025", 4200, date(2025, 4, 1), date(2025, 12, 20))
    return {
        "kotonoha-encyclopedia": [("encyclopedia.parquet", list(encyclopedia()))],
        "open-source-code": [("code.jsonl.zst", list(code()))],
        "tabi-multilingual": [("multilingual.jsonl.gz", list(multilingual()))],
        "contract-corpus-l01": [
            ("licensed-01.parquet", collection("l1", 610, 125, 0, date(2015, 1, 5), date(2025, 12, 26)))
        ],
        "contract-corpus-l02": [
            ("licensed-02.parquet", collection("l2", 980, 70, 8, date(2015, 1, 5), date(2025, 12, 26)))
        ],
        "contract-corpus-l03": [
            ("licensed-03.parquet", collection("l3", 270, 240, 0, date(2015, 1, 5), date(2025, 12, 26)))
        ],
        "higashino-news": [
            ("news-archive.jsonl.zst", collection("news", 900, 62, 0, date(2015, 1, 5), date(2026, 6, 30)))
        ],
        "partner-manuals": [
            ("manuals.parquet", collection("manuals", 700, 105, 35, date(2018, 2, 1), date(2026, 5, 29)))
        ],
        "hinodebot-2025": [
            ("hinodebot-2025/part-00000.parquet", own[:2400]),
            ("hinodebot-2025/part-00001.parquet", own[2400:]),
        ],
        "hinodebot-2026": [
            ("hinodebot-2026.jsonl.zst", crawl("hinodebot-2026", 2100, date(2026, 1, 6), date(2026, 8, 28)))
        ],
        "openpath-crawl": [
            ("openpath-crawl.jsonl.gz", crawl("openpath-crawl", 2600, date(2024, 10, 1), date(2025, 6, 30)))
        ],
        "preview-chat": [("preview-chat.jsonl", texts("chat", 240, 4, 15))],
        "hinode-qa": [("qa-board.jsonl", texts("qa", 300, 6, 0))],
        "synthetic-instructions": [("synthetic-instructions.parquet", texts("synthetic", 2200, 5, 30))],
        "digitised-books": [("digitised-books", list(books()))],
        "instructions-1-1": [("1.1/instructions.parquet", texts("instructions", 900, 5, 20))],
    }


def write(out: Path) -> None:
    for files in shards().values():
        for name, rows in files:
            path = out / name
            path.parent.mkdir(parents=True, exist_ok=True)
            writer = next((w for ending, w in WRITERS if name.endswith(ending)), write_folder)
            writer(path, rows)


def totals() -> Iterator[str]:
    """One line a source: documents, bytes, tokens, languages with their documents."""
    for source, files in shards().items():
        rows = [row for _, members in files for row in members]
        size = sum(row["byte_size"] if "byte_size" in row else len(row["text"].encode()) for row in rows)
        tokens = sum(row["token_count"] for row in rows)
        languages = Counter(str(row["language"]) for row in rows if "language" in row)
        spread = " ".join(f"{name}={count}" for name, count in sorted(languages.items()))
        yield f"{source:24} documents={len(rows)} bytes={size} tokens={tokens} {spread}".rstrip()


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the data of the sample release and print its totals.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "data", help="folder to write to")
    write(parser.parse_args().out)
    sys.stdout.write("".join(f"{line}\n" for line in totals()))


if __name__ == "__main__":
    main()
