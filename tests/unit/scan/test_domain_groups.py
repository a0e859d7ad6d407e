"""Which sources share a table of domains."""

import pytest

from kaiji.scan.domain_groups import Group, grouped, has_domains
from kaiji.scan.facts import Facts
from kaiji.scan.partials import Partial
from kaiji.scan.plan import planned
from kaiji.scan.result import Shard
from kaiji.scan.source import Source
from kaiji.terms import Modality

TEXT, IMAGE = Modality("text"), Modality("image")
NOBODY = frozenset()


@pytest.fixture
def found(release):
    """A source as the scan finds it, with its plan; its partials have the keys that are given."""

    def made(name, *keys, documents=2, **columns):
        release.parquet(f"{name}.parquet", n=[1])
        ((plan,), _) = planned([release.source(f"{name}.parquet", id=name, **columns)], release.root, ())
        partials = [Partial(key, Facts(documents), None) for key in keys]
        shards = [Shard(path=partial.key, sha256=None, documents=documents) for partial in partials]
        return plan, Source(plan, shards, partials, [])

    return made


def keys(found, crawled=NOBODY, *, crawled_only=False):
    """Group to the keys of its partials."""
    groups = grouped(found, frozenset(crawled), crawled_only=crawled_only)
    return {group: [partial.key for partial in partials] for group, partials in groups.items()}


def test_sources_alike_share_a_group_whatever_stands_between_them(found):
    first = found("a", "1", "2", url="u", tokens="n")
    other = found("b", "3", url="u", tokens="n", modality="image")
    third = found("c", "4", url="v", tokens="m", language="l")
    assert keys([first, other, third]) == {
        Group(TEXT, False, True, False): ["1", "2", "4"],
        Group(IMAGE, False, True, False): ["3"],
    }


def test_a_key_that_two_sources_hold_counts_for_each(found):
    assert keys([found("a", "1", "1", url="u"), found("b", "1", url="u")]) == {
        Group(TEXT, False, False, False): ["1", "1", "1"]
    }


def test_sources_of_other_measures_are_apart(found):
    sources = [
        found("a", "1", url="u"),
        found("b", "2", url="u", tokens="n"),
        found("c", "3", url="u", bytes="b"),
        found("d", "4", url="u", text="t", tokens="n"),
        found("e", "5", url="u", text="t"),
        found("f", "6", url="u", text="t", bytes="b"),
    ]
    assert keys(sources) == {
        Group(TEXT, False, False, False): ["1"],
        Group(TEXT, False, True, False): ["2"],
        Group(TEXT, True, False, False): ["3", "5", "6"],
        Group(TEXT, True, True, False): ["4"],
    }


def test_a_column_without_a_value_is_a_measure_all_the_same(found):
    """The sizes of such a source are 0 and not unknown, as in its cells."""
    plan, source = found("a", "1", url="u", tokens="n", bytes="b")
    assert (source.scan.bytes, source.scan.tokens, source.scan.rows_with_tokens) == (0, 0, 0)
    assert keys([(plan, source)]) == {Group(TEXT, True, True, False): ["1"]}


def test_crawled_sources_are_apart_and_may_be_all_that_is_wanted(found):
    sources = [
        found("a", "1", url="u"),
        found("b", "2", url="u"),
        found("c", "3", url="u", modality="image"),
        found("d", "4", url="u"),
    ]
    crawled = {Group(TEXT, False, False, True): ["2", "4"], Group(IMAGE, False, False, True): ["3"]}
    assert keys(sources, "bcd") == {Group(TEXT, False, False, False): ["1"], **crawled}
    assert keys(sources, "bcd", crawled_only=True) == crawled
    assert keys(sources, "x") == {
        Group(TEXT, False, False, False): ["1", "2", "4"],
        Group(IMAGE, False, False, False): ["3"],
    }
    assert keys(sources, "x", crawled_only=True) == keys(sources, crawled_only=True) == {}


def test_a_source_without_rows_or_without_addresses_is_left_out(found):
    without_rows = found("a", "1", "2", documents=0, url="u")
    without_shards = found("b", url="u")
    without_addresses = found("c", "3", tokens="n")
    with_both = found("d", "4", url="u")
    sources = [without_rows, without_shards, without_addresses, with_both]
    assert [has_domains(*one) for one in sources] == [False, False, False, True]
    assert keys(sources) == {Group(TEXT, False, False, False): ["4"]}
    assert keys(sources, "abcd", crawled_only=True) == {Group(TEXT, False, False, True): ["4"]}
    assert keys(sources[:3]) == keys([]) == {}


def test_a_shard_without_rows_stays_with_its_source(found):
    plan, whole = found("a", "1", url="u")
    empty = Partial("2", Facts(), None)
    source = Source(plan, whole.scan.shards, [*whole.partials, empty], [])
    assert keys([(plan, source)]) == {Group(TEXT, False, False, False): ["1", "2"]}


def test_the_groups_are_in_one_order_whatever_that_of_the_sources(found):
    sources = [
        found("a", "1", url="u", tokens="n"),
        found("b", "2", url="u", modality="image"),
        found("c", "3", url="u"),
        found("d", "4", url="u", bytes="b"),
        found("e", "5", url="u", modality="image", tokens="n"),
    ]
    order = list(keys(sources, "ce"))
    assert order == sorted(order)
    assert list(keys(sources[::-1], "ce")) == order
