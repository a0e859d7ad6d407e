from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from kaiji.manifest.schemas import schemas, text, write
from kaiji.manifest.yaml_source import read

ROOT = Path(__file__).parents[3]
MANIFESTS = ROOT / "tests" / "conformance" / "manifests"
KINDS = {
    "release.v1.schema.json": "valid-*/release.yaml",
    "dataset-manifest.v1.schema.json": "valid-*/manifests/**/*.*",
}


def data(path: Path) -> Any:
    return read(path.read_bytes(), path.name).data


def mistakes(kind: str, document: object) -> set[str]:
    return {error.json_path for error in Draft202012Validator(schemas()[kind]).iter_errors(document)}


@pytest.mark.parametrize("name", sorted(schemas()))
def test_the_schema_checked_in_is_that_of_the_models(name: str, tmp_path: Path) -> None:
    write(tmp_path)
    assert (ROOT / "schemas" / name).read_bytes() == (tmp_path / name).read_bytes()


@pytest.mark.parametrize("name", sorted(schemas()))
def test_a_schema_is_valid_and_describes_every_key(name: str) -> None:
    schema = schemas()[name]
    Draft202012Validator.check_schema(schema)
    assert text(schema).endswith("}\n")
    assert not {'"ge":', '"gt":', '"le":', '"lt":'} & set(text(schema).split())  # pydantic's names, not JSON Schema's
    for definition in [schema, *schema["$defs"].values()]:
        assert definition.get("description")
        for key, property_ in definition.get("properties", {}).items():
            assert property_.get("description") or "$ref" in property_, (definition["title"], key)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_kaiji_accepts_the_schema_accepts(kind: str) -> None:
    paths = sorted(MANIFESTS.glob(KINDS[kind]))
    assert len(paths) > 10
    for path in paths:
        assert mistakes(kind, data(path)) == set(), path


@pytest.mark.parametrize(
    ("case", "mistake"),
    [
        ("misspelt-keys", "$.sources[0]"),
        ("misspelt-values", "$.sources[0].category"),
        ("negative-sizes", "$.sources[0].declared.documents"),
        ("huge-integer", "$.sources[0].declared.tokens"),
        ("sizes-as-text", "$.sources[0].declared.hours"),
        ("missing-language", "$.sources[0].title"),
        ("links", "$.sources[0].url"),
        ("countries", "$.sources[0].storage_countries[0]"),
        ("yes-for-true", "$.sources[0].publicly_known"),
        ("empty-sources", "$.sources"),
        ("schema-version", "$.schema"),
    ],
)
def test_what_kaiji_refuses_the_schema_refuses(case: str, mistake: str) -> None:
    document = data(MANIFESTS / f"invalid-{case}" / "manifests" / "a.yaml")
    assert mistake in mistakes("dataset-manifest.v1.schema.json", document)
