"""PDF read back: text of the pages, particulars, outline, alternative texts, links, attachments, bars of charts."""

import html
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from kaiji.control.artefact import Artefact, Bar, Segment
from kaiji.control.plain_text import object_streams, pdf_strings, stream_contents, without_streams

_CELL_NAME = re.compile(r"U[0-9]+x[0-9]+y[0-9]+")
"""Names that Typst gives to the cells of its tables: page order, column, row."""
_TOOL = re.compile(r"[A-Za-z]+ [0-9]+(\.[0-9]+){1,2}")
_DAY = re.compile(r"D:([0-9]{4})([0-9]{2})([0-9]{2})(?:000000)?Z?")
_OWN = re.compile(
    r"<(xmpMM:(?:Instance|Document)ID|pdfuaid:part|pdfaid:part|pdf:PDFVersion|xmpTPg:NPages)>([^<]*)</\1>"
    r"|<x:xmpmeta[^>]*>|<\?xpacket[^>]*\?>|\sxmlns:[a-zA-Z]+=\"http://(?:ns\.adobe\.com|www\.w3\.org|purl\.org|www\.aiim\.org)/[^\"]*\""
)
"""What a PDF says of itself by its kind: digests of its own bytes, its version, the names of its vocabularies."""
_FULL_BAR = 100
"""Least width of a track in points; narrower pairs of shapes are bullets and rules."""


def parse_pdf(data: bytes) -> Artefact:
    """What a PDF says. Digests that the file holds of itself say no more than the file and are left out."""
    import pypdfium2

    segments: list[Segment] = []
    odd: list[tuple[str, str]] = []
    bars: list[Bar] = []
    document = pypdfium2.PdfDocument(data)
    try:
        particulars = document.get_metadata_dict()
        for key, value in particulars.items():
            segments.append(Segment(f"metadata, {key}", value))
        for number, page in enumerate(document, start=1):
            text = page.get_textpage().get_text_range()  # also what stands beyond the edges of the page
            segments.append(Segment(f"page {number}", text, page=True))
            bars += _bars(page, number)
        odd += [("file", "an attachment")] * document.count_attachments()
        pages = len(document)
    finally:
        document.close()
    digests = set(re.findall(r"/ID ?\[ ?\(([^)]*)\) ?\(([^)]*)\)", data[-1024:].decode("latin-1")))
    own = {digest for pair in digests for digest in pair}
    tools = {value for key, value in particulars.items() if key in ("Creator", "Producer") and _TOOL.fullmatch(value)}
    texts = [text for text in pdf_strings(without_streams(data)) if not _CELL_NAME.fullmatch(text)]
    for content in stream_contents(data):
        if b"xpacket" in content[:200]:
            segments += [Segment("metadata", text) for text in _described(content, pages)]
    for content in object_streams(data):
        texts += pdf_strings(content)
    segments += [Segment("strings", text) for text in dict.fromkeys(texts)]
    plain = [one._replace(text=_DAY.sub(r"\1-\2-\3", one.text)) for one in segments if one.text not in own | tools]
    return Artefact(plain, bars=bars, odd=odd)


def _described(content: bytes, pages: int) -> Iterator[str]:
    """Texts of the XMP packet: its elements and attributes, without what it says by its kind."""
    packet = content.decode("utf-8", errors="replace")
    if (count := re.search("<xmpTPg:NPages>([^<]*)<", packet)) and count[1] != str(pages):
        yield count[1]
    packet = _OWN.sub("", packet).replace("T00:00:00Z", "")
    for tag, text in re.findall(r"<([^>]*)>([^<]*)", packet):
        yield from (html.unescape(value) for value in re.findall(r"\"([^\"]*)\"", tag) if value)
        if text.strip() and not _TOOL.fullmatch(text):
            yield html.unescape(text)


def _bars(page: Any, number: int) -> Iterator[Bar]:
    """Two shapes one over the other that begin at the same point: a track, and the bar on it."""
    import pypdfium2.raw as raw

    before: tuple[float, float, float, float] | None = None
    for shape in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=4):
        left, bottom, right, top = shape.get_bounds()
        now = (round(left, 1), round(bottom, 1), round(right, 1), round(top, 1))
        if before and now[:2] + now[3:] == before[:2] + before[3:] and before[2] - before[0] > _FULL_BAR:
            full = Fraction(before[2] - before[0])
            yield Bar(f"page {number}", "", Fraction(right - left) / full, Fraction(1, 2) / full)
            before = None
        else:
            before = now
