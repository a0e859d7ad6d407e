"""Loading a regime folder: YAML in, a checked :class:`~kaiji.regime.model.Regime` out.

Everything that a regime refers to is checked here, with file and line: facts, sections, tables, wording in both
languages. A regime is a folder; adding one needs no Python. A folder may inherit the items and the wording of another
one, and may hold earlier versions of its rules in ``versions/``, of which the date of the documents chooses one.
"""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import ValidationError

from kaiji.errors import ManifestError, RegimeError
from kaiji.manifest.messages import findings
from kaiji.manifest.yaml_source import Document, read
from kaiji.regime.checks import CHECKS
from kaiji.regime.facts import NAMES
from kaiji.regime.model import ItemsFile, Regime, RegimeSpec, When
from kaiji.regime.wording import PLACEHOLDER, Text, Wording, flattened
from kaiji.terms import LANGUAGES, Language

M = TypeVar("M", RegimeSpec, ItemsFile)
T = TypeVar("T")
VERSIONS = "versions"
"""Folder within a regime with earlier versions of its rules, a folder each."""


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


class _Read(NamedTuple):
    """A regime.yaml that was read."""

    folder: Path
    document: Document
    spec: RegimeSpec


def load(folder: Path, common: Path, on: date | None = None) -> Regime:
    """The regime in ``folder``, its wording laid over the shared wording in ``common``.

    Args:
        folder: The folder of the regime.
        common: The folder of the wording that all regimes share.
        on: Day whose rules are wanted: it chooses the version and the values of parameters; None for the latest.

    Raises:
        RegimeError: a file is missing or wrong, a reference does not resolve, or there are no rules for that day;
            with file and line, and everything that can be told at once.
    """
    return load_version(_version(folder.resolve(), on), common, on)  # resolved, so that `.` has a name


def load_version(folder: Path, common: Path, on: date | None = None) -> Regime:
    """The regime in exactly this ``folder``, whatever other versions there are; otherwise as :func:`load`."""
    chain = _chain(folder, common)
    problems: list[str] = []
    holder = next((one.folder for one in chain if (one.folder / "items.yaml").is_file()), chain[0].folder)
    items_file = _tried(problems, lambda: _read(holder / "items.yaml", holder))
    items = _tried(problems, lambda: _model(ItemsFile, items_file)) if items_file else None
    worded = [one.folder for one in chain if any((one.folder / _file(name)).is_file() for name in LANGUAGES)]
    folders = worded or [chain[0].folder]
    texts = [_tried(problems, lambda folder=folder: _wording_files(folder)) for folder in folders]  # type: ignore[misc]
    if items_file is None or items is None or not all(texts):
        raise RegimeError("\n".join(problems))
    shared = wording(common)
    for files in reversed([files for files in texts[1:] if files]):
        shared = _texts(files).over(shared)
    own = texts[0] or {}
    spec, document = chain[0].spec, chain[0].document
    values = dict(_values(spec, document, on, problems))
    printed = {name: f"{value.normalize():f}" for name, value in values.items()}
    whole = _texts(own).over(shared).with_values(printed)
    regime = Regime(spec=spec, items=items.items, wording=whole, parameters=values)
    problems += _item_problems(regime, items_file)
    problems += _spec_problems(regime, document)
    problems += _minimum_problems(regime, document)
    problems += _unused(regime, own["ja"], shared)
    problems += _unfilled(own, shared, spec.parameters)
    if problems:
        raise RegimeError("\n".join(problems))
    return regime


def versions(folder: Path) -> tuple[Path, ...]:
    """The folder of a regime, and those of the earlier versions that it holds, by name."""
    return (folder, *sorted(path.parent for path in folder.glob(f"{VERSIONS}/*/regime.yaml")))


def _version(folder: Path, on: date | None) -> Path:
    """Of the versions of a regime, the one whose rules hold ``on`` a day."""
    found = versions(folder)
    if len(found) == 1:
        return folder
    by_day: dict[date, _Read] = {}
    for one in map(_spec, found):
        day = one.spec.valid_from or date.min
        if day in by_day:
            raise RegimeError(
                f"{one.document.place(('valid_from',))}: the version in {_label(by_day[day].folder)} is valid from the "
                "same day; give each version a first day of its own (only the first one may go without)"
            )
        by_day[day] = one
    held = [day for day in by_day if on is None or day <= on]
    if not held:
        raise RegimeError(f"{folder.name}: there are no rules for {on}; the first are valid from {min(by_day)}")
    return by_day[max(held)].folder


def _chain(folder: Path, common: Path) -> list[_Read]:
    """The folder and those that it inherits from, nearest first."""
    chain = [_spec(folder)]
    while chain[-1].spec.inherits:
        last = chain[-1]
        place = last.document.place(("inherits",))
        try:
            found = find(str(last.spec.inherits), common.parent / "regimes", last.folder).resolve()
        except RegimeError as error:
            raise RegimeError(f"{place}: {error}") from error
        if found in [one.folder for one in chain]:
            way = " → ".join(_label(path) for path in (*(one.folder for one in chain), found))
            raise RegimeError(f"{place}: the regime inherits from itself ({way}); take out one `inherits`")
        chain.append(_spec(found))
    return chain


def _spec(folder: Path) -> _Read:
    document = _read(folder / "regime.yaml", folder)
    spec = _model(RegimeSpec, document)
    name = folder.parents[1].name if folder.parent.name == VERSIONS else folder.name
    if spec.id != name:
        raise RegimeError(f"{document.place(('id',))}: id {spec.id!r} is not the name of its folder, {name!r}")
    return _Read(folder, document, spec)


def _values(
    spec: RegimeSpec, document: Document, on: date | None, problems: list[str]
) -> Iterator[tuple[str, Decimal]]:
    """Each parameter with its value on a day."""
    for name, dated in spec.parameters.items():
        days = [one.valid_from or date.min for one in dated]
        if days != sorted(set(days)):
            place = document.place(("parameters", name))
            problems.append(f"{place}: the values of {name} must stand in the order of valid_from, one for each day")
        held = [one.value for one in dated if on is None or one.valid_from is None or one.valid_from <= on]
        if held:
            yield name, held[-1]
        else:
            problems.append(f"{document.place(('parameters', name))}: {name} has no value for {on}")


def _tried(problems: list[str], make: Callable[[], T]) -> T | None:
    """What ``make`` gives; None, its problem noted, when it cannot: so that one mistake does not hide the next."""
    try:
        return make()
    except RegimeError as error:
        problems.append(str(error))
        return None


def _label(folder: Path) -> str:
    """What messages call a folder: its name; that of an earlier version with its regime."""
    return "/".join(folder.parts[-3:]) if folder.parent.name == VERSIONS else folder.name


def _file(language: Language) -> str:
    return f"wording.{language}.yaml"


def wording(folder: Path) -> Wording:
    """The wording of a folder, ``wording.ja.yaml`` and ``wording.en.yaml``, which must have the same keys.

    Raises:
        RegimeError: a file is missing or wrong, or the keys differ.
    """
    return _texts(_wording_files(folder))


Texts = tuple[Document, dict[str, Text]]
"""A wording file with its texts by key."""


def _wording_files(folder: Path) -> dict[Language, Texts]:
    documents = {language: _read(folder / _file(language), folder) for language in LANGUAGES}
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
    name = f"{_label(folder)}/{path.name}"
    try:
        document = read(path.read_bytes(), name)
    except FileNotFoundError as error:
        raise RegimeError(f"{name}: there is no such file, and a regime needs it") from error
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
    for position, name in enumerate(spec.checks):
        if name not in CHECKS:
            yield f"{document.place(('checks', position))}: there is no check {name!r}{_meant(name, CHECKS)}"
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


def _minimum_problems(regime: Regime, document: Document) -> Iterator[str]:
    items = {item.id for item in regime.items}
    for position, one in enumerate(regime.spec.minimum):
        if one.item not in items:
            place = document.place(("minimum", position, "item"))
            yield f"{place}: there is no item {one.item!r}{_meant(one.item, items)}"
        if one.way_out not in regime.wording:
            yield f"{document.place(('minimum', position, 'way_out'))}: the wording has no {one.way_out}"


def _unused(regime: Regime, own: Texts, shared: Wording) -> Iterator[str]:
    """Texts that no document can print: a key that was renamed on one side only.

    A regime may word for itself what is in the shared wording.
    """
    spec = regime.spec
    used = {"title", *spec.notices, *(one.way_out for one in spec.minimum)}
    used |= {f"section.{section.id}" for section in spec.sections}
    for table in spec.tables.values():
        used |= {table.caption, *table.columns, *(cell for row in table.rows for cell in row)}
    for item in regime.items:
        parts = ("label", "prompt", "none") if isinstance(item.required, When) else ("label", "prompt")
        used |= {f"item.{item.id}.{part}" for part in (*parts, "good")} | set(item.fixed)
    document, texts = own
    for key in sorted(set(texts) - used):
        if key not in shared:
            yield f"{document.place(texts[key].path)}: nothing uses {key}"


def _unfilled(files: Mapping[Language, Texts], shared: Wording, parameters: Iterable[str]) -> Iterator[str]:
    """Placeholders that nothing fills: those of the regime's own texts are parameters, or are in the shared text."""
    for language, (document, texts) in files.items():
        for key, text in texts.items():
            known = set(PLACEHOLDER.findall(shared.words(key)[language])) if key in shared else set()
            for name in sorted(set(PLACEHOLDER.findall(text.text)) - known - set(parameters)):
                yield f"{document.place(text.path)}: {key}: nothing fills {{{name}}}"
