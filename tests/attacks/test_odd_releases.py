"""Releases of odd shapes: nothing crashes, nothing untrue is said, no false alarm is raised, and an attacker of our
own, who reads the published JSON alone, comes too close to nobody.
"""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from kaiji.errors import ManifestError

sys.path.insert(0, str(Path(__file__).parent))
releases = importlib.import_module("releases")
source, fact, alarms, attack, M = releases.source, releases.fact, releases.alarms, releases.attack, releases.M


def web(tokens: int = 1000 * M, **more: Any) -> dict[str, Any]:
    return source("web-pages", category="crawled", tokens=tokens, **more)


def held(name: str, tokens: int, category: str = "licensed", **more: Any) -> dict[str, Any]:
    return source(f"corpus-{name}", f"owner-{name}", category, tokens=tokens, **more)


def nameless(one: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name != "owner"}


def with_bytes(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "declared": {**one["declared"], "bytes": 4 * one["declared"]["tokens"]}}


def voice(name: str, owner: str | None, hours: int, **more: Any) -> dict[str, Any]:
    return source(name, owner, "licensed" if owner else "crawled", modality="audio", hours=hours, **more)


THREE = [held("alfa", 90 * M), held("beta", 60 * M), held("gamma", 40 * M)]
OPEN = [source(f"open-set-{n}", category="public", tokens=100 * M) for n in range(4)]
YEARS = {"collected": {"from": "2020-01", "to": "2021-12"}}

SHAPES: dict[str, list[dict[str, Any]]] = {
    "a confidential owner alone in a language": [web(), *THREE, held("ainu", 50 * M, languages=["ain"])],
    "alone in a language among several": [
        web(), source("web-en", category="crawled", tokens=500 * M, languages=["en"]),
        *THREE, held("ainu", 50 * M, languages=["ain"]),
    ],
    "an owner in two categories": [
        web(), *THREE, source("more-alfa", "owner-alfa", "private", tokens=70 * M), held("delta", 30 * M, "private"),
    ],
    "a sole licensor, total near the lower edge": [web(9000 * M), held("alfa", 1100 * M)],
    "a sole licensor, total near the upper edge": [web(2000 * M), held("alfa", 27_900 * M)],
    "three owners, one with 98 %, total near the upper edge": [
        web(1500 * M), held("alfa", 27_600 * M), held("beta", 300 * M), held("gamma", 200 * M),
    ],
    "all confidential, one with 99 %": [held("alfa", 99_000 * M), held("beta", 500 * M), held("gamma", 500 * M)],
    "all confidential, one with 99 %, total near the upper edge": [
        held("alfa", 29_000 * M), held("beta", 100 * M), held("gamma", 100 * M),
    ],
    "two of three owners hold all but a crumb": [
        web(100 * M), held("alfa", 5000 * M), held("beta", 4000 * M), held("gamma", M),
    ],
    "names leave one of a count": [*OPEN, held("pub", 20 * M, "public"), web(), *THREE],
    "a period of one owner": [
        web(collected={"from": "2024-01", "to": "2024-12"}), *[{**one, **YEARS} for one in THREE],
        held("old", 30 * M, collected={"from": "1950-01", "to": "1950-12"}),
    ],
    "a licence of one owner": [
        web(licence="CC-BY-4.0"), *[{**one, "licence": "LicenseRef-x"} for one in THREE],
        held("free", 30 * M, licence="CC-BY-NC-ND-4.0"),
    ],
    "a stage of one owner": [web(), *THREE, held("late", 30 * M, stages=["fine_tuning"])],
    "sizes of zero": [web(), *THREE, held("zero", 0), held("zero-en", 0, languages=["en"])],
    "nothing at all": [web(0), held("zero", 0)],
    "one owner in text and audio": [web(), *THREE, voice("voice-alfa", "owner-alfa", 100), voice("radio", None, 1000)],
    "one owner in text and audio, with bytes": [
        *(with_bytes(one) for one in (web(), *THREE)),
        voice("voice-alfa", "owner-alfa", 100, bytes=360 * M), voice("radio", None, 1000, bytes=3600 * M),
    ],
    "owners without a name": [web(), *map(nameless, THREE)],
    "owners without a name beside two with one": [web(), *map(nameless, THREE), held("delta", 50 * M), held("eps", M)],
    "one confidential source": [held("alfa", 50 * M)],
    "one open source": [web(5)],
    "sizes of 1": [web(5), *(held(f"tiny-{n}", 1) for n in range(8))],
    "small sizes": [web(500), *(held(f"tiny-{n}", n) for n in (1, 2, 3, 5, 8, 13, 21, 34))],
    "sizes near 2^62": [web(2**62), held("alfa", 2**60), held("beta", 2**59), held("gamma", 12345)],
    "one owner of many datasets in a category": [
        web(), *(source(f"crawl-{n}", "owner-one", "crawled", tokens=100 * M) for n in range(6)), *THREE,
    ],
    "known data in great part": [
        source("open-set", category="public", tokens=28_000 * M),
        held("a", 900 * M), held("b", 600 * M), held("c", 400 * M),
    ],
    "confidential sources of the public category": [
        source("open-set", category="public", tokens=900 * M),
        held("a", 90 * M, "public"), held("b", 60 * M, "public"), held("c", 5 * M, "public"),
    ],
}  # fmt: skip
SIZES = ["tokens", "bytes", "items", "seconds"]
FEWEST = 3
"""Owners behind a printed row, and confidential datasets behind a printed number."""


def few(built: Any) -> list[str]:
    """Printed rows with a confidential source behind which there are too few owners with something in it, and printed
    numbers of datasets that show too few confidential ones beside those that are named."""
    frame, found = releases.attacker.seen(built).frame, []
    plan = json.loads(built.files["internal/plan.json"])
    for planned in plan["audiences"]:
        for facet in planned["facets"]:
            measured = frame if facet["modality"] is None else frame[frame["modality"] == facet["modality"]]
            for kinds in facet["groups"]:
                inside = measured[facet["facet"]].isin([kind for kind in kinds if kind]) | (
                    measured[facet["facet"]].isna() & (None in kinds)
                )
                part = measured[inside & (measured[SIZES].fillna(0).sum(axis=1) > 0)]
                owners = set(part["owner_id"].dropna()) | (
                    {"?"} if (part["owner_id"].isna() & part["confidential"]).any() else set()
                )
                if part["confidential"].any() and len(owners) < FEWEST:
                    found.append(f"{facet['facet']}: {kinds}")
    texts = releases.attacker.seen(built).figures
    for category in sorted({path.split(".")[1] for path in texts if path.endswith(".count")}):
        own = [one for one in built.measured.summary.sources if one.category == category]
        secret = sum(one.confidential for one in own)
        high = {"fewer than 5": 4, "5 to 19": 19, "20 to 99": 99}[texts[f"category.{category}.count"]]
        if secret and high - (len(own) - secret) < FEWEST:
            found.append(f"number of {category}")
    return found


@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_odd_gives_anybody_away(shape, make, build) -> None:
    built = build(make(SHAPES[shape]), worlds=1)

    assert alarms(built) == []
    assert attack(built).weak() == []
    assert few(built) == []


def test_tables_of_two_facets_give_nobody_away(make, build) -> None:
    """An owner who dominates every cell that is not printed, and owners in one cell each."""
    sources = [
        web(2000 * M), source("web-en", category="crawled", tokens=900 * M, languages=["en"]),
        *(source(f"alfa-{tag}", "owner-alfa", tokens=300 * M, languages=[tag]) for tag in ("ja", "en", "fr")),
        held("beta", 40 * M), held("gamma", 30 * M, languages=["en"]), held("delta", 20 * M, languages=["fr"]),
        held("eps", 90 * M, "private"), held("zeta", 80 * M, "private", languages=["en"]),
        held("eta", 70 * M, "private", languages=["fr"]),
    ]  # fmt: skip
    built = build(make(sources, level="middle-ground-tables"), worlds=1)

    assert alarms(built) == []
    assert attack(built).weak() == []


def test_a_unit_that_is_widened_for_one_facet_leaves_the_bars_of_others_true(make, build) -> None:
    """The category is given in steps of 5, as an earlier plan has it, the languages in steps of 1: both print 5 %."""
    sources = [
        web(900 * M), held("alfa", 30 * M), held("beta", 20 * M), held("gamma", 10 * M),
        source("web-en", category="crawled", tokens=50 * M, languages=["en"]),
    ]  # fmt: skip
    release = make(sources)
    first = build(release, worlds=0)
    plan = json.loads(first.files["internal/plan.json"])
    for planned in plan["audiences"]:
        for facet in planned["facets"]:
            facet["unit"] = "5" if facet["facet"] == "category" else facet["unit"]
    releases.write(release.parent / "plan.json", plan)
    built = build(make(sources, plan="plan.json"), worlds=0)

    assert alarms(first) == []
    assert alarms(built) == []


def test_merged_stages_and_a_source_of_both_are_two_rows(make, build) -> None:
    sources = [
        source("web-pages", category="crawled", tokens=800 * M, stages=["continued", "fine_tuning"]),
        held("alfa", 90 * M, stages=["continued"]),
        held("beta", 60 * M, stages=["fine_tuning"]),
        held("gamma", 40 * M, stages=["fine_tuning"]),
    ]
    assert alarms(build(make(sources), worlds=1)) == []


def test_sizes_that_only_just_add_up(make, build) -> None:
    sources = [web(2**62), held("alfa", 2**61), held("beta", 2**60), held("gamma", 2**59)]
    assert alarms(build(make(sources), worlds=1)) == []


def test_sizes_that_do_not_add_up_are_refused(make, build) -> None:
    with pytest.raises(ManifestError, match="add up to more than"):
        build(make([web(2**62), held("alfa", 2**62)]))


def test_a_pinned_plan_takes_a_new_kind_in(make, build) -> None:
    first = build(make([web(), *THREE]), worlds=0)
    more = [*THREE, held("delta", 50 * M, "private", languages=["ain"])]
    release = make([web(), *more], plan="plan.json")
    (release.parent / "plan.json").write_bytes(first.files["internal/plan.json"])
    built = build(release, worlds=1)

    assert alarms(built) == []
    assert attack(built).weak() == []
    assert few(built) == []


def test_the_same_release_twice_is_one_entry_with_the_same_bytes(make, publish) -> None:
    release = make([web(), *THREE], ledger=True)
    first, second = publish(release), publish(release)

    assert dict(second.files) == {**first.files, **{p: d for p, d in second.files.items() if p.startswith("internal/")}}
    ledger = (release.parent / "ledger.jsonl").read_bytes()
    assert ledger.count(b"\n") == 2  # the line that begins it, and one publication
    assert attack(second, first).weak() == []


def test_a_corrected_size_is_open_in_both_publications(make, publish) -> None:
    first = publish(make([web(), *THREE], ledger=True))
    release = make([web(), held("alfa", 130 * M), *THREE[1:]], ledger=True)
    second = publish(release)

    assert (release.parent / "ledger.jsonl").read_bytes().count(b"\n") == 3
    assert second.proved.settled.audit.targets  # of both
    assert sum(target.id.startswith("owner:owner-alfa") for target in second.proved.settled.audit.targets) >= 2
    assert attack(second, first).weak() == []


def test_a_correction_that_others_measured_gives_the_owner_away(make, build, publish) -> None:
    """What makes the tests above fail: the exact total before and after, and one source that changed."""
    total = {"modality": "text"}
    publish(make([web(), *THREE], [fact("before", "total", total, exact=1190 * M)], ledger=True))
    more = [web(), *THREE, held("delta", 70 * M)]
    built = build(make(more, [fact("after", "total", total, exact=1260 * M)], ledger=True), worlds=0)

    assert alarms(built) == ["KJ420"]


def test_a_source_that_became_confidential_cannot_be_forgotten(make, build, publish) -> None:
    """It was measurable by anybody when it was published; a ledger knows."""
    first = [web(), *THREE, source("corpus-open", category="public", tokens=70 * M)]
    publish(make(first, name="one", ledger=True))
    second = [*first[:-1], held("open", 70 * M)]
    built = build(make(second, name="two", ledger=True), worlds=0)

    assert alarms(built) == ["KJ420"]


def test_an_owner_added_alone_is_open_after_all_that_was_published(make, publish) -> None:
    row = [[web(), *THREE], [web(), *THREE, held("delta", 25 * M)], [web(), *THREE[1:], held("delta", 25 * M)]]
    built = [publish(make(sources, name=f"r-{n}", ledger=True), worlds=0) for n, sources in enumerate(row)]

    assert attack(built[2], *built[:2]).weak() == []


def test_an_insider_who_is_large_in_no_sum_with_the_target_learns_too_much(make, build, publish) -> None:
    """He holds a tenth of the crawled data in another language; the share of that language is fixed by two releases."""
    first = [
        held("five", 463_092_990, languages=["fr"]),
        _named("crawl-one", "open-one", 40_334_928, languages=["fr"]),
        source("crawl-seven", "owner-seven", "crawled", tokens=112_546_459),
        source("manuals-four", "owner-four", "private", tokens=112_577_835, languages=["en"]),
        source("books-seven", "owner-seven", tokens=13_842_310, languages=["en"]),
        source("books-four", "owner-four", tokens=227_551_749, languages=["en"]),
        _named("crawl-zero", "open-zero", 132_889_929, languages=["en"]),
        source("manuals-seven", "owner-seven", "private", tokens=522_860_937, languages=["en"]),
        held("three", 65_082_756, languages=["en"]),
    ]
    new = [
        source("crawl-new", "owner-new", "crawled", tokens=7_330_161),
        held("six", 126_740_898, "private", languages=["fr"]),
    ]
    facts = [fact("card", "total", {"modality": "text"}, about={"value": 1800 * M, "digits": 2})]
    one = publish(make(first, name="one", ledger=True), worlds=0)
    two = build(make([*first, *new], facts, name="two", ledger=True), worlds=0)

    assert attack(two, one, facts=facts).weak() == [] or "KJ420" in alarms(two)


def _named(name: str, owner: str, tokens: int, **more: Any) -> dict[str, Any]:
    """A crawled source that is not confidential and has an owner, who knows its size."""
    return {
        **source(name, category="crawled", tokens=tokens, **more),
        "owner": {"id": owner, "name": f"Named {owner}"},
    }
