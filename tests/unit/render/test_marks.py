"""A draft says so on every page and in every format, beside the mark of a sample; what was approved does not."""

import io
import json

import pytest
from lxml import html as parser
from pypdf import PdfReader

from kaiji.regime.document import DisclosureDocument
from kaiji.render.formats import RENDERERS
from kaiji.render.index import index
from kaiji.render.model_card import model_card

MARK = "DRAFT: not approved by the provider. Not for publication."


@pytest.fixture
def draft(en: DisclosureDocument) -> DisclosureDocument:
    return en.model_copy(update={"draft": MARK})


def test_pages_and_data_are_marked(draft: DisclosureDocument, en: DisclosureDocument) -> None:
    assert en.banner
    page = parser.document_fromstring(RENDERERS["html"](draft))
    assert [mark.text_content() for mark in page.xpath("//p[@class='banner' and @role='note']")] == [MARK, en.banner]
    (style,) = page.xpath("//style/text()")
    assert "DRAFT" in style.split("@top-center")[-1]
    assert f"> **{MARK}**\n\n> **{en.banner}**\n" in RENDERERS["md"](draft).decode()
    assert json.loads(RENDERERS["json"](draft))["draft"] == MARK
    assert f"> **{MARK}**" in model_card([draft], ["A1"], {}, None).decode()
    listed = parser.document_fromstring(index([draft, draft]))
    assert [mark.text_content() for mark in listed.find_class("banner")] == [MARK, en.banner]


def test_every_page_of_the_pdf_is_marked(draft: DisclosureDocument, en: DisclosureDocument) -> None:
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(RENDERERS["pdf"](draft))).pages]
    assert len(pages) > 1
    assert all(MARK in text and str(en.banner) in text for text in pages)


def test_what_was_approved_is_not_marked(en: DisclosureDocument) -> None:
    for name in ("html", "md", "json"):
        assert b"DRAFT" not in RENDERERS[name](en)
    assert json.loads(RENDERERS["json"](en))["draft"] is None
    assert b"DRAFT" not in model_card([en], ["A1"], {}, None) + index([en])
