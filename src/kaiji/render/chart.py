"""A chart as inline SVG: bars from published lengths, nothing computed. A table with the same figures stands beside.

Labels stand above their bars, so that a long Japanese label is wrapped instead of squeezing the bars.
"""

import unicodedata
from decimal import Decimal
from html import escape

from kaiji.regime.blocks import Chart
from kaiji.render.text import one_line

BAR, TRACK, INK = "#1f6480", "#e4eaee", "#1a1a1a"
"""Colours; BAR has more than 3:1 against both the page and TRACK (WCAG 2.2, 1.4.11)."""
_WIDTH, _FONT, _LINE, _BAR_HEIGHT, _GAP = 400, 13, 17, 12, 11


def svg(chart: Chart[str], name: str) -> str:
    """``chart`` as an ``svg`` element; its ids start with ``name`` (letters, digits, ``_``, ``.``, ``:`` and ``-``)."""
    parts, top = [], 0
    for bar in chart.bars:
        value = one_line(bar.text)
        value_lines = wrapped(value, _WIDTH * 0.4)
        room = _WIDTH - max((width(line) for line in value_lines), default=0) - 1.5 * _FONT
        label_lines = wrapped(one_line(bar.label), room)
        parts += [_text(0, top + _FONT + _LINE * n, line) for n, line in enumerate(label_lines)]
        parts += [_text(_WIDTH, top + _FONT + _LINE * n, line, end=True) for n, line in enumerate(value_lines)]
        top += _LINE * max(len(label_lines), len(value_lines)) + 2
        parts.append(f'<rect x="0" y="{top}" width="{_WIDTH}" height="{_BAR_HEIGHT}" fill="{TRACK}"/>')
        parts.append(f'<rect x="0" y="{top}" width="{_length(bar.length)}" height="{_BAR_HEIGHT}" fill="{BAR}"/>')
        top += _BAR_HEIGHT + _GAP
    height = max(top - _GAP, 1)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-labelledby="{name}-title {name}-desc" font-size="{_FONT}" fill="{INK}">'
        f'<title id="{name}-title">{escape(one_line(chart.title))}</title>'
        f'<desc id="{name}-desc">{escape(one_line(chart.description))}</desc>'
        f"{''.join(parts)}</svg>"
    )


def _text(x: int, y: int, line: str, *, end: bool = False) -> str:
    anchor = ' text-anchor="end" font-weight="700"' if end else ""
    return f'<text x="{x}" y="{y}"{anchor}>{escape(line)}</text>'


def _length(percent: float) -> str:
    """Length in units of the drawing, to a tenth, without a trailing zero."""
    tenths = (Decimal(str(percent)) * _WIDTH / 100).quantize(Decimal("0.1"))
    return f"{tenths.normalize():f}"


def width(text: str) -> float:
    """Width of ``text`` in units of the drawing, generously estimated: the font of the reader is not known."""
    return sum(
        0 if unicodedata.combining(c) else _FONT * (1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.62)
        for c in text
    )


def wrapped(text: str, room: float) -> list[str]:
    """``text`` in lines no wider than ``room`` (one character at least): after a space if there is one."""
    lines: list[str] = []
    line = ""
    for character in text:
        if line and width(line + character) > room:
            head, space, tail = line.rpartition(" ")
            keep = bool(space) and character != " " and bool(head)
            lines.append(head if keep else line.rstrip())
            line = tail if keep else ""
        if line or character != " ":
            line += character
    return [*lines, line] if line else lines
