"""Kinds behind which too few owners stand are merged, by vocabulary and owners, never by size."""

import pytest

from kaiji.control.suppression import merge, owners_of, unsafe
from kaiji.provenance.summarise import Part


def part(kind: str | None, owners: str = "", *, secret: bool = True, size: int = 1000) -> Part:
    """A part; ``owners`` are letters, one an owner."""
    return Part(kind=kind, size=size, sources=(f"s-{kind}",), owners=tuple(owners), confidential=secret)


def grouped(*parts: Part, minimum: int = 3) -> tuple[list[list[str | None]], bool]:
    merged = merge(parts, minimum)
    return [[one.kind for one in group] for group in merged.groups], merged.safe


def test_owners_are_counted_once_however_many_sources_they_have() -> None:
    assert owners_of([part("a", "xy"), part("b", "yz")]) == {"x", "y", "z"}
    assert unsafe([part("a", "x"), part("b", "xy")], 3)
    assert not unsafe([part("a", "x"), part("b", "yz")], 3)


def test_kinds_without_a_confidential_source_need_no_protection() -> None:
    assert not unsafe([part("a", "x", secret=False)], 3)
    assert not unsafe([part("a", "", secret=False)], 3)
    assert grouped(part("a", "x", secret=False), part("b", "", secret=False)) == ([["a"], ["b"]], True)


def test_a_confidential_source_without_owner_counts_as_one() -> None:
    nameless = Part(kind="a", size=5, sources=("n",), owners=("source:n",), confidential=True)
    assert unsafe([nameless], 2)
    assert not unsafe([nameless, part("b", "x")], 2)


def test_safe_kinds_stay_as_they_are() -> None:
    assert grouped(part("a", "xyz"), part("b", "xyz")) == ([["a"], ["b"]], True)


def test_unsafe_kinds_are_merged_first() -> None:
    assert grouped(part("a", "x"), part("b", "uvw"), part("c", "yz")) == ([["a", "c"], ["b"]], True)


def test_the_next_kind_joins_when_the_unsafe_ones_are_not_enough() -> None:
    parts = [part("a", "lmn"), part("b", "x"), part("c", "uvw"), part("d", "opq")]
    assert grouped(*parts) == ([["a"], ["b", "c"], ["d"]], True)


def test_after_the_last_kind_the_first_joins() -> None:
    assert grouped(part("a", "lmn"), part("b", "uvw"), part("c", "x")) == ([["a", "c"], ["b"]], True)


def test_a_kind_of_the_same_owner_protects_nothing() -> None:
    assert grouped(part("a", "x"), part("b", "x", secret=False), part("c", "uv", secret=False)) == (
        [["a", "b", "c"]],
        True,
    )


def test_too_few_owners_in_all() -> None:
    assert grouped(part("a", "x"), part("b", "y", secret=False)) == ([["a", "b"]], False)
    assert grouped(part("a", "xy")) == ([["a"]], False)


def test_nothing_to_group() -> None:
    assert grouped() == ([], True)


@pytest.mark.parametrize(("minimum", "groups"), [(2, [["a"], ["b"]]), (3, [["a", "b"]])])
def test_the_minimum_decides(minimum: int, groups: list[list[str]]) -> None:
    assert grouped(part("a", "xy"), part("b", "uv"), minimum=minimum) == (groups, True)


def test_sizes_do_not_matter() -> None:
    def with_sizes(*sizes: int) -> list[list[str | None]]:
        kinds = ("a", "x"), ("b", "lmn"), ("c", "y"), ("d", "opq")
        return grouped(*(part(kind, owners, size=size) for (kind, owners), size in zip(kinds, sizes, strict=True)))[0]

    assert with_sizes(1, 10, 100, 1000) == with_sizes(1000, 100, 10, 1) == with_sizes(0, 0, 0, 0)
