"""What was rendered is read back: nothing in it is without explanation, and every figure is the same everywhere."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from kaiji.control.parse_back import Folder
from kaiji.findings import Finding, Place
from kaiji.read_back import declared, read_back
from kaiji.terms import Audience

MARKDOWN, JSON = "public/jp-principle-code.en.md", "public/jp-principle-code.en.json"


def read(small: Any, **changed: bytes) -> list[Finding]:
    """Findings about the files of the small release, of which some are changed."""
    files: Mapping[str, bytes] = {**small.made.files, **changed}
    return list(read_back(Folder(files), declared(small.measured, small.made)))


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_what_is_rendered_is_all_explained(small: Any) -> None:
    assert read(small) == []


def test_a_figure_that_nothing_explains(small: Any) -> None:
    text = small.made.files[MARKDOWN].decode() + "\nIn all 4,711 documents.\n"
    (found,) = read(small, **{MARKDOWN: text.encode()})
    assert (found.id, found.detail) == ("KJ422", "4,711")
    assert found.place == Place(file=MARKDOWN, line=line_of(text, "In all"))
    assert "4,711" not in found.line()


def test_a_figure_without_a_line_has_its_place_as_key(small: Any) -> None:
    data = json.loads(small.made.files[JSON])
    data["extra"] = "4,711 documents"
    (found,) = read(small, **{JSON: json.dumps(data, ensure_ascii=False).encode()})
    assert (found.id, found.detail) == ("KJ422", "4,711")
    assert found.place is not None
    assert (found.place.file, found.place.line) == (JSON, None)
    assert found.place.key


def test_a_file_of_a_kind_that_cannot_be_read_back(small: Any) -> None:
    found = read(small, **{"public/table.xlsx": b"PK"})
    assert {one.id for one in found} == {"KJ422"}
    assert {one.place.file for one in found if one.place} == {"public/table.xlsx"}


def test_a_figure_that_one_file_prints_otherwise(small: Any) -> None:
    data = small.made.files[JSON].decode()
    assert "17 %" in data
    found = read(small, **{JSON: data.replace("17 %", "16 %").encode()})
    assert {one.id for one in found} >= {"KJ417"}
    name = "category.text.licensed.share"
    assert [one for one in found if one.id == "KJ417" and name in one.message]


def test_what_may_stand_in_the_files_of_each_audience(small: Any) -> None:
    may = declared(small.measured, small.made)
    assert set(may) == {audience.value for audience in Audience}
    for one in small.made.disclosed:
        assert may[one.audience.value].statements == one.statements
        texts = list(may[one.audience.value].texts)
        assert {"2026-11-22", "2027-11-22", "small 1", "Own crawl"} <= set(texts)
        quiet = [text for text in texts if "quiet" in text.casefold() or "静かな" in text or "holder-" in text]
        assert quiet == []


@pytest.mark.parametrize("text", ["Quiet corpus 3", "holder-4"])
def test_a_name_with_a_number_of_a_confidential_source_is_not_explained(text: str, small: Any) -> None:
    changed = small.made.files[MARKDOWN] + f"\n{text}\n".encode()
    assert {one.id for one in read(small, **{MARKDOWN: changed})} == {"KJ422"}


def test_a_name_of_a_language_that_reads_like_a_number_is_explained(small: Any) -> None:
    """`複数言語`, several languages, ends like `数言語`, which would tell how many."""
    page = small.made.files[MARKDOWN]
    assert read(small, **{MARKDOWN: page + "複数言語(mul)\n".encode()}) == []
    assert {one.id for one in read(small, **{MARKDOWN: page + "数言語(mul)\n".encode()})} == {"KJ422"}
