"""Fourteen textbook attacks as whole releases: each is found, with the attacker and what he learns; each safe twin,
the same data after the usual repair, raises no alarm and costs nothing.

What kaiji cannot be made to publish, an exact total for example, is said by others: it comes from the file of external
facts, from the ledger of an earlier release, or from an answer to a rights holder. Sizes in millions of tokens where
nothing else is said. Methods: Cox 1981 (p % rule); SDC Handbook 4.2, 4.7, 5.5; Zayatz 1992 (audit by linear programs).
"""

import importlib
import sys
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kaiji.control import external_facts, ledger_atoms, ledger_file
from kaiji.control.known_kinds import KnownKinds
from kaiji.control.ledger import Publication
from kaiji.control.subjects import Claim, Subject
from kaiji.control.system import Interval
from kaiji.terms import Audience, Modality, Unit

sys.path.insert(0, str(Path(__file__).parent))
attacks = importlib.import_module("releases")
source, fact, alarms, attack, M = attacks.source, attacks.fact, attacks.alarms, attacks.attack, attacks.M

TEXT, IMAGE = {"modality": "text"}, {"modality": "image"}


def kinds(*names: str, modality: str = "text") -> dict[str, Any]:
    return {"modality": modality, "facet": "category", "kinds": list(names)}


def between(low: float | None, high: float) -> dict[str, Any]:
    return {"between": {"at_most": high} if low is None else {"at_least": low, "at_most": high}}


def web(tokens: int) -> dict[str, Any]:
    return source("web-pages", category="crawled", tokens=tokens * M)


def held(name: str, tokens: int, category: str = "licensed", **more: Any) -> dict[str, Any]:
    return source(f"corpus-{name}", f"owner-{name}", category, tokens=tokens * M, **more)


def images(name: str, items: int, *, owner: str | None = None) -> dict[str, Any]:
    return source(name, owner, "licensed" if owner else "crawled", modality="image", items=items)


PRIVATE = [held(name, 1000, "private") for name in ("brava", "charlie", "delta")]
"""Three more owners, so that the documents have something to print."""


class Scenario(NamedTuple):
    """Sources, what others said of them, what comes of it, and what they said in the safe twin."""

    sources: list[dict[str, Any]]
    facts: list[dict[str, Any]]
    target: str
    profile: str
    low: float
    high: float
    twin: list[dict[str, Any]]
    p: int = 20


SCENARIOS = {
    "S1 total of a category with one large owner": Scenario(
        [web(4000), held("alfa", 900), held("beta", 60), held("gamma", 40)],
        [fact("press", "size", kinds("licensed"), exact=1000 * M)],
        "owner:owner-alfa:text:tokens", "P1", 0, 1000 * M,
        [fact("press", "size", kinds("licensed"), **between(500 * M, 2000 * M))],
        p=15,
    ),
    "S2 exact total and a share to a tenth of a percent": Scenario(
        [web(6630), held("alfa", 370), *PRIVATE],
        [
            fact("card", "total", TEXT, exact=10_000 * M),
            fact("paper", "share", kinds("licensed"), **between(3.65, 3.75)),
        ],
        "owner:owner-alfa:text:tokens", "P1", 365 * M, 375 * M,
        [fact("card", "total", TEXT, exact=10_000 * M), fact("paper", "share", kinds("licensed"), **between(None, 5))],
    ),
    "S3 band, rounded total and share": Scenario(
        [images("pictures", 5000), source("corpus-alfa", "owner-alfa", tokens=4_200_000), held("beta", 9, "private")],
        [
            fact("band", "size", {"sources": ["corpus-alfa"]}, **between(M, 10 * M)),
            fact("card", "total", TEXT, about={"value": 13_200_000, "digits": 3}),
            fact("paper", "share", kinds("licensed"), **between(31.5, 32.5)),
        ],
        "owner:owner-alfa:text:tokens", "P1", 4_142_250, 4_306_250,
        [
            fact("band", "size", {"sources": ["corpus-alfa"]}, **between(M, 10 * M)),
            fact("card", "total", TEXT, **between(10 * M, 30 * M)),
        ],
    ),
    "S5 bytes of hidden tokens": Scenario(
        [web(20_000), held("alfa", 2000, bytes=8200 * M), *PRIVATE],
        [fact("shop", "size", {"sources": ["corpus-alfa"]}, "bytes", exact=8200 * M)],
        "owner:owner-alfa:text:bytes", "P1", 8200 * M, 8200 * M,
        [fact("shop", "size", {"sources": ["corpus-alfa"]}, "bytes", **between(1000 * M, 10_000 * M))],
    ),
    "S6 two owners who complement each other": Scenario(
        [web(580), held("alfa", 120), held("beta", 300, "private")],
        [fact("row", "total", TEXT, exact=1000 * M), fact("cell", "size", kinds("crawled"), exact=580 * M)],
        "owner:owner-alfa:text:tokens", "P5", 120 * M, 120 * M,
        [
            fact("row", "total", TEXT, **between(500 * M, 2000 * M)),
            fact("cell", "size", kinds("crawled"), exact=580 * M),
        ],
    ),
    "S7 place in a table sorted by size": Scenario(
        [web(5000), held("alfa", 402), held("beta", 410), held("gamma", 395)],
        [fact("order", "size", {"sources": ["corpus-alfa"]}, **between(395 * M, 410 * M))],
        "owner:owner-alfa:text:tokens", "P1", 395 * M, 410 * M,
        [],
    ),
    "S9 a share of seven things": Scenario(
        [web(5000), images("pictures", 6), images("pictures-alfa", 1, owner="owner-alfa")],
        [
            fact("number", "total", IMAGE, "items", exact=7),
            fact("share", "share", kinds("licensed", modality="image"), "items", **between(13.5, 14.5)),
        ],
        "owner:owner-alfa:image:items", "P1", 0.945, 1.015,
        [
            fact("number", "total", IMAGE, "items", **between(5, 19)),
            fact("share", "share", kinds("licensed", modality="image"), "items", **between(None, 20)),
        ],
    ),
    "S10 the top tenth of a list": Scenario(
        [web(5000), images("domains-alfa", 1365, owner="owner-alfa")],
        [fact("list", "total", IMAGE, "items", **between(1361, 1370))],
        "owner:owner-alfa:image:items", "P1", 1361, 1370,
        [],
    ),
    "S12 all kinds but one, and the total": Scenario(
        [
            web(500_000),
            source("generated", category="synthetic", tokens=300_000 * M),
            source("posts", category="user", tokens=150_000 * M),
            held("alfa", 50_000),
        ],
        [
            fact("card", "total", TEXT, exact=10**12),
            fact("one", "size", kinds("crawled"), exact=500_000 * M),
            fact("two", "size", kinds("synthetic"), exact=300_000 * M),
            fact("three", "size", kinds("user"), exact=150_000 * M),
        ],
        "owner:owner-alfa:text:tokens", "P1", 50_000 * M, 50_000 * M,
        [
            fact("card", "total", TEXT, **between(10**12, 3 * 10**12)),
            fact("one", "share", kinds("crawled"), **between(49.5, 50.5)),
            fact("two", "share", kinds("synthetic"), **between(29.5, 30.5)),
            fact("three", "share", kinds("user"), **between(14.5, 15.5)),
        ],
    ),
    "S13 less than one percent is safe, four tenths are not": Scenario(
        [
            web(600_000),
            source("generated", category="synthetic", tokens=300_000 * M),
            source("posts", category="user", tokens=96_000 * M),
            held("alfa", 4000),
        ],
        [fact("card", "total", TEXT, exact=10**12), fact("small", "share", kinds("licensed"), **between(0.35, 0.45))],
        "owner:owner-alfa:text:tokens", "P1", 3500 * M, 4500 * M,
        [
            fact("card", "total", TEXT, about={"value": 10**12, "digits": 2}),
            fact("one", "share", kinds("crawled"), **between(59.5, 60.5)),
            fact("two", "share", kinds("synthetic"), **between(29.5, 30.5)),
            fact("small", "share", kinds("licensed"), between={"more_than": 0, "less_than": 1}),
        ],
    ),
    "S14 an owner who dominates all suppressed cells of a row": Scenario(
        [
            web(5000),
            *(
                source(f"alfa-{language}", "owner-alfa", tokens=size * M, languages=[language])
                for language, size in (("ja", 95), ("en", 76), ("fr", 57))
            ),
            held("beta", 5), held("gamma", 4, languages=["en"]), held("delta", 3, languages=["fr"]),
        ],
        [fact("row", "size", kinds("licensed"), exact=240 * M)],
        "owner:owner-alfa:text:tokens", "P1", 0, 240 * M,
        [fact("row", "size", kinds("licensed"), **between(100 * M, 500 * M))],
    ),
}  # fmt: skip


def breaches(built: Any) -> dict[tuple[str, str], Interval]:
    """What is told of each target, and who is told: an insider by P5 alone."""
    return {
        (breach.target, breach.profile.partition(":")[0]): breach.interval
        for breach in built.proved.settled.audit.breaches
    }


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_attack_is_found_with_who_learns_what(name, make, build) -> None:
    one = SCENARIOS[name]
    built = build(make(one.sources, one.facts, p=one.p))

    assert "KJ420" in alarms(built)
    assert any(finding.id == "KJ420" and f" {one.profile} (" in finding.message for finding in built.findings)
    told = breaches(built)[one.target, one.profile]
    assert (told.low, told.high) == (pytest.approx(one.low), pytest.approx(one.high))
    owner = one.target.split(":")[1]
    found = [weak for weak in attack(built, facts=one.facts).weak(p=one.p / 100) if f":{owner}:" in weak.target]
    assert any((weak.low, weak.high) == (pytest.approx(one.low, abs=1), pytest.approx(one.high)) for weak in found)


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_safe_twin_raises_no_alarm_and_loses_nothing(name, make, build) -> None:
    one = SCENARIOS[name]
    built = build(make(one.sources, one.twin, p=one.p))

    assert alarms(built) == []
    assert built.proved.settled.repairs == ()
    assert attack(built, facts=one.twin).weak(p=one.p / 100) == []


OLD = [held(name, size) for name, size in zip("abcde", (300, 250, 200, 150, 100), strict=True)]
NEW = held("new", 77)


def said(much: int, *, exactly: bool) -> list[dict[str, Any]]:
    how = {"exact": much * M} if exactly else {"about": {"value": round(much, -2) * M, "digits": 2}}
    return [fact("card", "total", TEXT, **how)]


def test_s4_two_totals_each_harmless_give_the_new_source_exactly(make, build, publish) -> None:
    first = publish(make(OLD, said(1000, exactly=True), name="one", ledger=True))
    alone = build(make([*OLD, NEW], said(1077, exactly=True), name="two"))
    joint = build(make([*OLD, NEW], said(1077, exactly=True), name="two", ledger=True))

    assert alarms(alone) == []
    assert breaches(joint)["owner:owner-new:text:tokens", "P1"][:2] == (77 * M, 77 * M)
    said_of = [{**said(1000, exactly=True)[0], "id": "old", "release": "one"}, *said(1077, exactly=True)]
    found = attack(joint, first, facts=said_of).weak(insiders=())
    assert [(weak.low, weak.high) for weak in found] == [(pytest.approx(77 * M), pytest.approx(77 * M))]


def test_s4_twin_two_rounded_totals_leave_the_new_source_open(make, build, publish) -> None:
    first = publish(make(OLD, said(1000, exactly=False), name="one", ledger=True))
    joint = build(make([*OLD, NEW], said(1077, exactly=False), name="two", ledger=True))

    assert (alarms(joint), joint.proved.settled.repairs) == ([], ())
    said_of = [{**said(1000, exactly=False)[0], "id": "old", "release": "one"}, *said(1077, exactly=False)]
    both = attack(joint, first, facts=said_of)
    new = next(places for places, name in both.targets.items() if name.startswith("holder:owner-new"))
    # 995 to 1,050 and 1,050 to 1,150 leave 0 to 155; that the first is 1,000 or more is in the band of its documents
    assert both.interval(new) == (pytest.approx(0, abs=1), pytest.approx(150 * M))
    assert both.weak() == []


EIGHT = [web(4000), held("alfa", 900), held("beta", 60), held("gamma", 40)]
BAND = [fact("press", "size", kinds("licensed"), **between(500 * M, 2000 * M))]


def answer(release: Path, request: str, *facts: dict[str, Any]) -> None:
    """Enter an answer to a rights holder into the ledger of a release."""
    path = release.parent / "ledger.jsonl"
    ledger = ledger_file.read(path)
    known = KnownKinds.of({entry.publication.release: ledger_file.atoms(path, entry) for entry in ledger.entries[:1]})
    asked = release.parent / f"{request}.json"
    attacks.write(asked, {"schema": "kaiji/external-facts/v1", "facts": list(facts)})
    told = external_facts.load(asked, asked.name, "one", known)
    entry = Publication(kind="answer", release="one", date=date(2026, 11, 30), facts=told, request=request)
    ledger_file.append(path, ledger, entry)


def of_regulators(release: Path, total: int) -> None:
    """Enter what an authority was told of the licensed data, exactly: a document that kaiji itself does not make."""
    path = release.parent / "ledger.jsonl"
    ledger = ledger_file.read(path)
    first = ledger.entries[0].publication
    licensed = Subject(modality=Modality.TEXT, facet="category", kinds=("licensed",))
    claim = Claim(id="exact", audience=Audience.REGULATOR, unit=Unit.TOKENS, part=licensed, low=total, high=total)
    content = ledger_atoms.text(ledger_file.atoms(path, ledger.entries[0]))
    ledger_file.append(path, ledger, first.model_copy(update={"claims": (*first.claims, claim), "facts": ()}), content)


def test_s8_band_then_total_for_authorities_then_answers(make, build, publish) -> None:
    release = make(EIGHT, BAND, name="one", ledger=True)
    first = publish(release)
    of_regulators(release, 1000 * M)
    second = build(release)

    assert breaches(second)["owner:owner-alfa:text:tokens", "P2"][:2] == (0, 1000 * M)
    for request, name, size in (("r-1", "beta", 60), ("r-2", "gamma", 40)):
        answer(release, request, fact(request, "size", {"sources": [f"corpus-{name}"]}, exact=size * M))
    third = build(release)
    told = breaches(third)
    assert told["owner:owner-beta:text:tokens", "P3"][:2] == (60 * M, 60 * M)
    assert {who for what, who in told if what == "owner:owner-alfa:text:tokens"} == {"P2"}
    facts = [*BAND, fact("exact", "size", kinds("licensed"), exact=1000 * M)]
    facts += [
        fact(name, "size", {"sources": [f"corpus-{name}"]}, exact=size * M)
        for name, size in (("beta", 60), ("gamma", 40))
    ]
    found = attack(third, facts=facts)
    alfa = next(places for places, name in found.targets.items() if name.startswith("holder:owner-alfa"))
    assert found.interval(alfa) == (pytest.approx(900 * M), pytest.approx(900 * M))
    assert attack(first, facts=BAND).weak() == []


def test_s8_answers_alone_bring_down_who_asked_with_the_public_total(make, build, publish) -> None:
    """P3: the public total of S8, had it been exact, and answers; without them the total leaves more open."""
    sources = [web(4000), held("alfa", 500), held("beta", 300), held("gamma", 200)]
    total = [fact("press", "size", kinds("licensed"), exact=1000 * M)]
    release = make(sources, total, name="one", ledger=True)
    publish(release)
    for request, name, size in (("r-1", "beta", 300), ("r-2", "gamma", 200)):
        answer(release, request, fact(request, "size", {"sources": [f"corpus-{name}"]}, exact=size * M))

    assert breaches(build(release))["owner:owner-alfa:text:tokens", "P3"][:2] == (500 * M, 500 * M)


def test_s8_twin_answers_without_figures_tell_nothing(make, build, publish) -> None:
    release = make(EIGHT, BAND, name="one", ledger=True)
    publish(release)
    answer(release, "r-1")
    built = build(release)

    assert (alarms(built), built.proved.settled.repairs) == ([], ())
    assert attack(built, facts=BAND).weak() == []


def test_s11_a_total_of_zero_tells_every_owner_in_it(make, build) -> None:
    sources = [web(5000), held("alfa", 0), held("beta", 0), held("gamma", 0)]
    built = build(make(sources, [fact("none", "size", kinds("licensed"), exact=0)]))

    assert alarms(built) == ["KJ420"]


def test_s11_twin_no_word_of_the_empty_category(make, build) -> None:
    built = build(make([web(5000), held("alfa", 40), held("beta", 60), held("gamma", 0)]))

    assert alarms(built) == []
    assert attack(built).weak() == []


def test_s10_a_named_secret_is_protected_although_it_is_of_no_owner(make, build) -> None:
    facts = [fact("list", "total", IMAGE, "items", **between(1361, 1370))]
    built = build(make([web(5000), images("domains", 1365)], facts, secrets={"domains": {"total": "image"}}))

    assert alarms(built) == ["KJ420"]


def test_s9_whole_numbers_close_what_real_numbers_leave_open(make, build) -> None:
    """More than nothing and at most 20 % of 5 to 14 things: real numbers reach from 0 to 2.8, whole ones begin at 1."""
    facts = [
        fact("number", "total", IMAGE, "items", **between(5, 14)),
        fact("some", "share", kinds("licensed", modality="image"), "items", between={"more_than": 0, "at_most": 20}),
    ]
    built = build(make([web(5000), images("pictures", 6), images("pictures-alfa", 1, owner="owner-alfa")], facts))

    assert alarms(built) == ["KJ420"]
