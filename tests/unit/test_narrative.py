"""What is no answer: hedges, placeholders, praise, guidance that was left in. And answers.yaml, in which they stand."""

from pathlib import Path

import pytest

from kaiji import narrative
from kaiji.errors import ManifestError
from kaiji.manifest.load import LoadedRelease, load
from kaiji.regime import load as regimes
from kaiji.render.templates import templates_root

RULES = Path(__file__).parents[1] / "conformance" / "regimes" / "valid" / "house-rules"
RELEASE = """\
schema: kaiji/release/v1
id: toy-release
manifests: [m.yaml]
model: {name: Toy model, version: "1", release_date: 2026-10-15}
provider: {legal_name: Leading Edge Inc., roles: [developer]}
"""
MANIFEST = """\
schema: kaiji/dataset-manifest/v1
sources:
  - id: books
    title: {ja: 高品質コーパス, en: High-quality corpus}
    category: public
    modality: text
    stages: [pretraining]
    confidentiality: public
    content_types: [Novels]
"""
ANSWERS = """\
schema: kaiji/answers/v1
answers:
  house-rules:
    H1:
      statement: {ja: "%s", en: "%s"}
"""
REPEATED = "repeats what item H1 asks (en)"


def loaded(folder: Path, *, answers: str = "", manifest: str = MANIFEST, release: str = RELEASE) -> LoadedRelease:
    (folder / "release.yaml").write_text(release, encoding="utf-8")
    (folder / "m.yaml").write_text(manifest, encoding="utf-8")
    if answers:
        (folder / "answers.yaml").write_text(answers, encoding="utf-8")
    return load(folder / "release.yaml")


def said(loaded: LoadedRelease) -> list[tuple[str, str]]:
    regime = regimes.load(RULES, templates_root() / "common")
    return [(finding.id, finding.message) for finding in narrative.findings(loaded, [regime])]


@pytest.mark.parametrize(
    ("english", "found"),
    [
        ("The data may also include letters.", [("KJ551", "“may also include” (en)")]),
        ("It could have been collected in 2024.", [("KJ551", "“could have been collected” (en)")]),
        ("Letters, including but not limited to postcards.", [("KJ551", "“including but not limited to” (en)")]),
        ("Letters, postcards, etc.", [("KJ551", "“etc” (en)")]),
        ("Some data were left out where appropriate.", [("KJ551", "“Some data” (en)")]),
        ("TBD", [("KJ552", "“TBD” (en)")]),
        ("Our policy is [insert link to the policy].", [("KJ552", "“[…” (en)")]),
        ("N/A", [("KJ552", "“N/A” (en)")]),
        ("The contact is ____.", [("KJ552", "“____” (en)")]),
        ("Our state-of-the-art filters.", [("KJ553", "“state-of-the-art” (en)")]),
        ("We are fully committed to safety.", [("KJ553", "“fully committed to” (en)")]),
        ("Please describe the measures.", [("KJ554", "“Please describe” (en)")]),
        ("Names every kind of data, and says which of them is the largest!", [("KJ554", REPEATED)]),
        # words that only look alike, and words that say what is the case
        ("Mayors may withdraw; their Tbdx files and letters of May 2024 are in the archive.", []),
        ("Letters such as postcards were collected; it is not known how many.", []),
        ("Text that was filtered for quality: the highest tenth by a score.", []),
        ("Collected from www.example.com [1].", []),
    ],
)  # fmt: skip
def test_english(english: str, found: list[tuple[str, str]], tmp_path: Path) -> None:
    assert said(loaded(tmp_path, answers=ANSWERS % ("手紙を用いました。", english))) == found


@pytest.mark.parametrize(
    ("japanese", "found"),
    [
        ("手紙が含まれる場合があります。", [("KJ551", "“含まれる場合があります” (ja)")]),
        ("一部のデータを除き、必要に応じて確認します。", [("KJ551", "“一部のデータ” (ja)")]),
        ("検討中です", []),  # beside other words it is a matter of comply or explain
        ("検討中", [("KJ552", "“検討中” (ja)")]),
        ("○○社のデータです。", [("KJ552", "“○○” (ja)")]),
        ("【ここに方針を記載】", [("KJ552", "“【…” (ja)")]),
        ("最先端の技術で安全に努めています。", [("KJ553", "“最先端” (ja)")]),
        ("収集の方法を記載してください。", [("KJ554", "“記載してください” (ja)")]),
        ("どの区分のデータを用いましたか。", [("KJ554", "repeats what item H1 asks (ja)")]),
        ("利用者は同意を取り消すことができます。手紙と葉書を用いました。", []),
    ],
)
def test_japanese(japanese: str, found: list[tuple[str, str]], tmp_path: Path) -> None:
    assert said(loaded(tmp_path, answers=ANSWERS % (japanese, "Letters were used."))) == found


def test_texts_of_manifests_are_read_but_names_are_no_claims(tmp_path: Path) -> None:
    assert said(loaded(tmp_path)) == []
    boast = MANIFEST.replace("[Novels]", "[{ja: 高品質な小説, en: Novels}]")
    assert said(loaded(tmp_path, manifest=boast)) == [("KJ553", "“高品質” (ja)")]


def test_of_a_confidential_source_the_title_is_not_repeated(tmp_path: Path) -> None:
    title = "title: '[insert Sample Publishing contract]'"
    secret = MANIFEST.replace("title: {ja: 高品質コーパス, en: High-quality corpus}", title)
    assert said(loaded(tmp_path, manifest=secret)) == [("KJ552", "“[…” (en)")]
    assert said(loaded(tmp_path, manifest=secret.replace("ity: public", "ity: confidential"))) == []


def test_answers_stand_in_either_file(tmp_path: Path) -> None:
    more = RELEASE + "answers:\n  house-rules:\n    H2: {statement: {ja: 収集, en: Collected.}}\n"
    found = loaded(tmp_path, answers=ANSWERS % ("手紙", "Letters."), release=more)
    assert {item: a.statement.en for item, a in found.release.answers["house-rules"].items() if a.statement} == {
        "H2": "Collected.",
        "H1": "Letters.",
    }
    assert [file.path for file in found.files] == ["release.yaml", "answers.yaml", "m.yaml"]
    assert str(found.release.place_of("answers.house-rules.H1.statement.en")) == "answers.yaml:5:29"
    assert str(found.release.place_of("answers.house-rules.H2")) == "release.yaml:8:5"


def test_an_item_that_is_answered_twice_is_refused(tmp_path: Path) -> None:
    more = RELEASE + "answers:\n  house-rules:\n    H1: {statement: {ja: 収集, en: Collected.}}\n"
    with pytest.raises(ManifestError) as caught:
        loaded(tmp_path, answers=ANSWERS % ("手紙", "Letters."), release=more)
    advice = "the item is answered at release.yaml:8:5 too; keep the answer in one of the two"
    assert [finding.line() for finding in caught.value.findings] == [
        f"answers.yaml:4:5: fail: KJ550: answers.house-rules.H1: {advice}"
    ]


def test_what_was_left_empty_is_not_written_and_half_an_answer_is_refused(tmp_path: Path) -> None:
    empty = ANSWERS.replace('statement: {ja: "%s", en: "%s"}', "{status: , statement: {ja: , en: ''}, evidence: }")
    assert loaded(tmp_path, answers=empty.replace("H1:\n      ", "H1: ")).release.answers == {}
    with pytest.raises(ManifestError) as caught:
        loaded(tmp_path, answers=ANSWERS % ("手紙", ""))
    advice = "is missing: The text in English; add the key"
    assert [finding.line() for finding in caught.value.findings] == [
        f"answers.yaml:5:29: fail: KJ105: answers.house-rules.H1.statement.en: {advice}"
    ]


def test_the_answers_of_another_release_are_left_alone(tmp_path: Path) -> None:
    loaded(tmp_path, answers=ANSWERS % ("手紙", "Letters."))
    (tmp_path / "release-2.yaml").write_text(RELEASE, encoding="utf-8")
    assert load(tmp_path / "release-2.yaml").release.answers == {}
