"""Numbers of data points by category, as bands (`size.data_points`; Cal. Civ. Code 3111(a)(3) allows general ranges).

Rows are those of the category facet of the same modality, so that a category which is put together with another for the
sake of an owner is so here too. Where there are no such rows, only categories without a confidential source get a band.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kaiji.control import statements
from kaiji.control.disclosed import DataPoints
from kaiji.control.plan import AudiencePlanned, Kinds, PointsPlan, row_name
from kaiji.control.subjects import Subject
from kaiji.errors import StageError
from kaiji.manifest.models import DataSource
from kaiji.provenance.summarise import Points, ProvenanceSummary

if TYPE_CHECKING:
    from kaiji.control.disclose import Door


def data_points(summary: ProvenanceSummary, planned: AudiencePlanned, door: "Door") -> tuple[DataPoints, ...]:
    """What an audience may see of the numbers of data points, by modality: training data first, then what is used for
    validation or testing only."""
    found: list[DataPoints] = []
    for points in summary.points:
        plan = next((one for one in planned.points if one.modality is points.modality), None)
        if plan is None:
            raise StageError("the plan says nothing of a number of data points: it was drawn for other data")
        found += _rows(points, plan, summary, planned, door)
    return tuple(found)


def _rows(
    points: Points, plan: PointsPlan, summary: ProvenanceSummary, planned: AudiencePlanned, door: "Door"
) -> Iterator[DataPoints]:
    parts = {part.kind: part for part in points.parts}
    facet = planned.facet("category", points.modality) if points.training else None
    grouped = bool(facet and facet.action != "withhold")
    groups = facet.groups if facet and grouped else _each(points)
    for kinds in groups:
        path = f"{'points' if points.training else 'evaluation_points'}.{points.modality}.{row_name(kinds)}.total"
        sources = _sources(summary, points, kinds)
        reason = None
        if plan.action == "withhold":
            reason = f"withheld.{plan.reason}"
        elif set(kinds) - parts.keys():
            reason = "not_known.data_points"
        elif not grouped and any(source.confidential for source in sources):  # whatever its size
            reason = "withheld.owner"
        same = {
            "modality": points.modality,
            "training": points.training,
            "kinds": kinds,
            "unit": points.unit,
            "dynamic": _dynamic(sources, points, planned),
        }
        if reason:
            if reason.startswith("withheld"):
                door.decide(path, "withhold", f"data points: {plan.action}", reason)
            yield DataPoints.model_validate({**same, "statement": None, "reason": reason})
            continue
        size = sum(parts[kind].size for kind in kinds)
        band = statements.total_band(path, size, points.unit, decade=plan.action == "decade")
        door.publish(band, "band", f"data points: {plan.action}", f"{size} {points.unit}")
        if points.training:  # the others hold nothing of a confidential source, so they tell nothing of one
            subject = Subject(modality=points.modality, facet="category", kinds=kinds)
            door.claim(band, subject, None, points.unit)
        yield DataPoints.model_validate({**same, "statement": band.id, "basis": points.basis})


def _each(points: Points) -> tuple[Kinds, ...]:
    return tuple((kind,) for kind in (*(part.kind for part in points.parts), *points.unknown))


def _sources(summary: ProvenanceSummary, points: Points, kinds: Kinds) -> list[DataSource]:
    counted = set(summary.in_training)
    return [
        source
        for source in summary.sources
        if source.modality is points.modality
        and (source.id in counted) is points.training
        and source.category.value in kinds
    ]


def _dynamic(sources: Sequence[DataSource], points: Points, planned: AudiencePlanned) -> bool:
    """Whether collection goes on; of confidential sources only where their period may be told."""
    prefix = "category" if points.training else "evaluation"
    return any(
        source.collected is not None
        and source.collected.ongoing
        and not (source.confidential and f"{prefix}.{source.category}.period" in planned.untold)
        for source in sources
    )
