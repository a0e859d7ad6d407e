"""What is told of a facet: masses, precision and place, on facets small enough to check by hand."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from kaiji.control.disclosed import DisclosedFacet, DisclosedSummary, Row
from kaiji.control.floor_facets import FacetReport, Problem, Thresholds, facet_reports, percent, problems
from kaiji.control.openness import Openness
from kaiji.control.readers import Share
from kaiji.control.statements import Statement, share
from kaiji.provenance.summarise import Facet, Part, ProvenanceSummary, Quantity
from kaiji.terms import Audience, Basis, Modality, Unit

F = Fraction
Kind = str | None
STANDARD = Thresholds()


def facet(name: str, sizes: Mapping[Kind, int]) -> Facet:
    parts = tuple(Part(kind=kind, size=size, sources=(), owners=(), confidential=False) for kind, size in sizes.items())
    whole = Quantity(value=sum(sizes.values()), unit=Unit.TOKENS, basis=Basis.DECLARED)
    return Facet(name=name, modality=Modality.TEXT, whole=whole, parts=parts)


def report(
    sizes: Mapping[Kind, int],
    rows: Mapping[tuple[Kind, ...], str | None] | None,
    name: str = "category",
    **options: Any,
) -> FacetReport:
    """The report of a facet with ``sizes`` that is shown with ``rows``: kinds, and the unit of their share or None."""
    made = facet(name, sizes)
    statements: dict[str, Statement] = {}
    shown = []
    for kinds, unit in (rows or {}).items():
        path = "+".join(kind or "not-known" for kind in kinds)
        if unit:
            size = sum(sizes.get(kind, 0) for kind in kinds)
            statements[path] = share(path, size, made.whole.value, Decimal(unit))
        shown.append(Row(kinds=kinds, statement=path if unit else None))
    disclosed_facet = DisclosedFacet(
        name=name, modality=Modality.TEXT, unit=Unit.TOKENS, basis=Basis.DECLARED, rows=tuple(shown)
    )
    disclosed = DisclosedSummary.model_construct(
        audience=Audience.PUBLIC, facets=() if rows is None else (disclosed_facet,), statements=statements
    )
    summary = ProvenanceSummary.model_construct(facets=(made,))
    (found,) = facet_reports(summary, disclosed, **options)
    return found


def ids(found: FacetReport, thresholds: Thresholds = STANDARD) -> list[tuple[str, str]]:
    return [
        (problem.id, problem.message.replace(f"the facet {found.path}", "it"))
        for problem in problems(found, thresholds)
    ]


MIX: dict[Kind, int] = {"crawled": 62, "licensed": 30, "other": 8}
ROWS: dict[tuple[Kind, ...], str | None] = {("crawled",): "1", ("licensed",): "1", ("other",): "1"}


def test_a_good_facet() -> None:
    found = report(MIX, ROWS)
    assert found._replace(distance=0.0) == FacetReport(
        audience=Audience.PUBLIC,
        facet="category",
        modality=Modality.TEXT,
        core=True,
        named=F("0.92"),
        other=F("0.08"),
        unknown=F(0),
        withheld=F(0),
        silent=(),
        covered=F(1),
        precision=1 - F("0.0075"),
        distance=0.0,
        widest=("crawled", Share(F("0.615"), F("0.625"))),
        consistent=True,
        explained=False,
        place=Openness.PRECISE,
    )
    assert found.distance < 0.001
    assert found.path == "category.text"
    assert ids(found) == []


def test_rough_shares_are_a_place_lower() -> None:
    sizes: dict[Kind, int] = {"crawled": 55, "licensed": 28, "public": 17}
    found = report(sizes, {(kind,): "20" for kind in sizes})  # 50 to 70, 20 to 30, below 20
    assert (found.place, found.precision) == (Openness.CATEGORY, 1 - F("0.2"))
    assert found.widest == ("crawled", Share(F("0.5"), F("0.7")))
    assert ids(found) == [("KJ415", "a large kind of it is left too wide open")]


def test_a_merged_row_leaves_its_kinds_open() -> None:
    found = report(MIX, {("crawled",): "1", ("licensed", "other"): "1"})
    assert found.widest == ("licensed", Share(F(0), F("0.385")))
    assert (found.named, found.other) == (F("0.62"), F("0.38"))
    assert ids(found) == [
        ("KJ412", "it is in too great a part other"),
        ("KJ415", "the shares of it are too rough"),
    ]
    named = report(
        {"crawled": 50, "licensed": 30, "public": 20}, {("crawled",): "1", ("licensed", "public"): "1"}, "stage"
    )
    assert ids(named) == [("KJ414", "a large kind of it is left too wide open")]
    assert ids(named._replace(core=True, precision=F("0.8"))) == [("KJ415", "a large kind of it is left too wide open")]


def test_kinds_without_figures_are_nominal() -> None:
    found = report(MIX, dict.fromkeys(ROWS))
    assert (found.place, found.named, found.withheld) == (Openness.NOMINAL, F("0.92"), 0)
    assert ids(found) == [("KJ415", "the shares of it are too rough")]
    single = report({"crawled": 5}, {("crawled",): None})
    assert (single.place, single.precision) == (Openness.NOMINAL, 1)
    assert ids(single) == [("KJ415", "it is below the permitted corridor")]


def test_a_row_without_a_figure_among_others_is_withheld() -> None:
    found = report(MIX, ROWS | {("licensed",): None})
    assert (found.withheld, found.covered) == (F("0.3"), F(62, 92))
    assert (found.place, found.precision) == (Openness.NOMINAL, 1 - F("0.01"))  # though it follows from the others
    assert ids(found) == [
        ("KJ412", "it is in too great a part withheld"),
        ("KJ415", "it is not told for enough of the data"),
    ]


def test_a_figure_that_no_file_prints_is_withheld() -> None:
    assert report(MIX, ROWS, printed={"crawled", "other"}) == report(MIX, ROWS | {("licensed",): None})


@pytest.mark.parametrize("rows", [None, {}])
def test_a_facet_that_is_not_shown(rows: Any) -> None:
    found = report(MIX, rows)
    assert (found.place, found.withheld, found.precision, found.silent) == (Openness.OPAQUE, 1, 0, ())
    assert ids(found) == [("KJ412", "it is in too great a part withheld"), ("KJ415", "nothing is told of it")]
    other = report(MIX, rows, "licence")
    assert ids(other) == [("KJ414", "it is in great part withheld"), ("KJ415", "nothing is told of it")]
    excused = report(MIX, rows, "licence", explained=["licence"])
    assert (excused.place, ids(excused)) == (Openness.NOMINAL, [])


def test_an_explanation_does_not_excuse_a_core_facet() -> None:
    found = report(MIX, None, explained=["category"])
    assert found.place is Openness.NOMINAL
    assert ids(found) == [
        ("KJ412", "it is in too great a part withheld"),
        ("KJ415", "it is not told for enough of the data"),
    ]


def test_a_kind_that_no_row_names() -> None:
    found = report(MIX, {("crawled",): "1", ("other",): "1"})
    assert (found.silent, found.consistent) == (("licensed",), False)
    assert ids(found)[:2] == [
        ("KJ411", "it has kinds in the data that no row names"),
        ("KJ416", "the shares of it cannot all be true"),
    ]


def test_a_kind_without_size_is_not_passed_over_either() -> None:
    found = report({**MIX, "user": 0}, ROWS)
    assert (found.silent, ids(found)) == (("user",), [("KJ411", "it has kinds in the data that no row names")])
    assert ids(report({**MIX, "user": 0}, {**ROWS, ("user",): "1"})) == []


def test_a_row_of_a_kind_that_the_data_do_not_have() -> None:
    assert ids(report(MIX, {**ROWS, ("user",): "1"})) == []


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("category", "other", [("KJ412", "it is in too great a part other")]),
        ("category", None, [("KJ413", "it is in too great a part not known")]),
        ("language", "mul", [("KJ414", "it is in great part other")]),
        ("licence", None, [("KJ414", "it is in great part not known")]),
    ],
)
def test_too_much_that_is_other_or_not_known(name: str, kind: Kind, expected: Any) -> None:
    rows: dict[tuple[Kind, ...], str | None] = {("a",): "1", (kind,): "1"}
    assert ids(report({"a": 90, kind: 10}, rows, name)) == []
    found = report({"a": 89, kind: 11}, rows, name)
    problem = expected[0]
    assert found.place is (Openness.NOMINAL if found.core else Openness.PRECISE)
    assert ids(found)[0] == problem
    assert ids(found)[1:] == ([("KJ415", "it is below the permitted corridor")] if found.core else [])


def test_where_nothing_is_known_there_is_no_place() -> None:
    found = report({None: 7}, {(None,): "1"}, "licence")
    assert (found.place, found.unknown, found.precision) == (None, 1, 1)
    assert ids(found) == [("KJ414", "it is in great part not known")]
    core = report({None: 7}, {(None,): "1"}, "acquisition")
    assert (core.place, ids(core)) == (None, [("KJ413", "it is in too great a part not known")])


def test_a_list_of_every_source_is_above_the_corridor() -> None:
    found = report(MIX, ROWS, exact={Modality.TEXT: F(1)})
    assert (found.place, ids(found)) == (Openness.EXHAUSTIVE, [("KJ418", "it is above the permitted corridor")])


def test_thresholds_are_policy() -> None:
    rough: dict[tuple[Kind, ...], str | None] = dict.fromkeys(ROWS, "20")
    strict = Thresholds(precision_core=F("0.95"), vague=F("0.05"))
    assert ids(report(MIX, rough, thresholds=strict), strict) == [
        ("KJ412", "it is in too great a part other"),
        ("KJ415", "the shares of it are too rough"),
    ]


def test_details_hold_the_figures_and_messages_do_not() -> None:
    found = report({"a": 60, "other": 40}, {("a",): "1", ("other",): "1"})
    assert list(problems(found, STANDARD)) == [
        Problem("KJ412", "the facet category.text is in too great a part other", "other 40 %; at most 10 %"),
        Problem("KJ415", "the facet category.text is below the permitted corridor", "L1; at least L2"),
    ]


@pytest.mark.parametrize(("part", "text"), [("1", "100 %"), ("0", "0 %"), ("0.9994", "99.9 %"), ("0.0256", "2.6 %")])
def test_percent(part: str, text: str) -> None:
    assert percent(F(part)) == text
