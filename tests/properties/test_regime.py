"""Whatever a release holds, the documents of both languages say the same, and what is absent is not said."""

from datetime import date
from typing import Any

from disclosing import tell
from hypothesis import given, settings
from hypothesis import strategies as st

from kaiji.control.level import load as load_level
from kaiji.manifest.models import DataSource, Release
from kaiji.provenance.inventory import build
from kaiji.provenance.reconcile import months
from kaiji.provenance.summarise import summarise
from kaiji.regime.document import DisclosureDocument
from kaiji.regime.fill import fill
from kaiji.regime.filled import Filled
from kaiji.regime.load import load
from kaiji.regime.localise import localise
from kaiji.render.templates import templates_root
from kaiji.terms import Audience, ComplianceStatus, ItemState, SourceCategory

ROOT = templates_root()
CODE = load(ROOT / "regimes" / "jp-principle-code", ROOT / "common")
ITEMS = [item.id for item in CODE.items]
WORDS = st.sampled_from([None, {"ja": "日本語の文", "en": "A text in English"}])
ANSWER = st.sampled_from(["yes", "no", "unknown"])

sources = st.lists(
    st.fixed_dictionaries(
        {
            "category": st.sampled_from([c.value for c in SourceCategory if c is not SourceCategory.USER]),
            "modality": st.sampled_from(["text", "text", "image"]),
            "stages": st.sampled_from([["pretraining"], ["fine_tuning"], ["test"]]),
            "confidentiality": st.sampled_from(["public", "confidential"]),
            "owner": st.sampled_from([None, {"id": "a", "name": "Owner A"}, {"id": "b", "name": "Owner B"}]),
            "languages": st.sampled_from([[], ["ja"], ["ja", "en"]]),
            "collected": st.sampled_from([None, {"from": "2024-01", "to": "2025-02"}, {"to": "2024-05"}]),
            "contains": st.fixed_dictionaries({"copyright": ANSWER, "personal": ANSWER}),
            "declared": st.dictionaries(st.sampled_from(["tokens", "bytes", "documents"]), st.integers(0, 10**9)),
        }
    ),
    max_size=5,
)
answer = st.fixed_dictionaries(
    {
        "status": st.sampled_from([status.value for status in ComplianceStatus]),
        "statement": WORDS,
        "reason": WORDS,
        "alternative": WORDS,
        "withheld_ground": st.sampled_from([None, "security"]),
        "withheld_scope": WORDS,
    }
)
keys = st.fixed_dictionaries(
    {
        "provider": st.fixed_dictionaries(
            {
                "legal_name": st.just("P"),
                "roles": st.sampled_from([["developer"], ["provider"], ["developer", "provider"]]),
                "tier": st.sampled_from(["standard", "light"]),
            }
        ),
        "categories": st.dictionaries(
            st.sampled_from([c.value for c in SourceCategory]),
            st.fixed_dictionaries({"used": st.booleans(), "description": WORDS}),
        ),
        "records": st.fixed_dictionaries({"retention": WORDS, "traceability": WORDS}),
        "answers": st.dictionaries(st.sampled_from(ITEMS), answer, max_size=4),
    }
)


def filled(listed: list[dict[str, Any]], more: dict[str, Any], audience: Audience, level: str) -> Filled:
    release = Release.model_validate(
        {
            "schema": "kaiji/release/v1",
            "id": "r",
            "model": {"name": "M", "version": "1", "release_date": "2026-10-15"},
            "manifests": ["m.yaml"],
            **more,
            "answers": {"jp-principle-code": more["answers"]},
        }
    )
    made = [DataSource.model_validate({"id": f"s{at}", "title": f"T{at}", **one}) for at, one in enumerate(listed)]
    summary = summarise(release, made, build(made, None), months(made, None))
    how = load_level(level, ROOT / "levels")
    return fill(CODE, tell(summary, how, audience, date(2026, 11, 20)).summary)


def shape(document: DisclosureDocument) -> list[object]:
    """What must not depend on the language: ids, states, figures, kinds of blocks and the sizes of tables."""
    told: list[object] = [(s.id, s.unit, s.low, s.high) for s in document.statements]
    for section in document.sections:
        for item in section.items:
            told.append((section.id, item.id, item.state, item.statements, item.verification.status))
            for block in item.blocks:
                if block.type == "table":
                    told.append((block.type, len(block.columns), tuple(len(row) for row in block.rows)))
                elif block.type == "yes_no":
                    told.append((block.type, block.value))
                elif block.type == "chart":
                    told.append((block.type, tuple(bar.length for bar in block.bars)))
                else:
                    told.append((block.type, len(block.items) if block.type == "list" else 1))
    return told


CASES = (sources, keys, st.sampled_from(list(Audience)), st.sampled_from(["middle-ground", "nominal"]))


@given(*CASES)
@settings(deadline=None, max_examples=25)
def test_both_languages_say_the_same(listed: list[Any], more: dict[str, Any], audience: Audience, level: str) -> None:
    made = filled(listed, more, audience, level)
    japanese, english = localise(made, "ja"), localise(made, "en")
    assert shape(japanese) == shape(english)
    assert japanese.model_dump_json(by_alias=True) != english.model_dump_json(by_alias=True)
    for document in (japanese, english):
        for text in texts(document.model_dump()["sections"]):
            assert text.strip()
            assert "{" not in text


def texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [text for one in inner for text in texts(one)]


@given(*CASES)
@settings(deadline=None, max_examples=25)
def test_nothing_absent_reads_as_compliance(
    listed: list[Any], more: dict[str, Any], audience: Audience, level: str
) -> None:
    made = filled(listed, more, audience, level)
    assert sum(made.counts().values()) == len(made.items)
    used = {statement.id for statement in localise(made, "en").statements}
    for one in made.items:
        assert set(one.statements) <= used
        if one.status is ComplianceStatus.COMPLY:
            assert one.state is ItemState.ANSWERED
            assert one.origin in ("data", "declaration")
            assert one.blocks
        if one.origin in ("missing", "optional", "fixed"):
            assert one.status is None
        if one.state in (ItemState.UNANSWERED, ItemState.NOT_KNOWN):
            assert one.origin in ("missing", "optional")
    asked = {finding.message.split(":")[0] for finding in made.findings if finding.id == "KJ501"}
    assert asked == {one.spec.id for one in made.items if one.origin == "missing"}


@given(sources, keys, st.sampled_from(list(Audience)))
@settings(deadline=None, max_examples=25)
def test_with_no_answers_only_data_answers(listed: list[Any], more: dict[str, Any], audience: Audience) -> None:
    """No item of A to D is answered but by a source, by what a release must declare, or by what it does declare."""
    silent = {**more, "answers": {}, "categories": {}, "records": {}}
    made = filled(listed, silent, audience, "middle-ground")
    trained = [one for one in listed if one["stages"] != ["test"]]
    for one in made.items:
        if one.spec.section in "ABCD" and one.state is ItemState.ANSWERED and one.origin != "optional":
            stated = set(one.spec.facts) <= {"model.names", "model.release_dates", "model.base_models"}
            assert stated or trained, one.spec.id
            assert one.status is ComplianceStatus.COMPLY
