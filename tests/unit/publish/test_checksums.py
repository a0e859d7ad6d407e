"""SHA256SUMS is what coreutils reads."""

import subprocess

from kaiji.publish.checksums import sha256sums

FILES = {"b.json": b"{}\n", "a.html": "<p>開示</p>\n".encode(), "annex/c.csv": b"", "odd\\name": b"x"}


def test_a_line_a_file_in_order_of_name() -> None:
    lines = sha256sums(FILES).decode().splitlines()

    assert [line.split("  ")[1] for line in lines] == ["a.html", "annex/c.csv", "b.json", "odd\\\\name"]
    assert lines[1].startswith("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  ")
    assert lines[3].startswith("\\")


def test_sha256sum_accepts_it_and_sees_a_change(tmp_path) -> None:
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "SHA256SUMS").write_bytes(sha256sums(FILES))
    check = ["sha256sum", "--strict", "-c", "SHA256SUMS"]

    assert subprocess.run(check, cwd=tmp_path, capture_output=True).returncode == 0
    (tmp_path / "b.json").write_bytes(b"{ }\n")
    assert subprocess.run(check, cwd=tmp_path, capture_output=True).returncode == 1
