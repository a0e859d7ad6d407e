"""Blocks: the pieces a document is made of. Renderers know these and nothing else of a regime.

Every block is generic in its text: ``Words`` while a fact is laid out, ``str`` once a document has a language.
"""

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from kaiji.terms import Language, Words

T = TypeVar("T", Words, str)


class _Block(BaseModel, Generic[T]):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Paragraph(_Block[T], Generic[T]):
    """Running text."""

    type: Literal["paragraph"] = "paragraph"
    text: T


class YesNo(_Block[T], Generic[T]):
    """A question with a closed answer; `unknown` is an answer."""

    type: Literal["yes_no"] = "yes_no"
    label: T
    value: Literal["yes", "no", "unknown"]
    text: T = Field(description="The answer in words.")


class ItemList(_Block[T], Generic[T]):
    """A list; its order says nothing unless the caption says so."""

    type: Literal["list"] = "list"
    caption: T | None = None
    items: tuple[T, ...]


class Table(_Block[T], Generic[T]):
    """A table; the first cell of a row is its header."""

    type: Literal["table"] = "table"
    caption: T
    columns: tuple[T, ...]
    rows: tuple[tuple[T, ...], ...]


class Bar(_Block[T], Generic[T]):
    """A bar of a chart. Its length is drawn from the published text, never from the exact value."""

    label: T
    text: T
    length: float = Field(ge=0, le=100, description="Published value in percent; half a unit for `<1 %`.")


class Chart(_Block[T], Generic[T]):
    """Horizontal bars. The same figures always stand in a table beside it."""

    type: Literal["chart"] = "chart"
    title: T
    description: T = Field(description="What the chart shows, for those who cannot see it.")
    bars: tuple[Bar[T], ...]


class Note(_Block[T], Generic[T]):
    """A remark: a reservation, a source, a limit."""

    type: Literal["note"] = "note"
    text: T


Block = Annotated[Paragraph[T] | YesNo[T] | ItemList[T] | Table[T] | Chart[T] | Note[T], Field(discriminator="type")]
WordsBlock = Annotated[
    Paragraph[Words] | YesNo[Words] | ItemList[Words] | Table[Words] | Chart[Words] | Note[Words],
    Field(discriminator="type"),
]
TextBlock = Annotated[
    Paragraph[str] | YesNo[str] | ItemList[str] | Table[str] | Chart[str] | Note[str],
    Field(discriminator="type"),
]

_IN_TEXT: dict[str, type[BaseModel]] = {
    "paragraph": Paragraph[str],
    "yes_no": YesNo[str],
    "list": ItemList[str],
    "table": Table[str],
    "chart": Chart[str],
    "note": Note[str],
}


def in_language(block: WordsBlock, language: Language) -> TextBlock:
    """``block`` with every text in ``language``."""
    plain: TextBlock = _IN_TEXT[block.type].model_validate(_localise(block, language))  # type: ignore[assignment]
    return plain


def _localise(value: object, language: Language) -> object:
    if isinstance(value, Words):
        return value[language]
    if isinstance(value, BaseModel):
        return {name: _localise(getattr(value, name), language) for name in type(value).model_fields}
    if isinstance(value, tuple):
        return tuple(_localise(member, language) for member in value)
    return value
