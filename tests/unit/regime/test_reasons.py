"""What counts as a reason: rules X-1 to X-10, each with a case that fails and one that passes."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from kaiji.manifest.answers import ItemAnswer
from kaiji.regime.model import ItemSpec
from kaiji.regime.reasons import findings, repeated
from kaiji.regime.values import Absent, FactValue, Present
from kaiji.terms import Basis, ItemState, Role, Words

TODAY = date(2026, 11, 20)
ASKED = Words(
    ja="クローラの識別子 自社または委託先のクローラの識別子(UA文字列)を記載してください。",
    en="Crawler identifier State the identifier (UA token) of each own or commissioned crawler.",
)
GOOD = {
    "ja": "クローラの識別子は委託先との契約で当面示せません。",
    "en": "The contract with our contractor keeps the crawler identifier secret until it ends.",
}
SUPPLIER = "model.supplier_reference"
HERE: Mapping[str, FactValue] = {
    "crawled.used": Present((), Basis.DERIVED),
    "crawled.crawlers": Present((), Basis.DECLARED),
    SUPPLIER: Absent(ItemState.NOT_APPLICABLE, Words(ja="-", en="-")),
}


def an_item(**keys: Any) -> ItemSpec:
    plain = {"section": "B", "status": "declared", "locator": "x", "verification": "unverified"}
    return ItemSpec.model_validate({"id": "B4", "facts": ["crawled.crawlers"], **plain, **keys})


def check(
    answer: Mapping[str, Any],
    item: ItemSpec | None = None,
    facts: Mapping[str, FactValue] = HERE,
    roles: tuple[Role, ...] = (Role.DEVELOPER,),
    evidenced: bool = False,
) -> list[str]:
    given = ItemAnswer.model_validate({"status": "explain", "reason": GOOD, "review_by": "2027-03-31", **answer})
    found = findings(item or an_item(), given, facts, roles, TODAY, asked=ASKED, evidenced=evidenced)
    return [finding.id + finding.message.removeprefix("B4") for finding in found]


def test_a_good_reason_passes() -> None:
    assert len(GOOD["ja"]) == 25
    assert check({}) == []


NO_WORDS, SHORT = "the reason is empty, or is given in one language only", "is shorter than"
STOCK, LINK, NAMELESS = "is made of stock phrases", "is a link alone", "does not name what the item asks for"


@pytest.mark.parametrize("reason", [None, {"ja": "", "en": ""}, {**GOOD, "en": " "}, {**GOOD, "ja": ""}])
def test_x1_no_reason_or_half_of_one(reason: object) -> None:
    assert check({"reason": reason}) == [f"KJ502: {NO_WORDS}"]


@pytest.mark.parametrize(
    ("language", "reason", "problem"),
    [
        ("ja", "検討中", f"{SHORT} 20 characters"),
        ("ja", "社外秘のため開示しません。", f"{SHORT} 20 characters"),
        ("ja", "社外秘のため開示しません。現在検討中であり、準備中のため、今後対応いたします。", STOCK),
        (
            "ja",
            (
                "当社は、社外秘のため、本件に関する情報の開示は差し控えさせていただきますので、"
                "何卒ご理解賜りますようお願い申し上げます。"
            ),
            STOCK,
        ),
        (
            "ja",
            "クローラの識別子については、諸般の事情を総合的に判断し、現時点では非公開とさせていただいております。",
            STOCK,
        ),
        ("ja", "https://p.example/crawler/reason", LINK),
        ("ja", "クローラ" * 8, "repeats a few characters"),
        ("ja", "共同研究先との契約により守秘とされ、満了後に概要を公表します。", NAMELESS),
        ("en", "Confidential.", f"{SHORT} 40 characters"),
        ("en", "This information is confidential and proprietary and is not disclosed at this time.", STOCK),
        (
            "en",
            (
                "In accordance with applicable laws and company policy, we regret that we cannot disclose details "
                "of the "
                "crawler identifier at this time. Thank you for your understanding."
            ),
            STOCK,
        ),
        ("en", "https://p.example/a https://p.example/a/long/reason.", LINK),
        ("en", "A research partner asked us to keep this secret until the contract has run out.", NAMELESS),
    ],
)
def test_x2_and_x6_what_is_no_reason(language: str, reason: str, problem: str) -> None:
    assert check({"reason": {**GOOD, language: reason}}) == [f"KJ502: the reason ({language}) {problem}"]


@pytest.mark.parametrize(
    ("language", "reason"),
    [
        ("ja", "B4は共同研究先との契約により守秘とされ、満了後に公表します。"),
        ("ja", "識別子は、外部委託先の名称を兼ねるため、契約の満了まで伏せます。"),
        ("ja", "クローラの識別子は、詳細をhttps://p.example/botに示すとおり委託先が管理しています。"),
        ("ja", "営業秘密に当たるクローラの識別子を示すと、競合が収集範囲を推定できるためです。"),
        ("en", "B4 is covered by a contract with a research partner until 2027."),
        ("en", "Our crawlers carry the name of the contractor, who asked us to hold it back."),
        ("en", "The crawler is run by a contractor who manages its name: https://p.example/bot"),
        ("en", "As a trade secret: with the crawler identifier, rivals could work out which sites we visit."),
    ],
)
def test_a_reason_in_its_own_words_passes(language: str, reason: str) -> None:
    assert check({"reason": {**GOOD, language: reason}}) == []


@pytest.mark.parametrize("status", ["explain", "partly"])
def test_x2_an_alternative_or_a_date_is_needed(status: str) -> None:
    needed = ["KJ502: neither an alternative nor a review date is given"]
    assert check({"status": status, "review_by": None}) == needed
    assert check({"status": status, "review_by": None, "alternative": {"ja": "", "en": " "}}) == needed
    assert check({"status": status, "review_by": None, "alternative": "We answer enquiries."}) == []
    quiet = {**HERE, "crawled.crawlers": HERE[SUPPLIER]}
    assert check({"status": "not_applicable", "review_by": None}, facts=quiet) == []


def test_a_reason_beside_comply_is_not_dropped_in_silence() -> None:
    told = ["KJ502: a reason or ground is given, but the status is comply, so it is not printed"]
    assert check({"status": "comply"}) == told
    assert check({"status": "comply", "reason": None}) == []


def same(*texts: str) -> dict[str, ItemAnswer]:
    return {
        f"A{at}": ItemAnswer.model_validate(
            {"status": "explain", "reason": {"ja": text, "en": f"{at} {'xyz'[at % 3] * 60}"}}
        )
        for at, text in enumerate(texts)
    }


LONG = "は委託先との契約により守秘とされているため示せません。契約の満了後、二〇二七年の四月に概要を公表します。"


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ((LONG, LONG), []),
        ((LONG, LONG, LONG), ["the same reason (ja) stands at A0, A1, A2"]),
        ((LONG, f" {LONG} ", LONG.replace("、", ",")), ["the same reason (ja) stands at A0, A1, A2"]),
        ((f"構造{LONG}", f"学習{LONG}", f"更新{LONG}"), ["the same reason (ja) stands at A0, A1, A2"]),
        ((LONG, LONG, "クローラの識別子は運営者の求めにより伏せ、照会に応じて個別に回答します。"), []),
    ],
)
def test_x3_the_same_reason_at_three_items(texts: tuple[str, ...], found: list[str]) -> None:
    told = list(repeated(same(*texts)))
    assert [finding.message for finding in told] == found
    assert {finding.id for finding in told} <= {"KJ503"}


def test_x3_each_language_counts() -> None:
    answers = {
        name: ItemAnswer.model_validate({"reason": {"ja": text, "en": "One reason that stands everywhere."}})
        for name, text in (("A1", "甲乙丙丁戊己"), ("A2", "春夏秋冬東西"), ("A3", "一二三四五六"))
    }
    assert [finding.message for finding in repeated(answers)] == ["the same reason (en) stands at A1, A2, A3"]


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        (None, ["KJ504: a ground is given without what it covers"]),
        ({"ja": "", "en": ""}, ["KJ504: a ground is given without what it covers"]),
        (
            {"ja": "識別子", "en": ""},
            [
                "KJ504: a ground is given without what it covers",
                "KJ510: withheld_scope is given in one language only, so it is not printed",
            ],
        ),
        ("The token of the crawler.", []),
    ],
)
def test_x4_a_ground_needs_its_scope(scope: object, found: list[str]) -> None:
    assert check({"withheld_ground": "trade_secret", "withheld_scope": scope}) == found


def test_an_alternative_in_one_language_is_told() -> None:
    assert check({"alternative": {"ja": "照会に答えます。", "en": ""}}) == [
        "KJ510: alternative is given in one language only, so it is not printed"
    ]


@pytest.mark.parametrize(
    ("roles", "by_reference", "supplier", "found"),
    [
        ((Role.DEVELOPER,), False, True, ["KJ505: a developer cannot say that its own data is not known to it"]),
        (
            (Role.DEVELOPER, Role.PROVIDER),
            False,
            True,
            ["KJ505: a developer cannot say that its own data is not known to it"],
        ),
        ((Role.DEVELOPER,), True, True, []),
        ((Role.PROVIDER,), True, True, []),
        ((Role.PROVIDER,), False, True, []),
        ((Role.PROVIDER,), True, False, ["KJ505: no supplier with a disclosure is named in model.base_models"]),
    ],
)
def test_x5_who_may_say_that_a_third_party_knows(
    roles: tuple[Role, ...], by_reference: bool, supplier: bool, found: list[str]
) -> None:
    answer = {"withheld_ground": "third_party_unknown", "withheld_scope": "The crawler of the supplier."}
    facts = {**HERE, SUPPLIER: Present((), Basis.DECLARED)} if supplier else HERE
    assert check(answer, an_item(by_reference=by_reference), facts, roles) == found


@pytest.mark.parametrize(
    ("item", "facts", "found"),
    [
        (
            an_item(required={"when": "crawled.used"}),
            HERE,
            ["KJ506: declared not applicable, but the manifests hold crawled.used"],
        ),
        (
            an_item(facts=["crawled.used"]),
            HERE,
            ["KJ506: declared not applicable, but the manifests hold crawled.used"],
        ),
        (an_item(facts=["crawled.used"]), {"crawled.used": Present((), Basis.DERIVED, truth=False)}, []),
        (an_item(facts=["crawled.used"]), {"crawled.used": HERE[SUPPLIER]}, []),
        (an_item(), HERE, []),
    ],
)
def test_x7_and_x9_not_applicable_against_the_data(
    item: ItemSpec, facts: Mapping[str, FactValue], found: list[str]
) -> None:
    assert check({"status": "not_applicable"}, item, facts) == found


@pytest.mark.parametrize(
    ("statement", "absolute"),
    [
        ({"ja": "すべてのサイトで識別子を名乗ります。", "en": "The crawler names itself."}, True),
        ({"ja": "クローラは識別子を名乗ります。", "en": "The crawler never hides its name."}, True),
        ({"ja": "違反は一切ありません。", "en": "x"}, True),
        ({"ja": "x", "en": "We are fully compliant."}, True),
        ({"ja": "クローラは識別子を名乗ります。", "en": "The crawler names itself to sites it calls."}, False),
        ({"ja": "x", "en": "Nevertheless a small allowance is shallow."}, False),
    ],
)
def test_x8_an_absolute_claim_needs_evidence(statement: object, absolute: bool) -> None:
    told = ["KJ507: an absolute claim is made, and no evidence is named"] if absolute else []
    plain = {"status": "comply", "reason": None, "statement": statement}
    assert check(plain) == told
    assert check(plain, evidenced=True) == []


def test_x8_holds_for_reasons_too() -> None:
    assert check({"reason": {**GOOD, "ja": f"{GOOD['ja']}決して回避しません。"}}) == [
        "KJ507: an absolute claim is made, and no evidence is named"
    ]


@pytest.mark.parametrize(
    ("day", "found"),
    [
        ("2026-11-19", ["KJ508: the reason was to be looked at again by 2026-11-19"]),
        ("2026-11-20", []),
        ("2027-11-20", []),
    ],
)
def test_x10_a_reason_past_its_date(day: str, found: list[str]) -> None:
    assert check({"review_by": day}) == found
