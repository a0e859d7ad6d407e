"""Puts the disclosure section into a model card that people write: only what is kaiji's is touched.

The front matter is parsed to see which keys it has, but edited as text: comments, order, quotes and empty
lists stay as they are, byte for byte.
"""

import contextlib
import os
import re
import secrets
import stat
from pathlib import Path
from typing import NamedTuple

from kaiji.errors import OutputError
from kaiji.render.model_card import BEGIN, END

_BOM = "\ufeff"
_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_KEY = re.compile(r"[A-Za-z_]+(?=:)")


class _Front(NamedTuple):
    """Front matter of a card: the lines between its two ``---``, and how many lines it takes with them."""

    start: int
    """Place of the first line after the opening ``---``."""
    stop: int
    """Place of the closing ``---``; the text goes on after it."""


def attach(card: bytes, generated: bytes) -> bytes:
    """``card`` with the disclosure section of ``generated`` in it, and the keys of its front matter that it lacks.

    The section replaces the one between the marker lines, or is appended after a blank line. Everything else is
    byte-identical; a second call changes nothing.

    Args:
        card: An existing model card; UTF-8, with or without BOM, LF or CRLF.
        generated: What :func:`kaiji.render.model_card.model_card` gives.

    Raises:
        OutputError: the card is not UTF-8, its front matter is broken, or its markers are incomplete, repeated or
            out of order. The message names the line.
    """
    text = _decoded(card)
    bom = _BOM if text.startswith(_BOM) else ""
    lines = _lines(text.removeprefix(_BOM))
    end = "\r\n" if 2 * text.count("\r\n") > text.count("\n") else "\n"
    new = _lines(generated.decode())
    new_front = _front(new)
    chunks = _by_key(new[new_front.start : new_front.stop]) if new_front else {}
    place = _markers(new, new_front.stop + 1 if new_front else 0)
    if place is None:
        raise OutputError("the generated model card holds no section")
    section = [line.rstrip("\n") + end for line in new[place[0] : place[1] + 1]]

    front = _front(lines)
    head, body_start = _with_keys(lines, front, chunks, end), front.stop + 1 if front else 0
    return (bom + "".join(head) + "".join(_with_section(lines, body_start, section, end))).encode()


def write_card(path: Path, content: bytes) -> None:
    """Replace the file at ``path`` by ``content`` at once, or create it; its mode is kept, a link to it is followed.

    Raises:
        OutputError: the file cannot be written; the old one is still there, whole.
    """
    try:
        target = Path(os.path.realpath(path))
        mode = _mode(path)
        temporary = target.with_name(f".{target.name}.kaiji-{secrets.token_hex(6)}")
        try:
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as file:
                if mode is not None:
                    os.chmod(temporary, mode)  # noqa: PTH101
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        finally:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()
    except OSError as error:
        raise OutputError(f"{path.name}: the model card cannot be written: {error.strerror}") from error


def _mode(path: Path) -> int | None:
    """Mode of the file; None when there is none. (``Path.exists`` would take a loop of links for nothing.)"""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return None


def _decoded(card: bytes) -> str:
    try:
        return card.decode()
    except UnicodeDecodeError as error:
        line = card.count(b"\n", 0, error.start) + 1
        raise OutputError(f"model card, line {line}: not UTF-8; save the file as UTF-8") from error


def _lines(text: str) -> list[str]:
    """Lines with their ends; only a line feed ends one (``splitlines`` knows ten more characters)."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _front(lines: list[str]) -> _Front | None:
    """Where the front matter stands; blank lines before it are allowed, as the model hubs allow them.

    Raises:
        OutputError: it opens and does not close.
    """
    first = next((number for number, line in enumerate(lines) if line.strip()), None)
    if first is None or lines[first].rstrip() != "---":
        return None
    for number in range(first + 1, len(lines)):
        if lines[number].rstrip() == "---":
            return _Front(first + 1, number)
    raise OutputError(f"model card, line {first + 1}: the front matter that opens here has no closing ---")


def _by_key(lines: list[str]) -> dict[str, list[str]]:
    """Lines of generated front matter by key: a key's line and the list entries under it."""
    chunks: dict[str, list[str]] = {}
    for line in lines:
        key = _KEY.match(line)
        chunks.setdefault(key[0] if key else list(chunks)[-1], []).append(line)
    return chunks


def _with_keys(lines: list[str], front: _Front | None, chunks: dict[str, list[str]], end: str) -> list[str]:
    """The card up to and with its front matter, with the keys of ``chunks`` that it lacks before the closing line."""
    if front is None:
        added = [line for chunk in chunks.values() for line in chunk]
        if not added:
            return []
        blank = [end] if not lines or lines[0].strip() else []
        return [line.rstrip("\n") + end for line in ["---\n", *added, "---\n"]] + blank
    indent, keys = _parsed(lines[front.start : front.stop], front.start)
    missing = [key for key in chunks if key not in keys]
    added = [" " * indent + line.rstrip("\n") + end for key in missing for line in chunks[key]]
    if added and not _adds_only(lines[front.start : front.stop] + added, front.start, keys, missing):
        raise OutputError(
            f"model card, line {front.start}: keys cannot be added to this front matter as lines; "
            f"add them by hand: {', '.join(missing)}"
        )
    closing = lines[front.stop]
    return [*lines[: front.stop], *added, closing if closing.endswith("\n") else closing + end]


def _adds_only(lines: list[str], start: int, keys: dict[str, str], missing: list[str]) -> bool:
    """True when front matter of ``lines`` says what it said before, and the ``missing`` keys."""
    try:
        found = _parsed(lines, start)[1]
    except OutputError:
        return False
    return found.keys() == keys.keys() | set(missing) and all(found[key] == keys[key] for key in keys)


def _parsed(lines: list[str], start: int) -> tuple[int, dict[str, str]]:
    """How far the keys of front matter are indented, and each key with its value as comparable text.

    Raises:
        OutputError: it is not YAML, or no mapping.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        loaded = YAML(typ="rt", pure=True).load("".join(lines))
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        line = start + (mark.line if mark else 0) + 1
        raise OutputError(f"model card, line {line}: the front matter is not valid YAML") from error
    if loaded is None:
        return 0, {}
    if not isinstance(loaded, dict):
        raise OutputError(f"model card, line {start + 1}: the front matter is not a mapping of keys")
    columns = [place[1] for place in (loaded.lc.data or {}).values()]  # type: ignore[attr-defined]
    return min(columns, default=0), {str(key): repr(value) for key, value in loaded.items()}


def _markers(lines: list[str], start: int) -> tuple[int, int] | None:
    """Places of the begin and end marker after ``start``, outside fenced code; None when there is neither.

    Raises:
        OutputError: one is missing, one stands twice, they are out of order, or fenced code does not end.
    """
    begins, ends = [], []
    fence, opened = "", 0
    for number in range(start, len(lines)):
        line = lines[number].rstrip()
        found = _FENCE.match(line)
        if fence:
            if found and found[1].startswith(fence) and line.strip() == found[1]:
                fence = ""
        elif found:
            fence, opened = found[1], number
        elif re.fullmatch(f" {{0,3}}{re.escape(BEGIN)}", line):
            begins.append(number)
        elif re.fullmatch(f" {{0,3}}{re.escape(END)}", line):
            ends.append(number)
    if fence:
        raise OutputError(f"model card, line {opened + 1}: the fenced code that opens here does not end")
    for name, found_at in (("begin", begins), ("end", ends)):
        if len(found_at) > 1:
            raise OutputError(f"model card, line {found_at[1] + 1}: the kaiji:{name} marker stands here again")
    if bool(begins) != bool(ends):
        line_number = (begins + ends)[0] + 1
        missing = "end" if begins else "begin"
        raise OutputError(f"model card, line {line_number}: marker without its kaiji:{missing} marker")
    if not begins:
        return None
    if ends[0] < begins[0]:
        raise OutputError(f"model card, line {ends[0] + 1}: the kaiji:end marker stands before kaiji:begin")
    return begins[0], ends[0]


def _with_section(lines: list[str], start: int, section: list[str], end: str) -> list[str]:
    """The card after its front matter, with the section in its place or at the end."""
    place = _markers(lines, start)
    if place is not None:
        last = lines[place[1]]
        ending = last[len(last.rstrip("\r\n")) :]
        return [*lines[start : place[0]], *section[:-1], section[-1].removesuffix(end) + ending, *lines[place[1] + 1 :]]
    body = lines[start:]
    if body and not body[-1].endswith("\n"):
        body[-1] += end
    separated = not lines or (body and not body[-1].strip())
    return [*body, *([] if separated else [end]), *section]
