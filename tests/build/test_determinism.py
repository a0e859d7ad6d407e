"""Same inputs, same bytes: on any machine, in any locale, at any time, in any order of shards."""

import os
import shutil

HOSTILE = {"LC_ALL": "C", "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "4242", "PYTHONUTF8": "0"}


def test_two_builds_are_byte_identical(release, run, read, tmp_path) -> None:
    """Also under another locale, time zone and hash seed, from another folder, and after files were touched."""
    first = run("build", release / "release.yaml", "--out", tmp_path / "a", cwd=tmp_path, PYTHONHASHSEED="1")
    assert first.returncode == 0, first.stderr
    moved = tmp_path / "elsewhere" / "deep"
    shutil.copytree(release, moved)
    for path in moved.rglob("*"):
        os.utime(path, (1, 1))
    second = run("build", "release.yaml", "--out", tmp_path / "b", cwd=moved, **HOSTILE)
    assert second.returncode == 0, second.stderr

    assert read(tmp_path / "a") == read(tmp_path / "b")
    assert len(read(tmp_path / "a")) > 20


def test_splitting_and_reordering_shards_changes_no_figure(release, run, read, tmp_path, make_shard, make_rows) -> None:
    """Only the commitments to the inputs and the list of inputs may differ."""
    assert run("build", release / "release.yaml", "--out", tmp_path / "a", cwd=tmp_path).returncode == 0
    for path in (release / "data").iterdir():
        path.unlink()
    everything = make_rows(80)[::-1]
    for number, part in enumerate((everything[:1], everything[1:33], everything[33:])):
        make_shard(release / "data" / f"crawl-{9 - number}.jsonl.gz", part)
    assert run("build", release / "release.yaml", "--out", tmp_path / "b", cwd=tmp_path).returncode == 0

    one, other = read(tmp_path / "a"), read(tmp_path / "b")
    changed = {name for name in one if one[name] != other[name]}
    public = {name for name in changed if name.startswith("public/")}
    assert public == set()
    assert "internal/inventory.json" not in changed
    assert "internal/commitments.json" in changed


def test_the_date_comes_from_the_option_or_the_epoch(release, run, read, tmp_path) -> None:
    run("build", release / "release.yaml", "--out", tmp_path / "a", "--date", "2026-07-01", cwd=tmp_path)
    run("build", release / "release.yaml", "--out", tmp_path / "b", cwd=tmp_path, SOURCE_DATE_EPOCH="1782864000")
    run("build", release / "release.yaml", "--out", tmp_path / "c", cwd=tmp_path)

    assert read(tmp_path / "a") == read(tmp_path / "b")
    assert b'"date": "2026-07-01"' in read(tmp_path / "a")["public/jp-principle-code.ja.json"]
    assert b'"date": "2026-06-01"' in read(tmp_path / "c")["public/jp-principle-code.ja.json"]


def test_without_a_salt_file_the_builds_of_one_user_agree(release, run, read, tmp_path) -> None:
    """And another user's commitments differ: the salt is no function of the inputs."""
    text = (release / "release.yaml").read_text(encoding="utf-8")
    (release / "release.yaml").write_text(text.replace("policy:\n  salt_file: salt.txt\n", ""), encoding="utf-8")
    for name, home in (("a", "one"), ("b", "one"), ("c", "two")):
        home_folder = tmp_path / home
        done = run(
            "build", release / "release.yaml", "--out", tmp_path / name, cwd=tmp_path,
            XDG_CONFIG_HOME=str(home_folder),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    assert read(tmp_path / "a") == read(tmp_path / "b")
    assert read(tmp_path / "a")["internal/salt"] != read(tmp_path / "c")["internal/salt"]
    note = "regulator/jp-principle-code.en.json"
    assert read(tmp_path / "a")[note] != read(tmp_path / "c")[note]
    assert (tmp_path / "one" / "kaiji" / "key").stat().st_mode & 0o777 == 0o600
