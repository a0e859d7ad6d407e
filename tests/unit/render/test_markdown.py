"""Markdown says what the texts say, and nothing in a text becomes markup. Judged by a CommonMark parser."""

import pytest
from lxml import html as parser
from markdown_it import MarkdownIt

from kaiji.errors import StageError
from kaiji.regime.blocks import Bar, Chart, ItemList, Note, Paragraph, Table, YesNo
from kaiji.render.markdown import line, markdown, prose, quoted

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def page(content: bytes | str) -> parser.HtmlElement:
    source = content if isinstance(content, str) else content.decode()
    return parser.fragment_fromstring(READER.render(source), create_parent="div")


def text(element: parser.HtmlElement) -> str:
    return " ".join(element.text_content().split())


NASTY = [
    "a|b",
    "<script>alert(1)</script>",
    "<!-- kaiji:end -->",
    "[x](javascript:alert(1))",
    "![x](https://evil.example/x.png)",
    "[x]: https://evil.example",
    "<javascript:alert(1)>",
    "*a* **b** _c_ __d__ ~~e~~ `f` ``g``",
    "# heading",
    "###### six",
    "#",
    "C #",
    "C ##",
    "- item",
    "+ item",
    "* item",
    "-",
    "+",
    "1. one",
    "1) one",
    "123456789. x",
    "> quote",
    "---",
    "***",
    "===",
    "```",
    "~~~ sh",
    ":--",
    ":-:|:-:",
    "| --- | --- |",
    "&lt;b&gt; &amp; &#60; &copy;",
    "a \\",
    "\\* \\",
    "\\",
    "$x$ $$y$$",
    "foo_bar_baz _ a_ _b",
    "    indented",
    "\tindented",
    "x" * 3000,
    "{{ x }} {% y %}",
    "日本_語_ **強調**です",
    "\u05e9\u05dc\u05d5\u05dd \u202e",
    "😀",
    "AT&T a & b",
    "-5% +3 2026.10 #1",
]


@pytest.mark.parametrize("nasty", NASTY)
def test_a_text_is_read_as_it_was_written(nasty) -> None:
    wanted = " ".join(nasty.split())

    for source in (line(nasty), prose(nasty)):
        read = page(source)
        assert [child.tag for child in read] == ["p"]
        assert all(child.tag == "a" and child.get("href") == child.text for child in read[0])
        assert text(read) == wanted
    for source, tag in ((f"## {line(nasty)}", "h2"), (f"- {line(nasty)}", "li"), (quoted(nasty), "blockquote")):
        assert text(page(source).find(f".//{tag}")) == wanted
        assert not page(source).xpath("//a[@href != text()] | //em | //strong | //code | //img | //pre | //h1")


@pytest.mark.parametrize("nasty", NASTY)
def test_a_table_keeps_its_cells(holding, nasty) -> None:
    read = page(markdown(holding(Table[str](caption=nasty, columns=(nasty, "b"), rows=((nasty, nasty), ("x", ""))))))
    table = read.findall(".//table")[1]
    wanted = " ".join(nasty.split())

    assert [[text(cell) for cell in row] for row in table.iter("tr")] == [[wanted, "b"], [wanted, wanted], ["x", ""]]


def test_plain_addresses_stay_readable() -> None:
    source = line("方針: https://a.example/x_y_*z*?a=1&b=2 (日本語)")

    assert source == "方針: <https://a.example/x_y_*z*?a=1&b=2> (日本語)"
    assert page(source).xpath("//a/@href") == ["https://a.example/x_y_*z*?a=1&b=2"]


def test_an_address_with_an_entity_in_it_is_no_link() -> None:
    read = page(line("https://a.example/?a&copy;b"))

    assert text(read) == "https://a.example/?a&copy;b"


def test_a_bare_host_is_no_link() -> None:
    assert READER.render(line("www.evil.example")) == "<p>www.evil.example</p>\n"
    assert "www." not in line("www.evil.example")


def test_line_feeds() -> None:
    assert prose("a\n# b\n\n- c") == "a<br>\n\\# b\n\n\\- c"
    assert quoted("a\n\nb") == "> a\n>\n> b"
    assert prose("a\n===\nb\n---") == "a<br>\n\\===<br>\nb<br>\n\\---"


def test_a_cell_with_lines_stays_one_row(holding) -> None:
    source = markdown(holding(Table[str](caption="c", columns=("a", "b"), rows=(("x\n|y|\n", "z"),)))).decode()

    assert "| x<br>\\|y\\| | z |\n" in source


def test_the_document_reads_as_a_document(ja) -> None:
    source = markdown(ja)
    read = page(source)

    assert [text(found) for found in read.iter("h1")] == [ja.title]
    assert [text(found) for found in read.iter("h2")] == [*(section.title for section in ja.sections), "注意事項"]
    assert [text(found) for found in read.iter("h3")] == [
        f"{item.id} {item.label}" for section in ja.sections for item in section.items
    ]
    assert text(read.find("blockquote")) == ja.banner
    assert len(read.findall(".//table")) == 3
    for section in ja.sections:
        for item in section.items:
            assert item.text in text(read)
            assert item.verification.text in text(read)
    assert "公開データセットを学習に用いていますか。 はい" in text(read)
    assert source == markdown(ja.model_copy(deep=True))
    assert source.endswith(b"\n")
    assert b"\n\n\n" not in source
    assert b"\r" not in source


def test_a_chart_points_to_its_table(holding) -> None:
    chart = Chart[str](title="図の題", description="説明", bars=(Bar[str](label="a", text="1%", length=1),))
    read = text(page(markdown(holding(chart))))

    assert "図: 図の題 説明 同じ数値を本文の表に示しています。" in read


def test_answers_and_lists_stay_apart(holding) -> None:
    answer = YesNo[str](label="q", value="no", text="いいえ")
    read = page(
        markdown(holding(answer, ItemList[str](items=("a", "b")), Note[str](text="n"), Paragraph[str](text="")))
    )

    assert [len(found) for found in read.iter("ul")][:2] == [1, 2]


def test_empty_parts_are_said_to_be_empty(en, holding) -> None:
    none = markdown(en.model_copy(update={"sections": (), "notices": (), "banner": None})).decode()
    empty = markdown(en.model_copy(update={"sections": (en.sections[0].model_copy(update={"items": ()}),)})).decode()
    blocks = markdown(holding(Table[str](caption="c", columns=("a",), rows=()), ItemList[str](items=()))).decode()

    assert "This document has no items.\n" in none
    assert "> " not in none
    assert "This section has no items.\n" in empty
    assert "| a |\n| --- |\n\n該当する行はありません。\n" in blocks
    assert "\n該当するものはありません。\n" in blocks


def test_a_ragged_table_is_a_stage_error(holding) -> None:
    with pytest.raises(StageError, match="item A1"):
        markdown(holding(Table[str](caption="c", columns=("a",), rows=(("1", "2"),))))
