"""Six renderers that leak are caught by witness worlds of a real audit; their repaired twins are not.

Twenty owners, each larger and each smaller: forty worlds, in which everything published is the same. Each source was
collected in a year of its own, so that a summary, which is all that a world is made of, tells a leaky renderer its
exact size.
"""

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kaiji.control.certificates import certify
from kaiji.control.disclose import disclose
from kaiji.control.worlds import different, of_sizes
from kaiji.provenance.summarise import ProvenanceSummary
from kaiji.terms import Audience, Modality

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
leaky = importlib.import_module("leaky_renderers")
releases = importlib.import_module("releases")
source, M = releases.source, releases.M

OWNERS = 20
LICENSORS = [
    source(f"corpus-{n:02}", f"owner-{n:02}", "licensed" if n % 2 else "private", tokens=(40 + 7 * n * n % 150) * M,
           collected={"from": f"{1990 + n}-01", "to": f"{1990 + n}-12"})
    for n in range(OWNERS)
]  # fmt: skip
OPEN = [
    source("web-pages", category="crawled", tokens=2500 * M, collected={"from": "2025-01", "to": "2025-12"}),
    source("open-set", category="synthetic", tokens=900 * M, collected={"from": "2026-01", "to": "2026-03"}),
]


def sizes(summary: ProvenanceSummary) -> dict[str, int]:
    """Exact size of each source."""
    years = next(f for f in summary.facets if (f.name, f.modality) == ("period", Modality.TEXT))
    return {part.sources[0]: part.size for part in years.parts}


@pytest.fixture
def witnesses(make, build) -> Any:
    """True release, a renderer of it by the leaky function, and its forty worlds."""
    built = build(make([*LICENSORS, *OPEN]), worlds=0)
    assert releases.alarms(built) == []
    measured, audited = built.measured, built.proved.settled.audit
    now, level = built.proved.history.atoms, _level()
    worlds = []
    for target in audited.targets:
        if target.id.startswith("owner:owner-") and target.id.count(":") == 3:
            for number, one in enumerate(certify(audited.gate, [target], _limit(built)).certificates):
                worlds.append((f"{target.id}-{number}", of_sizes(measured.summary, measured.inventory, now, one.moves)))
    on = built.proved.made.disclosed[0].date

    def render(leak: Any) -> Any:
        def rendered(summary: ProvenanceSummary) -> Mapping[str, bytes]:
            told = disclose(summary, level, built.proved.settled.plan, Audience.PUBLIC, on)
            shown = [one for name, one in told.summary.statements.items() if _shown(name)]
            return leak(sizes(summary), shown)

        return rendered

    return measured.summary, worlds, render


def _level() -> Any:
    from kaiji.control.level import load
    from kaiji.render.templates import templates_root

    return load("middle-ground", templates_root() / "levels")


def _limit(built: Any) -> Any:
    from kaiji.proof import limits

    return limits(built.measured.loaded.release.policy).anybody


def _shown(name: str) -> bool:
    return name == "total.text" or (name.startswith("category.text.") and name.endswith(".share"))


def test_worlds_catch_the_leaks_and_not_their_twins(witnesses) -> None:
    true, worlds, render = witnesses
    assert len(worlds) == 2 * OWNERS
    assert len(sizes(true)) == len([*LICENSORS, *OPEN])
    caught: dict[str, int] = {}
    for name, leak in leaky.LEAKS.items():
        one = render(leak)
        caught[name] = len({found.world for found in different(worlds, one, one(true))})
        twin = render(leaky.TWINS[name])
        assert list(different(worlds, twin, twin(true))) == [], name

    # one world is enough; an order and a largest source stay the same in worlds that move others
    assert {name: count > 0 for name, count in caught.items()} == dict.fromkeys(leaky.LEAKS, True), caught
    assert caught["digest"] == caught["bars"] == 2 * OWNERS, caught
    # what makes this fail: in a world in which nobody moves no leak shows
    still = render(leaky.true_bars)
    assert list(different([("the same", true)], still, still(true))) == []
