"""Where nothing is confidential nothing is hidden: releases as The Pile and RedPajama, whatever their sizes."""

import importlib
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from kaiji.control.openness import Openness
from kaiji.pipeline import Build

sys.path.insert(0, str(Path(__file__).parent))
releases = importlib.import_module("releases")

FOLDER = Path(__file__).parents[2] / "sample_manifests"
SAMPLES = ("pile", "redpajama")


def components(sample: str) -> list[dict[str, object]]:
    (path,) = (FOLDER / sample / "manifests").glob("*.yaml")
    with path.open(encoding="utf-8") as file:
        return YAML(typ="safe", pure=True).load(file)["sources"]


def nothing_hidden(built: Build) -> None:
    """No alarm, decision or repair of the control, no floor missed, and categories precise to one percent."""
    hidden = {d.path for d in built.decisions if d.action in ("merge", "withhold") and d.rule != "internal"}
    found = {finding.id for finding in built.findings}

    assert releases.alarms(built) == []
    assert hidden <= {"method", "provider.contacts", "provider.representative"}
    assert (built.proved.settled.repairs, built.proved.settled.audit.targets) == ((), ())
    assert not found & {f"KJ4{number:02}" for number in (4, 6, 7, 8, 9, 10, 11, 12, 15, 16, 17, 18, 20, 21, 22, 23)}
    for one in built.proved.positions:
        facets = [facet for facet in one.facets if facet.report.facet == "category"]
        assert [facet.report.place for facet in facets] == [Openness.PRECISE]


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_samples_pass_with_nothing_hidden(sample, build) -> None:
    nothing_hidden(build(FOLDER / sample / "release.yaml", worlds=1))


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), sample=st.sampled_from(SAMPLES))
def test_no_sizes_make_control_hide_anything(data, sample, make, build) -> None:
    sources = components(sample)
    unit = next(iter(sources[0]["declared"]))
    some = st.one_of(st.integers(1, 10**6), st.integers(10**9, 10**13))
    sizes = data.draw(st.lists(some, min_size=len(sources), max_size=len(sources)))
    changed = [{**one, "declared": {unit: size}} for one, size in zip(sources, sizes, strict=True)]

    nothing_hidden(build(make(changed), worlds=1))


def test_one_confidential_source_makes_it_hide_something(make, build) -> None:
    """What makes the tests above fail."""
    sources = [releases.source("secret-archive", "owner-alfa", "licensed", bytes=10**9), *components("pile")]
    with pytest.raises(AssertionError):
        nothing_hidden(build(make(sources), worlds=1))
