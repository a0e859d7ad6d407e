"""Atoms: what published figures treat alike, which of them a subject means, and which are the same in two releases."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import pytest

from kaiji.control.atoms import Atoms, atoms, joined, measures, targets
from kaiji.control.subjects import Subject
from kaiji.control.system import Target
from kaiji.manifest.models import DataSource
from kaiji.provenance import inventory
from kaiji.provenance.inventory import Inventory
from kaiji.provenance.summarise import NAMELESS, ProvenanceSummary
from kaiji.terms import Modality, Unit

Make = Callable[..., DataSource]
Sum = Callable[..., ProvenanceSummary]
Split = Callable[..., Atoms]
TEXT, TOKENS, BYTES = Modality.TEXT, Unit.TOKENS, Unit.BYTES


@pytest.fixture(name="split")
def _split(summary: Sum) -> Split:
    def made(*sources: DataSource, **options: Any) -> Atoms:
        return atoms(inventory.build(sources, None), summary(*sources), **options)

    return made


def column(made: Atoms, name: str) -> list[Any]:
    return list(made.frame[name])


def ids(made: Atoms, numbers: Sequence[int]) -> list[str]:
    return [str(made.frame["source_id"][number]) for number in numbers]


def test_each_source_of_one_kind_is_an_atom(source: Make, split: Split) -> None:
    made = split(source(2, declared={"tokens": 7}), source(1, declared={"tokens": 5}), source(3, stages=["test"]))
    assert column(made, "source_id") == ["source-1", "source-2"]
    assert made.truth == (5, 7)
    assert column(made, "measure") == ["tokens", "tokens"]
    assert list(made.frame.index) == [0, 1]


def test_who_holds_an_atom_and_whether_it_is_secret(source: Make, split: Split) -> None:
    made = split(
        source(1, owner="acme"),
        source(2, owner=None),
        source(3, confidentiality="public", owner="beta"),
        source(4, confidentiality="public", category="public", owner=None),
        source(5, category="public", owner="acme"),
    )
    by_source = {row.source_id: (row.owner, row.holder, row.known) for row in made.frame.itertuples()}
    assert by_source == {
        "source-1": ("acme", "acme", False),
        "source-2": (NAMELESS, NAMELESS, False),
        "source-3": ("", "beta", False),
        "source-4": ("", "", True),
        "source-5": ("acme", "acme", False),
    }
    place = {name: number for number, name in enumerate(column(made, "source_id"))}
    assert made.known == {place["source-4"]}
    assert made.held_by() == {
        NAMELESS: {place["source-2"]},
        "acme": {place["source-1"], place["source-5"]},
        "beta": {place["source-3"]},
    }


def test_rows_of_the_inventory_behind_an_atom(source: Make, summary: Sum) -> None:
    sources = [source(n) for n in range(3)]
    built = inventory.build(sources, None)
    rows = built.frame.iloc[[2, 0, 1, 0]].reset_index(drop=True)
    rows["tokens"] = pd.array([1, 2, 3, 4], dtype="Int64")
    made = atoms(Inventory(rows), summary(*sources))
    assert column(made, "source_id") == ["source-0", "source-1", "source-2"]
    assert made.truth == (6, 3, 1)
    assert [found.tolist() for found in made.rows] == [[1, 3], [2], [0]]


def test_nothing_that_counts_has_no_atoms(source: Make, split: Split) -> None:
    made = split(source(1, stages=["test"]))
    assert (len(made.frame), made.truth, made.known, dict(made.held_by())) == (0, (), frozenset(), {})
    assert made.of(Subject(modality=TEXT), TOKENS) == ()


# Subjects


@pytest.fixture
def mixed(source: Make, split: Split) -> Atoms:
    return split(
        source(0, category="licensed", acquisition="licensed"),
        source(1, category="licensed", acquisition="purchased"),
        source(2, category="private", acquisition="purchased"),
        source(3, category="private"),
        source(4, modality="image", declared={"items": 9}),
    )


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ({"modality": "text"}, "0123"),
        ({}, "0123"),
        ({"modality": "text", "facet": "category", "kinds": ["licensed"]}, "01"),
        ({"modality": "text", "facet": "category", "kinds": ["licensed", "private"]}, "0123"),
        ({"modality": "text", "facet": "category", "kinds": ["crawled"]}, ""),
        ({"modality": "text", "facet": "acquisition", "kinds": [None]}, "3"),
        ({"modality": "text", "facet": "acquisition", "kinds": [None, "licensed"]}, "03"),
        ({"modality": "text", "facet": "acquisition", "kinds": ["licensed"]}, "0"),
        ({"sources": ["source-2", "source-4"]}, "2"),
    ],
)
def test_atoms_of_a_subject(mixed: Atoms, subject: dict[str, Any], expected: str) -> None:
    numbers = mixed.of(Subject.model_validate(subject), TOKENS)
    assert list(numbers) == sorted(numbers)
    assert ids(mixed, numbers) == [f"source-{n}" for n in expected]


@pytest.mark.parametrize(
    ("kinds", "others", "expected"),
    [
        (["licensed"], ["purchased"], "1"),
        (["private"], [None], "3"),
        (["licensed", "private"], ["purchased"], "12"),
        (["private"], ["licensed"], ""),
    ],
)
def test_atoms_of_a_cell_of_two_facets(mixed: Atoms, kinds: list[Any], others: list[Any], expected: str) -> None:
    given = {"facet": "category", "kinds": kinds, "other_facet": "acquisition", "other_kinds": others}
    numbers = mixed.of(Subject.model_validate({"modality": "text", **given}), TOKENS)
    assert ids(mixed, numbers) == [f"source-{n}" for n in expected]


def test_atoms_of_a_measure(source: Make, split: Split) -> None:
    sources = [
        source(0, declared={"tokens": 5, "bytes": 20}),
        source(1, modality="image", declared={"items": 3, "bytes": 90}),
    ]
    both = split(*sources)
    assert [ids(both, both.of(Subject(), unit)) for unit in (TOKENS, BYTES, Unit.ITEMS)] == [
        ["source-0"], ["source-0", "source-1"], ["source-1"],
    ]  # fmt: skip
    alone = split(sources[0])
    assert column(alone, "measure") == ["tokens"], "bytes are compared only across modalities"
    assert column(split(sources[0], others=True), "measure") == ["tokens", "bytes"]


def test_measures_of_a_summary(source: Make, summary: Sum) -> None:
    text, image = source(0, declared={"tokens": 5, "bytes": 20}), {"modality": "image"}
    assert measures(summary(text)) == {TEXT: (TOKENS,)}
    assert measures(summary(text, source(1, **image, declared={"items": 3, "bytes": 90}))) == {
        TEXT: (TOKENS, BYTES),
        Modality.IMAGE: (Unit.ITEMS, BYTES),
    }
    assert measures(summary(text, source(1, **image, declared={"items": 3}))) == {
        TEXT: (TOKENS,),
        Modality.IMAGE: (Unit.ITEMS,),
    }
    assert measures(summary(text, source(1, declared={"documents": 3}))) == {TEXT: ()}


# Two releases


def test_a_size_that_did_not_change_is_one_atom(source: Make, split: Split) -> None:
    old = split(source(0, declared={"tokens": 5}), source(1, declared={"tokens": 7}))
    new = split(source(1, declared={"tokens": 7}), source(2, declared={"tokens": 9}))
    both = joined(new, {"one": old.frame})
    assert both.truth == (7, 9, 5)
    assert list(both.earlier["one"].index) == [2, 0]
    assert both.of(Subject(modality=TEXT), TOKENS) == (0, 1)
    assert both.of(Subject(modality=TEXT, release="one"), TOKENS) == (0, 2)


def test_a_size_that_changed_is_two_atoms(source: Make, split: Split) -> None:
    old, new = (split(source(0, declared={"tokens": size})) for size in (5, 6))
    both = joined(new, {"one": old.frame})
    assert both.truth == (6, 5)
    assert both.held_by() == {"owner-0": {0, 1}}


def test_a_source_that_was_reclassified_is_one_atom(source: Make, split: Split) -> None:
    old = split(source(0, category="private", acquisition="purchased"))
    both = joined(split(source(0, category="licensed", acquisition="licensed")), {"one": old.frame})
    assert both.truth == (1_000_000,)
    licensed = Subject(modality=TEXT, facet="category", kinds=("licensed",))
    assert both.of(licensed, TOKENS) == (0,)
    assert both.of(licensed.model_copy(update={"release": "one"}), TOKENS) == ()
    private = Subject(modality=TEXT, facet="category", kinds=("private",), release="one")
    assert both.of(private, TOKENS) == (0,)


def test_another_language_of_the_same_size_is_another_atom(source: Make, split: Split) -> None:
    old = split(source(0, languages=["ja"]))
    assert joined(split(source(0, languages=["en"])), {"one": old.frame}).truth == (1_000_000, 1_000_000)


def test_rows_of_one_release_are_never_the_same(source: Make, split: Split) -> None:
    twice = split(source(0))
    rows = pd.concat([twice.frame, twice.frame.assign(category="private")], ignore_index=True)
    both = joined(Atoms(rows, [*twice.rows, *twice.rows]), {"one": rows})
    assert both.truth == (1_000_000, 1_000_000)
    assert list(both.earlier["one"].index) == [0, 1]


def test_three_releases_share_what_did_not_change(source: Make, split: Split) -> None:
    first = split(source(0), source(1))
    second = split(source(0), source(2))
    both = joined(split(source(2), source(3)), {"one": first.frame, "two": second.frame})
    assert len(both.truth) == 4
    assert [sorted(frame["source_id"]) for frame in both.frames] == [
        ["source-2", "source-3"], ["source-0", "source-1"], ["source-0", "source-2"],
    ]  # fmt: skip
    shared = set(both.earlier["one"].index) & set(both.earlier["two"].index)
    assert len(shared) == 1


def test_an_earlier_release_that_is_not_there(source: Make, split: Split) -> None:
    with pytest.raises(KeyError):
        split(source(0)).of(Subject(modality=TEXT, release="none"), TOKENS)


# Targets


def test_targets_are_confidential_owners_and_sources(source: Make, split: Split) -> None:
    made = split(
        source(0, owner="a"),
        source(1, owner="a"),
        source(2, owner="b"),
        source(3, confidentiality="public"),
        source(4, declared={"tokens": 0}),
    )
    assert targets(made, []) == (
        Target("owner:a:text:tokens", (0, 1)),
        Target("owner:b:text:tokens", (2,)),
        Target("owner:owner-4:text:tokens", (4,)),
        Target("source:source-0:tokens", (0,)),
        Target("source:source-1:tokens", (1,)),
    )


def test_an_owner_in_a_published_part_is_a_target(source: Make, split: Split) -> None:
    made = split(
        source(0, owner="a"), source(1, owner="a"), source(2, owner="a", category="private"), source(3, owner="b")
    )
    licensed = Subject(modality=TEXT, facet="category", kinds=("licensed",))
    more = set(targets(made, [(licensed, TOKENS)])) - set(targets(made, []))
    assert more == {Target("owner:a:category.text.licensed:tokens", (0, 1))}
    assert set(targets(made, [(Subject(modality=TEXT), TOKENS)])) == set(targets(made, []))


def test_targets_of_earlier_releases(source: Make, split: Split) -> None:
    old = split(source(0, owner="a", declared={"tokens": 5}), source(1, owner="a", declared={"tokens": 7}))
    both = joined(split(source(0, owner="a", declared={"tokens": 5})), {"one": old.frame})
    assert targets(both, []) == (
        Target("owner:a:text:tokens", (0,)),
        Target("owner:a:text:tokens:one", (0, 1)),
        Target("source:source-1:tokens:one", (1,)),
    )
