"""Witness worlds: other releases that must be published in the very same bytes.

A certificate of the audit says that other sizes agree with every published figure. A world takes it at its word: the
inventory with these sizes, which goes the same way through summary, plan, documents and formats. Where one byte
differs, the documents tell more than their figures say. Worlds differ in sizes, or in who the confidential sources
and owners are.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from kaiji.control.atoms import Atoms
from kaiji.errors import StageError
from kaiji.manifest.models import DataSource
from kaiji.provenance.form import FormSizes
from kaiji.provenance.form_sizes import form_sizes
from kaiji.provenance.inventory import Inventory
from kaiji.provenance.summarise import ProvenanceSummary, summarise

Render = Callable[[ProvenanceSummary], Mapping[str, bytes]]
"""Everything that is published of a summary, by path: plan, level, texts and dates stay what they are."""


class Different(NamedTuple):
    """A file that is not the same in a world."""

    world: str
    path: str


def of_sizes(
    summary: ProvenanceSummary, inventory: Inventory, atoms: Atoms, moves: Mapping[int, int]
) -> ProvenanceSummary:
    """The summary of the release with other sizes.

    Args:
        summary: The true one.
        inventory: The true one.
        atoms: Its atoms.
        moves: Change of the size of atoms, by number; no size becomes negative.

    Raises:
        StageError: a size would become negative: the certificate is not one of these atoms.
    """
    import pandas as pd

    frame = inventory.frame.copy()
    sizes = {measure: frame[measure].tolist() for measure in atoms.frame["measure"].unique()}
    for atom, move in sorted(moves.items()):
        column = sizes[atoms.frame["measure"].iloc[atom]]
        left = move
        for row in sorted(atoms.rows[atom].tolist(), key=lambda row: (-column[row], row)):
            taken = max(left, -column[row])
            column[row] += taken
            left -= taken
            if not left:
                break
        if left:
            raise StageError("a certificate takes away more than there is")
    for measure, column in sizes.items():
        frame[measure] = pd.array(column, dtype="Int64")
    crossed = tuple(dict.fromkeys(crossing.facets for crossing in summary.crossings))
    points, other = bool(summary.points), Inventory(frame)
    made = summarise(summary.declarations, summary.sources, other, summary.months, crossed, points=points)
    if summary.form is None:
        return made
    formed = form_sizes(summary.sources, other)
    kept = {name: getattr(formed, name) for name in ("totals", "public", "units")}
    return made.model_copy(update={"form": summary.form.model_copy(update=kept)})


def of_names(summary: ProvenanceSummary) -> ProvenanceSummary:
    """The summary of a release whose confidential sources and owners are others, with the same sizes and kinds."""
    counted = {source.id: source for source in summary.sources}
    ids = {
        id_: f"other-source-{n}" for n, id_ in enumerate(sorted(id_ for id_, s in counted.items() if s.confidential))
    }
    owners = sorted({source.owner.id for source in summary.sources if source.confidential and source.owner})
    sources = tuple(_other(source, ids, owners) for source in summary.sources)
    names = {id_: ids.get(id_, id_) for id_ in counted}
    return summary.model_copy(
        update={
            "sources": sources,
            "in_training": tuple(sorted(names[id_] for id_ in summary.in_training)),
            "observed": tuple(sorted(names[id_] for id_ in summary.observed)),
            "sized": tuple(sorted(names[id_] for id_ in summary.sized)),
            "months": {names[id_]: months for id_, months in summary.months.items()},
            "languages": {names[id_]: tags for id_, tags in summary.languages.items()},
            "form": summary.form and _other_form(summary.form, names),
        }
    )


def _other_form(form: FormSizes, names: Mapping[str, str]) -> FormSizes:
    totals = tuple(
        one.model_copy(update={"dynamic": tuple(sorted(names[id_] for id_ in one.dynamic))}) for one in form.totals
    )
    public = tuple(
        one.model_copy(
            update={"key": names.get(one.key, one.key), "sources": tuple(sorted(names[id_] for id_ in one.sources))}
        )
        for one in form.public
    )
    return form.model_copy(update={"totals": totals, "public": public})


def _other(source: DataSource, ids: Mapping[str, str], owners: list[str]) -> DataSource:
    if not source.confidential:
        return source
    title = source.title.model_copy(update={"ja": f"別の資料 {ids[source.id]}", "en": f"Other title {ids[source.id]}"})
    owner = source.owner
    if owner is not None:
        number = owners.index(owner.id)
        name = owner.name.model_copy(update={"ja": f"別の者 {number}", "en": f"Other owner {number}"})
        owner = owner.model_copy(update={"id": f"other-owner-{number}", "name": name})
    gone = dict.fromkeys(("url", "hub_id", "version"))
    return source.model_copy(update={**gone, "id": ids[source.id], "title": title, "owner": owner})


def different(
    worlds: Iterable[tuple[str, ProvenanceSummary]], render: Render, true: Mapping[str, bytes]
) -> Iterator[Different]:
    """Files of each world that are not byte for byte those of the release, or are there in only one of the two."""
    for name, summary in worlds:
        found = render(summary)
        for path in sorted({*found, *true}):
            if found.get(path) != true.get(path):
                yield Different(name, path)
