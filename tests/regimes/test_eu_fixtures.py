"""The EU form on small cases: thresholds, lists, gates, dates; and what common failures of published summaries meet."""

import importlib
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kaiji.control.disclosed import DisclosedSummary
from kaiji.control.large_sets import large
from kaiji.control.source_classes import misfiled, one_content
from kaiji.manifest.models import DataSource, Release
from kaiji.measure import measure
from kaiji.provenance.reconcile import reconcile
from kaiji.scan.result import RankedDomains
from kaiji.terms import Audience, Modality

sys.path.insert(0, str(Path(__file__).parents[1]))
eu = importlib.import_module("eu_release")
Source = dict[str, Any]


def text_set(name: str, tokens: int, **keys: Any) -> Source:
    return eu.a_source(name, declared={"tokens": tokens}, **keys)  # type: ignore[no-any-return]


FIVE = [
    text_set("a", 3_000),
    text_set("b", 3_010),
    text_set("c", 40_000),
    text_set("d", 33_990),
    text_set("e", 20_000),
]
CRAWLER: Source = {
    "name": "Bot",
    "user_agent": "Bot/1",
    "purpose": "Text for training",
    "behaviour": dict.fromkeys(("captcha", "password", "paywall", "robots", "other_protocols"), "It stops there."),
    "site_types": "News sites",
}


def crawl(name: str = "w", **keys: Any) -> Source:
    plain: Source = {"category": "crawled", "acquisition": "self_collected", "crawler": CRAWLER}
    return eu.a_source(name, **{**plain, **keys})  # type: ignore[no-any-return]


def ranks(number: int, modality: Modality = Modality.TEXT) -> list[RankedDomains]:
    names = tuple(f"d{n:05}.example" for n in range(-(-number // 10)))
    return [RankedDomains(modality=one, names=number, measure="bytes", domains=names) for one in (None, modality)]


def names(form: Any, item: str = "2.1.c") -> list[str]:
    return [row[0] for row in eu.cells(form, item)]


def test_t1_t2_three_percent_of_the_public_data() -> None:
    licensed = text_set(
        "l", 1_000_000, category="licensed", confidentiality="confidential", owner={"id": "o", "name": "Owner O"}
    )
    expected = [f"Title of {name}" for name in "bcde"]
    assert names(eu.filled(FIVE)) == expected
    assert names(eu.filled([*FIVE, licensed])) == expected
    assert eu.cells(eu.filled(FIVE), "2.1.d")[0] == ["Modalities", "Text"]


def test_t3_large_in_one_modality_only() -> None:
    image = eu.a_source("pictures", modality="image", collection="captioned", declared={"items": 500})
    words = text_set("captions", 10, collection="captioned")
    rest = [text_set("big", 9_990), eu.a_source("photos", modality="image", declared={"items": 500})]
    assert names(eu.filled([image, words, *rest])) == [
        "captioned: Title of captions, Title of pictures",
        "Title of big",
        "Title of photos",
    ]


def test_t4_t5_shards_and_variants_are_one_dataset() -> None:
    shards = [text_set(f"x{n}", 20, collection="x") for n in range(4)]
    rest = [text_set(f"r{n:02}", 20) for n in range(46)]
    assert names(eu.filled([*shards, *rest])) == ["x: Title of x0, Title of x1, Title of x2, Title of x3"]
    alone = [text_set(f"x{n}", 20) for n in range(4)]
    assert eu.text(eu.filled([*alone, *rest]), "2.1.c").split("\n")[1] == (
        "No publicly available dataset is above the threshold."
    )
    variants = [text_set("original", 500, collection="web"), text_set("filtered", 400, collection="web")]
    assert names(eu.filled(variants)) == ["web: Title of filtered, Title of original"]


@pytest.mark.parametrize(
    ("number", "small", "length"),
    [
        (25, False, "3 of 21 to 30 domain names"), (25, True, "2 of 21 to 40 domain names"),
        (20_000, True, "1,000 of 19,981 or more domain names"), (20_001, True, "1,000 of 19,981 or more domain names"),
        (30_000, True, "1,000 of 19,981 or more domain names"),
        (30_000, False, "3,000 of 29,991 to 30,000 domain names"),
        (1, False, "1 of 1 to 10 domain names"),
    ],
)  # fmt: skip
def test_t6_to_t8_length_of_the_list(number: int, small: bool, length: str) -> None:
    sized = {"size_class": "medium", "size_evidence": "Staff of 2026"} if small else {"size_class": "large"}
    form = eu.filled([crawl()], ranks(number), provider={**eu.NEEDED["provider"], **sized})
    assert eu.cells(form, "2.3.h")[0] == ["Length of the list", length]
    listed = form.summary.form.domains.names
    assert len(listed) == int(length.split(" ")[0].replace(",", ""))
    assert eu.cells(form, "2.3.h", 1) == [[name] for name in listed[:100]]


def test_a_size_class_without_evidence_is_not_small() -> None:
    form = eu.filled([crawl()], ranks(25), provider={**eu.NEEDED["provider"], "size_class": "micro"})
    assert eu.cells(form, "2.3.h")[:2] == [
        ["Length of the list", "3 of 21 to 30 domain names"],
        ["Rule", "For providers in general"],
    ]


def test_t8_no_crawl_no_list() -> None:
    form = eu.filled(FIVE)
    assert [eu.state(form, f"2.3.{letter}") for letter in "abcdefgh"] == ["answered", *["not_applicable"] * 7]
    assert eu.text(form, "2.3.a") == "Is data collected from the web used?\nNo"


RELEASE = """\
schema: kaiji/release/v1
id: r
manifests: [m.yaml]
model: {name: M, version: "1", release_date: 2026-10-15, eu_market_date: 2026-11-02, training_continues: no}
provider:
  legal_name: P
  roles: [developer]
  establishment: FR
document: {date: 2026-11-20}
outputs: {regimes: [eu-53-1-d]%s}
policy: {salt_file: salt.txt}
"""
SOURCE = """\
  - id: %s
    title: %s
    category: %s
    modality: text
    stages: [pretraining]
    confidentiality: public
    files: {paths: [%s], columns: {url: url, text: text}}
"""
HOSTS = (
    "www.example.co.jp", "shop.example.co.jp", "a.chiyoda.tokyo.jp", "city.kobe.jp", "foo.bar.kobe.jp",
    "user.github.io", "other.github.io", "XN--R8JZ45G.JP", "例え.jp", "example.com.:8080", "192.0.2.1",
)  # fmt: skip


def domains(folder: Path, *, private: bool = False, second: str = "public") -> tuple[str, ...]:
    """Domain names listed for a crawl of :data:`HOSTS`, each page ten times as large as the one before; 90 further
    small sites make the list long enough."""
    rows = [{"url": f"https://{host}/x", "text": "a" * (200 + 10 * n)} for n, host in enumerate(HOSTS)]
    few = [{"url": f"https://small{n:02}.example/", "text": "b"} for n in range(90)]
    dump = [{"url": "https://www.dump.example/", "text": "c" * 9_000}]
    for name, content in (("w.jsonl", [*rows, *few, rows[0] | {"url": "https://EXAMPLE.co.jp/y"}]), ("d.jsonl", dump)):
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in content), encoding="utf-8")
    manifest = "schema: kaiji/dataset-manifest/v1\nsources:\n"
    manifest += SOURCE % ("w", "W", "crawled", "w.jsonl") + SOURCE % ("d", "D", second, "d.jsonl")
    (folder / "m.yaml").write_text(manifest, encoding="utf-8")
    (folder / "salt.txt").write_text("00" * 32 + "\n", encoding="utf-8")
    more = ", private_suffixes: true" if private else ""
    (folder / "release.yaml").write_text(RELEASE % more, encoding="utf-8")
    form = measure(folder / "release.yaml", form=True).summary.form
    assert form is not None
    return form.crawled[0].domains


def test_t9_to_t12_names_of_hosts(tmp_path: Path) -> None:
    found = domains(tmp_path)
    assert found[:7] == (
        "example.co.jp", "xn--r8jz45g.jp", "github.io", "example.com", "foo.bar.kobe.jp", "city.kobe.jp",
        "a.chiyoda.tokyo.jp",
    )  # fmt: skip
    assert set(found[7:]) <= {f"small{n:02}.example" for n in range(90)}


def test_t10_hosting_services_told_apart(tmp_path: Path) -> None:
    found = domains(tmp_path, private=True)
    assert found[:4] == ("example.co.jp", "xn--r8jz45g.jp", "example.com", "other.github.io")
    assert "user.github.io" in found
    assert "github.io" not in found


def test_t12_a_dump_counts_where_it_is_filed(tmp_path: Path) -> None:
    assert domains(tmp_path, second="crawled")[0] == "dump.example"


def test_t13_classes() -> None:
    captions = eu.a_source("captions", modality="image", declared={"items": 9}, contains={"machine_generated": "yes"})
    answers = eu.a_source(
        "answers",
        category="synthetic",
        acquisition="generated",
        generator={"name": "Teacher", "version": "2", "on_market": "yes", "url": "https://teacher.example"},
    )
    labels = eu.a_source("labels", category="other", acquisition="commissioned")
    set_of_others = eu.a_source("made-by-others", acquisition="free_public", contains={"machine_generated": "yes"})
    given = [captions, answers, labels, set_of_others]
    form = eu.filled(given)
    assert list(misfiled([DataSource.model_validate(one) for one in given])) == []
    assert names(form) == ["Title of captions", "Title of made-by-others"]
    assert eu.cells(form, "2.5.c") == [["Teacher", "2", "not stated", "https://teacher.example"]]
    assert eu.state(form, "2.5.d") == "not_applicable"
    assert eu.text(form, "2.6.b").split("\n") == ["Kinds of content of other sources", "Articles"]


def test_t14_a_modification_names_what_it_modifies() -> None:
    base = {"name": "Base", "version": "3", "supplier": "Other Inc.", "disclosure_url": "https://other.example/eu"}
    form = eu.filled(FIVE, model={**eu.NEEDED["model"], "base_models": [base]})
    assert eu.cells(form, "1.2.b") == [["Base", "3", "Other Inc.", "https://other.example/eu"]]
    assert eu.text(form, "1.2.b").split("\n")[-1] == (
        "Sizes and lists of this summary are those of the data used for the modification."
    )
    assert eu.state(eu.filled(FIVE), "1.2.b") == "not_applicable"


def test_t15_representative_of_a_provider_outside_the_union() -> None:
    abroad = {**eu.NEEDED["provider"], "establishment": "JP"}
    named = {**abroad, "eu_representative": {"name": "Rep GmbH", "contact": "rep@rep.example"}}
    form = eu.filled(FIVE, provider=named)
    assert eu.text(form, "1.1.b") == "Rep GmbH\nrep@rep.example"
    assert eu.told(form) == []
    assert eu.told(eu.filled(FIVE, provider=abroad)) == [("KJ520", "field 1.1.b of the form is empty")]
    assert eu.state(eu.filled(FIVE), "1.1.b") == "not_applicable"
    inside = {**named, "establishment": "IE"}
    assert eu.told(eu.filled(FIVE, provider=inside)) == [
        ("KJ527", "a representative is named, but the provider is established in the Union")
    ]


@pytest.mark.parametrize(
    ("tokens", "bin"),
    [
        (999_999_999, "Less than 1 billion tokens"),
        (1_000_000_000, "1 billion to 10 trillion tokens"),
        (10_000_000_000_000, "1 billion to 10 trillion tokens"),
        (10_000_000_000_001, "More than 10 trillion tokens"),
    ],
)
def test_t16_bins(tokens: int, bin: str) -> None:  # noqa: A002  (what the form calls it)
    assert eu.text(eu.filled([text_set("a", tokens)]), "1.3.b.Text") == bin


def test_t17_sound_in_video_is_not_audio() -> None:
    audio = eu.a_source("talks", modality="audio", declared={"hours": 10_000})
    video = eu.a_source("films", modality="video", declared={"hours": 50})
    form = eu.filled([audio, video])
    assert eu.text(form, "1.3.b.Audio") == "10 000 to 1 million hours"
    assert eu.text(form, "1.3.b.Video") == "Less than 10 000 hours"
    assert eu.state(form, "1.3.b.Text") == "not_applicable"


def test_t18_dynamic_data_without_a_size() -> None:
    feed = eu.a_source("feed", declared={}, collected={"from": "2025-01", "ongoing": True})
    form = eu.filled([text_set("a", 2_000_000_000), feed])
    assert eu.text(form, "1.3.b.Text") == "1 billion to 10 trillion tokens"
    assert eu.text(form, "1.3.g").split("\n")[1:] == ["Dynamic datasets that the size leaves out", "Title of feed"]
    static = eu.a_source("static", declared={})
    assert eu.state(eu.filled([text_set("a", 5), static]), "1.3.b.Text") == "not_known"


def test_t19_models_with_different_content() -> None:
    rows = [
        DataSource.model_validate(text_set("a", 5)),
        DataSource.model_validate(text_set("b", 5, models=["Model M"])),
    ]
    assert [one.id for one in one_content(rows, ["Model M", "Model N"])] == ["KJ528"]
    assert list(one_content(rows[:1], ["Model M", "Model N"])) == []
    twin = {"name": "Model N", "version": "1", "eu_market_date": "2026-11-03"}
    form = eu.filled(FIVE, model={**eu.NEEDED["model"], "also_covers": [twin]})
    assert eu.cells(form, "1.2.c") == [["Model M 1", "02/11/26"], ["Model N 1", "03/11/26"]]
    assert eu.told(form) == []


@pytest.mark.parametrize(("placed", "told"), [("2025-07-01", []), ("2025-09-01", ["KJ531"]), ("2025-08-02", ["KJ531"])])
def test_t20_gaps(placed: str, told: list[str]) -> None:
    gap = {
        "status": "explain",
        "reason": "The kinds of content of text were not recorded when the data was collected in 2019.",
        "alternative": "The names of the datasets are given.",
    }
    form = eu.filled(FIVE, answers={"1.3.c.Text": gap}, model={**eu.NEEDED["model"], "eu_market_date": placed})
    assert [name for name, _ in eu.told(form)] == told


def test_t21_a_source_is_in_one_class() -> None:
    dump = DataSource.model_validate(crawl(acquisition="free_public"))
    assert [one.id for one in misfiled([dump])] == ["KJ525"]


def test_t24_repetition_counts_once_and_is_told() -> None:
    form = eu.filled([text_set("a", 500_000_000, epochs=4)])
    assert eu.text(form, "1.3.b.Text") == "Less than 1 billion tokens"
    assert eu.cells(form, "1.3.g") == [["Title of a", "4"]]


def test_t26_order_of_sources_changes_nothing() -> None:
    given = [*FIVE, crawl(), eu.a_source("p", modality="image", declared={"items": 5})]
    one, other = (eu.filled(rows, ranks(25)) for rows in (given, given[::-1]))
    assert one == other


# --- What the control does with it ---------------------------------------------------------------------------------


def test_a_confidential_public_dataset_is_described_and_its_name_kept() -> None:
    owner = {"id": "o", "name": "Owner O"}
    secret = text_set("quiet", 50_000, confidentiality="confidential", owner=owner, acquisition="free_public")
    form = eu.filled([*FIVE, secret])
    assert eu.cells(form, "2.1.c")[-1] == [
        "A dataset whose name is confidential", "not stated", "Text", "Not known", "all of it",
    ]  # fmt: skip
    assert eu.told(form) == [
        ("KJ538", "a large public dataset is described, not named, because its name is confidential")
    ]
    claims = [one for one in eu.disclosed(eu.summary([*FIVE, secret])).claims if one.id.startswith("form.large")]
    said = [(one.part.sources, one.low, one.high) for one in claims]
    assert said == [(("a",), None, 3), (("b",), None, 3), *[((name,), 3, None) for name in ("c", "d", "e", "quiet")]]


def test_nothing_of_the_list_is_claimed_where_all_public_data_is_known() -> None:
    claims = eu.disclosed(eu.summary(FIVE)).claims
    assert [one.id for one in claims if one.id.startswith("form.")] == ["form.size.text"]


def test_withheld_lists_and_bins_say_so() -> None:
    found = eu.summary(FIVE)
    level = eu.load_level("middle-ground", eu.templates_root() / "levels")
    plan = eu.draw(found, level, eu.Rule(eu.Fraction(1, 5), 3, on_request=True)).plan
    coarse = tuple(one.model_copy(update={"unformed": ("form.size.text", "form.large.text")}) for one in plan.audiences)
    shown = eu.disclose(
        found, level, plan.model_copy(update={"audiences": coarse}), Audience.PUBLIC, date(2026, 11, 20)
    )
    form = eu.fill(eu.regime(), shown.summary)
    assert (eu.state(form, "1.3.b.Text"), eu.state(form, "2.1.c")) == ("withheld", "withheld")
    assert [one.id for one in shown.claims if one.id.startswith("form.")] == []


def test_both_audiences_get_the_same_figures() -> None:
    found = eu.summary([*FIVE, crawl()], ranks(25))
    one, other = (eu.disclosed(found, audience).summary for audience in Audience)
    assert one.form == other.form
    assert isinstance(one, DisclosedSummary)


# --- Failures that reviews of published summaries report, F-1 to F-20 ------------------------------------------------


def failures(
    sources: list[Source], given_ranks: list[RankedDomains] | None = None, **keys: Any
) -> list[tuple[str, str]]:
    return eu.told(eu.filled(sources, given_ranks or [], **keys))  # type: ignore[no-any-return]


def test_f1_categories_of_sites_instead_of_domains() -> None:
    said = {"2.3.h": {"statement": "News sites, forums and blogs."}}
    assert failures([crawl()], answers=said) == [
        ("KJ523", "field 2.3.h takes a list of domain names made from the data, not a description of sites")
    ]
    assert failures([crawl()]) == [("KJ520", "field 2.3.h of the form is empty")]


def test_f2_f6_f18_crawlers_without_names_behaviour_period() -> None:
    bare = crawl(crawler=None, collected=None)
    assert failures([bare], ranks(25))[:5] == [
        ("KJ520", "field 1.3.d of the form is empty"),
        ("KJ520", "field 2.3.b of the form is empty"),
        ("KJ520", "field 2.3.c of the form is empty"),
        ("KJ520", "field 2.3.d of the form is empty"),
        ("KJ520", "field 2.3.e of the form is empty"),
    ]
    assert ("KJ524", "crawled data is used, but no crawler is named") in failures([bare], ranks(25))
    silent = crawl(crawler={**CRAWLER, "behaviour": {"robots": "It obeys."}})
    assert failures([silent], ranks(25)) == [
        ("KJ524", "the crawler Bot does not say how it treats: captcha, password, paywall, other_protocols")
    ]


def test_f3_large_set_with_neither_address_nor_dates() -> None:
    assert failures([text_set("a", 5, url=None, collected=None), text_set("b", 1_000)]) == []
    vague = [text_set("a", 500, url=None, collected=None), text_set("b", 1_000)]
    assert failures(vague) == [
        ("KJ538", "the large public dataset Title of a has neither an address nor dates: it is printed as not known")
    ]


def test_f7_tokens_of_images() -> None:
    said = {"1.3.b.Image": {"statement": "About 500 billion tokens of images."}}
    assert failures([eu.a_source("p", modality="image", declared={"items": 5})], answers=said) == [
        ("KJ521", "field 1.3.b.Image is given in tokens, which are a unit of text")
    ]


def test_f8_large_is_three_percent_of_public_data() -> None:
    found = eu.summary(FIVE)
    assert large(found.form.public) == {"b", "c", "d", "e"}  # 5 % would leave b out, 3 % of all data may leave more out


def test_f9_languages_by_name() -> None:
    rows = eu.cells(eu.filled([text_set("a", 5, languages=["fr"]), text_set("b", 5, languages=["ja"])]), "1.3.e")
    assert [row[0] for row in rows] == [
        "Official languages of the Union that are covered",
        "Official languages of the Union that were not found",
        "Other languages",
    ]
    assert (rows[0][1], rows[1][1].count("(") + 1, rows[2][1]) == ("French (fr)", 24, "Japanese (ja)")


def test_f11_generators_unnamed_or_unlinked() -> None:
    made = {"category": "synthetic", "acquisition": "generated"}
    assert failures([eu.a_source("s", **made)]) == [("KJ537", "a synthetic source names no model that generated it")]
    named = {"name": "Teacher", "on_market": "yes"}
    assert failures([eu.a_source("s", **made, generator=named)]) == [
        ("KJ537", "the generating model Teacher is on the market, but no address is given")
    ]
    unsaid = failures([eu.a_source("s", **made, generator={"name": "Teacher"})])
    assert unsaid == [("KJ537", "whether the generating model Teacher is on the market is not said")]


def test_f12_a_model_without_its_day() -> None:
    twin = {"name": "Model N", "version": "1"}
    assert failures(FIVE, model={**eu.NEEDED["model"], "also_covers": [twin]}) == [
        ("KJ520", "field 1.2.c of the form is empty")
    ]
    again = {"name": "Model M", "version": "1", "eu_market_date": "2026-11-02"}
    assert failures(FIVE, model={**eu.NEEDED["model"], "also_covers": [again]}) == [
        ("KJ528", "a model or version is covered twice")
    ]


def test_f13_no_change_log() -> None:
    before = {"id": "1", "date": "2026-10-20", "url": "https://p.example/1"}
    assert failures(FIVE, document={"version": "1", "previous": [before]}) == [
        ("KJ530", "version 1 is not new: an earlier summary had it"),
        ("KJ530", "the summary has earlier versions, but does not say what changed"),
    ]
    assert failures(FIVE, document={"version": "2", "previous": [before], "change_note": "A dataset was added."}) == []
    unlinked = {"id": "1", "date": "2026-12-01"}
    assert failures(FIVE, document={"version": "2", "previous": [unlinked], "change_note": "Corrections."}) == [
        ("KJ530", "an earlier version has no address"),
        ("KJ530", "earlier versions are not in the order of their dates"),
    ]


def test_f14_nothing_is_blank() -> None:
    form = eu.filled(FIVE)
    assert {item.text.en.partition(":")[0] for item in form.items} == {"Answered", "Not applicable", "Optional"}


def test_f15_quality_filtering_is_no_removal_of_illegal_content() -> None:
    assert failures(
        FIVE, measures={"illegal_content": "Pages of low quality are filtered out. 低品質のページを除く。"}
    ) == [("KJ536", "field 3.2.a does not say against which unlawful content it works")]


def test_f17_a_general_contact_only() -> None:
    general = {"purpose": "general", "kind": "email", "value": "info@p.example"}
    assert failures(FIVE, provider={**eu.NEEDED["provider"], "contacts": [general]}) == [
        ("KJ534", "field 1.1.a names a general contact only")
    ]


def test_f19_f20_a_dump_is_no_crawl_and_a_crawl_cannot_be_denied() -> None:
    sources = [DataSource.model_validate(one) for one in (crawl("own"), crawl("dump", acquisition="free_public"))]
    assert [one.id for one in misfiled(sources)] == ["KJ525"]
    release = Release.model_validate({**eu.NEEDED, "categories": {"crawled": {"used": False}}})
    found = reconcile(release, sources, None, None, lambda source, key: source.place)
    assert "KJ302" in {one.id for one in found}


def test_months_after_the_date_of_the_summary() -> None:
    late = text_set("a", 5, collected={"from": "2026-01", "to": "2026-12"})
    assert failures([late]) == [("KJ526", "a month of collection lies after the date of the summary")]
    assert failures(FIVE, model={**eu.NEEDED["model"], "release_date": "2026-12-01"}) == [
        ("KJ526", "the model was released after the date of the summary")
    ]


def test_sizes_without_a_common_measure() -> None:
    odd = [text_set("a", 5), eu.a_source("b", declared={"documents": 7})]
    assert ("KJ522", "the large public datasets of a modality cannot be listed: text") in failures(odd)
