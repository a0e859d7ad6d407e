"""The few words that renderers add around a document: column heads of its particulars, the table of contents."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from types import MappingProxyType

from kaiji.errors import StageError
from kaiji.render.templates import formats_folder
from kaiji.terms import Language


@cache
def wording(language: Language) -> Mapping[str, str]:
    """Key to text in ``language``, from ``formats/wording.<language>.yaml``; each call gives the same mapping.

    Raises:
        StageError: the file is not a flat mapping of keys to texts.
    """
    from ruamel.yaml import YAML

    path = formats_folder() / f"wording.{language}.yaml"
    loaded = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    if not isinstance(loaded, dict) or not all(isinstance(part, str) for pair in loaded.items() for part in pair):
        raise StageError(f"formats/{path.name}: not a mapping of keys to texts")
    return MappingProxyType(loaded)


def long_date(day: date, language: Language) -> str:
    """``day`` as it is written in ``language``: 2026年11月22日, 22 November 2026."""
    from babel.dates import format_date

    return format_date(day, "long", locale={"ja": "ja_JP", "en": "en_GB"}[language])
