"""The table of formats, the words around a document, the page that lists documents."""

import re
from pathlib import Path

import pytest
from lxml import html as parser

from kaiji.render import formats
from kaiji.render.formats import RENDERERS, file_name
from kaiji.render.index import index
from kaiji.render.templates import formats_folder, templates_root
from kaiji.render.wording import long_date, wording
from kaiji.terms import LANGUAGES


def test_every_format_renders_both_languages(ja, en) -> None:
    for document in (ja, en):
        for extension, render in RENDERERS.items():
            assert len(render(document)) > 1000, extension
    assert list(RENDERERS) == ["html", "pdf", "md", "json"]
    assert file_name(ja, "html") == "jp-principle-code.ja.html"


def test_both_languages_have_the_same_words_and_none_is_idle() -> None:
    assert list(wording("ja")) == list(wording("en"))
    sources = [path.read_text(encoding="utf-8") for path in formats_folder().iterdir() if path.suffix != ".yaml"]
    sources += [path.read_text(encoding="utf-8") for path in _modules()]
    for key in wording("ja"):
        stem = re.sub(r"_(public|regulator|html|pdf|md|json)$", "_", key)
        assert any(re.search(rf'\bw\.{key}\b|"{stem if key != stem else key}"', source) for source in sources), key
    for language in LANGUAGES:
        assert all(text.strip() for text in wording(language).values())
        for extension in RENDERERS:
            assert f"format_{extension}" in wording(language)


def _modules():
    return Path(formats.__file__).parent.glob("*.py")


def test_dates_as_they_are_written(ja) -> None:
    assert long_date(ja.date, "ja") == "2026年11月22日"
    assert long_date(ja.date, "en") == "22 November 2026"


def test_templates_are_found() -> None:
    assert (templates_root() / "formats" / "document.typ").is_file()


def test_the_index_lists_documents_by_language_and_format(ja, en) -> None:
    page = parser.document_fromstring(index([ja, en], others=("SHA256SUMS", "a b:c.csv")).decode())

    assert page.get("lang") == "ja"
    assert page.xpath("//main//a/@href") == [
        *(f"./jp-principle-code.{language}.{extension}" for language in ("ja", "en") for extension in RENDERERS),
        "./SHA256SUMS",
        "./a%20b%3Ac.csv",
    ]
    assert [section.get("lang") for section in page.findall(".//main/section")] == ["ja", "en", None]
    for said in (
        ja.title,
        en.title,
        ja.provider,
        en.provider,
        "Tsubame-7B 2026.10",
        "2026年11月22日",
        ja.banner,
        en.banner,
    ):
        assert said in page.text_content()
    assert len(page.findall(".//h1")) == 1
    assert not page.xpath("//script | //@src | //link")
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert set(page.xpath("//@aria-labelledby")) <= set(ids)


def test_the_index_lists_only_what_there_is(en) -> None:
    page = parser.document_fromstring(index([en.model_copy(update={"banner": None})], formats=("html",)).decode())

    assert page.xpath("//main//a/@href") == ["./jp-principle-code.en.html"]
    assert page.find("head/title").text == "Training-data disclosure: Tsubame-7B"
    assert not page.find_class("banner")


def test_the_index_escapes_texts(en) -> None:
    nasty = "<script>alert(1)</script>"
    release = en.release.model_copy(update={"model": nasty})
    content = index([en.model_copy(update={"title": nasty, "provider": nasty, "banner": nasty, "release": release})])

    assert b"<script" not in content


def test_an_index_of_nothing_is_a_defect() -> None:
    with pytest.raises(ValueError, match="needs a document"):
        index([])
