"""Addresses of data files, `protocol://…`: told from paths, judged and compared by their text alone."""

import re
from urllib.parse import unquote

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://")
_LOCAL = {"file", "local"}


def is_address(text: str) -> bool:
    """True for `protocol://…` with a protocol in small letters; everything else is a path."""
    return _ADDRESS.match(text) is not None


def fault(text: str) -> str | None:
    """What is wrong with an address, without a word of it; None when it may be used, and for a path.

    A name with a password, and a query (what a signed address ends in), are refused because an address stands in
    messages and results; credentials come by the environment. `?` as a wildcard is no query.
    """
    if not is_address(text):
        return None
    protocol, rest = text.split("://", 1)
    if protocol in _LOCAL:
        return "a local file is named by its path, not by an address"
    if re.match(r"[^/]*:[^/]*@", rest) or re.search(r"\?[\w-]+=", rest):
        return "an address must not hold credentials; they come by the environment"
    return None


def within(root: str, address: str) -> bool:
    """True when ``address`` lies below the address ``root`` or is it; never when it climbs with `.` or `..`."""
    climbs = any(part in (".", "..") for part in re.split(r"[/\\]", unquote(address)))
    folder = root.rstrip("/").split("/")
    return is_address(root) and not climbs and address.split("/")[: len(folder)] == folder
