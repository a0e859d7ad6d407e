"""From the key of an address to its registrable domain, by the URL Standard and the Public Suffix List.

The key comes from :func:`kaiji.scan.sql.authority`. Only keys that SQL cannot read for certain pass through here,
each distinct key once; the suffix rules (with the private section of the list) are joined in SQL.
"""

import re
from collections.abc import Iterable
from importlib import metadata, resources
from typing import NamedTuple

NONE, INVALID, NO_HOST, OPAQUE = "(none)", "(invalid)", "(no-host)", "(opaque)"
IP, SUFFIX, EMPTY_LABEL = "(ip)", "(suffix)", "(empty-label)"

_SPECIAL = {"http:", "https:", "ftp:", "ws:", "wss:", "file:"}
_IPV4 = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+")


class Rule(NamedTuple):
    """Rules of the Public Suffix List that share the name ``suffix`` (punycode, without `*.` and `!`).

    A name without a rule of its own is listed when it ends a longer one.
    """

    suffix: str
    normal: bool
    wildcard: bool
    exception: bool
    longer: bool
    """True when the name of another rule ends with a dot and this one."""


class SuffixList(NamedTuple):
    """The Public Suffix List with its private section."""

    rules: tuple[Rule, ...]
    version: str
    """Version of the package `publicsuffixlist`."""
    date: str
    """Date of the list, YYYY-MM-DD."""

    @property
    def labels(self) -> int:
        """Length of the longest suffix."""
        return max(rule.suffix.count(".") + 1 for rule in self.rules)


_PRIVATE = "// ===BEGIN PRIVATE DOMAINS==="


def suffix_list(*, private: bool = True) -> SuffixList:
    """The list as installed, or without its private section; raises :class:`ValueError` when it names no date."""
    package = "publicsuffixlist"
    text = (resources.files(package) / "public_suffix_list.dat").read_text("utf-8")
    dated = re.search(r"^// VERSION: (\d{4}-\d\d-\d\d)", text, re.MULTILINE)
    if dated is None:
        raise ValueError("the Public Suffix List names no version")
    if not private:
        text = text.partition(_PRIVATE)[0]
    return SuffixList(rules(text.splitlines()), metadata.version(package), dated[1])


def rules(lines: Iterable[str]) -> tuple[Rule, ...]:
    """The rules in the lines of a list, sorted by suffix."""
    flags: dict[str, list[bool]] = {}
    for line in lines:
        rule = line.split(maxsplit=1)[0] if line.strip() else ""
        if not rule or rule.startswith("//"):
            continue
        kind = 2 if rule.startswith("!") else 1 if rule.startswith("*.") else 0
        suffix = rule.removeprefix("!").removeprefix("*.")
        flags.setdefault(_punycode(suffix), [False, False, False])[kind] = True
    shorter = {suffix.split(".", cut)[cut] for suffix in flags for cut in range(1, suffix.count(".") + 1)}
    names = sorted(flags.keys() | shorter)
    found = ((name, *flags.get(name, (False, False, False))) for name in names)
    return tuple(Rule(name, normal, wild, exception, name in shorter) for name, normal, wild, exception in found)


def _punycode(name: str) -> str:
    import can_ada

    hostname: str = can_ada.parse(f"http://{name}/").hostname
    return hostname


def host_of(url: str) -> tuple[str | None, str | None]:
    """(host, None) or (None, bucket) of ``url``, which may end right after its authority.

    The host is in punycode and lower case, without a trailing dot. Buckets as in
    :func:`kaiji.scan.merge.of_domains`; ``(suffix)`` is not among them, because that takes the rules.
    """
    import can_ada

    try:
        parsed = can_ada.parse(url)
    except ValueError:
        return None, INVALID
    host: str = parsed.hostname
    if not host:
        return None, NO_HOST
    if host.startswith("["):
        return None, IP
    if parsed.protocol not in _SPECIAL:
        return None, OPAQUE
    if _IPV4.fullmatch(host):
        return None, IP
    host = host.removesuffix(".")
    if "" in host.split("."):
        return None, EMPTY_LABEL
    return host, None
