"""The PDF: tagged, reproducible, and set from texts that are never read as Typst."""

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pypdf
import pytest

from kaiji.errors import ExitCode, MissingExtraError, StageError
from kaiji.regime.blocks import Bar, Chart, ItemList, Note, Paragraph, Table, YesNo
from kaiji.render.pdf import pdf


def reader(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(content))


def text(content: bytes) -> str:
    """All text without white space: lines break where the page ends."""
    return "".join("".join(page.extract_text().split()) for page in reader(content).pages)


def squeezed(value: str) -> str:
    return "".join(value.split())


def test_all_texts_can_be_read_and_searched(ja, en) -> None:
    for document in (ja, en):
        said = text(pdf(document))

        assert squeezed(document.title) in said
        for section in document.sections:
            assert squeezed(section.title) in said
            for item in section.items:
                assert squeezed(item.id + item.label) in said
                assert squeezed(item.text) in said
                assert squeezed(item.verification.text) in said
        assert all(squeezed(notice) in said for notice in document.notices)
    assert "学習データは全体で1兆トークン以上3兆トークン未満です。" in text(pdf(ja))
    assert "ウェブ収集データ利用あり35%" in text(pdf(ja))


def test_it_is_tagged_and_says_its_title_and_language(ja, en) -> None:
    for document in (ja, en):
        found = reader(pdf(document))
        catalogue = found.trailer["/Root"]

        assert catalogue["/MarkInfo"]["/Marked"]
        assert catalogue["/Lang"] == document.language
        assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"]
        assert found.metadata.title == document.title
        assert found.metadata.author == document.provider
        assert "<pdfuaid:part>1</pdfuaid:part>" in catalogue["/Metadata"].get_object().get_data().decode()


def test_each_page_has_banner_id_and_number(ja) -> None:
    pages = reader(pdf(ja)).pages

    assert len(pages) > 1
    for number, page in enumerate(pages, 1):
        said = page.extract_text()
        assert ja.banner in said
        assert "jp-principle-code/ja/public/tsubame-7b/2026-11-22" in said
        assert f"{number} / {len(pages)} ページ" in said


def test_a_chart_has_a_text_in_place_of_it(ja) -> None:
    found = reader(pdf(ja))
    alternatives = [
        entry["/Alt"]
        for entry in (found.get_object(number) for number in range(1, found.trailer["/Size"]))
        if isinstance(entry, dict) and "/Alt" in entry
    ]

    assert "出所の区分ごとの割合. 公開データセットとウェブ収集データがそれぞれ3分の1強を占めます。" in alternatives


def test_only_plain_addresses_are_links(holding) -> None:
    texts = "https://a.example/x_(y)?q=1. javascript:alert(1) https://bank.example@evil.example/ http://b.example、"
    found = reader(pdf(holding(Paragraph[str](text=texts))))
    links = {annotation.get_object()["/A"]["/URI"] for page in found.pages for annotation in page.get("/Annots", ())}

    assert links == {"https://a.example/x_(y)?q=1", "http://b.example"}


def test_the_same_document_gives_the_same_bytes_anywhere(ja, tmp_path, monkeypatch) -> None:
    first = pdf(ja)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    monkeypatch.setenv("TYPST_FONT_PATHS", "/usr/share/fonts")

    assert pdf(ja.model_copy(deep=True)) == first
    assert not list(tmp_path.iterdir())


def test_it_says_nothing_of_the_machine(ja) -> None:
    content = pdf(ja)
    found = reader(content)
    bare = b"".join(
        entry.get_data()
        for entry in (found.get_object(number) for number in range(1, found.trailer["/Size"]))
        if isinstance(entry, pypdf.generic.StreamObject)
    )

    for word in (str(Path.home()), str(Path.cwd()), tempfile.gettempdir(), "site-packages", ".typ", ".otf"):
        assert word.encode() not in content + bare
    assert found.metadata["/CreationDate"] == found.metadata["/ModDate"] == "D:20261122000000Z"
    assert "2026-11-22T00:00:00Z" in found.trailer["/Root"]["/Metadata"].get_object().get_data().decode()


NASTY = (
    "a|b",
    "<script>alert(1)</script>",
    '#read("/etc/passwd") #eval("1") #sys.inputs',
    "$x^2$ *bold* _it_ `raw` ```x```",
    "= Heading",
    "@ref <label> // comment /* more */ \\ \\u{41} ~ -- --- ...",
    "\"'{}[]()",
    "#",
    "1. one",
    "- item",
)


@pytest.mark.parametrize("nasty", NASTY)
def test_texts_are_never_typst(holding, nasty) -> None:
    blocks = (
        Paragraph[str](text=nasty),
        YesNo[str](label=nasty, value="yes", text=nasty),
        ItemList[str](caption=nasty, items=(nasty,)),
        Table[str](caption=nasty, columns=(nasty, nasty), rows=((nasty, nasty),)),
        Chart[str](title=nasty, description=nasty, bars=(Bar[str](label=nasty, text=nasty, length=1),)),
        Note[str](text=nasty),
    )
    document = holding(*blocks).model_copy(
        update={"title": nasty, "banner": nasty, "provider": nasty, "notices": (nasty,)}
    )

    assert text(pdf(document)).count(squeezed(nasty)) >= 17


def test_long_words_break_and_stay_searchable(holding) -> None:
    word = "kaiji-" + "x" * 300
    content = pdf(
        holding(
            Paragraph[str](text=word),
            Table[str](caption=word, columns=("a", "b"), rows=((f"{word}.example", "値" * 100),)),
        ).model_copy(update={"title": word, "banner": word})
    )
    found = reader(content)

    assert text(content).count(word) >= 4
    assert "\u200b" not in text(content)
    assert found.metadata.title == word
    for page in found.pages:
        places: list[float] = []
        page.extract_text(visitor_text=lambda _text, _cm, tm, _font, _size, places=places: places.append(tm[4]))
        assert max(places) <= float(page.mediabox.width)


def test_two_hundred_rows_repeat_their_head(holding) -> None:
    rows = tuple((f"site-{number}.example", "1%") for number in range(200))
    pages = reader(pdf(holding(Table[str](caption="一覧", columns=("ドメイン名", "割合"), rows=rows)))).pages
    said = [page.extract_text() for page in pages]

    assert len(pages) > 3
    assert all("ドメイン名" in page for page in said if "site-" in page)
    assert [row[0] for row in rows] == re.findall(r"site-\d+\.example", "\n".join(said))


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("終わり😀", "“😀” (U+1F600)"),
        ("שלום", "U+05DD"),
        ("bell \x07", "character U+0007"),
        ('"\u0e01"', "“\u0e01” (U+0E01)"),
    ],
)
def test_a_character_without_glyph_is_named_with_its_item(ja, value, named) -> None:
    item = ja.sections[1].items[0].model_copy(update={"blocks": (Note[str](text=value),)})
    section = ja.sections[1].model_copy(update={"items": (item, ja.sections[1].items[1])})
    with pytest.raises(StageError) as caught:
        pdf(ja.model_copy(update={"sections": (ja.sections[0], section)}))

    assert named in str(caught.value)
    assert "(item B2)" in str(caught.value)
    assert caught.value.exit_code == ExitCode.STAGE


@pytest.mark.parametrize(
    ("field", "value", "place"),
    [("title", "😀", "title, provider"), ("provider", "😀", "title, provider"), ("notices", ("😀",), "(notices)")],
)
def test_a_character_outside_of_items_is_placed_too(ja, field, value, place) -> None:
    with pytest.raises(StageError, match=re.escape(place)):
        pdf(ja.model_copy(update={field: value}))


def test_rare_characters_of_names_are_there(holding) -> None:
    assert "𠮷野家と髙橋、葛󠄀城é" in text(pdf(holding(Paragraph[str](text="𠮷野家と髙橋、葛󠄀城é"))))


def test_empty_parts_are_said_to_be_empty(en, holding) -> None:
    none = pdf(en.model_copy(update={"sections": (), "notices": (), "banner": None}))
    empty = pdf(en.model_copy(update={"sections": (en.sections[0].model_copy(update={"items": ()}),)}))
    blocks = pdf(
        holding(
            Table[str](caption="c", columns=("a", "b"), rows=()),
            ItemList[str](items=()),
            Paragraph[str](text=""),
            Chart[str](title="t", description="d", bars=()),
        )
    )

    assert squeezed("This document has no items.") in text(none)
    assert squeezed("This section has no items.") in text(empty)
    assert "該当する行はありません。" in text(blocks)
    assert "該当するものはありません。" in text(blocks)


def test_line_feeds_and_tabs_are_white_space(holding) -> None:
    said = reader(pdf(holding(Paragraph[str](text="one\r\ntwo\tthree\n\nfour")))).pages[0].extract_text()

    assert "one\ntwo three\nfour" in said


@pytest.mark.parametrize("missing", ["typst", "noto_cjk_sans_jp_regular", "noto_cjk_sans_jp_bold"])
def test_without_the_extra_the_install_line_is_said(ja, monkeypatch, missing) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingExtraError, match=re.escape("pip install 'kaiji[pdf]'")):
        pdf(ja)


def test_importing_the_renderers_does_not_import_typst() -> None:
    program = "import sys, kaiji.render.formats; sys.exit(bool({'typst', 'babel', 'ruamel.yaml'} & set(sys.modules)))"
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}

    assert subprocess.run([sys.executable, "-c", program], env=environment).returncode == 0


def test_a_ragged_table_is_a_stage_error(holding) -> None:
    with pytest.raises(StageError, match="item A1"):
        pdf(holding(Table[str](caption="c", columns=("a", "b"), rows=(("1",),))))
