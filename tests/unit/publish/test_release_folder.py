"""The output folder is replaced as a whole or not at all, and nothing that is not kaiji's is destroyed."""

import errno
import json
import os
import random
import resource
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kaiji.errors import ExitCode, OutputError
from kaiji.publish import release_folder
from kaiji.publish.checksums import sha256sums
from kaiji.publish.lock import only_writer
from kaiji.publish.release_folder import compare, publish

SOURCE = Path(release_folder.__file__).parents[2]


def build(mark: str, size: int = 10, extra: str | None = None) -> dict[str, bytes]:
    """An output of which every file says ``mark``, with checksums in each folder."""
    files: dict[str, bytes] = {extra: b"x"} if extra else {}
    for folder in release_folder.FOLDERS:
        content = {f"file-{n}.txt": f"{mark} {n}\n".encode() * size for n in range(4)}
        content["annex/domains.csv"] = f"domain\n{mark}\n".encode()
        if folder == "internal":
            own = [f"{folder}/{name}" for name in (*content, "build.json", "SHA256SUMS")]
            content["build.json"] = json.dumps({"mark": mark, "files": sorted([*files, *own])}).encode()
        files |= {f"{folder}/{name}": data for name, data in content.items()}
        files[f"{folder}/SHA256SUMS"] = sha256sums(content)
    return files


def read(out: Path) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_first_build_creates_parents_and_leaves_nothing_else(tmp_path) -> None:
    out = tmp_path / "new" / "disclosure"
    publish(out, build("one"))

    assert read(out) == build("one")
    assert [path.name for path in out.parent.iterdir()] == ["disclosure"]


def test_a_second_build_replaces_the_first(tmp_path) -> None:
    out = tmp_path / "disclosure"
    publish(out, build("one", extra="public/old.csv"))
    publish(out, build("two"))

    assert read(out) == build("two")
    assert [path.name for path in tmp_path.iterdir()] == ["disclosure"]


def test_an_empty_folder_and_a_relative_path_are_fine(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("out").mkdir()
    publish(Path("out"), build("one"))

    assert read(tmp_path / "out") == build("one")


def test_only_the_owner_can_read_internal(tmp_path) -> None:
    out = tmp_path / "out"
    old = os.umask(0o022)
    try:
        publish(out, build("one"))
    finally:
        os.umask(old)

    assert mode(out) == mode(out / "public") == mode(out / "public/annex") == 0o755
    assert mode(out / "public/file-0.txt") == mode(out / "regulator/annex/domains.csv") == 0o644
    assert mode(out / "internal") == mode(out / "internal/annex") == 0o700
    assert {mode(path) for path in (out / "internal").rglob("*") if path.is_file()} == {0o600}


def test_the_umask_of_a_private_account_is_kept(tmp_path) -> None:
    out = tmp_path / "out"
    old = os.umask(0o077)
    try:
        publish(out, build("one"))
    finally:
        os.umask(old)

    assert mode(out / "public") == 0o700
    assert mode(out / "public/file-0.txt") == 0o600


def _file(out: Path) -> None:
    out.write_text("mine")


def _link(out: Path) -> None:
    elsewhere = out.with_name("elsewhere")
    publish(elsewhere, build("elsewhere"))
    out.symlink_to(elsewhere)


def _foreign(out: Path) -> None:
    publish(out, build("old"))
    (out / "notes.md").write_text("mine")


def _no_marker(out: Path) -> None:
    publish(out, build("old"))
    (out / "internal/build.json").unlink()


def _other_project(out: Path) -> None:
    (out / "public").mkdir(parents=True)
    (out / "public/index.html").write_text("mine")


def _note_inside(out: Path) -> None:
    publish(out, build("old"))
    (out / "public/signed.txt").write_text("mine")


def _broken_marker(out: Path) -> None:
    publish(out, build("old"))
    (out / "internal/build.json").write_text("{")


def _linked_folder(out: Path) -> None:
    publish(out, build("old"))
    (out / "public").rename(out.with_name("moved"))
    (out / "public").symlink_to(out.with_name("moved"))


@pytest.mark.parametrize(
    "prepare", [_file, _link, _foreign, _no_marker, _other_project, _linked_folder, _note_inside, _broken_marker]
)
def test_what_kaiji_did_not_write_is_refused_and_kept(tmp_path, prepare) -> None:
    out = tmp_path / "out"
    prepare(out)
    before = read(tmp_path)
    with pytest.raises(OutputError) as caught:
        publish(out, build("new"))

    assert caught.value.exit_code == ExitCode.INPUT
    assert str(tmp_path) not in str(caught.value)
    assert read(tmp_path) == before
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    "name",
    [
        "/public/a",
        "public/../../a",
        "public/./a",
        "public//a",
        "public",
        "other/a",
        "public/a\\b",
        "a",
        "",
        "../public/a",
    ],
)
def test_a_path_that_leaves_the_folders_is_a_defect(tmp_path, name) -> None:
    with pytest.raises(ValueError, match="output path"):
        publish(tmp_path / "out", {**build("one"), name: b""})

    assert not list(tmp_path.iterdir())


def test_a_file_cannot_be_a_folder_too(tmp_path) -> None:
    with pytest.raises(ValueError, match="file and a folder"):
        publish(tmp_path / "out", {**build("one"), "public/file-0.txt/x": b""})


def test_without_the_marker_nothing_is_written(tmp_path) -> None:
    with pytest.raises(ValueError, match=r"build\.json"):
        publish(tmp_path / "out", {"public/a": b""})

    assert not list(tmp_path.iterdir())


def test_two_builds_do_not_write_at_once(tmp_path) -> None:
    out = tmp_path / "out"
    publish(out, build("one"))
    lock = tmp_path / ".out.kaiji-lock"
    with only_writer(lock, "out"), pytest.raises(OutputError, match="another build is writing out"):
        publish(out, build("two"))

    assert read(out) == build("one")
    publish(out, build("two"))
    assert read(out) == build("two")
    assert not lock.exists()


def test_a_lock_file_left_by_a_killed_build_is_no_lock(tmp_path) -> None:
    (tmp_path / ".out.kaiji-lock").touch()
    publish(tmp_path / "out", build("one"))

    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_leftovers_of_killed_builds_go_and_strangers_stay(tmp_path) -> None:
    (tmp_path / ".out.kaiji-tmp-abc/new/public").mkdir(parents=True)
    strangers = [".out.kaiji-backup", ".other.kaiji-tmp-abc", "out.kaiji-tmp-abc"]
    for name in strangers:
        (tmp_path / name).mkdir()
    publish(tmp_path / "out", build("one"))

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["out", *strangers])


def test_without_an_exchange_two_renames_do(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(release_folder, "exchange", lambda first, second: False)
    out = tmp_path / "out"
    publish(out, build("one"))
    publish(out, build("two"))

    assert read(out) == build("two")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_build_killed_between_two_renames_is_recovered(tmp_path) -> None:
    out = tmp_path / "out"
    publish(out, build("one"))
    (tmp_path / ".out.kaiji-tmp-abc/new").mkdir(parents=True)
    out.rename(tmp_path / ".out.kaiji-tmp-abc/old")
    with pytest.raises(OutputError):
        _limited(tmp_path, out)

    assert read(out) == build("one")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_second_rename_that_fails_puts_the_first_back(tmp_path, monkeypatch) -> None:
    out = tmp_path / "out"
    publish(out, build("one"))
    monkeypatch.setattr(release_folder, "exchange", lambda first, second: False)
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OutputError, match="Input/output error"):
        publish(out, build("two"))

    assert read(out) == build("one")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def _limited(folder: Path, out: Path) -> None:
    """Publish while no file may grow beyond a kilobyte: what a full disk does."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, limits[1]))
    try:
        publish(out, build("two", size=1000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_disk_that_takes_no_more_leaves_the_previous_output(tmp_path) -> None:
    out = tmp_path / "out"
    publish(out, build("one"))
    with pytest.raises(OutputError, match="out: the output cannot be written: File too large"):
        _limited(tmp_path, out)

    assert read(out) == build("one")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_parent_that_is_a_file_is_an_output_error(tmp_path) -> None:
    (tmp_path / "parent").write_text("mine")
    with pytest.raises(OutputError, match="cannot be written"):
        publish(tmp_path / "parent" / "out", build("one"))


def test_a_folder_that_may_not_be_written_is_an_output_error(tmp_path, monkeypatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "mkdir", refused)  # the mode of a folder does not stop the root account
    with pytest.raises(OutputError, match="Permission denied"):
        publish(tmp_path / "out", build("one"))


LOOP = """
import sys
sys.path[:0] = [{source!r}, {here!r}]
from pathlib import Path
from test_release_folder import build, publish
print("ready", flush=True)
number = 0
while True:
    number += 1
    publish(Path({out!r}), build("ab"[number % 2], size=300))
"""


def test_killed_at_any_moment_the_output_is_whole(tmp_path) -> None:
    out = tmp_path / "out"
    publish(out, build("a", size=300))
    whole = [build(mark, size=300) for mark in "ab"]
    program = LOOP.format(source=str(SOURCE), here=str(Path(__file__).parent), out=str(out))
    chance = random.Random(20261122)
    for _ in range(10):
        child = subprocess.Popen([sys.executable, "-B", "-c", program], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(chance.uniform(0.005, 0.15))
        child.send_signal(signal.SIGKILL)
        child.communicate()

        found = read(out)
        assert found in whole
        for folder in release_folder.FOLDERS:
            listed = {
                name.removeprefix(f"{folder}/"): content
                for name, content in found.items()
                if name.startswith(f"{folder}/") and not name.endswith("SHA256SUMS")
            }
            assert sha256sums(listed) == found[f"{folder}/SHA256SUMS"]

    publish(out, build("end"))
    assert read(out) == build("end")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_same_output_has_no_difference(tmp_path) -> None:
    publish(tmp_path / "out", build("one"))

    assert compare(tmp_path / "out", build("one")) == ""


def test_a_difference_is_shown_but_not_what_is_internal(tmp_path) -> None:
    out = tmp_path / "out"
    publish(out, build("one") | {"public/a.pdf": b"%PDF\xff1", "regulator/extra.csv": b"x", "internal/gone": b"SECRET"})
    text = compare(
        out,
        build("one")
        | {
            "public/a.pdf": b"%PDF\xff2",
            "public/file-0.txt": b"two 0\n",
            "internal/file-0.txt": b"SECRET",
            "public/new.csv": b"x",
        },
    )

    assert "--- published/public/file-0.txt\n+++ built/public/file-0.txt\n" in text
    assert "-one 0\n" in text
    assert "+two 0\n" in text
    assert "public/a.pdf: differs\n" in text
    assert "internal/file-0.txt: differs\n" in text
    assert "internal/gone: not part of this build\n" in text
    assert "regulator/extra.csv: not part of this build\n" in text
    assert "public/new.csv: missing\n" in text
    assert "SECRET" not in text


def test_a_last_line_feed_and_a_line_end_are_differences(tmp_path) -> None:
    out = tmp_path / "out"
    publish(out, build("one") | {"public/a": b"x\n", "public/b": b"x\n"})

    assert compare(out, build("one") | {"public/a": b"x", "public/b": b"x\r\n"}).count("--- published") == 2


def test_no_output_yet_is_all_missing(tmp_path) -> None:
    assert compare(tmp_path / "out", {"public/a": b""}) == "public/a: missing\n"


def test_a_link_in_the_output_is_not_followed(tmp_path) -> None:
    out = tmp_path / "out"
    publish(out, build("one"))
    (tmp_path / "copy").write_bytes(build("one")["public/file-0.txt"])
    (out / "public/file-0.txt").unlink()
    (out / "public/file-0.txt").symlink_to(tmp_path / "copy")

    assert compare(out, build("one")) == "public/file-0.txt: not a plain file\n"
