"""The page: accessible, self-contained, and deaf to what stands in its texts."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from lxml import html as parser

from kaiji.errors import StageError
from kaiji.regime.blocks import Chart, ItemList, Note, Paragraph, Table, YesNo
from kaiji.render.chart import BAR, TRACK
from kaiji.render.html import css_string, html
from kaiji.render.templates import formats_folder

NASTY = (
    "a|b <script>alert(1)</script> javascript:alert(1) <img src=x onerror=y> {{ 7*7 }} {% raw %} "
    "&lt;b&gt; \"' </style> </title> --> \u202e\u05e9\u05dc\u05d5\u05dd 😀"
)


def tree(content: bytes) -> parser.HtmlElement:
    return parser.document_fromstring(content.decode())


def text(element: parser.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_one_page_one_title_one_main(ja, en) -> None:
    for document in (ja, en):
        page = tree(html(document))

        assert page.get("lang") == document.language
        assert page.findtext(".//title") == document.title
        assert [text(found) for found in page.iter("h1")] == [document.title]
        assert len(page.findall(".//main")) == len(page.findall(".//nav")) == 1
        assert page.find(".//meta[@name='viewport']") is not None
        assert document.release.model in page.find(".//meta[@name='description']").get("content")
        assert not re.search(r"user-scalable|maximum-scale", page.find(".//meta[@name='viewport']").get("content"))


def test_headings_go_down_one_level_at_a_time(ja) -> None:
    levels = [int(found.tag[1]) for found in tree(html(ja)).iter("h1", "h2", "h3", "h4", "h5", "h6")]

    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_item_says_id_label_state_and_verification(ja) -> None:
    articles = tree(html(ja)).findall(".//article")
    items = [item for section in ja.sections for item in section.items]

    assert len(articles) == len(items) == 5
    for article, item in zip(articles, items, strict=True):
        said = text(article)
        assert said.startswith(f"{item.id} {item.label}")
        assert item.text in said
        assert item.verification.text in said


def test_links_within_the_page_lead_somewhere_and_ids_are_unique(ja) -> None:
    page = tree(html(ja))
    ids = page.xpath("//@id")

    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in page.xpath("//a/@href") if link.startswith("#")} <= set(ids)
    assert {name for names in page.xpath("//@aria-labelledby") for name in names.split()} <= set(ids)
    assert page.xpath("//body/a[1]/@href") == ["#main"]


def test_ids_stay_unique_when_the_regime_s_are_not_names(ja) -> None:
    item = ja.sections[0].items[0]
    section = ja.sections[0].model_copy(
        update={"items": tuple(item.model_copy(update={"id": own}) for own in ("a b", "a/b", 'a"b', "項", "目"))}
    )
    ids = tree(html(ja.model_copy(update={"sections": (section, section)}))).xpath("//@id")

    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[A-Za-z0-9_.:-]+", name) for name in ids)


def test_tables_have_a_caption_and_scopes(ja) -> None:
    tables = tree(html(ja)).findall(".//table")

    assert [text(table.find("caption")) for table in tables] == ["対象のモデル", "出所の区分ごとの割合(トークン数)"]
    for table in tables:
        assert {cell.get("scope") for cell in table.iterfind(".//thead//th")} == {"col"}
        assert {row[0].get("scope") for row in table.iterfind(".//tbody/tr")} == {"row"}
        assert table.getparent().get("tabindex") == "0"


def test_answers_are_pairs(ja) -> None:
    answers = tree(html(ja)).findall(".//dl[@class='answers']")

    assert len(answers) == 1
    assert [text(said) for said in answers[0].iter("dd")] == ["はい", "いいえ", "不明"]


def test_nothing_is_loaded_and_nothing_runs(ja, en) -> None:
    for document in (ja, en):
        page = tree(html(document))
        content = html(document).decode()

        assert not list(page.iter("script", "link", "img", "iframe", "object", "embed", "form", "base"))
        assert not page.xpath("//@src | //@srcset | //@style")
        assert not re.search(r"url\(|@import|expression\(", content)
        assert "default-src 'none'" in content
        assert not [name for name in page.xpath("//@*") if str(name).lower().startswith("javascript:")]


def test_plain_addresses_are_links_and_show_their_target(ja) -> None:
    links = [link for link in tree(html(ja)).iter("a") if not link.get("href").startswith("#")]

    assert [link.get("href") for link in links] == [
        "https://tsubame.example/ip-policy",
        "mailto:rights@tsubame.example",
    ]
    assert all(link.get("href").removeprefix("mailto:") == link.text for link in links)


def test_texts_are_never_markup(ja) -> None:
    blocks = (
        Paragraph[str](text=NASTY),
        YesNo[str](label=NASTY, value="yes", text=NASTY),
        ItemList[str](caption=NASTY, items=(NASTY,)),
        Table[str](caption=NASTY, columns=(NASTY, NASTY), rows=((NASTY, NASTY),)),
        Chart[str](title=NASTY, description=NASTY, bars=({"label": NASTY, "text": NASTY, "length": 1},)),
        Note[str](text=NASTY),
    )
    item = ja.sections[0].items[0].model_copy(update={"blocks": blocks, "label": NASTY, "text": NASTY, "id": NASTY})
    section = ja.sections[0].model_copy(update={"items": (item,), "title": NASTY})
    document = ja.model_copy(
        update={
            "sections": (section,), "title": NASTY, "banner": NASTY, "notices": (NASTY,), "provider": NASTY,
            "release": ja.release.model_copy(update={"model": NASTY, "id": NASTY}),
        }
    )  # fmt: skip
    content = html(document)
    page = tree(content)

    assert not list(page.iter("script", "img", "b"))
    assert page.findtext(".//title") == NASTY
    assert page.xpath("//a/@href[not(starts-with(., '#'))]") == []
    assert text(page.find(".//main")).count("{{ 7*7 }}") > 8
    assert content.decode().count("</style>") == 1
    _Balanced().feed(content.decode())


class _Balanced(HTMLParser):
    """Fails where an end tag does not close the last open one."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_lines_and_paragraphs_are_kept(holding) -> None:
    page = tree(html(holding(Paragraph[str](text="one\ntwo\n\nthree"))))
    found = page.findall(".//article/p")

    assert [list(paragraph.itertext()) for paragraph in found] == [["one", "two"], ["three"]]


def test_empty_parts_are_said_to_be_empty(ja, en) -> None:
    none = tree(html(en.model_copy(update={"sections": (), "notices": (), "banner": None})))
    empty = tree(html(en.model_copy(update={"sections": (en.sections[0].model_copy(update={"items": ()}),)})))

    assert "This document has no items." in text(none.find(".//main"))
    assert none.find(".//nav") is None
    assert not none.find_class("banner")
    assert "This section has no items." in text(empty.find(".//main"))


def test_an_empty_table_or_list_says_so(holding) -> None:
    page = tree(html(holding(Table[str](caption="c", columns=("a", "b"), rows=()), ItemList[str](items=()))))

    assert text(page.find(".//tbody")) == "該当する行はありません。"
    assert page.find(".//tbody//td").get("colspan") == "2"
    assert text(page.find_class("empty")[0]) == "該当するものはありません。"


def test_two_hundred_rows(holding) -> None:
    rows = tuple((f"site-{n}.example", "1%") for n in range(200))
    page = tree(html(holding(Table[str](caption="c", columns=("a", "b"), rows=rows))))

    assert len(page.findall(".//tbody/tr")) == 200


def test_a_ragged_table_is_a_stage_error(holding) -> None:
    with pytest.raises(StageError, match="item A1: a table row"):
        html(holding(Table[str](caption="c", columns=("a", "b"), rows=(("1",),))))


def test_the_banner_is_on_top_and_on_every_printed_page(ja) -> None:
    page = tree(html(ja))

    assert text(page.find(".//header")).startswith(ja.banner)
    assert f"@top-center {{ content: {css_string(ja.banner)}; }}" in html(ja).decode()


def test_a_css_string_holds_only_letters_digits_and_escapes() -> None:
    assert css_string('a1"}</style>\n見') == '"a1\\22 \\7d \\3c \\2f style\\3e \\20 \\898b "'


def test_the_same_document_gives_the_same_bytes(ja) -> None:
    assert html(ja) == html(ja.model_copy(deep=True))
    assert html(ja).endswith(b"</html>\n")
    assert b"\r" not in html(ja)


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_colours_have_the_contrast_of_wcag_aa() -> None:
    style = (formats_folder() / "style.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", style))
    texts = [(ink, paper) for ink in ("ink", "muted", "accent") for paper in ("paper", "soft")]

    assert luminance(colours["paper"]) > luminance(colours["ink"])
    assert all(contrast(colours[ink], colours[paper]) >= 4.5 for ink, paper in [*texts, ("banner-ink", "banner-paper")])
    assert contrast(colours["line"], colours["paper"]) >= 3
    assert contrast(BAR, colours["paper"]) >= 3
    assert contrast(BAR, TRACK) >= 3


def test_focus_is_seen_and_paper_is_a4() -> None:
    style = (formats_folder() / "style.css").read_text(encoding="utf-8")

    assert re.search(r":focus-visible \{ outline: 3px solid", style)
    assert "outline: none" not in style
    assert "size: A4" in style
    assert "table-header-group" in style
