"""The list of crawled domain names: how long, which names, in which order."""

from fractions import Fraction

import pytest

from kaiji.control.top_domains import domain_list, length_statement, list_length
from kaiji.scan.result import RankedDomains
from kaiji.terms import Modality, Unit


def ranking(modality: Modality | None, names: list[str], measure: str = "bytes") -> RankedDomains:
    """``names`` are all of them, the largest first; the first tenth is kept."""
    return RankedDomains(
        modality=modality, names=len(names), measure=measure, domains=tuple(names[: -(-len(names) // 10)])
    )


@pytest.mark.parametrize(
    ("names", "k", "small"),
    [
        (0, 0, 0), (1, 1, 1), (10, 1, 1), (11, 2, 1), (20, 2, 1), (21, 3, 2), (25, 3, 2),
        (19_981, 1_999, 1_000), (20_000, 2_000, 1_000), (20_001, 2_001, 1_000), (30_000, 3_000, 1_000),
    ],
)  # fmt: skip
def test_the_length_of_the_list(names: int, k: int, small: int) -> None:
    assert (list_length(names, small=False), list_length(names, small=True)) == (k, small)


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize("names", [0, 1, 9, 10, 11, 20, 21, 19_980, 19_981, 20_000, 123_456])
def test_the_length_tells_the_number_of_names_as_far_as_it_says(names: int, small: bool) -> None:
    said = length_statement("p", names, small=small)
    assert said.unit is Unit.DOMAINS
    assert said.admits(Fraction(names))
    alike = [
        n
        for n in range(max(names - 60, 0), names + 60)
        if list_length(n, small=small) == list_length(names, small=small)
    ]
    assert [n for n in range(max(names - 60, 0), names + 60) if said.admits(Fraction(n))] == alike


def test_the_length_in_words() -> None:
    assert length_statement("p", 25, small=False).text.en == "3 of 21 to 30 domain names"
    assert length_statement("p", 25, small=True).text.ja == "2件(21〜40件のドメイン名のうち)"
    assert length_statement("p", 30_000, small=True).text.en == "1,000 of 19,981 or more domain names"


def test_one_modality_gives_the_largest_in_order() -> None:
    names = [f"d{n:02}.example" for n in range(25)]
    ranks = [ranking(None, names), ranking(Modality.TEXT, names)]
    assert domain_list(ranks, small=False) == ("d00.example", "d01.example", "d02.example")
    assert domain_list(ranks, small=True) == ("d00.example", "d01.example")
    assert domain_list([], small=False) == ()


def test_tops_of_each_modality_are_filled_up_to_the_length() -> None:
    top = [f"top{n}.example" for n in range(10)]
    text = top + [f"text{n:02}.example" for n in range(50)] + [f"both{n:02}.example" for n in range(40)]
    image = top + [f"image{n:02}.example" for n in range(50)] + [f"both{n:02}.example" for n in range(40)]
    everything = list(dict.fromkeys([*top, *text, *image]))
    assert len(everything) == 150
    ranks = [ranking(None, everything), ranking(Modality.TEXT, text), ranking(Modality.IMAGE, image)]
    assert domain_list(ranks, small=False) == tuple(everything[:15])


def test_a_modality_that_is_small_in_total_is_represented() -> None:
    text = [f"text{n:02}.example" for n in range(20)]
    image = [f"image{n:02}.example" for n in range(10)]
    ranks = [ranking(None, text + image), ranking(Modality.TEXT, text), ranking(Modality.IMAGE, image)]
    assert domain_list(ranks, small=False) == ("text00.example", "text01.example", "image00.example")
