"""`kaiji scan`, `kaiji merge` and `kaiji cache`: what they print and write, where, and for whom."""

import json
import stat
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

BOOKS = """\
schema: kaiji/dataset-manifest/v1
sources:
  - id: books
    title: {ja: 書籍, en: Books}
    category: licensed
    modality: text
    stages: [pretraining]
    owner: {id: owner-one, name: {ja: ひみつ出版, en: Himitsu Publishing}}
    confidentiality: confidential
    licence: LicenseRef-contract
    files:
      paths: ["data/books-*"]
      columns: {url: u, bytes: b}
"""


@pytest.fixture
def whole(release):
    """The release.yaml of two sources with five shards of three formats."""
    (release / "manifests" / "books.yaml").write_text(BOOKS, encoding="utf-8")
    for number in range(2):
        columns = {"u": [f"http://shop{n}.example/{number}" for n in range(30)], "b": [n + number for n in range(30)]}
        pq.write_table(pa.table(columns), release / "data" / f"books-{number}.parquet")
    lines = [json.dumps({"u": f"http://site{n}.example/", "b": n}) for n in range(20)]
    (release / "data" / "books-2.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return release / "release.yaml"


@pytest.fixture
def places(tmp_path, monkeypatch):
    """A home, a temporary folder and a current folder of their own, all empty."""
    found = {name: tmp_path / name for name in ("home", "tmp", "here")}
    for place in found.values():
        place.mkdir()
    monkeypatch.setenv("HOME", str(found["home"]))
    monkeypatch.setenv("TMPDIR", str(found["tmp"]))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.chdir(found["here"])
    return found


@pytest.fixture
def kaiji(places, command_line):
    return command_line


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_the_inventory_and_the_domains(whole, kaiji, places):
    here = places["here"]
    code, out, err = kaiji("scan", whole, "--domains", here / "d.parquet", "--top-domains", here / "t.parquet")
    assert code == 0
    document = json.loads(out)
    assert (document["schema"], document["confidential"]) == ("kaiji/inventory/v1", True)
    sums = {}
    for row in document["rows"]:
        held = sums.setdefault(row["source_id"], [0, 0])
        held[0] += row["documents"]
        held[1] += row["bytes"]
    assert sums["books"] == [80, 2 * sum(range(30)) + 30 + sum(range(20))]
    assert sums["crawl"] == [80, sum(len(f"本文{n}".encode()) for n in range(80))]
    table = pq.read_table(here / "d.parquet").to_pylist()
    assert [(row["domain"], row["documents"]) for row in table][:3] == [
        ("shop0.example", 2),
        ("shop1.example", 2),
        ("shop10.example", 2),
    ]
    assert sum(row["documents"] for row in table) == 160
    assert sum(row["bytes"] for row in table) == sums["books"][1] + sums["crawl"][1]
    assert {row["tokens"] is None for row in table if row["domain"].startswith("shop")} == {True}
    assert len(pq.read_table(here / "t.parquet")) == 2 * 5  # ceil(0.10 x 50) of all together, and of the text
    assert "all modalities: 50 domain names; by bytes, 5 are the largest tenth, 3 for a small provider" in err
    assert "method: names by size" in err
    assert "scan: 5 of 5 shards" in err
    for word in ("Himitsu", "ひみつ", "owner-one", str(whole.parent)):
        assert word not in err


def test_the_same_again_from_the_cache_and_nothing_is_written_elsewhere(whole, kaiji, places, tmp_path):
    here, before = places["here"], files(whole.parent)
    (tmp_path / "spill").mkdir()
    arguments = (
        "scan",
        whole,
        "--temp-dir",
        tmp_path / "spill",
        "--cache",
        tmp_path / "cache",
        "--domains",
        "d.parquet",
    )
    first = kaiji(*arguments)
    table = (here / "d.parquet").read_bytes()
    (here / "d.parquet").unlink()
    second = kaiji(*arguments)
    assert first == second
    assert first[0] == 0
    assert (here / "d.parquet").read_bytes() == table
    assert stat.S_IMODE((here / "d.parquet").stat().st_mode) == 0o600
    assert (files(whole.parent), files(here), files(places["home"])) == (before, ["d.parquet"], [])
    assert (names(places["tmp"]), names(tmp_path / "spill")) == ([], [])
    assert kaiji("cache", "--cache", tmp_path / "cache")[1].splitlines()[1:] == [
        f"merged: 4 entries, {size(tmp_path / 'cache' / 'merged')} bytes",
        f"partials: 5 entries, {size(tmp_path / 'cache' / 'partials')} bytes",
    ]


def size(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_the_cache_of_the_user_and_none(whole, kaiji, places):
    _, out, _ = kaiji("scan", whole, "--no-cache")
    assert files(places["home"]) == []
    assert kaiji("scan", whole)[1] == out
    made = places["home"] / ".cache"
    assert (names(places["home"]), names(made)) == ([".cache"], ["kaiji"])
    assert stat.S_IMODE((made / "kaiji").stat().st_mode) == 0o700
    code, shown, _ = kaiji("cache")
    assert (code, shown.splitlines()[0], len(shown.splitlines())) == (0, str(made / "kaiji"), 3)
    assert kaiji("cache", "--clear")[:2] == (0, f"{made / 'kaiji'}\n")
    assert files(places["home"]) == []
    assert kaiji("scan", whole, "--fingerprint", "full")[1] == out


def test_a_line_for_each_source(whole, kaiji):
    (whole.parent / "data" / "books-1.parquet").write_bytes(b"PAR1 broken")
    code, out, err = kaiji("scan", whole, "--format", "text")
    assert code == 1
    assert out.splitlines() == [
        "books: 50 documents, 625 bytes, 2 shards (not all of its shards could be read)",
        "crawl: 80 documents, 630 bytes, 879 tokens, 2 shards",
    ]
    assert "KJ201" in err


def test_a_damaged_cache_is_told_and_changes_nothing(whole, kaiji, tmp_path):
    _, out, _ = kaiji("scan", whole, "--cache", tmp_path / "cache")
    for entry in (tmp_path / "cache").rglob("entry.json"):
        entry.write_text("{}")
    code, again, err = kaiji("scan", whole, "--cache", tmp_path / "cache")
    assert (code, again) == (0, out)
    assert err.count("kaiji: an entry of the cache was damaged; it was removed\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--shard", "0/2"), "'0/2' is not a part such as 2/8"),
        (("--shard", "3/2"), "'3/2' is not a part such as 2/8"),
        (("--shard", "1/"), "'1/' is not a part such as 2/8"),
        (("--shard", "1/2", "--domains", "d.parquet"), "kaiji merge writes the domains of the whole"),
        (("--shard", "1/2", "--no-cache"), "needs a cache"),
        (("--shard", "1/2", "--engine", "local[2]"), "Spark divides the work by itself"),
        (("--cache", "c", "--no-cache"), "exclude each other"),
        (("--cache", "open"), "others can write to it"),
        (("--memory", "10MB"), "memory limit '10MB' is too small: the scan needs "),
        (("--memory", "much"), "memory limit 'much' is not a size such as 2GB"),
        (("--temp-dir", "none"), "'none' does not exist"),
        (("--domains", "none/d.parquet"), "the folder of d.parquet does not exist"),
        (("--top-domains", "none/t.parquet"), "the folder of t.parquet does not exist"),
        (("--domains", "open"), "is a directory"),
        (("--fingerprint", "none"), "'none' is not one of"),
        (("--format", "yaml"), "'yaml' is not one of"),
    ],
)
def test_options_that_cannot_be_used(whole, kaiji, places, arguments, words):
    (places["here"] / "open").mkdir()
    (places["here"] / "open").chmod(0o777)
    code, out, err = kaiji("scan", whole, *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert "Traceback" not in err
    assert files(places["here"]) + files(places["home"]) + files(places["tmp"]) == []


@pytest.mark.parametrize("option", ["--domains", "--top-domains"])
def test_a_file_that_kaiji_did_not_write_is_not_replaced(whole, kaiji, option):
    shard = whole.parent / "data" / "books-0.parquet"
    before = shard.read_bytes()
    code, _, err = kaiji("scan", whole, option, shard)
    assert code == 2
    assert "books-0.parquet exists and was not written by kaiji" in err
    assert shard.read_bytes() == before


def test_one_file_for_both_tables_is_refused(whole, kaiji, places):
    code, _, err = kaiji("scan", whole, "--domains", "d.parquet", "--top-domains", places["here"] / "d.parquet")
    assert code == 2
    assert "name the same file" in err
    assert names(places["here"]) == []


def test_the_memory_that_is_named_is_enough(whole, kaiji):
    _, _, err = kaiji("scan", whole, "--memory", "1MB", "--no-cache")
    least = err.split("needs ")[1].split()[0]
    assert kaiji("scan", whole, "--memory", f"{int(least[:-2]) + 100}MB", "--no-cache")[0] == 0


def test_merging_needs_a_cache_and_partials(whole, kaiji, tmp_path):
    code, out, err = kaiji("merge", whole, "--no-cache")
    assert (code, out, "needs the cache" in err) == (2, "", True)
    code, out, err = kaiji("merge", whole, "--cache", tmp_path / "cache")
    assert (code, out) == (2, "")
    assert "5 of 5 shards have no partial here (numbers 1, 2, 3, 4, 5, by source and name)" in err


def test_parts_from_several_processes_merge_to_the_bytes_of_one_scan(whole, run, tmp_path):
    one, parts = tmp_path / "one", tmp_path / "parts"
    one.mkdir()
    parts.mkdir()
    tables = ("--domains", "d.parquet", "--top-domains", "t.parquet")
    expected = run("scan", whole, "--no-cache", *tables, cwd=one)
    assert expected.returncode == 0, expected.stderr
    for part, shards in (("3/3", 1), ("1/3", 2)):
        done = run("scan", whole, "--shard", part, "--cache", "cache", cwd=parts)
        assert (done.returncode, done.stdout) == (0, f"part {part}: {shards} shards have a partial\n"), done.stderr
    lacking = run("merge", whole, "--cache", "cache", *tables, cwd=parts)
    assert (lacking.returncode, lacking.stdout) == (2, "")
    assert "2 of 5 shards have no partial here (numbers 2, 5, by source and name)" in lacking.stderr
    assert not (parts / "d.parquet").exists()
    assert run("scan", whole, "--shard", "2/3", "--cache", "cache", cwd=parts).returncode == 0
    merged = run("merge", whole, "--cache", "cache", *tables, cwd=parts)
    assert (merged.returncode, merged.stdout) == (0, expected.stdout), merged.stderr
    for name in ("d.parquet", "t.parquet"):
        assert (parts / name).read_bytes() == (one / name).read_bytes()

    (whole.parent / "data" / "books-2.jsonl").write_text('{"u": "http://late.example/", "b": 1}\n', encoding="utf-8")
    late = run("merge", whole, "--cache", "cache", *tables, cwd=parts)
    assert (late.returncode, late.stdout) == (2, "")
    assert "1 of 5 shards have no partial here (numbers 3, by source and name)" in late.stderr


def test_two_scans_at_once_on_one_empty_cache(whole, kaiji, tmp_path):
    command = [sys.executable, "-m", "kaiji.cli.main", "scan", str(whole), "--cache", str(tmp_path / "cache")]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    running = [subprocess.Popen(command, **pipes, text=True, encoding="utf-8") for _ in range(2)]
    told = [child.communicate() for child in running]
    assert [child.returncode for child in running] == [0, 0], told
    _, out, err = kaiji("scan", whole, "--cache", tmp_path / "cache")
    assert [found[0] for found in told] == [out, out]
    assert [found[1] for found in told] == [err, err] == ["scan: 5 of 5 shards\n"] * 2
    assert kaiji("scan", whole, "--no-cache")[1] == out
    assert names(tmp_path / "cache" / ".unfinished") == []
