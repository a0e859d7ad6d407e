"""Wording: keys to texts in both languages. Law and wording are data; only the lookup is code."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from kaiji.errors import RegimeError
from kaiji.manifest.yaml_source import Document, KeyPath
from kaiji.terms import LANGUAGES, Language, Words

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
"""What stands in a text for a value, for example ``{fact}``."""


class Wording:
    """Texts by key. A key that is missing in a language is an error, never a blank."""

    def __init__(self, texts: Mapping[Language, Mapping[str, str]]) -> None:
        self._texts = texts

    def __contains__(self, key: str) -> bool:
        return all(key in self._texts[language] for language in LANGUAGES)

    def keys(self, language: Language) -> frozenset[str]:
        """All keys of a language."""
        return frozenset(self._texts[language])

    def texts(self, language: Language) -> tuple[str, ...]:
        """All texts of a language, with their ``{name}``."""
        return tuple(self._texts[language].values())

    def words(self, key: str, **values: Words | str) -> Words:
        """The text of ``key`` in both languages, each ``{name}`` replaced by its value, which is taken as it is.

        Raises:
            RegimeError: the key is missing in a language.
        """
        texts = {}
        for language in LANGUAGES:
            text = self._texts[language].get(key)
            if text is None:
                raise RegimeError(f"wording.{language}.yaml: no text for {key}")
            plain = {name: value[language] if isinstance(value, Words) else value for name, value in values.items()}
            texts[language] = "".join(
                plain.get(part, f"{{{part}}}") if position % 2 else part
                for position, part in enumerate(PLACEHOLDER.split(text))
            )
        return Words(ja=texts["ja"], en=texts["en"])

    def over(self, other: "Wording") -> "Wording":
        """This wording, with ``other`` for the keys that it lacks."""
        return Wording({language: {**other._texts[language], **self._texts[language]} for language in LANGUAGES})

    def with_values(self, values: Mapping[str, str]) -> "Wording":
        """This wording with each ``{name}`` of ``values`` replaced in every text."""

        def written(text: str) -> str:
            return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)

        return Wording({language: {key: written(text) for key, text in texts.items()}
                        for language, texts in self._texts.items()})  # fmt: skip


class Text(NamedTuple):
    """A text of a wording file, and the path at which it stands there."""

    text: str
    path: KeyPath


def flattened(document: Document) -> dict[str, Text]:
    """A nested mapping of texts as dotted keys.

    Raises:
        RegimeError: a value is neither a mapping nor a text, or two paths give the same key; every one is told.
    """
    if not isinstance(document.data, dict):
        raise RegimeError(f"{document.file}: the file must be a mapping")
    found: dict[str, Text] = {}
    problems: list[str] = []
    waiting: list[tuple[KeyPath, object]] = [((), document.data)]
    while waiting:
        path, value = waiting.pop()
        key = ".".join(str(part) for part in path)
        if isinstance(value, dict):
            waiting.extend(reversed([((*path, str(name)), inner) for name, inner in value.items()]))
        elif not isinstance(value, str) or not value.strip():
            problems.append(f"{document.place(path)}: {key}: must be a text that is not blank")
        elif key in found:
            problems.append(f"{document.place(path)}: {key}: stands at {document.place(found[key].path)} too")
        else:
            found[key] = Text(value.strip(), path)
    if problems:
        raise RegimeError("\n".join(problems))
    return found
