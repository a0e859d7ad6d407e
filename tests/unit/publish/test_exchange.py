"""Two folders change places, or nothing happens."""

import sys

import pytest

from kaiji.publish.exchange import exchange


@pytest.mark.skipif(not sys.platform.startswith(("linux", "darwin")), reason="no such call elsewhere")
def test_two_folders_change_places(tmp_path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mark").write_text(name)
    done = exchange(tmp_path / "first", tmp_path / "second")

    expected = ("second", "first") if done else ("first", "second")
    assert tuple((tmp_path / name / "mark").read_text() for name in ("first", "second")) == expected


def test_an_unknown_system_is_told_to_use_another_way(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(sys, "platform", "plan9")

    assert exchange(tmp_path / "first", tmp_path / "second") is False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the answer of Linux")
def test_a_missing_folder_is_an_error(tmp_path) -> None:
    (tmp_path / "first").mkdir()
    with pytest.raises(FileNotFoundError):
        exchange(tmp_path / "first", tmp_path / "second")
