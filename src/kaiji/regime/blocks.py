"""Blocks: the pieces a document is made of. Renderers know these and nothing else of a regime.

Every block is generic in its text: ``Words`` while a fact is laid out, ``str`` once a document has a language.
"""

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from kaiji.terms import Language, Words

T = TypeVar("T", Words, str)


class _Block(BaseModel, Generic[T]):
    """A piece of a document."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Paragraph(_Block[T], Generic[T]):
    """Running text."""

    type: Literal["paragraph"] = Field("paragraph", description="Kind of block.")
    text: T = Field(description="The text; line feeds part lines.")


class YesNo(_Block[T], Generic[T]):
    """A question with a closed answer; `unknown` is an answer."""

    type: Literal["yes_no"] = Field("yes_no", description="Kind of block.")
    label: T = Field(description="The question.")
    value: Literal["yes", "no", "unknown"] = Field(description="The answer, closed.")
    text: T = Field(description="The answer in words.")


class ItemList(_Block[T], Generic[T]):
    """A list; its order says nothing unless the caption says so."""

    type: Literal["list"] = Field("list", description="Kind of block.")
    caption: T | None = Field(None, description="What the list holds; null for none.")
    items: tuple[T, ...] = Field(description="The entries.")


class Table(_Block[T], Generic[T]):
    """A table; the first cell of a row is its header."""

    type: Literal["table"] = Field("table", description="Kind of block.")
    caption: T = Field(description="What the table shows.")
    columns: tuple[T, ...] = Field(description="Heads of the columns.")
    rows: tuple[tuple[T, ...], ...] = Field(
        description="Rows of as many cells as there are columns; the first cell is the head of its row."
    )


class Bar(_Block[T], Generic[T]):
    """A bar of a chart. Its length is drawn from the published text, never from the exact value."""

    label: T = Field(description="What the bar stands for.")
    text: T = Field(description="The figure as printed.")
    length: float = Field(ge=0, le=100, description="Published value in percent; half a unit for `<1 %`.")


class Chart(_Block[T], Generic[T]):
    """Horizontal bars. The same figures always stand in a table beside it."""

    type: Literal["chart"] = Field("chart", description="Kind of block.")
    title: T = Field(description="What the chart shows.")
    description: T = Field(description="What the chart shows, for those who cannot see it.")
    bars: tuple[Bar[T], ...] = Field(description="The bars, in the order of the table.")


class Note(_Block[T], Generic[T]):
    """A remark: a reservation, a source, a limit."""

    type: Literal["note"] = Field("note", description="Kind of block.")
    text: T = Field(description="The remark.")


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
