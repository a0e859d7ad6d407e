"""``kaiji build --check``: is what was published what a build gives now?"""

import json
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_one_row_changes_exactly_the_figures_that_it_should(
    release, run, read, tmp_path, make_shard, make_rows
) -> None:
    out = tmp_path / "out"
    assert run("build", release / "release.yaml", "--out", out, cwd=tmp_path).returncode == 0
    current = run("build", release / "release.yaml", "--out", out, "--check", cwd=tmp_path)
    assert (current.returncode, current.stdout.count("\n")) == (0, 2), current.stdout
    edited = make_rows(40)
    edited[1] = {**edited[1], "lang": "en"}  # one row of ja, with 11 tokens, becomes en
    make_shard(release / "data" / "crawl-0.jsonl.gz", edited)

    stale = run("build", release / "release.yaml", "--out", out, "--check", cwd=tmp_path)

    assert stale.returncode == 1
    before = {name: data for name, data in read(out).items() if name.startswith("public/")}
    assert run("build", release / "release.yaml", "--out", tmp_path / "new", cwd=tmp_path).returncode == 0
    one, other = (_figures(folder) for folder in (out, tmp_path / "new"))
    assert {name for name in one if one[name] != other[name]} == {
        "language.text.en.share",
        "language.text.ja.share",
    }
    assert "-| 英語(en) | 25% |" in stale.stdout
    assert "+| 英語(en) | 26% |" in stale.stdout
    assert "internal/inventory.json: differs\n" in stale.stdout
    assert before == {name: data for name, data in read(out).items() if name.startswith("public/")}


def _figures(out) -> dict[str, str]:
    document = json.loads((out / "public" / "jp-principle-code.ja.json").read_text(encoding="utf-8"))
    return {statement["id"]: statement["text"] for statement in document["statements"]}


def test_an_inventory_changes_only_in_the_cells_of_the_row(release, run, tmp_path, make_shard, make_rows) -> None:
    def cells() -> dict[tuple[str, ...], list[int]]:
        done = run("scan", release / "release.yaml", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        listed = json.loads(done.stdout)["rows"]
        return {(r["language"], r["licence"], r["period"]): [r["documents"], r["bytes"], r["tokens"]] for r in listed}

    before = cells()
    edited = make_rows(40)
    edited[2] = {**edited[2], "tokens": 1_000}
    make_shard(release / "data" / "crawl-0.jsonl.gz", edited)
    after = cells()

    changed = {key for key in before if before[key] != after[key]}
    assert changed == {("ja", None, "2026")}
    (key,) = changed
    assert after[key][0] == before[key][0]
    assert after[key][2] - before[key][2] == 1_000 - 12


def test_a_checkout_without_the_private_folder_can_be_checked(release, run, tmp_path) -> None:
    out = tmp_path / "out"
    run("build", release / "release.yaml", "--out", out, cwd=tmp_path)
    shutil.rmtree(out / "internal")

    assert run("build", release / "release.yaml", "--out", out, "--check", cwd=tmp_path).returncode == 0
    (out / "public" / "index.html").write_text("changed", encoding="utf-8")
    assert run("build", release / "release.yaml", "--out", out, "--check", cwd=tmp_path).returncode == 1


def test_a_row_of_hinode_changes_one_cell_and_the_commitment_to_the_data(run, read, tmp_path) -> None:
    """Too small to move a share or a band, it shows in the exact inventory and in the regulator's commitment only."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sample, out = tmp_path / "hinode", tmp_path / "out"
    shutil.copytree(ROOT / "sample_manifests" / "hinode", sample, ignore=shutil.ignore_patterns("expected*"))
    assert run("build", sample / "release.yaml", "--out", out, cwd=tmp_path).returncode == 0
    before = read(out)
    path = sample / "data" / "manuals.parquet"
    table = pq.read_table(path)
    tokens = table["token_count"].to_pylist()
    tokens[0] += 1_000
    column = table.column_names.index("token_count")
    pq.write_table(table.set_column(column, "token_count", pa.array(tokens, table.schema.field(column).type)), path)

    stale = run("build", sample / "release.yaml", "--out", out, "--check", cwd=tmp_path)
    assert stale.returncode == 1
    assert "public/" not in stale.stdout
    changed = {line[2:] for line in stale.stdout.splitlines() if line.startswith("-|")}
    assert len(changed) == 2, changed  # the commitment to the data files, in two languages
    assert run("build", sample / "release.yaml", "--out", out, cwd=tmp_path).returncode == 0
    one, other = (json.loads(files["internal/inventory.json"])["rows"] for files in (before, read(out)))
    moved = [(old, new) for old, new in zip(one, other, strict=True) if old != new]
    assert len(moved) == 1
    ((old, new),) = moved
    assert {key: new[key] - old[key] for key in old if old[key] != new[key]} == {"tokens": 1_000}
