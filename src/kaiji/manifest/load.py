"""release.yaml and its dataset manifests, read and checked; every mistake of every file is told at once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from kaiji.errors import ManifestError
from kaiji.findings import Finding, Place
from kaiji.manifest import addresses, answers_file, input_files, messages, yaml_source
from kaiji.manifest.answers_file import AnswersFile
from kaiji.manifest.input_files import InputFile
from kaiji.manifest.models import DataSource, Manifest, Release
from kaiji.manifest.yaml_source import Document, KeyPath, shown

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True)
class LoadedRelease:
    """A release as declared, and where each part of it stands. Confidential: it holds the owners."""

    release: Release
    sources: tuple[DataSource, ...]
    """In order of manifest path, then of place in the manifest."""
    root: Path
    """Folder of release.yaml; every relative path starts here."""
    files: tuple[InputFile, ...]
    """release.yaml, then answers.yaml if there is one, then the manifests by path."""
    _documents: dict[str, Document] = field(repr=False)
    _paths: dict[str, KeyPath] = field(repr=False)

    def place_of(self, source: DataSource, key: str = "") -> Place:
        """Where ``key`` (such as ``declared.tokens`` or ``stages[0]``) of ``source`` stands, or its nearest parent."""
        parts = (int(index) if index else name for name, index in re.findall(r"([^.\[\]]+)|\[([0-9]+)\]", key))
        return self._documents[source.place.file].place((*self._paths[source.id], *parts))


def load(path: Path) -> LoadedRelease:
    """Read the release at ``path`` with all manifests it names; the files are not changed.

    Raises :class:`ManifestError` with all findings (KJ101 to KJ111, KJ550), sorted by file and line.
    """
    reading = _Reading(path)
    reading.release()
    reading.answers()
    reading.manifests()
    return reading.result()


class _Reading:
    """What has been read so far, and what is wrong with it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.root = path.parent
        self.name = path.name or str(path)
        self.findings: list[Finding] = []
        self.files: list[InputFile] = []
        self.documents: dict[str, Document] = {}
        self.declared: Release | None = None
        self.sources: list[DataSource] = []
        self.paths: dict[str, KeyPath] = {}
        self.ids: dict[str, Place] = {}

    def release(self) -> None:
        self.declared = self._read(self.path, self.name, Release)
        document = self.documents.get(self.name)
        if self.declared and document:
            places = {place.key: place for place in document.places() if place.key}
            start = Place(file=document.file, line=1, column=1)
            self.declared._lines.update({**places, ".": start})
            for number, root in enumerate(self.declared.data_roots):
                if fault := addresses.fault(root):
                    place = document.place(("data_roots", number))
                    self.findings.append(Finding(id="KJ106", message=fault, place=place))

    def answers(self) -> None:
        path = answers_file.beside(self.path)
        if path == self.path or not path.exists():
            return
        file, document = self._read(path, path.name, AnswersFile), self.documents.get(path.name)
        if file and document and self.declared:
            self.declared, twice = answers_file.merged(self.declared, file, document)
            self.findings.extend(twice)

    def manifests(self) -> None:
        for name, path in self._manifest_files().items():
            manifest = self._read(path, name, Manifest)
            document = self.documents.get(name)
            if document is None:
                continue
            self._note_ids(document)
            for index, source in enumerate(manifest.sources if manifest else ()):
                place = document.place(("sources", index))
                source._place = place
                self.sources.append(source)
                self.paths[source.id] = ("sources", index)
                self.findings.extend(self._paths_that_leave(source, document, index))

    def result(self) -> LoadedRelease:
        if self.findings or self.declared is None:
            raise ManifestError(sorted(set(self.findings), key=self._by_place))
        documents = {name: document for name, document in self.documents.items() if name != self.name}
        return LoadedRelease(self.declared, tuple(self.sources), self.root, tuple(self.files), documents, self.paths)

    def _read(self, path: Path, name: str, model: type[_Model]) -> _Model | None:
        """The file as ``model``; None, with findings, when something is wrong with it."""
        try:
            file = input_files.read(path, name)
            self.files.append(file)
            document = yaml_source.read(file.content, name)
        except ManifestError as error:
            self.findings.extend(error.findings)
            return None
        self.documents[name] = document
        self.findings.extend(document.findings)
        if not isinstance(document.data, dict):
            what = "the file is empty" if document.data is None else "the file is not a mapping"
            message = f"{what}; it must begin with `schema: {messages.schema_of(model)}`"
            self.findings.append(Finding(id="KJ106", message=message, place=Place(file=name, line=1, column=1)))
            return None
        try:
            whole = answers_file.written(document.data) if issubclass(model, AnswersFile) else document.data
            return model.model_validate(whole)
        except ValidationError as error:
            self.findings.extend(messages.findings(error, document, model))
            return None

    def _manifest_files(self) -> dict[str, Path]:
        """Path by name, sorted by name; taken from the raw data, so that a mistake elsewhere hides nothing."""
        document = self.documents.get(self.name)
        patterns = document.data.get("manifests") if document and isinstance(document.data, dict) else None
        found: dict[str, Path] = {}
        for index, pattern in enumerate(patterns if isinstance(patterns, list) else ()):
            if document and isinstance(pattern, str) and pattern:
                found.update(self._matching(pattern, document.place(("manifests", index))))
        once: dict[Path, tuple[str, Path]] = {}
        for name, path in sorted(found.items()):
            once.setdefault(input_files.real(path) or path, (name, path))
        return dict(once.values())

    def _matching(self, pattern: str, place: Place) -> dict[str, Path]:
        """Files that the pattern at ``place`` names; none, with a finding, when it may not be followed."""

        def refused(rule: str, message: str) -> dict[str, Path]:
            self.findings.append(Finding(id=rule, message=message, place=place))
            return {}

        if input_files.leaves(pattern):
            return refused("KJ109", "a manifest must lie in the folder of the release")
        if not input_files.sound(pattern):
            return refused("KJ106", "is not a pattern: `**` must stand alone between two slashes")
        found = input_files.matches(self.root, pattern)
        if not found:
            return refused("KJ108", "no file matches")
        root = input_files.real(self.root)
        for name, path in found.items():
            target = input_files.real(path)
            if root and target and not target.is_relative_to(root):
                return refused("KJ109", "a symbolic link leads out of the folder of the release")
            if not name.isprintable():
                return refused("KJ101", f"a file name holds characters that cannot be printed: {shown(name)}")
        return found

    def _note_ids(self, document: Document) -> None:
        """Refuse an id that stands twice, in whichever manifests; also where other things are wrong."""
        sources = document.data.get("sources") if isinstance(document.data, dict) else None
        for index, source in enumerate(sources if isinstance(sources, list) else ()):
            given = source.get("id") if isinstance(source, dict) else None
            if not isinstance(given, str):
                continue
            place = document.place(("sources", index, "id"))
            first = self.ids.setdefault(given, place)
            if first != place:
                message = f"the same id stands at {first}"
                self.findings.append(Finding(id="KJ107", message=message, place=place))

    def _paths_that_leave(self, source: DataSource, document: Document, index: int) -> Iterator[Finding]:
        roots = self.declared.data_roots if self.declared else ()
        for number, pattern in enumerate(source.files.paths if source.files else ()):
            place = document.place(("sources", index, "files", "paths", number))
            within = addresses.within if addresses.is_address(pattern) else input_files.within
            leaves = addresses.is_address(pattern) or input_files.leaves(pattern)
            if fault := addresses.fault(pattern):
                yield Finding(id="KJ106", message=fault, place=place)
            elif leaves and not any(within(root, pattern) for root in roots) and self.declared:
                message = "a data file must lie in the folder of the release or in one of data_roots"
                yield Finding(id="KJ109", message=message, place=place)

    def _by_place(self, finding: Finding) -> tuple[bool, str, int, int, str, str]:
        """release.yaml first, then the manifests by path, each from its top."""
        place = finding.place or Place(file="")
        numbers = (place.line or 0, place.column or 0)
        return (place.file != self.name, place.file, *numbers, finding.id, finding.message)
