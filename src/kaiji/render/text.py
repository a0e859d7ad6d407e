"""Text as renderers need it: without control characters, in lines, with the addresses that may become links."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# ASCII only, so that an address ends where Japanese text goes on; no user part, so that
# https://shop.example@elsewhere.example is never a link to elsewhere.
_URL = (
    r"(?<![A-Za-z0-9])https?://(?>[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?)(?![A-Za-z0-9@])"
    r"(?:[/?#][A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*)?"
)
_EMAIL = r"(?<![A-Za-z0-9._+@/-])[A-Za-z0-9][A-Za-z0-9._+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}(?![\w@-])"
_ADDRESS = re.compile(f"(?P<url>{_URL})|(?P<email>{_EMAIL})", re.ASCII | re.IGNORECASE)


class Piece(NamedTuple):
    """A stretch of text; only ``url`` (http or https) and ``email`` may become links."""

    kind: Literal["text", "url", "email"]
    text: str


def clean(text: str) -> str:
    """``text`` with line feeds as its only line ends and U+FFFD for every other control character but tab."""
    return _CONTROL.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str) -> str:
    """``text`` on one line, runs of white space folded."""
    return " ".join(clean(text).split())


def paragraphs(text: str) -> list[list[str]]:
    """The lines of ``text`` by paragraph; a blank line ends a paragraph. Empty text gives no paragraph."""
    found: list[list[str]] = [[]]
    for line in clean(text).split("\n"):
        if line.strip():
            found[-1].append(line.strip())
        elif found[-1]:
            found.append([])
    return [lines for lines in found if lines]


def pieces(text: str) -> Iterator[Piece]:
    """``text`` cut into plain stretches and addresses; joined, the pieces give ``text`` again."""
    done = 0
    for match in _ADDRESS.finditer(text):
        found = match[0] if match["email"] else _without_closing(match[0])
        if match.start() > done:
            yield Piece("text", text[done : match.start()])
        yield Piece("email" if match["email"] else "url", found)
        done = match.start() + len(found)
    if done < len(text):
        yield Piece("text", text[done:])


def _without_closing(address: str) -> str:
    """``address`` without the punctuation of the sentence around it."""
    while True:
        shorter = address.rstrip(".,;:!?'*")
        for opening, closing in ("()", "[]"):
            if shorter.endswith(closing) and shorter.count(closing) > shorter.count(opening):
                shorter = shorter[:-1]
        if shorter == address:
            return address
        address = shorter
