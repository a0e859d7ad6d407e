"""Atoms of a release: its exact sizes at the grain that all published figures treat alike, and who stands behind them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kaiji.control.subjects import Subject
from kaiji.control.system import Target
from kaiji.provenance.inventory import Inventory
from kaiji.provenance.summarise import FACETS, NAMELESS, ProvenanceSummary, Quantity
from kaiji.terms import Modality, SourceCategory, Unit

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_KEYS = (*FACETS, "source_id", "owner_id", "confidential")
"""Columns of the inventory that tell atoms apart."""


class Atoms(NamedTuple):
    """The atoms of a release. Exact and confidential.

    ``frame`` has a row for each atom, numbered from 0: the facets, ``source_id``, ``owner`` ("" for a source that is
    not confidential), ``known`` (True where anybody can measure it: a public dataset that is not confidential),
    ``measure`` (a unit) and ``size`` (int64). ``rows`` are the rows of the inventory behind each atom.
    """

    frame: "pd.DataFrame"
    rows: Sequence["np.ndarray[tuple[int], np.dtype[np.int64]]"]

    def of(self, subject: Subject, unit: Unit) -> tuple[int, ...]:
        """Numbers of the atoms of a subject in one measure, ascending."""
        import numpy as np

        frame = self.frame
        chosen = (frame["measure"] == unit.value).to_numpy()
        if subject.modality is not None:
            chosen &= (frame["modality"] == subject.modality.value).to_numpy()
        if subject.facet is not None and subject.kinds is not None:
            column = frame[subject.facet]
            kinds = column.isin([kind for kind in subject.kinds if kind is not None])
            chosen &= (kinds | column.isna() if None in subject.kinds else kinds).to_numpy()
        if subject.sources is not None:
            chosen &= frame["source_id"].isin(subject.sources).to_numpy()
        return tuple(np.flatnonzero(chosen).tolist())

    @property
    def truth(self) -> tuple[int, ...]:
        return tuple(self.frame["size"].tolist())

    @property
    def known(self) -> frozenset[int]:
        """Atoms that every attacker knows."""
        import numpy as np

        return frozenset(np.flatnonzero(self.frame["known"].to_numpy()).tolist())

    def owned_by(self, owner: str) -> frozenset[int]:
        """Atoms of a confidential owner."""
        import numpy as np

        return frozenset(np.flatnonzero((self.frame["owner"] == owner).to_numpy()).tolist())


def measures(summary: ProvenanceSummary) -> Mapping[Modality, tuple[Unit, ...]]:
    """The measures in which figures of a modality are published: that of its total, and bytes where modalities are
    compared."""
    across = any(facet.modality is None for facet in summary.facets)
    found: dict[Modality, tuple[Unit, ...]] = {}
    for modality, total in summary.totals.items():
        own = (total.unit,) if isinstance(total, Quantity) else ()
        found[modality] = own if not across or Unit.BYTES in own else (*own, Unit.BYTES)
    return found


def atoms(inventory: Inventory, summary: ProvenanceSummary) -> Atoms:
    """The atoms of what counts as training data in ``inventory``, in the measures that are published."""
    import numpy as np
    import pandas as pd

    training = inventory.frame["in_training"].to_numpy()
    positions = np.flatnonzero(training)
    frame = inventory.frame[training]
    tables: list[pd.DataFrame] = []
    rows: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []
    for modality, units in measures(summary).items():
        own = (frame["modality"] == modality.value).to_numpy()
        for unit in units:
            kept = own & frame[unit.value].notna().to_numpy()
            grouped = frame[kept].groupby(list(_KEYS), dropna=False, observed=True, sort=True)
            sizes = grouped[unit.value].sum().astype("int64").rename("size").reset_index()
            tables.append(sizes.assign(measure=unit.value))
            order = np.argsort(grouped.ngroup().to_numpy(), kind="stable")
            rows += np.split(positions[kept][order], np.cumsum(grouped.size().to_numpy())[:-1]) if len(sizes) else []
    if not tables:
        return Atoms(pd.DataFrame({name: [] for name in (*FACETS, "source_id", "owner", "known", "measure", "size")}), [])
    found = pd.concat(tables, ignore_index=True)
    secret = found.pop("confidential").astype(bool)
    owner = found.pop("owner_id").fillna(NAMELESS).where(secret, "")
    known = ~secret & (found["category"] == SourceCategory.PUBLIC.value)
    return Atoms(found.assign(owner=owner, known=known), rows)


def targets(of: Atoms, claimed: Sequence[tuple[Subject, Unit]]) -> tuple[Target, ...]:
    """What must be protected: each confidential source, each confidential owner, and each owner in each ``claimed``
    subject; by measure. The same atoms are one target, and nothing at all (0) is none."""
    import numpy as np

    secret = of.frame[of.frame["owner"] != ""]
    found: dict[tuple[int, ...], str] = {}
    for name, keys in (("owner", ["owner", "modality", "measure"]), ("source", ["source_id", "measure"])):
        for key, numbers in _grouped(secret, keys):
            found.setdefault(numbers, f"{name}:{':'.join(key)}")
    for subject, unit in claimed:
        inside = np.zeros(len(of.frame), dtype=bool)
        inside[list(of.of(subject, unit))] = True
        for key, numbers in _grouped(secret[inside[secret.index.to_numpy()]], ["owner"]):
            found.setdefault(numbers, f"owner:{key[0]}:{subject.path}:{unit}")
    sizes = of.frame["size"].to_numpy()
    return tuple(Target(name, numbers) for numbers, name in found.items() if sizes[list(numbers)].any())


def _grouped(frame: "pd.DataFrame", keys: list[str]) -> Iterator[tuple[tuple[str, ...], tuple[int, ...]]]:
    for key, numbers in frame.groupby(keys, dropna=False, observed=True, sort=True).indices.items():
        whole = key if isinstance(key, tuple) else (key,)
        yield tuple(map(str, whole)), tuple(frame.index.to_numpy()[numbers].tolist())
