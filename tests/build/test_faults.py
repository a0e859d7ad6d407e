"""What goes wrong in the middle of a scan: an error or a finding, no wrong figure, and nothing half-written.

Each fault is a real one (a signal, a shard cut off, a limit of the system) at a moment that a small program picks.
"""

import signal
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kaiji.cli.main import main

MANIFEST = """\
schema: kaiji/dataset-manifest/v1
sources:
  - id: crawl
    title: {ja: 収集データ, en: Crawl}
    category: crawled
    modality: text
    stages: [pretraining]
    confidentiality: public
    files:
      paths: [data/*]
      columns: {url: u, tokens: n}
"""

START = """
import os, resource, signal, sys, time
from pathlib import Path
from kaiji.scan import cache, domain_table, engine, merge, reader, run, sql


def told(moment):
    print(moment, file=sys.stderr, flush=True)


LONG = "SELECT count(*) AS language, 0 AS licence, 0 AS month FROM range(1000000000000) numbers(n) WHERE n % 7 = 9"


"""
END = """

from kaiji.cli.main import main
main()
"""


@pytest.fixture
def data(release):
    """Two shards of 20 000 and 3 rows; the first has a name of its own for each row."""
    for path in (release / "data").iterdir():
        path.unlink()
    (release / "manifests" / "crawl.yaml").write_text(MANIFEST, encoding="utf-8")
    hosts = [f"http://host{n * 7919 % 20_011}.example/" for n in range(20_000)]
    pq.write_table(pa.table({"u": hosts, "n": [1] * 20_000}), release / "data" / "a.parquet")
    lines = [f'{{"u": "http://b{n}.example/", "n": 5}}\n' for n in range(3)]
    (release / "data" / "b.jsonl").write_text("".join(lines), encoding="utf-8")
    return release / "data"


@pytest.fixture
def begin(release, data, tmp_path):
    """Starts `kaiji scan` in a process of its own, with a fault arranged."""
    (tmp_path / "temp").mkdir()
    children = []

    def begun(fault, *arguments, cache=True):
        kept = ("--cache", tmp_path / "cache") if cache else ("--no-cache",)
        given = ("scan", release / "release.yaml", "--temp-dir", tmp_path / "temp", *kept, *arguments)
        command = [sys.executable, "-c", START + fault + END, *map(str, given)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        child = subprocess.Popen(command, **pipes, text=True, encoding="utf-8", cwd=tmp_path)
        children.append(child)
        return child

    yield begun
    for child in children:
        child.kill()
        child.communicate()


@pytest.fixture
def scan(begin):
    """A scan with a fault, until its end: (exit code, stdout, stderr)."""

    def scanned(fault, *arguments, cache=True):
        child = begin(fault, *arguments, cache=cache)
        out, err = child.communicate(timeout=120)
        assert "Traceback" not in err
        return child.returncode, out, err

    return scanned


@pytest.fixture
def after(release, data, tmp_path, monkeypatch, capfd):
    """What a command without a fault prints, in this process and with the same cache."""
    before = signal.getsignal(signal.SIGTERM)

    def called(command="scan"):
        options = () if command == "cache" else (str(release / "release.yaml"), "--format", "text")
        options = ("--clear",) if command == "cache" else options
        monkeypatch.setattr(sys, "argv", ["kaiji", command, *options, "--cache", str(tmp_path / "cache")])
        with pytest.raises(SystemExit):
            main()
        return "".join(capfd.readouterr()) if command == "merge" else capfd.readouterr().out

    yield called
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def old(tmp_path):
    """Bytes of the domain table of an earlier scan, which is at its place."""
    table = pa.table({"domain": ["old.example"]}).replace_schema_metadata({"kaiji": "result"})
    pq.write_table(table, tmp_path / "d.parquet")
    return (tmp_path / "d.parquet").read_bytes()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


WHOLE = "crawl: 20003 documents, 20015 tokens, 2 shards\n"
NEWLINE = "\n"
LACKING = "(not all of its shards could be read)\n"


def test_without_a_fault(scan, tmp_path):
    """What the faults below are compared with; they could all pass if nothing worked."""
    assert scan("", "--format", "text", "--domains", "d.parquet")[:2] == (0, WHOLE)
    assert sum(pq.read_table(tmp_path / "d.parquet")["tokens"].to_pylist()) == 20_015
    assert names(tmp_path / "temp") == []


@pytest.mark.parametrize(
    ("change", "when", "words"),
    [
        ("path.unlink()", "before", "KJ201"),
        ("path.unlink()", "after", "KJ201: the file cannot be opened"),
        ("os.truncate(path, 30_000)", "before", "KJ201"),
        ("os.truncate(path, 30_000)", "after", "KJ201: the file changed while it was read"),
        ("path.write_bytes(path.read_bytes())", "after", "KJ201: the file changed while it was read"),
    ],
)
def test_a_shard_that_changes_during_the_scan(scan, after, data, change, when, words):
    """It counts nothing, the other shard counts, and no partial is kept that the next scan would believe."""
    fault = f"""
path, read = Path({str(data / "a.parquet")!r}), reader.read
def changed(engine, file, *others):
    if file.name.endswith("a.parquet") and {when == "before"}:
        {change}
    found = read(engine, file, *others)
    if file.name.endswith("a.parquet") and {when == "after"}:
        {change}
    return found
reader.read = changed
"""
    code, out, err = scan(fault, "--format", "text")
    assert (code, out) == (1, f"crawl: 3 documents, 15 tokens, 1 shards {LACKING}")
    assert f"data/a.parquet: fail: {words}" in err
    left = f"crawl: 3 documents, 15 tokens, 1 shards{' ' + LACKING if 'truncate' in change else NEWLINE}"
    assert after() == (WHOLE if "write" in change else left)


FULL = "the temporary folder is full: give the scan another one (--temp-dir) or more memory (--memory)"


def test_no_room_in_the_temporary_folder(scan, after, old, tmp_path):
    """The table of a shard cannot be written: that is no defect of the shard. A limit of the system stands for a full
    disk: the engine gets an error from the same call."""
    fault = "resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, 8_000))"
    code, out, err = scan(fault, "--domains", "d.parquet")
    assert (code, out) == (3, "")
    assert err.splitlines()[-1] == f"kaiji: {FULL}"
    assert names(tmp_path / "temp") == []
    assert (tmp_path / "d.parquet").read_bytes() == old
    assert names(tmp_path / "cache" / ".unfinished") == []
    assert after() == WHOLE


def test_no_room_to_spill(scan, data, tmp_path):
    """More names than the memory holds, and less room than they need; what is written in the end would fit."""
    hosts = [f"http://{n:x}{'h' * 40}{n * 7919:x}.example/" for n in range(300_000)]
    pq.write_table(pa.table({"u": hosts, "n": [1] * len(hosts)}), data / "a.parquet")
    bound = "run.shares = lambda *_, **__: [engine.Share(1, 96 << 20)]\n"
    whole = (0, "crawl: 300003 documents, 300015 tokens, 2 shards\n")
    assert scan(bound, "--format", "text", "--domains", "d.parquet")[:2] == whole
    assert (tmp_path / "d.parquet").stat().st_size < 12_000_000
    (tmp_path / "d.parquet").unlink()
    limited = bound + "resource.setrlimit(resource.RLIMIT_FSIZE, (12_000_000, 12_000_000))"
    code, out, err = scan(limited, "--format", "text", "--domains", "d.parquet", cache=False)
    assert (code, out) == (3, "")
    assert not (tmp_path / "d.parquet").exists()
    assert err.splitlines()[-1] == f"kaiji: {FULL}"
    assert names(tmp_path / "temp") == []


@pytest.mark.parametrize("taker", ["head -c 10", "true"])
def test_nobody_reads_the_output(release, tmp_path, taker):
    """The output is larger than a pipe holds. No exit code that stands for findings, and no noise."""
    lines = [f'{{"u": "http://a.example/", "n": 1, "l": "LicenseRef-{n}"}}\n' for n in range(3000)]
    for path in (release / "data").iterdir():
        path.unlink()
    (release / "data" / "a.jsonl").write_text("".join(lines), encoding="utf-8")
    manifest = MANIFEST.replace("tokens: n", "tokens: n, licence: l")
    (release / "manifests" / "crawl.yaml").write_text(manifest, encoding="utf-8")
    command = (
        f'"{sys.executable}" -m kaiji.cli.main scan "{release / "release.yaml"}" --no-cache 2> err | {taker} > head'
    )
    done = subprocess.run(["bash", "-c", f"{command}; exit ${{PIPESTATUS[0]}}"], cwd=tmp_path, check=False)
    assert done.returncode == 3
    assert (tmp_path / "head").read_bytes() == (b'{"schema":' if taker != "true" else b"")
    assert (tmp_path / "err").read_text() == "scan: 1 of 1 shards\n"


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_an_output_that_is_full(release, tmp_path, stream):
    command = [sys.executable, "-m", "kaiji.cli.main", "scan", str(release / "release.yaml"), "--no-cache"]
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(
            command, **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: full}, check=False
        )
    assert done.returncode not in (0, 1)
    assert b"Traceback" not in (done.stdout or b"") + (done.stderr or b"")


SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143}


@pytest.mark.parametrize("sent", SIGNALS)
@pytest.mark.parametrize("moment", ["reading", "merging", "writing"])
def test_a_scan_that_is_stopped(begin, after, old, tmp_path, sent, moment):
    """The exit code is no verdict, and nothing is left but what was whole before."""
    fault = {
        "reading": "sql.cells = lambda _: told('now') or LONG",
        "merging": "merge.merge = lambda engine, *_, **__: told('now') or engine.rows(LONG)",
        "writing": "domain_table.os.fsync = lambda _: (told('now'), time.sleep(60))",
    }[moment]
    child = begin(fault, "--domains", "d.parquet")
    while "now" not in (line := child.stderr.readline()):
        assert line, "it ended before the fault"
    assert names(tmp_path / "temp") != []
    child.send_signal(sent)
    out, err = child.communicate(timeout=60)
    assert (child.returncode, out, "Traceback" in err) == (SIGNALS[sent], "", False)
    assert names(tmp_path / "temp") == []
    assert (tmp_path / "d.parquet").read_bytes() == old
    assert [name for name in names(tmp_path) if name.startswith(".kaiji")] == []
    if moment == "reading":
        assert " of 2 shards have no partial here (numbers 1, " in after("merge")
    assert after() == WHOLE


def test_a_scan_that_is_killed_while_it_keeps_a_partial(begin, after, tmp_path):
    """`kill -9` leaves a half-made entry where none is looked for; `kaiji cache --clear` removes it."""
    child = begin("cache._write = lambda *_: (told('now'), time.sleep(60))")
    while "now" not in (line := child.stderr.readline()):
        assert line, "it ended before the fault"
    child.kill()
    child.communicate()
    assert names(tmp_path / "cache" / ".unfinished") != []
    assert not (tmp_path / "cache" / "partials").exists()
    assert after() == WHOLE
    after("cache")
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []


def test_a_cache_without_room(scan, tmp_path):
    """The partials are kept on another disk than they are made on, and that one is full."""
    fault = "cache._same_or_copy = lambda path, _: cache.shutil.copyfile(path, '/dev/full')"
    code, out, err = scan(fault, "--format", "text")
    assert (code, out) == (0, WHOLE)
    assert err.count("kaiji: the cache cannot be written (No space left on device)") == 2
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []
    code, out, err = scan(fault, "--shard", "1/1")
    assert (code, out) == (3, "")
    assert "kaiji: the cache cannot be written (No space left on device)" in err
