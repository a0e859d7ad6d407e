"""The command line: exit codes, what goes to stdout, what a crash says."""

import os
import subprocess
import sys

import pytest


def test_help_needs_no_engine() -> None:
    """The modules that cost seconds are not imported for --help: a ratio of work, not a timed test."""
    program = (
        "import sys\n"
        "sys.argv = ['kaiji', '--help']\n"
        "from kaiji.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code, stop.code\n"
        "heavy = {'pandas', 'duckdb', 'datasets', 'pyarrow', 'typst', 'pydantic', 'jinja2', 'numpy'}\n"
        "heavy &= set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "attach" in done.stdout


def test_a_build_prints_its_paths_and_counts(release, run, tmp_path) -> None:
    done = run("build", release / "release.yaml", "--out", "out", cwd=tmp_path)

    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith("jp-principle-code (public): ")
    for language in ("ja", "en"):
        for extension in ("html", "md", "pdf", "json"):
            for audience in ("public", "regulator"):
                assert f"out/{audience}/jp-principle-code.{language}.{extension}" in lines
    assert lines[-1] == "verdict: review"
    assert "scan: 2 of 2 shards" in done.stderr
    assert (tmp_path / "out" / "internal").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("build", "missing.yaml"), 2, "missing.yaml"),
        (("build",), 2, "Missing argument"),
        (("build", "release.yaml", "--lang", "fr"), 2, "'fr' is not one of"),
        (("build", "release.yaml", "--date", "banana"), 2, "'banana' is not a date"),
        (("build", "release.yaml", "--regime", "no-such"), 2, "there is no regime 'no-such'"),
        (("build", "release.yaml", "--salt-file", "release.yaml"), 2, "salt"),
        (("build", "release.yaml", "--fail-on", "review"), 1, "verdict: review"),
        (("check", "release.yaml"), 0, "KJ501"),
        (("check", "release.yaml", "--fail-on", "review"), 1, "KJ501"),
        (("explain", "A2"), 0, "model.architecture"),
        (("explain", "Z9"), 2, "no document of this release has an item 'Z9'"),
        (("attach", "card.md"), 2, "run kaiji build first"),
        (("regimes", "list"), 0, "jp-principle-code"),
        (("doctor",), 0, "duckdb"),
    ],
)
def test_exit_codes(release, run, arguments, code, words) -> None:
    done = run(*arguments, cwd=release)

    assert done.returncode == code, done.stderr
    assert words in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_crash_is_a_failed_stage_and_tells_nothing(release, tmp_path) -> None:
    program = (
        "import sys, kaiji.pipeline\n"
        "def crash(*a, **k): raise ValueError('/secret/path holds 123456789')\n"
        "kaiji.pipeline.build = crash\n"
        "from kaiji.cli.main import main\n"
        "sys.argv = ['kaiji', 'build', 'release.yaml']\n"
        "main()\n"
    )
    plain = {key: value for key, value in os.environ.items() if key != "KAIJI_DEBUG"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=release, env=plain, capture_output=True, text=True, check=False
    )

    assert done.returncode == 3
    assert "ValueError" in done.stderr
    assert "secret" not in done.stderr


def test_an_unreadable_shard_fails_the_release_and_not_the_scan(release, run, tmp_path) -> None:
    (release / "data" / "crawl-1.jsonl.gz").write_bytes(b"\x1f\x8b broken")
    done = run("build", release / "release.yaml", "--out", "out", cwd=tmp_path)

    assert done.returncode == 1
    assert "data/crawl-1.jsonl.gz" in done.stderr
    assert "KJ201" in done.stderr
    assert "scan: 2 of 2 shards" in done.stderr
    assert not (tmp_path / "out").exists()


def test_attach_is_idempotent_and_keeps_the_rest(release, run, tmp_path) -> None:
    run("build", release / "release.yaml", "--out", "disclosure", cwd=tmp_path)
    card = tmp_path / "card.md"
    card.write_bytes("---\n# mine\nlicense: mit # keep\ntags: []\n---\n\n# モデル\r\nText  \n".encode())
    assert run("attach", "card.md", "--check", cwd=tmp_path).returncode == 1
    assert run("attach", "card.md", cwd=tmp_path).returncode == 0
    once = card.read_bytes()
    assert run("attach", "card.md", cwd=tmp_path).returncode == 0

    assert card.read_bytes() == once
    assert run("attach", "card.md", "--check", cwd=tmp_path).returncode == 0
    assert once.startswith(b"---\n# mine\nlicense: mit # keep\ntags: []\n")
    assert "# モデル\r\nText  \n".encode() in once
    assert b"<!-- kaiji:begin -->" in once
