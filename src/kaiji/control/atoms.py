"""Atoms of a release: exact sizes at the grain that all published figures treat alike, and who stands behind them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kaiji.control.subjects import Subject
from kaiji.control.system import Target
from kaiji.provenance.form import FormSizes
from kaiji.provenance.inventory import MEASURES, Inventory
from kaiji.provenance.summarise import FACETS, NAMELESS, ProvenanceSummary, Quantity
from kaiji.terms import Modality, SourceCategory, Unit

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_KEYS = (*FACETS, "source_id", "owner_id", "confidential")
"""Columns of the inventory that tell atoms apart."""
_SAME = ("source_id", "measure", "modality", "language", "licence", "period", "size")
"""What two releases must have in common for a size to be one and the same unknown in both. Other facets are told of a
source and may be told anew: a source that was put into another category did not change its size."""


class Atoms(NamedTuple):
    """The atoms of a release, and of earlier ones where they are not the same. Exact and confidential.

    ``frame`` has a row for each atom of the release at hand, numbered from 0: the facets, ``source_id``, ``owner`` (""
    for a source that is not confidential), ``holder`` (owner of any source), ``known`` (True where anybody can measure
    it: a public dataset that is not confidential), ``measure`` (a unit) and ``size`` (int64). ``earlier`` has such a
    frame for each earlier release, whose index is the number of the atom. ``rows`` are the rows of the inventory behind
    each atom of the release at hand.
    """

    frame: "pd.DataFrame"
    rows: Sequence["np.ndarray[tuple[int], np.dtype[np.int64]]"]
    earlier: Mapping[str, "pd.DataFrame"] = {}

    def of(self, subject: Subject, unit: Unit) -> tuple[int, ...]:
        """Numbers of the atoms of a subject in one measure, ascending.

        Raises:
            KeyError: a release that is not among the earlier ones.
        """
        frame = self.frame if subject.release is None else self.earlier[subject.release]
        chosen = (frame["measure"] == unit.value).to_numpy(copy=True)
        if subject.modality is not None:
            chosen &= (frame["modality"] == subject.modality.value).to_numpy()
        for facet, kinds in ((subject.facet, subject.kinds), (subject.other_facet, subject.other_kinds)):
            if facet is not None and kinds is not None:
                column = frame[facet]
                inside = column.isin([kind for kind in kinds if kind is not None])
                chosen &= (inside | column.isna() if None in kinds else inside).to_numpy()
        if subject.sources is not None:
            chosen &= frame["source_id"].isin(subject.sources).to_numpy()
        return tuple(sorted(frame.index.to_numpy()[chosen].tolist()))

    @property
    def frames(self) -> tuple["pd.DataFrame", ...]:
        return (self.frame, *self.earlier.values())

    @property
    def truth(self) -> tuple[int, ...]:
        """True size of every atom."""
        sizes: dict[int, int] = {}
        for frame in self.frames:
            sizes |= dict(zip(frame.index.tolist(), frame["size"].tolist(), strict=True))
        return tuple(sizes[atom] for atom in range(len(sizes)))

    @property
    def known(self) -> frozenset[int]:
        """Atoms that every attacker knows."""
        return frozenset(atom for frame in self.frames for atom in frame.index[frame["known"].to_numpy()].tolist())

    def held_by(self) -> Mapping[str, frozenset[int]]:
        """Atoms by who holds them, confidential or not; those of nobody are left out."""
        found: dict[str, set[int]] = {}
        for frame in self.frames:
            for holder, numbers in frame.groupby("holder", dropna=False, observed=True, sort=True).indices.items():
                if holder:
                    found.setdefault(str(holder), set()).update(frame.index.to_numpy()[numbers].tolist())
        return {holder: frozenset(found[holder]) for holder in sorted(found)}


def measures(summary: ProvenanceSummary) -> Mapping[Modality, tuple[Unit, ...]]:
    """The measures in which figures of a modality are published: that of its total, bytes where modalities are
    compared, that of its data points, and that of its bin and its public datasets in the EU form."""
    across = any(facet.modality is None for facet in summary.facets)
    found: dict[Modality, tuple[Unit, ...]] = {}
    for modality, total in summary.totals.items():
        own = (total.unit,) if isinstance(total, Quantity) else ()
        counted = tuple(one.unit for one in summary.points if one.training and one.modality is modality)
        formed = _of_form(summary.form, modality) if summary.form else ()
        found[modality] = tuple(dict.fromkeys((*own, *((Unit.BYTES,) if across else ()), *counted, *formed)))
    return found


def _of_form(form: FormSizes, modality: Modality) -> tuple[Unit, ...]:
    binned = tuple(one.unit for one in form.totals if one.modality is modality and one.size is not None)
    public = form.units.get(modality)
    return (*binned, public) if public else binned


def atoms(inventory: Inventory, summary: ProvenanceSummary, *, others: bool = False) -> Atoms:
    """The atoms of what counts as training data in ``inventory``, in the measures that are published.

    With ``others`` in every other measure besides, for what was said elsewhere; of a source whose size in it is not
    known, nothing can be concluded.
    """
    import numpy as np
    import pandas as pd

    training = inventory.frame["in_training"].to_numpy()
    positions = np.flatnonzero(training)
    frame = inventory.frame[training]
    tables: list[pd.DataFrame] = []
    rows: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []
    for modality, units in measures(summary).items():
        own = (frame["modality"] == modality.value).to_numpy()
        more = [unit for name in MEASURES if others and (unit := Unit(name)) not in units]
        for unit in (*units, *more):
            kept = own & frame[unit.value].notna().to_numpy()
            if not kept.any():
                continue
            grouped = frame[kept].groupby(list(_KEYS), dropna=False, observed=True, sort=True)
            sizes = grouped[unit.value].sum().astype("int64").rename("size").reset_index()
            tables.append(sizes.assign(measure=unit.value))
            order = np.argsort(grouped.ngroup().to_numpy(), kind="stable")
            rows += np.split(positions[kept][order], np.cumsum(grouped.size().to_numpy())[:-1])
    if not tables:
        names = (*FACETS, "source_id", "owner", "holder", "known", "measure", "size")
        return Atoms(pd.DataFrame({name: [] for name in names}).astype({"known": bool, "size": "int64"}), [])
    found = pd.concat(tables, ignore_index=True)
    secret = found.pop("confidential").astype(bool)
    holder = found.pop("owner_id").astype(object)
    holder = holder.where(holder.notna(), np.where(secret, NAMELESS, ""))
    known = ~secret & (found["category"] == SourceCategory.PUBLIC.value)
    return Atoms(found.assign(owner=holder.where(secret, ""), holder=holder, known=known), rows)


def joined(now: Atoms, earlier: Mapping[str, "pd.DataFrame"]) -> Atoms:
    """The atoms of a release together with those of earlier ones, where each size that did not change is one atom.

    Args:
        now: The release at hand.
        earlier: Rows as in :attr:`Atoms.frame` by id of the release.
    """
    numbers: dict[tuple[object, ...], int] = {}
    for key in _identities(now.frame):
        numbers[key] = len(numbers)
    numbered = {}
    for release, frame in earlier.items():
        places = [numbers.setdefault(key, len(numbers)) for key in _identities(frame)]
        with_holder = frame if "holder" in frame else frame.assign(holder=frame["owner"])
        numbered[release] = with_holder.set_axis(places, axis=0)
    return now._replace(earlier=numbered)


def _identities(frame: "pd.DataFrame") -> Iterator[tuple[object, ...]]:
    """What each row is told apart by; rows of one release are never the same, whatever they look like."""
    columns = [frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in _SAME]
    seen: dict[tuple[object, ...], int] = {}
    for key in zip(*columns, strict=True):
        seen[key] = seen.get(key, 0) + 1
        yield (*key, seen[key])


def targets(of: Atoms, claimed: Iterable[tuple[Subject, Unit]]) -> tuple[Target, ...]:
    """What must be protected: each confidential source, each confidential owner, and each owner in each ``claimed``
    subject; by measure. The same atoms are one target. That somebody has nothing at all (0) in a subject is no target,
    but that he has nothing in any is: an exact zero tells as much as any exact size."""
    import numpy as np

    found: dict[tuple[int, ...], str] = {}
    for release, frame in ((None, of.frame), *of.earlier.items()):
        secret = frame[(frame["owner"] != "").to_numpy()]
        tail = f":{release}" if release else ""
        for name, keys in (("owner", ["owner", "modality", "measure"]), ("source", ["source_id", "measure"])):
            for key, numbers in _grouped(secret, keys):
                found.setdefault(numbers, f"{name}:{':'.join(key)}{tail}")
    truth = np.array(of.truth, dtype=np.int64)
    whole = set(found)
    for subject, unit in claimed:
        frame = of.frame if subject.release is None else of.earlier[subject.release]
        inside = frame.index.isin(of.of(subject, unit)) & (frame["owner"] != "").to_numpy()
        for key, numbers in _grouped(frame[inside], ["owner"]):
            found.setdefault(numbers, f"owner:{key[0]}:{subject.path}:{unit}")
    return tuple(
        Target(name, numbers) for numbers, name in found.items() if numbers in whole or truth[list(numbers)].any()
    )


def _grouped(frame: "pd.DataFrame", keys: list[str]) -> Iterator[tuple[tuple[str, ...], tuple[int, ...]]]:
    for key, numbers in frame.groupby(keys, dropna=False, observed=True, sort=True).indices.items():
        whole = key if isinstance(key, tuple) else (key,)
        yield tuple(map(str, whole)), tuple(sorted(frame.index.to_numpy()[numbers].tolist()))
