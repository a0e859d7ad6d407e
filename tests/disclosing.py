"""Drawing a plan and disclosing by it in one step, as a build does before it looks for breaches."""

from datetime import date
from fractions import Fraction
from typing import NamedTuple

from kaiji.control.disclose import disclose
from kaiji.control.disclosed import Decision, DisclosedSummary, Method
from kaiji.control.draw import draw
from kaiji.control.level import Level
from kaiji.control.plan import Plan
from kaiji.control.primary import Rule
from kaiji.control.subjects import Claim
from kaiji.findings import Finding
from kaiji.provenance.summarise import ProvenanceSummary
from kaiji.terms import Audience

ON = date(2026, 11, 22)
P = Fraction(20, 100)


class Told(NamedTuple):
    """What one audience is told, and why it is told no more."""

    summary: DisclosedSummary
    decisions: tuple[Decision, ...]
    """Of the plan and of the door, for this audience."""
    findings: tuple[Finding, ...]
    """Of the plan, for this audience."""
    claims: tuple[Claim, ...]
    plan: Plan


def tell(
    summary: ProvenanceSummary,
    level: Level,
    audience: Audience = Audience.PUBLIC,
    on: date = ON,
    *,
    owners_minimum: int | None = None,
    method: Method | None = None,
    pinned: Plan | None = None,
) -> Told:
    """What ``audience`` is told of ``summary``; ``owners_minimum`` stands before that of the level."""
    drawn = draw(summary, level, Rule(P, owners_minimum or level.owners_minimum, on_request=True), pinned)
    done = disclose(summary, level, drawn.plan, audience, on, method=method)
    return Told(
        done.summary,
        (*(one for one in drawn.decisions if one.audience is audience), *done.decisions),
        tuple(one for one in drawn.findings if f" for {audience}:" in one.message),
        done.claims,
        drawn.plan,
    )
