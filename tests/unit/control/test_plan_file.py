"""Plans as files: written, read again, and what is said of a file that does not fit."""

from decimal import Decimal
from pathlib import Path

import pytest

from kaiji.control.plan import AudiencePlanned, FacetPlan, Plan, TablePlan, TotalPlan
from kaiji.control.plan_file import load, text
from kaiji.errors import ManifestError
from kaiji.terms import Audience, Modality, SourceCategory

FACET = FacetPlan(
    facet="category",
    modality=Modality.TEXT,
    action="share",
    unit=Decimal("0.5"),
    groups=(("public",), ("licensed", "private"), (None,)),
)
ACROSS = FacetPlan(facet="modality", modality=None, action="kinds", groups=(("text",), ("image",)))
WITHHELD = FacetPlan(facet="language", modality=Modality.TEXT, action="withhold", reason="owner")
PUBLIC = AudiencePlanned(
    audience=Audience.PUBLIC,
    facets=(FACET, ACROSS, WITHHELD),
    totals=(TotalPlan(modality=Modality.TEXT, action="decade"),),
    tables=(
        TablePlan(
            facets=("category", "language"),
            modality=Modality.TEXT,
            unit=Decimal(5),
            suppressed=((("licensed", "private"), (None,)),),
        ),
    ),
    uncounted=(SourceCategory.LICENSED,),
    untold=("category.licensed.period",),
)
REGULATOR = PUBLIC.model_copy(update={"audience": Audience.REGULATOR, "tables": ()})
PLAN = Plan(level="middle-ground", audiences=(PUBLIC, REGULATOR))


def write(tmp_path: Path, content: bytes | str) -> Path:
    path = tmp_path / "plan.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def wrong(tmp_path: Path, content: bytes | str) -> list[str]:
    with pytest.raises(ManifestError) as caught:
        load(write(tmp_path, content), "plan.json")
    return [f"{finding.place}: {finding.id}: {finding.message}" for finding in caught.value.findings]


def test_a_plan_reads_as_it_was_written(tmp_path: Path) -> None:
    assert load(write(tmp_path, text(PLAN)), "plan.json") == PLAN
    assert text(load(write(tmp_path, text(PLAN)), "plan.json")) == text(PLAN)


def test_a_plan_may_be_written_by_hand(tmp_path: Path) -> None:
    plan = """
schema: kaiji/plan/v1
level: nominal
audiences:
  - audience: public
    facets: [{facet: licence, modality: text, action: share, unit: 1, groups: [[MIT], [null]]}]
    totals: []
  - {audience: regulator, facets: [], totals: [{modality: text, action: band}]}
"""
    facet = FacetPlan(
        facet="licence", modality=Modality.TEXT, action="share", unit=Decimal(1), groups=(("MIT",), (None,))
    )
    found = load(write(tmp_path, plan), "plan.json")
    assert (found.level, found.audience(Audience.PUBLIC).facets) == ("nominal", (facet,))
    assert found.audience(Audience.REGULATOR).total(Modality.TEXT).action == "band"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"level"', '"levle"', "KJ104: is not known here; did you mean level?"),
        ('"share"', '"shares"', "KJ106: must be one of share, kinds, withhold, not 'shares'; did you mean share?"),
        ('"kaiji/plan/v1"', '"kaiji/plan/v2"', "KJ106: must be kaiji/plan/v1, not 'kaiji/plan/v2'"),
        ('"regulator"', '"public"', "KJ106: must plan for each audience once: public, regulator"),
        ('"unit": "0.5"', '"unit": "0.3"', "KJ106: the unit must divide 100 and be 0.01 or more"),
        ('"unit": "0.5"', '"unit": 0', "KJ106: the unit must divide 100 and be 0.01 or more"),
        ('"unit": "0.5"', '"unit": null', "KJ106: a unit belongs to the action share, and only there"),
        ('"unit": "5"', '"unit": "7"', "KJ106: the unit must divide 100 and be 0.01 or more"),
        ('"facet": "language"', '"facet": "tongue"', "KJ106: there is no such facet; known are category, modality,"),
        ('"facet": "language"', '"facet": "category"', "KJ106: the facet of this modality is planned twice"),
        ('"facet": "modality"', '"facet": "stage"', "KJ106: the facet modality stands without a modality, and every"),
        ('"private"\n', '"public"\n', "KJ106: each row needs a kind, and no kind stands in two rows"),
        ('"language"\n     ]', '"category"\n     ]', "KJ106: a table is of two different facets of the summary"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(old: str, new: str, message: str, tmp_path: Path) -> None:
    content = text(PLAN).decode()
    assert old in content
    found = wrong(tmp_path, content.replace(old, new, 1))
    assert any(message in one for one in found), found
    assert all(one.startswith("plan.json:") and int(one.split(":")[1]) > 0 for one in found)


def test_the_total_of_a_modality_is_planned_once(tmp_path: Path) -> None:
    twice = PUBLIC.model_copy(update={"totals": PUBLIC.totals * 2})
    content = text(PLAN.model_copy(update={"audiences": (twice, REGULATOR)}))
    line = content.decode().split("\n").index('   "totals": [') + 1
    assert wrong(tmp_path, content) == [f"plan.json:{line}:4: KJ106: the total of a modality is planned twice"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "plan.json:1:1: KJ106: the file is not a mapping; it must begin with `schema: kaiji/plan/v1`"),
        ("{", "plan.json:1:2: KJ102: a value is missing"),
        ('{"level": "a", "level": "b"}', "plan.json:1:16: KJ103: it stands at line 1, column 2 already"),
        (b"\xff", "plan.json:1: KJ110: byte 0xff"),
    ],
)
def test_a_file_of_another_kind_is_refused(content: bytes | str, message: str, tmp_path: Path) -> None:
    (found,) = wrong(tmp_path, content)
    assert found.startswith(message)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"^plan\.json: fail: KJ101: there is no such file"):
        load(tmp_path / "plan.json", "plan.json")
