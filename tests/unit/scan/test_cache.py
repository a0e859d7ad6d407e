"""The cache: what is put comes back as it was, or not at all, and only its user can read it."""

import errno
import json
import os
import subprocess
import sys
import threading

import pytest

from kaiji.errors import InputError
from kaiji.scan import cache as cache_module
from kaiji.scan.cache import ENTRY, Cache, DamagedError, Kind, user_folder

KEY, OTHER = "ab" + "0" * 38, "ab" + "1" * 38
DAMAGED = "an entry of the cache was damaged; it was removed"


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "deep" / "cache")


@pytest.fixture
def made(tmp_path):
    """Files to put, and a folder to get them into."""
    (tmp_path / "private").mkdir()
    paths = {"cells": tmp_path / "private" / "c", "authorities": tmp_path / "private" / "a"}
    for name, path in paths.items():
        path.write_bytes(name.encode() * 100)
    return paths


def place(cache, key=KEY, kind="partials"):
    return cache.folder / kind / key[:2] / key


def got(cache, folder, key=KEY):
    found = cache.files("partials", key, folder)
    return found and {name: path.read_bytes() for name, path in found.items()}


def test_what_is_put_comes_back(cache, made, tmp_path):
    assert cache.record("partials", KEY) is None
    assert cache.files("partials", KEY, tmp_path) is None
    cache.put("partials", KEY, made, {"facts": [1, "日本"]})
    assert cache.record("partials", KEY) == {"facts": [1, "日本"]}
    assert got(cache, tmp_path) == {"cells": b"cells" * 100, "authorities": b"authorities" * 100}
    assert cache.record("merged", KEY) is None
    assert cache.record("partials", OTHER) is None
    assert cache.notices == []


def test_what_is_put_does_not_hang_on_its_origin(cache, made, tmp_path):
    cache.put("partials", KEY, made, {})
    made["cells"].unlink()
    assert got(cache, tmp_path)["cells"] == b"cells" * 100


def test_who_took_an_entry_keeps_it_when_it_is_removed(cache, made, tmp_path):
    cache.put("partials", KEY, made, {})
    found = cache.files("partials", KEY, tmp_path)
    cache.clear()
    assert found["cells"].read_bytes() == b"cells" * 100


def test_an_entry_is_replaced(cache, made, tmp_path):
    cache.put("partials", KEY, made, {"n": 1})
    made["cells"].unlink()
    made["cells"].write_bytes(b"new")
    cache.put("partials", KEY, {"cells": made["cells"]}, {"n": 2})
    assert cache.record("partials", KEY) == {"n": 2}
    assert got(cache, tmp_path) == {"cells": b"new"}
    assert list((cache.folder / ".unfinished").iterdir()) == []


def test_a_record_is_amended_and_its_files_stay(cache, made, tmp_path):
    cache.amend("partials", KEY, {"n": 1})
    assert cache.record("partials", KEY) is None
    cache.put("partials", KEY, made, {"n": 1})
    cache.amend("partials", KEY, {"n": 2})
    assert cache.record("partials", KEY) == {"n": 2}
    assert got(cache, tmp_path)["cells"] == b"cells" * 100
    assert sorted(path.name for path in place(cache).iterdir()) == ["authorities", "cells", ENTRY]


@pytest.mark.parametrize("umask", [0, 0o22, 0o27, 0o77])
def test_only_its_user_can_read_it_whatever_the_umask(cache, made, umask):
    for path in made.values():
        path.chmod(0o666)
    before = os.umask(umask)
    try:
        cache.put("partials", KEY, made, {"n": 1})
        cache.amend("partials", KEY, {"n": 2})
    finally:
        os.umask(before)
    modes = {path.relative_to(cache.folder).as_posix(): path.stat().st_mode & 0o777 for path in cache.folder.rglob("*")}
    folders = {".unfinished", "partials", "partials/ab", f"partials/ab/{KEY}"}
    files = {f"partials/ab/{KEY}/{name}" for name in ("cells", "authorities", ENTRY)}
    assert modes == {**dict.fromkeys(folders, 0o700), **dict.fromkeys(files, 0o600)}
    assert cache.folder.stat().st_mode & 0o777 == 0o700


def test_the_folder_that_a_cache_makes_can_be_used_again_whatever_the_umask(cache, made):
    before = os.umask(0)
    try:
        cache.put("partials", KEY, made, {"n": 1})
    finally:
        os.umask(before)
    assert Cache(cache.folder).record("partials", KEY) == {"n": 1}


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_folder_that_others_can_write_to_is_refused(tmp_path, mode):
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(mode)
    with pytest.raises(InputError, match="others can write to it"):
        Cache(tmp_path / "open")


def test_a_folder_of_somebody_else_is_refused(tmp_path, monkeypatch):
    (tmp_path / "theirs").mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: (tmp_path / "theirs").stat().st_uid + 1)
    with pytest.raises(InputError, match="others can write to it"):
        Cache(tmp_path / "theirs")


def test_a_file_is_no_cache(tmp_path):
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(InputError, match="cache folder cannot be used"):
            Cache(path)


def flip(path, at):
    data = bytearray(path.read_bytes())
    data[at % len(data)] ^= 1 << (at % 8)
    path.write_bytes(data)


@pytest.mark.parametrize("name", ["cells", "authorities"])
@pytest.mark.parametrize("damage", ["flip", "cut", "more", "gone", "empty"])
def test_damaged_files_are_told_and_removed(cache, made, tmp_path, name, damage):
    cache.put("partials", KEY, made, {"n": 1})
    path = place(cache) / name
    if damage == "flip":
        flip(path, 137)
    elif damage == "cut":
        os.truncate(path, path.stat().st_size - 1)
    elif damage == "more":
        path.write_bytes(path.read_bytes() + b"\0")
    elif damage == "gone":
        path.unlink()
    else:
        path.write_bytes(b"")
    with pytest.raises(DamagedError):
        cache.files("partials", KEY, tmp_path)
    assert cache.notices == [DAMAGED]
    assert not place(cache).exists()
    assert cache.files("partials", KEY, tmp_path) is None
    assert cache.notices == [DAMAGED]


def test_a_flipped_bit_anywhere_in_a_record_is_seen(cache, made):
    """Its numbers become figures: none of them may be taken from a record that is not what was written."""
    cache.put("partials", KEY, made, {"documents": 41})
    whole = (place(cache) / ENTRY).read_bytes()
    for at in range(len(whole)):
        place(cache).mkdir(exist_ok=True)
        (place(cache) / ENTRY).write_bytes(whole)
        flip(place(cache) / ENTRY, at)
        assert cache.record("partials", KEY) is None, at
        assert not place(cache).exists()
    assert cache.notices == [DAMAGED] * len(whole)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", '"x"', "1", '{"files": 1, "record": 2}', "[" * 100_000, "\x80"]
)
def test_a_record_that_is_none_is_told_and_removed(cache, made, tmp_path, text):
    cache.put("partials", KEY, made, {"n": 1})
    (place(cache) / ENTRY).write_bytes(text.encode("latin-1"))
    assert cache.record("partials", KEY) is None
    assert cache.notices == [DAMAGED]
    assert not place(cache).exists()


def test_an_entry_without_a_record_is_told_and_removed(cache, made, tmp_path):
    cache.put("partials", KEY, made, {"n": 1})
    (place(cache) / ENTRY).unlink()
    assert cache.files("partials", KEY, tmp_path) is None
    assert cache.notices == [DAMAGED]
    assert not place(cache).exists()


def test_an_entry_in_the_place_of_another_is_damaged(cache, made):
    cache.put("partials", OTHER, made, {"n": 1})
    place(cache, OTHER).rename(place(cache))
    assert cache.record("partials", KEY) is None
    assert cache.notices == [DAMAGED]


def test_an_entry_removed_between_record_and_files_is_no_damage(cache, made, tmp_path):
    cache.put("partials", KEY, made, {"n": 1})
    assert cache.record("partials", KEY) == {"n": 1}
    cache.clear()
    assert cache.files("partials", KEY, tmp_path) is None
    assert cache.notices == []


def test_an_entry_removed_while_its_files_are_taken_is_no_damage(cache, made, tmp_path, monkeypatch):
    cache.put("partials", KEY, made, {"n": 1})
    link = cache_module._same_or_copy

    def cleared(path, target):
        Cache(cache.folder).clear()
        link(path, target)

    monkeypatch.setattr(cache_module, "_same_or_copy", cleared)
    assert cache.files("partials", KEY, tmp_path) is None
    assert cache.notices == []


@pytest.mark.parametrize("when", ["first", "last"])
def test_a_cache_that_is_cleared_while_an_entry_is_put(cache, made, monkeypatch, when):
    link = cache_module._same_or_copy
    calls = []

    def cleared(path, target):
        calls.append(path)
        if len(calls) == (1 if when == "first" else len(made)):
            Cache(cache.folder).clear()
        link(path, target)

    monkeypatch.setattr(cache_module, "_same_or_copy", cleared)
    cache.put("partials", KEY, made, {"n": 1})
    assert cache.record("partials", KEY) == {"n": 1}


def test_nothing_half_written_is_left_when_the_disk_is_full(cache, made, monkeypatch):
    cache.put("partials", KEY, made, {"n": 1})

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(cache_module, "_write", full)
    for key in (KEY, OTHER):
        with pytest.raises(OSError, match="No space"):
            cache.put("partials", key, made, {"n": 2})
    assert cache.record("partials", KEY) == {"n": 1}
    assert cache.record("partials", OTHER) is None
    assert list((cache.folder / ".unfinished").iterdir()) == []


def test_a_copy_is_taken_where_links_cannot_be_made(cache, made, tmp_path, monkeypatch):
    def crossing(*_):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(type(tmp_path), "hardlink_to", crossing)
    cache.put("partials", KEY, made, {"n": 1})
    assert (place(cache) / "cells").stat().st_ino != made["cells"].stat().st_ino
    assert got(cache, tmp_path)["cells"] == b"cells" * 100


def test_usage_and_clear(cache, made):
    assert cache.usage() == {}
    cache.clear()
    cache.put("partials", KEY, made, {})
    cache.put("partials", OTHER, made, {})
    cache.put("merged", KEY, {"cells": made["cells"]}, {})
    entry = (place(cache, kind="merged") / ENTRY).stat().st_size
    held = sum(path.stat().st_size for path in (cache.folder / "partials").rglob("*") if path.is_file())
    assert cache.usage() == {"merged": Kind(1, 500 + entry), "partials": Kind(2, held)}
    assert list(cache.usage()) == ["merged", "partials"]
    cache.clear()
    assert cache.usage() == {}
    assert [path for path in cache.folder.rglob("*") if path.is_file()] == []


def test_clear_removes_what_a_killed_scan_left_and_broken_entries(cache, made):
    cache.put("partials", KEY, made, {})
    (place(cache) / ENTRY).unlink()
    (cache.folder / ".unfinished" / "tmpx").mkdir()
    (cache.folder / ".unfinished" / "tmpx" / "cells").write_bytes(b"figures")
    cache.clear()
    assert [path for path in cache.folder.rglob("*") if path.is_file()] == []


def test_clear_removes_nothing_that_is_no_entry(tmp_path):
    """`--cache` may name a folder with other things by mistake."""
    others = ["new/thesis.tex", "src/ab/abandoned/entry.json", "photos/20/2024/a.jpg", f"x/cd/{KEY}/a", "notes.txt"]
    for name in others:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("mine")
    cache = Cache(tmp_path)
    assert cache.usage() == {}
    cache.clear()
    assert [name for name in others if not (tmp_path / name).exists()] == []


def test_threads_that_put_and_take_one_entry_see_it_whole(cache, made, tmp_path):
    cache.put("partials", KEY, made, {"n": 0})
    wrong, stop = [], threading.Event()

    def put():
        try:
            for number in range(60):
                cache.put("partials", KEY, made, {"n": number})
        except OSError as error:
            wrong.append(error)
        stop.set()

    def take():
        while not stop.is_set():
            try:
                found = got(cache, tmp_path)
            except DamagedError as error:
                found, error = None, wrong.append(error)
            if found is not None and found != {"cells": b"cells" * 100, "authorities": b"authorities" * 100}:
                wrong.append(found)

    threads = [threading.Thread(target=target) for target in (put, put, take)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert cache.record("partials", KEY)["n"] == 59


WRITER = """
import sys
from pathlib import Path
from kaiji.scan.cache import Cache
cache, source = Cache(Path(sys.argv[1])), Path(sys.argv[2])
sys.stdin.readline()
for number in range(40):
    for key in sys.argv[3:]:
        cache.put("partials", key, {"cells": source}, {"n": number})
assert cache.notices == [], cache.notices
"""


def test_processes_that_put_the_same_at_once(cache, made, tmp_path):
    command = [sys.executable, "-c", WRITER, str(cache.folder), str(made["cells"]), KEY, OTHER]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")
        for _ in range(2)
    ]
    for child in running:
        child.stdin.write("go\n")
        child.stdin.flush()
    told = [child.communicate()[1] for child in running]
    assert ([child.returncode for child in running], told) == ([0, 0], ["", ""])
    for key in (KEY, OTHER):
        assert cache.record("partials", key) == {"n": 39}
        assert got(cache, tmp_path, key) == {"cells": b"cells" * 100}
    assert list((cache.folder / ".unfinished").iterdir()) == []
    assert cache.usage()["partials"].entries == 2


def test_the_folder_of_the_user(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    for unusable in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", unusable)
        assert user_folder() == tmp_path / ".cache" / "kaiji"
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert str(user_folder()) == "/somewhere/kaiji"


def test_there_may_be_no_home(monkeypatch):
    def none():
        raise RuntimeError("no home")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr("pathlib.Path.home", none)
    assert user_folder() is None


def test_a_record_is_json_that_others_can_read(cache, made):
    cache.put("partials", KEY, {"cells": made["cells"]}, {"n": 1})
    entry = json.loads((place(cache) / ENTRY).read_text("ascii"))
    assert (entry["schema"], entry["record"], list(entry["files"])) == ("kaiji/cache-entry/v1", {"n": 1}, ["cells"])
    assert entry["files"]["cells"]["bytes"] == 500
