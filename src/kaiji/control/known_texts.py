"""Texts that may be published, and whether they explain the figures of another text.

A figure is explained when a known text that holds the same figure stands around it: "12 %" explains "12 % of text" but
neither "112 %", "12.5 %" nor "<12 %". A known text that is nothing but a number ("3") explains only a text that is
nothing else, or a value behind a known label. White space does not count: pages break lines anywhere.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from kaiji.control.artefact import Segment
from kaiji.control.number_words import Figure, figures
from kaiji.control.plain_text import normalised
from kaiji.control.statements import month

_AROUND = 24
"""Characters on each side of a figure that must be those of the known text, as far as it has them."""
_NEAR = 6
"""Those of them by which known texts are looked up."""
_LONGEST_LINE = 400
"""Longest line that is tried as a label with a value."""
_DEPTH = 3
"""How deep templates may stand in each other: a date in a sentence in a titled paragraph."""
_SLOT = re.compile(r"\{[a-z_]+\}")
_ENUMERATED = re.compile(r"(?<=[^0-9]), |, (?=[^0-9])|、|(?<=[0-9]), (?=[0-9])")
_GAP = re.compile(" ?: ?| ")
_JOINS = tuple((above, below) for below in range(5) for above in range(5))
"""How many lines above and below the line of a figure may belong to it: a digest in a narrow column has five."""
_ABOVE, _ENOUGH = 2, 16
"""Lines above a figure at which a page may break, and the fewest characters before it that tell the text."""
_BETWEEN = 3
"""Most lines of other cells between the two parts of a cell that a page breaks."""
_HEAD_LINES = 4
"""Most lines of the head of a table."""
_DATE = re.compile(r"([0-9]{4}-(?:0[1-9]|1[0-2]))(?:-([0-9]{2}))?\Z")


class Text(NamedTuple):
    """A known text; ``statement`` is the id of the statement that prints it, empty for any other text."""

    text: str
    statement: str = ""


@lru_cache(maxsize=1 << 16)
def folded(text: str) -> str:
    """``text`` as it is compared: normalised, runs of white space as one blank."""
    return " ".join(normalised(text).split())


def squeezed(text: str) -> str:
    """Folded text without white space."""
    return text.replace(" ", "")


def in_words(date: str) -> Iterator[str]:
    """A date of ISO 8601 (year and month, with or without the day) as documents write it."""
    if match := _DATE.match(date):
        words = month("", match[1]).text
        yield from (words.ja, words.en)
        if match[2]:
            day = int(match[2])
            yield from (f"{words.ja}{day}日", f"{day} {words.en}", f"{match[2]}/{match[1][5:]}/{match[1][2:4]}")


class KnownTexts:
    """Known texts, indexed by the figures that they hold."""

    def __init__(self, texts: Iterable[Text], wording: Iterable[str] = ()) -> None:
        self._exact: dict[str, set[str]] = {}
        self._near: dict[tuple[str, str, str], set[tuple[str, str, str]]] = {}
        self._sizes: dict[str, set[tuple[int, int]]] = {}
        self.templates: list[str] = []
        self._patterns: list[re.Pattern[str]] = []
        for text in texts:
            for part in dict.fromkeys((text.text, *text.text.split("\n"))):
                self._add(part, text.statement)
        for fixed in wording:
            if _SLOT.search(fixed):
                self._template(fixed)
            for part in dict.fromkeys((*_SLOT.split(fixed), *fixed.split("\n"))):
                self._add(part, "")

    def _add(self, text: str, statement: str) -> None:
        plain = folded(text)
        whole = squeezed(plain)
        if not whole:
            return
        self._exact.setdefault(whole, set()).add(statement)
        found_figures = figures(plain)
        for figure, (start, end) in zip(found_figures, _squeezed_spans(plain, found_figures), strict=True):
            if _bare(plain, figure, statement):
                continue
            found, left, right = whole[start:end], whole[max(0, start - _AROUND) : start], whole[end : end + _AROUND]
            near_left, near_right = left[-_NEAR:], right[:_NEAR]
            self._sizes.setdefault(found, set()).add((len(near_left), len(near_right)))
            self._near.setdefault((found, near_left, near_right), set()).add((left, right, statement))

    def _template(self, text: str) -> None:
        self.templates.append(text)
        literal = [re.escape(part) for part in folded(_SLOT.sub("\ue000", text)).split("\ue000")]
        if sum(character.isalpha() for part in literal for character in part) > 0:
            self._patterns.append(re.compile("(.+?)".join(literal)))

    def says(self, whole: str, only: frozenset[str] | None) -> bool:
        """True when a squeezed text is a known one."""
        return _allowed(self._exact.get(whole, ()), only)

    def stands(self, whole: str, start: int, end: int, only: frozenset[str] | None) -> bool:
        """True when a known text with the figure at ``whole[start:end]`` stands around it."""
        figure = whole[start:end]
        for left_size, right_size in self._sizes.get(figure, ()):
            key = (figure, whole[max(0, start - left_size) : start], whole[end : end + right_size])
            for left, right, statement in self._near.get(key, ()):
                if whole.endswith(left, 0, start) and whole.startswith(right, end) and _allowed((statement,), only):
                    return True
        return False

    def begins(self, before: str, figure: str) -> bool:
        """True when a known text runs through the end of ``before`` and goes on with the figure."""
        return any(len(left) >= _ENOUGH and before.endswith(left) for left in self._lefts.get(figure, ()))

    @cached_property
    def _lefts(self) -> dict[str, set[str]]:
        """What stands before each figure in the known texts."""
        found: dict[str, set[str]] = {}
        for (figure, _, _), around in self._near.items():
            found.setdefault(figure, set()).update(left for left, _, _ in around)
        return found

    def slots(self, text: str) -> Iterator[tuple[str, ...]]:
        """What would stand in the slots of each template that gives ``text`` (folded)."""
        for pattern in self._patterns:
            if match := pattern.fullmatch(text):
                yield match.groups()


def unexplained(segment: Segment, known: Sequence[KnownTexts]) -> list[str]:
    """Figures of a text that no known text explains, as they are written, in order."""
    plain = folded(segment.text)
    found = figures(plain)
    if not found or _explained(plain, found, known, segment.statements, _DEPTH):
        return []
    if segment.row and any(one.says(squeezed(folded(segment.row)), segment.statements) for one in known):
        return []
    return [plain[figure.start : figure.end] for figure in _open(plain, found, known, segment.statements)]


def unexplained_on_pages(pages: Sequence[Segment], known: Sequence[KnownTexts]) -> Iterator[tuple[str, str]]:
    """Place and figure of what no known text explains on pages, whose lines may end inside a word or number.

    A text may go on from page to page: what stands at the head and foot of most pages, and the head of a table that a
    page repeats, is looked at by itself.
    """
    heads, bodies, feet = _cut(
        [[line for line in map(folded, re.split(r"[\r\n]+", page.text)) if line] for page in pages]
    )
    lines: list[str] = []
    places: list[str] = []
    for page, head, body, foot in zip(pages, heads, bodies, feet, strict=True):
        for line in (*head, *foot):
            yield from ((page.place, figure) for figure in unexplained(Segment(page.place, line), known))
        repeated = max((n for n in range(_HEAD_LINES + 1) if n and _is_head(body[:n], known)), default=0)
        lines += body[repeated:]
        places += [page.place] * (len(body) - repeated)
    for number, line in enumerate(lines):
        found = figures(line)
        if not found or _explained(line, found, known, None, _DEPTH):
            continue
        for figure, (start, end) in zip(found, _squeezed_spans(line, found), strict=True):
            if not any(_over_lines(lines, number, start, end, *joined, known) for joined in _JOINS) and not _up_to(
                lines, places.index(places[number]), number, start, end, known
            ):
                yield places[number], line[figure.start : figure.end]


def _cut(pages: Sequence[Sequence[str]]) -> tuple[list[Sequence[str]], list[Sequence[str]], list[Sequence[str]]]:
    """Pages as head, body and foot: first and last lines are head and foot as far as most pages have them alike."""
    heads = _alike(pages)
    rest = [lines[len(head) :] for lines, head in zip(pages, heads, strict=True)]
    feet = [foot[::-1] for foot in _alike([lines[::-1] for lines in rest])]
    return heads, [lines[: len(lines) - len(foot)] for lines, foot in zip(rest, feet, strict=True)], feet


def _alike(pages: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """The lines with which pages begin as most pages do; numbers may differ from page to page."""
    plain = [[re.sub("[0-9]+", "", line) for line in lines] for lines in pages]
    sizes = [0] * len(pages)
    while True:
        often = Counter(lines[size] for lines, size in zip(plain, sizes, strict=True) if len(lines) > size)
        line, count = often.most_common(1)[0] if often else ("", 0)
        if not 2 * count > len(pages) > 1:
            return [lines[:size] for lines, size in zip(pages, sizes, strict=True)]
        sizes = [size + (len(lines) > size and lines[size] == line) for lines, size in zip(plain, sizes, strict=True)]


def _is_head(lines: Sequence[str], known: Sequence[KnownTexts]) -> bool:
    """True when lines are a known text without figures, as the head of a table is."""
    return not any(map(figures, lines)) and any(one.says(squeezed("".join(lines)), None) for one in known)


def _up_to(lines: Sequence[str], page: int, number: int, start: int, end: int, known: Sequence[KnownTexts]) -> bool:
    """True when a known text runs up to the figure and holds it: what follows may stand on another page, behind the
    head of a table that is repeated there. Where a page, which begins at the line ``page``, breaks within a row, the
    other cells of that row stand between."""
    line = squeezed(lines[number])
    for between in range(_BETWEEN + 1 if number - page < _ABOVE else 1):
        last = page - between if between else number
        above = [*lines[max(last - _ABOVE, 0) : last], *(lines[page:number] if between else ())]
        before = squeezed("".join(above)) + line[:start]
        if any(one.begins(before, line[start:end]) for one in known):
            return True
    return False


def _over_lines(
    lines: Sequence[str], number: int, start: int, end: int, above: int, below: int, known: Sequence[KnownTexts]
) -> bool:
    """True when the figure at ``start:end`` of a line (squeezed) is explained once its line is joined to neighbours."""
    first, last = max(number - above, 0), min(number + below, len(lines) - 1)
    margin = 2  # lines around them, where the known text may go on
    before = " ".join(lines[max(first - margin, 0) : first])
    after = " ".join(lines[last + 1 : last + 1 + margin])
    plain = f"{before} {''.join(lines[first : last + 1])} {after}".strip()
    whole = squeezed(plain)
    shift = len(squeezed(before)) + sum(len(squeezed(line)) for line in lines[first:number])
    # half a number may read longer than the whole: 3,000 and 万件 of 3,000万件
    meant = [own for own in _squeezed_spans(plain, figures(plain)) if own[0] < shift + end and shift + start < own[1]]
    return bool(meant) and all(any(one.stands(whole, *own, None) for one in known) for own in meant)


def _open(
    plain: str, found: Sequence[Figure], known: Sequence[KnownTexts], only: frozenset[str] | None
) -> list[Figure]:
    """Figures around which no known text stands."""
    whole = squeezed(plain)
    return [
        figure
        for figure, span in zip(found, _squeezed_spans(plain, found), strict=True)
        if not any(one.stands(whole, *span, only) for one in known)
    ]


def _explained(
    plain: str, found: Sequence[Figure], known: Sequence[KnownTexts], only: frozenset[str] | None, depth: int
) -> bool:
    """True when a whole text (folded) is known: itself, as label and value, as entries, or by a template."""
    if any(one.says(squeezed(plain), only) for one in known) or not _open(plain, found, known, only):
        return True
    if depth == 0 or len(plain) > _LONGEST_LINE:
        return False

    def parts(texts: Iterable[str]) -> bool:
        return all(_explained(text, figures(text), known, only, depth - 1) for text in texts)

    def says(text: str) -> bool:
        return any(one.says(squeezed(text), only) for one in known)

    for gap in _GAP.finditer(plain):
        label, value = plain[: gap.start()], plain[gap.end() :]
        if says(label) and (says(value) or (":" in gap[0] and parts([value]))):
            return True
    entries = _ENUMERATED.split(plain)
    if len(entries) > 1 and parts(entries):
        return True
    return any(parts(slots) for one in known for slots in one.slots(plain))


def _bare(plain: str, figure: Figure, statement: str) -> bool:
    """True when a text is nothing but a number, which would explain any number; a statement's unit makes it more."""
    if (figure.start, figure.end) != (0, len(plain)):
        return False
    return bool(re.fullmatch("[0-9][0-9,.]*", plain)) if statement else figure.value is not None


def _allowed(statements: Iterable[str], only: frozenset[str] | None) -> bool:
    return any(only is None or not statement or statement in only for statement in statements)


def _squeezed_spans(plain: str, found: Sequence[Figure]) -> Iterator[tuple[int, int]]:
    """Where figures stand once the blanks of ``plain`` are left out."""
    done = blanks = 0
    for figure in found:
        blanks += plain.count(" ", done, figure.start)
        within = plain.count(" ", figure.start, figure.end)
        yield figure.start - blanks, figure.end - blanks - within
        done, blanks = figure.end, blanks + within
