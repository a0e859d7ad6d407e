"""One name for one thing: languages to BCP 47 primary tags, licences to SPDX, periods to years."""

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from kaiji.manifest.models import Collected

if TYPE_CHECKING:
    from license_expression import Licensing

MULTIPLE = "mul"
"""Several languages (ISO 639-2): a declared source whose size is not split by language."""
NO_LANGUAGE = "zxx"
"""No linguistic content (ISO 639-2), source code among it."""
OTHER_TERMS = "other-terms"
"""Licence wording that is no SPDX identifier: a contract, a site's terms, a LicenseRef."""

_PRIVATE_TAG = re.compile(r"(x|i)-|q[a-t][a-z](-|$)", re.IGNORECASE)
"""Tags of private use and old registrations: what they mean, only their user knows."""
LICENCE_REF = re.compile(r"(DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+", re.IGNORECASE)
"""A licence that is not on the SPDX list: the name of a contract or of somebody's own terms."""

_NOT_SAID = {"", "unknown", "und", "none", "n/a", "null", "not-specified", "unspecified"}
_UNVERSIONED = {"gpl", "lgpl", "agpl", "bsd", "cc"}
"""Families of licences: which version is meant is not said, so none is guessed."""
_LICENCE_ALIASES = {
    # tags of the Hugging Face hub that differ from SPDX by more than case
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

    ``eng_Latn`` gives ``en``, ``zh-Hant`` and ``cmn`` give ``zh``, ``code`` gives ``zxx``. An absent or "unknown"
    tag gives ``(None, True)``: not known is a value. A tag that is no BCP 47 tag gives ``(None, False)``.
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
    if _PRIVATE_TAG.match(candidate):
        return None, False
    primary = langcodes.get(langcodes.standardize_tag(candidate, macro=True)).language
    return (primary, True) if primary and primary != "und" else (None, True)


@lru_cache(maxsize=65_536)
def licence(text: str | None) -> tuple[str | None, bool]:
    """SPDX expression of ``text`` and whether it was recognised.

    Wording that is no SPDX expression gives ``("other-terms", False)``; one with a ``LicenseRef-`` gives
    ``("other-terms", True)``, because it names a contract and not a public licence. An absent or "unknown"
    licence gives ``(None, True)``.
    """
    plain = re.sub(r"\s+", " ", (text or "").strip())
    if plain.lower() in _NOT_SAID:
        return None, True
    if len(plain) > 200 or plain.lower() in _UNVERSIONED:
        return OTHER_TERMS, False
    parsed = _parsed(_LICENCE_ALIASES.get(plain.lower(), LICENCE_REF.sub("MIT", plain)))
    if parsed is None:
        return OTHER_TERMS, False
    return (OTHER_TERMS if LICENCE_REF.search(plain) else str(parsed)), True


def licence_members(expression: str) -> frozenset[str]:
    """The licences that an expression of :func:`licence` is made of, an exception (``WITH``) with its licence."""

    parsed = _parsed(expression)
    if parsed is None:
        return frozenset({expression})
    return frozenset(str(one) for one in _licensing().license_symbols(parsed, decompose=False))


@cache
def _licensing() -> "Licensing":
    """The index of SPDX licences: it takes longer to build than a release to check."""
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()


def _parsed(text: str) -> Any:
    """``text`` as an SPDX expression, None when it is none."""
    from license_expression import ExpressionError

    try:
        return _licensing().parse(text, validate=True)
    except ExpressionError:
        return None


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
