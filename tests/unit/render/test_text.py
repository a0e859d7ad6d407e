"""Only plain http(s) and e-mail addresses may become links, and they end where the sentence goes on."""

import pytest

from kaiji.render.text import Piece, clean, one_line, paragraphs, pieces


def links(text: str) -> list[str]:
    assert "".join(piece.text for piece in pieces(text)) == text
    return [piece.text for piece in pieces(text) if piece.kind != "text"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://a.example", ["https://a.example"]),
        ("方針はhttps://a.example/方針をご覧ください。", ["https://a.example/"]),
        ("(https://a.example/x_(y)), https://b.example.", ["https://a.example/x_(y)", "https://b.example"]),
        ("[https://a.example/?q=1&r=2#s]!", ["https://a.example/?q=1&r=2#s"]),
        ("HTTP://A.example:8080/x", ["HTTP://A.example:8080/x"]),
        ("rights@a.example, a.b+c@d-e.co.jp.", ["rights@a.example", "a.b+c@d-e.co.jp"]),
        ("窓口:rights@a.exampleまで", ["rights@a.example"]),
        ("https://bank.example@evil.example/", []),
        ("https://", []),
        ("https://例え.jp/", []),
        ("javascript:alert(1) data:text/html,x ftp://a.example vbscript:x //a.example www.a.example", []),
        ("http\u017f://a.example", []),
        ("xhttps://a.example", []),
        ("a@b @c.example a@@b.example", []),
        ('https://a.example/"onclick="x', ["https://a.example/"]),
        ("https://a.example/<script>", ["https://a.example/"]),
        ("https://a.example/a|b`c\\d", ["https://a.example/a"]),
    ],
)
def test_addresses(text, expected) -> None:
    assert links(text) == expected


def test_kinds() -> None:
    assert list(pieces("a https://b.example c@d.example")) == [
        Piece("text", "a "),
        Piece("url", "https://b.example"),
        Piece("text", " "),
        Piece("email", "c@d.example"),
    ]


@pytest.mark.parametrize(
    "text", ["a" * 200_000, "a." * 100_000, "a@" * 100_000, "https://" + "a-" * 100_000, "@a" * 100_000]
)
def test_long_words_are_told_apart_without_backtracking(text) -> None:
    """A pattern that goes back over its input would not end on these."""

    assert "".join(piece.text for piece in pieces(text)) == text


def test_control_characters_are_shown_as_what_they_are_not() -> None:
    assert clean("a\x00b\x1bc\x85\r\nd\re\tf\n") == "a\ufffdb\ufffdc\ufffd\nd\ne\tf\n"


def test_lines_and_paragraphs() -> None:
    assert one_line(" a\n\n b\t c ") == "a b c"
    assert paragraphs("a\nb\n \n\nc\n") == [["a", "b"], ["c"]]
    assert paragraphs(" \n") == []
