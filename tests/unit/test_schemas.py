import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from kaiji.manifest.yaml_source import read
from kaiji.schemas import schemas, text, write

ROOT = Path(__file__).parents[2]
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


@pytest.mark.parametrize("name", ["release", "level", "regime", "items"])
def test_the_files_that_come_with_kaiji_fit_their_schema(name: str) -> None:
    templates = ROOT / "disclosure_templates"
    own = {
        "release": sorted((ROOT / "sample_manifests").glob("*/release*.yaml")),
        "level": [templates / "levels" / "middle-ground.yaml"],  # others inherit and need not be whole
        "regime": sorted(templates.glob("regimes/*/regime.yaml")),
        "items": sorted(templates.glob("regimes/*/items.yaml")),
    }
    for path in own[name]:
        assert mistakes(f"{name}.v1.schema.json", data(path)) == set(), path
    assert own[name]


def test_the_published_documents_fit_their_schema() -> None:
    documents = sorted((ROOT / "sample_manifests").glob("*/expected*/*/jp-principle-code.*.json"))
    assert len(documents) >= 12
    for path in documents:
        document = json.loads(path.read_text(encoding="utf-8"))
        assert mistakes("document.v1.schema.json", document) == set(), path
    document["sections"][0]["items"][0]["state"] = "compliant"
    assert mistakes("document.v1.schema.json", document) == {"$.sections[0].items[0].state"}


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
