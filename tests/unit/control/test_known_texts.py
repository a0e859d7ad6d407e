"""Known texts explain figures with the same words around them, also over the lines and pages of a document."""

import pytest

from kaiji.control.artefact import Segment
from kaiji.control.known_texts import KnownTexts, Text, in_words, unexplained, unexplained_on_pages

DIGEST = "571f0d0ccae1ecd3af2b79e59819ba8c948e5d8a992a5591089ce3fa91ff3712"
TEXTS = [
    "The model has about seven billion parameters and reads 32,768 tokens.",
    "Name Version",
    "Corpus 3 (sample)",
    DIGEST,
    "12",
]
WORDING = ["Edition", "Page {page} of {pages}", "{title}: {text}", "From {first} on"]
KNOWN = [KnownTexts([*map(Text, TEXTS), Text("1,000トークン以上", "total"), Text("5 %", "share")], WORDING)]


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("2026-11-20", ["2026年11月", "November 2026", "2026年11月20日", "20 November 2026", "20/11/26"]),
        ("2026-01", ["2026年1月", "January 2026"]),
        ("2026-13", []),
        ("2026", []),
    ],
)
def test_dates_in_words(date: str, words: list[str]) -> None:
    assert list(in_words(date)) == words


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("12", []),
        ("Edition: 12", []),
        ("Edition 12", []),
        ("From 12 on", []),
        ("Edition: From 12 on", []),
        ("Other: 12", ["12"]),
        ("12 and more", ["12"]),
        ("Corpus 3 (sample), Corpus 3 (sample)", []),
        ("12, 12、12", []),
        ("12, 13", ["12", "13"]),
    ],
)
def test_numbers_alone(text: str, figures: list[str]) -> None:
    assert unexplained(Segment("", text), KNOWN) == figures


def test_statements_of_one_item() -> None:
    only = frozenset({"share"})
    assert unexplained(Segment("", "5 % and 1,000トークン以上", statements=only), KNOWN) == ["1,000"]
    assert unexplained(Segment("", "5 %", statements=only), KNOWN) == []
    assert unexplained(Segment("", "5 %", statements=frozenset()), KNOWN) == ["5 %"]


def pages(*texts: str) -> list[tuple[str, str]]:
    return list(unexplained_on_pages([Segment(f"page {n}", text, page=True) for n, text in enumerate(texts, 1)], KNOWN))


def test_texts_go_on_over_lines() -> None:
    assert pages("The model has about seven\r\nbillion parameters and reads 32,\r\n768 tokens.") == []
    assert pages(f"x {DIGEST[:20]}\n{DIGEST[20:45]}\n{DIGEST[45:]}\nName") == []
    assert pages("1,0\n00トー\nクン以上") == []
    assert pages(f"x {DIGEST[:20]}\n{DIGEST[20:45]}\nName") == [("page 1", DIGEST[:20]), ("page 1", DIGEST[20:45])]
    assert pages("The model has about seven\nmillion parameters") == [("page 1", "about seven"), ("page 1", "million")]


def test_texts_go_on_over_pages() -> None:
    footer = "Edition: Page"
    one = f"Edition\nThe model has about seven billion parameters and reads\n{footer}"
    assert pages(one, f"Edition\n32,768 tokens.\n{footer}", f"Edition\nx\n{footer}") == []
    assert pages(one, f"Edition\nName Version\n32,768 tokens.\n{footer}", f"Edition\nx\n{footer}") == []
    assert ("page 2", "32,769") in pages(one, f"Edition\n32,769 tokens.\n{footer}", f"Edition\nx\n{footer}")


def test_half_a_number_may_read_longer_than_the_whole() -> None:
    band = [KnownTexts([Text("1,000万件以上3,000万件未満", "band")])]
    for number, told in (("3,000", []), ("4,000", ["1,000万", "4,000", "万件未満"])):
        page = Segment("page 1", f"画像 1,000万件以上{number}\n万件未満\n申告", page=True)
        assert [figure for _, figure in unexplained_on_pages([page], band)] == told


def test_other_cells_stand_between_the_parts_of_a_cell_that_a_page_breaks() -> None:
    known = [KnownTexts([Text("Poems of the northern islands, no. 63")])]
    for number, told in ((63, []), (64, [("page 2", "64")])):
        texts = ("Edition\nPoems of the northern\nall of it\nx", f"Edition\nislands, no. {number}", "Edition\nx")
        made = [Segment(f"page {n}", text, page=True) for n, text in enumerate(texts, 1)]
        assert list(unexplained_on_pages(made, known)) == told


def test_a_head_may_have_several_lines() -> None:
    marks = "DRAFT\nSAMPLE\nEdition\n"
    one = f"{marks}The model has about seven billion parameters and reads\nEdition: Page"
    assert pages(one, f"{marks}32,768 tokens.\nEdition: Page", f"{marks}x\nEdition: Page") == []
    assert ("page 2", "32,769") in pages(one, f"{marks}32,769 tokens.\nEdition: Page", f"{marks}x\nEdition: Page")
    assert [place for place, _ in pages(*(f"DRAFT\nof {n} datasets\nx" for n in (3, 4)))] == ["page 1", "page 2"]


def test_heads_and_feet_are_looked_at() -> None:
    assert pages("a\nb 71", "a\nb 72", "a\nb 73") == [("page 1", "71"), ("page 2", "72"), ("page 3", "73")]
    assert pages("", "a 4,711") == [("page 2", "4,711")]
