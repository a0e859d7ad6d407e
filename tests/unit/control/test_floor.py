"""The floor on a whole disclosure: the good one passes, and each way to spoil it is found."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from disclosing import tell

from kaiji.control.disclosed import DisclosedSummary, Method
from kaiji.control.floor import FloorReport, floor
from kaiji.control.floor_agreement import Printed
from kaiji.control.floor_items import FloorItem
from kaiji.control.level import Level, load
from kaiji.control.openness import Openness
from kaiji.control.position import attacker, position
from kaiji.control.statements import Statement
from kaiji.findings import Finding, Place
from kaiji.manifest.load import load as load_release
from kaiji.measure import measure
from kaiji.provenance.summarise import NotKnown, ProvenanceSummary
from kaiji.regime import load as regimes
from kaiji.regime.fill import fill
from kaiji.regime.filled import Filled, FilledItem
from kaiji.render.templates import templates_root
from kaiji.terms import LANGUAGES, Audience, Modality, Words

F = Fraction
PUBLIC, REGULATOR = Audience.PUBLIC, Audience.REGULATOR
SAMPLES = Path(__file__).parents[3] / "sample_manifests"
CODE = "jp-principle-code"
ON = date(2026, 11, 22)
METHOD = Method(kaiji="", engine="", psl_version="", psl_date="", tolerance="", commitments={"data": "ab" * 32})
STATES = {"data": "answered", "declaration": "answered", "fixed": "answered", "explained": "explained"}
FACETS = {"sources.shares": "category", "content.languages": "language", "rights.licences": "licence"}


@dataclass(frozen=True)
class Disclosure:
    """All that the floor is given."""

    summary: ProvenanceSummary
    disclosed: tuple[DisclosedSummary, ...]
    items: tuple[FloorItem, ...]
    asked: Mapping[tuple[str, Audience], Sequence[str]]
    printed: tuple[Printed, ...]
    reasons: tuple[Finding, ...] = ()

    def tested(self, **options: Any) -> FloorReport:
        return floor(
            self.summary, self.disclosed, self.items,
            asked=self.asked, printed=self.printed, reasons=self.reasons, **options,
        )  # fmt: skip

    def with_item(self, name: str, **given: Any) -> "Disclosure":
        return replace(self, items=tuple(i._replace(**given) if i.id == name else i for i in self.items))

    def with_disclosed(self, change: Callable[[DisclosedSummary], DisclosedSummary]) -> "Disclosure":
        """Changed for both audiences, and printed so."""
        return made(self.summary, tuple(map(change, self.disclosed)), self)

    def with_statement(self, name: str, **given: Any) -> "Disclosure":
        return self.with_disclosed(lambda one: restated(one, name, **given))


def restated(disclosed: DisclosedSummary, name: str, **given: Any) -> DisclosedSummary:
    changed = Statement.model_validate(disclosed.statements[name].model_dump() | given)
    return disclosed.model_copy(update={"statements": {**disclosed.statements, name: changed}})


def made(summary: ProvenanceSummary, disclosed: tuple[DisclosedSummary, ...], of: Disclosure) -> Disclosure:
    printed = tuple(
        Printed(
            f"{one.audience}/{CODE}.{language}.{form}",
            CODE,
            language,
            one.audience,
            {name: statement.text[language] for name, statement in one.statements.items()},
        )
        for one in disclosed
        for language in LANGUAGES
        for form in ("html", "pdf")
    )
    return replace(of, summary=summary, disclosed=disclosed, printed=printed)


def shown(summary: ProvenanceSummary, level: Level) -> tuple[DisclosedSummary, ...]:
    return tuple(tell(summary, level, audience, ON, method=METHOD).summary for audience in Audience)


def as_item(filled: Filled, item: FilledItem) -> FloorItem:
    answer = filled.summary.declarations.answers.get(CODE, {}).get(item.spec.id)
    return FloorItem(
        regime=CODE,
        id=item.spec.id,
        audience=filled.summary.audience,
        state=STATES.get(item.origin, item.origin),  # type: ignore[arg-type]
        required=item.spec.required != "optional",
        core="sources.shares" in item.spec.facts,
        text=item.text,
        statements=item.statements,
        facets=tuple(FACETS[fact] for fact in item.spec.facts if fact in FACETS),
        reason=item.reason,
        alternative=answer.alternative if answer else None,
        approver=Words(ja="責任者", en="Head of AI governance"),
        review_by=answer.review_by if answer else None,
        proof="condition" if item.origin == "not_applicable" else None,
    )


@pytest.fixture(scope="module")
def hinode() -> Disclosure:
    """The sample, measured on its data."""
    summary = measure(SAMPLES / "hinode" / "release.yaml").summary
    disclosed = shown(summary, load("middle-ground", templates_root() / "levels"))
    regime = regimes.load(templates_root() / "regimes" / CODE, templates_root() / "common")
    filled = [fill(regime, one, [item.id for item in regime.items]) for one in disclosed]
    items = tuple(as_item(one, item) for one in filled for item in one.items if item.origin != "optional")
    asked = {(CODE, audience): [i.id for i in items if i.audience is audience and i.required] for audience in Audience}
    reasons = tuple(finding for one in filled for finding in one.findings)
    return made(summary, disclosed, Disclosure(summary, disclosed, items, asked, (), reasons))


KNOWN = [
    ("KJ414", "a large kind of the facet stage.text is left too wide open"),
    ("KJ414", "the facet language.image is in great part not known"),
    ("KJ414", "the facet licence.image is in great part other"),
    ("KJ414", "the facet licence.text is in great part other and not known"),
]
"""What a person is to look at in the good disclosure; none of it is a failure."""


def found(report: FloorReport) -> list[tuple[str, str]]:
    return [(finding.id, finding.message) for finding in report.findings]


def new(report: FloorReport) -> list[tuple[str, str]]:
    return [one for one in found(report) if one not in KNOWN]


def resized(summary: ProvenanceSummary, name: str, sizes: Mapping[str | None, int]) -> ProvenanceSummary:
    """``summary`` with the text data of a facet at ``sizes`` parts of 100."""
    facets = []
    for facet in summary.facets:
        if (facet.name, facet.modality) == (name, Modality.TEXT):
            unit = facet.whole.value // 100
            known = {part.kind: part for part in facet.parts}
            pattern = facet.parts[0]
            parts = [
                known.get(kind, pattern).model_copy(update={"kind": kind, "size": size * unit, "largest": 0})
                for kind, size in sizes.items()
            ]
            whole = facet.whole.model_copy(update={"value": 100 * unit})
            facet = facet.model_copy(update={"parts": tuple(parts), "whole": whole})
        facets.append(facet)
    return summary.model_copy(update={"facets": tuple(facets)})


def test_the_good_disclosure_passes(hinode: Disclosure) -> None:
    report = hinode.tested()
    assert found(report) == KNOWN
    assert report.passed
    assert report.unmeasured == ()
    assert report.figures == sum(len(one.statements) for one in hinode.disclosed)
    assert {(one.regime, one.audience, one.missing, one.unusable) for one in report.items} == {
        (CODE, PUBLIC, 0, 0),
        (CODE, REGULATOR, 0, 0),
    }
    places = {(one.facet, one.modality): one.place for one in report.of(PUBLIC)}
    assert places.pop(("stage", Modality.TEXT)) is Openness.CATEGORY
    assert set(places.values()) == {Openness.PRECISE}
    assert len(report.of(PUBLIC)) == len(hinode.summary.facets)


# The twelve ways to spoil it


def test_1_a_dropped_item(hinode: Disclosure) -> None:
    report = replace(hinode, items=tuple(item for item in hinode.items if item.id != "B2.1")).tested()
    assert new(report) == [("KJ406", f"{CODE}: B2.1 is required, and the document has no such item")]
    assert not report.passed


def test_2_an_empty_reason(hinode: Disclosure) -> None:
    report = hinode.with_item("A2", reason=Words(ja="", en="")).tested()
    assert new(report) == [("KJ408", f"{CODE}: A2 is explained, and does not say why")]
    place = Place(file="release.yaml", key=f"answers.{CODE}.A2")
    known = (Finding(id="KJ502", message="A2: the reason is empty", place=place),)
    report = replace(hinode.with_item("A2", reason=None), reasons=known).tested()
    assert (new(report), report.passed) == ([], False)
    assert [count.unusable for count in report.items] == [1, 1]


def test_3_the_same_boilerplate_twice(hinode: Disclosure) -> None:
    (reason,) = {item.reason for item in hinode.items if item.id == "A2"}
    report = hinode.with_item("D5", reason=reason).tested()
    assert new(report) == [
        ("KJ408", f"{CODE}: one reason (en) stands at A2 and D5"),
        ("KJ408", f"{CODE}: one reason (ja) stands at A2 and D5"),
    ]
    assert not report.passed


def test_4_other_at_60_per_cent(hinode: Disclosure, middle_ground: Level) -> None:
    sizes: dict[str | None, int] = {"crawled": 20, "licensed": 10, "other": 60, "public": 10}
    summary = resized(hinode.summary, "category", sizes)
    report = made(summary, shown(summary, middle_ground), hinode).tested()
    assert new(report) == [
        ("KJ412", "the facet category.text is in too great a part other"),
        ("KJ415", "the facet category.text is below the permitted corridor"),
    ]
    assert [one.detail for one in report.findings[:2]] == ["other 60 %; at most 10 %", "L1; at least L2"]


def test_5_a_share_wrong_by_two_units(hinode: Disclosure) -> None:
    name = "category.text.public.share"
    was = hinode.disclosed[0].statements[name]
    assert (was.text.en, was.low, was.high) == ("38 %", 37.5, 38.5)
    wrong = {"text": Words(ja="40%", en="40 %"), "low": was.low + 2, "high": was.high + 2}  # type: ignore[operator]
    report = hinode.with_statement(name, **wrong).tested()
    assert ("KJ416", f"the figure {name} is not true of the data") in new(report)
    assert not report.passed


def test_6_japanese_and_english_disagreeing(hinode: Disclosure) -> None:
    name = "category.text.public.share"
    report = hinode.with_statement(name, text=Words(ja="26%", en="25 %")).tested()
    assert new(report) == [("KJ417", f"the figure {name} says different things in Japanese and English")]
    report = hinode.with_statement(
        "total.text", text=Words(ja="3億トークン以上", en="300 thousand tokens or more")
    ).tested()
    assert new(report) == [("KJ417", "the figure total.text says different things in Japanese and English")]


def test_7_a_facet_that_passes_over_a_kind(hinode: Disclosure) -> None:
    def without(one: DisclosedSummary) -> DisclosedSummary:
        facets = [
            facet.model_copy(update={"rows": tuple(row for row in facet.rows if row.kinds != ("synthetic",))})
            if (facet.name, facet.modality) == ("category", Modality.TEXT)
            else facet
            for facet in one.facets
        ]
        kept = {name: told for name, told in one.statements.items() if name != "category.text.synthetic.share"}
        return one.model_copy(update={"facets": tuple(facets), "statements": kept})

    report = hinode.with_disclosed(without).tested()
    assert ("KJ411", "the facet category.text has kinds in the data that no row names") in new(report)
    (silent,) = [finding for finding in report.findings if finding.id == "KJ411"]
    assert silent.detail == "kinds: synthetic"


def test_8_unknown_at_40_per_cent(hinode: Disclosure, middle_ground: Level) -> None:
    sizes: dict[str | None, int] = {"free_public": 40, "self_collected": 20, None: 40}
    summary = resized(hinode.summary, "acquisition", sizes)
    report = made(summary, shown(summary, middle_ground), hinode).tested()
    assert new(report) == [
        ("KJ415", "the facet acquisition.text is below the permitted corridor"),
        ("KJ413", "the facet acquisition.text is in too great a part not known"),
    ]


def test_9_too_much_explained(hinode: Disclosure) -> None:
    explained: dict[str, Any] = {
        "state": "explained",
        "facets": (),
        "alternative": Words(ja="概要", en="an outline"),
        "review_by": ON,
    }
    kept = {"B2.1"}
    items = tuple(
        item._replace(**explained, reason=Words(ja=f"{item.id}の理由", en=f"reason of {item.id}"))
        if item.required and item.id not in kept and number % 4 == 0
        else item
        for number, item in enumerate(hinode.items)
    )
    report = replace(hinode, items=items).tested()
    message = f"{CODE}: more items are explained than may be; at most 20 %"
    assert new(report) == [("KJ410", f"{message} (public)"), ("KJ410", f"{message} (regulator)")]
    assert not report.passed


def test_10_a_core_item_explained(hinode: Disclosure) -> None:
    said = Words(ja="割合の理由", en="the reason")
    report = hinode.with_item("B2.1", state="explained", reason=said, alternative=said, review_by=ON).tested()
    message = f"{CODE}: B2.1 is what a disclosure is about, and is explained instead of answered"
    assert new(report) == [("KJ410", message)]


def test_11_not_applicable_without_proof(hinode: Disclosure) -> None:
    report = hinode.with_item("B4", state="not_applicable", proof=None).tested()
    assert new(report) == [("KJ409", f"{CODE}: B4 counts as not applicable, and nothing shows it")]


def test_12_a_format_disagreeing(hinode: Disclosure) -> None:
    name = "category.text.public.share"
    pdf = hinode.printed[1]
    wrong = pdf._replace(figures={**pdf.figures, name: "24%"})
    report = replace(hinode, printed=(hinode.printed[0], wrong, *hinode.printed[2:])).tested()
    path = f"public/{CODE}.ja.pdf"
    assert new(report) == [("KJ417", f"{path} prints the figure {name} differently (public)")]
    less = pdf._replace(figures={key: text for key, text in pdf.figures.items() if key != name})
    report = replace(hinode, printed=(hinode.printed[0], less, *hinode.printed[2:])).tested()
    message = f"{path} lacks the figure {name}, which other files of the document have (public)"
    assert new(report) == [("KJ417", message)]


# More ways


def test_audiences_disagreeing(hinode: Disclosure) -> None:
    name = "category.text.public.share"
    public, regulator = hinode.disclosed
    finer = restated(public, name, low=25, high=25)
    report = replace(hinode, disclosed=(finer, regulator)).tested()
    assert ("KJ417", f"the figure {name} for the public does not contain that for authorities") in new(report)


def test_a_gap_that_the_document_admits_does_not_pass_and_is_no_second_finding(hinode: Disclosure) -> None:
    report = hinode.with_item("B4", state="missing", text=None).tested()
    assert (new(report), report.passed) == ([], False)
    assert [count.missing for count in report.items] == [1, 1]


def test_kinds_alone_do_not_pass_unless_they_are_explained(hinode: Disclosure, nominal: Level) -> None:
    bare = made(hinode.summary, shown(hinode.summary, nominal), hinode)
    report = bare.tested()
    assert {one.place for one in report.facets} == {Openness.NOMINAL}
    failed = {(one.facet, one.core) for one in report.facets}
    told = {finding.message.split("facet ")[1].split(".")[0] for finding in report.findings if finding.id == "KJ415"}
    assert told == {"category", "acquisition", "language", "licence", "rights_basis", "period", "stage"}
    assert told == {facet for facet, _ in failed}
    excused = bare.tested(explained=[(audience, facet) for audience in Audience for facet, _ in failed])
    still = {finding.message.split("facet ")[1].split(".")[0] for finding in excused.findings}
    assert still == {"category", "acquisition"}  # core facets are not to be explained away


def test_an_explained_item_excuses_its_facet_and_no_other(hinode: Disclosure, nominal: Level) -> None:
    bare = made(hinode.summary, shown(hinode.summary, nominal), hinode)
    (name,) = {item.id for item in bare.items if item.facets == ("category",)}
    excused = bare.with_item(name, state="explained", facets=("period",)).tested()
    assert {one.facet for one in excused.facets if one.explained} == {"period"}
    assert "period" not in " ".join(finding.message for finding in excused.findings)
    assert "licence" in " ".join(finding.message for finding in excused.findings)


def test_a_figure_that_nothing_was_computed_for(hinode: Disclosure) -> None:
    def more(one: DisclosedSummary) -> DisclosedSummary:
        extra = one.statements["total.text"].model_copy(update={"id": "extra"})
        return one.model_copy(update={"statements": {**one.statements, "extra": extra}})

    spoiled = hinode.with_disclosed(more)
    assert new(spoiled.tested()) == [("KJ416", "nothing was computed to hold the figure extra against")]
    assert new(spoiled.tested(more_truths={"extra": (F(20_000_000),)})) == []
    assert new(spoiled.tested(more_truths={"extra": (F(5),)})) == [
        ("KJ416", "the figure extra is not true of the data")
    ]


def test_a_figure_that_is_in_no_file_tells_nobody(hinode: Disclosure) -> None:
    name = "category.text.crawled.share"
    files = [f._replace(figures={key: text for key, text in f.figures.items() if key != name}) for f in hinode.printed]
    report = replace(hinode, printed=tuple(files)).tested()
    assert ("KJ412", "the facet category.text is in too great a part withheld") in new(report)


def test_without_sizes_there_is_no_mix(hinode: Disclosure) -> None:
    unknown = NotKnown(reason="not_known.no_common_measure")
    summary = hinode.summary.model_copy(update={"totals": {Modality.TEXT: unknown}, "facets": ()})
    empty = tuple(
        one.model_copy(
            update={"facets": (), "totals": (), "categories": (), "crawlers": (), "latest": None, "statements": {}}
        )
        for one in hinode.disclosed
    )
    report = made(summary, empty, replace(hinode, items=(), asked={})).tested()
    message = "no mix of categories can be told: the sizes of no modality are known"
    assert (found(report), report.unmeasured, report.facets) == ([("KJ413", message)], (Modality.TEXT,), ())
    nothing = made(summary.model_copy(update={"totals": {}}), empty, replace(hinode, items=(), asked={}))
    assert nothing.tested().passed


def test_messages_hold_no_exact_size(hinode: Disclosure) -> None:
    spoiled = replace(hinode, summary=resized(hinode.summary, "category", {"crawled": 40, "other": 60}))
    report = spoiled.tested()
    assert len(report.findings) > len(KNOWN)
    exact = {str(part.size) for facet in hinode.summary.facets for part in facet.parts if part.size > 1000}
    assert not [finding for finding in report.findings if any(size in finding.message for size in exact)]
    assert not [finding for finding in report.findings if "%" in finding.message.replace("at most 20 %", "")]


@pytest.mark.parametrize("name", ["pile", "redpajama"])
def test_where_nothing_is_confidential_nothing_is_hidden(name: str, middle_ground: Level) -> None:
    """Published compositions: precise without any suppression; what their authors did not state is not known."""
    release = SAMPLES / name / "release.yaml"
    assert not [source for source in load_release(release).sources if source.confidential]
    summary = measure(release).summary
    disclosed = shown(summary, middle_ground)
    report = floor(summary, disclosed, (), asked={})
    for one in report.facets:
        assert (one.withheld, one.silent, one.covered) == (0, (), 1)
        assert one.precision > F("0.99")
        assert one.place is (Openness.PRECISE if one.named else None)
    nobody = attacker({}, certified=0, targets=0, witnesses_passed=0, witnesses=0)
    stand = position(PUBLIC, report.facets, (), nobody)
    assert (stand.place, stand.inside) == (Openness.PRECISE, True)
    by_id: dict[str, list[str]] = {}
    for finding in report.findings:
        by_id.setdefault(finding.id, []).append(finding.message)
    assert set(by_id) <= {"KJ413", "KJ414", "KJ419"}
    assert all("not known" in message for message in by_id.get("KJ413", []))
