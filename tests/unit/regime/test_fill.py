"""Every state of an item is reached by what a provider says, and nothing absent reads as compliance."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kaiji.manifest.load import load as load_release
from kaiji.regime.blocks import Paragraph
from kaiji.regime.fill import fill
from kaiji.regime.filled import ORIGINS, Filled, FilledItem
from kaiji.regime.localise import localise
from kaiji.regime.model import Regime
from kaiji.regime.of_items import principle_status
from kaiji.terms import LANGUAGES, Audience, ComplianceStatus, ItemState

CODE = "jp-principle-code"
HINODE = Path(__file__).parents[3] / "sample_manifests" / "hinode" / "release.yaml"
REASON = {
    "ja": "海賊版サイトの一覧は、公表すると侵害サイトへの案内になるため、2027年3月に見直します。",
    "en": "The list of piracy sites would guide readers to them; we look at this again in March 2027.",
}
CRAWLER = {"name": "ToyBot", "user_agent": "ToyBot/1"}
ROLES = {"provider": {"legal_name": "P", "roles": ["provider"]}}
MODEL = {"name": "M", "version": "1", "release_date": "2026-10-15"}
BASE = {"name": "Base", "supplier": {"ja": "基盤社", "en": "Base Inc."}}
CONTACT = {"purpose": "rights_holders", "kind": "url", "value": "https://p.example/rights"}
REQUESTS = {"form": True, "procedure": "We answer.", "log": "yes"}

Fill = Callable[..., Filled]
Find = Callable[[Filled, str], FilledItem]


def paragraphs(item: FilledItem) -> list[str]:
    return [block.text.en for block in item.blocks if isinstance(block, Paragraph)]


def cells(item: FilledItem) -> list[str]:
    return [cell.en for block in item.blocks if block.type == "table" for row in block.rows for cell in row]


def missing(filled: Filled) -> set[str]:
    return {finding.message.split(":")[0] for finding in filled.findings if finding.id == "KJ501"}


def test_answered_from_data_and_from_a_declaration(filled: Fill, item: Find, source: Any) -> None:
    made = filled([source()], records={"retention": "Kept for five years."})
    data, said = item(made, "B2"), item(made, "C1")
    assert (data.state, data.origin, data.status) == (ItemState.ANSWERED, "data", ComplianceStatus.COMPLY)
    assert data.statements == ("category.public.count",)
    assert "fewer than 5" in cells(data)
    assert (said.state, said.origin, said.status) == (ItemState.ANSWERED, "declaration", ComplianceStatus.COMPLY)
    assert paragraphs(said) == ["Kept for five years."]
    shares = item(made, "B2.1")  # of sizes that were declared, not measured
    assert (shares.state, shares.origin, shares.statements) == (
        ItemState.ANSWERED,
        "declaration",
        ("category.text.public.share",),
    )
    assert not {"B2", "B2.1", "C1"} & missing(made)


def test_unanswered_required_items_are_told(filled: Fill, item: Find, source: Any) -> None:
    made = filled([source()])
    one = item(made, "C1")
    assert (one.state, one.origin, one.status, one.blocks) == (ItemState.UNANSWERED, "missing", None, ())
    assert one.text.en == "Not answered: The provider has not declared this (Retention of records)."
    assert one.text.ja == "未記載:事業者の申告がありません(記録の保存)。"
    found = [finding for finding in made.findings if finding.message.startswith("C1:")]
    assert [(finding.id, finding.place.key) for finding in found if finding.place] == [
        ("KJ501", "answers.jp-principle-code.C1")
    ]
    assert missing(made) == {one.spec.id for one in made.items if one.origin == "missing"}


def test_several_facts_that_nobody_declared_are_one_sentence(filled: Fill, item: Find, source: Any) -> None:
    text = item(filled([source()]), "C3").text
    assert text.en == "Not answered: The provider has not declared this (Responsible role, Contacts)."
    assert text.ja == "未記載:事業者の申告がありません(責任を負う役職・体制、連絡先)。"


def test_an_item_that_is_partly_answered_shows_what_there_is(filled: Fill, item: Find, source: Any) -> None:
    made = item(filled([source()], provider={"legal_name": "P", "roles": ["developer"], "contacts": [CONTACT]}), "C3")
    assert made.state is ItemState.UNANSWERED
    assert "https://p.example/rights" in cells(made)


@pytest.mark.parametrize(
    ("answer", "state", "origin", "status"),
    [
        ({"status": "explain"}, ItemState.EXPLAINED, "explained", ComplianceStatus.EXPLAIN),
        ({"status": "partly"}, ItemState.EXPLAINED, "explained", ComplianceStatus.PARTLY),
        (
            {"status": "explain", "withheld_ground": "security", "withheld_scope": "The list."},
            ItemState.WITHHELD,
            "explained",
            ComplianceStatus.EXPLAIN,
        ),
        ({"status": "not_applicable"}, ItemState.NOT_APPLICABLE, "not_applicable", ComplianceStatus.NOT_APPLICABLE),
    ],
)
def test_what_a_person_explains(
    filled: Fill, item: Find, answer: dict[str, Any], state: ItemState, origin: str, status: ComplianceStatus
) -> None:
    more = {"reason": REASON, "alternative": "We answer enquiries.", "review_by": "2027-03-31"}
    made = filled(answers={"D6": {**answer, **more}}, measures={"output": [{"name": "Filter", "in_place": "yes"}]})
    one = item(made, "D6")
    assert (one.state, one.origin, one.status, one.reason) == (state, origin, status, one.reason)
    assert one.reason
    assert one.reason.en == REASON["en"]
    assert one.text == status.words
    said = paragraphs(one)
    assert f"Reason: {REASON['en']}" in said
    assert "What is disclosed or done instead: We answer enquiries." in said
    assert "The reason is looked at again by: 31 March 2027" in said
    assert ("What is withheld: The list." in said) is ("withheld_scope" in answer)
    assert ("Filter" in cells(one)) is (status is ComplianceStatus.PARTLY)
    assert "D6" not in missing(made)


def test_half_a_translation_is_not_printed(filled: Fill, item: Find) -> None:
    one = item(filled(answers={"D6": {"status": "explain", "reason": {"ja": "理由", "en": " "}}}), "D6")
    assert one.reason is None
    assert not one.blocks


def test_a_statement_answers_an_item_that_has_no_facts(filled: Fill, item: Find) -> None:
    one = item(filled(answers={"C1": {"statement": "We keep them."}}), "C1")
    assert (one.state, one.origin, one.status) == (ItemState.ANSWERED, "declaration", ComplianceStatus.COMPLY)
    assert paragraphs(one) == ["We keep them."]


@pytest.mark.parametrize(
    ("sources", "keys", "state", "origin"),
    [
        ([{"category": "crawled", "crawler": CRAWLER}], {}, ItemState.ANSWERED, "declaration"),
        ([{"category": "crawled"}], {}, ItemState.UNANSWERED, "missing"),
        ([{}], {"categories": {"crawled": {"used": False}}}, ItemState.NOT_APPLICABLE, "not_applicable"),
        ([{}], {}, ItemState.NOT_KNOWN, "missing"),
    ],
)
def test_an_item_with_a_condition(
    filled: Fill, item: Find, source: Any, sources: list[Any], keys: Any, state: ItemState, origin: str
) -> None:
    """Used, used without a crawler named, declared unused, and nothing said: the last is not "not applicable"."""
    made = filled([source(f"s{at}", **one) for at, one in enumerate(sources)], **keys)
    one = item(made, "B4")
    assert (one.state, one.origin) == (state, origin)
    if state in (ItemState.NOT_APPLICABLE, ItemState.NOT_KNOWN):
        assert "No source of the category" in one.text.en
        assert one.text.ja.startswith(("該当なし:", "不明:"))
    assert ("B4" in missing(made)) is (origin == "missing")
    assert (one.status is ComplianceStatus.NOT_APPLICABLE) is (state is ItemState.NOT_APPLICABLE)


def test_whether_the_web_is_used_is_not_answered_by_silence(filled: Fill, item: Find, source: Any) -> None:
    assert item(filled([source()]), "B3").state is ItemState.UNANSWERED
    said = item(filled([source()], categories={"crawled": {"used": False}}), "B3")
    assert said.state is ItemState.ANSWERED
    assert [block.text.en for block in said.blocks if block.type == "yes_no"] == ["No"]


def test_figures_that_are_not_known_and_those_that_are_withheld(
    filled: Fill, item: Find, code: Regime, release: Any, source: Any
) -> None:
    unknown = item(filled([source(declared={"tokens": 5}), source("t", declared={"bytes": 5})]), "B2.1")
    assert unknown.state is ItemState.NOT_KNOWN
    assert unknown.status is None
    summary = release([source()])
    kept = item(fill(code, summary.model_copy(update={"facets": ()})), "B2.1")
    assert kept.state is ItemState.WITHHELD
    assert kept.text.en == "Withheld: This level of disclosure does not give the figures."
    totals = tuple(t.model_copy(update={"statement": None, "reason": "withheld.owner"}) for t in summary.totals)
    owner = item(fill(code, summary.model_copy(update={"facets": (), "totals": totals})), "B2.1")
    assert owner.text.en == "Withheld: Too few owners stand behind the figures."


def test_an_item_for_another_role_does_not_apply(filled: Fill, item: Find) -> None:
    one = item(filled(**ROLES), "D2")
    assert (one.state, one.status, one.blocks) == (ItemState.NOT_APPLICABLE, ComplianceStatus.NOT_APPLICABLE, ())
    assert one.text.en.startswith("Not applicable: The item is not for the role")
    assert item(filled(), "D2").state is ItemState.UNANSWERED


class TestProviderOfAnothersModel:
    """A provider only, on a model of a supplier: block B by reference, its own data all the same."""

    known = {**MODEL, "base_models": [{**BASE, "disclosure_url": "https://base.example/disclosure"}]}
    unknown = {**MODEL, "base_models": [BASE]}

    def test_block_b_refers_to_the_supplier(self, filled: Fill, item: Find, source: Any) -> None:
        made = filled([source(stages=["fine_tuning"])], **ROLES, model=self.known)
        for name in ("A2", "B1", "B2", "B2.1", "B3", "B4"):
            one = item(made, name)
            assert (one.state, one.status) == (ItemState.ANSWERED, ComplianceStatus.COMPLY), name
            assert "https://base.example/disclosure" in cells(one)
            assert any(text.startswith("The provider did not develop this model.") for text in paragraphs(one))
        assert "100 %" in cells(item(made, "B2.1"))
        assert "category.text.public.share" in item(made, "B2.1").statements

    def test_without_data_of_its_own_it_is_a_declaration(self, filled: Fill, item: Find) -> None:
        assert item(filled(**ROLES, model=self.known), "B2").origin == "declaration"

    def test_a_supplier_without_a_disclosure_is_not_known(self, filled: Fill, item: Find, source: Any) -> None:
        made = filled([source(stages=["fine_tuning"])], **ROLES, model=self.unknown)
        one = item(made, "B2.1")
        assert (one.state, one.status, one.origin) == (ItemState.NOT_KNOWN, None, "missing")
        assert one.text.en == "Not known: No disclosure by the supplier of the base model is named."
        assert "100 %" in cells(one)
        assert "B2.1" in missing(made)

    def test_no_supplier_at_all_leaves_its_own_facts(self, filled: Fill, item: Find, source: Any) -> None:
        assert item(filled(**ROLES), "B2.1").state is ItemState.UNANSWERED
        assert item(filled([source()], **ROLES), "B2.1").state is ItemState.ANSWERED

    def test_the_supplier_is_named_with_the_model(self, filled: Fill, item: Find) -> None:
        assert "Base Inc." in cells(item(filled(**ROLES, model=self.known), "A1"))
        developer = filled(model=self.known)
        table = next(block for block in item(developer, "A1").blocks if block.type == "table")
        assert table.rows[0][-1].en == "Provider P"

    def test_a_developer_answers_for_its_own_data(self, filled: Fill, item: Find, source: Any) -> None:
        made = item(filled([source()], model=self.known), "B2.1")
        assert "https://base.example/disclosure" not in cells(made)


def test_the_light_tier_asks_for_less(filled: Fill, item: Find, source: Any) -> None:
    light = {"provider": {"legal_name": "P", "roles": ["developer"], "tier": "light"}}
    made, standard = filled([source()], **light), filled([source()])
    assert missing(made) < missing(standard)
    assert {"A4", "B1", "B3", "C1", "D1", "D8", "AC1"} <= missing(made)
    assert not {"A2", "A5", "B4", "C2", "C3", "D6", "P2.2", "P2.3"} & missing(made)
    for name in ("A2", "B4", "P2.3"):
        one = item(made, name)
        assert (one.origin, one.status, one.blocks, one.text.en) == (
            "optional",
            None,
            (),
            "Optional: nothing is stated",
        )
    given = item(filled([source()], **light, model={**MODEL, "architecture": "A decoder."}), "A2")
    assert (given.state, given.origin) == (ItemState.ANSWERED, "declaration")


def test_fixed_text_alone_is_no_compliance(filled: Fill, item: Find) -> None:
    one = item(filled(), "P2.1")
    assert (one.state, one.origin, one.status) == (ItemState.ANSWERED, "fixed", None)
    assert one.blocks


def test_fixed_text_does_not_stand_where_an_optional_item_is_empty(filled: Fill, item: Find) -> None:
    for name in ("R1", "G6", "G1", "S1"):
        one = item(filled(), name)
        assert (one.origin, one.blocks) == ("optional", ()), name
    given = item(filled(privacy={"handling": "Masked."}), "G6")
    assert len(paragraphs(given)) == 2
    assert paragraphs(given)[1] == "Masked."


@pytest.mark.parametrize(
    ("requests", "contacts", "state"),
    [
        (REQUESTS, [CONTACT], ItemState.ANSWERED),
        (None, [CONTACT], ItemState.UNANSWERED),
        (REQUESTS, [], ItemState.UNANSWERED),
        ({**REQUESTS, "form": False}, [CONTACT], ItemState.UNANSWERED),
        ({**REQUESTS, "log": "unknown"}, [CONTACT], ItemState.UNANSWERED),
        ({**REQUESTS, "log": "no"}, [CONTACT], ItemState.UNANSWERED),
        ({"form": True, "log": "yes"}, [CONTACT], ItemState.UNANSWERED),
    ],
)
def test_principles_2_and_3_need_form_window_procedure_and_log(
    filled: Fill, item: Find, requests: Any, contacts: Any, state: ItemState
) -> None:
    provider = {"legal_name": "P", "roles": ["developer"], "contacts": contacts}
    made = filled(provider=provider, **({"requests": requests} if requests else {}))
    for name, number in (("P2.2", 2), ("P3.2", 3)):
        one = item(made, name)
        assert one.state is state
        assert (one.status is ComplianceStatus.COMPLY) is (state is ItemState.ANSWERED)
        assert (f"Principle {number}", "Implemented" if one.status else "Not answered") in rows_of(item(made, "AC2"))


def rows_of(item: FilledItem) -> set[tuple[str, str]]:
    table = next(block for block in item.blocks if block.type == "table")
    return {(row[0].en, row[1].en) for row in table.rows}


C, P, E, N = ComplianceStatus.COMPLY, ComplianceStatus.PARTLY, ComplianceStatus.EXPLAIN, ComplianceStatus.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("items", "status"),
    [
        ([(C, "data"), (C, "declaration")], C),
        ([(C, "data"), (N, "not_applicable")], C),
        ([(C, "data"), (None, "optional"), (None, "fixed")], C),
        ([(C, "data"), (None, "missing")], P),
        ([(C, "data"), (E, "explained")], P),
        ([(P, "explained")], P),
        ([(P, "explained"), (None, "missing")], P),
        ([(E, "explained"), (E, "explained")], E),
        ([(E, "explained"), (None, "missing")], None),
        ([(None, "missing")], None),
        ([(N, "not_applicable")], N),
        ([(None, "fixed")], N),
        ([], N),
    ],
)
def test_status_of_a_principle(filled: Fill, items: list[Any], status: ComplianceStatus | None) -> None:
    one = filled().items[0]
    assert principle_status([one._replace(status=s, origin=o) for s, o in items]) is status


@pytest.mark.parametrize("case", ["hinode", "nothing", "provider", "light"])
def test_counts_add_up_and_are_what_the_document_says(case: str, filled: Fill, item: Find, source: Any) -> None:
    loaded = load_release(HINODE)
    keys: dict[str, Any] = {
        "hinode": loaded.release.model_dump(by_alias=True, exclude_none=True),
        "nothing": {},
        "provider": ROLES,
        "light": {"provider": {"legal_name": "P", "roles": ["developer"], "tier": "light"}},
    }[case]
    answers = keys.pop("answers", {}).get(CODE)
    made = filled([source()], answers, **keys)
    counts = made.counts()
    assert sum(counts.values()) == len(made.items) == len({one.spec.id for one in made.items})
    table = next(block for block in item(made, "SUM1").blocks if block.type == "table")
    assert [row[1].en for row in table.rows] == [str(counts[origin]) for origin in ORIGINS]
    told = next(
        block
        for block in item(made, "AC2").blocks
        if block.type == "table" and block.caption.en == "Status by principle"
    )
    gaps = {name for row in told.rows for name in row[3].en.split(", ")} - {"none"}
    assert gaps == {one.spec.id for one in made.items if one.origin == "missing" and one.spec.principle}


def test_nothing_said_is_no_compliance(filled: Fill) -> None:
    """With no answers and no sources, an item of the Code is answered only by what a release must declare."""
    for made in (filled(), filled(**ROLES)):
        for one in made.items:
            if one.spec.section in "ABCD" and one.state is ItemState.ANSWERED:
                assert set(one.spec.facts) <= {"model.names", "model.release_dates", "model.base_models"}, one.spec.id
            if one.spec.principle in (2, 3):
                assert one.status is None


def test_audiences_get_their_sections(code: Regime, release: Any) -> None:
    public, regulator = (fill(code, release(audience=audience)) for audience in Audience)
    more = {one.spec.section for one in regulator.items} - {one.spec.section for one in public.items}
    assert more == {"method", "preparation"}
    for audience in Audience:
        person = {"legal_name": "P", "roles": ["developer"], "representative": "Jane Roe"}
        text = localise(fill(code, release(audience=audience, provider=person)), "en").model_dump_json()
        assert ("Jane Roe" in text) is (audience is Audience.REGULATOR)


def test_answers_to_items_that_are_not_there(filled: Fill) -> None:
    made = filled(answers={"B2b1": {"statement": "x"}, "zzz": {"statement": "x"}})
    found = {finding.message: finding.place.key for finding in made.findings if finding.id == "KJ509" and finding.place}
    assert found == {
        "the regime has no item B2b1; did you mean B2b?": "answers.jp-principle-code.B2b1",
        "the regime has no item zzz": "answers.jp-principle-code.zzz",
    }


def test_evidence_stays_inside_and_still_counts(filled: Fill) -> None:
    claim = {"statement": {"ja": "すべて記録します。", "en": "We record all of it."}}
    assert [f.id for f in filled(answers={"C1": claim}).findings if f.message.startswith("C1")] == ["KJ507"]
    proved = filled(answers={"C1": {**claim, "evidence": ["internal-register-9"]}})
    assert not [f for f in proved.findings if f.message.startswith("C1")]
    assert "internal-register-9" not in localise(proved, "en").model_dump_json()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("audience", list(Audience))
def test_every_figure_belongs_to_a_statement_of_its_item(
    code: Regime, release: Any, language: Any, audience: Audience
) -> None:
    loaded = load_release(HINODE)
    sources = [s.model_dump(by_alias=True, exclude={"files"}, exclude_none=True) for s in loaded.sources]
    for one in sources:
        one["declared"] = {"tokens": 10**6, **one["declared"]}
    keys = loaded.release.model_dump(by_alias=True, exclude_none=True)
    document = localise(fill(code, release(sources, audience, **keys)), language)
    known = {statement.id: statement for statement in document.statements}
    figure = re.compile(
        r"[<>]?[0-9.]+ ?%|fewer than .*|.* or more|.* to less than .*|[0-9]+ to [0-9]+"
        r"|[0-9,万億]+\D*(未満|以上)|[0-9]+(〜[0-9]+)?件\D*"
    )
    printed = 0
    for item in (item for section in document.sections for item in section.items):
        assert set(item.statements) <= set(known)
        texts = {known[name].text for name in item.statements}
        for block in item.blocks:
            if block.type == "table" and item.id not in ("M1", "T1") and block.columns[-1] not in ("受付内容",):
                for cell in (
                    cell for row in block.rows for cell in row[1:] if len(cell) < 40 and figure.fullmatch(cell)
                ):
                    printed += 1
                    assert cell in texts, (item.id, cell)
    assert printed > 50
    for statement in document.statements:
        for bound in (statement.low, statement.high):
            assert bound is None or type(bound) in (int, float)


def test_the_date_is_that_of_the_documents(filled: Fill, item: Find) -> None:
    made = filled()
    assert made.summary.date == date(2026, 11, 20)
    assert "Next review: 20 November 2027 (twelve months after the date of this document)" in paragraphs(
        item(made, "AC3")
    )


def test_a_leap_day_is_reviewed_a_year_later(code: Regime, release: Any, item: Find) -> None:
    made = fill(code, release().model_copy(update={"date": date(2028, 2, 29)}))
    assert any("28 February 2029" in text for text in paragraphs(item(made, "AC3")))
