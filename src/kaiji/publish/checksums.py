"""SHA256SUMS, as ``sha256sum -c`` reads it."""

import hashlib
from collections.abc import Mapping


def sha256sums(files: Mapping[str, bytes]) -> bytes:
    """One line a file, in order of name: digest, two spaces, name.

    A name with a backslash, line feed or carriage return is escaped as coreutils does, with a backslash before
    the digest.

    Args:
        files: Content by name relative to the folder that SHA256SUMS stands in.
    """
    lines = []
    for name in sorted(files):
        escaped = name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
        mark = "\\" if escaped != name else ""
        lines.append(f"{mark}{hashlib.sha256(files[name]).hexdigest()}  {escaped}\n")
    return "".join(lines).encode()
