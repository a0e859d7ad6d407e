"""From a release folder to its inventory: what is printed, what is refused, and what is not loaded for it."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kaiji.errors import ExitCode, ManifestError
from kaiji.measure import inventory_lines, measure
from kaiji.provenance.inventory import Inventory

RELEASE = """\
schema: kaiji/release/v1
id: r
model: {name: M, version: "1", release_date: 2026-10-15}
provider: {legal_name: P, roles: [developer]}
manifests: [m.yaml]
"""
SOURCE = """\
  - id: {id}
    title: {title}
    category: crawled
    modality: text
    stages: [pretraining]
    confidentiality: public
    {more}
"""
HOSTILE = '日本語 "100%" %s \\ \u2028'
PROGRAM = """
import sys
from pathlib import Path
from kaiji.measure import inventory_lines, measure

heavy = {"pandas", "pyarrow", "pyarrow.dataset", "datasets", "license_expression", "jinja2", "babel", "typst"}
during = set()
measured = measure(Path(sys.argv[1]), progress=lambda done, total: during.update(heavy & sys.modules.keys()))
"".join(inventory_lines(measured))
print(sorted(during), sorted(heavy & sys.modules.keys()))
"""


def release(folder: Path, *sources: str) -> Path:
    listed = (SOURCE.format(id=f"s{at}", title=f"T{at}", more=more) for at, more in enumerate(sources))
    (folder / "release.yaml").write_text(RELEASE, encoding="utf-8")
    head = "schema: kaiji/dataset-manifest/v1\nsources:\n"
    (folder / "m.yaml").write_text(head + "".join(listed), encoding="utf-8")
    return folder / "release.yaml"


@pytest.fixture
def measured(tmp_path: Path) -> Any:
    """One source with three rows, one of them with a language that is hard to write, and one that is declared."""
    rows = [{"l": "ja", "n": 2**60 + 1}, {"l": HOSTILE, "n": 3}, {"n": 4}]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    files = 'files: {paths: ["a.jsonl"], columns: {language: l, tokens: n}}'
    return measure(release(tmp_path, files, f"declared: {{bytes: 5}}\n    licence: {json.dumps(HOSTILE)}"))


def test_the_inventory_is_printed_a_row_to_a_line(measured: Any) -> None:
    text = "".join(inventory_lines(measured))
    lines = text.splitlines()
    head = json.loads(lines[0] + "]}")
    assert list(head) == ["schema", "confidential", "columns", "rows"]
    assert head["schema"] == "kaiji/inventory/v1"
    assert head["confidential"] is True
    assert lines[-1] == "]}"
    rows = [json.loads(line.removesuffix(",")) for line in lines[1:-1]]
    assert [list(row) for row in rows] == [head["columns"]] * len(rows)
    assert rows == json.loads(text)["rows"]
    assert [(row["source_id"], row["language"], row["tokens"], row["bytes"], row["confidential"]) for row in rows] == [
        ("s0", "ja", 2**60 + 1, None, False),
        ("s0", None, 7, None, False),
        ("s1", None, None, 5, False),
    ]


def test_texts_are_printed_as_they_are(measured: Any) -> None:
    """A template in a value stays a value, and a separator of lines in it does not become one."""
    frame = measured.inventory.frame.assign(owner_id=HOSTILE)
    lines = list(inventory_lines(replace(measured, inventory=Inventory(frame))))
    assert {json.loads(line.strip(",\n"))["owner_id"] for line in lines[1:-1]} == {HOSTILE}


def test_an_inventory_without_rows_is_json(measured: Any) -> None:
    empty = replace(measured, inventory=Inventory(measured.inventory.frame.iloc[:0]))
    assert json.loads("".join(inventory_lines(empty)))["rows"] == []


def test_observed_texts_have_the_place_of_their_column(measured: Any) -> None:
    place, text = measured.observed_texts[0]
    assert sorted(text for _, text in measured.observed_texts) == sorted(["ja", HOSTILE])
    assert text in ("ja", HOSTILE)
    assert (place.file, place.key) == ("m.yaml", "sources[0].files.columns.language")


def test_sizes_that_cannot_be_added_are_told_with_their_place(tmp_path: Path) -> None:
    path = release(tmp_path, "declared: {tokens: 4611686018427387904}", "declared: {tokens: 4611686018427387905}")
    with pytest.raises(ManifestError) as caught:
        measure(path)
    assert caught.value.exit_code is ExitCode.INPUT
    (finding,) = caught.value.findings
    assert finding.id == "KJ106"
    assert finding.place
    assert (finding.place.file, finding.place.key) == ("m.yaml", "sources[1].declared.tokens")
    assert finding.place.line == 16


def test_a_small_release_loads_no_more_than_it_needs(tmp_path: Path) -> None:
    """pandas and Arrow stay out of memory while the data are read; what no row calls for is never loaded."""
    (tmp_path / "a.jsonl").write_text('{"l": "ja", "t": "a"}\n', encoding="utf-8")
    path = release(tmp_path, 'files: {paths: ["a.jsonl"], columns: {language: l, text: t}}')
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path)],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[] ['pandas', 'pyarrow']\n", done.stderr
