"""All text of a file is read, however it is packed."""

import base64
import zlib

import pytest

from kaiji.control.plain_text import normalised, texts, views

NAME = "黒潮出版"


def reads(path: str, text: str, wanted: str = NAME) -> bool:
    return any(wanted in normalised(found).replace("\n", "") for found in texts(path, text.encode()))


@pytest.mark.parametrize(
    "text",
    [
        "黒潮出版",
        "黒\u200b潮\u2060出\ufeff版",
        "黒&#x6F6E;出版",
        "黒&#28526;出版",
        "黒&amp;#28526;出版",
        "\\u9ed2潮出版",
        "%E9%BB%92%E6%BD%AE%E5%87%BA%E7%89%88",
        "%25E9%25BB%2592潮出版",
        "黒\u00ad潮出版",
        "黒\u0002潮出版",
        "黒潮\ufe00出版",
        "黒\u202e潮\u202c出版",
        "%2525E9%2525BB%252592潮出版",
    ],
)
def test_normalised(text: str) -> None:
    assert normalised(text) == NAME


def test_one_form_for_one_content() -> None:
    assert normalised("ＡＣＭＥ Ｐｒｅｓｓ") == "acme press"
    assert normalised("㈱青空") == "(株)青空"
    assert normalised("か\u200b\u3099") == normalised("が")
    assert normalised("\\ud842\\udfb7野") == "\U00020bb7野"
    assert normalised("\\ud842") == normalised(normalised("\\ud842"))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.html", "<p>黒<b class='x'>潮</b>出<!-- -->版</p>"),
        ("a.svg", "<text>黒潮<tspan>出版</tspan></text>"),
        ("a.html", '<img alt="黒潮&#x51FA;版">'),
        ("a.md", "黒**潮**出版"),
        ("a.md", "黒<br>潮出版"),
        ("a.json", '{"a": [{"\\u9ed2\\u6f6e出版": 1}]}'),
        ("a.json", '{"a": [true, null, {"b": "\\u9ed2\\u6f6e出版"}]}'),
        ("a.json", '{"broken": "黒潮出版"'),
        ("a.csv", "a,黒潮出版"),
        ("a.html", f'<img src="data:image/svg+xml;base64,{base64.b64encode("<a>黒潮出版</a>".encode()).decode()}">'),
        ("黒潮出版.txt", "nothing"),
    ],
)
def test_formats(path: str, text: str) -> None:
    assert reads(path, text)
    assert not reads("a.txt", text.replace("黒", "白").replace("9ed2", "767d").replace("6buS", "55m9")) or "黒" in path


@pytest.mark.parametrize("character", list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"))
def test_every_escape_of_markdown_is_undone(character: str) -> None:
    wanted = f"a{character}b"
    assert any(wanted in found for found in views("a.md", f"a\\{character}b"))


def test_bytes_that_are_no_utf8_do_not_stop_the_reading() -> None:
    assert any(NAME in found for found in texts("a.txt", b"\xff\xfe" + NAME.encode()))


def test_views_do_not_repeat() -> None:
    assert list(views("a.html", "plain")) == ["plain"]


def handmade_pdf(*objects: bytes) -> bytes:
    """The least that PDFium opens, with ``objects`` besides."""
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        *objects,
    ]
    content, places = b"%PDF-1.7\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n" % number + part + b"\nendobj\n"
    start = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    content += b"".join(b"%010d 00000 n \n" % place for place in places)
    return content + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, start)


def stream(content: bytes, eol: bytes = b"\n") -> bytes:
    packed = zlib.compress(content)
    return b"<</Length %d/Filter/FlateDecode>>\nstream\n" % len(packed) + packed + eol + b"endstream"


UTF16 = ("\ufeff" + NAME).encode("utf-16-be")


@pytest.mark.parametrize(
    ("part", "wanted"),
    [
        (b"<</Alt(Kuroshio Press)>>", "kuroshio press"),
        (b"<</Alt(Kuro\\(x\\)shio)>>", "kuro(x)shio"),
        (b"<</Alt(Kuro(x)shio)>>", "kuro(x)shio"),
        (b"<</Alt(Kuro\\163hio Pr\\\ness)>>", "kuroshio press"),
        (b"<</Alt<" + UTF16.hex().encode() + b">>>", NAME),
        (b"<</Alt<" + UTF16.hex(" ").upper().encode() + b">>>", NAME),
        (b"<</Alt(" + UTF16.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)") + b")>>", NAME),
        (stream(b"<</Alt<" + UTF16.hex().encode() + b">>>"), NAME),
        (stream(b"<</Alt(Kuroshio Press)>>", eol=b""), "kuroshio press"),
        (stream(b'<?xpacket begin=""?><rdf>' + NAME.encode() + b"</rdf>"), NAME),
        (b"<</Length 20>>\nstream\n<</Alt(Kuroshio)>>  \nendstream", "kuroshio"),
    ],
)
def test_what_a_pdf_holds_besides_its_pages(part: bytes, wanted: str) -> None:
    assert any(wanted in normalised(found) for found in texts("a.pdf", handmade_pdf(part)))
    assert not any(wanted in normalised(found) for found in texts("a.pdf", handmade_pdf(b"<</Alt(Else)>>")))
