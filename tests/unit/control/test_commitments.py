"""Commitments: the same for the same inputs, different for all others, and silent about the salt."""

import re
from pathlib import Path

import pytest

from kaiji.control.commitments import SALT_BYTES, commit, read_salt, user_salt
from kaiji.errors import InputError

SALT = bytes(range(32))
INPUTS = [("manifests/a.yaml", "a" * 64), ("manifests/b.yaml", "b" * 64)]


def test_a_salt_is_64_hexadecimal_digits() -> None:
    assert read_salt(SALT.hex() + "\n", "salt") == SALT
    assert read_salt(f"  {SALT.hex().upper()}  ", "salt") == SALT
    assert len(read_salt("0" * 64, "salt")) == SALT_BYTES


@pytest.mark.parametrize(
    "text",
    ["", "f00dfeed", "f00dfeed" * 9, "f00dfeed" * 7 + "f00dfeeg", "f00dfeed" * 4 + "\n" + "f00dfeed" * 4, "０" * 64],
)
def test_a_wrong_salt_is_never_shown(text: str) -> None:
    with pytest.raises(InputError) as caught:
        read_salt(text, "my-salt.txt")
    assert str(caught.value).startswith("my-salt.txt: a salt is 64 hexadecimal digits")
    assert "f00d" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_commitment_is_64_hexadecimal_digits_and_does_not_change() -> None:
    assert re.fullmatch("[0-9a-f]{64}", commit(SALT, "data", INPUTS))
    assert commit(SALT, "data", INPUTS) == commit(SALT, "data", list(INPUTS))
    assert commit(SALT, "manifests", []) == "39a5510b7560c444a9bccce01244ed7785df480d0330dd42a23c793563dfb871"


def test_the_order_of_the_inputs_does_not_matter() -> None:
    assert commit(SALT, "data", INPUTS) == commit(SALT, "data", reversed(INPUTS))


def test_another_name_salt_path_or_digest_is_another_commitment() -> None:
    others = [
        commit(SALT, "data", INPUTS),
        commit(SALT, "manifests", INPUTS),
        commit(SALT[::-1], "data", INPUTS),
        commit(SALT, "data", INPUTS[:1]),
        commit(SALT, "data", []),
        commit(SALT, "data", [("manifests/a.yaml", "b" * 64), ("manifests/b.yaml", "a" * 64)]),
        commit(SALT, "data", [("manifests/a.yaml" + "a" * 64, ""), INPUTS[1]]),
        commit(SALT, "データ", INPUTS),
    ]
    assert len(set(others)) == len(others)


def test_two_names_cannot_be_mistaken_for_one_longer_list() -> None:
    assert commit(SALT, 'data",[["a","b"]]', []) != commit(SALT, "data", [("a", "b")])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_the_salt_of_a_user_stays_and_is_kept_from_others(home: Path) -> None:
    first = user_salt("asagi")
    assert first is not None
    assert len(first) == SALT_BYTES
    assert user_salt("asagi") == first
    key = home / ".config" / "kaiji" / "key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.parent.stat().st_mode & 0o077 == 0
    assert first.hex() not in key.read_text(encoding="ascii"), "the key itself is the salt of no release"


def test_every_release_and_every_user_has_a_salt_of_its_own(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = user_salt("asagi")
    assert user_salt("hinode") != mine
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "other"))
    assert user_salt("asagi") != mine
    assert (home / "other" / "kaiji" / "key").is_file()


def test_there_is_none_where_nothing_can_be_written(home: Path) -> None:
    (home / ".config").write_text("a file, no folder", encoding="ascii")
    assert user_salt("asagi") is None


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 64])
def test_a_key_that_was_spoilt_is_not_used(home: Path, content: bytes) -> None:
    folder = home / ".config" / "kaiji"
    folder.mkdir(parents=True)
    (folder / "key").write_bytes(content)
    assert user_salt("asagi") is None
    assert (folder / "key").read_bytes() == content
