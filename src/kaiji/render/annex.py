"""Annexes: lists that are too long for a document, as CSV files beside it."""

import csv
import io
from collections.abc import Sequence

COLUMNS = ("domain", "unicode")
"""Columns of the list of domain names: in punycode, and as people write it."""


def domains_csv(names: Sequence[str]) -> bytes:
    """The list of crawled domain names in its order, the largest first; UTF-8, a head line, LF."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((name, in_unicode(name)) for name in names)
    return text.getvalue().encode()


def in_unicode(name: str) -> str:
    """A domain name with its punycode labels decoded; a label that is none stays as it is."""
    return ".".join(_decoded(label) for label in name.split("."))


def _decoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label
