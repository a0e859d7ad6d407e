"""The ceiling: which attacker can work out which protected size, by releases that are small enough to do by hand."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import pytest
from disclosing import tell

from kaiji.control.atoms import Atoms, atoms
from kaiji.control.ceiling import Audit, Hidden, Knowledge, Limits, audit, margins
from kaiji.control.certificates import verify
from kaiji.control.level import Level
from kaiji.control.solver import UnresolvedError
from kaiji.control.subjects import Claim, Subject
from kaiji.control.system import Protection
from kaiji.manifest.models import DataSource
from kaiji.provenance import inventory
from kaiji.provenance.summarise import ProvenanceSummary
from kaiji.terms import Audience, Modality, Unit

Make = Callable[..., DataSource]
Sum = Callable[..., ProvenanceSummary]
F = Fraction
LIMITS = Limits(Protection(F(1, 5), F(2)), Protection(F(1, 10)))
ALL = Subject(modality=Modality.TEXT)
LICENSED = Subject(modality=Modality.TEXT, facet="category", kinds=("licensed",))


def claim(name: str, part: Subject, low: int, high: int | None = None, *, regulator: bool = False) -> Claim:
    """That the size of ``part`` is from ``low`` to ``high``, or exactly ``low``."""
    return Claim(
        id=name,
        audience=Audience.REGULATOR if regulator else Audience.PUBLIC,
        unit=Unit.TOKENS,
        part=part,
        low=F(low),
        high=F(low if high is None else high),
    )


def of(name: str) -> Subject:
    return Subject(sources=(name,))


@pytest.fixture(name="sized")
def _sized(source: Make, summary: Sum) -> Callable[..., Atoms]:
    """Atoms of one licensed source for each owner and size, and of an open crawl."""

    def made(crawl: int = 10_000, **sizes: int) -> Atoms:
        sources = [
            source(number, id=f"of-{owner}", owner=owner, declared={"tokens": size})
            for number, (owner, size) in enumerate(sizes.items())
        ]
        open_ = {"category": "crawled", "confidentiality": "public", "owner": None}
        sources.append(source(99, **open_, declared={"tokens": crawl}))
        return atoms(inventory.build(sources, None), summary(*sources))

    return made


Sized = Callable[..., Atoms]


def found(audited: Audit) -> dict[str, tuple[str, str]]:
    return {breach.target: (breach.profile, breach.reason) for breach in audited.breaches}


def proved(audited: Audit, held: Mapping[str, frozenset[int]]) -> None:
    """Every certificate is what it says it is, and moves nothing that its attacker knows."""
    for certificate in audited.certificates:
        assert verify(audited.gate, certificate, audited.targets) == ()
    for insiders, certificates in audited.insiders.items():
        known = audited.gate.known.union(*(held[name] for name in insiders.split("+")))
        for certificate in certificates:
            assert verify(audited.gate._replace(known=known), certificate, audited.targets) == ()


# P1: anybody


def test_a_sole_licensor_in_an_exact_figure(sized: Sized) -> None:
    made = sized(a=900)
    told = audit(Knowledge(made, (claim("c", LICENSED, 900),)), LIMITS)
    assert found(told) == {"owner:a:text:tokens": ("P1", "exact")}
    (breach,) = told.breaches
    assert (breach.truth, breach.statements) == (900, ("c",))
    assert breach.interval is not None
    assert (breach.interval.low, breach.interval.high) == (900, 900)
    assert (told.certified, len(told.targets)) == (0, 1)


@pytest.mark.parametrize(
    ("low", "high", "breached"),
    [
        (500, 2000, False),
        (500, 1000, True),  # not 20 % above the truth
        (800, 2000, True),  # not 20 % below
        (720, 1439, True),  # not twice the lower end
        (720, 1440, False),
    ],
)
def test_a_sole_licensor_in_a_band(sized: Sized, low: int, high: int, breached: bool) -> None:
    made = sized(a=900)
    told = audit(Knowledge(made, (claim("c", LICENSED, low, high),)), LIMITS)
    assert found(told) == ({"owner:a:text:tokens": ("P1", "interval")} if breached else {})
    proved(told, made.held_by())


def test_a_figure_and_its_complement_give_away_what_is_between(sized: Sized) -> None:
    """12: three of four parts and their total are exact."""
    made = sized(a=500, crawl=300)
    crawled = LICENSED.model_copy(update={"kinds": ("crawled",)})
    claims = (claim("total", ALL, 800), claim("crawled", crawled, 300))
    told = audit(Knowledge(made, claims), LIMITS)
    assert found(told) == {"owner:a:text:tokens": ("P1", "exact")}
    assert set(told.breaches[0].statements) == {"total", "crawled"}
    assert found(audit(Knowledge(made, claims[:1]), LIMITS)) == {}


# P2 and P3: an authority, and who asked


def test_what_only_an_authority_is_told(sized: Sized) -> None:
    made = sized(a=900)
    public = claim("band", LICENSED, 500, 2000)
    exact = claim("exact", LICENSED, 900, regulator=True)
    assert found(audit(Knowledge(made, (public, exact)), LIMITS)) == {"owner:a:text:tokens": ("P2", "exact")}
    assert found(audit(Knowledge(made, (public,)), LIMITS)) == {}


def test_answers_to_others_leave_one(sized: Sized) -> None:
    made = sized(a=400, b=350, c=250)
    public = claim("total", LICENSED, 990, 1010)
    answers = (claim("b", of("of-b"), 350), claim("c", of("of-c"), 250))
    told = audit(Knowledge(made, (public,), answers), LIMITS)
    assert found(told) == {
        "owner:a:text:tokens": ("P3", "interval"),
        "owner:b:text:tokens": ("P3", "exact"),
        "owner:c:text:tokens": ("P3", "exact"),
    }
    by_target = {breach.target: breach.interval for breach in told.breaches}
    interval = by_target["owner:a:text:tokens"]
    assert interval is not None
    assert (interval.low, interval.high) == (390, 410)
    assert found(audit(Knowledge(made, (public,)), LIMITS)) == {}


# P4: all of them together


def test_what_an_authority_and_those_who_asked_know_together(sized: Sized) -> None:
    made = sized(a=400, b=350, c=250)
    claims = (claim("band", LICENSED, 500, 1500), claim("exact", LICENSED, 1000, regulator=True))
    answers = (claim("b", of("of-b"), 350), claim("c", of("of-c"), 250))
    together = found(audit(Knowledge(made, claims, answers), LIMITS))
    assert together["owner:a:text:tokens"] == ("P4", "exact")
    for knowledge in (Knowledge(made, claims), Knowledge(made, claims[:1], answers)):
        assert "owner:a:text:tokens" not in found(audit(knowledge, LIMITS))


def test_quick_stops_at_the_gate(sized: Sized) -> None:
    made = sized(a=900, b=50)
    told = audit(Knowledge(made, (claim("c", of("of-a"), 900),)), LIMITS, quick=True)
    assert (found(told), dict(told.insiders)) == ({"owner:a:text:tokens": ("P4", "exact")}, {})


# P5: who knows his own part


def test_each_of_two_large_licensors_knows_the_other(sized: Sized) -> None:
    made = sized(a=500, b=480, c=20)
    told = audit(Knowledge(made, (claim("c", LICENSED, 1000),)), LIMITS)
    assert [(breach.target, breach.profile, breach.reason) for breach in told.breaches] == [
        ("owner:a:text:tokens", "P5:b", "interval"),
        ("owner:b:text:tokens", "P5:a", "interval"),
    ]
    assert told.breaches[0].interval is not None
    assert (told.breaches[0].interval.low, told.breaches[0].interval.high) == (0, 520)
    assert told.certified == 1
    proved(told, made.held_by())


def test_in_a_band_they_do_not(sized: Sized) -> None:
    made = sized(a=500, b=480, c=20)
    told = audit(Knowledge(made, (claim("c", LICENSED, 900, 1200),)), LIMITS)
    assert found(told) == {}
    assert told.certified == len(told.targets) == 3
    assert told.insiders
    proved(told, made.held_by())


def test_an_insider_with_open_data_knows_it_too(source: Make, summary: Sum) -> None:
    sources = [
        source(0, owner="a", declared={"tokens": 500}),
        source(1, owner="b", confidentiality="public", declared={"tokens": 480}),
    ]
    made = atoms(inventory.build(sources, None), summary(*sources))
    told = audit(Knowledge(made, (claim("c", LICENSED, 980),)), LIMITS)
    assert found(told) == {"owner:a:text:tokens": ("P5:b", "exact")}


def test_many_insiders_are_tried_together(sized: Sized) -> None:
    owners = {f"o{number}": 100 + number for number in range(12)}
    made = sized(**owners)
    pairs = [
        claim(f"pair-{n}", Subject(sources=(f"of-o{2 * n}", f"of-o{2 * n + 1}")), 195 + 4 * n, 205 + 4 * n)
        for n in range(6)
    ]
    told = audit(Knowledge(made, tuple(pairs)), LIMITS)
    assert {breach.profile for breach in told.breaches} == {f"P5:o{number}" for number in range(12)}
    wide = [one.model_copy(update={"low": F(20), "high": F(900)}) for one in pairs]
    safe = audit(Knowledge(made, tuple(wide)), LIMITS)
    assert found(safe) == {}
    assert any("+" in name for name in safe.insiders)
    proved(safe, made.held_by())


# What is protected besides, and what is false


def test_a_hidden_total_and_a_hidden_share(sized: Sized) -> None:
    made = sized(a=400, b=350, c=250)
    total = Hidden("all", ALL, None, Unit.TOKENS)
    part = Hidden("part", LICENSED, ALL, Unit.TOKENS)
    wide = claim("wide", ALL, 3_000, 30_000)
    assert found(audit(Knowledge(made, (wide,), (), (total, part)), LIMITS)) == {}
    near = claim("near", ALL, 10_000, 12_000)
    assert found(audit(Knowledge(made, (near,), (), (total,)), LIMITS)) == {"secret:all": ("P1", "interval")}
    share = Claim(
        id="share", audience=Audience.PUBLIC, unit=Unit.TOKENS, part=LICENSED, whole=ALL, low=F("8.5"), high=F("9.5")
    )
    assert found(audit(Knowledge(made, (share,), (), (part,)), LIMITS)) == {"secret:part": ("P4", "interval")}
    assert found(audit(Knowledge(made, (share,)), LIMITS)) == {}


def test_a_false_figure_ends_the_audit(sized: Sized) -> None:
    with pytest.raises(UnresolvedError, match="contradict the inventory: c"):
        audit(Knowledge(sized(a=900), (claim("c", LICENSED, 901),)), LIMITS)


def test_counts_of_datasets_are_not_sizes(sized: Sized) -> None:
    count = claim("n", LICENSED, 1).model_copy(update={"unit": Unit.DATASETS})
    assert found(audit(Knowledge(sized(a=900), (count,)), LIMITS)) == {}


def test_without_anything_confidential_there_is_nothing_to_find(sized: Sized) -> None:
    told = audit(Knowledge(sized(), (claim("c", ALL, 10_000),)), LIMITS)
    assert (told.targets, told.breaches, told.certificates, told.certified) == ((), (), (), 0)


# What the door tells


def test_an_owner_that_holds_nearly_all_of_a_kind(source: Make, summary: Sum, middle_ground: Level) -> None:
    for sizes, breached in (((900_000, 1_000, 1_000), {"owner:owner-0:text:tokens"}), ((1_000,) * 3, set())):
        sources = [source(n, declared={"tokens": size}) for n, size in enumerate(sizes)]
        made = summary(*sources)
        claims: list[Any] = [one for audience in Audience for one in tell(made, middle_ground, audience).claims]
        told = audit(Knowledge(atoms(inventory.build(sources, None), made), tuple(claims)), LIMITS)
        assert set(found(told)) == breached


def test_margins_are_how_far_a_target_is_proved_open(sized: Sized) -> None:
    made = sized(a=900)
    told = audit(Knowledge(made, (claim("c", LICENSED, 500, 2000),)), LIMITS)
    (margin,) = margins(told).values()
    assert F(1, 5) * (1 - F(1, 10**6)) <= margin <= F(400, 900)
    assert margins(audit(Knowledge(made, (claim("c", LICENSED, 900),)), LIMITS)) == {}
