"""A plan as a file: written by one release, and pinned by those that follow."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from kaiji.control.plan import AudiencePlanned, FacetPlan, Plan
from kaiji.errors import ManifestError
from kaiji.findings import Finding, Place
from kaiji.manifest import input_files, yaml_source
from kaiji.manifest.messages import findings, schema_of
from kaiji.manifest.yaml_source import KeyPath
from kaiji.provenance.summarise import FACETS
from kaiji.terms import Audience

_FINEST = Decimal("0.01")


class PlanFile(Plan):
    """A plan with the kind and version of its file."""

    schema_: Literal["kaiji/plan/v1"] = Field(alias="schema", description="Kind and version of the file.")


def text(plan: Plan) -> bytes:
    """The file of ``plan``, JSON. Confidential: it tells which kinds needed protection."""
    data = {"schema": "kaiji/plan/v1", **plan.model_dump(mode="json")}
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()


def load(path: Path, name: str) -> Plan:
    """The plan in the file at ``path``, JSON or YAML.

    Args:
        path: The file.
        name: What messages call it.

    Raises:
        ManifestError: all that is wrong with the file, each with its line (KJ101 to KJ111).
    """
    document = yaml_source.read(input_files.read(path, name).content, name)
    if document.findings:
        raise ManifestError(document.findings)
    if not isinstance(document.data, dict):
        message = f"the file is not a mapping; it must begin with `schema: {schema_of(PlanFile)}`"
        raise ManifestError([Finding(id="KJ106", message=message, place=Place(file=name, line=1, column=1))])
    try:
        found = PlanFile.model_validate(document.data)
    except ValidationError as error:
        raise ManifestError(tuple(findings(error, document, PlanFile))) from None
    wrong = [
        Finding(id="KJ106", message=message, place=document.place(where)) for where, message in _inconsistent(found)
    ]
    if wrong:
        raise ManifestError(wrong)
    return Plan(level=found.level, audiences=found.audiences)


def _inconsistent(plan: Plan) -> Iterator[tuple[KeyPath, str]]:
    """Place and message of what no plan may say, although each value of it is allowed."""
    audiences = [planned.audience for planned in plan.audiences]
    if sorted(audiences) != sorted(Audience):
        yield ("audiences",), f"must plan for each audience once: {', '.join(Audience)}"
    for number, planned in enumerate(plan.audiences):
        yield from _of_audience(planned, ("audiences", number))


def _of_audience(planned: AudiencePlanned, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    seen: set[object] = set()
    for number, facet in enumerate(planned.facets):
        where = (*path, "facets", number)
        if (facet.facet, facet.modality) in seen:
            yield where, "the facet of this modality is planned twice"
        seen.add((facet.facet, facet.modality))
        yield from ((where, message) for message in _of_facet(facet))
    modalities = [total.modality for total in planned.totals]
    if len(set(modalities)) < len(modalities):
        yield (*path, "totals"), "the total of a modality is planned twice"
    for number, table in enumerate(planned.tables):
        where = (*path, "tables", number)
        if table.facets[0] == table.facets[1] or not set(table.facets) <= set(FACETS):
            yield where, "a table is of two different facets of the summary"
        if not _FINEST <= table.unit <= 100 or 100 % table.unit:
            yield where, f"the unit must divide 100 and be {_FINEST} or more"


def _of_facet(plan: FacetPlan) -> Iterator[str]:
    if plan.facet not in FACETS:
        yield f"there is no such facet; known are {', '.join(FACETS)}"
    if (plan.facet == "modality") != (plan.modality is None):
        yield "the facet modality stands without a modality, and every other facet with one"
    if (plan.action == "share") != (plan.unit is not None):
        yield "a unit belongs to the action share, and only there"
    elif plan.unit is not None and (not _FINEST <= plan.unit <= 100 or 100 % plan.unit):
        yield f"the unit must divide 100 and be {_FINEST} or more"
    kinds = [kind for group in plan.groups for kind in group]
    if len(set(kinds)) < len(kinds) or not all(plan.groups):
        yield "each row needs a kind, and no kind stands in two rows"
