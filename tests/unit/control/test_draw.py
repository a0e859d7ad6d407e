"""Drawing a plan: what owners and the order of kinds decide, what an earlier plan keeps, what tables hide."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from disclosing import ON, P

from kaiji.control.disclose import disclose
from kaiji.control.draw import Drawn, draw, hidden_cells
from kaiji.control.level import Level
from kaiji.control.plan import AudiencePlanned, FacetPlan, Plan, TotalPlan
from kaiji.control.primary import Rule
from kaiji.errors import StageError
from kaiji.manifest.models import DataSource
from kaiji.provenance.summarise import NAMELESS, Crossing, Held, ProvenanceSummary, Quantity
from kaiji.terms import Audience, Basis, Modality, SourceCategory, Unit

Make = Callable[..., DataSource]
Sum = Callable[..., ProvenanceSummary]
PUBLIC, TEXT = Audience.PUBLIC, Modality.TEXT
ONE, FIVE, TEN = Decimal(1), Decimal(5), Decimal(10)
PAIR = ("category", "acquisition")


def drawn(summary: ProvenanceSummary, level: Level, pinned: Plan | None = None, minimum: int = 3) -> Drawn:
    return draw(summary, level, Rule(P, minimum, on_request=True), pinned)


def planned(summary: ProvenanceSummary, level: Level, pinned: Plan | None = None) -> AudiencePlanned:
    return drawn(summary, level, pinned).plan.audience(PUBLIC)


def facet(plan: AudiencePlanned, name: str = "category") -> FacetPlan:
    found = plan.facet(name, TEXT)
    assert found is not None
    return found


def changed(plan: Plan, **update: Any) -> Plan:
    """``plan`` with the same change for every audience."""
    return plan.model_copy(update={"audiences": tuple(one.model_copy(update=update) for one in plan.audiences)})


def with_facet(plan: Plan, name: str, **update: Any) -> Plan:
    facets = tuple(one.model_copy(update=update) if one.facet == name else one for one in plan.audience(PUBLIC).facets)
    return changed(plan, facets=facets)


def three_kinds(source: Make, first: int = 0) -> list[DataSource]:
    """Three owners in each of three categories."""
    kinds = ("licensed", "private", "synthetic")
    return [source(first + n, category=kinds[n // 3]) for n in range(9)]


# Facets


def test_a_plan_names_every_facet_and_total(source: Make, summary: Sum, middle_ground: Level) -> None:
    made = summary(*three_kinds(source))
    plan = drawn(made, middle_ground).plan
    assert [one.audience for one in plan.audiences] == list(Audience)
    for one in plan.audiences:
        assert [(f.facet, f.modality) for f in one.facets] == [(f.name, f.modality) for f in made.facets]
        assert one.totals == (TotalPlan(modality=TEXT, action="band"),)
    assert facet(plan.audience(PUBLIC)) == FacetPlan(
        facet="category", modality=TEXT, action="share", unit=ONE, groups=(("licensed",), ("private",), ("synthetic",))
    )


def test_sizes_decide_nothing(source: Make, summary: Sum, middle_ground: Level) -> None:
    sources = [*three_kinds(source), source(9, category="other"), source(10, category="other", owner=None)]
    larger = [
        one.model_copy(update={"declared": one.declared.model_copy(update={"tokens": 7**n})})
        for n, one in enumerate(sources)
    ]
    assert drawn(summary(*sources), middle_ground) == drawn(summary(*larger), middle_ground)


def test_too_few_owners_in_all_withhold_a_facet_and_its_total(source: Make, summary: Sum, middle_ground: Level) -> None:
    made = drawn(summary(source(0), source(1, category="private")), middle_ground)
    plan = made.plan.audience(PUBLIC)
    assert {(one.action, one.reason, one.groups) for one in plan.facets} == {("withhold", "owner", ())}
    assert plan.totals == (TotalPlan(modality=TEXT, action="withhold", reason="owner"),)
    assert [finding.id for finding in made.findings] == ["KJ404", "KJ404"]
    assert [" for public" in finding.message for finding in made.findings] == [True, False]


def test_what_the_level_withholds_is_no_matter_of_owners(source: Make, summary: Sum, nominal: Level) -> None:
    plan = planned(summary(*three_kinds(source)), nominal)
    assert plan.totals == (TotalPlan(modality=TEXT, action="withhold"),)
    assert facet(plan) == FacetPlan(
        facet="category", modality=TEXT, action="kinds", groups=(("licensed",), ("private",), ("synthetic",))
    )


# Plans of earlier releases


def test_a_pinned_plan_is_drawn_again_on_the_same_data(source: Make, summary: Sum, middle_ground: Level) -> None:
    made = summary(*three_kinds(source), source(9, category="other"), source(10, category="other", owner=None))
    first = drawn(made, middle_ground).plan
    assert drawn(made, middle_ground, first).plan == first


def test_a_pinned_plan_keeps_what_it_merged_widened_and_withheld(
    source: Make, summary: Sum, middle_ground: Level
) -> None:
    made = summary(*three_kinds(source))
    first = drawn(made, middle_ground).plan
    merged = with_facet(first, "category", groups=(("licensed", "private"), ("synthetic",)), unit=FIVE)
    assert facet(planned(made, middle_ground, merged)) == facet(merged.audience(PUBLIC))
    gone = with_facet(first, "language", action="withhold", reason="owner", unit=None, groups=())
    assert facet(planned(made, middle_ground, gone), "language") == facet(gone.audience(PUBLIC), "language")
    decade = changed(first, totals=(TotalPlan(modality=TEXT, action="decade"),))
    assert planned(made, middle_ground, decade).totals == (TotalPlan(modality=TEXT, action="decade"),)
    silent = changed(first, uncounted=(SourceCategory.LICENSED,), untold=("category.licensed.purpose",))
    aimed = summary(*(source(n, purpose=f"p{n}") for n in range(5)))
    assert planned(aimed, middle_ground).untold == ()
    again = planned(aimed, middle_ground, silent)
    assert (again.uncounted, again.untold) == ((SourceCategory.LICENSED,), ("category.licensed.purpose",))


def test_a_kind_that_a_pinned_plan_does_not_know_is_decided_anew(
    source: Make, summary: Sum, middle_ground: Level
) -> None:
    old = three_kinds(source)
    first = with_facet(
        drawn(summary(*old), middle_ground).plan, "category", groups=(("licensed", "synthetic"), ("private",))
    )
    safe = summary(*old, *(source(9 + n, category="crawled") for n in range(3)))
    assert facet(planned(safe, middle_ground, first)).groups == (
        ("crawled",), ("licensed", "synthetic"), ("private",),
    )  # fmt: skip
    alone = summary(*old, source(9, category="crawled"))
    assert facet(planned(alone, middle_ground, first)).groups == (
        ("crawled", "licensed", "synthetic"), ("private",),
    )  # fmt: skip


def test_a_pinned_plan_does_not_make_finer_what_is_drawn_coarser(
    source: Make, summary: Sum, middle_ground: Level
) -> None:
    first = drawn(summary(*three_kinds(source)), middle_ground).plan
    few = summary(source(0), *three_kinds(source, 1)[3:])
    assert facet(planned(few, middle_ground, first)).groups == (("licensed", "private"), ("synthetic",))
    finer = with_facet(first, "category", unit=Decimal("0.1"))
    assert facet(planned(summary(*three_kinds(source)), middle_ground, finer)).unit == ONE


# Counts and outlines


def counted(*numbers: int) -> Callable[..., AudiencePlanned]:
    """The plan of so many confidential and so many open sources of the category `licensed`."""
    secret, known = numbers

    def made(source: Make, summary: Sum, level: Level) -> AudiencePlanned:
        sources = [source(n) for n in range(secret)]
        sources += [source(100 + n, confidentiality="public") for n in range(known)]
        return planned(summary(*sources), level)

    return made


@pytest.mark.parametrize(
    ("secret", "known", "withheld"),
    [
        (1, 0, False),  # fewer than 5, and none is named: 1 to 4
        (1, 2, True),  # fewer than 5, less two named: 1 or 2
        (2, 1, False),  # fewer than 5, less one named: 1 to 3
        (1, 18, True),  # 5 to 19, less 18 named: 1
        (1, 16, False),  # 5 to 19, less 16 named: 1 to 3
        (1, 498, True),  # 100 to 499, less 498 named: 1
        (0, 3, False),  # nothing is confidential
    ],
)
def test_counts_that_show_few_confidential_sources_are_withheld(
    secret: int, known: int, withheld: bool, source: Make, summary: Sum, middle_ground: Level
) -> None:
    plan = counted(secret, known)(source, summary, middle_ground)
    assert plan.uncounted == ((SourceCategory.LICENSED,) if withheld else ())


def test_a_count_is_printed_if_and_only_if_the_plan_counts_it(source: Make, summary: Sum, middle_ground: Level) -> None:
    for known in (0, 2):
        made = summary(source(0), *(source(1 + n, confidentiality="public") for n in range(known)))
        plan = drawn(made, middle_ground).plan
        told = disclose(made, middle_ground, plan, PUBLIC, ON).summary.outline(SourceCategory.LICENSED)
        assert (told.count is None) is (SourceCategory.LICENSED in plan.audience(PUBLIC).uncounted) is (known == 2)


def test_names_that_are_withheld_hide_nothing_less(source: Make, summary: Sum, middle_ground: Level) -> None:
    plans = {
        audience: plan.model_copy(update={"names": "withhold"}) for audience, plan in middle_ground.audiences.items()
    }
    level = middle_ground.model_copy(update={"audiences": plans})
    assert counted(1, 2)(source, summary, level).uncounted == ()
    silent = {audience: plan.model_copy(update={"counts": "withhold"}) for audience, plan in plans.items()}
    assert counted(1, 2)(source, summary, level.model_copy(update={"audiences": silent})).uncounted == ()


def test_what_too_few_owners_tell_is_untold(source: Make, summary: Sum, middle_ground: Level) -> None:
    def untold(*owners: str | None, **given: Any) -> tuple[str, ...]:
        sources = [source(n, owner=owner, purpose="Chat.", **given) for n, owner in enumerate(owners)]
        return planned(summary(*sources, *(source(50 + n) for n in range(3))), middle_ground).untold

    path = ("category.licensed.purpose",)
    assert untold("a", "b", "c") == ()
    assert untold("a", "b") == untold("a", "b", "b") == untold("a", None, None) == path
    assert untold("a", "b", "c", declared={"tokens": 0}) == path
    assert untold() == ()


# Tables


def crossing(*held: tuple[str, str, str | None, int], secret: bool = True) -> Crossing:
    """Cells by category and acquisition, each of an owner and a size."""
    holdings = tuple(
        Held(kinds=(row, column), owner=owner, confidential=secret, size=size) for row, column, owner, size in held
    )
    whole = Quantity(value=sum(one.size for one in holdings), unit=Unit.TOKENS, basis=Basis.DECLARED)
    return Crossing(facets=PAIR, modality=TEXT, whole=whole, holdings=holdings)


def owned(row: str, column: str, owners: str, size: int = 100) -> list[tuple[str, str, str | None, int]]:
    return [(row, column, owner, size) for owner in owners]


RULE = Rule(Fraction(15, 100), 3, on_request=True)
ROWS, COLUMNS = (("a",), ("b",), ("c",)), (("x",), ("y",), ("z",))


def test_a_table_of_enough_owners_hides_nothing() -> None:
    cells = [held for row in "abc" for column in "xyz" for held in owned(row, column, "opq")]
    assert hidden_cells(crossing(*cells), ROWS, COLUMNS, RULE) == ()


def test_a_cell_of_one_owner_is_hidden_with_others_that_protect_it() -> None:
    cells = [
        held
        for row in "abc"
        for column in "xyz"
        for held in owned(row, column, "o" if (row, column) == ("a", "x") else "opqr")
    ]
    hidden = hidden_cells(crossing(*cells), ROWS, COLUMNS, RULE)
    assert hidden is not None
    assert (("a",), ("x",)) in hidden
    rows, columns = ([cell[place] for cell in hidden] for place in (0, 1))
    assert all(found.count(one) != 1 for found in (rows, columns) for one in found), (
        "one hidden cell in a line is known"
    )
    assert list(hidden) == [(row, column) for row in ROWS for column in COLUMNS if (row, column) in hidden]
    open_ = crossing(*cells, secret=False)
    assert hidden_cells(open_, ROWS, COLUMNS, RULE) == ()


def test_a_cell_that_is_a_total_cannot_be_protected() -> None:
    """The column x has one cell that is not empty: its total tells it."""
    cells = [*owned("a", "x", "o", 100), *owned("a", "x", "pq", 1)]
    cells += [held for row in "ab" for held in owned(row, "y", "opq")]
    assert hidden_cells(crossing(*cells), ROWS[:2], COLUMNS[:2], RULE) is None
    more = [*cells, *owned("b", "x", "opq")]
    assert hidden_cells(crossing(*more), ROWS[:2], COLUMNS[:2], RULE) is not None


def test_merged_rows_are_one_row_of_the_table() -> None:
    cells = [held for row in "abc" for column in "xyz" for held in owned(row, column, row + "opq")]
    cells += owned("d", "x", "s")
    apart = hidden_cells(crossing(*cells), (*ROWS, ("d",)), COLUMNS, RULE)
    together = hidden_cells(crossing(*cells), (("a", "d"), ("b",), ("c",)), COLUMNS, RULE)
    assert together == ()
    assert apart != ()


def test_nameless_owners_count_as_one() -> None:
    cells = [held for row in "abc" for column in "xyz" for held in owned(row, column, "opq")]
    nameless = [(row, column, NAMELESS if (row, column) == ("a", "x") else owner, size)
                for row, column, owner, size in cells]  # fmt: skip
    hidden = hidden_cells(crossing(*nameless), ROWS, COLUMNS, RULE)
    assert hidden is not None
    assert (("a",), ("x",)) in hidden


def in_cells(source: Make, alone: int = 1) -> list[DataSource]:
    """Four owners in each cell of two categories by two channels, and in the last cell ``alone``."""
    found = []
    for number in range(12 + alone):
        category, channel = [(c, a) for c in ("licensed", "private") for a in ("licensed", "purchased")][number // 4]
        found.append(source(number, category=category, acquisition=channel))
    return found


def test_the_plan_of_a_table_names_its_hidden_cells(source: Make, crossed: Sum, middle_ground_tables: Level) -> None:
    plan = planned(crossed(*in_cells(source)), middle_ground_tables)
    tables = {table.facets: table for table in plan.tables}
    assert set(tables) == {PAIR, ("category", "language")}
    table = tables[PAIR]
    assert (table.unit, table.modality) == (FIVE, TEXT)
    assert set(table.suppressed) == {((c,), (a,)) for c in ("licensed", "private") for a in ("licensed", "purchased")}
    safe = planned(crossed(*in_cells(source, 4)), middle_ground_tables)
    assert [table.suppressed for table in safe.tables] == [(), ()]


def test_a_table_that_cannot_be_protected_is_left_out(source: Make, crossed: Sum, middle_ground_tables: Level) -> None:
    giant = [source(n, acquisition="licensed", declared={"tokens": size}) for n, size in enumerate((10**6, 10, 10))]
    others = [source(10 + n, category="private" if n < 3 else "licensed", acquisition="purchased") for n in range(6)]
    made = drawn(crossed(*giant, *others), middle_ground_tables)
    assert [table.facets for table in made.plan.audience(PUBLIC).tables] == [("category", "language")]
    reason = "no pattern of suppressed cells protects its owners"
    assert [(one.path, one.action) for one in made.decisions if one.reason == reason] == [
        ("category-by-acquisition.text", "withhold")
    ] * len(Audience)


def test_cells_that_a_pinned_plan_hides_stay_hidden(source: Make, crossed: Sum, middle_ground_tables: Level) -> None:
    first = drawn(crossed(*in_cells(source)), middle_ground_tables).plan
    later = planned(crossed(*in_cells(source, 4)), middle_ground_tables, first)
    before = next(table for table in first.audience(PUBLIC).tables if table.facets == PAIR)
    after = next(table for table in later.tables if table.facets == PAIR)
    assert before.suppressed
    assert set(after.suppressed) == set(before.suppressed)


def test_hidden_cells_have_no_figure_and_others_have(source: Make, crossed: Sum, middle_ground_tables: Level) -> None:
    made = crossed(*in_cells(source), *(source(100 + n, category="synthetic") for n in range(4)))
    plan = drawn(made, middle_ground_tables).plan
    told = disclose(made, middle_ground_tables, plan, PUBLIC, ON)
    table = next(table for table in told.summary.tables if table.facets == PAIR)
    hidden = next(table for table in plan.audience(PUBLIC).tables if table.facets == PAIR).suppressed
    for row, ids in zip(table.rows, table.cells, strict=True):
        for column, name in zip(table.columns, ids, strict=True):
            assert (name is None) is ((row, column) in hidden)
            assert name is None or told.summary.statements[name].id == name
    withheld = [one.path for one in told.decisions if one.rule == "suppression"]
    assert len(withheld) == len(hidden) > 0


def test_a_plan_of_other_data_is_refused(source: Make, summary: Sum, middle_ground: Level) -> None:
    plan = drawn(summary(*three_kinds(source)), middle_ground).plan
    other = summary(*three_kinds(source), *(source(20 + n, category="crawled") for n in range(3)))
    with pytest.raises(StageError, match="a kind of a facet"):
        disclose(other, middle_ground, plan, PUBLIC, ON)
    images = summary(*(source(n, modality="image", declared={"items": 5}) for n in range(3)))
    with pytest.raises(StageError, match="says nothing of a facet"):
        disclose(images, middle_ground, plan, PUBLIC, ON)
