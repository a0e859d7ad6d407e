"""The machine-readable document: exact, in order, and described by its schema."""

import json
from datetime import date

import jsonschema
import pytest

from kaiji.regime.document import DisclosureDocument, PublishedStatement
from kaiji.render.machine import machine
from kaiji.schemas import schemas


def statement(low: float | None, high: float | None) -> PublishedStatement:
    return PublishedStatement(id="s", text="t", unit="percent", low=low, high=high)


def test_it_reads_back_as_the_same_document(ja, en) -> None:
    for document in (ja, en):
        assert DisclosureDocument.model_validate_json(machine(document)) == document


def test_keys_are_named_and_ordered_as_in_the_model(ja) -> None:
    content = json.loads(machine(ja))

    assert list(content) == [field.alias or name for name, field in DisclosureDocument.model_fields.items()]
    assert content["schema"] == "kaiji/document/v1"
    assert content["date"] == "2026-11-22"
    assert [entry["id"] for entry in content["statements"]] == [entry.id for entry in ja.statements]


def test_it_is_plain_utf_8(ja) -> None:
    content = machine(ja)

    assert content.startswith(b'{\n  "schema": "kaiji/document/v1",\n')
    assert content.endswith(b"\n}\n")
    assert "株式会社つばめ言語研究所".encode() in content
    assert content == machine(ja.model_copy(deep=True))


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (36.5, "36.5"),
        (37.0, "37"),
        (0.05, "0.05"),
        (10**15 + 1, "1000000000000001"),
        (1e22, "1" + "0" * 22),
        (None, "null"),
    ],
)
def test_numbers_are_exact(ja, value, printed) -> None:
    content = machine(ja.model_copy(update={"statements": (statement(value, value),)})).decode()

    assert f'"low": {printed},' in content
    assert f'"high": {printed}\n' in content


def test_what_is_no_number_is_not_written(ja) -> None:
    with pytest.raises((ValueError, OverflowError)):
        machine(ja.model_copy(update={"statements": (statement(float("inf"), None),)}))


def test_the_schema_accepts_the_document_and_nothing_else(ja, en) -> None:
    schema = schemas()["document.v1.schema.json"]
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)

    for document in (ja, en, ja.model_copy(update={"date": date(2027, 1, 1), "banner": None})):
        validator.validate(json.loads(machine(document)))
    for change in ({"language": "fr"}, {"extra": 1}, {"sections": [{"id": "x"}]}, {"schema": "kaiji/document/v2"}):
        assert not validator.is_valid({**json.loads(machine(ja)), **change})
