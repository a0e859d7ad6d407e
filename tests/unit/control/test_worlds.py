"""Witness worlds: other sizes and other names of one release, and the files that give them away."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from disclosing import tell

from kaiji.control.atoms import Atoms, atoms
from kaiji.control.level import Level
from kaiji.control.worlds import Different, different, of_names, of_sizes
from kaiji.errors import StageError
from kaiji.manifest.models import DataSource
from kaiji.provenance import inventory
from kaiji.provenance.inventory import MEASURES, Inventory
from kaiji.provenance.summarise import Part, ProvenanceSummary, Quantity
from kaiji.terms import Modality

Make = Callable[..., DataSource]
Sum = Callable[..., ProvenanceSummary]
TEXT = Modality.TEXT


def numbered(made: Atoms) -> dict[str, int]:
    return {name: place for place, name in enumerate(made.frame["source_id"])}


def parts(summary: ProvenanceSummary, name: str = "category") -> dict[str | None, Part]:
    (found,) = (facet for facet in summary.facets if (facet.name, facet.modality) == (name, TEXT))
    return {part.kind: part for part in found.parts}


def total(summary: ProvenanceSummary, modality: Modality = TEXT) -> int:
    found = summary.totals[modality]
    assert isinstance(found, Quantity)
    return found.value


# Other sizes


def test_moves_change_sizes_and_nothing_else(source: Make, summary: Sum) -> None:
    sources = [source(0), source(1, category="private"), source(2, category="crawled", confidentiality="public")]
    true, built = summary(*sources), inventory.build(sources, None)
    split = atoms(built, true)
    place = numbered(split)
    other = of_sizes(true, built, split, {place["source-0"]: 30, place["source-1"]: -30})
    assert {kind: part.size for kind, part in parts(other).items()} == {
        "licensed": 1_000_030, "private": 999_970, "crawled": 1_000_000,
    }  # fmt: skip
    assert total(other) == total(true)
    same = {"totals", "facets"}
    assert other.model_dump(exclude=same) == true.model_dump(exclude=same)
    assert of_sizes(true, built, split, {}) == true


def test_what_moves_in_all_moves_the_total(source: Make, summary: Sum) -> None:
    sources = [source(0), source(1)]
    true, built = summary(*sources), inventory.build(sources, None)
    split = atoms(built, true)
    assert total(of_sizes(true, built, split, {0: 5, 1: 7})) == total(true) + 12
    assert total(of_sizes(true, built, split, {0: -1_000_000})) == 1_000_000


def test_an_atom_of_several_rows_keeps_each_row_from_going_below_zero(source: Make, summary: Sum) -> None:
    sources = [source(0)]
    true, rows = summary(*sources), inventory.build(sources, None).frame
    rows = pd.concat([rows] * 3, ignore_index=True)
    rows["tokens"] = pd.array([5, 100, 20], dtype="Int64")
    built = Inventory(rows)
    split = atoms(built, true)
    assert split.truth == (125,)
    assert total(of_sizes(true, built, split, {0: -110})) == 15
    assert total(of_sizes(true, built, split, {0: 75})) == 200
    with pytest.raises(StageError, match="more than there is"):
        of_sizes(true, built, split, {0: -126})
    assert built.frame["tokens"].tolist() == [5, 100, 20], "the true inventory stays as it is"


def test_each_measure_moves_by_itself(source: Make, summary: Sum) -> None:
    sources = [
        source(0, declared={"tokens": 5, "bytes": 20, "documents": 2}),
        source(1, modality="image", declared={"items": 3, "bytes": 90}),
    ]
    true, built = summary(*sources), inventory.build(sources, None)
    split = atoms(built, true)
    place = {(row.source_id, row.measure): row.Index for row in split.frame.itertuples()}
    moves = {place["source-0", "tokens"]: 1, place["source-0", "bytes"]: -4, place["source-1", "bytes"]: 4}
    other = of_sizes(true, built, split, moves)
    assert (total(other), total(other, Modality.IMAGE)) == (6, 3)
    (across,) = (facet for facet in other.facets if facet.modality is None)
    assert {part.kind: part.size for part in across.parts} == {"text": 16, "image": 94}
    assert set(split.frame["measure"]) <= set(MEASURES)


def test_tables_of_two_facets_are_there_in_a_world(source: Make, crossed: Sum) -> None:
    sources = [source(0), source(1, category="private")]
    true, built = crossed(*sources), inventory.build(sources, None)
    other = of_sizes(true, built, atoms(built, true), {0: 1, 1: -1})
    assert [one.facets for one in other.crossings] == [one.facets for one in true.crossings] != []
    assert sorted(held.size for held in other.crossings[0].holdings) == [999_999, 1_000_001]


def test_an_equal_world_is_told_the_same_and_another_is_not(source: Make, summary: Sum, middle_ground: Level) -> None:
    sources = [source(n, category="licensed" if n < 3 else "private") for n in range(6)]
    true, built = summary(*sources), inventory.build(sources, None)
    split = atoms(built, true)
    near = of_sizes(true, built, split, {0: 1000, 1: -1000})
    far = of_sizes(true, built, split, {0: 500_000, 3: -500_000})

    def render(one: ProvenanceSummary) -> dict[str, bytes]:
        return {"a.json": tell(one, middle_ground).summary.model_dump_json().encode()}

    found = different([("near", near), ("far", far)], render, render(true))
    assert list(found) == [Different("far", "a.json")]


# Other names


SECRET = {
    "title": {"ja": "秘密の新聞", "en": "Himitsu News"},
    "url": "https://himitsu.example/x",
    "hub_id": "himitsu/x",
    "version": "himitsu-1",
    "owner": "himitsu-owner",
}


def test_names_of_confidential_sources_are_others(source: Make, summary: Sum) -> None:
    true = summary(source(0, **SECRET), source(1, owner=None), source(2, confidentiality="public"))
    other = of_names(true)
    hidden, nameless, known = other.sources
    assert "himitsu" not in " ".join(one.model_dump_json() for one in other.sources).casefold()
    assert (hidden.id, nameless.id, known) == ("other-source-0", "other-source-1", true.sources[2])
    assert (hidden.url, hidden.hub_id, hidden.version) == (None, None, None)
    assert hidden.owner is not None
    assert (hidden.owner.id, nameless.owner) == ("other-owner-0", None)
    assert other.in_training == other.sized == ("other-source-0", "other-source-1", "source-2")
    same = {"sources", "in_training", "sized", "observed", "months", "languages"}
    assert {name: getattr(other, name) for name in type(true).model_fields if name not in same} == {
        name: getattr(true, name) for name in type(true).model_fields if name not in same
    }


def test_sources_of_one_owner_stay_of_one(source: Make, summary: Sum) -> None:
    other = of_names(summary(source(0, owner="z"), source(1, owner="a"), source(2, owner="z")))
    assert [one.owner.id for one in other.sources if one.owner] == ["other-owner-1", "other-owner-0", "other-owner-1"]


def test_months_and_languages_go_with_their_sources(source: Make, summary: Sum) -> None:
    given: dict[str, Any] = {"collected": {"from": "2024-01", "to": "2024-02"}, "languages": ["ja"]}
    true = summary(source(0, **given), source(1, **given, confidentiality="public"))
    other = of_names(true)
    assert other.months == {"other-source-0": true.months["source-0"], "source-1": true.months["source-1"]}
    assert other.languages == {"other-source-0": ("ja",), "source-1": ("ja",)}


def test_the_door_tells_a_world_of_other_names_the_same(source: Make, summary: Sum, middle_ground: Level) -> None:
    sources = [source(n, title={"ja": f"題{n}", "en": f"T{n}"}, purpose=f"p{n}") for n in range(4)]
    true = summary(*sources, source(9, confidentiality="public"))
    assert tell(of_names(true), middle_ground).summary == tell(true, middle_ground).summary


# Files


def test_files_that_differ_or_are_not_there(source: Make, summary: Sum) -> None:
    one, other = summary(source(0)), summary(source(1))
    worlds = [("same", one), ("other", other)]

    def render(made: ProvenanceSummary) -> dict[str, bytes]:
        return {"a": b"a", "b": b"b"} if made is one else {"a": b"A", "c": b"c"}

    assert list(different(worlds, render, {"a": b"a", "b": b"b"})) == [
        Different("other", "a"), Different("other", "b"), Different("other", "c"),
    ]  # fmt: skip
