"""HTML read back: text of each block, every attribute, comments, style, and the charts drawn as SVG."""

import re
from fractions import Fraction
from html.parser import HTMLParser

from kaiji.control.artefact import Artefact, Bar, Listing, Segment

_INLINE = frozenset(
    (
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "br",
        "cite",
        "code",
        "data",
        "dfn",
        "em",
        "i",
        "kbd",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "tspan",
        "u",
        "var",
        "wbr",
    )
)
_EMPTY = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "rect", "source", "track", "wbr")
)
_COUNTED = {"li": ("ul", "ol"), "tr": ("table",)}
_CAPTIONS = frozenset(("caption", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6", "p"))
_NAMES = frozenset(("id", "aria-labelledby", "aria-describedby", "for", "headers"))
_COUNTER = re.compile(r"[:-]([0-9]{1,4})(?=-title|-desc|\Z| )")
_CSS_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})[ \n]?")
_DRAWN = frozenset(("svg", "rect", "text", "tspan", "title", "desc"))
_DRAWING = frozenset(
    ("x", "y", "width", "height", "viewbox", "fill", "font-size", "font-weight", "text-anchor", "xmlns", "role")
)


def parse_html(data: bytes) -> Artefact:
    """What a page says: text by block, attributes (all of them, but for the geometry of charts), lists, bars."""
    reader = _Reader()
    reader.feed(data.decode("utf-8", errors="replace"))
    reader.close()
    reader.flush()
    return Artefact(reader.segments, reader.lists, reader.bars, odd=reader.odd)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.segments: list[Segment] = []
        self.lists: list[Listing] = []
        self.bars: list[Bar] = []
        self.odd: list[tuple[str, str]] = []
        self._text: list[str] = []
        self._open: list[str] = []
        self._counting: list[tuple[str, str, int]] = []
        self._caption = ""
        self._row: list[tuple[str, str]] | None = None
        self._columns = self._elements = 0
        self._chart: _Chart | None = None

    @property
    def _place(self) -> str:
        return f"line {self.getpos()[0]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _INLINE:
            self.flush()
        elif tag == "br":
            self._text.append("\n")
        self._elements += 1
        attributes = {name: value or "" for name, value in attrs}
        if tag == "svg":
            self._chart = _Chart()
        self._read(tag, attributes)
        if tag in ("ul", "ol", "table"):
            self._counting.append((tag, "" if tag == "table" else self._caption, 0))
        elif tag in _COUNTED and self._counting and "thead" not in self._open:
            kind, caption, count = self._counting[-1]
            self._counting[-1] = (kind, caption, count + (kind in _COUNTED[tag]))
        if tag in ("tr", "dt"):  # a term and what is said of it make a row too
            self._row = []
        if tag not in _EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _INLINE:
            self.flush()
        if tag in ("ul", "ol", "table") and self._counting:
            _, caption, count = self._counting.pop()
            self.lists.append(Listing(self._place, caption or self._caption, count))
        if tag in ("tr", "dd") and self._row is not None:
            self._columns = len(self._row)
            whole = " ".join(text for _, text in self._row)
            self.segments += [Segment(place, text, whole) for place, text in self._row]
            self._row = None
        if tag == "svg" and self._chart is not None:
            bars, odd = self._chart.read(self._place)
            self.bars += bars
            self.odd += odd
            self._chart = None
        while tag in self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in ("style", "script"):
            plain = _CSS_ESCAPE.sub(lambda code: chr(min(int(code[1], 16), 0x10FFFF)), data)
            self.segments.append(Segment(f"{self._place}, {self._open[-1]}", plain))
        else:
            self._text.append(data)

    def handle_comment(self, data: str) -> None:
        self.segments.append(Segment(f"{self._place}, comment", data))

    def handle_decl(self, decl: str) -> None:
        self.segments.append(Segment(f"{self._place}, declaration", decl))

    handle_pi = handle_comment
    unknown_decl = handle_comment

    def flush(self) -> None:
        """End a block of text."""
        text = "".join(self._text).strip()
        self._text.clear()
        if not text:
            return
        within = next((tag for tag in reversed(self._open) if tag not in _INLINE), "")
        if within in _CAPTIONS:
            self._caption = text
        if self._chart is not None and within == "text":
            self._chart.text(text)
        if self._row is not None and within in ("td", "th", "dt", "dd"):
            self._row.append((self._place, text))
        else:
            self.segments.append(Segment(self._place, text))

    def _read(self, tag: str, attributes: dict[str, str]) -> None:
        if self._chart is not None:
            self._chart.element(tag, attributes)
            if tag not in _DRAWN:
                self.odd.append((self._place, f"a drawing that is no bar of a chart: {tag}"))
        for name, value in attributes.items():
            if self._chart is not None and name in _DRAWING:
                continue  # the chart looks at these
            if (name, value) in (("colspan", str(self._columns)), ("tabindex", "0")):
                continue  # the one cell of an empty table; what keys can reach
            if name in _NAMES or (name == "href" and value.startswith("#")):
                # names are made unique by their place in the page; a number beyond all elements is a figure
                value = _COUNTER.sub(lambda found: "" if int(found[1]) <= self._elements else found[0], value)
            if value:
                self.segments.append(Segment(f"{self._place}, {name} of {tag}", value))


class _Chart:
    """A chart of bars over tracks with texts above them; all but the lengths must follow from the texts."""

    def __init__(self) -> None:
        self._frame: dict[str, str] = {}
        self._texts: list[tuple[dict[str, str], str]] = []
        self._drawn: dict[str, str] = {}
        self._track: dict[str, str] | None = None
        self._rows: list[tuple[list[tuple[dict[str, str], str]], dict[str, str], dict[str, str]]] = []

    def element(self, tag: str, attributes: dict[str, str]) -> None:
        """The drawing itself, a text to come, a track, or the bar over the track before it."""
        if tag == "svg":
            self._frame = attributes
        elif tag == "text":
            self._drawn = attributes
        elif tag == "rect" and self._track is None:
            self._track = attributes
        elif tag == "rect" and self._track is not None:
            self._rows.append((self._texts, self._track, attributes))
            self._texts, self._track = [], None

    def text(self, text: str) -> None:
        """The text of the last ``text`` element."""
        self._texts.append((self._drawn, text))

    def read(self, place: str) -> tuple[list[Bar], list[tuple[str, str]]]:
        """The bars, and what of the drawing does not follow from its texts."""
        odd = [(place, "a drawing that does not follow from its texts")]
        bars = []
        # A length, a distance or a look is a function of how many lines of text there are, and which one it is of.
        follows: dict[tuple[object, ...], object] = {}
        agrees = self._track is None and not self._texts
        try:
            top, full = Fraction(0), Fraction(1)
            for texts, track, bar in self._rows:
                full, y = Fraction(track["width"]), Fraction(bar["y"])
                ends = [text for drawn, text in texts if "text-anchor" in drawn]
                lines = max(len(ends), len(texts) - len(ends))
                seen: dict[str, int] = {}
                says: dict[tuple[object, ...], object] = {
                    ("bar",): _look(track, "y") | {"of": str(_look(bar, "y", "width"))}
                }
                for drawn, _ in texts:
                    side = drawn.get("text-anchor", "")
                    number = seen[side] = seen.get(side, 0) + 1
                    says["text", side, number, lines] = y - Fraction(drawn["y"])
                    says["look", side] = _look(drawn, "y")
                if top:
                    says["step", lines] = y - top
                agrees &= all(follows.setdefault(key, value) == value for key, value in says.items())
                agrees &= track["y"] == bar["y"]
                bars.append(Bar(place, "".join(ends), Fraction(bar["width"]) / full, _half_a_unit(bar["width"]) / full))
                top = y
            height = top + Fraction(self._rows[-1][2]["height"]) if self._rows else 1
            agrees &= not self._rows or self._frame.get("viewbox") == f"0 0 {full} {height}"
        except (KeyError, ValueError, ZeroDivisionError):
            agrees = False
        return bars, [] if agrees else odd


def _half_a_unit(written: str) -> Fraction:
    """Half of the last place of a length: half a pixel, or half a tenth where tenths are written."""
    return Fraction(1, 2 * 10 ** len(written.partition(".")[2]))


def _look(attributes: dict[str, str], *but: str) -> dict[str, str]:
    return {name: value for name, value in attributes.items() if name not in but}
