"""Facts about how the figures were made: the level, the method note, the commitments to the inputs."""

from decimal import Decimal

from kaiji.control.statements import BAND_FLOOR, COUNT_EDGES, count_band
from kaiji.regime.blocks import Note
from kaiji.regime.values import (
    Absent,
    Fact,
    FactValue,
    Present,
    View,
    joined,
    literal,
    paragraph,
    table,
)
from kaiji.terms import (
    Basis,
    ItemState,
    Words,
)


def doc_level(view: View) -> FactValue:
    summary = view.summary
    title = view.words("text.level", level=summary.level_title)
    return Present((paragraph(title), paragraph(summary.level_description)), Basis.DERIVED)


def manifest_digest(view: View) -> FactValue:
    method = view.summary.method
    if method is None:
        return Absent(ItemState.WITHHELD, view.words("withheld.regulator_only"))
    rows = [(view.words(f"commitment.{name}"), literal(value)) for name, value in method.commitments.items()]
    block = table(view, "commitments", ("inputs", "commitment"), rows)
    return Present((block, Note[Words](text=view.words("note.commitments"))), Basis.DERIVED)


def _rounding(view: View) -> Words:
    units = view.summary.share_units
    if not units:
        return view.words("method.no_shares")
    told = [
        view.words("method.rounding_value", unit=unit, rest=format((100 - Decimal(unit)).normalize(), "f"))
        for unit in units
    ]
    return Words(ja="".join(words.ja for words in told), en=" ".join(words.en for words in told))


def _bands(view: View) -> Words:
    bands = [count_band("method", edge - 1).text for edge in COUNT_EDGES] + [count_band("method", COUNT_EDGES[-1]).text]
    return view.words("method.bands_value", floor=f"{BAND_FLOOR:,}", counts=joined(bands))


def doc_method(view: View) -> FactValue:
    """How the figures were made: engine, list date, tolerance, rounding, level, what is counted."""
    method, summary = view.summary.method, view.summary
    if method is None:
        return Absent(ItemState.WITHHELD, view.words("withheld.regulator_only"))
    rows = [
        (view.words("method.kaiji"), literal(method.kaiji)),
        (view.words("method.engine"), literal(method.engine) if method.engine else view.words("method.no_scan")),
        (view.words("method.psl"), view.words("method.psl_value", version=method.psl_version, date=method.psl_date)),
        *((view.words("method.tokenizer"), literal(tokenizer)) for tokenizer in method.tokenizers),
        (view.words("method.tolerance"), literal(method.tolerance)),
        (view.words("method.rounding"), _rounding(view)),
        (view.words("method.bands"), _bands(view)),
        (view.words("method.counting"), view.words("method.counting_value")),
        (view.words("method.level"), summary.level_title),
    ]
    block = table(view, "method", ("particular", "value"), rows)
    return Present((block,), Basis.DERIVED)


METHOD: dict[str, Fact] = {
    "doc.level": doc_level,
    "doc.manifest_digest": manifest_digest,
    "doc.method": doc_method,
}
"""Facts by id. An explicit table: adding a fact is adding a line."""
