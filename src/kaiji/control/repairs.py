"""Repairs: what is made coarser when the ceiling finds a breach, in a fixed order that no size decides.

Of the figures that combine: numbers of data points get a wider band or none, a table of two facets goes, then kinds
are put together, then the rounding unit grows, then the total gets a wider band or none, and at last the facet is
withheld. Each step tells less than the one before, so that the search ends; the first plan that passes is taken, which
keeps as much as that order can keep.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from kaiji.control.plan import AudiencePlanned, FacetPlan, Plan, row_name
from kaiji.terms import Modality

UNITS = (Decimal(1), Decimal(5), Decimal(10), Decimal(20))
"""Rounding units that a share may be widened to, in percent."""
FEWEST = 3
"""Rows that a facet keeps at least when kinds are put together; below that its unit grows."""
KEPT_WHOLE = ("category",)
"""Facets whose kinds are not put together to repair a breach before their unit has grown: a reader needs them most."""


class Repair(NamedTuple):
    """A step that was taken, for every audience."""

    path: str
    """The facet, table or total."""
    step: str
    """`merge`, `unit`, `table`, `band` or `withhold`."""


class Binding(NamedTuple):
    """A published figure that helped a breach: where it stands in the plan."""

    facet: str | None
    """None for a total, and for a table."""
    modality: Modality | None
    kinds: tuple[str | None, ...] = ()
    other_facet: str | None = None
    points: bool = False
    """True for a number of data points."""
    form: str = ""
    """For a size bin or a list of large datasets: its path."""

    def is_at(self, path: str) -> bool:
        """Whether a repair at ``path`` changes this figure."""
        modality = self.modality or "all"
        kind = "points" if self.points else "total"
        facets = "-by-".join(name for name in (self.facet, self.other_facet) if name)
        place = self.form or f"{facets or kind}.{modality}"
        return path == place or path.startswith(f"{place}.")


def repaired(plan: Plan, binding: Sequence[Binding]) -> tuple[Plan, Repair] | None:
    """``plan`` with the first step of the order that it can still take on one of the figures; None when all is taken.

    Args:
        plan: The plan that was audited.
        binding: The figures that combine in one breach, by weight.
    """
    for step in (_points, _table, _merge, _unit, _merge_any, _band, _withhold, _form):
        for figure in binding:
            done = [step(one, figure) for one in plan.audiences]
            repair = next((one[1] for one in done if one), None)
            if repair is None:
                continue
            audiences = [after[0] if after else before for before, after in zip(plan.audiences, done, strict=True)]
            return plan.model_copy(update={"audiences": tuple(audiences)}), repair
    return None


_Step = tuple[AudiencePlanned, Repair] | None


def _points(planned: AudiencePlanned, figure: Binding) -> _Step:
    """Numbers of data points are ranges that nobody needs to be narrow: they go before any share is touched."""
    points = next((one for one in planned.points if one.modality is figure.modality), None) if figure.points else None
    if points is None or points.action == "withhold":
        return None
    wider = points.model_copy(update={"action": "decade"} if points.action == "band" else _FOR_AN_OWNER)
    kept = tuple(wider if one is points else one for one in planned.points)
    return planned.model_copy(update={"points": kept}), Repair(f"points.{figure.modality}", "band")


def _table(planned: AudiencePlanned, figure: Binding) -> _Step:
    """A table goes before anything else: the facets it is made of say most of it."""
    if figure.other_facet is None:
        return None
    left = tuple(
        table
        for table in planned.tables
        if (table.facets, table.modality) != ((figure.facet, figure.other_facet), figure.modality)
    )
    if len(left) == len(planned.tables):
        return None
    path = f"{figure.facet}-by-{figure.other_facet}.{figure.modality}"
    return planned.model_copy(update={"tables": left}), Repair(path, "table")


def _merge(planned: AudiencePlanned, figure: Binding) -> _Step:
    """Put the row together with its neighbour in the fixed order."""
    return None if figure.facet in KEPT_WHOLE else _merge_any(planned, figure)


def _merge_any(planned: AudiencePlanned, figure: Binding) -> _Step:
    facet = _facet(planned, figure)
    if facet is None or len(facet.groups) <= FEWEST:
        return None
    places = [place for place, kinds in enumerate(facet.groups) if set(kinds) & set(figure.kinds)]
    if not places:
        return None
    first = places[0] if places[0] + 1 < len(facet.groups) else places[0] - 1
    both = (*facet.groups[first], *facet.groups[first + 1])
    groups = (*facet.groups[:first], both, *facet.groups[first + 2 :])
    return _with(planned, facet, {"groups": groups}), Repair(f"{_path(facet)}.{row_name(both)}", "merge")


def _unit(planned: AudiencePlanned, figure: Binding) -> _Step:
    facet = _facet(planned, figure)
    if facet is None or facet.unit is None:
        return None
    wider = next((unit for unit in UNITS if unit > facet.unit), None)
    return None if wider is None else (_with(planned, facet, {"unit": wider}), Repair(_path(facet), "unit"))


def _band(planned: AudiencePlanned, figure: Binding) -> _Step:
    """A wider band, then none."""
    if figure.facet is not None or figure.modality is None:
        return None
    total = next((one for one in planned.totals if one.modality is figure.modality), None)
    if total is None or total.action == "withhold":
        return None
    wider = total.model_copy(update={"action": "decade"} if total.action == "band" else _FOR_AN_OWNER)
    totals = tuple(wider if one is total else one for one in planned.totals)
    return planned.model_copy(update={"totals": totals}), Repair(f"total.{figure.modality}", "band")


_FOR_AN_OWNER = {"action": "withhold", "reason": "owner"}


def _withhold(planned: AudiencePlanned, figure: Binding) -> _Step:
    facet = _facet(planned, figure)
    if facet is None:
        return None
    update = {**_FOR_AN_OWNER, "unit": None, "groups": ()}
    tables = tuple(
        table for table in planned.tables if facet.facet not in table.facets or table.modality is not facet.modality
    )
    without = planned.model_copy(update={"tables": tables})
    return _with(without, facet, update), Repair(_path(facet), "withhold")


def _form(planned: AudiencePlanned, figure: Binding) -> _Step:
    """Bins and lists that a law asks for go when nothing else is left to be taken away."""
    if not figure.form or figure.form in planned.unformed:
        return None
    return planned.model_copy(update={"unformed": (*planned.unformed, figure.form)}), Repair(figure.form, "withhold")


def _facet(planned: AudiencePlanned, figure: Binding) -> FacetPlan | None:
    found = planned.facet(figure.facet, figure.modality) if figure.facet and not figure.other_facet else None
    return found if found and found.action == "share" else None


def _path(facet: FacetPlan) -> str:
    return f"{facet.facet}.{facet.modality or 'all'}"


def _with(planned: AudiencePlanned, facet: FacetPlan, update: Mapping[str, object]) -> AudiencePlanned:
    """Tables whose rows were put together go: their suppressed cells were chosen for the rows as they were."""
    changed = facet.model_copy(update=dict(update))
    tables = planned.tables
    if "groups" in update:
        tables = tuple(t for t in tables if facet.facet not in t.facets or t.modality is not facet.modality)
    facets = tuple(changed if one is facet else one for one in planned.facets)
    return planned.model_copy(update={"facets": facets, "tables": tables})
