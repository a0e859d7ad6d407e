"""Outlines: what is said of categories, names, crawlers, user data and countries."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from disclosing import tell

from kaiji.control.disclosed import CategoryOutline, DisclosedSummary
from kaiji.control.level import Level
from kaiji.control.outlines import country_group, fold, fold_only
from kaiji.manifest.models import DataSource
from kaiji.provenance.summarise import ProvenanceSummary
from kaiji.terms import Answer, Audience, CountryGroup, SourceCategory

Make = Callable[..., DataSource]
Sum = Callable[..., ProvenanceSummary]
YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN


@pytest.fixture(name="shown")
def _shown(summary: Sum, middle_ground: Level) -> Callable[..., DisclosedSummary]:
    def make(*sources: DataSource, level: Level = middle_ground, **declared: Any) -> DisclosedSummary:
        return tell(summary(*sources, **declared), level).summary

    return make


Shown = Callable[..., DisclosedSummary]


@pytest.mark.parametrize("answers", [given for n in range(4) for given in product(Answer, repeat=n)])
def test_any_yes_is_yes_and_no_needs_all(answers: tuple[Answer, ...]) -> None:
    expected = YES if YES in answers else UNKNOWN if UNKNOWN in answers or not answers else NO
    assert fold(answers) is expected


@pytest.mark.parametrize("answers", [given for n in range(4) for given in product(Answer, repeat=n)])
def test_nothing_but_needs_all_and_any_no_is_no(answers: tuple[Answer, ...]) -> None:
    expected = NO if NO in answers else UNKNOWN if UNKNOWN in answers or not answers else YES
    assert fold_only(answers) is expected


@pytest.mark.parametrize(
    ("codes", "group"),
    [
        ("JP", CountryGroup.JAPAN),
        ("IN", CountryGroup.INDIA),
        ("US", CountryGroup.US),
        ("BN ID KH LA MM MY PH SG TH TL VN", CountryGroup.ASEAN),
        ("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK", CountryGroup.EU),
        ("GB CH NO CN KR TW BR AU CA MX NZ UA TR", CountryGroup.ELSEWHERE),
    ],
)
def test_country_groups(codes: str, group: CountryGroup) -> None:
    assert {country_group(code) for code in codes.split()} == {group}


def outline(disclosed: DisclosedSummary, category: str = "licensed") -> CategoryOutline:
    return disclosed.outline(SourceCategory(category))


def test_used_unused_and_not_known(source: Make, shown: Shown) -> None:
    disclosed = shown(source(0), categories={"user": {"used": False}, "synthetic": {"used": True}})
    assert [one.category for one in disclosed.categories] == list(SourceCategory)
    used = {one.category.value: one.used for one in disclosed.categories}
    assert used["licensed"] is YES
    assert used["user"] is NO
    assert used["synthetic"] is UNKNOWN, "declared used, but no source is listed"
    assert used["crawled"] is UNKNOWN
    assert (outline(disclosed).unnamed, outline(disclosed, "user").unnamed) == (True, False)


def test_numbers_of_datasets_are_banded(source: Make, shown: Shown, nominal: Level) -> None:
    disclosed = shown(*(source(n) for n in range(6)))
    assert disclosed.statements[outline(disclosed).count or ""].text.en == "5 to 19"
    assert outline(disclosed, "user").count is None


def with_words(source: Make, number: int, **given: Any) -> DataSource:
    return source(
        number,
        content_types=[f"kind {number}"],
        processing=[f"step {number}"],
        purpose=f"purpose {number}",
        collected={"from": f"20{10 + number}-01", "to": f"20{15 + number}-02", "ongoing": number == 0},
        origin_countries=["VN"] if number == 0 else ["JP"],
        **given,
    )


def test_words_and_dates_of_few_confidential_owners_are_withheld(source: Make, shown: Shown) -> None:
    secret = [with_words(source, n) for n in range(2)]
    known = with_words(source, 2, confidentiality="public")
    disclosed = shown(*secret, known)
    one = outline(disclosed)
    assert [words.en for words in one.content_types] == ["kind 2"]
    assert [words.en for words in one.processing] == ["step 2"]
    assert [words.en for words in one.purposes] == ["purpose 2"]
    assert one.period_withheld
    assert not one.ongoing
    assert one.period is not None
    assert [disclosed.statements[path].text.en for path in one.period] == ["January 2012", "February 2017"]
    assert disclosed.latest == "period.latest"
    assert disclosed.statements["period.latest"].text.en == "February 2017"
    assert disclosed.regions.origin == ("JP",)


def test_words_and_dates_of_enough_owners_are_shown_together(source: Make, shown: Shown) -> None:
    disclosed = shown(*(with_words(source, n) for n in (2, 0, 1)))
    one = outline(disclosed)
    assert [words.en for words in one.content_types] == ["kind 0", "kind 1", "kind 2"]
    assert not one.period_withheld
    assert one.ongoing
    assert one.period is not None
    assert [disclosed.statements[path].text.en for path in one.period] == ["January 2010", "February 2017"]
    assert disclosed.regions.origin == ("JP", "VN")
    assert disclosed.regions.groups == {"JP": CountryGroup.JAPAN, "VN": CountryGroup.ASEAN}


def test_sources_of_one_owner_count_as_one(source: Make, shown: Shown) -> None:
    assert outline(shown(*(with_words(source, n, owner="same") for n in range(3)))).content_types == ()


def test_confidential_sources_without_an_owner_may_all_be_of_one(source: Make, shown: Shown) -> None:
    assert outline(shown(*(with_words(source, n, owner=None) for n in range(3)))).content_types == ()
    assert len(outline(shown(*(with_words(source, n) for n in range(3)))).content_types) == 3


def test_a_field_that_one_of_three_owners_fills_is_that_owner_s(source: Make, shown: Shown) -> None:
    others = [source(n) for n in (1, 2)]
    alone = outline(shown(with_words(source, 0), *others))
    assert (alone.content_types, alone.processing, alone.purposes) == ((), (), ())
    dated = outline(shown(source(0, collected={"from": "2019-03", "to": "2021-04"}), *others))
    assert dated.period is None
    assert dated.period_withheld
    placed = shown(source(0, origin_countries=["BT"]), *others)
    assert placed.regions.origin == ()


def test_owners_that_add_nothing_protect_nobody(source: Make, shown: Shown) -> None:
    empty = [with_words(source, n, declared={"tokens": 0}) for n in (1, 2)]
    assert outline(shown(with_words(source, 0), *empty)).content_types == ()


def test_a_period_that_nobody_knows_is_none(source: Make, shown: Shown) -> None:
    disclosed = shown(*(source(n) for n in range(3)))
    assert outline(disclosed).period is None
    assert not outline(disclosed).period_withheld
    assert disclosed.latest is None


def test_names_are_in_order_of_category_and_title_not_of_size(source: Make, shown: Shown) -> None:
    titles = {"b": 1, "C": 10**9, "a": 10**6}
    sources = [
        source(n, title=title, confidentiality="public", declared={"tokens": size})
        for n, (title, size) in enumerate(titles.items())
    ]
    sources.append(source(8, title="z", category="public", confidentiality="public", declared={"tokens": 10}))
    disclosed = shown(*sources, source(9))
    assert [named.title.en for named in disclosed.names] == ["z", "a", "b", "C"]
    assert disclosed.names[1].owner is not None


def test_validation_data_is_not_named(source: Make, shown: Shown) -> None:
    disclosed = shown(source(0, confidentiality="public"), source(1, confidentiality="public", stages=["test"]))
    assert [named.title.en for named in disclosed.names] == ["Title 0"]


def test_a_level_can_withhold_all_names(source: Make, summary: Sum, middle_ground: Level) -> None:
    plan = middle_ground.audiences[Audience.PUBLIC].model_copy(update={"names": "withhold", "counts": "withhold"})
    level = middle_ground.model_copy(update={"audiences": {**middle_ground.audiences, Audience.PUBLIC: plan}})
    made = summary(source(0, confidentiality="public"))
    disclosed, decisions = tell(made, level)[:2]
    assert disclosed.names == ()
    assert outline(disclosed).unnamed
    assert not outline(disclosed, "user").unnamed, "there is nothing to name"
    assert outline(disclosed).count is None
    assert [one.rule for one in decisions if one.path == "source.source-0.name"] == ["names: withhold"]


def user(source: Make, number: int, kind: str, **given: Any) -> DataSource:
    return source(number, category="user", user_data=kind, owner=None, **given)


@pytest.mark.parametrize(
    ("kinds", "declared", "expected"),
    [
        ((), None, (UNKNOWN, UNKNOWN)),
        ((), False, (NO, NO)),
        ((), True, (UNKNOWN, UNKNOWN)),
        (("model_interactions",), None, (YES, UNKNOWN)),
        (("model_interactions",), True, (YES, NO)),
        (("other_service",), True, (NO, YES)),
        (("other_service", "model_interactions"), None, (YES, YES)),
    ],
)
def test_user_data(
    source: Make, shown: Shown, kinds: tuple[str, ...], declared: bool | None, expected: tuple[Answer, Answer]
) -> None:
    sources = [user(source, n, kind) for n, kind in enumerate(kinds, start=1)]
    given = {} if declared is None else {"categories": {"user": {"used": declared}}}
    told = shown(source(0), *sources, **given).user_data
    assert (told.model_interactions, told.other_services) == expected


def test_the_service_of_a_confidential_source_is_not_named(source: Make, summary: Sum, middle_ground: Level) -> None:
    secret = user(source, 1, "other_service", user_service="Secret photo service")
    known = user(source, 2, "other_service", user_service="Open mail", confidentiality="public")
    made = summary(secret, known)
    disclosed, decisions = tell(made, middle_ground)[:2]
    assert [words.en for words in disclosed.user_data.services] == ["Open mail"]
    assert [one.action for one in decisions if one.path == "source.source-1.user_service"] == ["withhold"]


def crawl(source: Make, number: int, name: str, agent: str, **given: Any) -> DataSource:
    crawler = {"name": name, "user_agent": agent, **given.pop("crawler", {})}
    return source(number, category="crawled", confidentiality="public", owner=None, crawler=crawler, **given)


def test_several_sources_of_one_crawler_are_one_row(source: Make, shown: Shown) -> None:
    disclosed = shown(
        crawl(source, 1, "Bot", "BotUA", crawler={"purpose": "News."}, collected={"from": "2024-05", "to": "2024-06"}),
        crawl(source, 2, "Bot", "BotUA", crawler={"purpose": "Blogs."}, collected={"from": "2023-01", "to": "2023-02"}),
    )
    (row,) = disclosed.crawlers
    assert row.purpose is not None
    assert row.purpose.en == "Blogs. News."
    assert row.period is not None
    assert [disclosed.statements[path].text.en for path in row.period] == ["January 2023", "June 2024"]


def test_two_crawlers_of_one_name_keep_their_own_periods(source: Make, shown: Shown) -> None:
    disclosed = shown(
        crawl(source, 1, "Bot", "BotA", collected={"from": "2024-05", "to": "2024-06"}),
        crawl(source, 2, "Bot", "BotB", collected={"from": "2023-01", "to": "2023-02"}),
    )
    periods = [[disclosed.statements[path].text.en for path in row.period or ()] for row in disclosed.crawlers]
    assert periods == [["May 2024", "June 2024"], ["January 2023", "February 2023"]]


def test_crawlers_and_generators_of_confidential_sources_are_withheld(
    source: Make, summary: Sum, middle_ground: Level
) -> None:
    crawled = source(1, category="crawled", owner=None, crawler={"name": "Stealth", "user_agent": "StealthUA"})
    made_up = source(2, category="synthetic", owner=None, generator={"name": "Hidden-LM"})
    known = source(
        3, category="synthetic", owner=None, confidentiality="public", generator={"name": "Open-LM", "on_market": "yes"}
    )
    made = summary(crawled, made_up, known)
    disclosed, decisions = tell(made, middle_ground)[:2]
    assert disclosed.crawlers == ()
    assert [(one.name, one.on_market) for one in disclosed.generators] == [("Open-LM", YES)]
    withheld = {one.path for one in decisions if one.action == "withhold"}
    assert withheld >= {"source.source-1.crawler", "source.source-2.generator"}
    assert "source.source-3.generator" not in withheld


def test_acquisitions_and_contents_of_a_category(source: Make, shown: Shown) -> None:
    disclosed = shown(
        source(0, acquisition="purchased", contains={"copyright": "yes", "personal": "no", "public_domain": "yes"}),
        source(1, acquisition="licensed", contains={"copyright": "no", "personal": "no", "public_domain": "no"}),
        source(2, contains={"personal": "no"}),
    )
    one = outline(disclosed)
    assert [acquisition.value for acquisition in one.acquisitions] == ["licensed", "purchased"]
    assert one.acquisition_unknown
    assert (one.copyright, one.personal, one.public_domain, one.patent) == (YES, NO, NO, UNKNOWN)
