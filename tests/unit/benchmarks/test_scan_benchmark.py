import json

import baselines
import corpus
import kaiji_runs
import polars as pl
import pytest
import report
import scan
from corpus import Spec
from measure import Measured
from report import Bar


def measured(cpu=1.0, peak=100, stdout="", stderr=""):
    return Measured(0, cpu, cpu, peak, stdout, stderr)


def test_bars_hold_up_to_their_limit():
    assert Bar("a", 3.0, 3.0).holds
    assert not Bar("a", 3.01, 3.0).holds
    assert Bar("a", 7.0, 7.0, at_least=True).holds
    assert not Bar("a", 6.99, 7.0, at_least=True).holds


def test_a_bar_fails_when_nothing_was_measured():
    lacking = report.phase([measured(stderr="phase start 1.0")], "scan", "merge")
    assert not Bar("a", lacking, 3.0).holds
    assert not Bar("a", lacking, 3.0, at_least=True).holds


def test_only_bars_of_this_size_count(capsys):
    assert report.print_bars([Bar("a", 1, 2), Bar("b", 3, 2, counts=False)])
    assert not report.print_bars([Bar("a", 1, 2), Bar("b", 3, 2)])
    printed = capsys.readouterr().out
    assert "| b | 3.00 | ≤ 2.00 | (fails; other size) |" in printed
    assert "| b | 3.00 | ≤ 2.00 | fails |" in printed


def test_median_of_cpu_and_largest_peak():
    runs = [measured(3.0, 10), measured(1.0, 30), measured(2.0, 20)]
    assert (report.cpu(runs), report.peak(runs), report.spread(runs)) == (2.0, 30, "1.00 to 3.00")
    phases = [measured(stderr=f"phase scan {n}\nphase merge 1") for n in (5, 2, 3)]
    assert report.phase(phases, "scan", "merge") == 4.0


def table(*rows):
    return pl.DataFrame(rows, schema=["domain", "documents", "bytes", "tokens"], orient="row")


@pytest.mark.parametrize(
    ("other", "count"),
    [
        (table(("a", 1, 2, 3), ("b", 1, None, 3)), 0),
        (table(("b", 1, None, 3), ("a", 1, 2, 3)), 0),
        (table(("a", 1, 2, 4), ("b", 1, None, 3)), 1),
        (table(("a", 1, 2, 3), ("b", 1, 0, 3)), 1),
        (table(("a", 1, 2, 3)), 1),
        (table(("a", 1, 2, 3), ("c", 1, None, 3)), 2),
        (table(("a", 1, 2, 3), ("a", 1, 2, 3), ("b", 1, None, 3)), 1),
    ],
)
def test_rows_that_differ_are_counted(other, count):
    assert kaiji_runs.differing(table(("a", 1, 2, 3), ("b", 1, None, 3)), other, ["domain"]) == count


def test_cells_fold_to_the_inventory():
    cells = pl.DataFrame(
        [
            ("s", "und", "unknown", "2024-05", 1, 10, 1),
            ("s", None, None, "2024-11", 2, 20, 2),
            ("s", "ja", "all rights reserved", None, 3, 30, 3),
        ],
        schema=["source_id", "language", "licence", "month", "documents", "bytes", "tokens"],
        orient="row",
    )
    rows = [
        {
            "source_id": "s",
            "language": None,
            "licence": None,
            "period": "2024",
            "documents": 3,
            "bytes": 30,
            "tokens": 3,
        },
        {
            "source_id": "s",
            "language": "ja",
            "licence": "other-terms",
            "period": None,
            "documents": 3,
            "bytes": 30,
            "tokens": 3,
        },
    ]
    found = kaiji_runs.inventory(measured(stdout=json.dumps({"rows": [{**row, "modality": "text"} for row in rows]})))
    assert kaiji_runs.differing(found, kaiji_runs.as_inventory(cells), kaiji_runs.CELL) == 0


def test_one_shard_is_new_for_a_while_and_then_the_old_one_again(tmp_path):
    spec = Spec(rows=400, shards=4)
    folder = corpus.kept(tmp_path, spec)
    last = folder / spec.path(3)
    before, inode = last.read_bytes(), last.stat().st_ino
    with scan._one_new_shard(folder, spec):
        assert last.read_bytes() != before
        assert [len(source.paths) for source in baselines.sources(folder)] == [1, 1, 1, 1]
        new = last.read_bytes()
        # as if the run were stopped here
        scan._put_back(folder, spec)
        assert last.read_bytes() == before
    assert (last.read_bytes(), last.stat().st_ino) == (before, inode)
    with scan._one_new_shard(folder, spec):
        assert last.read_bytes() == new


@pytest.mark.parametrize("name", ["decode", "decode-queries", "pandas", "polars"])
def test_baselines_run_on_a_corpus(tmp_path, name, capsys):
    folder = corpus.kept(tmp_path, Spec(rows=600, shards=3))
    baselines.BASELINES[name](folder, tmp_path)
    if name in ("pandas", "polars"):
        sums = [pl.read_parquet(tmp_path / f"{one}.parquet")["documents"].sum() for one in ("cells", "domains")]
        assert sums == [600, 600]
    else:
        assert "phase decode " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("json-loop", "jsonl"),
        ("pandas-json", "jsonl"),
        ("pyarrow-json", "jsonl"),
        ("polars-json", "jsonl"),
        ("decompress", "jsonl.zst"),
    ],
)
def test_baselines_run_on_json_lines(tmp_path, name, form, capsys):
    spec = Spec(rows=300, shards=2, text_shards=2, form=form, columns=("url", "language", "text"))
    folder = corpus.kept(tmp_path, spec)
    capsys.readouterr()
    baselines.BASELINES[name](folder, tmp_path)
    printed = capsys.readouterr()
    if name == "decompress":
        assert "phase decompress " in printed.err
    else:
        texts = pl.concat([pl.DataFrame(one) for shard in range(2) for one in corpus.blocks(spec, shard)])["text"]
        counted = json.loads(printed.out)
        assert (counted["documents"], counted["bytes"]) == (300, texts.str.len_bytes().sum())
