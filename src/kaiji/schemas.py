"""JSON Schemas of all files that people or programs write and read: manifests, regimes, levels, documents.

They say what a key may hold; what joins several keys (a user-data kind with the user category, say) and what
needs a register (languages, countries) is checked when a release is loaded.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from kaiji import terms
from kaiji.control.external_facts import ExternalFactsFile
from kaiji.control.level import Level
from kaiji.manifest.answers_file import AnswersFile
from kaiji.manifest.models import Manifest, Release
from kaiji.regime import blocks
from kaiji.regime.document import DisclosureDocument
from kaiji.regime.model import ItemsFile, RegimeSpec

_KINDS: dict[str, tuple[str, type[BaseModel]]] = {
    "answers.v1.schema.json": ("kaiji answers.yaml", AnswersFile),
    "dataset-manifest.v1.schema.json": ("kaiji dataset manifest", Manifest),
    "document.v1.schema.json": ("kaiji disclosure document", DisclosureDocument),
    "external-facts.v1.schema.json": ("kaiji external facts", ExternalFactsFile),
    "items.v1.schema.json": ("kaiji items.yaml of a regime", ItemsFile),
    "level.v1.schema.json": ("kaiji disclosure level", Level),
    "regime.v1.schema.json": ("kaiji regime.yaml", RegimeSpec),
    "release.v1.schema.json": ("kaiji release.yaml", Release),
}


def schemas() -> dict[str, dict[str, Any]]:
    """JSON Schema (draft 2020-12) by file name."""
    return {name: _schema(name, title, model) for name, (title, model) in _KINDS.items()}


def text(schema: dict[str, Any]) -> str:
    """A schema as it is written to its file."""
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def write(folder: Path) -> None:
    """Write every schema into ``folder``."""
    for name, schema in schemas().items():
        (folder / name).write_text(text(schema), encoding="utf-8", newline="\n")


def _schema(name: str, title: str, model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema()
    for key, definition in schema["$defs"].items():
        vocabulary = getattr(terms, key, None)
        if isinstance(vocabulary, type) and issubclass(vocabulary, terms.Term):
            meanings = "; ".join(f"{member.value}: {member.words.en}" for member in vocabulary)
            definition["description"] = f"{(vocabulary.__doc__ or '').strip()} {meanings}."
        generic = getattr(blocks, definition["title"].partition("[")[0], None)
        if "description" not in definition and generic:
            definition["description"] = generic.__doc__  # pydantic leaves it out where a model is generic
    if "Words" in schema["$defs"]:
        schema["$defs"]["Words"] = _words(schema["$defs"]["Words"])
    identity = f"urn:kaiji:schema:{name.removesuffix('.schema.json').replace('.', ':')}"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": identity, **schema, "title": title}


def _words(both: dict[str, Any]) -> dict[str, Any]:
    """A text may be one string for both languages; a mapping needs both."""
    description = "A text: a mapping with ja and en, or one string where both languages share the wording."
    mapping = {key: value for key, value in both.items() if key not in ("description", "title")}
    return {"title": "Words", "description": description, "anyOf": [{"type": "string", "minLength": 1}, mapping]}
