"""However sources and cells are ordered, split or merged, the inventory and the summary say the same."""

import random
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from kaiji.manifest.models import DataSource, Release
from kaiji.provenance.inventory import MEASURES, Inventory, build
from kaiji.provenance.normalise import language, licence
from kaiji.provenance.summarise import ProvenanceSummary, Quantity, mixture, summarise
from kaiji.scan.result import ScanResult, SourceScan
from kaiji.terms import Modality, SourceCategory

RELEASE = Release.model_validate(
    {
        "schema": "kaiji/release/v1",
        "id": "r",
        "model": {"name": "M", "version": "1", "release_date": "2026-10-15"},
        "provider": {"legal_name": "P", "roles": ["developer"]},
        "manifests": ["m.yaml"],
    }
)
KEYS = ("language", "licence", "month")
COLUMNS = {"language": "l", "licence": "c", "date": "d", "tokens": "n", "bytes": "b"}
SCHEMA = pa.schema([(n, pa.string()) for n in ("source_id", *KEYS)] + [(n, pa.int64()) for n in MEASURES[:3]])
Sizes = list[int | None]
SIZE = st.one_of(st.integers(0, 40), st.integers(0, 2**55))

cell = st.fixed_dictionaries(
    {
        "language": st.sampled_from([None, "ja", "jpn", "eng_Latn", "en", "!!", "unknown"]),
        "licence": st.sampled_from([None, "mit", "MIT", "own terms", "CC-BY-4.0"]),
        "month": st.sampled_from([None, "2024-01", "2024-12", "2025-06"]),
        "documents": st.integers(1, 9),
        "bytes": SIZE,
        "tokens": SIZE,
    }
)
source = st.fixed_dictionaries(
    {
        "category": st.sampled_from([c.value for c in SourceCategory if c is not SourceCategory.USER]),
        "modality": st.sampled_from(["text", "text", "text", "image"]),
        "stages": st.sampled_from([["pretraining"], ["fine_tuning", "pretraining"], ["test"]]),
        "confidentiality": st.sampled_from(["public", "confidential"]),
        "languages": st.sampled_from([[], ["ja"], ["ja", "en"]]),
        "licence": st.sampled_from([None, "MIT", "LicenseRef-x"]),
        "owner": st.sampled_from([None, {"id": "a", "name": "A"}, {"id": "b", "name": "B"}]),
        "epochs": st.sampled_from([None, 1, 2.5]),
    }
)
observed = st.tuples(source, st.lists(cell, max_size=6))
declared = st.tuples(source, st.dictionaries(st.sampled_from(MEASURES[:4]), SIZE))
releases = st.lists(st.one_of(observed, declared), max_size=5)


def listed(
    release: list[tuple[dict[str, Any], Any]], columns: Mapping[str, str] = COLUMNS
) -> tuple[list[DataSource], dict[str, list[dict[str, Any]]]]:
    sources, cells = [], {}
    for at, (keys, data) in enumerate(release):
        more = {"declared": data} if isinstance(data, dict) else {"files": {"paths": ["*"], "columns": columns}}
        sources.append(DataSource.model_validate({"id": f"s{at}", "title": f"T{at}", **keys, **more}))
        if isinstance(data, list):
            cells[f"s{at}"] = data
    return sources, cells


def inventory_of(sources: list[DataSource], cells: dict[str, list[dict[str, Any]]]) -> Inventory:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cells.parquet"
        rows = [{"source_id": name, **row} for name, part in cells.items() for row in part]
        pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), path)
        totals = {
            name: {measure: sum(row[measure] for row in part) for measure in MEASURES[:3]}
            for name, part in cells.items()
        }
        scanned = tuple(
            SourceScan(source_id=name, shards=(), complete=True, **size) for name, size in sorted(totals.items())
        )
        scan = ScanResult(
            sources=scanned, cells=path, addressed=frozenset(), findings=(), engine="e", psl_version="v", psl_date="d"
        )
        return build(sources, scan if cells else None)


def summed(sources: list[DataSource], cells: dict[str, list[dict[str, Any]]]) -> ProvenanceSummary:
    return summarise(RELEASE, sorted(sources, key=lambda one: one.id), inventory_of(sources, cells), {})


def folded(sources: list[DataSource], cells: dict[str, list[dict[str, Any]]]) -> dict[tuple[str | None, ...], Sizes]:
    """Sizes by source, language, licence, year and basis: row by row, with nothing but dictionaries."""
    found: dict[tuple[str | None, ...], Sizes] = {}
    for one in sources:
        spoken = sorted({name for tag in one.languages if (name := language(tag)[0])})
        fallback = {
            "language": (spoken[0] if len(spoken) == 1 else "mul") if spoken else None,
            "licence": licence(one.licence)[0],
            "period": None,
        }
        if one.id not in cells:
            found[one.id, *fallback.values(), "declared"] = [getattr(one.declared, name) for name in MEASURES[:4]]
            continue
        mapped = one.files.columns if one.files else None
        for row in cells[one.id] or [{**dict.fromkeys(KEYS), **dict.fromkeys(MEASURES[:3], 0)}]:
            own = dict(fallback)
            if cells[one.id] and mapped and mapped.language:
                own["language"] = language(row["language"])[0]
            if cells[one.id] and mapped and mapped.licence:
                own["licence"] = licence(row["licence"])[0]
            if mapped and mapped.date and row["month"]:
                own["period"] = row["month"][:4]
            sizes = [row[name] for name in MEASURES[:3]] + [row["documents"] if one.modality == "image" else None]
            before = found.get((one.id, *own.values(), "observed"), [None] * 4)
            found[one.id, *own.values(), "observed"] = [
                new if old is None else old + new for old, new in zip(before, sizes, strict=True)
            ]
    return found


@given(releases, st.sets(st.sampled_from(["language", "licence", "date"])))
@settings(deadline=None, max_examples=60)
def test_the_inventory_is_what_a_plain_fold_gives(release: list[Any], mapped: set[str]) -> None:
    columns = {role: COLUMNS[role] for role in sorted({"tokens", "bytes", *mapped})}
    sources, cells = listed(release, columns)
    frame = inventory_of(sources, cells).frame.astype(object)
    frame = frame.where(frame.notna(), None)
    expected = folded(sources, cells)
    keys = ["source_id", "language", "licence", "period", "basis"]
    found = list(frame[keys].itertuples(index=False, name=None))
    assert found == sorted(expected, key=lambda names: [(name is None, name or "") for name in names])
    assert frame[list(MEASURES[:4])].to_numpy().tolist() == [expected[names] for names in found]


@given(releases)
@settings(deadline=None, max_examples=30)
def test_every_facet_adds_up_to_its_whole(release: list[Any]) -> None:
    sources, cells = listed(release)
    summary = summed(sources, cells)
    for facet in summary.facets:
        assert sum(part.size for part in facet.parts) == facet.whole.value > 0
        assert len({part.kind for part in facet.parts}) == len(facet.parts)
        if facet.modality:
            assert facet.whole == summary.totals[facet.modality]
    for modality, total in summary.totals.items():
        if isinstance(total, Quantity):
            counted = [s for s in sources if s.modality is modality and s.id in summary.in_training]
            expected = 0
            for one in counted:
                measure = total.unit.value
                if one.id in cells:
                    expected += sum(row["documents" if measure == "items" else measure] for row in cells[one.id])
                else:
                    expected += getattr(one.declared, measure)
            assert total.value == expected


@given(releases, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=30)
def test_order_changes_nothing(release: list[Any], chance: random.Random) -> None:
    sources, cells = listed(release)
    before = summed(sources, cells)
    shuffled = {name: chance.sample(cells[name], len(cells[name])) for name in chance.sample(sorted(cells), len(cells))}
    assert summed(chance.sample(sources, len(sources)), shuffled) == before


@given(releases)
@settings(deadline=None, max_examples=30)
def test_splitting_cells_changes_nothing(release: list[Any]) -> None:
    """Each row of a scan is cut in two: as if the same shard had been written as two."""
    sources, cells = listed(release)
    halves: dict[str, list[dict[str, Any]]] = {
        name: [
            {**row, **{measure: (row[measure] + half) // 2 for measure in MEASURES[:3]}}
            for row in part
            for half in (0, 1)
        ]
        for name, part in cells.items()
    }
    assert summed(sources, halves) == summed(sources, cells)


@given(st.lists(observed, min_size=1, max_size=3), st.data())
@settings(deadline=None, max_examples=25)
def test_splitting_a_source_changes_no_size(release: list[Any], data: st.DataObject) -> None:
    """One source declared as two of the same kind: every part keeps its size, its owners and its secrecy."""
    sources, cells = listed(
        [({**keys, "owner": keys["owner"] or {"id": "c", "name": "C"}}, part) for keys, part in release]
    )
    cut = data.draw(st.integers(0, len(cells["s0"])))
    twin = DataSource.model_validate({**sources[0].model_dump(by_alias=True), "id": "twin"})
    split = {**cells, "s0": cells["s0"][:cut], "twin": cells["s0"][cut:]}
    before, after = summed(sources, cells), summed([*sources, twin], split)
    assert after.totals == before.totals

    def sizes(summary: ProvenanceSummary) -> list[object]:
        parts = [part for facet in summary.facets for part in facet.parts if part.size]  # half of a source may be empty
        kept = [(part.kind, part.size, part.owners, part.confidential) for part in parts]
        return [(f.name, f.modality, f.whole) for f in summary.facets] + kept

    assert sizes(after) == sizes(before)


@given(releases)
@settings(deadline=None, max_examples=25)
def test_a_mixture_is_whole_and_follows_epochs(release: list[Any]) -> None:
    sources, _ = listed([(keys, data) for keys, data in release if isinstance(data, dict)])
    inventory = build(sources, None)
    for modality in Modality:
        found = mixture(inventory, sources, modality)
        assert sum(found.values()) == (1 if found else 0)
        again = [one.model_copy(update={"epochs": (one.epochs or 1) * 2}) for one in sources]
        assert mixture(inventory, again, modality) == found
