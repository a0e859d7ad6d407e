"""A release of many declared sources, as a folder: lognormal sizes, Zipf owners, skewed kinds. The same for a seed."""

import argparse
import random
from pathlib import Path

CATEGORIES = (("public", 30), ("licensed", 30), ("private", 10), ("crawled", 20), ("synthetic", 6), ("other", 4))
LANGUAGES = ("en", "ja", "de", "fr", "zh", "es", "it", "ko", "pt", "nl", "pl")
LICENCES = ("CC-BY-4.0", "MIT", "Apache-2.0", "CC0-1.0", "LicenseRef-contract")
RIGHTS = ("article_30_4", "licence", "contract", "public_domain")
CHANNELS = ("free_public", "licensed", "purchased", "self_collected")
STAGES = ("[pretraining]", "[pretraining, fine_tuning]", "[alignment]")
MODALITIES = ("text", "text", "text", "text", "image", "audio")
SIZES = {"text": "tokens: {0}, bytes: {1}", "image": "items: {0}, bytes: {1}", "audio": "hours: {2}, bytes: {1}"}
PER_FILE = 500

RELEASE = """schema: kaiji/release/v1
id: made-{sources}
manifests: [manifests/*.yaml]
model: {{name: made, version: v1, release_date: 2026-06-30}}
provider:
  legal_name: {{ja: 試験用, en: Made up}}
  roles: [developer]
document: {{date: 2026-11-20}}
"""


def source(random_: random.Random, number: int, owners: int) -> str:
    """One source as YAML."""
    (category,) = random_.choices([name for name, _ in CATEGORIES], [weight for _, weight in CATEGORIES])
    modality = random_.choice(MODALITIES)
    secret = category in ("licensed", "private") and random_.random() < 0.8
    owner = min(owners, int(random_.paretovariate(0.8)))
    size = int(random_.lognormvariate(17, 2)) + 1000
    kept = "hidden" if secret else "open"
    per = random_.uniform(2.5, 6)
    year = random_.randint(2015, 2025)
    return f"""  - id: s-{number:05}
    title: Source number {number:05} of the collection
    category: {category}
    modality: {modality}
    stages: {random_.choice(STAGES)}
    confidentiality: {"confidential" if secret else "public"}
    owner: {{id: {kept}-owner-{owner:05}, name: Holder {kept[0].upper()}{owner:05} Corp}}
    languages: [{LANGUAGES[min(len(LANGUAGES) - 1, int(random_.expovariate(0.5)))]}]
    licence: {random_.choice(LICENCES)}
    rights_basis: {random_.choice(RIGHTS)}
    acquisition: {random_.choice(CHANNELS)}
    collected: {{from: {year}-01, to: {year}-12}}
    declared: {{{SIZES[modality].format(size, int(size * per), round(size / 1e4, 2))}}}
"""


def write(folder: Path, sources: int, seed: int = 7) -> None:
    """The release in ``folder``: release.yaml and manifests of :data:`PER_FILE` sources each."""
    random_ = random.Random(seed)  # noqa: S311  (a corpus, no secret)
    owners = max(20, sources // 4)
    (folder / "manifests").mkdir(parents=True)
    (folder / "release.yaml").write_text(RELEASE.format(sources=sources), encoding="utf-8")
    for first in range(0, sources, PER_FILE):
        body = "".join(source(random_, n, owners) for n in range(first, min(first + PER_FILE, sources)))
        text = f"schema: kaiji/dataset-manifest/v1\nsources:\n{body}"
        (folder / "manifests" / f"{first:05}.yaml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sources", type=int, default=300)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    write(arguments.folder, arguments.sources, arguments.seed)
