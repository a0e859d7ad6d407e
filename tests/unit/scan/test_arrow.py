import json
import os
import subprocess
import sys

import datasets
import pyarrow as pa
import pytest

from kaiji.scan import arrow

ROWS = {"u": ["http://a.example/", "http://b.example/", None], "t": ["ab", "日本", ""], "n": [1, 2, 3]}


def saved(release, name, **columns):
    datasets.Dataset.from_dict(columns).save_to_disk(release.root / name)


def totals(result):
    (scan,) = result.sources
    return scan.documents, scan.bytes, scan.tokens


def test_a_saved_dataset_counts_like_a_file(release, table):
    saved(release, "ds", **ROWS)
    release.parquet("a.parquet", **ROWS)
    columns = {"url": "u", "text": "t", "tokens": "n"}
    of_folder = release.scan(release.source("ds", **columns))
    cells, domains = table(of_folder.cells), release.domains()
    of_file = release.scan(release.source("a.parquet", **columns))
    assert totals(of_folder) == totals(of_file) == (3, 8, 6)
    assert (cells, domains) == (table(of_file.cells), release.domains())
    assert [row["domain"] for row in domains] == ["(none)", "a.example", "b.example"]
    assert of_folder.findings == ()
    assert [shard.path for shard in of_folder.sources[0].shards] == ["ds"]


def test_all_splits_count(release):
    more = {"t": ["x"], "n": [10], "u": [None]}
    splits = {"train": datasets.Dataset.from_dict(ROWS), "test": datasets.Dataset.from_dict(more)}
    datasets.DatasetDict(splits).save_to_disk(release.root / "ds")
    result = release.scan(release.source("**", text="t", tokens="n"))
    assert (totals(result), result.findings) == ((4, 9, 16), ())


def test_rows_are_those_of_the_indices_mapping():
    chosen = datasets.Dataset.from_dict(ROWS).select([2, 0, 0])
    batches = list(arrow.batches(chosen, ["n", "t"]))
    assert pa.Table.from_batches(batches).to_pydict() == {"c0": [3, 1, 1], "c1": ["", "ab", "ab"]}


def test_many_batches_and_several_files(release):
    datasets.Dataset.from_dict({"n": list(range(20_000))}).save_to_disk(release.root / "ds", num_shards=3)
    assert totals(release.scan(release.source("ds", tokens="n"))) == (20_000, None, 199_990_000)


def test_rows_count_without_a_column(release):
    saved(release, "ds", **ROWS)
    assert totals(release.scan(release.source("ds"))) == (3, None, None)


def test_no_rows(release):
    saved(release, "ds", n=[])
    assert [finding.id for finding in release.scan(release.source("ds", tokens="n")).findings] == ["KJ203"]


def test_dictionaries_are_read_as_their_values(release, table):
    encoded = datasets.Dataset(pa.table({"l": pa.array(["ja", "no", "ja"]).dictionary_encode()}))
    assert pa.Table.from_batches(list(arrow.batches(encoded, ["l"]))).to_pydict() == {"c0": ["ja", "no", "ja"]}


def test_a_missing_column(release):
    saved(release, "ds", **ROWS)
    (finding,) = release.scan(release.source("ds", tokens="m")).findings
    assert (finding.id, finding.place.file, finding.place.key) == ("KJ204", "ds", "files.columns.tokens")


def unreadable_state(folder):
    (folder / "state.json").write_text("{")


def file_gone(folder):
    next(folder.glob("*.arrow")).unlink()


def file_cut_off(folder):
    path = next(folder.glob("*.arrow"))
    path.write_bytes(path.read_bytes()[:100])


def file_outside(folder):
    state = json.loads((folder / "state.json").read_text())
    state["_data_files"] = [{"filename": "../other/data.arrow"}]
    (folder / "state.json").write_text(json.dumps(state))


def splits_outside(folder):
    (folder / "dataset_dict.json").write_text('{"splits": [".."]}')


@pytest.mark.parametrize("damage", [unreadable_state, file_gone, file_cut_off, file_outside, splits_outside])
def test_a_damaged_folder_counts_nothing(release, damage):
    saved(release, "ds", **ROWS)
    release.parquet("a.parquet", n=[5])
    damage(release.root / "ds")
    result = release.scan(release.source("ds", "a.parquet", tokens="n"))
    assert [(finding.id, finding.place.file) for finding in result.findings] == [("KJ201", "ds")]
    assert totals(result) == (1, None, 5)
    assert str(release.root) not in result.findings[0].message


def test_text_that_is_not_utf8(release):
    text = pa.Array.from_buffers(pa.string(), 1, pa.array([b"\xff\xfe"]).buffers())
    datasets.Dataset(pa.table({"t": text})).save_to_disk(release.root / "ds")
    (finding,) = release.scan(release.source("ds", text="t")).findings
    assert finding.id == "KJ201"


def test_a_link_inside_that_leads_outside(release):
    from kaiji.scan.files import find

    saved(release, "ds", **ROWS)
    (release.root / "ds" / "more.arrow").symlink_to(release.outside)
    assert [finding.id for finding in find(release.source("ds"), release.root).outside] == ["KJ109"]


def test_nothing_is_written_and_the_environment_is_restored(release, tmp_path):
    """In a process of its own, because what `datasets` does on import it does once."""
    saved(release, "ds", **ROWS)
    home = tmp_path / "home"
    home.mkdir()
    program = (
        "import os, sys; from pathlib import Path; before = dict(os.environ); from kaiji.scan import arrow\n"
        "part, = arrow.saved_parts(Path(sys.argv[1])); print(sum(len(b) for b in arrow.batches(part, ['n'])))\n"
        "print(dict(os.environ) == before)"
    )
    environment = {**os.environ, "HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)}
    environment = {name: value for name, value in environment.items() if not name.startswith(("HF_", "XDG_"))}
    listed = sorted((release.root / "ds").rglob("*"))
    command = [sys.executable, "-c", program, str(release.root / "ds")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["3", "True"]
    assert done.stderr == ""
    assert list(home.rglob("*")) == []
    assert sorted((release.root / "ds").rglob("*")) == listed
