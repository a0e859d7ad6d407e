"""What was merged last plus what is new minus what is gone: the same as merging all."""

import shutil

import pytest

from kaiji.errors import ConservationError
from kaiji.scan import domains, merge
from kaiji.scan.cache import ENTRY, Cache
from kaiji.scan.crawled_domains import CrawledSources
from kaiji.scan.domain_groups import Group
from kaiji.terms import Modality


@pytest.fixture
def source(release):
    """Four shards; the second and third hold the same rows, which `full` takes for one content."""
    for number in range(4):
        rows(release, number, [("a.example", 3, "ja"), (f"www.h{number}.example", 5, "en")])
    shutil.copy2(release.root / "1.parquet", release.root / "2.parquet")
    return release.source("*.parquet", url="u", tokens="n", language="l")


def rows(release, number, found):
    urls, tokens, languages = zip(*found, strict=True)
    return release.parquet(
        f"{number}.parquet", u=[f"http://{host}/x" for host in urls], n=list(tokens), l=list(languages)
    )


def both(*steps):
    """The steps of a release whose cells and domains are merged alike."""
    return {"cells": list(steps), "domains": list(steps)}


@pytest.fixture
def steps(monkeypatch):
    """(whether there was a base, new partials, partials gone) of each merge that had something to add up."""
    seen = both()

    def watch(table):
        added = getattr(merge, f"_added_{table}")

        def told(*arguments):
            *_, base, new, gone = arguments
            seen[table].append((base is not None, len(new), len(gone)))
            return added(*arguments)

        monkeypatch.setattr(merge, f"_added_{table}", told)

    for table in seen:
        watch(table)
    return seen


@pytest.fixture
def same(release, source, cache, steps):
    """Scans with the cache and without; the results must be the same. Returns how the former was merged."""

    def scanned(*sources, **options):
        for seen in steps.values():
            seen.clear()
        found = release.all_of(release.scan(*(sources or (source,)), cache=cache, **options))
        how = {table: sorted(seen) for table, seen in steps.items()}
        assert found == release.all_of(release.scan(*(sources or (source,)), **options))
        assert cache.notices == []
        return how

    return scanned


def test_nothing_is_added_up_when_nothing_changed(same):
    assert same() == both((False, 4, 0))
    assert same() == both()


def test_a_shard_that_comes_goes_or_is_replaced(release, same):
    same()
    rows(release, 4, [("b.example", 2**40, "no")])
    assert same() == both((True, 1, 0))
    (release.root / "0.parquet").unlink()
    assert same() == both((True, 0, 1))
    rows(release, 4, [("b.example", 1, None), ("a.example", 1, "ja")])
    assert same() == both((True, 1, 1))


def test_sizes_that_change_places_while_all_else_stays(release, same):
    """Gone and new rows of a name are as many, and the sizes of all names together stay as they were."""
    rows(release, 0, [("a.example", 100, "ja"), ("h0.example", 200, "ja"), ("b.example", 0, "ja")])
    same()
    rows(release, 0, [("a.example", 200, "ja"), ("h0.example", 100, "ja"), ("b.example", 0, "ja")])
    assert same() == both((True, 1, 1))


def test_sizes_that_change_while_the_rows_stay(release, same):
    rows(release, 0, [("a.example", 100, "ja")])
    same()
    rows(release, 0, [("a.example", 101, "ja")])
    assert same() == both((True, 1, 1))


def test_names_and_cells_of_a_shard_that_is_gone_are_gone(release, source, cache, same, table):
    rows(release, 3, [("a.example", 3, "no"), ("www.h3.example", 5, "no")])
    same()
    (release.root / "3.parquet").unlink()
    assert same() == both((True, 0, 1))
    result = release.scan(source, cache=cache)
    assert [row["domain"] for row in release.domains()] == ["a.example", "h0.example", "h1.example"]
    assert [row["language"] for row in table(result.cells)] == ["en", "ja"]


def test_more_change_than_half_is_merged_anew(release, same):
    same()
    for number in (0, 3):
        rows(release, number, [("new.example", number, "ja")])
    assert same() == both((False, 4, 0))
    rows(release, 0, [("newer.example", 1, "ja")])
    rows(release, 5, [("newer.example", 1, "ja")])
    assert same() == both((False, 5, 0))


@pytest.mark.parametrize("fingerprint", ["fast", "full"])
def test_shards_of_one_content_count_each(release, source, cache, same, fingerprint):
    assert same(fingerprint=fingerprint) == both((False, 4, 0))
    assert cache.usage()["partials"].entries == 3
    shutil.copy2(release.root / "1.parquet", release.root / "9.parquet")
    assert same(fingerprint=fingerprint) == both((True, 1, 0))
    assert cache.usage()["partials"].entries == 3
    (release.root / "9.parquet").unlink()
    (release.root / "2.parquet").unlink()
    assert same(fingerprint=fingerprint) == both((False, 3, 0))
    assert release.scan(source, cache=cache, fingerprint=fingerprint).sources[0].tokens == 24


def test_a_partial_that_is_gone_and_lost_means_merging_anew(release, cache, same):
    same()
    known = {path.parent for path in cache.folder.glob(f"partials/*/*/{ENTRY}")}
    rows(release, 4, [("b.example", 1, "ja")])
    same()
    (lost,) = {path.parent for path in cache.folder.glob(f"partials/*/*/{ENTRY}")} - known
    shutil.rmtree(lost)
    (release.root / "4.parquet").unlink()
    assert same() == both((False, 4, 0))


def test_odd_addresses_are_read_on_top_of_what_was_merged(release, same, cache, source):
    same()
    rows(
        release, 4, [("例え.jp", 1, "ja"), ("XN--r8jz45g.JP.", 2, "ja"), ("A.Example:80", 4, "ja"), ("co.jp", 8, "ja")]
    )
    assert same() == both((True, 1, 0))
    release.scan(source, cache=cache)
    assert {row["domain"]: row["tokens"] for row in release.domains()} == {
        "a.example": 16,
        "h0.example": 5,
        "h1.example": 10,
        "h3.example": 5,
        "xn--r8jz45g.jp": 3,
        "(suffix)": 8,
    }


def test_cells_are_merged_by_source_and_domains_of_sources_alike_together(release, source, same, cache):
    first = release.source("0.parquet", "1.parquet", "4.parquet", id="x", url="u", tokens="n", language="l")
    second = release.source("2.parquet", "3.parquet", id="y", url="u", tokens="n", language="l")
    rows(release, 4, [("a.example", 1, "ja")])
    assert same(first, second) == {"cells": [(False, 2, 0), (False, 3, 0)], "domains": [(False, 5, 0)]}
    assert same(first, second) == both()
    assert cache.usage()["merged"].entries == 3
    rows(release, 4, [("a.example", 2, "ja")])
    assert same(first, second) == {"cells": [(False, 3, 0)], "domains": [(True, 1, 1)]}
    assert same(first) == {"cells": [], "domains": [(False, 3, 0)]}
    assert cache.usage()["merged"].entries == 3


def test_domains_of_each_modality_are_merged_on_their_own(release, source, same, cache):
    first = release.source("0.parquet", "1.parquet", id="x", url="u", tokens="n", language="l")
    second = release.source("2.parquet", id="y", modality="image", url="u", tokens="n", language="l")
    third = release.source("3.parquet", id="z", tokens="n", language="l")
    assert same(first, second, third) == {
        "cells": [(False, 1, 0), (False, 1, 0), (False, 2, 0)],
        "domains": [(False, 1, 0), (False, 2, 0)],
    }
    assert cache.usage()["merged"].entries == 5
    rows(release, 2, [("a.example", 4, "ja")])
    assert same(first, second, third) == both((False, 1, 0))
    assert cache.usage()["merged"].entries == 5


def test_domains_of_crawled_sources_are_merged_on_their_own(release, source, cache, same, steps):
    first = release.source("0.parquet", "1.parquet", id="x", url="u", tokens="n", language="l")
    second = release.source("2.parquet", "3.parquet", id="y", url="u", tokens="n", language="l")
    of_first = CrawledSources(frozenset({"x"}))
    assert same(first, second) == {"cells": [(False, 2, 0)] * 2, "domains": [(False, 4, 0)]}
    assert same(first, second, crawled=of_first) == {"cells": [], "domains": [(False, 2, 0)] * 2}
    assert cache.usage()["merged"].entries == 5
    rows(release, 3, [("a.example", 9, "ja")])
    for seen in steps.values():
        seen.clear()
    release.scan(first, second, cache=cache, domain_table=False, crawled=of_first)
    assert steps == {"cells": [(False, 2, 0)], "domains": []}
    assert same(first, second) == {"cells": [], "domains": [(True, 1, 1)]}
    assert same(first, second, crawled=of_first) == {"cells": [], "domains": [(False, 2, 0)]}


def test_more_partials_than_are_read_at_once(same, monkeypatch):
    monkeypatch.setattr(merge, "_FILES_AT_ONCE", 3)
    monkeypatch.setattr(merge, "_KEYS_AT_ONCE", 1)
    assert same() == both((False, 4, 0))


def test_other_code_or_another_list_merges_anew(same, monkeypatch):
    same()
    known = domains.suffix_list()
    monkeypatch.setattr(domains, "suffix_list", lambda: known._replace(version="0"))
    assert same() == {"cells": [], "domains": [(False, 4, 0)]}
    assert same() == both()
    monkeypatch.setattr(merge, "_way_of_merging", lambda _: "other code")
    assert same() == both((False, 4, 0))


def test_a_place_in_the_cache_for_each_source_and_mapping_and_each_group():
    places = [
        merge.slot("/r", "cells", "s", [("url", "u")], None),
        merge.slot("/q", "cells", "s", [("url", "u")], None),
        merge.slot("/r", "cells", "t", [("url", "u")], None),
        merge.slot("/r", "cells", "s", [("url", "v")], None),
        merge.slot("/r", "cells", "s", [("url", "u")], "tokenizers 1"),
        merge.slot("/rs", "cells", "", [("url", "u")], None),
        merge.slot("/r", "domains", "all", *Group(Modality.TEXT, True, True, False)),
        merge.slot("/q", "domains", "all", *Group(Modality.TEXT, True, True, False)),
        merge.slot("/r", "domains", "crawled", *Group(Modality.TEXT, True, True, False)),
        merge.slot("/r", "domains", "all", *Group(Modality.IMAGE, True, True, False)),
        merge.slot("/r", "domains", "all", *Group(Modality.TEXT, False, True, False)),
        merge.slot("/r", "domains", "all", *Group(Modality.TEXT, True, False, False)),
        merge.slot("/r", "domains", "all", *Group(Modality.TEXT, True, True, True)),
    ]
    assert len(set(places)) == 13
    assert {len(place) for place in places} == {40}


@pytest.mark.parametrize("other_mapping", [{"url": "u", "tokens": "n"}, {"url": "u"}, {"tokens": "n"}])
def test_what_was_merged_is_found_when_the_mapping_is_back(release, source, same, other_mapping):
    """Unless domains of the same measures took its place."""
    assert same() == both((False, 4, 0))
    same(release.source("*.parquet", **other_mapping))
    alike = {"url", "tokens"} <= other_mapping.keys()
    assert same() == {"cells": [], "domains": [(False, 4, 0)] if alike else []}


@pytest.mark.parametrize("table", ["cells", "domains"])
def test_what_was_merged_last_is_checked_as_well(release, source, cache, table):
    """An entry that is whole but holds other figures: as if an earlier version had a defect."""
    release.scan(source, cache=cache)
    (entry,) = (path.parent for path in cache.folder.glob(f"merged/*/*/{table}"))
    other = release.parquet(
        "../other",
        language=["ja"],
        licence=["MIT"],
        month=[1],
        documents=[8],
        bytes=[0],
        tokens=[33],
        domain=["x.example"],
    )
    again = Cache(cache.folder)
    again.put("merged", entry.name, {table: other}, again.record("merged", entry.name))
    with pytest.raises(ConservationError, match="the parts do not add up to the totals of the sources"):
        release.scan(source, cache=cache)
