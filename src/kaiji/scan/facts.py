"""What was found in a shard, or in several, as exact numbers."""

from typing import NamedTuple


class Facts(NamedTuple):
    """What was found in a shard (or in several, added up), exact."""

    documents: int = 0
    bytes: int = 0
    """Sum; 0 where no size is mapped."""
    tokens: int = 0
    with_bytes: int = 0
    """Rows that have a size in bytes."""
    with_tokens: int = 0
    languages: int = 0
    """Groups of rows with a language; 0 means that no row has one. So for licences, months and addresses."""
    licences: int = 0
    months: int = 0
    addresses: int = 0
    no_dates: int = 0
    """Rows whose date is no date."""

    def plus(self, other: "Facts") -> "Facts":
        return Facts(*(a + b for a, b in zip(self, other, strict=True)))

    def values(self, role: str) -> int:
        """0 when no row holds a value in the role's column."""
        return {
            "url": self.addresses,
            "text": self.with_bytes,
            "bytes": self.with_bytes,
            "tokens": self.with_tokens,
            "language": self.languages,
            "licence": self.licences,
            "date": self.months,
        }[role]
