"""What only the provider sees: exact figures, decisions, findings with their detail, and the salt."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from kaiji.control.disclosed import Decision
from kaiji.findings import Finding
from kaiji.measure import Measured, inventory_lines


def internal_files(
    measured: Measured,
    findings: Sequence[Finding],
    decisions: Sequence[Decision],
    statements: Mapping[str, object],
    inputs: Mapping[str, Sequence[tuple[str, str]]],
    salt: bytes,
) -> dict[str, bytes]:
    """What only the provider sees: exact figures, decisions, findings with their detail, and the salt."""
    data: dict[str, object] = {
        "commitments.json": {name: [list(pair) for pair in pairs] for name, pairs in inputs.items()},
        "decisions.json": [plain(decision) for decision in decisions],
        "findings.json": [plain(finding) for finding in findings],
        "statements.json": statements,
    }
    return {
        **{f"internal/{name}": as_json(value) for name, value in data.items()},
        "internal/inventory.json": "".join(inventory_lines(measured)).encode(),
        "internal/.gitignore": b"*\n",  # a commit of the output must not take the secrets along
        "internal/salt": (salt.hex() + "\n").encode(),
    }


def plain(model: BaseModel) -> Any:
    return model.model_dump(mode="json")


def as_json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
