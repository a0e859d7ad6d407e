"""The literal scan: planted names and figures are found however they are written, and nothing else is."""

import base64
import hashlib
import importlib
import random
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaiji.control.literal_scan import LiteralScan, Needle, exact_values, identities, owner_names
from kaiji.findings import Place
from kaiji.manifest.models import DataSource
from kaiji.provenance.summarise import ProvenanceSummary

Make = Callable[..., DataSource]
LATIN, CJK, SHORT, HOST, ID = "Kuroshio Press", "黒潮出版", "NHQ", "データ黒潮.example", "licensed-news_07"
NEEDLES = {
    text: Needle(f"needle {n}", text) for n, text in enumerate((LATIN, CJK, SHORT, HOST, ID, "Zeta", "Société Azur"))
}
VALUES = {1_234_567: "an exact size", 98_765: "another size"}
SCAN = LiteralScan(list(NEEDLES.values()), VALUES)


def found(path: str, text: str | bytes) -> set[str]:
    """Needles and figures found in a file."""
    data = text.encode() if isinstance(text, str) else text
    return {(finding.detail or "").removesuffix(f" in {path}") for finding in SCAN.scan_files({path: data})}


def zero_width(text: str) -> str:
    return "\u200b".join(text)


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def entities(text: str) -> str:
    return "".join(f"&#x{ord(c):x};" for c in text)


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


PLANTED: dict[str, Callable[[str], tuple[str, str]]] = {
    "plain": lambda t: ("a.txt", f"by {t}, yes"),
    "between Japanese": lambda t: ("a.txt", f"提供者は{t}です"),
    "upper case": lambda t: ("a.txt", t.upper()),
    "lower case": lambda t: ("a.txt", t.lower()),
    "full width": lambda t: ("a.txt", full_width(t)),
    "zero width": lambda t: ("a.txt", zero_width(t)),
    "soft hyphens": lambda t: ("a.txt", "\u00ad".join(t)),
    "line broken between words": lambda t: ("a.txt", t.replace(" ", "\n  ")),
    "no-break spaces": lambda t: ("a.txt", t.replace(" ", "\u00a0")),
    "html entities": lambda t: ("a.html", f"<p>{entities(t)}</p>"),
    "html attribute": lambda t: ("a.html", f'<img alt="{entities(t)}">'),
    "html comment": lambda t: ("a.html", f"<!-- {t} -->"),
    "html tags": lambda t: ("a.html", f"{t[0]}<b>{t[1:3]}</b>{t[3:]}"),
    "html tag for a space": lambda t: ("a.html", t.replace(" ", "<br>")),
    "svg": lambda t: ("a.svg", f"<svg><title>{t}</title></svg>"),
    "markdown escapes": lambda t: ("a.md", "".join(f"\\{c}" if c in "-_.&" else c for c in t)),
    "markdown emphasis": lambda t: ("a.md", f"{t[0]}**{t[1:3]}**{t[3:]}"),
    "json": lambda t: ("a.json", '{"a": ["' + t + '"]}'),
    "json key": lambda t: ("a.json", '{"' + t + '": 1}'),
    "json escapes": lambda t: ("a.json", '{"a": "' + "".join(f"\\u{ord(c):04x}" for c in t) + '"}'),
    "json escapes in html": lambda t: ("a.html", "<script>" + "".join(f"\\u{ord(c):04X}" for c in t) + "</script>"),
    "url": lambda t: ("a.md", f"[x](https://x.example/?q={quote(t, safe='')})"),
    "url twice": lambda t: ("a.md", f"https://x.example/{quote(quote(t, safe=''), safe='')}"),
    "url form": lambda t: ("a.html", f"<a href='/?q={quote_plus(t)}'>"),
    "csv": lambda t: ("a.csv", f'1,"{t}",2'),
    "file name": lambda t: (f"annex/{t}.csv", "nothing"),
    "sha256": lambda t: ("a.json", '{"id": "' + hashlib.sha256(t.encode()).hexdigest() + '"}'),
    "sha1": lambda t: ("a.txt", hashlib.sha1(t.encode(), usedforsecurity=False).hexdigest().upper()),
    "md5": lambda t: ("a.txt", "x" + hashlib.md5(t.encode(), usedforsecurity=False).hexdigest()),
    "sha512": lambda t: ("a.txt", hashlib.sha512(t.encode()).hexdigest()),
    "hexadecimal": lambda t: ("a.txt", "00" + t.encode().hex().upper() + "00"),
    "hexadecimal of UTF-16": lambda t: ("a.txt", "FEFF" + t.encode("utf-16-be").hex()),
    "digest cut short": lambda t: ("a.txt", f"owner-{hashlib.sha256(t.encode()).hexdigest()[:12]}"),
}
CASE_MATTERS = {"lower case"}
TOO_SHORT_FOR = {"sha256", "sha512", "sha1", "md5", "hexadecimal", "hexadecimal of UTF-16", "digest cut short"}


@pytest.mark.parametrize("way", PLANTED)
@pytest.mark.parametrize("text", [LATIN, CJK, HOST, ID, "Société Azur"])
def test_planted_names_are_found(text: str, way: str) -> None:
    path, content = PLANTED[way](text)
    assert text in found(path, content)


@pytest.mark.parametrize("way", sorted(PLANTED.keys() - CASE_MATTERS - TOO_SHORT_FOR))
@pytest.mark.parametrize("text", [SHORT])
def test_planted_short_names_are_found(text: str, way: str) -> None:
    path, content = PLANTED[way](text)
    assert text in found(path, content)


@pytest.mark.parametrize("text", [LATIN, CJK, HOST, ID])
@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
@pytest.mark.parametrize("after", ["", "x", "xy"])
def test_base64_is_found_wherever_it_begins(text: str, before: str, after: str) -> None:
    assert text in found("a.txt", f"data={b64(before + text + after)}")
    wrapped = "\n".join(b64(before * 20 + text + after)[i : i + 16] for i in range(0, 160, 16))
    assert text in found("a.txt", wrapped)
    assert text in found("a.txt", base64.urlsafe_b64encode((before + text + after).encode()).decode())


@pytest.mark.parametrize("text", [CJK, LATIN])
def test_names_broken_over_lines_in_the_middle_of_a_word_are_found(text: str) -> None:
    assert text in found("a.txt", text[:2] + "\n   " + text[2:])


@pytest.mark.parametrize(
    "written", ["kuroshio-press", "Kuroshio_Press", "kuroshio--press", "kuroshiopress", "/kuroshio+press/"]
)
def test_names_as_addresses_write_them(written: str) -> None:
    assert LATIN in found("a.md", f"https://x.example/{written}/a")


def test_hosts_in_their_ascii_form_are_found() -> None:
    ascii_form = HOST.encode("idna").decode()
    assert ascii_form.startswith("xn--")
    assert HOST in found("a.html", f"<a href='https://{ascii_form}/x'>")
    other = LiteralScan([Needle("host", ascii_form)], {})
    assert [what for what, _ in other.hits(f"see {HOST}/x")] == ["host"]


@pytest.mark.parametrize(
    "title", ["青空。", "第1.0版..の記録", "あ" * 80 + ".い", "…", "xn--.青空", "xn--zzzzzzzz.example"]
)
def test_titles_that_are_no_hosts_do_not_stop_the_scan(title: str) -> None:
    scan = LiteralScan([Needle("title", title)], {})
    assert list(scan.hits("something else")) == []
    assert list(scan.hits(f"<{title}>")) == [("title", title)] or scan.too_short


@pytest.mark.parametrize(
    "text",
    [
        "Kuroshio current; press on",
        "pressKuroshio",
        "黒潮の出版",
        "nhq or inhqs NHQX ANHQ",
        "Zetas and alphazeta",
        "zetaic",
        "licensed-news_071",
        "licensed-news",
        "#123456 #1234567 v1.234.5671",
        "a1234567b 0x98765",
        "98,765.5",
        "1,234,5678",
        "from 1 million to less than 3 million tokens",
        "100万件以上300万件未満",
        "2026-11-22 2026年11月22日",
        "12 % <1 % >99 %",
        "The Société d'Azur",
        hashlib.sha256(b"Kuroshio").hexdigest(),
        base64.b64encode(b"Kuroshio").decode(),
    ],
)
def test_what_is_not_confidential_is_let_through(text: str) -> None:
    for path in ("a.html", "a.md", "a.txt", "a.csv"):
        assert found(path, text) == set()


@pytest.mark.parametrize(
    "written",
    [
        "1234567",
        "1,234,567",
        "123万4567",
        "123万4,567",
        "1.234567 million",
        "１２３４５６７",
        "百二十三万四千五百六十七",
        "1 234 567",
    ],
)
def test_planted_figures_are_found_in_every_format(written: str) -> None:
    assert found("a.html", f"<td>{written}</td>") == {"1234567"}
    assert found("a.html", f"<td>{entities(written)}</td>") == {"1234567"}
    assert found("a.md", f"| {written} | 12 % |") == {"1234567"}
    assert found("a.json", '{"size": "' + written + '"}') == {"1234567"}
    assert found("a.svg", f"<text x='1'>{written}</text>") == {"1234567"}
    assert found(f"sizes-of-{written}.csv", "") == {"1234567"}


@pytest.mark.parametrize("number", ["1234567", "1234567.0", "1.234567e6", "1234567E0"])
def test_planted_json_numbers_are_found(number: str) -> None:
    assert found("a.json", f'{{"size": {number}}}') == {"1234567"}


def test_a_hit_names_the_file_and_line_and_says_nothing_confidential() -> None:
    files = {
        "public/b.html": f"<p>one</p>\n<p>{CJK}</p>\n<p>{CJK}</p>".encode(),
        "public/a.md": b"one\n\ntwo 1,234,567\n",
        "public/c.txt": b"Kuroshio\nPress",
        "public/clean.md": b"nothing",
    }
    findings = SCAN.scan_files(files)
    assert [(f.id, str(f.place), f.detail) for f in findings] == [
        ("KJ401", "public/a.md:3", "1234567"),
        ("KJ401", "public/b.html:2", CJK),
        ("KJ401", "public/c.txt", LATIN),
    ]
    said = "".join(finding.line() for finding in findings)
    for secret in (CJK, "Kuroshio", "1234567", "1,234,567"):
        assert secret not in said


def test_the_name_of_a_file_that_gives_something_away_is_not_repeated() -> None:
    findings = SCAN.scan_files({f"public/{CJK}.csv": f"{CJK} {LATIN}".encode()})
    assert [finding.detail for finding in findings] == [f"{CJK} in public/{CJK}.csv", LATIN]
    for finding in findings:
        assert finding.place is None
        assert CJK not in finding.line()


def test_inputs_are_placed() -> None:
    place = Place(file="release.yaml", line=7, column=3, key="model.architecture")
    inputs = [(place, f"Made with {LATIN}."), (Place(file="release.yaml", line=9), "Nothing.")]
    (finding,) = SCAN.scan_inputs(inputs)
    assert (finding.id, finding.place, finding.detail) == ("KJ402", place, LATIN)
    assert "Kuroshio" not in finding.line()


@pytest.mark.parametrize("text", ["en", "p", "X", "a", "id", "日", "tag", "7"])
def test_texts_that_stand_everywhere_are_left_to_a_person(text: str) -> None:
    scan = LiteralScan([Needle("short", text)], {})
    assert scan.too_short == [Needle("short", text)]
    assert list(scan.hits(f'<p lang="en" id="tag">a {text} X 7日</p>')) == []


def test_short_names_are_looked_for_and_reported_as_short() -> None:
    assert SCAN.too_short == [NEEDLES[SHORT]]
    assert LiteralScan([Needle("blank", " \u200b ")], {}).too_short == []


def test_a_scan_that_knows_nothing_finds_nothing() -> None:
    assert LiteralScan([], {}).scan_files({"a.html": f"{LATIN} {CJK} 1234567".encode()}) == []


names = st.text(alphabet="abcABC 黒潮出版-.é", min_size=4, max_size=12).filter(
    lambda name: (
        len("".join(name.split())) > 3 and name == name.strip() and name[0] not in "-." and name[-1] not in "-."
    )
)


@given(names, st.text(alphabet="xyz 白紙\n", max_size=20), st.text(alphabet="xyz 白紙\n", max_size=20))
def test_a_name_between_other_words_is_always_found(name: str, before: str, after: str) -> None:
    text = f"{before} {name} {after}"
    assert list(LiteralScan([Needle("it", name)], {}).hits(text)) == [("it", name)]
    assert list(LiteralScan([Needle("it", name)], {}).hits(f"{before}\n{after}")) == []


def test_thousands_of_names_are_looked_for_at_once() -> None:
    draw = random.Random(7)
    words, letters = ["aoi", "press", "news", "data", "media", "archive"], "青空新聞社黒潮出版東京大阪学習資料"
    needles = [Needle(f"n{n}", f"{draw.choice(words)} {draw.choice(words)} {n:05d}") for n in range(2500)]
    needles += [Needle(f"j{n}", "".join(draw.choices(letters, k=7))) for n in range(2500)]
    lines = [
        " ".join(draw.choices(words, k=12)) if n % 2 else "".join(draw.choices(letters, k=60)) for n in range(1400)
    ]
    page = "\n".join(lines)
    assert 80_000 < len(page) < 130_000
    files = {f"{n}.html": f"<p>{n}</p>{page}".encode() for n in range(16)}
    files["planted.html"] = f"{page}\n{needles[2499].text}\n{needles[2600].text}\n{page}".encode()
    findings = LiteralScan(needles, {}).scan_files(files)
    assert {finding.detail for finding in findings} == {needles[2499].text, needles[2600].text}
    assert {finding.place.line for finding in findings if finding.place} == {1401, 1402}


def test_what_of_a_source_is_confidential(source: Make) -> None:
    secret = source(
        1,
        title={"ja": "秘密の新聞", "en": "Secret News"},
        url="https://www.kuroshio.example/Data/x/",
        hub_id="kuroshio/x",
        owner="kuroshio",
    )
    found_texts = {needle.text for needle in identities([secret, source(2, confidentiality="public")])}
    assert found_texts == {
        "秘密の新聞",
        "Secret News",
        "source-1",
        "kuroshio",
        "Name of kuroshio",
        "kuroshio/x",
        "kuroshio.example",
        "kuroshio.example/data/x",
    }
    assert {needle.text for needle in owner_names([secret, source(2, confidentiality="public")])} == {
        "Name of kuroshio"
    }
    assert all("source at ?" in needle.what for needle in identities([secret]))
    assert not any(text in needle.what for needle in identities([secret]) for text in found_texts)


@pytest.mark.parametrize(
    ("url", "known", "texts"),
    [
        ("https://hub.example/kuroshio/x", "https://hub.example/open", {"hub.example/kuroshio/x"}),
        ("https://hub.example/open", "https://hub.example/open/", set()),
        ("https://hub.example/", "https://www.hub.example/open", set()),
        ("https://hub.example/op", "https://hub.example/open", {"hub.example/op"}),
        ("https://[", "https://[", set()),
        ("https://[", None, {"["}),
    ],
)
def test_addresses_that_are_known_anyway_are_no_secret(
    source: Make, url: str, known: str | None, texts: set[str]
) -> None:
    sources = [source(1, url=url), source(2, confidentiality="public", url=known)]
    found_texts = {needle.text for needle in identities(sources) if needle.what.startswith(("the host", "the address"))}
    assert found_texts == texts


def sizes(**given: Mapping[str, list[int]]) -> dict[str, Mapping[str, list[int]]]:
    return {name.replace("_", "-"): found for name, found in given.items()}


def test_exact_figures_of_confidential_sources(source: Make, summary: Callable[..., ProvenanceSummary]) -> None:
    made = summary(
        source(1, declared={"tokens": 111_222}, owner="same"),
        source(2, declared={"tokens": 333_444}, owner="same"),
        source(3, declared={"tokens": 555_666}, confidentiality="public", category="public"),
    )
    values = exact_values(
        made,
        sizes(
            source_1={"tokens": [111_222], "documents": [7_771, 7_772]},
            source_2={"tokens": [333_444], "documents": [5_551]},
            source_3={"tokens": [555_666]},
        ),
    )
    assert values.keys() == {
        111_222,
        333_444,
        7_771,
        7_772,
        5_551,
        111_222 + 333_444,
        7_771 + 5_551,
        7_772 + 5_551,
        111_222 + 333_444 + 555_666,
    }
    assert 555_666 not in values, "the size of a source that is not confidential, alone in its kind"
    assert values[7_771] == "an exact size of the source at ?"
    assert values[7_772 + 5_551] == "an exact total of an owner"


def test_seconds_are_secret_as_hours_too(source: Make, summary: Callable[..., ProvenanceSummary]) -> None:
    made = summary(
        source(1, modality="audio", declared={"hours": 1234}), source(2, modality="audio", declared={"hours": 4321})
    )
    values = exact_values(made, sizes(source_1={"seconds": [1234 * 3600]}, source_2={"seconds": [4321 * 3600]}))
    assert values.keys() >= {1234, 4321, 5555, 1234 * 3600, 5555 * 3600}


@pytest.mark.parametrize("size", [0, 5, 999, 1000, 3_000_000, 12_000, 2_026, 1_900])
def test_figures_that_could_be_anything_are_not_looked_for(
    source: Make, summary: Callable[..., ProvenanceSummary], size: int
) -> None:
    made = summary(source(1, declared={"tokens": size}))
    assert exact_values(made, sizes(source_1={"tokens": [size]})) == {}


@pytest.fixture(scope="module")
def planted_pdf() -> bytes:
    typst: Any = importlib.import_module("typst")
    fonts = importlib.import_module("noto_cjk_sans_jp_regular")
    text = """
    #set document(title: "題名 黒潮出版", description: "about Kuroshio Press")
    #set text(lang: "ja", font: "Noto Sans CJK JP")
    #figure(alt: "図の説明 データ黒潮.example", rect(), caption: [fig])
    本文です。Société Azur の 1,234,567 件。 #box(width: 15mm)[Licensed by the licensed-news_07 archive]
    """
    folder = str(fonts.FONT_PATH).rsplit("/", 1)[0]
    content: bytes = typst.compile(text.encode(), format="pdf", font_paths=[folder])
    return content


def test_all_that_a_pdf_says_is_read(planted_pdf: bytes) -> None:
    assert found("a.pdf", planted_pdf) == {CJK, LATIN, HOST, "Société Azur", "1234567", ID}
    clean = LiteralScan([Needle("other", "白潮出版"), Needle("latin", "Kuroshio Books")], {7_654_321: "size"})
    assert clean.scan_files({"a.pdf": planted_pdf}) == []
    assert all(str(finding.place) == "a.pdf" for finding in SCAN.scan_files({"a.pdf": planted_pdf}))
