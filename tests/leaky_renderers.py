"""A small honest renderer, six that leak what they were not given to publish, and what each becomes once repaired.

Every renderer is a function of the exact sizes by source, which only a leak looks at, and of the published statements:
it gives files by path. Ids of the statements are ``category.text.<kind>.share`` and ``total.text``.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from kaiji.control.statements import Statement

Sizes = Mapping[str, int]
Files = dict[str, bytes]
Renderer = Callable[[Sizes, Sequence[Statement]], Files]

WORDING = ["Training data", "Share of each category", "Category", "Share", "Sources", "Name", "Total", "doc", "annex"]
"""Fixed texts of these renderers."""
FULL = 600
"""Length in pixels of a bar of 100 %."""
HIDDEN = "annex.csv"


def honest(sizes: Sizes, statements: Sequence[Statement]) -> Files:
    """Table and chart of the published shares, the published total, names in alphabetical order."""
    return _files(sizes, statements)


def true_bars(sizes: Sizes, statements: Sequence[Statement]) -> Files:
    """Bars as long as the exact shares of the sources, in the order in which they come."""
    whole = sum(sizes.values())
    exact = [Fraction(size, whole) for size in sizes.values()]
    return _files(sizes, statements, lengths=exact)


def sum_in_caption(sizes: Sizes, statements: Sequence[Statement]) -> Files:
    """The exact sum in the caption of the table."""
    return _files(sizes, statements, caption=f"Share of each category ({sum(sizes.values()):,} tokens)")


def digest_of_input(sizes: Sizes, statements: Sequence[Statement]) -> Files:
    """A digest of the sizes, to tell builds apart: whoever guesses the sizes can check the guess."""
    told = hashlib.sha256(repr(sorted(sizes.items())).encode()).hexdigest()
    return _files(sizes, statements, head=f'<meta name="build" content="{told}">')


def largest_rounded(sizes: Sizes, statements: Sequence[Statement]) -> Files:
    """The largest source at two significant digits."""
    return _files(sizes, statements, note=f"The largest source has {_two_digits(max(sizes.values())):,} tokens.")


def padded_annex(sizes: Sizes, statements: Sequence[Statement]) -> Files:
    """An annex with the sizes blanked out one for one in thousands: its length tells them."""
    lines = [f'{name},"{" " * (size // 1000)}"' for name, size in sorted(sizes.items())]
    return _files(sizes, statements, annex=lines)


def sorted_by_size(sizes: Sizes, statements: Sequence[Statement]) -> Files:
    """Names of the sources from the largest to the smallest."""
    return _files(sizes, statements, names=sorted(sizes, key=lambda name: (-sizes[name], name)))


def published_bars(sizes: Sizes, statements: Sequence[Statement]) -> Files:
    """Twin of :func:`true_bars`: bars as long as the published figures."""
    return honest(sizes, statements)


def total_in_caption(sizes: Sizes, statements: Sequence[Statement]) -> Files:
    """Twin of :func:`sum_in_caption`: the published band of the total in the caption."""
    total = next(one for one in statements if one.id == "total.text")
    return _files(sizes, statements, caption=f"Share of each category ({total.text.en})")


def no_digest(sizes: Sizes, statements: Sequence[Statement]) -> Files:
    """Twin of :func:`digest_of_input`: nothing tells builds apart."""
    return _files(sizes, statements, head='<meta name="build" content="doc">')


def largest_share(sizes: Sizes, statements: Sequence[Statement]) -> Files:
    """Twin of :func:`largest_rounded`: a published share in words of its own."""
    return _files(sizes, statements, note=f"A category has a share of {_shares(statements)[0].text.en}.")


def plain_annex(sizes: Sizes, statements: Sequence[Statement]) -> Files:
    """Twin of :func:`padded_annex`: names, nothing else."""
    return _files(sizes, statements, annex=sorted(sizes))


def sorted_by_name(sizes: Sizes, statements: Sequence[Statement]) -> Files:
    """Twin of :func:`sorted_by_size`: names in alphabetical order."""
    return _files(sizes, statements, names=sorted(sizes))


LEAKS: dict[str, Renderer] = {
    "bars": true_bars,
    "caption": sum_in_caption,
    "digest": digest_of_input,
    "largest": largest_rounded,
    "length": padded_annex,
    "order": sorted_by_size,
}
"""Renderers that leak, by what leaks."""
TWINS: dict[str, Renderer] = {
    "bars": published_bars,
    "caption": total_in_caption,
    "digest": no_digest,
    "largest": largest_share,
    "length": plain_annex,
    "order": sorted_by_name,
}
"""The same renderers, repaired: what they publish depends on the statements and the names alone."""
SEEN_IN_TEXT = ("bars", "caption", "digest", "largest")
"""Leaks that show in what one file says; the others show only beside what another world would have rendered."""


def _two_digits(value: int) -> int:
    unit = int(10 ** max(len(str(value)) - 2, 0))
    return (value + unit // 2) // unit * unit


def _shares(statements: Sequence[Statement]) -> list[Statement]:
    return [one for one in statements if one.id.endswith(".share")]


def _middle(statement: Statement) -> Fraction:
    return (Fraction(statement.low or 0) + Fraction(statement.high or 0)) / 200


def _files(
    sizes: Sizes,
    statements: Sequence[Statement],
    *,
    caption: str = "Share of each category",
    head: str = "",
    note: str = "",
    lengths: Sequence[Fraction] = (),
    names: Sequence[str] = (),
    annex: Sequence[str] = (),
) -> Files:
    shares = _shares(statements)
    total = next(one for one in statements if one.id == "total.text")
    rows = "".join(f"<tr><th>{one.id.split('.')[2]}</th><td>{one.text.en}</td></tr>" for one in shares)
    bars, top = [], 0
    for one, length in zip(shares, lengths or [_middle(one) for one in shares], strict=False):
        top += 40
        bars.append(
            f'<text x="0" y="{top - 11}">{one.id.split(".")[2]}</text>'
            f'<text x="{FULL}" y="{top - 11}" text-anchor="end">{one.text.en}</text>'
            f'<rect x="0" y="{top}" width="{FULL}" height="12" fill="#eee"/>'
            f'<rect x="0" y="{top}" width="{float(FULL * length):.1f}" height="12" fill="#246"/>'
        )
    listed = names or sorted(sizes)
    page = (
        f"<!DOCTYPE html><html><head><title>Training data</title>{head}</head><body>"
        f"<h1>Training data</h1><table><caption>{caption}</caption>"
        f"<thead><tr><th>Category</th><th>Share</th></tr></thead><tbody>{rows}</tbody></table>"
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {FULL} {top + 12}">{"".join(bars)}</svg>'
        f"<p>{note}</p><p>Total: {total.text.en}</p>"
        f"<h2>Sources</h2><ul>{''.join(f'<li>{name}</li>' for name in listed)}</ul></body></html>\n"
    )
    lines = [f"# Training data\n\n{caption}\n\n| Category | Share |\n| --- | --- |\n"]
    lines += [f"| {one.id.split('.')[2]} | {one.text.en} |\n" for one in shares]
    lines += [f"\nTotal: {total.text.en}\n\nSources\n\n", *(f"* {name}\n" for name in listed)]
    files = {"public/doc.html": page, "public/doc.md": "".join(lines)}
    if annex:
        files[f"public/{HIDDEN}"] = "Name\n" + "".join(f"{line}\n" for line in annex)
    return {path: text.encode() for path, text in files.items()}
