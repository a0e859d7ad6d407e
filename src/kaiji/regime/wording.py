"""Wording: keys to texts in both languages. Law and wording are data; only the lookup is code."""

from collections.abc import Mapping
from typing import Any

from kaiji.errors import RegimeError
from kaiji.terms import LANGUAGES, Language, Words


class Wording:
    """Texts by key. A key that is missing in a language is an error, never a blank."""

    def __init__(self, texts: Mapping[Language, Mapping[str, str]]) -> None:
        self._texts = texts

    def __contains__(self, key: str) -> bool:
        return all(key in self._texts[language] for language in LANGUAGES)

    def keys(self, language: Language) -> frozenset[str]:
        """All keys of a language."""
        return frozenset(self._texts[language])

    def words(self, key: str, **values: Words | str) -> Words:
        """The text of ``key`` in both languages, ``{name}`` replaced by ``values`` (as they are, once).

        Raises:
            RegimeError: the key is missing in a language.
        """
        texts = {}
        for language in LANGUAGES:
            text = self._texts[language].get(key)
            if text is None:
                raise RegimeError(f"wording.{language}.yaml: no text for {key}")
            for name, value in values.items():
                text = text.replace("{" + name + "}", value[language] if isinstance(value, Words) else value)
            texts[language] = text
        return Words(ja=texts["ja"], en=texts["en"])

    def over(self, other: "Wording") -> "Wording":
        """This wording, with ``other`` for the keys that it lacks."""
        return Wording({language: {**other._texts[language], **self._texts[language]} for language in LANGUAGES})


def flattened(data: Any, file: str, prefix: str = "") -> dict[str, str]:
    """A nested mapping of texts as dotted keys.

    Raises:
        RegimeError: a value is neither a mapping nor a text.
    """
    if not isinstance(data, dict):
        raise RegimeError(f"{file}: {prefix or 'the file'} must be a mapping")
    found: dict[str, str] = {}
    for key, value in data.items():
        path = f"{prefix}.{key}" if prefix else str(key)
        if isinstance(value, dict):
            found.update(flattened(value, file, path))
        elif isinstance(value, str) and value.strip():
            found[path] = value.strip()
        else:
            raise RegimeError(f"{file}: {path}: must be a text that is not blank")
    return found
