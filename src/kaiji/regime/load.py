"""Loading a regime folder: YAML in, a checked :class:`~kaiji.regime.model.Regime` out.

Everything that a regime refers to is checked here, with file and line: facts, sections, tables, wording in both
languages. A regime is a folder; adding one needs no Python.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from kaiji.errors import ManifestError, RegimeError
from kaiji.manifest.messages import findings
from kaiji.manifest.yaml_source import Document, read
from kaiji.regime.facts import NAMES
from kaiji.regime.model import ItemsFile, Regime, RegimeSpec, When
from kaiji.regime.wording import PLACEHOLDER, Text, Wording, flattened
from kaiji.terms import LANGUAGES, Language

M = TypeVar("M", RegimeSpec, ItemsFile)


def find(name: str, regimes: Path, root: Path | None = None) -> Path:
    """Folder of the regime ``name``: an id below ``regimes``, or a path (relative to ``root``, else as it is).

    Raises:
        RegimeError: there is no such folder.
    """
    own = regimes / name
    if "/" not in name and own.is_dir():
        return own
    path = (root / name) if root else Path(name)
    if (path / "regime.yaml").is_file():
        return path
    known = ", ".join(sorted(found.parent.name for found in regimes.glob("*/regime.yaml")))
    raise RegimeError(f"there is no regime {name!r}: neither one of {known} nor a folder with a regime.yaml")


def load(folder: Path, common: Path) -> Regime:
    """The regime in ``folder``, its wording laid over the shared wording in ``common``.

    Raises:
        RegimeError: a file is missing or wrong, or a reference does not resolve; with file and line.
    """
    folder = folder.resolve()  # so that `.` has a name
    regime_file = _read(folder / "regime.yaml", folder)
    items_file = _read(folder / "items.yaml", folder)
    spec = _model(RegimeSpec, regime_file)
    items = _model(ItemsFile, items_file).items
    if spec.id != folder.name:
        raise RegimeError(
            f"{regime_file.place(('id',))}: id {spec.id!r} is not the name of its folder, {folder.name!r}"
        )
    files, shared = _wording_files(folder), wording(common)
    regime = Regime(spec=spec, items=items, wording=_texts(files).over(shared))
    problems = [
        *_item_problems(regime, items_file),
        *_spec_problems(regime, regime_file),
        *_unused(regime, files["ja"], shared),
        *_unfilled(files, shared),
    ]
    if problems:
        raise RegimeError("\n".join(problems))
    return regime


def wording(folder: Path) -> Wording:
    """The wording of a folder, ``wording.ja.yaml`` and ``wording.en.yaml``, which must have the same keys.

    Raises:
        RegimeError: a file is missing or wrong, or the keys differ.
    """
    return _texts(_wording_files(folder))


Texts = tuple[Document, dict[str, Text]]
"""A wording file with its texts by key."""


def _wording_files(folder: Path) -> dict[Language, Texts]:
    documents = {language: _read(folder / f"wording.{language}.yaml", folder) for language in LANGUAGES}
    files: dict[Language, Texts] = {name: (document, flattened(document)) for name, document in documents.items()}
    pairs: tuple[tuple[Language, Language], ...] = (("ja", "en"), ("en", "ja"))
    problems = []
    for language, other in pairs:
        (document, texts), lacking = files[other], files[language][0].file
        problems += [
            f"{document.place(text.path)}: {key} has no text in {lacking}"
            for key, text in texts.items()
            if key not in files[language][1]
        ]
    for key, text in files["en"][1].items():
        japanese = files["ja"][1].get(key)
        if japanese and set(PLACEHOLDER.findall(japanese.text)) != set(PLACEHOLDER.findall(text.text)):
            problems.append(f"{files['en'][0].place(text.path)}: {key} has other placeholders than in Japanese")
    if problems:
        raise RegimeError("\n".join(problems))
    return files


def _texts(files: Mapping[Language, Texts]) -> Wording:
    return Wording({name: {key: text.text for key, text in texts.items()} for name, (_, texts) in files.items()})


def _read(path: Path, folder: Path) -> Document:
    name = f"{folder.name}/{path.name}"
    try:
        document = read(path.read_bytes(), name)
    except OSError as error:
        raise RegimeError(f"{name}: {error.strerror or 'cannot be read'}") from error
    except ManifestError as error:
        raise RegimeError(str(error)) from error
    if document.findings:  # a key twice, say: of two texts, nobody knows which one was meant
        raise RegimeError("\n".join(finding.line() for finding in document.findings))
    return document


def _model(model: type[M], document: Document) -> M:
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise RegimeError("\n".join(found.line() for found in findings(error, document, model))) from error


def _item_problems(regime: Regime, document: Document) -> Iterator[str]:
    sections = {section.id for section in regime.spec.sections}
    seen: set[str] = set()
    for index, item in enumerate(regime.items):

        def at(key: str, index: int = index) -> str:
            return str(document.place(("items", index, key)))

        if item.id in seen:
            yield f"{at('id')}: item {item.id} is listed twice"
        seen.add(item.id)
        if item.section not in sections:
            yield f"{at('section')}: there is no section {item.section!r}{_meant(item.section, sections)}"
        facts = [("facts", name) for name in item.facts] + [("also", name) for name in item.also]
        if isinstance(item.required, When):
            facts.append(("required", item.required.when))
            if f"item.{item.id}.none" not in regime.wording:
                yield f"{at('required')}: the wording has no item.{item.id}.none"
        for key, name in facts:
            if name not in NAMES:
                yield f"{at(key)}: there is no fact {name!r}{_meant(name, NAMES)}"
        for name in item.tables:
            if name not in regime.spec.tables:
                yield f"{at('tables')}: there is no table {name!r} in regime.yaml{_meant(name, regime.spec.tables)}"
        for key in (f"item.{item.id}.label", f"item.{item.id}.prompt", *item.fixed):
            if key not in regime.wording:
                yield f"{at('id')}: the wording has no {key}"
        if not (item.facts or item.fixed or item.tables) and item.status != "manual":
            yield f"{at('status')}: an item without facts is answered by a person: its status must be manual"
        if item.principle is not None and item.principle not in regime.spec.principles:
            yield f"{at('principle')}: principle {item.principle} is not in principles of regime.yaml"


def _meant(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, sorted(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _spec_problems(regime: Regime, document: Document) -> Iterator[str]:
    spec = regime.spec
    used = {item.section for item in regime.items}
    for index, section in enumerate(spec.sections):
        place = document.place(("sections", index))
        if section.id not in used:
            yield f"{place}: section {section.id} has no item"
        if f"section.{section.id}" not in regime.wording:
            yield f"{place}: the wording has no section.{section.id}"
    seen: set[str] = set()
    for index, section in enumerate(spec.sections):
        if section.id in seen:
            yield f"{document.place(('sections', index))}: section {section.id} is listed twice"
        seen.add(section.id)
    if "title" not in regime.wording:
        yield f"{document.place(('id',))}: the wording has no title"
    for position, key in enumerate(spec.notices):
        if key not in regime.wording:
            yield f"{document.place(('notices', position))}: the wording has no {key}"
    items = {item.id for item in regime.items}
    for position, name in enumerate(spec.model_card):
        if name not in items:
            yield f"{document.place(('model_card', position))}: there is no item {name!r}{_meant(name, items)}"
    for name, table in spec.tables.items():
        place = document.place(("tables", name))
        for key in (table.caption, *table.columns, *(cell for row in table.rows for cell in row)):
            if key not in regime.wording:
                yield f"{place}: the wording has no {key}"
        if any(len(row) != len(table.columns) for row in table.rows):
            yield f"{place}: a row has more or fewer cells than there are columns"


def _unused(regime: Regime, own: Texts, shared: Wording) -> Iterator[str]:
    """Texts that no document can print: a key that was renamed on one side only.

    A regime may word for itself what is in the shared wording.
    """
    spec = regime.spec
    used = {"title", *spec.notices}
    used |= {f"section.{section.id}" for section in spec.sections}
    for table in spec.tables.values():
        used |= {table.caption, *table.columns, *(cell for row in table.rows for cell in row)}
    for item in regime.items:
        parts = ("label", "prompt", "none") if isinstance(item.required, When) else ("label", "prompt")
        used |= {f"item.{item.id}.{part}" for part in parts} | set(item.fixed)
    document, texts = own
    for key in sorted(set(texts) - used):
        if key not in shared:
            yield f"{document.place(texts[key].path)}: nothing uses {key}"


def _unfilled(files: Mapping[Language, Texts], shared: Wording) -> Iterator[str]:
    """Placeholders that nothing fills: none in the regime's own texts, no others than the shared text has."""
    for language, (document, texts) in files.items():
        for key, text in texts.items():
            known = set(PLACEHOLDER.findall(shared.words(key)[language])) if key in shared else set()
            for name in sorted(set(PLACEHOLDER.findall(text.text)) - known):
                yield f"{document.place(text.path)}: {key}: nothing fills {{{name}}}"
