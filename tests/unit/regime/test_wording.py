"""Every text that a fact asks for is there in both languages, and no shared text is left over."""

import importlib
import re
import sys
from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from kaiji.drafts import questions
from kaiji.errors import RegimeError
from kaiji.manifest.load import load as load_release
from kaiji.provenance.summarise import FACETS, MEASURE_CHOICE
from kaiji.regime.facts import FACTS, NAMES, OF_THE_FORM
from kaiji.regime.facts_eu import REVIEW
from kaiji.regime.fill import fill
from kaiji.regime.load import load, wording
from kaiji.regime.localise import localise
from kaiji.regime.model import Regime
from kaiji.regime.values import Absent, Present, View
from kaiji.regime.wording import Wording
from kaiji.render.templates import templates_root
from kaiji.scan.result import RankedDomains
from kaiji.terms import LANGUAGES, Audience, Modality, Words

sys.path.insert(0, str(Path(__file__).parents[2]))
eu, ca = (importlib.import_module(name) for name in ("eu_release", "california"))
COMMON = templates_root() / "common"
CODE = "jp-principle-code"
HINODE = Path(__file__).parents[3] / "sample_manifests" / "hinode" / "release.yaml"
SUPPLIER = {"name": "Base", "supplier": "Supplier", "supplier_country": "US"}
PROVIDER = {"provider": {"legal_name": "P", "roles": ["provider"]}}


class Recording(Wording):
    """Keeps the keys that were asked for."""

    def __init__(self, inner: Wording) -> None:
        super().__init__(inner._texts)
        self.asked: set[str] = set()

    def words(self, key: str, **values: Words | str) -> Words:
        self.asked.add(key)
        words = super().words(key, **values)
        for language in LANGUAGES:
            assert not re.search(r"\{[a-z_]+\}", words[language]), f"{key}: a placeholder was left in {language}"
        return words


def hinode() -> tuple[list[Any], dict[str, Any]]:
    """The sample as declared; its files are left out, so that nothing is scanned."""
    loaded = load_release(HINODE)
    sources = [source.model_dump(by_alias=True, exclude={"files"}, exclude_none=True) for source in loaded.sources]
    keys = loaded.release.model_dump(by_alias=True, exclude_none=True)
    for source in sources:
        source["declared"] = {**source["declared"], "bytes": 10**6, "documents": 10}
    return sources, keys


@pytest.fixture(scope="module")
def sample() -> tuple[list[Any], dict[str, Any]]:
    return hinode()


@pytest.fixture
def summaries(release: Any, source: Any, sample: Any) -> list[Any]:
    """Releases that between them reach every branch of the facts, for both audiences and at all levels."""
    sources, keys = sample
    owned = {"confidentiality": "confidential", "category": "licensed", "owner": {"id": "o", "name": "Owner"}}
    years = [
        {"from": "2019-01", "to": "2024-12"},
        {"from": "2024-01"},
        {"to": "2024-05"},
        {"from": "2024-01", "to": "2024-02"},
    ]
    various = [
        source("a", collected=years[0], modality="image", declared={"items": 1500, "bytes": 10}),
        source("b", collected=years[1], modality="audio", declared={"hours": 2, "bytes": 10}, licence="LicenseRef-x"),
        source("c", collected=years[2], declared={"bytes": 10}, storage_countries=["JP"], category="crawled"),
        source("d", collected=years[3], declared={"bytes": 10}, category="user", user_data="model_interactions"),
    ]
    unused = {name: {"used": False} for name in ("public", "licensed", "private", "crawled", "synthetic", "user")}
    behaviour = {"captcha": "c", "password": "p", "paywall": "w", "robots": "r", "other_protocols": "o"}
    crawler = {"name": "Bot", "user_agent": "Bot/1", "behaviour": behaviour}
    rich = {
        "document": {"version": "2", "previous": [{"id": "1", "date": "2025-01-01"}], "next_review": "2027-01-01"},
        "requests": {"form": False},
        "measures": {"output": [], "provenance": []},
        "output": {"attribution": "Users own it.", "claims_for_ai": True},
        "acceptance": {CODE: {"accepted": False}},
        "model": {
            "name": "M",
            "version": "1",
            "release_date": "2026-10-15",
            "base_models": [{**SUPPLIER, "disclosure_url": "https://s.example/d"}],
            "update_status": {"updated": True, "last": "2026-10-01"},
        },
    }
    light = {"provider": {"legal_name": "P", "roles": ["developer"], "tier": "light"}}
    cases: list[tuple[list[Any], dict[str, Any]]] = [
        (sources, keys),
        ([], {}),
        ([], light),
        ([source()], {"categories": unused}),
        ([source(declared={"tokens": 5}), source("t", declared={"bytes": 5})], rich),
        ([source(**owned)], {}),
        (various, {}),
        ([source(category="crawled", crawler=crawler), source("w", category="crawled")], rich),
        ([source(declared={"documents": 20})], {**rich, **PROVIDER}),
        ([source()], {**PROVIDER, "model": {**rich["model"], "base_models": [SUPPLIER]}}),
    ]
    crossed = [
        source(
            f"x{n}",
            confidentiality="confidential",
            owner={"id": f"x{n}", "name": "Owner"},
            category="licensed" if n < 6 else "private",
            acquisition="purchased" if n in (3, 4, 5, 9) else "licensed",
        )
        for n in range(10)
    ]
    return [
        *(
            release(made, audience, level, **more)
            for (made, more), audience, level in product(cases, Audience, ("middle-ground", "nominal"))
        ),
        *(release(crossed, audience, "middle-ground-tables") for audience in Audience),
    ]


def answered(summaries: list[Any]) -> Iterator[Any]:
    """Each summary as it is, without figures, without a scan, and with an item explained."""
    for summary in summaries:
        yield summary
        yield summary.model_copy(update={"facets": ()})
        if summary.method:
            yield summary.model_copy(update={"method": summary.method.model_copy(update={"engine": ""})})
        given = {
            "A2": {"status": "explain", "reason": "Why.", "withheld_ground": "security", "withheld_scope": "What.",
                   "alternative": "Instead.", "review_by": "2027-01-01"},
        }  # fmt: skip
        declared = summary.declarations.model_dump(by_alias=True, exclude_none=True)
        answers = type(summary.declarations).model_validate({**declared, "answers": {CODE: given}})
        yield summary.model_copy(update={"declarations": answers})


def of_the_form() -> Iterator[Any]:
    """Releases that between them reach every branch of the facts of the EU form."""
    owned = {"confidentiality": "confidential", "owner": {"id": "o", "name": "Owner"}}
    crawler = {"name": "Bot", "user_agent": "Bot/1", "purpose": "Text", "site_types": "News"}
    small = {**eu.NEEDED["provider"], "size_class": "medium", "size_evidence": "Staff of 2026"}
    names = tuple(f"d{n:03}.example" for n in range(200))
    ranks = [
        RankedDomains(modality=one, names=2_000, measure="bytes", domains=names) for one in (None, *list(Modality)[:2])
    ]
    crawled = eu.a_source("w", category="crawled", acquisition="self_collected", crawler=crawler)
    goes_on = {"from": "2025-01", "to": "2025-03", "ongoing": True}
    various = [
        eu.a_source("big", version="2026-01"),
        eu.a_source("part", part_used="Pages in French", epochs=0.5, languages=["ja"]),
        *(eu.a_source(f"small{n}", declared={"tokens": 1}, languages=["und"]) for n in range(2)),
        eu.a_source("hidden", **owned, category="public"),
        eu.a_source("image", modality="image", declared={"items": 10, "bytes": 10}, url=None, hub_id=None),
        eu.a_source("speech", modality="audio", declared={"hours": 10}, languages=[]),
        eu.a_source("other", modality="other", declared={"bytes": 10}),
        eu.a_source("known", category="private", publicly_known=True),
        eu.a_source("unknown", category="private", **owned),
        eu.a_source("licensed", category="licensed", **owned),
        {**crawled, "collected": goes_on},
    ]
    moving = [
        eu.a_source(),
        eu.a_source("dynamic", declared={"bytes": 1}, collected=goes_on),
        eu.a_source("hidden", declared={"bytes": 1}, collected=goes_on, **owned),
    ]
    for sources, more in (
        ([], {}),
        ([eu.a_source()], {}),
        (various, {"provider": small}),
        (moving, {}),
        ([eu.a_source(declared={"bytes": 10**6}), crawled], {}),
        ([eu.a_source(declared={"bytes": 10**6})], {}),
    ):
        made = eu.summary(sources, ranks if sources else (), **more)
        yield eu.disclosed(made).summary
        if sources is various:
            apart = made.form.model_copy(update={"private_suffixes": True, "domains_unknown": ("w",)})
            shown = eu.disclosed(made.model_copy(update={"form": apart})).summary
            yield shown
            yield shown.model_copy(update={"form": shown.form.model_copy(update={"large_withheld": (Modality.TEXT,)})})


def of_the_page() -> Iterator[Any]:
    """Releases that reach the branches of the facts of the California page alone."""
    kinds = [
        ca.source(str(modality), modality=str(modality), declared={"documents": 10**6, "items": 10**6})
        for modality in Modality
    ]
    ongoing = ca.source("w", category="crawled", owner=None, collected={"from": "2025-01", "ongoing": True})
    more = [
        *kinds,
        ongoing,
        ca.source("made", category="synthetic", owner=None),
        ca.source("held", stages=["validation"], processing=["Sorted"]),
        ca.source("unsized", category="user", user_data="other_service", owner=None, declared={}),
    ]
    for sources in ([], kinds, more, [ca.source(declared={})], [ca.source(processing=["Sorted"])]):
        yield ca.disclosed(ca.summary(*sources)).summary


@pytest.fixture
def asked(summaries: list[Any], code: Regime) -> set[str]:
    """Shared keys asked for by every fact and by whole documents."""
    recording = Recording(code.wording)
    regime = code.model_copy(update={"wording": recording})
    for summary in (*answered(summaries), *of_the_form(), *of_the_page()):
        view = View(summary, recording, CODE, {REVIEW: Decimal(6)})
        for name, fact in FACTS.items():
            if name in OF_THE_FORM and summary.form is None:
                continue
            value = fact(view)
            assert isinstance(value, Present | Absent), name
        filled = fill(regime, summary)
        for language in LANGUAGES:
            localise(filled, language, draft=True)
        questions([filled], optional=True)
    return recording.asked


def test_every_fact_finds_its_texts_and_every_shared_text_is_used(asked: set[str]) -> None:
    """Keys that are put together are held against the closed vocabulary that they are put together from."""
    common = wording(COMMON)
    assert common.keys("ja") == common.keys("en")
    by_vocabulary = {f"fact.{name}" for name in NAMES}
    by_vocabulary |= {f"caption.facet_{name}" for name in FACETS} | {f"column.facet_{name}" for name in FACETS}
    by_vocabulary |= {f"measure.{measure}" for choice in MEASURE_CHOICE.values() for measure in choice}
    assert by_vocabulary <= common.keys("en")
    assert {"state.withheld", "explain.ground", "text.tier_light", "method.no_scan"} <= asked
    assert "column.nothing" not in asked
    left = sorted(common.keys("en") - asked - by_vocabulary)
    assert not left, " ".join(left)


def test_every_fact_has_a_name() -> None:
    names = {key.removeprefix("fact.") for key in wording(COMMON).keys("ja") if key.startswith("fact.")}
    assert names == NAMES


def test_both_languages_have_the_same_placeholders(code: Regime) -> None:
    for key in code.wording.keys("en"):
        words = code.wording.words(key)
        assert sorted(set(re.findall(r"\{\w+\}", words.ja))) == sorted(set(re.findall(r"\{\w+\}", words.en))), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_titled_text_repeats_its_title(language: Any, release: Any, sample: Any, code: Regime) -> None:
    sources, keys = sample
    for audience in Audience:
        document = localise(fill(code, release(sources, audience, **keys)), language)
        for section in document.sections:
            for item in section.items:
                for block in item.blocks:
                    if block.type == "paragraph" and re.match(r"^[^。.:]{1,40}[::]", block.text):
                        title, _, text = block.text.partition("\uff1a" if "\uff1a" in block.text else ":")
                        assert not text.strip().casefold().startswith(title.casefold()), block.text


def test_words_are_put_in_as_they_are_and_once() -> None:
    plain = Wording({"ja": {"k": "{a}と{b}"}, "en": {"k": "{a} and {b} and {c}"}})
    words = plain.words("k", a=Words(ja="{b}", en="{b}"), b="x")
    assert words == Words(ja="{b}とx", en="{b} and x and {c}")


def test_a_missing_text_is_an_error_in_either_language() -> None:
    half = Wording({"ja": {"k": "x"}, "en": {}})
    assert "k" not in half
    with pytest.raises(RegimeError, match=r"wording\.en\.yaml: no text for k"):
        half.words("k")


def test_a_regime_words_go_before_the_shared_ones() -> None:
    own, shared = (
        Wording({"ja": {"k": "1"}, "en": {"k": "1"}}),
        Wording({"ja": {"k": "2", "l": "2"}, "en": {"k": "2", "l": "2"}}),
    )
    assert own.over(shared).words("k").ja == "1"
    assert own.over(shared).words("l").ja == "2"


def test_the_code_is_loaded_as_it_is_shipped(code: Regime) -> None:
    assert load(templates_root() / "regimes" / CODE, COMMON).items == code.items
