"""The inventory adds up to what was observed, or else declared; nothing is dropped, rounded or made up."""

from collections.abc import Callable

import pandas as pd
import pytest

from kaiji.errors import ConservationError, StageError
from kaiji.manifest.models import DataSource
from kaiji.provenance.inventory import KEYS, MEASURES, Inventory, build, checked_total, declared_sizes
from kaiji.provenance.observed import read
from kaiji.scan.result import ScanResult

FILES = {"paths": ["*.jsonl"], "columns": {"language": "lang", "licence": "lic", "date": "day", "tokens": "n"}}
Source = Callable[..., DataSource]
Scan = Callable[..., ScanResult]


def rows(inventory: Inventory, *columns: str) -> list[tuple[object, ...]]:
    frame = inventory.frame[list(columns)].astype(object)
    return list(frame.where(frame.notna(), None).itertuples(index=False, name=None))


def test_the_schema_is_fixed_even_when_there_is_nothing(source: Source) -> None:
    for inventory in (build([], None), build([source()], None)):
        assert list(inventory.frame.columns) == [*KEYS, *MEASURES]
        types = {name: str(dtype) for name, dtype in inventory.frame.dtypes.items()}
        flags = {"in_training", "confidential"}
        assert types == {name: "bool" if name in flags else "Int64" if name in MEASURES else "str" for name in types}
    assert len(build([], None).frame) == 0
    assert build([], None).total("bytes") is None


def test_the_schema_is_fixed_even_when_rows_hold_no_key(source: Source, scan: Scan) -> None:
    cells = [{"documents": 1, "bytes": None, "tokens": None}]
    for mapped in (FILES, {"paths": ["*.jsonl"]}):
        inventory = build([source(files=mapped)], scan({"s": cells}))
        assert {name: str(dtype) for name, dtype in inventory.frame.dtypes.items()} == {
            name: str(dtype) for name, dtype in build([], None).frame.dtypes.items()
        }
        assert rows(inventory, "language", "licence", "period", "documents") == [(None, None, None, 1)]


def test_a_declared_source_is_one_row(source: Source) -> None:
    inventory = build([source(languages=["ja", "en"], licence="mit", declared={"tokens": 5, "bytes": 9})], None)
    assert rows(inventory, "source_id", "language", "licence", "period", "basis", "tokens", "bytes", "documents") == [
        ("s", "mul", "MIT", None, "declared", 5, 9, None)
    ]
    assert inventory.total("tokens", "s") == 5
    assert inventory.total("documents") is None
    assert inventory.total("tokens", "another") is None


def test_a_source_without_any_size_stays(source: Source) -> None:
    assert rows(build([source()], None), "source_id", "basis", *MEASURES) == [("s", "declared", *[None] * 5)]


def test_rows_take_their_own_keys_and_null_keys_are_kept(source: Source, scan: Scan) -> None:
    cells = [
        {"language": "jpn", "licence": "mit", "month": "2024-05", "documents": 2, "bytes": 20, "tokens": 7},
        {"language": "ja", "licence": "MIT", "month": "2024-06", "documents": 1, "bytes": 10, "tokens": 3},
        {"language": None, "licence": None, "month": None, "documents": 4, "bytes": 40, "tokens": 11},
        {"language": "??", "licence": "own terms", "month": "2025-01", "documents": 8, "bytes": 80, "tokens": 13},
    ]
    declared = {"languages": ["fr"], "licence": "CC-BY-4.0", "collected": {"from": "2020-01", "to": "2020-12"}}
    inventory = build([source(files=FILES, **declared)], scan({"s": cells}))
    assert rows(inventory, "language", "licence", "period", "documents", "bytes", "tokens") == [
        ("ja", "MIT", "2024", 3, 30, 10),
        (None, "other-terms", "2025", 8, 80, 13),
        (None, None, "2020", 4, 40, 11),
    ]


def test_what_is_not_mapped_comes_from_the_declaration(source: Source, scan: Scan) -> None:
    cells = [{"documents": 2, "bytes": 20, "tokens": 7}]
    files = {"paths": ["*.jsonl"], "columns": {"tokens": "n"}}
    inventory = build([source(files=files, languages=["fr"], licence="MIT")], scan({"s": cells}))
    assert rows(inventory, "language", "licence", "basis", "tokens") == [("fr", "MIT", "observed", 7)]


def test_what_was_not_measured_comes_from_the_declaration(source: Source, scan: Scan) -> None:
    """Documents are observed, tokens are not: the declared tokens stand in a row of their own; bytes are observed."""
    cells = [{"documents": 2, "bytes": 20}, {"language": "ja", "documents": 3, "bytes": 30}]
    one = source(files=FILES, declared={"tokens": 100, "bytes": 999, "documents": 999})
    inventory = build([one], scan({"s": cells}))
    assert inventory.total("tokens") == 100
    assert inventory.total("bytes") == 50
    assert inventory.total("documents") == 5
    assert sorted(rows(inventory, "basis", "documents", "tokens"), key=str) == [
        ("declared", None, 100),
        ("observed", 2, None),
        ("observed", 3, None),
    ]


def test_a_size_that_too_many_rows_lack_is_not_known(source: Source, scan: Scan) -> None:
    """Neither the part that was seen nor nothing: what is declared stands instead."""
    result = scan({"a": [{"documents": 99, "tokens": 5, "bytes": 7}, {"documents": 1, "bytes": 2}]})
    for having, total in ((99, 5), (98, 1000)):
        partly = result.sources[0].model_copy(update={"rows_with_tokens": having, "rows_with_bytes": 100})
        one = source("a", files=FILES, declared={"tokens": 1000})
        inventory = build([one], result.model_copy(update={"sources": (partly,)}))
        assert inventory.total("tokens") == total
        assert inventory.total("bytes") == 9


def test_cells_that_were_read_before_are_not_read_again(source: Source, scan: Scan) -> None:
    result = scan({"s": [{"documents": 2, "tokens": 5}]})
    cells = read(result)
    result.cells.unlink()
    assert build([source(files=FILES)], result, cells).total("tokens") == 5


def test_observed_and_declared_sources_stand_side_by_side(source: Source, scan: Scan) -> None:
    sources = [source("a", files=FILES), source("b", declared={"tokens": 4})]
    inventory = build(sources, scan({"a": [{"documents": 1, "bytes": 2, "tokens": 3}]}))
    assert rows(inventory, "source_id", "basis", "tokens") == [("a", "observed", 3), ("b", "declared", 4)]
    assert inventory.total("tokens") == 7


def test_a_source_observed_with_no_rows_stays_with_nothing(source: Source, scan: Scan) -> None:
    inventory = build([source("a", files=FILES), source("b", declared={"tokens": 4})], scan({"a": []}))
    assert rows(inventory, "source_id", "basis", "documents", "tokens") == [
        ("a", "observed", 0, None),
        ("b", "declared", None, 4),
    ]
    assert inventory.total("documents", "a") == 0
    images = build([source("a", files=FILES, modality="image")], scan({"a": []}))
    assert images.total("items") == 0


def test_images_count_one_for_a_row_unless_declared(source: Source, scan: Scan) -> None:
    cells = [{"documents": 7, "bytes": 700}]
    files = {"paths": ["*.parquet"]}
    assert build([source(modality="image", files=files)], scan({"s": cells})).total("items") == 7
    declared = build([source(modality="image", files=files, declared={"items": 9})], scan({"s": cells}))
    assert declared.total("items") == 9
    assert build([source(modality="text", files=files)], scan({"s": cells})).total("items") is None


@pytest.mark.parametrize(("hours", "seconds"), [("1.5", 5400), ("0", 0), ("0.0001", 0), (100_000, 360_000_000)])
def test_hours_become_whole_seconds(source: Source, hours: object, seconds: int) -> None:
    from decimal import Decimal

    one = source(modality="audio", declared={"hours": Decimal(str(hours))})
    assert declared_sizes(one) == {"seconds": seconds}
    assert build([one], None).total("seconds") == seconds


def test_large_sizes_are_exact(source: Source, scan: Scan) -> None:
    """Beside a source that knows no size, a column of integers must not become one of floats."""
    big = 2**62 + 1
    inventory = build([source("a", declared={"tokens": big}), source("b")], None)
    assert inventory.total("tokens") == big
    cells = [
        {"language": "ja", "documents": 1, "tokens": 2**61 + 1},
        {"documents": 1, "tokens": 2**61 + 3},
        {"licence": "MIT", "documents": 1},
    ]
    observed = build([source("a", files=FILES), source("b")], scan({"a": cells}))
    assert observed.total("tokens") == 2**62 + 4


def test_a_total_beyond_63_bits_is_refused(source: Source) -> None:
    half = {"tokens": 2**62}
    with pytest.raises(StageError, match="cannot be added"):
        build([source("a", declared=half), source("b", declared=half)], None)
    assert (
        build([source("a", declared=half), source("b", declared={"tokens": 2**62 - 1})], None).total("tokens")
        == 2**63 - 1
    )


def test_rows_that_would_wrap_around_are_refused(source: Source, scan: Scan) -> None:
    """Four times 2^62 is nothing in 64 bits, and a scan that took it for nothing would agree."""
    result = scan({"s": [{"documents": 1, "tokens": 2**62, "month": f"2024-0{at}"} for at in (1, 2, 3, 4)]})
    wrapped = result.model_copy(update={"sources": (result.sources[0].model_copy(update={"tokens": 0}),)})
    with pytest.raises(StageError, match="cannot be added"):
        build([source(files=FILES)], wrapped)


def test_the_message_of_a_refused_total_holds_no_figure() -> None:
    with pytest.raises(StageError) as caught:
        checked_total(pd.Series([2**62, 2**62], dtype="Int64"))
    assert "4611686018427387904" not in str(caught.value)
    assert "9223372036854775808" not in str(caught.value)


def test_parts_that_do_not_add_up_are_refused(source: Source, scan: Scan) -> None:
    """A scan whose total is not the sum of its cells is a defect; its figures must not go on."""
    result = scan({"s": [{"documents": 2, "tokens": 5}]})
    wrong = result.model_copy(update={"sources": (result.sources[0].model_copy(update={"tokens": 6}),)})
    with pytest.raises(ConservationError, match="tokens of a source do not add up"):
        build([source(files=FILES)], wrong)


def test_rows_of_no_source_are_refused(source: Source, scan: Scan) -> None:
    result = scan({"a": [{"documents": 2, "tokens": 5}], "b": [{"documents": 1, "tokens": 5}]})
    with pytest.raises(ConservationError, match="not asked for"):
        build([source("a", files=FILES)], result)
    unlisted = result.model_copy(update={"sources": result.sources[:1]})
    with pytest.raises(ConservationError, match="not asked for"):
        build([source("a", files=FILES), source("b", files=FILES)], unlisted)


def test_stages_and_training(source: Source) -> None:
    sources = [
        source("a", stages=["fine_tuning", "pretraining"]),
        source("b", stages=["test", "validation"]),
        source("c", stages=["test", "alignment"]),
    ]
    assert rows(build(sources, None), "source_id", "stage", "in_training") == [
        ("a", "pretraining+fine_tuning", True),
        ("b", "validation+test", False),
        ("c", "alignment+test", True),
    ]


def test_owner_and_confidentiality(source: Source) -> None:
    one = source(owner={"id": "o", "name": "Owner"}, confidentiality="confidential", category="licensed")
    assert rows(build([one], None), "owner_id", "confidential", "category") == [("o", True, "licensed")]


def test_order_of_sources_does_not_matter(source: Source) -> None:
    sources = [source(name, declared={"tokens": size}) for name, size in (("b", 1), ("a", 2), ("c", 3))]
    pd.testing.assert_frame_equal(build(sources, None).frame, build(sources[::-1], None).frame)
