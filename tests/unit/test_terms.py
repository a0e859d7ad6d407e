"""Closed vocabularies: every member has its two names, and no two members are one."""

import pytest
from pydantic import ValidationError

from kaiji import terms
from kaiji.terms import LANGUAGES, TRAINING_STAGES, Modality, SourceCategory, Stage, Term, Unit, Words

VOCABULARIES = sorted(Term.__subclasses__(), key=lambda kind: kind.__name__)


def test_the_vocabularies_are_found() -> None:
    assert {SourceCategory, Modality, Stage, Unit} <= set(VOCABULARIES)
    assert all(kind.__module__ == terms.__name__ for kind in VOCABULARIES)


@pytest.mark.parametrize("kind", VOCABULARIES)
def test_every_member_has_both_names(kind: type[Term]) -> None:
    for member in kind:
        if member is Unit.MONTH:  # a month is printed without a unit
            assert (member.words.ja, member.words.en) == ("", "")
            continue
        for language in LANGUAGES:
            name = member.words[language]
            assert name == name.strip()
            assert name


@pytest.mark.parametrize("kind", VOCABULARIES)
def test_no_value_stands_for_two_members(kind: type[Term]) -> None:
    assert list(kind.__members__.values()) == list(kind), "a second member with one value becomes an alias"
    assert all(member.value == member.value.strip() != "" for member in kind)


@pytest.mark.parametrize("kind", [kind for kind in VOCABULARIES if kind is not Unit])
def test_no_name_stands_for_two_members(kind: type[Term]) -> None:
    for language in LANGUAGES:
        names = [member.words[language] for member in kind]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("kind", VOCABULARIES)
def test_every_vocabulary_says_what_it_is(kind: type[Term]) -> None:
    assert (kind.__doc__ or "").strip()


def test_a_member_is_its_value() -> None:
    assert SourceCategory("licensed") is SourceCategory.LICENSED
    assert f"{SourceCategory.LICENSED}" == "licensed"
    assert SourceCategory.LICENSED.words == Words(ja="ライセンス取得データ", en="Licensed data")
    with pytest.raises(ValueError, match="rented"):
        SourceCategory("rented")


def test_validation_and_test_data_are_not_training() -> None:
    assert set(Stage) - set(TRAINING_STAGES) == {Stage.VALIDATION, Stage.TEST}


def test_words_from_a_plain_string() -> None:
    both = Words.model_validate("kaiji")
    assert (both["ja"], both["en"]) == ("kaiji", "kaiji")


def test_words_in_two_languages() -> None:
    words = Words.model_validate({"ja": "開示", "en": "disclosure"})
    assert (words["ja"], words["en"]) == ("開示", "disclosure")
    with pytest.raises(ValidationError):
        Words.model_validate({"ja": "開示"})
    with pytest.raises(ValidationError):
        Words.model_validate({"ja": "開示", "en": "disclosure", "fr": "divulgation"})


@pytest.mark.parametrize(
    ("ja", "en", "blank"),
    [("開示", "disclosure", False), ("開示", " ", True), ("　", "disclosure", True), ("", "", True)],
)
def test_half_a_translation_is_none(ja: str, en: str, blank: bool) -> None:
    assert Words(ja=ja, en=en).blank is blank
