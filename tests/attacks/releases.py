"""Parts of small invented releases, and what the tests ask of a build."""

import importlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kaiji.pipeline import Build

sys.path.insert(0, str(Path(__file__).parent))
attacker = importlib.import_module("attacker")

M = 10**6
ALARMS = ("KJ401", "KJ402", "KJ416", "KJ417", "KJ420", "KJ422", "KJ423")
"""Something protected, untrue or unexplained would be published."""
_ACQUISITION = {"crawled": "self_collected", "synthetic": "generated", "public": "free_public", "user": "user_provided"}
_SIZES = ("tokens", "bytes", "documents", "items", "hours")


def source(name: str, owner: str | None = None, category: str = "licensed", **more: Any) -> dict[str, Any]:
    """A source of text as a manifest declares it: with an ``owner`` it is confidential. Sizes go by measure."""
    sizes = {key: more.pop(key) for key in _SIZES if key in more}
    held = {"owner": {"id": owner, "name": {"ja": f"保有者{owner}号社", "en": f"Holder {owner} Inc."}}} if owner else {}
    return {
        "id": name,
        "title": {"ja": f"資料{name}", "en": f"Corpus {name}"},
        "category": category,
        "modality": "text",
        "stages": ["pretraining"],
        "confidentiality": "confidential" if owner else "public",
        "acquisition": _ACQUISITION.get(category, "licensed"),
        "languages": ["ja"],
        "declared": sizes,
        **({"user_data": "other_service"} if category == "user" else {}),
        **held,
        **more,
    }


def fact(name: str, says: str, of: Mapping[str, Any], unit: str = "tokens", **much: Any) -> dict[str, Any]:
    """Something that others said; ``much`` is exact, about or between, and perhaps the release that it is of."""
    where = {"title": {"ja": f"記事{name}", "en": f"Report {name}"}, "date": "2026-07-01"}
    return {"id": name, "where": where, "says": says, "of": dict(of), "unit": unit, **much}


def write(path: Path, value: object) -> None:
    """A file of JSON, which is YAML too."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")


def alarms(built: Build) -> list[str]:
    """Ids of the findings of a build that are in :data:`ALARMS`, each once."""
    return sorted({finding.id for finding in built.findings} & set(ALARMS))


def attack(built: Build, *earlier: Build, facts: Sequence[Mapping[str, Any]] = ()) -> Any:
    """The attacker before the documents of a release and of those before it, none of which says anything untrue."""
    seen = [attacker.seen(one) for one in (*earlier, built)]
    names = [one.name for one in seen]
    told_apart = [  # a release that was built again is another publication
        one._replace(name=f"{one.name}@{place}") if one.name in names[place + 1 :] else one
        for place, one in enumerate(seen)
    ]
    found = attacker.Attack(told_apart, facts)
    assert found.untrue() == []
    return found
