"""The review checklist: all that a person has to look at before a sign-off, item by item, as Markdown and as HTML.

Confidential. Nothing here is published, and what is ticked is not read back: the sign-off is a record of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup

from kaiji.control import position_chart
from kaiji.control.disclosed import Decision
from kaiji.findings import Finding, Verdict, verdict
from kaiji.manifest.answers import ItemAnswer
from kaiji.manifest.models import Release
from kaiji.proof import Proved
from kaiji.regime.filled import Filled, FilledItem
from kaiji.regime.values import Present
from kaiji.render.html import rendered
from kaiji.terms import Words

TOLD = ("withhold", "merge", "pseudonym")
"""Actions of the control that take something away from a reader, and that the one who signs should know of."""


class Line(NamedTuple):
    """One thing to be told of an item, under a heading such as "Figures"."""

    about: str
    text: str


class Entry(NamedTuple):
    """An item as it is to be reviewed."""

    id: str
    label: Words
    state: str
    """How it is answered, and what the answer comes from."""
    lines: tuple[Line, ...]
    open: tuple[str, ...]
    """Findings that concern it, in full."""


class Part(NamedTuple):
    """The items of one regime for one audience."""

    title: str
    entries: tuple[Entry, ...]


class Review(NamedTuple):
    """Everything on the checklist."""

    title: str
    particulars: tuple[Line, ...]
    findings: tuple[str, ...]
    parts: tuple[Part, ...]
    decisions: tuple[str, ...]


def files(
    release: Release,
    findings: Sequence[Finding],
    filled: Sequence[Filled],
    decisions: Sequence[Decision],
    proved: Proved,
) -> dict[str, bytes]:
    """``internal/review.md``, ``internal/review.html``, and the charts of the disclosure position."""
    whole = review(release, findings, filled, decisions, proved)
    charts = {stand.audience.value: position_chart.svg(stand, stand.audience.value) for stand in proved.positions}
    stands = {stand.audience.value: position_chart.markdown(stand) for stand in proved.positions}
    page = rendered(
        "review.html.jinja",
        review=whole,
        # every text in a chart is escaped where it is drawn
        charts={name: Markup(chart) for name, chart in charts.items()},  # noqa: S704
        stands={name: list(text.strip().split("\n")) for name, text in stands.items()},
    )
    return {
        "internal/review.html": page,
        "internal/review.md": _markdown(whole, stands).encode(),
        **{f"internal/{_chart(name)}": chart.encode() for name, chart in charts.items()},
    }


def review(
    release: Release,
    findings: Sequence[Finding],
    filled: Sequence[Filled],
    decisions: Sequence[Decision],
    proved: Proved,
) -> Review:
    """The checklist of a build: the worst first, then every item in the order of its regime."""
    counts = [f"{sum(f.severity is level for f in findings)} {level.word}" for level in (Verdict.FAIL, Verdict.REVIEW)]
    return Review(
        title=f"Review of {release.model.name} {release.model.version}",
        particulars=(
            Line("Verdict", f"{verdict(findings).word}: {', '.join(counts)}"),
            *(Line("Date of the documents", day) for day in sorted({one.summary.date.isoformat() for one in filled})),
            *_audit(proved),
        ),
        findings=tuple(finding.line(confidential=True) for finding in findings),
        parts=tuple(_part(release, one, findings, decisions) for one in filled),
        decisions=tuple(f"{one.audience}: {_decided(one)}" for one in decisions if one.action in TOLD),
    )


def _audit(proved: Proved) -> Iterator[Line]:
    """What the two tests found, in figures."""
    audit = proved.settled.audit
    yield Line("Protected sizes", f"{audit.certified} of {len(audit.targets)} certified against every attacker")
    for stand in proved.positions:
        found, where = stand.attacker, stand.place.label if stand.place is not None else "none"
        inside = "inside" if stand.inside else "OUTSIDE"
        worlds = f"{found.witnesses_passed} of {found.witnesses} gave the same documents"
        told = f"core facets at {where} or above, {inside} of the corridor; witness worlds: "
        yield Line(f"Position, {stand.audience}", told + (worlds if found.witnesses else "none were needed"))
    steps = [f"{repair.path} ({repair.step})" for _, repair in proved.settled.repairs]
    about = "Proposed by the audit" if proved.settled.pinned else "Made coarser by the audit"
    yield Line(about, "; ".join(steps) or "nothing")


def _part(release: Release, filled: Filled, findings: Sequence[Finding], decisions: Sequence[Decision]) -> Part:
    regime, audience = filled.regime.spec, filled.summary.audience
    answers = release.answers.get(regime.id, {})
    own = _by_item(regime.id, [item.spec.id for item in filled.items], findings)
    entries = []
    for item in filled.items:
        lines = (
            Line("Asked in", f"{item.spec.locator}; {item.spec.verification.words.en}"),
            *_evidence(filled, item, answers.get(item.spec.id)),
            *_figures(filled, item, [one for one in decisions if one.audience is audience]),
        )
        label = filled.regime.wording.words(f"item.{item.spec.id}.label")
        state = f"{item.state}, from {item.origin}"
        entries.append(Entry(item.spec.id, label, state, lines, tuple(own.get(item.spec.id, ()))))
    return Part(f"{regime.id} version {regime.version}, {audience}", tuple(entries))


def _by_item(regime: str, items: Sequence[str], findings: Sequence[Finding]) -> dict[str, list[str]]:
    """Findings by item; of ``B2`` and ``B2.1`` the longer one, where both could be meant by a key."""
    found: dict[str, list[str]] = {}
    longest = sorted(items, key=len, reverse=True)
    for finding in findings:
        key = finding.place.key if finding.place else None
        rest = (key or "").removeprefix(f"answers.{regime}.")
        if key and rest != key:
            item = next((item for item in longest if rest == item or rest.startswith(f"{item}.")), None)
            if item:
                found.setdefault(item, []).append(finding.line(confidential=True))
    return found


def _evidence(filled: Filled, item: FilledItem, answer: ItemAnswer | None) -> Iterator[Line]:
    """What the answer rests on: facts with their basis, and what a person named."""
    for name in (*item.spec.facts, *item.spec.also):
        value = filled.values.get(name)
        if isinstance(value, Present):
            yield Line("Fact", f"{name}: {value.basis.words.en.lower()}")
        elif value is not None:
            yield Line("Fact", f"{name}: {value.state.words.en.lower()}")
    if answer:
        approver = answer.approver.en if answer.approver else "nobody named"
        yield Line("Answer", f"{answer.status.words.en}; approved by {approver}")
        yield Line("Evidence", ", ".join(answer.evidence) or "none named")
        if answer.review_by:
            yield Line("Looked at again by", answer.review_by.isoformat())


def _figures(filled: Filled, item: FilledItem, decisions: Sequence[Decision]) -> Iterator[Line]:
    for name in item.statements:
        said = filled.summary.statements[name]
        ends = f"{'…' if said.low is None else said.low} to {'…' if said.high is None else said.high} {said.unit}"
        yield Line("Figure", f"{name}: {said.text.en} (tells {ends})")
        yield from (Line("Decision", _decided(one)) for one in decisions if one.path == name)


def _decided(decision: Decision) -> str:
    return f"{decision.path}: {decision.action} ({decision.rule}): {decision.reason}"


def _chart(audience: str) -> str:
    return f"position.{audience}.svg"


def _markdown(whole: Review, stands: Mapping[str, str]) -> str:
    lines = [
        f"# {whole.title}",
        "",
        "Confidential. Tick what you have checked; nothing here is published. Then: `kaiji signoff`.",
        "",
        *(f"- {line.about}: {line.text}" for line in whole.particulars),
        "",
        "## Findings",
        "",
        *([f"- [ ] {line}" for line in whole.findings] or ["None."]),
    ]
    for audience, stand in stands.items():
        lines += ["", f"## Disclosure position, {audience}", "", f"![Disclosure position]({_chart(audience)})", ""]
        lines.append(stand.rstrip())
    for part in whole.parts:
        lines += ["", f"## {part.title}"]
        for entry in part.entries:
            lines += ["", f"### {entry.id} {_one_line(entry.label.en)} / {_one_line(entry.label.ja)}", ""]
            lines += [f"- [ ] {entry.state}"]
            lines += [f"- {line.about}: {_one_line(line.text)}" for line in entry.lines]
            lines += [f"- [ ] {line}" for line in entry.open]
    lines += ["", "## Withheld and merged", "", *([f"- [ ] {line}" for line in whole.decisions] or ["None."])]
    return "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())
