"""Control, over made-up releases: what is published is true, and tells nothing that it should not."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from disclosing import tell
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kaiji.control.disclosed import Decision, DisclosedSummary
from kaiji.control.level import Level, load
from kaiji.control.literal_scan import LiteralScan, exact_values, identities
from kaiji.control.plan import row_name
from kaiji.control.statements import Statement, count_band, share, total_band
from kaiji.control.suppression import merge, owners_of, unsafe
from kaiji.manifest.declarations import Declarations
from kaiji.manifest.models import DataSource
from kaiji.provenance import inventory, reconcile
from kaiji.provenance.summarise import Part, ProvenanceSummary, Quantity, summarise
from kaiji.terms import Audience, SourceCategory, Unit

LEVELS = Path(__file__).parents[2] / "disclosure_templates" / "levels"
MIDDLE, NOMINAL = load("middle-ground", LEVELS), load("nominal", LEVELS)
DECLARATIONS = Declarations.model_validate(
    {
        "id": "asagi",
        "model": {"name": "Asagi", "version": "1", "release_date": date(2026, 11, 1)},
        "provider": {"legal_name": "Asagi KK", "roles": ["developer"]},
    }
)
OFTEN = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Statements


units = st.sampled_from(
    [Decimal(text) for text in ("0.01", "0.1", "0.5", "1", "2", "2.5", "5", "10", "20", "25", "50")]
)
wholes = st.integers(1, 10**15)


@st.composite
def parts_of_wholes(draw: st.DrawFn) -> tuple[int, int]:
    """A part and its whole, often near an end or a half."""
    whole = draw(wholes)
    near = draw(st.sampled_from([0, whole, whole // 2, whole // 100, whole // 200, whole - whole // 100]))
    part = draw(st.one_of(st.integers(0, whole), st.integers(near - 3, near + 3)))
    return min(max(part, 0), whole), whole


@given(parts_of_wholes(), parts_of_wholes(), units)
@settings(max_examples=400, deadline=None)
def test_a_share_admits_a_value_if_and_only_if_it_prints_the_same(
    one: tuple[int, int], other: tuple[int, int], unit: Decimal
) -> None:
    first, second = share("s", *one, unit), share("s", *other, unit)
    assert first.admits(Fraction(100 * one[0], one[1]))
    assert first.admits(Fraction(100 * other[0], other[1])) is (first.text == second.text)


@given(parts_of_wholes(), units)
@settings(max_examples=400, deadline=None)
def test_the_ends_of_a_share_are_its_ends(given_share: tuple[int, int], unit: Decimal) -> None:
    statement = share("s", *given_share, unit)
    assert statement.low is not None
    assert statement.high is not None
    step = Fraction(1, 10**9)
    for end, is_open, outwards in ((statement.low, statement.low_open, -1), (statement.high, statement.high_open, 1)):
        for value in (Fraction(end) + outwards * step, Fraction(end), Fraction(end) - outwards * step):
            if 0 <= value <= 100:
                printed = share("s", value.numerator, value.denominator * 100, unit)
                assert (printed.text == statement.text) is statement.admits(value), (value, is_open)


@given(st.integers(0, 10**20), st.integers(0, 10**20), st.sampled_from(list(Unit)))
def test_a_total_admits_a_value_if_and_only_if_it_prints_the_same(one: int, other: int, unit: Unit) -> None:
    factor = 3600 if unit is Unit.SECONDS else 1
    first, second = total_band("t", one, unit), total_band("t", other, unit)
    assert first.admits(Fraction(one, factor))
    assert first.admits(Fraction(other, factor)) is (first.text == second.text)


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_a_count_admits_a_value_if_and_only_if_it_prints_the_same(one: int, other: int) -> None:
    assert count_band("c", one).admits(other) is (count_band("c", one).text == count_band("c", other).text)


def lower_end(statement: Statement, text: str) -> list[Fraction]:
    """Figures that ``text`` shows, as a reader without knowledge of the formatter reads them."""
    scales = {"万": 10**4, "億": 10**8, "兆": 10**12, "million": 10**6, "billion": 10**9, "trillion": 10**12}
    scales["quadrillion"] = 10**15
    found = re.findall(r"([\d,.]+) ?(million|billion|trillion|quadrillion|[万億兆])?", text)
    return [Fraction(digits.replace(",", "")) * scales.get(scale, 1) for digits, scale in found]


@given(st.integers(1, 10**20))
def test_both_languages_tell_the_same_interval(value: int) -> None:
    for statement in (total_band("t", value, Unit.TOKENS), share("s", value, 10**20, Decimal("0.1"))):
        japanese, english = lower_end(statement, statement.text.ja), lower_end(statement, statement.text.en)
        assert japanese == english
        assert len(english) in (1, 2)
    total = total_band("t", value, Unit.TOKENS)
    told = [Fraction(end) for end in (total.low, total.high) if end]
    assert told == lower_end(total, total.text.en)


# Suppression


owners = st.lists(st.sampled_from("abcdef"), unique=True, max_size=4).map(lambda found: tuple(sorted(found)))
parts = st.lists(st.tuples(owners, st.booleans(), st.integers(0, 10**12)), max_size=7).map(
    lambda found: tuple(
        Part(kind=f"k{n}", size=size, sources=(f"s{n}",), owners=who or ("source:x",) * secret, confidential=secret)
        for n, (who, secret, size) in enumerate(found)
    )
)


@given(parts, st.integers(2, 5))
def test_each_part_is_in_one_group_and_no_group_is_unsafe(found: tuple[Part, ...], minimum: int) -> None:
    merged = merge(found, minimum)
    assert sorted(one.kind or "" for group in merged.groups for one in group) == [one.kind for one in found]
    assert sum(one.size for group in merged.groups for one in group) == sum(one.size for one in found)
    assert all(group == tuple(sorted(group, key=lambda one: one.kind or "")) for group in merged.groups)
    assert [group[0].kind for group in merged.groups] == sorted(group[0].kind or "" for group in merged.groups)
    if merged.safe:
        assert not [group for group in merged.groups if unsafe(group, minimum)]
    else:
        assert merged.groups == (found,)
        assert len(owners_of(found)) < minimum


@given(parts, st.integers(2, 5))
def test_nothing_is_merged_without_need(found: tuple[Part, ...], minimum: int) -> None:
    merged = merge(found, minimum)
    joined = [group for group in merged.groups if len(group) > 1]
    assert len(joined) <= 1
    if not any(unsafe([one], minimum) for one in found):
        assert not joined
    for one in found:
        if unsafe([one], minimum) and merged.safe:
            assert one in joined[0]


@given(parts, st.integers(2, 5), st.randoms())
def test_sizes_do_not_change_the_groups(found: tuple[Part, ...], minimum: int, random: Any) -> None:
    sizes = [one.size for one in found]
    random.shuffle(sizes)
    other = tuple(one.model_copy(update={"size": size}) for one, size in zip(found, sizes, strict=True))

    def kinds(merged: Any) -> list[list[str | None]]:
        return [[one.kind for one in group] for group in merged.groups]

    assert kinds(merge(found, minimum)) == kinds(merge(other, minimum))
    assert merge(found, minimum).safe == merge(other, minimum).safe


# The door


CATEGORIES = ["public", "licensed", "private", "crawled", "synthetic", "other"]
sizes = st.integers(100_001, 10**13).filter(lambda value: len(str(value).rstrip("0")) >= 5)


@dataclass(frozen=True)
class Made:
    """A made-up release: its sources and their summary."""

    sources: tuple[DataSource, ...]
    summary: ProvenanceSummary

    @property
    def secrets(self) -> list[str]:
        """Texts that no document may hold."""
        found = []
        for source in self.sources:
            if source.confidential:
                found += [source.id, source.title.en, source.title.ja, source.url or "?", source.hub_id or "?"]
                found += [source.owner.name.en, source.owner.id] if source.owner else []
        return found


def summarised(sources: Sequence[DataSource]) -> Made:
    built = inventory.build(sources, None)
    return Made(tuple(sources), summarise(DECLARATIONS, sources, built, reconcile.months(sources, None)))


@st.composite
def sources(draw: st.DrawFn) -> list[DataSource]:
    found = []
    for number in range(draw(st.integers(1, 8))):
        secret, text = draw(st.booleans()), draw(st.booleans())
        owner = draw(st.sampled_from(["q", "w", "x", "y", "z", None]))
        mark = "himitsu" if secret else "kokai"
        values: dict[str, Any] = {
            "id": f"{mark}-source-{number}",
            "title": {"ja": f"{mark}の題名{number}", "en": f"{mark} title {number}"},
            "url": f"https://{mark}{number}.example/data",
            "hub_id": f"{mark}/hub-{number}",
            "category": draw(st.sampled_from(CATEGORIES)),
            "modality": "text" if text else "audio",
            "stages": draw(st.sampled_from([["pretraining"], ["alignment"], ["test"]])),
            "confidentiality": "confidential" if secret else "public",
            "owner": owner and {"id": f"{mark}-owner-{owner}", "name": f"{mark} owner {owner}"},
            "licence": draw(st.sampled_from([None, "CC-BY-4.0", "MIT"])),
            "acquisition": draw(st.sampled_from([None, "licensed", "purchased"])),
            "languages": draw(st.sampled_from([[], ["ja"], ["en"]])),
            "collected": {"from": "2020-03", "to": draw(st.sampled_from(["2021-04", "2024-05"]))},
            "declared": {"bytes": draw(sizes), "tokens" if text else "hours": draw(sizes)},
        }
        found.append(DataSource.model_validate(values))
    return found


made_up = sources().map(summarised)
levels, audiences = st.sampled_from([MIDDLE, NOMINAL]), st.sampled_from(list(Audience))


def through(made: Made, level: Level = MIDDLE, audience: Audience = Audience.PUBLIC) -> DisclosedSummary:
    return tell(made.summary, level, audience).summary


def dumped(disclosed: DisclosedSummary) -> str:
    return json.dumps(disclosed.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)


def truths(made: Made) -> dict[str, Fraction]:
    """The exact value behind the id of every figure that could be published, computed from the summary alone."""
    found: dict[str, Fraction] = {}
    for facet in made.summary.facets:
        for group in merge(facet.parts, MIDDLE.owners_minimum).groups:
            kinds = row_name(tuple(one.kind for one in group))
            part = Fraction(100 * sum(one.size for one in group), facet.whole.value)
            found[f"{facet.name}.{facet.modality or 'all'}.{kinds}.share"] = part
    for modality, total in made.summary.totals.items():
        if isinstance(total, Quantity):
            found[f"total.{modality}"] = Fraction(total.value, 3600 if total.unit is Unit.SECONDS else 1)
    for category in SourceCategory:
        counted = [s for s in made.sources if s.category is category and s.id in made.summary.in_training]
        found[f"category.{category}.count"] = Fraction(len(counted))
    return found


@given(made_up, levels, audiences)
@OFTEN
def test_every_figure_is_true(made: Made, level: Level, audience: Audience) -> None:
    known = truths(made)
    for name, statement in through(made, level, audience).statements.items():
        assert statement.id == name
        if statement.unit is not Unit.MONTH:
            assert statement.admits(known[name])


@given(made_up, levels, audiences)
@OFTEN
def test_no_exact_size_and_no_confidential_text_gets_out(made: Made, level: Level, audience: Audience) -> None:
    disclosed = through(made, level, audience)
    text = dumped(disclosed)
    assert "himitsu" not in text
    assert not [secret for secret in made.secrets if secret in text]
    exact = {one.size for facet in made.summary.facets for one in facet.parts}
    exact |= {facet.whole.value for facet in made.summary.facets}
    bounds = {end for one in disclosed.statements.values() for end in (one.low, one.high)}
    assert not {int(digits) for digits in re.findall(r"\d+", text)} & {size for size in exact if size} - bounds
    sizes_of = {s.id: {"tokens": [s.declared.tokens or 0], "bytes": [s.declared.bytes or 0]} for s in made.sources}
    scan = LiteralScan(identities(made.sources), exact_values(made.summary, sizes_of))
    assert scan.scan_files({"disclosed.json": text.encode()}) == []


@given(made_up, levels)
@OFTEN
def test_both_audiences_are_told_the_same(made: Made, level: Level) -> None:
    assert through(made, level).statements == through(made, level, Audience.REGULATOR).statements


@given(made_up)
@OFTEN
def test_nominal_gives_no_share_and_no_total(made: Made) -> None:
    disclosed = through(made, NOMINAL)
    assert not [one for one in disclosed.statements.values() if one.unit is Unit.PERCENT]
    assert not [row for facet in disclosed.facets for row in facet.rows if row.statement]
    assert not [total for total in disclosed.totals if total.statement]


@given(made_up)
@OFTEN
def test_shares_add_up_to_100_within_their_rounding(made: Made) -> None:
    disclosed = through(made)
    for facet in disclosed.facets:
        told = [disclosed.statements[row.statement] for row in facet.rows if row.statement]
        if told:
            assert len(told) == len(facet.rows)
            assert sum(Fraction(one.low or 0) for one in told) <= 100 <= sum(Fraction(one.high or 0) for one in told)


@given(made_up, levels, audiences)
@OFTEN
def test_every_merged_or_withheld_value_has_a_decision(made: Made, level: Level, audience: Audience) -> None:
    disclosed, decisions, findings = tell(made.summary, level, audience)[:3]
    by_path: dict[str, set[str]] = {}
    for decision in decisions:
        assert decision.audience is audience
        assert decision.reason
        by_path.setdefault(decision.path, set()).add(decision.action)
    for facet in disclosed.facets:
        path = f"{facet.name}.{facet.modality or 'all'}"
        assert ("withhold" in by_path.get(path, ())) is facet.withheld
        for row in facet.rows:
            kinds = "+".join(kind or "not-known" for kind in row.kinds)
            assert ("merge" in by_path.get(f"{path}.{kinds}.share", ())) is (len(row.kinds) > 1)
    for total in disclosed.totals:
        assert bool(by_path.get(f"total.{total.modality}")) is (total.reason != "not_known.no_common_measure")
    for name in disclosed.statements:
        assert by_path[name] & {"round", "band"}
    for source in made.sources:
        if source.confidential and source.id in made.summary.in_training:
            assert by_path[f"source.{source.id}.name"] == {"withhold"}
    for outline in disclosed.categories:
        if outline.period_withheld:
            assert by_path[f"category.{outline.category}.period.outline"] == {"withhold"}
    categories = [facet for facet in disclosed.facets if facet.name == "category"]
    merged = [facet for facet in categories if facet.withheld or any(len(row.kinds) > 1 for row in facet.rows)]
    assert [finding.id for finding in findings] == ["KJ404"] * len(merged)


@given(made_up, levels, audiences)
@OFTEN
def test_no_figure_stands_on_fewer_owners_than_the_minimum(made: Made, level: Level, audience: Audience) -> None:
    by_name = {(facet.name, facet.modality): facet for facet in made.summary.facets}
    for facet in through(made, level, audience).facets:
        parts_by_kind = {one.kind: one for one in by_name[facet.name, facet.modality].parts}
        kinds = sorted((kind for row in facet.rows for kind in row.kinds), key=str)
        assert kinds == ([] if facet.withheld else sorted(parts_by_kind, key=str))
        for row in facet.rows:
            if row.statement:
                assert not unsafe([parts_by_kind[kind] for kind in row.kinds], level.owners_minimum)


@given(sources(), st.sampled_from([2, 3, 7]), levels, audiences)
@OFTEN
def test_releases_with_the_same_figures_are_the_same_to_a_reader(
    found: list[DataSource], factor: int, level: Level, audience: Audience
) -> None:
    larger = [
        source.model_copy(
            update={
                "declared": source.declared.model_copy(
                    update={name: value * factor for name, value in source.declared if value is not None}
                )
            }
        )
        for source in found
    ]
    one, other = through(summarised(found), level, audience), through(summarised(larger), level, audience)
    assume(one.statements == other.statements)
    assert dumped(one) == dumped(other)


@given(sources(), st.randoms(), audiences)
@OFTEN
def test_rows_and_names_are_in_an_order_that_sizes_do_not_change(
    found: list[DataSource], random: Any, audience: Audience
) -> None:
    amounts = [source.declared for source in found]
    for modality in ("text", "audio"):
        places = [n for n, source in enumerate(found) if source.modality == modality]
        shuffled = [amounts[n] for n in places]
        random.shuffle(shuffled)
        for place, amount in zip(places, shuffled, strict=True):
            amounts[place] = amount
    moved = [source.model_copy(update={"declared": amount}) for source, amount in zip(found, amounts, strict=True)]
    one, other = (through(summarised(some), audience=audience) for some in (found, moved))
    assert [(f.name, f.modality, [r.kinds for r in f.rows]) for f in one.facets] == [
        (f.name, f.modality, [r.kinds for r in f.rows]) for f in other.facets
    ]
    assert one.names == other.names
    assert one.categories == other.categories


@given(sources(), st.randoms())
@OFTEN
def test_the_order_of_the_manifests_does_not_matter(found: list[DataSource], random: Any) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)

    def told(some: list[DataSource]) -> tuple[str, list[Decision]]:
        disclosed, decisions = tell(summarised(some).summary, MIDDLE)[:2]
        return dumped(disclosed), sorted(decisions, key=lambda one: (one.path, one.action, one.rule))

    assert told(found) == told(shuffled)


def test_the_made_up_releases_are_not_all_alike() -> None:
    """The properties above would hold for empty documents: both shares and withheld facets must come up."""
    found = [
        DataSource.model_validate(
            {
                "id": f"s{n}", "title": "t", "category": "licensed", "modality": "text", "stages": ["pretraining"],
                "confidentiality": "confidential", "owner": {"id": f"o{n}", "name": "n"}, "declared": {"tokens": 5 + n},
            }
        )
        for n in range(3)
    ]  # fmt: skip
    assert [row.statement for row in through(summarised(found)).facets[0].rows] == ["category.text.licensed.share"]
    assert through(summarised(found[:2])).facets[0].withheld


@pytest.mark.parametrize("text", ["himitsu-source-0", "himitsu title 0"])
def test_a_planted_name_would_be_seen(text: str) -> None:
    made = summarised([DataSource.model_validate({
        "id": "himitsu-source-0", "title": "himitsu title 0", "category": "public", "modality": "text",
        "stages": ["pretraining"], "confidentiality": "confidential", "declared": {"tokens": 123_456},
    })])  # fmt: skip
    planted = through(made).model_copy(update={"level": f"about {text} with 123,456 tokens"})
    scan = LiteralScan(identities(made.sources), exact_values(made.summary, {}))
    assert {finding.detail for finding in scan.scan_files({"a.json": dumped(planted).encode()})} == {text, "123456"}
