"""Facts about the document itself: its gaps, its counts, and comply or explain per principle and item."""

from collections.abc import Sequence

from kaiji.regime.filled import ORIGINS, FilledItem, count_origins
from kaiji.regime.model import Regime
from kaiji.regime.values import FactValue, Present, View, literal, paragraph, table
from kaiji.terms import Basis, ComplianceStatus, Words


def of_items(view: View, regime: Regime, items: Sequence[FilledItem]) -> dict[str, FactValue]:
    """Values of the facts that are computed from the filled ``items``."""
    return {
        "doc.gaps": _gaps(view, items),
        "doc.counts": _counts(view, items),
        "acceptance.status": _principles(view, regime, items),
        "acceptance.items": _statuses(view, items),
    }


def _label(view: View, item: FilledItem) -> Words:
    label = view.words(f"item.{item.spec.id}.label")
    return Words(ja=f"{item.spec.id} {label.ja}", en=f"{item.spec.id} {label.en}")


def _gaps(view: View, items: Sequence[FilledItem]) -> FactValue:
    rows = [(_label(view, item), item.text) for item in items if item.origin == "missing"]
    if not rows:
        return Present((paragraph(view.words("text.no_gaps")),), Basis.DERIVED, truth=False)
    return Present((table(view, "gaps", ("item", "gap"), rows),), Basis.DERIVED)


def _counts(view: View, items: Sequence[FilledItem]) -> FactValue:
    rows = [(view.words(f"origin.{name}"), literal(str(count_origins(list(items))[name]))) for name in ORIGINS]
    return Present((table(view, "origins", ("origin", "items"), rows),), Basis.DERIVED)


def principle_status(items: Sequence[FilledItem]) -> ComplianceStatus | None:
    """Status of a principle from its items; None when no item says anything either way.

    Every applicable item complied with: implemented. Some, or parts of some: partly. None: explained, when every
    item that is not complied with has its reason. An item without an answer never counts as complied with, and
    one that holds nothing but the regime's own text counts neither way.
    """
    applicable = [item for item in items if item.status is not ComplianceStatus.NOT_APPLICABLE]
    applicable = [item for item in applicable if item.origin not in ("optional", "fixed")]
    if not applicable:
        return None if any(item.origin == "optional" for item in items) else ComplianceStatus.NOT_APPLICABLE
    statuses = {item.status for item in applicable}
    if statuses == {ComplianceStatus.COMPLY}:
        return ComplianceStatus.COMPLY
    if statuses & {ComplianceStatus.COMPLY, ComplianceStatus.PARTLY}:
        return ComplianceStatus.PARTLY
    return ComplianceStatus.EXPLAIN if statuses == {ComplianceStatus.EXPLAIN} else None


def _principles(view: View, regime: Regime, items: Sequence[FilledItem]) -> FactValue:
    rows = []
    for number in regime.spec.principles:
        own = [item for item in items if item.spec.principle == number]
        status = principle_status(own)
        explained = [item for item in own if item.status in (ComplianceStatus.PARTLY, ComplianceStatus.EXPLAIN)]
        open_ = [item for item in own if item.origin == "missing"]
        rows.append(
            (
                view.words("text.principle", number=str(number)),
                status.words if status else view.words("text.status_not_said"),
                _ids(view, explained),
                _ids(view, open_),
            )
        )
    columns = ("principle", "status", "explained_items", "open_items")
    return Present((table(view, "principles", columns, rows),), Basis.DERIVED)


def _ids(view: View, items: Sequence[FilledItem]) -> Words:
    return literal(", ".join(item.spec.id for item in items)) if items else view.words("text.none")


def _statuses(view: View, items: Sequence[FilledItem]) -> FactValue:
    rows = [
        (
            _label(view, item),
            item.status.words if item.status else view.words("text.status_not_said"),
            item.reason or view.words("text.dash"),
        )
        for item in items
        if item.spec.principle is not None and item.origin not in ("optional", "fixed")
    ]
    return Present((table(view, "statuses", ("item", "status", "reason"), rows),), Basis.DERIVED)
