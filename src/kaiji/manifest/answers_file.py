"""answers.yaml: the narrative that only people can give, by regime and item, in a file of its own beside release.yaml.

Answers may stand in release.yaml as well; an item that is answered in both is refused, because nobody knows which of
the two was meant. An entry that holds nothing yet (a template that was not filled in) counts as not written.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field

from kaiji.findings import Finding
from kaiji.manifest.answers import ItemAnswer
from kaiji.manifest.fields import Declared, Identifier
from kaiji.manifest.models import Release
from kaiji.manifest.yaml_source import Document


class AnswersFile(Declared):
    """answers.yaml."""

    schema_: Literal["kaiji/answers/v1"] = Field(alias="schema")
    """Kind and version of the file."""
    answers: dict[Identifier, dict[str, ItemAnswer]] = {}
    """Answers by regime and item."""


def beside(release: Path, kind: str = "answers.yaml") -> Path:
    """The file of a ``kind`` that belongs to ``release``: ``answers-1.1.yaml`` to ``release-1.1.yaml``."""
    stem, ending = kind.rsplit(".", 1)
    mark = release.stem.removeprefix("release") if release.stem.startswith("release") else ""
    return release.parent / f"{stem}{mark}.{ending}"


def written(value: object) -> object:
    """``value`` without what was left empty: an item of which nothing is left is not there."""
    if not isinstance(value, dict):
        return value
    full = {key: written(inner) for key, inner in value.items()}
    return {key: inner for key, inner in full.items() if inner not in (None, "", {})}


def merged(release: Release, file: AnswersFile, document: Document) -> tuple[Release, list[Finding]]:
    """The release with the answers of the file too, each with its place; KJ550 for an item that is answered twice."""
    findings = []
    answers: dict[str, Mapping[str, ItemAnswer]] = dict(release.answers)
    for regime, items in file.answers.items():
        for item in items:
            if item in release.answers.get(regime, {}):
                other = release.place_of(f"answers.{regime}.{item}")
                place = document.place(("answers", regime, item))
                message = f"the item is answered at {other} too"
                findings.append(Finding(id="KJ550", message=message, place=place))
        answers[regime] = {**answers.get(regime, {}), **items}
    whole = release.model_copy(update={"answers": answers})
    whole._lines = {**{p.key: p for p in document.places() if p.key}, **release._lines}
    return whole, findings
