"""What others have said: how it is read, what a reader may conclude, and what is said of a file that is wrong."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest

from kaiji.control.external_facts import About, ExternalFact, load
from kaiji.control.known_kinds import Fault, KnownKinds
from kaiji.control.subjects import Claim, Subject
from kaiji.errors import ManifestError
from kaiji.findings import Finding
from kaiji.provenance.summarise import FACETS
from kaiji.terms import Audience, Modality, Unit

HEAD = "schema: kaiji/external-facts/v1\nfacts:\n"
WHERE = "where: {title: Press release, url: https://press.example/1, date: 2026-09-01}"
TOTAL = "says: total, of: {modality: text}, unit: tokens"
SIZE = "says: size, unit: tokens, exact: 1, of:"
SHARE = "says: share, unit: tokens, exact:"
KNOWN = KnownKinds(
    kinds={**dict.fromkeys(FACETS, frozenset()), "modality": frozenset({"text"}), "language": frozenset({"ja", "en"})},
    sources=frozenset({"news-archive", "open-corpus"}),
    confidential=frozenset({"news-archive"}),
    releases=frozenset({"asagi-1", "asagi-2"}),
)


def said(tmp_path: Path, *facts: str) -> tuple[ExternalFact, ...]:
    """Facts of ``facts.yaml``; each is the end of a flow mapping that has an id and a place already."""
    lines = (f"  - {{id: fact-{number}, {WHERE}, {fact}}}\n" for number, fact in enumerate(facts))
    path = tmp_path / "facts.yaml"
    path.write_text(HEAD + "".join(lines), encoding="utf-8")
    return load(path, "facts.yaml", "asagi-2", KNOWN)


def wrong(tmp_path: Path, *facts: str) -> tuple[Finding, ...]:
    with pytest.raises(ManifestError) as caught:
        said(tmp_path, *facts)
    return caught.value.findings


def test_a_fact_is_a_claim_that_everybody_may_know(tmp_path: Path) -> None:
    (fact,) = said(tmp_path, "says: total, of: {modality: text}, unit: tokens, about: {value: 13200000, digits: 3}")
    assert fact == ExternalFact(
        id="fact-0",
        title="Press release",
        url="https://press.example/1",
        date=date(2026, 9, 1),
        release="asagi-2",
        claim=Claim(
            id="fact:fact-0",
            audience=Audience.PUBLIC,
            unit=Unit.TOKENS,
            part=Subject(modality=Modality.TEXT),
            low=Fraction(13_150_000),
            high=Fraction(13_250_000),
        ),
    )


def test_shares_sizes_of_sources_and_counts(tmp_path: Path) -> None:
    share, hours, count, across, old = said(
        tmp_path,
        "says: share, of: {modality: text, facet: language, kinds: [not-known, ja, en, ja]}, unit: tokens, "
        "between: {more_than: 31.5, at_most: 32}",
        "says: size, of: {sources: [open-corpus, news-archive]}, unit: hours, exact: 1.5",
        "says: size, of: {facet: category, kinds: [licensed]}, unit: datasets, between: {less_than: 5}",
        "says: share, of: {facet: modality, kinds: [text]}, unit: bytes, between: {at_least: 90}",
        "release: asagi-1, says: share, of: {modality: text, sources: [open-corpus]}, unit: tokens, exact: 7",
    )
    text = Subject(modality=Modality.TEXT)
    assert share.claim.part == text.model_copy(update={"facet": "language", "kinds": ("en", "ja", None)})
    assert (share.claim.whole, share.claim.unit) == (text, Unit.TOKENS)
    ends = (share.claim.low, share.claim.high, share.claim.low_open, share.claim.high_open)
    assert ends == (Fraction(63, 2), 32, True, False)
    assert hours.claim.part == Subject(sources=("news-archive", "open-corpus"))
    assert (hours.claim.unit, hours.claim.low, hours.claim.high) == (Unit.SECONDS, 5400, 5400)
    assert (count.claim.unit, count.claim.part) == (Unit.DATASETS, Subject(facet="category", kinds=("licensed",)))
    assert (count.claim.low, count.claim.high, count.claim.high_open) == (None, 5, True)
    assert (across.claim.part, across.claim.whole) == (Subject(facet="modality", kinds=("text",)), Subject())
    assert (across.claim.low, across.claim.high) == (90, None)
    earlier = Subject(modality=Modality.TEXT, release="asagi-1")
    assert (old.release, old.claim.whole) == ("asagi-1", earlier)
    assert old.claim.part == earlier.model_copy(update={"sources": ("open-corpus",)})


@pytest.mark.parametrize(
    ("value", "digits", "low", "high"),
    [
        ("1000", 2, "995", "1050"),  # S4: below a power of ten the unit is a tenth
        ("1077", 4, "1076.5", "1077.5"),
        ("13200000", 3, "13150000", "13250000"),  # S3
        ("10000000000", 3, "9995000000", "10050000000"),
        ("1e12", 1, "950000000000", "1500000000000"),
        ("3.7", 2, "3.65", "3.75"),
        ("0.01", 1, "0.0095", "0.015"),
        ("1.20", 3, "1.195", "1.205"),
    ],
)
def test_a_rounded_figure_stands_for_all_that_give_it(value: str, digits: int, low: str, high: str) -> None:
    assert About(value=Decimal(value), digits=digits).bounds == (Fraction(low), Fraction(high))


@pytest.mark.parametrize(
    ("fact", "key", "message"),
    [
        ("says: totel, of: {modality: text}, unit: tokens, exact: 1", "says", "not 'totel'; did you mean total?"),
        ("says: total, of: {modality: text}, unit: token, exact: 1", "unit", "not 'token'; did you mean tokens?"),
        (f"{TOTAL}, exact: '1'", "exact", "must be a number, without quotes"),
        (f"{TOTAL}, exact: -1", "exact", "must be 0 or more"),
        (TOTAL, "", "name one of exact, about, between"),
        (f"{TOTAL}, exact: 1, between: {{at_most: 2}}", "", "name one of exact, about, between"),
        (f"{SIZE} {{modality: text}}", "", "a total is of a modality alone"),
        ("says: total, of: {sources: [open-corpus]}, unit: tokens, exact: 1", "", "a total is of a modality alone"),
        ("says: total, of: {}, unit: tokens, exact: 1", "", "only datasets are counted over all modalities"),
        (f"{SHARE} 1, of: {{sources: [open-corpus]}}", "", "needs a modality"),
        (f"{SHARE} 101, of: {{modality: text, sources: [open-corpus]}}", "", "not more than 100 percent"),
        (
            "says: total, of: {modality: image}, unit: items, exact: 1",
            "of.modality",
            "no data of this modality; of text",
        ),
        (f"{SIZE} {{modality: text, facet: lang, kinds: [ja]}}", "of.facet", "did you mean language?"),
        (f"{SIZE} {{modality: text, facet: language}}", "of", "a facet comes with its kinds"),
        (f"{SIZE} {{facet: modality, modality: text, kinds: [text]}}", "of", "without a modality"),
        (f"{SIZE} {{modality: text, facet: category, kinds: [licenced]}}", "of.kinds[0]", "did you mean licensed?"),
        (f"{SIZE} {{modality: text, facet: language, kinds: [ja, enn]}}", "of.kinds[1]", "did you mean en?"),
        (f"{SIZE} {{modality: text, facet: language, kinds: [zh]}}", "of.kinds[0]", "is in no data; there are en, ja"),
        (f"{SIZE} {{sources: [open-corpora]}}", "of.sources[0]", "no source of this id; did you mean open-corpus?"),
        (f"{SIZE} {{sources: [open-corpus], facet: language, kinds: [ja]}}", "of", "not both"),
        (f"release: asagi-3, {TOTAL}, exact: 1", "release", "did you mean asagi-"),
        (f"{TOTAL}, about: {{value: 0, digits: 1}}", "about", "nothing is about 0"),
        (f"{TOTAL}, about: {{value: 1234, digits: 3}}", "about", "more significant digits"),
        (f"{TOTAL}, about: {{value: 1234}}", "about.digits", "is missing: Significant digits"),
        (f"{TOTAL}, between: {{}}", "between", "name a lower or an upper bound"),
        (f"{TOTAL}, between: {{at_least: 2, at_most: 1}}", "between", "no value lies between"),
        (f"{TOTAL}, between: {{at_least: 2, less_than: 2}}", "between", "no value lies between"),
        (f"{TOTAL}, between: {{at_least: 2, more_than: 1}}", "between", "either included or left out"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(fact: str, key: str, message: str, tmp_path: Path) -> None:
    first = "says: total, of: {modality: text}, unit: tokens, exact: 1"
    (finding,) = wrong(tmp_path, first, fact)
    assert finding.place
    assert (finding.place.file, finding.place.line) == ("facts.yaml", 4)
    assert finding.place.key == f"facts[1].{key}".removesuffix(".")
    assert message in finding.message


def test_what_is_close_to_a_confidential_id_is_not_repeated(tmp_path: Path) -> None:
    (finding,) = wrong(tmp_path, "says: size, of: {sources: [news-archives]}, unit: tokens, exact: 1")
    assert finding.message == "there is no source of this id"
    assert finding.detail == "did you mean news-archive?"
    assert "news" not in finding.line()


def test_all_mistakes_are_told_at_once_by_line(tmp_path: Path) -> None:
    path = tmp_path / "facts.yaml"
    good = f"{WHERE}, says: total, of: {{modality: text}}, unit: tokens, exact: 1"
    bad = good.replace("modality: text", "modality: image")
    path.write_text(f"{HEAD}  - {{id: a, {good}}}\n  - {{id: b, {bad}}}\n  - {{id: a, {bad}}}\n", encoding="utf-8")
    with pytest.raises(ManifestError) as caught:
        load(path, "facts.yaml", "asagi-2", KNOWN)
    found = [(finding.id, finding.place and finding.place.line) for finding in caught.value.findings]
    assert found == [("KJ106", 4), ("KJ107", 5), ("KJ106", 5)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is not a mapping; it must begin with `schema: kaiji/external-facts/v1`"),
        ("schema: kaiji/external-facts/v2\nfacts: []\n", "must be kaiji/external-facts/v1, not"),
        ("schema: kaiji/external-facts/v1\nfact: []\n", "is not known here; did you mean facts?"),
        ("schema: kaiji/external-facts/v1\nfacts: [\n", "a value is missing"),
        ("schema: kaiji/external-facts/v1\nfacts: []\nfacts: []\n", "it stands at line 2, column 1 already"),
    ],
)
def test_a_file_of_another_kind_is_refused(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "facts.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ManifestError) as caught:
        load(path, "facts.yaml", "asagi-2", KNOWN)
    assert any(message in finding.message for finding in caught.value.findings), caught.value.findings


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"^facts\.yaml: fail: KJ101: there is no such file"):
        load(tmp_path / "facts.yaml", "facts.yaml", "asagi-2", KNOWN)


def test_what_is_known_comes_from_the_atoms_of_releases() -> None:
    row = {**dict.fromkeys(FACETS), "measure": "tokens", "size": 1, "known": False}
    first = pd.DataFrame([{**row, "modality": "text", "language": "ja", "source_id": "a", "owner": "acme"}])
    second = pd.DataFrame([{**row, "modality": "image", "source_id": "b", "owner": ""}])
    known = KnownKinds.of({"one": first, "two": second})
    assert (known.sources, known.confidential, known.releases) == ({"a", "b"}, {"a"}, {"one", "two"})
    assert known.kinds == {
        **dict.fromkeys(FACETS, frozenset()),
        "modality": frozenset({"text", "image"}),
        "language": frozenset({"ja"}),
    }
    assert [known.kind("language", kind) for kind in ("ja", "not-known")] == [None, None]
    assert known.kind("stage", "pretraining+alignment") is None
    stages = "pretraining, continued, fine_tuning, alignment, validation, test"
    fault = Fault(f"a kind is not one of the facet stage; known are {stages}")
    assert known.kind("stage", "pretraining+banana") == fault
    assert known.kind("period", "2024") == Fault("a kind of the facet period is in no data")
    assert known.source("zzz") == Fault("there is no source of this id")
