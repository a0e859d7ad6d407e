"""What a fact is worth: present with blocks, or absent with a state and a reason. Never None, never blank."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from kaiji.control.disclosed import DisclosedSummary
from kaiji.control.statements import Statement
from kaiji.regime.blocks import ItemList, Paragraph, Table, WordsBlock
from kaiji.regime.wording import Wording
from kaiji.terms import Basis, ItemState, Words


class Present(NamedTuple):
    """A fact with a value."""

    blocks: tuple[WordsBlock, ...]
    basis: Basis
    statements: tuple[str, ...] = ()
    """Ids of the figures that the blocks print."""
    truth: bool = True
    """False when the value is a "no" or an empty list: it is an answer, but nothing of the kind is used."""


class Absent(NamedTuple):
    """A fact without a value."""

    state: ItemState
    """`unanswered` when a person has not said it, `not_known`, `withheld` or `not_applicable`."""
    reason: Words


FactValue = Present | Absent


class View(NamedTuple):
    """What a fact is computed from: the disclosed summary and the wording. Nothing exact is in reach."""

    summary: DisclosedSummary
    wording: Wording
    regime: str
    parameters: Mapping[str, Decimal] = MappingProxyType({})
    """Numbers of the regime's rules on the date of the documents."""

    def words(self, key: str, **values: Words | str) -> Words:
        return self.wording.words(key, **values)

    def statement(self, statement_id: str) -> Statement:
        return self.summary.statements[statement_id]


Fact = Callable[[View], FactValue]


def missing(view: View, fact: str) -> Absent:
    """A person has not declared the fact."""
    return Absent(ItemState.UNANSWERED, view.words("absent.not_declared", fact=view.words(f"fact.{fact}")))


def literal(value: str) -> Words:
    """A text that is the same in both languages: a name, a version, an address."""
    return Words(ja=value, en=value)


def paragraph(words: Words) -> Paragraph[Words]:
    return Paragraph[Words](text=words)


def table(view: View, caption: str, columns: Sequence[str], rows: Sequence[Sequence[Words]]) -> Table[Words]:
    """A table with its caption and columns by wording key (``caption.…``, ``column.…``)."""
    return Table[Words](
        caption=view.words(f"caption.{caption}"),
        columns=tuple(view.words(f"column.{name}") for name in columns),
        rows=tuple(tuple(row) for row in rows),
    )


def bullets(view: View, caption: str | None, items: Sequence[Words]) -> ItemList[Words]:
    return ItemList[Words](caption=view.words(f"caption.{caption}") if caption else None, items=tuple(items))


def or_dash(view: View, value: Words | str | None) -> Words:
    """``value``, or the words for "not stated": a cell is never blank."""
    if value is None:
        return view.words("text.not_stated")
    return literal(value) if isinstance(value, str) else value


def day(value: date) -> Words:
    """A day as it is written in each language: 2026年11月22日, 22 November 2026."""
    from babel.dates import format_date

    return Words(ja=format_date(value, "long", locale="ja_JP"), en=format_date(value, "long", locale="en_GB"))


def joined(parts: Sequence[Words]) -> Words:
    """An enumeration in both languages."""
    return Words(ja="、".join(part.ja for part in parts), en=", ".join(part.en for part in parts))
