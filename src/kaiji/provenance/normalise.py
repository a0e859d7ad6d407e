"""One name for one thing: languages to BCP 47 primary tags, licences to SPDX, periods to years."""

import re
from functools import lru_cache

from kaiji.manifest.models import Collected

MULTIPLE = "mul"
"""Several languages (ISO 639-2): a declared source whose size is not split by language."""
NO_LANGUAGE = "zxx"
"""No linguistic content (ISO 639-2), source code among it."""
OTHER_TERMS = "other-terms"
"""Licence wording that is no SPDX identifier: a contract, a site's terms, a LicenseRef."""

_NOT_SAID = {"", "unknown", "und", "none", "n/a", "null", "not-specified", "unspecified"}
_LICENCE_ALIASES = {
    # tags of the Hugging Face hub that differ from SPDX by more than case; unversioned families stay unresolved
    "odc-by": "ODC-By-1.0",
    "odbl": "ODbL-1.0",
    "pddl": "PDDL-1.0",
    "cc0": "CC0-1.0",
    "gpl-2.0": "GPL-2.0-only",
    "gpl-3.0": "GPL-3.0-only",
    "lgpl-2.1": "LGPL-2.1-only",
    "lgpl-3.0": "LGPL-3.0-only",
    "agpl-3.0": "AGPL-3.0-only",
}


@lru_cache(maxsize=65_536)
def language(tag: str | None) -> tuple[str | None, bool]:
    """Primary language of ``tag`` and whether the tag was understood.

    ``eng_Latn`` gives ``en``, ``zh-Hant`` gives ``zh``, ``code`` gives ``zxx``. An absent or "unknown" tag gives
    ``(None, True)``: not known is a value. A tag that is no BCP 47 tag gives ``(None, False)``.
    """
    import langcodes

    text = (tag or "").strip()
    if text.lower() in _NOT_SAID:
        return None, True
    if text.lower() == "code":
        return NO_LANGUAGE, True
    candidate = text.replace("_", "-")
    if not langcodes.tag_is_valid(candidate):
        return None, False
    primary = langcodes.get(langcodes.standardize_tag(candidate)).language
    return (primary, True) if primary and primary != "und" else (None, True)


@lru_cache(maxsize=65_536)
def licence(text: str | None) -> tuple[str | None, bool]:
    """SPDX expression of ``text`` and whether it was recognised.

    Wording that is no SPDX expression gives ``("other-terms", False)``; a ``LicenseRef-`` gives
    ``("other-terms", True)``, because it names a contract and not a public licence. An absent or "unknown"
    licence gives ``(None, True)``.
    """
    from license_expression import ExpressionError, get_spdx_licensing

    plain = re.sub(r"\s+", " ", (text or "").strip())
    if plain.lower() in _NOT_SAID:
        return None, True
    if plain.lower().startswith("licenseref-"):
        return OTHER_TERMS, True
    if len(plain) > 200:
        return OTHER_TERMS, False
    try:
        parsed = get_spdx_licensing().parse(_LICENCE_ALIASES.get(plain.lower(), plain), validate=True)
    except ExpressionError:
        return OTHER_TERMS, False
    return str(parsed), True


def declared_language(tags: tuple[str, ...]) -> str | None:
    """The one language of a source, ``mul`` for several, None when none is declared."""
    found = sorted({name for name, _ in map(language, tags) if name})
    return None if not found else found[0] if len(found) == 1 else MULTIPLE


def declared_period(collected: Collected | None) -> str | None:
    """Years of a declared collection period: ``2024``, ``2019/2024``, ``../2024``; None when not known."""
    if collected is None or not (collected.from_ or collected.to):
        return None
    first = collected.from_[:4] if collected.from_ else ".."
    last = collected.to[:4] if collected.to else ".."
    return first if first == last else f"{first}/{last}"
