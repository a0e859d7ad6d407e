"""Every contradiction raises its finding, and nothing else does; messages hold nothing confidential."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd
import pytest

from kaiji.findings import Finding, Place
from kaiji.manifest.models import DataSource, Release
from kaiji.provenance.observed import read
from kaiji.provenance.reconcile import months, oversize, reconcile
from kaiji.scan.result import ScanResult

OWNER = {"id": "owner-77", "name": {"ja": "秘密出版", "en": "Secret Press"}}
SECRET = {"category": "licensed", "confidentiality": "confidential", "owner": OWNER}
EVERY_COLUMN = {"language": "l", "licence": "c", "date": "d", "tokens": "n", "bytes": "b"}
FILES = {"paths": ["*.jsonl"], "columns": EVERY_COLUMN}


def place(source: DataSource, key: str) -> Place:
    return Place(file="manifests/m.yaml", line=7, key=key)


class Checked(NamedTuple):
    findings: list[Finding]

    def ids(self) -> list[str]:
        return sorted(finding.id for finding in self.findings)


@pytest.fixture
def check(release: Callable[..., Release], source: Callable[..., DataSource], scan: Callable[..., ScanResult]) -> Any:
    def checked(
        sources: Sequence[Mapping[str, Any]] = ({},),
        cells: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
        incomplete: Sequence[str] = (),
        **keys: Any,
    ) -> Checked:
        made = [source(f"s{at}", **{"declared": {"tokens": 1}, **one}) for at, one in enumerate(sources)]
        scanned = scan(cells, incomplete) if cells is not None else None
        found = reconcile(release(**keys), made, scanned, read(scanned) if scanned else None, place)
        for finding in found:
            assert not re.search(r"秘密出版|Secret Press|owner-77|s[0-9]\b", finding.message), finding.message
        return Checked(found)

    return checked


def test_a_release_without_contradiction_has_no_finding(check: Any) -> None:
    cells = {"s0": [{"documents": 2, "bytes": 10, "tokens": 5, "language": "ja", "licence": "MIT", "month": "2026-10"}]}
    one = {
        "files": FILES,
        "declared": {"tokens": 5},
        "languages": ["ja"],
        "licence": "MIT",
        "collected": {"from": "2026-10", "to": "2026-10"},
        "first_used": "2026-10",
    }
    assert check([one], cells, categories={"public": {"used": True}, "user": {"used": False}}).findings == []


@pytest.mark.parametrize(
    ("declared", "tolerance", "found"),
    [
        (1000, None, []),
        (990, None, []),
        (989, None, ["KJ301"]),
        (1012, None, ["KJ301"]),
        (0, None, ["KJ301"]),
        (989, 0.02, []),
        (999, 0.0, ["KJ301"]),
        (1000, 0.0, []),
    ],
)
def test_301_sizes_beyond_the_tolerance(check: Any, declared: int, tolerance: float | None, found: list[str]) -> None:
    cells = {"s0": [{"documents": 1, "tokens": 1000}]}
    one = {"files": {"paths": ["*"], "columns": {"tokens": "n"}}, "declared": {"tokens": declared}}
    result = check([one], cells, policy={"tolerance": tolerance} if tolerance is not None else {})
    assert result.ids() == found
    for finding in result.findings:
        assert finding.place == place(None, "declared.tokens")  # type: ignore[arg-type]
        assert finding.detail == f"declared {declared}, observed 1000"
        assert "1000" not in finding.message


def test_301_nothing_is_compared_with_a_scan_that_is_not_complete(check: Any) -> None:
    cells = {"s0": [{"documents": 1, "tokens": 10}]}
    one = {"files": {"paths": ["*"], "columns": {"tokens": "n"}}, "declared": {"tokens": 1000}}
    assert check([one], cells, ["s0"]).ids() == []
    assert check([one], cells).ids() == ["KJ301"]


def test_301_and_none_for_what_was_not_measured(check: Any) -> None:
    one = {"files": {"paths": ["*"]}, "declared": {"tokens": 1000, "documents": 1}}
    assert check([one], {"s0": [{"documents": 1}]}).ids() == []


@pytest.mark.parametrize(
    ("categories", "found"),
    [
        ({"public": {"used": False}}, ["KJ302"]),
        ({"public": {"used": True}}, []),
        ({"user": {"used": False}}, []),
        ({"user": {"used": True}}, ["KJ305"]),
        ({}, []),
    ],
)
def test_302_and_305_categories_against_sources(check: Any, categories: object, found: list[str]) -> None:
    assert check(categories=categories).ids() == found


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ({"collected": {"from": "2026-10", "to": "2026-10"}, "first_used": "2026-10"}, 0),
        ({"collected": {"from": "2026-11"}}, 1),
        ({"collected": {"from": "2024-01", "to": "2026-12"}}, 1),
        ({"first_used": "2027-01"}, 1),
        ({"collected": {"from": "2026-11", "to": "2026-12"}, "first_used": "2027-01"}, 3),
    ],
)
def test_303_dates_after_the_release(check: Any, keys: Mapping[str, Any], found: int) -> None:
    assert check([keys]).ids() == ["KJ303"] * found
    confidential = check([{**keys, **SECRET}])
    assert confidential.ids() == ["KJ303"] * found
    for finding in confidential.findings:
        assert finding.detail
        assert finding.detail not in finding.message


def test_304_an_owner_is_confidential_everywhere_or_nowhere(check: Any) -> None:
    public = {"owner": OWNER}
    same_name = {"owner": {"id": "another", "name": {"ja": "秘密出版", "en": "secret PRESS"}}}
    assert check([SECRET, {**SECRET}]).ids() == []
    assert check([public, {**public}]).ids() == []
    assert check([SECRET, public]).ids() == ["KJ304"]
    assert check([public, SECRET]).ids() == ["KJ304"]
    assert sorted(check([SECRET, same_name]).ids()) == ["KJ304", "KJ310"]
    assert check([SECRET, {"owner": {"id": "another", "name": "Open Press"}}]).ids() == []


def test_310_one_name_has_one_owner_id(check: Any) -> None:
    owner = SECRET["owner"]
    assert check([SECRET, {**SECRET, "owner": {**owner, "id": "another"}}]).ids() == ["KJ310"]
    assert check([SECRET, {**SECRET, "owner": {"id": "another", "name": "Another Press"}}]).ids() == []


def test_314_a_confidential_source_names_its_owner(check: Any) -> None:
    nameless = {key: value for key, value in SECRET.items() if key != "owner"}
    assert check([nameless]).ids() == ["KJ314"]
    assert check([{}]).ids() == []


@pytest.mark.parametrize(
    ("tag", "found"), [("ja", []), ("x-kirizum", ["KJ306"]), ("unknown", []), (None, []), ("japanese!", ["KJ306"])]
)
def test_306_language_tags_of_rows(check: Any, tag: str | None, found: list[str]) -> None:
    result = check([{"files": FILES}], {"s0": [{"documents": 1, "tokens": 1, "language": tag}]})
    assert result.ids() == found
    assert [finding.detail for finding in result.findings] == [tag] * len(found)


@pytest.mark.parametrize(
    ("declared", "tag", "found"),
    [(["ja"], "jpn", []), (["ja"], "fr", ["KJ307"]), ([], "fr", []), (["ja", "fr"], "fr-CA", []), (["ja"], None, [])],
)
def test_307_languages_that_are_not_declared(check: Any, declared: list[str], tag: str, found: list[str]) -> None:
    one = {"files": FILES, "languages": declared}
    assert check([one], {"s0": [{"documents": 1, "tokens": 1, "language": tag}]}).ids() == found


@pytest.mark.parametrize(
    ("text", "found"),
    [("MIT", []), ("LicenseRef-Contract", []), ("unknown", []), (None, []), ("our own terms", ["KJ308"])],
)
def test_308_licences_of_a_source_and_of_its_rows(check: Any, text: str | None, found: list[str]) -> None:
    assert check([{"licence": text}]).ids() == found
    assert check([{"files": FILES}], {"s0": [{"documents": 1, "tokens": 1, "licence": text}]}).ids() == found


@pytest.mark.parametrize(
    ("one", "found"),
    [({"declared": {}}, ["KJ309"]), ({"declared": {"documents": 0}}, []), ({"declared": {"hours": 1}}, [])],
)
def test_309_no_size_at_all(check: Any, one: Mapping[str, Any], found: list[str]) -> None:
    assert check([one]).ids() == found


def test_309_is_not_for_a_source_with_files(check: Any) -> None:
    assert check([{"declared": {}, "files": FILES}], {"s0": [{"documents": 1, "tokens": 1}]}).ids() == []


MODEL = {"name": "M", "version": "1", "release_date": "2026-10-15"}
YES = {"accepted": True, "date": "2026-10-01", "statement": "We accept."}


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ({"knowledge": {"used": True, "categories": ["news"]}}, []),
        ({"knowledge": {"used": False}}, []),
        ({"knowledge": {"used": False, "categories": ["news"]}}, ["KJ310"]),
        ({"model": {**MODEL, "update_status": {"updated": True, "last": "2026-10-01"}}}, []),
        ({"model": {**MODEL, "update_status": {"updated": False}}}, []),
        ({"model": {**MODEL, "update_status": {"updated": False, "last": "2026-10-01"}}}, ["KJ310"]),
        ({"acceptance": {"x": YES}}, []),
        ({"acceptance": {"x": {"accepted": False}}}, []),
        ({"acceptance": {"x": {"accepted": False, "statement": "We accept."}}}, ["KJ310"]),
        ({"document": {"date": "2026-11-01", "next_review": "2027-11-01"}}, []),
        ({"document": {"date": "2026-11-01", "next_review": "2026-11-01"}}, ["KJ310"]),
        ({"document": {"next_review": "2026-10-14"}}, ["KJ310"]),
    ],
)
def test_310_declarations_that_contradict_each_other(check: Any, keys: Mapping[str, Any], found: list[str]) -> None:
    assert check(**keys).ids() == found


def test_310_one_owner_id_has_one_name(check: Any) -> None:
    other = {**SECRET, "owner": {"id": "owner-77", "name": "Another Press"}}
    assert check([SECRET, other]).ids() == ["KJ310"]


@pytest.mark.parametrize(
    ("declared", "row", "found"),
    [
        ("MIT", "mit", []),
        ("MIT", "Apache-2.0", ["KJ311"]),
        ("MIT OR Apache-2.0", "MIT", []),
        ("MIT OR Apache-2.0", "Apache-2.0", []),
        ("MIT OR Apache-2.0", "Apache-2.0 OR MIT", []),
        ("MIT OR Apache-2.0", "BSD-3-Clause", ["KJ311"]),
        ("MIT OR Apache-2.0", "MIT OR BSD-3-Clause", ["KJ311"]),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only", ["KJ311"]),
        ("MIT", "LicenseRef-Contract", ["KJ311"]),
        ("LicenseRef-Contract", "LicenseRef-Contract", []),
        (None, "MIT", []),
        ("MIT", None, []),
        ("MIT", "unknown", []),
    ],
)
def test_311_licences_that_are_not_declared(check: Any, declared: str, row: str, found: list[str]) -> None:
    one = {"files": FILES, "licence": declared}
    assert check([one], {"s0": [{"documents": 1, "tokens": 1, "licence": row}]}).ids() == found


@pytest.mark.parametrize(
    ("months_of_rows", "found"),
    [(["2026-10"], []), ([None], []), (["2026-11"], ["KJ313"]), (["2026-11", None, "2024-01"], ["KJ313"])],
)
def test_313_rows_dated_after_the_release(check: Any, months_of_rows: list[str | None], found: list[str]) -> None:
    cells = [{"documents": 1, "tokens": 1, "month": month} for month in months_of_rows]
    assert check([{"files": FILES, "declared": {}}], {"s0": cells}).ids() == found


def test_what_no_column_is_mapped_for_is_not_judged(check: Any) -> None:
    one = {"files": {"paths": ["*"]}, "languages": ["ja"], "licence": "MIT", "declared": {"documents": 1}}
    row = {"documents": 1, "language": "!!", "licence": "own", "month": "2027-01"}
    assert check([one], {"s0": [row]}).ids() == []


def test_months_are_observed_else_declared(source: Callable[..., DataSource]) -> None:
    sources = [
        source("observed", collected={"from": "2019-01", "to": "2019-12"}),
        source("declared", collected={"from": "2020-02", "to": "2021-03"}),
        source("one-end", collected={"to": "2021-03"}),
        source("none"),
    ]
    months_of_rows = ["2024-05", None, "2023-07"]
    cells = pd.DataFrame({"source_id": ["observed"] * 3, "month": months_of_rows}).convert_dtypes()
    assert months(sources, cells) == {
        "observed": ("2023-07", "2024-05"),
        "declared": ("2020-02", "2021-03"),
        "one-end": ("2021-03", "2021-03"),
    }
    assert months(sources, None)["observed"] == ("2019-01", "2019-12")


HALF = 2**62


@pytest.mark.parametrize(
    ("declared", "found"),
    [
        ([{"tokens": HALF}, {"tokens": HALF - 1}], []),
        ([{"tokens": HALF}, {"bytes": HALF}], []),
        ([{"tokens": 5}, {"tokens": HALF}, {"tokens": HALF + 1}], ["s2 declared.tokens"]),
        ([{"tokens": 2**63 - 1}, {"tokens": 1}], ["s0 declared.tokens"]),
        ([{"items": HALF}, {"items": HALF}], ["s0 declared.items"]),
        ([{"hours": (2**63 - 1) // 3600}, {"hours": 1}], ["s0 declared.hours"]),
        ([{"bytes": HALF, "documents": HALF}] * 2, ["s0 declared.documents", "s0 declared.bytes"]),
    ],
)
def test_106_sizes_that_cannot_be_added(
    source: Callable[..., DataSource], declared: Sequence[Mapping[str, int]], found: list[str]
) -> None:
    sources = [source(f"s{at}", declared=sizes) for at, sizes in enumerate(declared)]
    findings = oversize(sources, None, lambda one, key: Place(file="m.yaml", key=f"{one.id} {key}"))
    assert [finding.place.key for finding in findings if finding.place] == found
    for finding in findings:
        assert finding.id == "KJ106"
        assert "add up to more than 2^63 - 1" in finding.message
        assert not re.search(r"[0-9]{3}|s[0-9]\b", finding.message)


def test_106_what_was_observed_counts_in_place_of_what_is_declared(
    source: Callable[..., DataSource], scan: Callable[..., ScanResult]
) -> None:
    sources = [source("a", files=FILES, declared={"tokens": HALF}), source("b", declared={"tokens": HALF})]
    assert oversize(sources, scan({"a": [{"documents": 1, "tokens": HALF - 1}]}), place) == []
    (finding,) = oversize(sources, scan({"a": [{"documents": 1, "tokens": HALF}]}), place)
    assert finding.place == place(None, "files.columns.tokens")  # type: ignore[arg-type]
