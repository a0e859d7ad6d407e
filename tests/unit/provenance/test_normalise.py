"""One name for one thing: languages, licences, periods."""

import pytest

from kaiji.manifest.models import Collected
from kaiji.provenance.normalise import declared_language, declared_period, language, licence, licence_members


@pytest.mark.parametrize(
    ("tag", "primary"),
    [
        ("ja", "ja"),
        ("jpn", "ja"),
        ("JA", "ja"),
        ("ja-JP", "ja"),
        ("eng_Latn", "en"),
        ("en-US-x-private", "en"),
        ("zh-Hant", "zh"),
        ("zh_TW", "zh"),
        ("cmn", "zh"),
        ("arb_Arab", "ar"),
        ("yue", "yue"),
        ("iw", "he"),
        ("no", "no"),
        ("nb", "nb"),
        ("sr-Latn", "sr"),
        (" fr ", "fr"),
        ("code", "zxx"),
        ("zxx", "zxx"),
        ("mul", "mul"),
    ],
)
def test_a_language_has_one_name(tag: str, primary: str) -> None:
    assert language(tag) == (primary, True)


@pytest.mark.parametrize("tag", [None, "", " ", "unknown", "Unknown", "und", "und-Latn", "none", "N/A", "null"])
def test_a_language_that_is_not_said_is_not_known_and_no_mistake(tag: str | None) -> None:
    assert language(tag) == (None, True)


@pytest.mark.parametrize("tag", ["english", "日本語", "xx-!!", "12", "a", "en;fr", "ja,en"])
def test_a_tag_that_is_none_is_told(tag: str) -> None:
    assert language(tag) == (None, False)


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("MIT", "MIT"),
        ("mit", "MIT"),
        ("apache-2.0", "Apache-2.0"),
        ("cc-by-sa-4.0", "CC-BY-SA-4.0"),
        ("cc0-1.0", "CC0-1.0"),
        ("odc-by", "ODC-By-1.0"),
        ("gpl-3.0", "GPL-3.0-only"),
        ("GPL-3.0", "GPL-3.0-only"),
        ("GPL-3.0+", "GPL-3.0-or-later"),
        ("agpl-3.0", "AGPL-3.0-only"),
        ("bsd-3-clause", "BSD-3-Clause"),
        ("unlicense", "Unlicense"),
        ("mit or apache-2.0", "MIT OR Apache-2.0"),
        ("(MIT AND BSD-3-Clause)  OR\nApache-2.0", "(MIT AND BSD-3-Clause) OR Apache-2.0"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"),
    ],
)
def test_a_licence_has_one_name(text: str, expression: str) -> None:
    assert licence(text) == (expression, True)


@pytest.mark.parametrize(
    "text", ["LicenseRef-Contract-7", "licenseref-x", "MIT AND LicenseRef-Data", "DocumentRef-a:LicenseRef-b"]
)
def test_somebodys_own_terms_are_other_terms_and_no_mistake(text: str) -> None:
    assert licence(text) == ("other-terms", True)


@pytest.mark.parametrize(
    "text",
    ["gpl", "bsd", "cc", "other", "llama3", "CC BY 4.0", "MIT OR", "AND", "MIT MIT", "MIT AND", "Terms of the site",
     "利用規約による", "LicenseRef-x and more words", "M" * 201],
)  # fmt: skip
def test_wording_is_other_terms_and_told(text: str) -> None:
    assert licence(text) == ("other-terms", False)


@pytest.mark.parametrize("text", [None, "", "unknown", "not-specified", "N/A"])
def test_a_licence_that_is_not_said_is_not_known(text: str | None) -> None:
    assert licence(text) == (None, True)


def test_members_of_an_expression() -> None:
    expression = "MIT OR (Apache-2.0 AND GPL-2.0-only WITH Classpath-exception-2.0)"
    assert licence_members(expression) == {"MIT", "Apache-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"}
    assert licence_members("MIT") == {"MIT"}
    assert licence_members("other-terms") == {"other-terms"}


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        ((), None),
        (("ja",), "ja"),
        (("ja-JP", "jpn"), "ja"),
        (("ja", "en"), "mul"),
        (("und",), None),
        (("und", "fr"), "fr"),
    ],
)
def test_declared_language(tags: tuple[str, ...], name: str | None) -> None:
    assert declared_language(tags) == name


@pytest.mark.parametrize(
    ("first", "last", "period"),
    [
        (None, None, None),
        ("2024-01", "2024-12", "2024"),
        ("2019-04", "2024-03", "2019/2024"),
        (None, "2024-03", "../2024"),
        ("2019-04", None, "2019/.."),
    ],
)
def test_declared_period(first: str | None, last: str | None, period: str | None) -> None:
    assert declared_period(Collected(from_=first, to=last)) == period


def test_no_period_is_not_known() -> None:
    assert declared_period(None) is None
