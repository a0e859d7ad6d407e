"""C0 of the ceiling on a build: what was rendered is read back, and every figure in it must be explained."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from babel import Locale
from pydantic import BaseModel
from ruamel.yaml import YAML

from kaiji import terms
from kaiji.control.artefact_text import template_texts
from kaiji.control.parse_back import Declared, Folder
from kaiji.documents import Made
from kaiji.findings import Finding, Place
from kaiji.input_texts import input_texts
from kaiji.measure import Measured
from kaiji.regime.facts_declared import country_name
from kaiji.regime.facts_figures import language_name
from kaiji.regime.filled import Filled
from kaiji.render.annex import in_unicode
from kaiji.render.templates import templates_root
from kaiji.terms import Audience

_OF_THE_DOCUMENT = ("doc.", "acceptance.")
"""Facts about the document itself: versions, dates, counts of its own items, how figures are made. Their figures come
from tools and rules, and say nothing of the data."""


def read_back(folder: Folder, declared: Mapping[str, Declared]) -> Iterator[Finding]:
    """KJ422 for each figure that nothing explains, KJ417 for each that is not the same in every format and language."""
    for one in folder.undeclared(declared):
        message = "a figure, or other information, that no statement and no declared text explains"
        line = re.match("line ([0-9]+)", one.place)
        place = Place(file=one.path, line=int(line[1]) if line else None, key=None if line else one.place)
        yield Finding(id="KJ422", message=message, place=place, detail=one.figure)
    for absent in folder.absent(declared):
        message = f"the figure {absent.statement} {absent.why}"
        yield Finding(id="KJ417", message=message, place=Place(file=absent.path))


def declared(measured: Measured, made: Made) -> dict[str, Declared]:
    """What may stand in the files of each audience."""
    texts = [text for place, text in input_texts(measured) if place.key != "file name"]
    model = measured.loaded.release.model
    texts.append(f"{model.name} {model.version}")
    found = {}
    for one in made.disclosed:
        own = [filled for filled in made.filled if filled.summary.audience is one.audience]
        about = [text for filled in own for text in _about_documents(filled)]
        day = one.date.isoformat()
        listed = one.form.domains if one.form else None
        if listed:  # names come from the data; what made the list, from tools
            about += [*listed.names, *map(in_unicode, listed.names), listed.psl_version, listed.psl_date]
        about += [day, f"{one.date.year + 1}{day[4:]}"]
        found[one.audience.value] = Declared(one.statements, (*texts, *about), _wording(own))
    return found


def _about_documents(filled: Filled) -> Iterator[str]:
    """Texts of the items about the document; a row of a table is one text, so that its figure needs its label."""
    for item in filled.items:
        facts = (*item.spec.facts, *item.spec.also)
        if not facts or item.statements or not all(fact.startswith(_OF_THE_DOCUMENT) for fact in facts):
            continue
        for block in item.blocks:
            for language in ("ja", "en"):
                yield from _texts(block.model_dump(mode="json"), language)


def _texts(value: object, language: str) -> Iterator[str]:
    if isinstance(value, dict):
        if set(value) == {"ja", "en"}:
            yield value[language]
            return
        for name, inner in value.items():
            if name == "rows":
                cells = [[one[language] for one in row] for row in inner]
                yield from (" ".join(row) for row in cells)
                yield from (row[-1] for row in cells if not row[-1].isdigit())
            else:
                yield from _texts(inner, language)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner, language)


def _wording(filled: list[Filled]) -> tuple[str, ...]:
    """Fixed texts: of the regimes, which may be the user's own, of templates, levels and vocabularies."""
    own = [text for one in filled for language in terms.LANGUAGES for text in one.regime.wording.texts(language)]
    specs = [text for one in filled for text in _strings(_plain(one.regime.spec))]
    items = [text for one in filled for item in one.regime.items for text in _strings(_plain(item))]
    return (*own, *specs, *items, *_fixed())


def _plain(model: BaseModel) -> object:
    return model.model_dump(mode="json")


@cache
def _fixed() -> tuple[str, ...]:
    root = templates_root()
    found: list[str] = []
    for folder in ("common", "formats", "levels"):
        for path in sorted(root.glob(f"{folder}/*.yaml")):
            found += _strings(YAML(typ="safe").load(path.read_text(encoding="utf-8")))
    for path in sorted(root.glob("formats/*.jinja")):
        found += template_texts(path.name, path.read_text(encoding="utf-8"))
    found.append((root / "formats" / "style.css").read_text(encoding="utf-8"))
    for kind in vars(terms).values():
        if isinstance(kind, type) and issubclass(kind, terms.Term) and kind is not terms.Term:
            found += (text for one in kind for text in (one.value, one.words.ja, one.words.en))
    found += [audience.value for audience in Audience]
    names = [*map(language_name, _codes("languages")), *map(country_name, _codes("territories"))]
    found += (text for name in names for text in (name.ja, name.en))  # some read like numbers: 複数言語
    return tuple(found)


def _codes(kind: str) -> list[str]:
    return sorted({code for language in terms.LANGUAGES for code in getattr(Locale(language), kind)})


def _strings(value: object) -> Iterator[str]:
    """Texts and keys, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _strings(inner)
    elif value is not None and not isinstance(value, bool):
        yield str(value)
