"""Facts that are figures: shares of facets, totals of modalities. Each is a statement that control let through."""

from collections.abc import Sequence

from kaiji.control.disclosed import DisclosedFacet, DisclosedTable
from kaiji.control.statements import Statement
from kaiji.regime.blocks import Bar, Chart, Note, Table, WordsBlock
from kaiji.regime.values import (
    Absent,
    Fact,
    FactValue,
    Present,
    View,
    joined,
    literal,
    or_dash,
    paragraph,
    table,
)
from kaiji.terms import (
    Acquisition,
    Basis,
    ItemState,
    Modality,
    RightsBasis,
    SourceCategory,
    Stage,
    Term,
    Words,
)

_VOCABULARIES: dict[str, type[Term]] = {
    "category": SourceCategory,
    "modality": Modality,
    "rights_basis": RightsBasis,
    "acquisition": Acquisition,
    "stage": Stage,
}


def kind_words(view: View, facet: str, kind: str | None) -> Words:
    """Name of a kind of a facet in both languages."""
    if kind is None:
        return view.words("kind.not_known")
    if facet in _VOCABULARIES:
        words = [_VOCABULARIES[facet](part).words for part in kind.split("+")]
        return Words(ja="＋".join(part.ja for part in words), en=" + ".join(part.en for part in words))
    if facet == "language":
        return language_name(kind)
    if facet == "period":
        return _years(view, kind)
    return view.words("kind.other_terms") if kind == "other-terms" else literal(kind)


def _years(view: View, period: str) -> Words:
    """Years of a period (``2024``, ``2019/2024``, ``2019/..``, ``../2024``) in words."""
    first, _, last = period.partition("/")
    key = "year" if not last else "years_to" if first == ".." else "years_from" if last == ".." else "years"
    return view.words(f"kind.{key}", first=first, last=last)


def language_name(tag: str) -> Words:
    """Name of a language in both languages (CLDR), with its tag."""
    from babel import Locale

    names = {tongue: Locale(tongue).languages.get(tag, tag) for tongue in ("ja", "en")}
    return Words(ja=f"{names['ja']}({tag})", en=f"{names['en']} ({tag})")


def ordered(facet: str, rows: Sequence[tuple[str | None, ...]]) -> list[int]:
    """Places of ``rows`` in the order of the vocabulary (else of the code), not known last: an order by size would
    tell sizes."""
    vocabulary = [member.value for member in _VOCABULARIES.get(facet, ())]

    def key(place: int) -> tuple[bool, list[int], str]:
        kind = rows[place][0]
        known = [vocabulary.index(part) for part in (kind or "").split("+") if part in vocabulary]
        return (kind is None, known, kind or "")

    return sorted(range(len(rows)), key=key)


def _kinds_words(view: View, facet: str, kinds: Sequence[str | None]) -> Words:
    names = [kind_words(view, facet, kind) for kind in kinds]
    return names[0] if len(names) == 1 else view.words("kind.merged", kinds=joined(names))


def _facet_blocks(view: View, facet: DisclosedFacet, *, chart: bool) -> tuple[list[WordsBlock], list[str]]:
    """Table of a facet, its chart if wanted, and the notes that a reader of the figures needs."""
    what = facet.modality.words if facet.modality else view.words("text.all_modalities")
    caption = view.words(f"caption.facet_{facet.name}", modality=what, measure=view.words(f"measure.{facet.unit}"))
    if facet.withheld:
        return [paragraph(view.words("text.titled", title=caption, text=view.words("withheld.owner")))], []
    rows: list[tuple[Words, Words]] = []
    used: list[str] = []
    bars: list[Bar[Words]] = []
    for row in (facet.rows[place] for place in ordered(facet.name, [row.kinds for row in facet.rows])):
        label = _kinds_words(view, facet.name, row.kinds)
        if row.statement is None:
            share = view.words("withheld.level")
        else:
            statement = view.statement(row.statement)
            share, used = statement.text, [*used, statement.id]
            bars.append(Bar[Words](label=label, text=share, length=_length(statement)))
        rows.append((label, share))
    made = table(view, "plain", (f"facet_{facet.name}", "share"), rows).model_copy(update={"caption": caption})
    blocks: list[WordsBlock] = [made]
    if chart and len(bars) == len(rows) > 1:
        description = view.words("chart.description", caption=caption)
        blocks.append(Chart[Words](title=caption, description=description, bars=tuple(bars)))
    if any(len(row.kinds) > 1 for row in facet.rows):
        blocks.append(Note[Words](text=view.words("note.merged")))
    return blocks, used


def _table_blocks(view: View, crossed: DisclosedTable) -> tuple[list[WordsBlock], list[str]]:
    """Table of two facets; its rows and columns stand in the order of their own tables."""
    first, second = crossed.facets
    what = {name: view.words(f"column.facet_{name}") for name in crossed.facets}
    caption = view.words(
        "caption.two_facets",
        rows=what[first],
        columns=what[second],
        modality=crossed.modality.words,
        measure=view.words(f"measure.{crossed.unit}"),
    )
    down = ordered(first, crossed.rows)
    across = ordered(second, crossed.columns)
    columns = tuple(_kinds_words(view, second, crossed.columns[place]) for place in across)
    rows, used = [], []
    for place in down:
        ids = [crossed.cells[place][column] for column in across]
        used += [one for one in ids if one]
        cells = [view.statement(one).text if one else view.words("withheld.cell") for one in ids]
        rows.append((_kinds_words(view, first, crossed.rows[place]), *cells))
    blocks: list[WordsBlock] = [Table[Words](caption=caption, columns=(what[first], *columns), rows=tuple(rows))]
    if any(one is None for row in crossed.cells for one in row):
        blocks.append(Note[Words](text=view.words("note.suppressed")))
    return blocks, used


def _length(statement: Statement) -> float:
    """Length of a bar from the published interval: its middle."""
    return float(((statement.low or 0) + (statement.high or 0)) / 2)


def one_basis(parts: Sequence[Basis]) -> Basis:
    return parts[0] if len(set(parts)) == 1 else Basis.DERIVED


def shares(facet_name: str, fact: str, *, chart: bool = False) -> Fact:
    """Share table of a facet within each modality."""

    def value(view: View) -> FactValue:
        found = [f for m in Modality if (f := view.summary.facet(facet_name, m))]
        if not found:
            return _no_figures(view, fact)
        blocks: list[WordsBlock] = []
        statements: list[str] = []
        for facet in found:
            made, used = _facet_blocks(view, facet, chart=chart)
            blocks, statements = [*blocks, *made], [*statements, *used]
            for crossed in view.summary.tables:
                if (crossed.facets[0], crossed.modality) == (facet_name, facet.modality):
                    made, used = _table_blocks(view, crossed)
                    blocks, statements = [*blocks, *made], [*statements, *used]
        if all(facet.withheld for facet in found):
            return Absent(ItemState.WITHHELD, view.words("absent.withheld_owner"))
        if statements:
            blocks.append(Note[Words](text=view.words("note.rounding")))
        return Present(tuple(blocks), one_basis([facet.basis for facet in found]), tuple(statements))

    return value


def _no_figures(view: View, fact: str) -> FactValue:
    """Why there are no figures: no sources at all, figures that are kept back, or sizes that cannot be added."""
    totals = view.summary.totals
    if not totals:
        return Absent(ItemState.UNANSWERED, view.words("absent.no_sources"))
    if any(total.reason == "withheld.owner" for total in totals):
        return Absent(ItemState.WITHHELD, view.words("absent.withheld_owner"))
    sizes = [view.statement(total.statement).high for total in totals if total.statement]
    if any(size != 0 for size in sizes) or any(total.reason == "withheld.level" for total in totals):
        return Absent(ItemState.WITHHELD, view.words("absent.withheld_level"))
    return Absent(ItemState.NOT_KNOWN, view.words("absent.sizes_not_known", fact=view.words(f"fact.{fact}")))


def shares_modality(view: View) -> FactValue:
    facet = view.summary.facet("modality", None)
    if facet is None:
        return Absent(ItemState.NOT_APPLICABLE, view.words("absent.no_modality_shares"))
    blocks, used = _facet_blocks(view, facet, chart=False)
    return Present(tuple(blocks), facet.basis, tuple(used))


def size_totals(view: View) -> FactValue:
    """One banded total per modality, or why there is none."""
    if not view.summary.totals:
        return Absent(ItemState.UNANSWERED, view.words("absent.no_sources"))
    rows, used, bases = [], [], []
    for total in view.summary.totals:
        if total.statement:
            used.append(total.statement)
            bases.append(total.basis or Basis.DERIVED)
            figure = view.statement(total.statement).text
        else:
            figure = view.words(total.reason or "not_known.no_common_measure")
        origin = total.basis.words if total.basis else or_dash(view, None)
        rows.append((total.modality.words, figure, origin))
    block = table(view, "totals", ("modality", "total", "basis"), rows)
    if not used:
        return Absent(ItemState.NOT_KNOWN, view.words("absent.sizes_not_known", fact=view.words("fact.size.totals")))
    return Present((block,), one_basis(bases), tuple(used))


FIGURES: dict[str, Fact] = {
    "scope.stages": shares("stage", "scope.stages"),
    "size.totals": size_totals,
    "content.languages": shares("language", "content.languages"),
    "period.shares": shares("period", "period.shares"),
    "sources.shares": shares("category", "sources.shares", chart=True),
    "sources.shares_modality": shares_modality,
    "rights.licences": shares("licence", "rights.licences"),
    "rights.basis_shares": shares("rights_basis", "rights.basis_shares"),
}
"""Facts by id. An explicit table: adding a fact is adding a line."""

FACET_OF: dict[str, str] = {
    "scope.stages": "stage",
    "content.languages": "language",
    "period.shares": "period",
    "sources.shares": "category",
    "sources.shares_modality": "modality",
    "sources.acquisition": "acquisition",
    "rights.licences": "licence",
    "rights.basis_shares": "rights_basis",
}
"""Facet whose figures a fact tells."""
