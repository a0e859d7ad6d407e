"""Whole scans with a tokenizer."""

import datasets
import pytest
import tokenizers
from tokenizers import models, pre_tokenizers

ROWS = {
    "u": ["https://a.example/1", "https://b.example/", None, "https://a.example/2", "https://a.example/3"],
    "t": ["one two three", "日本 語", "", None, "四"],
    "l": ["en", "ja", None, "en", "ja"],
    "n": [100, 200, 300, 400, 500],
}


@pytest.fixture
def tokenized(release):
    made = tokenizers.Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))  # noqa: S106
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made.enable_truncation(max_length=1)
    (release.root / "tokenizer.json").write_text(made.to_str(), encoding="utf-8")

    def source(*paths, **columns):
        plain = release.source(*paths, **columns)
        files = plain.files.model_copy(update={"tokenizer": "tokenizer.json"})
        return plain.model_copy(update={"files": files})

    return source


def written(release, form):
    if form == "parquet":
        release.parquet("a.parquet", **ROWS)
        return "a.parquet"
    if form == "jsonl":
        release.jsonl("a.jsonl", [dict(zip(ROWS, values, strict=True)) for values in zip(*ROWS.values(), strict=True)])
        return "a.jsonl"
    datasets.Dataset.from_dict(ROWS).save_to_disk(release.root / "ds")
    return "ds"


@pytest.mark.parametrize("form", ["parquet", "jsonl", "datasets"])
def test_tokens_are_counted_whatever_the_format(release, table, tokenized, form):
    result = release.scan(tokenized(written(release, form), text="t", url="u", language="l"))
    (scan,) = result.sources
    assert (scan.documents, scan.bytes, scan.tokens, scan.rows_with_tokens) == (5, 26, 6, 4)
    cells = [(row["language"], row["documents"], row["bytes"], row["tokens"]) for row in table(result.cells)]
    assert cells == [(None, 1, 0, 0), ("en", 2, 13, 3), ("ja", 2, 13, 3)]
    domains = [(row["domain"], row["documents"], row["bytes"], row["tokens"]) for row in release.domains()]
    assert domains == [("(none)", 1, 0, 0), ("a.example", 3, 16, 4), ("b.example", 1, 10, 2)]
    assert [finding.id for finding in result.findings] == ["KJ210", "KJ210"]


@pytest.mark.parametrize("form", ["parquet", "jsonl", "datasets"])
def test_sizes_come_from_their_column_and_tokens_from_the_tokenizer(release, tokenized, form):
    (scan,) = release.scan(tokenized(written(release, form), text="t", bytes="n")).sources
    assert (scan.bytes, scan.tokens, scan.rows_with_bytes, scan.rows_with_tokens) == (1500, 6, 5, 4)


def test_without_a_tokenizer_tokens_are_not_measured(release):
    (scan,) = release.scan(release.source(written(release, "jsonl"), text="t")).sources
    assert (scan.bytes, scan.tokens, scan.rows_with_tokens) == (26, None, None)


def test_a_negative_size_is_still_told(release, tokenized):
    release.parquet("a.parquet", t=["a"] * 10_000, n=[*[1] * 9_999, -1])
    (finding,) = release.scan(tokenized("a.parquet", text="t", bytes="n")).findings
    assert (finding.id, finding.place.key) == ("KJ207", "files.columns.bytes")


@pytest.mark.parametrize("form", ["parquet", "jsonl", "datasets"])
def test_a_text_that_is_not_there_is_told_though_sizes_are(release, tokenized, form):
    (finding,) = release.scan(tokenized(written(release, form), text="nothing", bytes="n")).findings
    assert (finding.id, finding.place.key) == ("KJ204", "files.columns.text")


def test_rows_without_a_text_are_told_though_sizes_are_there(release, tokenized):
    (finding,) = release.scan(tokenized(written(release, "parquet"), text="t", bytes="n")).findings
    assert (finding.id, finding.place.key) == ("KJ210", "files.columns.text")
    assert finding.message == "some rows have no size in tokens"
