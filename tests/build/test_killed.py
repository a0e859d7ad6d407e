"""``kill -9`` at any moment of a build leaves the previous output whole."""

import hashlib
import random
import subprocess
import sys
import time


def _whole(out) -> bool:
    """Every file that SHA256SUMS of an audience lists is there with that digest, and no other."""
    for audience in ("public", "regulator"):
        listed = (out / audience / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
        digests = {line.split("  ", 1)[1]: line.split("  ", 1)[0] for line in listed}
        found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (out / audience).iterdir()}
        if {name: digest for name, digest in found.items() if name != "SHA256SUMS"} != digests:
            return False
    return (out / "internal" / "build.json").is_file()


def test_ten_kills(release, run, read, tmp_path) -> None:
    out = tmp_path / "out"
    begin = time.monotonic()
    assert run("build", release / "release.yaml", "--out", out, cwd=tmp_path).returncode == 0
    duration = time.monotonic() - begin
    seed = random.Random(20261122)  # the same ten moments in every run
    states = [{name: data for name, data in read(out).items() if name.startswith("public/")}]
    for number in range(10):
        date = f"2026-08-{number + 1:02d}"
        command = [sys.executable, "-m", "kaiji.cli.main", "build", str(release / "release.yaml"), "--out", str(out)]
        with subprocess.Popen(
            [*command, "--date", date], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as child:
            # half of the kills fall into the last tenth, where files are written and swapped
            late = number % 2
            time.sleep(duration * (seed.uniform(0.9, 1.1) if late else seed.uniform(0.0, 0.9)))
            child.kill()
        assert _whole(out), f"kill {number} left a torn output"
        now = {name: data for name, data in read(out).items() if name.startswith("public/")}
        if now not in states:
            assert f'"date": "{date}"'.encode() in now["public/jp-principle-code.ja.json"]
            states.append(now)

    last = run("build", release / "release.yaml", "--out", out, "--date", "2026-09-01", cwd=tmp_path)
    assert last.returncode == 0, last.stderr
    left = sorted(path.name for path in tmp_path.iterdir())
    assert [name for name in left if "kaiji-tmp" in name] == []


def test_a_torn_output_is_seen(release, run, tmp_path) -> None:
    """The check of the test above can fail."""
    out = tmp_path / "out"
    run("build", release / "release.yaml", "--out", out, cwd=tmp_path)
    assert _whole(out)
    (out / "public" / "index.html").write_text("half", encoding="utf-8")

    assert not _whole(out)
