"""Renderers that leak are caught where what they say shows it, and their repaired twins raise no alarm."""

from decimal import Decimal

import leaky_renderers as leaky
import pytest

from kaiji.control.parse_back import Declared, Folder
from kaiji.control.statements import Statement, share, total_band
from kaiji.terms import Unit

SIZES = {"alpha corpus": 61_234_567, "beta corpus": 30_111_222, "gamma corpus": 8_543_210, "delta corpus": 432_109}
OTHER = {name: size * 13 // 10 for name, size in SIZES.items()}
OTHER |= {"alpha corpus": OTHER["alpha corpus"] + 200_000, "beta corpus": OTHER["beta corpus"] - 200_000}
"""A world that publishes the same."""
KINDS = dict(zip(("licensed", "crawled", "public", "user"), SIZES, strict=True))


def published(sizes: dict[str, int]) -> list[Statement]:
    """Statements on the sizes by kind."""
    whole = sum(sizes.values())
    shares = [share(f"category.text.{kind}.share", size, whole, Decimal(1)) for kind, size in sizes.items()]
    return [*shares, total_band("total.text", whole, Unit.TOKENS)]


STATEMENTS = published({kind: SIZES[name] for kind, name in KINDS.items()})
WORDS = ["The largest source has {x} tokens.", "A category has a share of {x}.", "Share of each category ({x})"]
DECLARED = {
    "public": Declared({one.id: one for one in STATEMENTS}, [*SIZES, *KINDS], [*leaky.WORDING, *WORDS, "#eee", "#246"])
}


def undeclared(renderer: leaky.Renderer) -> set[str]:
    return {one.figure for one in Folder(renderer(SIZES, STATEMENTS)).undeclared(DECLARED)}


def test_leaks_that_show_in_what_a_file_says() -> None:
    bars = {"a bar of 61.0333%", "a bar of 30.0167%", "a bar of 8.5167%", "a bar of 0.4333%"}
    assert undeclared(leaky.true_bars) == bars
    assert undeclared(leaky.sum_in_caption) == {"100,321,108"}
    assert undeclared(leaky.largest_rounded) == {"61,000,000"}
    (digest,) = undeclared(leaky.digest_of_input)
    assert len(digest) == 64


@pytest.mark.parametrize("name", leaky.TWINS)
def test_repaired_twins_raise_no_alarm(name: str) -> None:
    assert undeclared(leaky.TWINS[name]) == set()


def test_the_honest_renderer_raises_no_alarm() -> None:
    assert undeclared(leaky.honest) == set()


@pytest.mark.parametrize("name", leaky.LEAKS)
def test_every_leak_depends_on_the_sizes_and_no_twin_does(name: str) -> None:
    kinds = dict(zip(KINDS, OTHER.values(), strict=True))
    assert [one.text for one in STATEMENTS] == [one.text for one in published(kinds)]
    order = {**SIZES, "alpha corpus": 30_111_222, "beta corpus": 61_234_567}
    other = order if name == "order" else OTHER
    assert leaky.LEAKS[name](SIZES, STATEMENTS) != leaky.LEAKS[name](other, STATEMENTS)
    assert leaky.TWINS[name](SIZES, STATEMENTS) == leaky.TWINS[name](other, STATEMENTS)


def test_what_parsing_cannot_see() -> None:
    """A length of blanks and an order say something only beside another world: witness worlds find them."""
    hidden = set(leaky.LEAKS) - set(leaky.SEEN_IN_TEXT)
    assert {name for name in leaky.LEAKS if not undeclared(leaky.LEAKS[name])} == hidden == {"length", "order"}
