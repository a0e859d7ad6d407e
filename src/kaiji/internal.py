"""What only the provider sees: exact figures, decisions, findings with their detail, the salt, and a checklist."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from kaiji.control import position_chart
from kaiji.control.disclosed import Decision
from kaiji.control.position import Position
from kaiji.findings import Finding
from kaiji.measure import Measured, inventory_lines
from kaiji.regime.filled import Filled


def internal_files(
    measured: Measured,
    findings: Sequence[Finding],
    filled: Sequence[Filled],
    decisions: Sequence[Decision],
    statements: Mapping[str, object],
    inputs: Mapping[str, Sequence[tuple[str, str]]],
    salt: bytes,
    positions: Sequence[Position],
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
        "internal/review.md": _review(findings, filled, decisions, positions),
        **{f"internal/{_chart(one)}": position_chart.svg(one, one.audience.value).encode() for one in positions},
    }


def _chart(stand: Position) -> str:
    return f"position.{stand.audience}.svg"


def _review(
    findings: Sequence[Finding], filled: Sequence[Filled], decisions: Sequence[Decision], positions: Sequence[Position]
) -> bytes:
    """A checklist for the person who signs: what needs a look, item by item. Internal."""
    lines = [
        "# Review",
        "",
        "Confidential. Tick what you have checked; nothing here is published.",
        "",
        "## Findings",
        "",
    ]
    lines += [f"- [ ] {finding.line(confidential=True)}" for finding in findings] or ["None."]
    for stand in positions:
        lines += ["", f"## Disclosure position, {stand.audience}", "", f"![Disclosure position]({_chart(stand)})", ""]
        lines.append(position_chart.markdown(stand).rstrip())
    for one in filled:
        lines += ["", f"## {one.regime.spec.id}, {one.summary.audience}", ""]
        lines += [f"- [ ] {item.spec.id}: {item.state} ({item.origin})" for item in one.items]
    lines += ["", "## Withheld and merged", ""]
    told = [decision for decision in decisions if decision.action in ("withhold", "merge")]
    lines += [f"- [ ] {d.audience}: {d.path}: {d.action} ({d.rule}): {d.reason}" for d in told] or ["None."]
    return ("\n".join(lines) + "\n").encode()


def plain(model: BaseModel) -> Any:
    return model.model_dump(mode="json")


def as_json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
