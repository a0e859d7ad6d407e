"""From published figures to relations between sums of atoms."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from kaiji.control.atoms import Atoms, atoms, joined
from kaiji.control.relations import Sums, system
from kaiji.control.statements import share
from kaiji.control.subjects import Claim, Subject
from kaiji.control.system import Relation, System
from kaiji.control.unknowns import untrue
from kaiji.manifest.models import DataSource
from kaiji.provenance import inventory
from kaiji.provenance.summarise import ProvenanceSummary
from kaiji.terms import Audience, Modality, Unit

Make = Callable[..., DataSource]
Sum = Callable[..., ProvenanceSummary]
F, ZERO, ONE = Fraction, Fraction(0), Fraction(1)
ALL = Subject(modality=Modality.TEXT)


def kind(*kinds: str, **given: Any) -> Subject:
    return Subject(modality=Modality.TEXT, facet="category", kinds=kinds, **given)


def claim(part: Subject = ALL, whole: Subject | None = None, name: str = "c", **given: Any) -> Claim:
    return Claim(
        id=name, audience=Audience.PUBLIC, unit=given.pop("unit", Unit.TOKENS), part=part, whole=whole, **given
    )


@pytest.fixture(name="three")
def _three(source: Make, summary: Sum) -> Atoms:
    """Licensed 60, private 30, and public 10 that anybody can measure."""
    sources = [
        source(0, declared={"tokens": 60}),
        source(1, category="private", declared={"tokens": 30}),
        source(2, category="public", confidentiality="public", declared={"tokens": 10}),
    ]
    return atoms(inventory.build(sources, None), summary(*sources))


def place(made: Atoms, number: int) -> int:
    return list(made.frame["source_id"]).index(f"source-{number}")


def test_a_size_bounds_its_sum(three: Atoms) -> None:
    low, high = F(50), F(200)
    assert system(three, [claim(low=low, high=high, high_open=True)]) == System(
        truth=three.truth,
        sums=((0, 1, 2),),
        relations=(Relation("c", ((0, ONE),), low, high, False, True),),
        known=frozenset({place(three, 2)}),
    )


def test_a_share_is_two_relations_with_its_whole(three: Atoms) -> None:
    told = claim(kind("licensed"), ALL, low=F("59.5"), high=F("60.5"), high_open=True)
    found = system(three, [told])
    assert found.sums == ((place(three, 0),), (0, 1, 2))
    assert found.relations == (
        Relation("c", ((0, ONE), (1, F(-119, 200))), ZERO, None),
        Relation("c", ((0, ONE), (1, F(-121, 200))), None, ZERO, high_open=True),
    )
    assert untrue(found) == ()
    assert untrue(system(three, [told.model_copy(update={"low": F("60.1")})])) == ("c",)


def test_open_ends_of_a_share_stay_open(three: Atoms) -> None:
    exactly = {"low": F(60), "high": F(60)}
    assert untrue(system(three, [claim(kind("licensed"), ALL, **exactly)])) == ()
    assert untrue(system(three, [claim(kind("licensed"), ALL, **exactly, low_open=True)])) == ("c",)
    assert untrue(system(three, [claim(kind("licensed"), ALL, **exactly, high_open=True)])) == ("c",)


def test_a_missing_end_is_no_relation(three: Atoms) -> None:
    (only,) = system(three, [claim(kind("licensed"), ALL, high=F(70))]).relations
    assert (only.low, only.high) == (None, ZERO)
    assert system(three, [claim(kind("licensed"), ALL)]).relations == ()


def test_a_share_of_itself_says_nothing(three: Atoms) -> None:
    assert system(three, [claim(ALL, ALL, low=F(100), high=F(100))]).relations == ()
    assert system(three, [claim(kind("licensed", "private", "public"), ALL, low=F(99), high=F(100))]).relations == ()


def test_of_a_kind_that_is_not_there_the_sum_is_empty(three: Atoms) -> None:
    found = system(three, [claim(kind("crawled"), ALL, low=ZERO, high=F(1))])
    assert found.sums[0] == ()
    assert untrue(found) == ()
    assert untrue(system(three, [claim(kind("crawled"), ALL, low=F(1), high=F(2))])) == ("c",)


def test_what_is_said_in_a_measure_of_which_nothing_is_known_says_nothing(three: Atoms) -> None:
    assert system(three, [claim(low=F(1), high=F(2), unit=Unit.BYTES)]).relations == ()
    assert system(three, [claim(kind("licensed"), ALL, low=F(1), high=F(2), unit=Unit.BYTES)]).relations == ()


def test_one_thing_said_twice_is_said_once_by_the_first(three: Atoms) -> None:
    twice = [claim(name="a", low=F(1), high=F(200)), claim(name="b", low=F(1), high=F(200))]
    assert [one.id for one in system(three, twice).relations] == ["a"]
    other = [*twice, claim(name="c", low=F(2), high=F(200))]
    assert [one.id for one in system(three, other).relations] == ["a", "c"]


def test_what_an_attacker_knows_besides(three: Atoms) -> None:
    insider = system(three, [], known=frozenset({place(three, 0)}))
    assert insider.known == {place(three, 0), place(three, 2)}


def test_each_sum_is_there_once(three: Atoms) -> None:
    sums = Sums(three)
    first = sums.number(kind("licensed"), Unit.TOKENS)
    assert sums.number(Subject(sources=("source-0",)), Unit.TOKENS) == first
    assert sums.number(ALL, Unit.TOKENS) != first
    assert sums.all() == ((place(three, 0),), (0, 1, 2))


def test_growth_is_a_relation_between_two_releases(source: Make, summary: Sum, three: Atoms) -> None:
    old = [source(0, declared={"tokens": 40})]
    both = joined(three, {"old": atoms(inventory.build(old, None), summary(*old)).frame})
    before = ALL.model_copy(update={"release": "old"})
    told = claim(ALL, before, low=F(250), high=F(250))
    assert untrue(system(both, [told])) == ()
    assert untrue(system(both, [told.model_copy(update={"low": F(240), "high": F(249)})])) == ("c",)


def test_rounded_shares_of_the_door_are_true(three: Atoms) -> None:
    said = share("s", 60, 100, Decimal(5))
    ends = {"low": F(said.low or 0), "high": F(said.high or 0), "low_open": said.low_open, "high_open": said.high_open}
    assert untrue(system(three, [claim(kind("licensed"), ALL, **ends)])) == ()


# What anybody may take for granted


def measured(source: Make, summary: Sum, *sizes: tuple[int, int], **given: Any) -> Atoms:
    """Text in tokens and bytes, of one owner each, beside an image, so that bytes are published too."""
    sources = [source(n, declared={"tokens": t, "bytes": b}, **given) for n, (t, b) in enumerate(sizes)]
    sources.append(source(99, modality="image", declared={"items": 1, "bytes": 50}))
    return atoms(inventory.build(sources, None), summary(*sources))


def test_bytes_to_a_token_of_each_owner_are_known_to_be_two_to_eight(source: Make, summary: Sum) -> None:
    found = system(measured(source, summary, (100, 400)), [])
    assert len(found.sums) == 2
    assert {found.size(number) for number in (0, 1)} == {400, 100}
    many, few = sorted((0, 1), key=found.size, reverse=True)
    assert set(found.relations) == {
        Relation("prior:bytes", tuple(sorted(((many, ONE), (few, F(-2))))), ZERO, None),
        Relation("prior:bytes", tuple(sorted(((many, ONE), (few, F(-8))))), None, ZERO),
    }
    assert untrue(found) == ()


def test_what_is_not_true_of_an_owner_is_not_taken_for_granted(source: Make, summary: Sum) -> None:
    assert system(measured(source, summary, (100, 900)), []).relations == ()
    assert system(measured(source, summary, (100, 199)), []).relations == ()
    assert len(system(measured(source, summary, (100, 900), (10, 80)), []).relations) == 2


def test_open_sources_and_one_measure_need_no_prior(source: Make, summary: Sum, three: Atoms) -> None:
    assert system(measured(source, summary, (100, 400), confidentiality="public"), []).relations == ()
    assert system(three, []).relations == ()
