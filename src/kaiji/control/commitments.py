"""Salted commitments to the inputs: binding for the provider, silent for everyone else.

A bare digest of a manifest would let a reader test guesses about its confidential values. A commitment is
HMAC-SHA256 under a salt of 32 bytes that stays in ``internal/``; to open it, the provider shows the salt and
the list of input digests to whom it must.
"""

import hashlib
import hmac
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path

from kaiji.errors import InputError

SALT_BYTES = 32


def read_salt(text: str, name: str) -> bytes:
    """The salt written in ``text`` as 64 hexadecimal digits.

    Raises:
        InputError: ``text`` is anything else; its content is never shown.
    """
    digits = text.strip()
    if not re.fullmatch(r"[0-9a-fA-F]{64}", digits):
        raise InputError(f"{name}: a salt is {2 * SALT_BYTES} hexadecimal digits on one line, and nothing else")
    return bytes.fromhex(digits)


def user_salt(release_id: str) -> bytes | None:
    """A salt of this user for ``release_id``, so that two builds by one user agree without a salt file.

    It is derived from a key that is made once and kept in the user's configuration folder with mode 0600. None
    when there is no such folder to write to.
    """
    try:
        configured = os.environ.get("XDG_CONFIG_HOME")
        path = (Path(configured) if configured else Path.home() / ".config") / "kaiji" / "key"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(descriptor, "w") as file:
                file.write(os.urandom(SALT_BYTES).hex() + "\n")
        key = read_salt(path.read_text(encoding="ascii"), "key")
    except (OSError, RuntimeError, InputError, UnicodeDecodeError):
        return None
    return hmac.new(key, release_id.encode(), hashlib.sha256).digest()


def commit(salt: bytes, name: str, inputs: Iterable[tuple[str, str]]) -> str:
    """Commitment (hex) to a set of inputs.

    Args:
        salt: 32 secret bytes.
        name: What is committed to; two names never share a commitment.
        inputs: Relative path and SHA-256 (hex) of each file, in any order.
    """
    listed = json.dumps([name, sorted(inputs)], ensure_ascii=False, separators=(",", ":"))
    return hmac.new(salt, listed.encode(), hashlib.sha256).hexdigest()
