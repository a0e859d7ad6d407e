"""Every kind of file is read back whole: texts, attributes, lists, bars, and what hides beside them."""

import json
import zlib
from fractions import Fraction
from pathlib import Path

import pytest

from kaiji.control.artefact import Artefact, Bar, Claim, Listing, Segment
from kaiji.control.artefact_text import PARSERS, extension, parse, template_texts, without_parser
from kaiji.render.formats import RENDERERS

SAMPLE = Path(__file__).parents[3] / "sample_manifests" / "hinode" / "expected" / "public"


def read(path: str, text: str | bytes) -> Artefact:
    found = parse(path, text.encode() if isinstance(text, str) else text)
    assert found is not None
    return found


def texts(path: str, text: str | bytes) -> list[str]:
    return [segment.text for segment in read(path, text).segments]


def test_every_rendered_format_can_be_read_back() -> None:
    assert without_parser(list(RENDERERS)) == []
    assert without_parser([*RENDERERS, "docx", "xlsx"]) == ["docx", "xlsx"]
    assert parse("public/a.docx", b"") is None


@pytest.mark.parametrize(
    ("path", "kind"), [("a/b.HTML", "html"), ("a/x.y.json", "json"), ("a/SHA256SUMS", "SHA256SUMS"), ("b.d/c", "c")]
)
def test_extension(path: str, kind: str) -> None:
    assert extension(path) == kind
    assert (kind in PARSERS) is (kind != "c")


def test_blocks_of_html_are_apart_and_inline_elements_are_not() -> None:
    html = "<p>about <b>12</b> %</p><p>1<br>2</p><div>a<span class='x'>b</span><p>c</p></div>"
    assert texts("a.html", html) == ["about 12 %", "1\n2", "x", "ab", "c"]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p title='12 sources'>a</p>", "12 sources"),
        ("<img alt=12>", "12"),
        ("<p aria-label='12'>a</p>", "12"),
        ("<p data-total='12'>a</p>", "12"),
        ("<a href='https://x.example/?n=12'>a</a>", "https://x.example/?n=12"),
        ("<!-- 12 -->", " 12 "),
        ("<!DOCTYPE html 12>", "DOCTYPE html 12"),
        ("<?x 12?>", "x 12?"),
        ("<style>p { content: '\\31 2' }</style>", "p { content: '12' }"),
        ("<script>let n = 12</script>", "let n = 12"),
        ("<p hidden>12</p>", "12"),
        ("<p id='total-123456'>a</p>", "total-123456"),
        ("<td colspan='12'>a</td>", "12"),
        ("<svg><title>12</title></svg>", "12"),
        ("<svg><text class='n12'>a</text></svg>", "n12"),
        ("&#49;2", "12"),
        ("12", "12"),
    ],
)
def test_all_places_of_html(html: str, text: str) -> None:
    assert text in texts("a.html", html)


def test_names_made_unique_are_no_figures() -> None:
    html = "<h2 id='item-A1'>x</h2><p id='item-A1:2'>y</p><p id='item-A1:3-title' tabindex='0'>z</p>"
    assert texts("a.html", html) == ["item-A1", "x", "item-A1", "y", "item-A1-title", "z"]
    assert "item-A1:4" in texts("a.html", "<p id='item-A1:4'>y</p>")


def test_rows_of_html() -> None:
    html = "<table><caption>c</caption><thead><tr><th>h</th></tr></thead><tr><th>a</th><td>1</td></tr></table>"
    assert read("a.html", html) == Artefact(
        [
            Segment("line 1", "c"),
            Segment("line 1", "h", "h"),
            Segment("line 1", "a", "a 1"),
            Segment("line 1", "1", "a 1"),
        ],
        [Listing("line 1", "c", 1)],
        [],
        odd=[],
    )
    assert read("a.html", "<dl><div><dt>Version</dt><dd>3</dd></div></dl>").segments == [
        Segment("line 1", "Version", "Version 3"),
        Segment("line 1", "3", "Version 3"),
    ]


def test_lists_of_html() -> None:
    html = "<p>Names</p><ul><li>a<li>b<ul><li>c</ul></ul><p>More</p><ol></ol>"
    found = read("a.html", html)
    assert [(one.caption, one.length) for one in found.lists] == [("Names", 1), ("Names", 2), ("More", 0)]


CHART = (
    '<svg viewBox="0 0 400 {height}"><text x="0" y="13">Text</text><text x="400" y="13" text-anchor="end">37 %</text>'
    '<rect x="0" y="19" width="400" height="12" fill="#e"/><rect x="0" y="19" width="{width}" height="12" fill="#1"/>'
    '<text x="0" y="55">Image</text><text x="400" y="55" text-anchor="end">&lt;1 %</text>'
    '<rect x="0" y="61" width="400" height="12" fill="#e"/><rect x="0" y="61" width="2" height="12" fill="{fill}"/>'
    "{more}</svg>"
)
HONEST = {"height": 73, "width": "148", "fill": "#1", "more": ""}


def test_bars_of_a_chart() -> None:
    found = read("a.html", CHART.format(**HONEST))
    assert found.bars == [
        Bar("line 1", "37 %", Fraction(37, 100), Fraction(1, 800)),
        Bar("line 1", "<1 %", Fraction(1, 200), Fraction(1, 800)),
    ]
    assert found.odd == []
    assert read("a.html", CHART.format(**HONEST | {"width": "148.3"})).bars[0] == Bar(
        "line 1", "37 %", Fraction(1483, 4000), Fraction(1, 8000)
    )


@pytest.mark.parametrize(
    "change",
    [
        {"height": "74.137"},
        {"fill": "#2"},
        {"more": '<rect x="0" y="80" width="3" height="1"/>'},
        {"more": '<path d="M0 0 1234 5"/>'},
        {"more": "<text>odd</text>"},
        {"width": "wide"},
    ],
)
def test_drawings_that_do_not_follow_from_their_texts(change: dict[str, str]) -> None:
    assert read("a.html", CHART.format(**HONEST | change)).odd != []


def test_markdown() -> None:
    text = (
        "---\nlicense: x-1\n---\n# Ti\\*tle 5\n\n> **note 6**\n\nSee [text 7](<https://x.example/8>) <https://y.example/9><br>\n"
        "<!-- 10 -->\n<b title='11'>12</b> &lt;1 %\n\n| a | b \\| c |\n| --- | --- |\n| d | 13 % |\n"
        "| e | 14 % |\n\nCap:\n\n* f\n* g\n* h\n"
    )
    found = read("a.md", text)
    assert [segment.text for segment in found.segments] == [
        "---", "license: x-1", "---", "Ti*tle 5", "note 6", "See text 7 https://y.example/9", "https://x.example/8",
        " 10 ", "12 <1 %", "<b title='11'>", "</b>", "a", "b | c", "d", "13 %", "e", "14 %", "Cap:", "f", "g", "h",
    ]  # fmt: skip
    assert found.segments[15:17] == [Segment("line 15", "e", "e 14 %"), Segment("line 15", "14 %", "e 14 %")]
    assert [(one.caption, one.length) for one in found.lists] == [("12 <1 %", 2), ("Cap:", 3)]


def document(**given: object) -> str:
    item = {
        "id": "A1",
        "label": "Shares",
        "statements": ["x.share"],
        "blocks": [
            {"type": "table", "caption": "c", "columns": ["k", "s"], "rows": [["a", "12 %"]]},
            {"type": "chart", "title": "t", "bars": [{"label": "a", "text": "12 %", "length": 12}]},
            {"type": "list", "caption": None, "items": ["p", "q"]},
        ],
    }
    claims = [{"id": "x.share", "text": "12 %", "unit": "percent", "low": 11.5, "high": None}]
    content = {"schema": "kaiji/document/v1", "language": "en", "sections": [{"items": [item]}], "statements": claims}
    return json.dumps(content | given)


def test_documents_as_json() -> None:
    found = read("a.json", document())
    assert found.claims == [Claim("x.share", "12 %", "percent", "11.5", None)]
    assert (found.language, found.odd) == ("en", [])
    assert found.bars == [Bar("sections[0].items[0].blocks[1].bars[0]", "12 %", Fraction(12, 100), Fraction(0))]
    assert [(one.caption, one.length) for one in found.lists] == [("c", 1), ("", 2)]
    cell = Segment("sections[0].items[0].blocks[0].rows[0][1]", "12 %", "a 12 %", frozenset({"x.share"}))
    assert cell in found.segments
    assert {"A1 Shares", "A1Shares", "a 12 %", "p"} <= set(found.lines)


def test_json_numbers_are_read_as_they_are_written() -> None:
    found = read("a.json", '{"n 5": 1.50, "m": [2e3, -0, true, null, NaN], "n 5": 1}')
    assert [segment.text for segment in found.segments] == ["n 5", "m", "1", "2e3", "-0", "NaN"]
    assert found.odd == [("n 5", "a key given twice")]
    assert found.claims is None
    assert read("a.json", document(extra=12345)).segments[-1].text == "12345"
    assert read("a.json", "{12").odd == [("file", "no JSON")]


def test_csv_checksums_and_text() -> None:
    found = read("a.csv", 'name,n\n"a, b",5\n')
    assert found.segments[2:] == [Segment("line 2", "a, b", "a, b 5"), Segment("line 2", "5", "a, b 5")]
    assert found.lists == [Listing("file", "name n", 1)]
    assert texts("SHA256SUMS", "ab12  a b.html\n") == ["ab12", "a b.html"]
    assert texts("a.txt", "x\n5") == ["x", "5"]


def test_pdf() -> None:
    data = (SAMPLE / "jp-principle-code.en.pdf").read_bytes()
    found = read("a.pdf", data)
    shown = [segment.text for segment in found.segments]
    assert [segment.place for segment in found.segments if segment.page] == [f"page {n}" for n in range(1, 31)]
    assert "Training-data disclosure: hinode-7b 1.0" in shown
    assert "2026-11-20" in shown
    assert [round(float(bar.length), 3) for bar in found.bars] == [
        0.38,
        0.13,
        0.04,
        0.31,
        0.005,
        0.07,
        0.07,
        0.73,
        0.27,
    ]
    assert found.odd == []
    assert not [text for text in shown if "Typst" in text]


def test_what_is_added_to_a_pdf_is_read() -> None:
    data = (SAMPLE / "jp-principle-code.en.pdf").read_bytes()
    assert "1,234,567 tokens" in texts("a.pdf", data + b"\n9 0 obj << /Alt (1,234,567 tokens) >> endobj\n")
    packed = zlib.compress(b"/Alt (1,234,567 tokens)")
    stream = b"\n9 0 obj << /Type /ObjStm >> stream\n" + packed + b"\nendstream endobj\n"
    assert "1,234,567 tokens" in texts("a.pdf", data + stream)
    described = data.replace(b"<dc:format>application/pdf", b"<dc:format>12345 tokens/pd")
    assert "12345 tokens/pd" in texts("a.pdf", described)


def test_texts_of_templates() -> None:
    source = "{# c 1 #}<p class='x'>Edition {{ n }} of {% if a %}5{% endif %}</p>{{ y }}<meta content='scale=1'>"
    assert template_texts("a.html.jinja", source) == ["x", "Edition {slot} of 5", "{slot}", "scale=1"]
    assert template_texts("a.typ", "x {{ y }}") == ["x {slot}"]
