"""The disclosure position drawn on the scale from L0 to L4, as SVG and as Markdown, for the review checklist.

Nothing is told by colour alone: a permitted corridor is outlined, a facet outside of it is a cross and not a circle,
and the words beside say the same.
"""

from collections.abc import Sequence
from html import escape

from kaiji.control.floor_facets import percent
from kaiji.control.openness import Openness
from kaiji.control.position import LIMITS, Attacker, FacetPosition, Position

INK, LINE, BAND = "#1a1a1a", "#8a8f94", "#e4eaee"
"""Colours; INK on BAND and on white has more than 7:1 (WCAG 2.2, 1.4.6)."""
_LABELS, _COLUMN, _WORDS, _ROW, _TOP, _FONT = 190, 76, 190, 26, 46, 12


def svg(stand: Position, name: str) -> str:
    """The position as an ``svg`` element; its ids start with ``name``. The same position gives the same text."""
    width = _LABELS + _COLUMN * len(Openness) + _WORDS
    height = _TOP + _ROW * len(stand.facets) + _ROW
    parts = [_text(_middle(place), 16 + 15 * line, text, anchor="middle", bold=not line)
             for place in Openness for line, text in enumerate((place.label, place.meaning))]  # fmt: skip
    for number, facet in enumerate(stand.facets):
        parts += _row(facet, _TOP + _ROW * number)
    legend = "outline: permitted; circle: inside; cross: outside; *: core facet"
    parts.append(_text(_LABELS, height - 8, legend))
    title = f"Disclosure position, {stand.audience.value}"
    told = ". ".join(f"{label(facet)}: {words(facet)}" for facet in stand.facets)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img" '
        f'aria-labelledby="{name}-title {name}-desc" font-family="sans-serif" font-size="{_FONT}" fill="{INK}">'
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(told)}</desc>'
        f"{''.join(parts)}</svg>\n"
    )


def _row(facet: FacetPosition, top: int) -> list[str]:
    middle = top + _ROW // 2
    first, last = facet.corridor
    left, right = _LABELS + _COLUMN * first.value + 3, _LABELS + _COLUMN * (last.value + 1) - 3
    parts = [
        _text(_LABELS - 10, middle + 4, label(facet), anchor="end", bold=facet.report.core),
        f'<rect x="{left}" y="{top + 3}" width="{right - left}" height="{_ROW - 6}" fill="{BAND}" stroke="{LINE}"/>',
        f'<path d="M{_LABELS} {middle}H{_LABELS + _COLUMN * len(Openness)}" stroke="{LINE}"/>',
        _text(_LABELS + _COLUMN * len(Openness) + 8, middle + 4, words(facet)),
    ]
    if facet.report.place is not None:
        x = _middle(facet.report.place)
        cross = f'<path d="M{x - 6} {middle - 6}l12 12m0 -12l-12 12" stroke="{INK}" stroke-width="3"/>'
        parts.append(f'<circle cx="{x}" cy="{middle}" r="6"/>' if facet.inside else cross)
    return parts


def _middle(place: Openness) -> int:
    return _LABELS + _COLUMN * place.value + _COLUMN // 2


def _text(x: int, y: int, text: str, *, anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'


def label(facet: FacetPosition) -> str:
    """Name of a row: facet, modality, and a star for a core facet."""
    star = " *" if facet.report.core else ""
    return f"{facet.report.facet}, {facet.report.modality or 'all'}{star}"


def words(facet: FacetPosition) -> str:
    """Where a facet stands, in words."""
    place = facet.report.place
    if place is None:
        return "no kind known, nothing to tell"
    where = "" if facet.inside else " OUTSIDE"
    return f"{place.label}{where}, precision {percent(facet.report.precision)}"


def markdown(stand: Position) -> str:
    """The position as Markdown (no heading), ending in a line feed: for a reader without pictures."""
    where = stand.place.label if stand.place is not None else "none"
    lines = [
        f"Core facets (*) stand at {where} or above; the document is {'inside' if stand.inside else 'OUTSIDE'}.",
        "",
        "| Facet | L0 | L1 | L2 | L3 | L4 | Reader precision | Named | Other | Not known | Withheld | Composite |",
        "| --- |" + " :-: |" * len(Openness) + " --: |" * 6,
        *map(_line, stand.facets),
        "",
        "`[ ]` permitted, `X` where the facet stands, `-` not permitted; no `X` where no kind is known.",
        "",
        *(f"- {line}" for line in (*_identified(stand), *_attack(stand.attacker), *LIMITS)),
    ]
    return "\n".join(lines) + "\n"


def _line(facet: FacetPosition) -> str:
    report = facet.report
    marks = []
    for place in Openness:
        mark = "X" if place is report.place else " "
        marks.append(f"[{mark}]" if place in facet.corridor else mark.replace(" ", "-"))
    masses = (report.named, report.other, report.unknown, report.withheld)
    figures = [percent(part) for part in (report.precision, *masses)]
    return f"| {' | '.join([label(facet), *marks, *figures, f'{float(round(facet.composite, 2)):.2f}'])} |"


def _identified(stand: Position) -> Sequence[str]:
    lines = []
    for one in stand.identification:
        name = one.modality.value if one.modality else "all"
        lines.append(
            f"Sources, {name}: {one.named_sources} of {one.sources} named ({percent(one.named)} of the size); exact "
            f"size known of {percent(one.exact)}; confidential ones identified: {one.confidential_sources}."
        )
    return lines


def _attack(found: Attacker) -> Sequence[str]:
    proved = (
        f"Protected sizes: {found.certified} of {found.targets} certified; witness worlds: {found.witnesses_passed} of "
        f"{found.witnesses} gave the same bytes."
    )
    if found.least is None or found.fifth is None:
        return (proved, "Nothing had to be protected from an attacker.")
    close = (
        f"Margin of the attacker who comes closest ({found.profile}): at least {percent(found.least)}; one target in "
        f"twenty is at or below {percent(found.fifth)}."
    )
    return (proved, close)
