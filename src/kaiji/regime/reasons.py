"""Comply or explain: what counts as a reason. Rules X-1 to X-10 of this product, until the official criteria are read.

Length is judged by characters, not by words: Japanese has no spaces between words.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

from kaiji.findings import Finding
from kaiji.manifest.declarations import ItemAnswer
from kaiji.regime.model import ItemSpec
from kaiji.regime.values import FactValue, Present
from kaiji.terms import LANGUAGES, Basis, ComplianceStatus, Language, Role, WithheldGround, Words

LEAST: dict[Language, int] = {"ja": 20, "en": 40}
"""Least characters of a reason, blanks not counted: about what it takes to name an item, a ground and a date."""

_STOCK: dict[Language, tuple[str, ...]] = {
    "ja": (
        "検討中", "準備中", "対応中", "社外秘のため", "秘密のため", "営業秘密のため", "非公開のため", "機密のため",
        "法令に従い", "法令に従って", "適切に対応", "回答を差し控え", "お答えできません", "該当しません", "未定",
    ),
    "en": (
        "confidential", "under review", "under consideration", "in preparation", "work in progress",
        "in accordance with law", "in accordance with applicable law", "trade secret", "proprietary",
        "not disclosed", "not available", "to be determined", "no comment", "not applicable", "n/a", "tbd",
    ),
}  # fmt: skip
"""Phrases that are no reason when nothing else is said."""

_ABSOLUTE: dict[Language, re.Pattern[str]] = {
    "ja": re.compile(r"すべて|全て|一切|決して|必ず|完全に|絶対に"),
    "en": re.compile(
        r"\b(all|never|always|fully compliant|completely|every single|guarantees?d?|no .{1,40} whatsoever)\b"
    ),
}
_FILLER = re.compile(
    r"[\s、。,.;:・()（）「」\"'!?！？-]+|ため|です|ます|であり|おり|は|を|の|に|で|が|と|this|is|are|it|we|the|a|an|our|and|as"
)


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", text).casefold()


def unusable(words: Words | None) -> str | None:
    """Why ``words`` are no reason (in English, for a finding), or None when they will do."""
    if words is None or words.blank:
        return "the reason is empty, or is given in one language only"
    for language in LANGUAGES:
        text = words[language].strip()
        rest = text.casefold()
        for phrase in sorted(_STOCK[language], key=len, reverse=True):
            rest = rest.replace(phrase, "")
        if rest != text.casefold() and len(_FILLER.sub("", rest)) < LEAST[language] // 2:
            return f"the reason ({language}) is a stock phrase"
        if re.fullmatch(r"(https?://\S+[\s、。,.]*)+", text):
            return f"the reason ({language}) is a link alone"
        if len(_plain(text)) < LEAST[language]:
            return f"the reason ({language}) is shorter than {LEAST[language]} characters"
        if len(set(_plain(text))) < 8:
            return f"the reason ({language}) repeats a few characters"
    return None


def findings(
    item: ItemSpec, answer: ItemAnswer, facts: Mapping[str, FactValue], roles: tuple[Role, ...], on: date
) -> Iterator[Finding]:
    """What is wrong with the answer to one item.

    Args:
        item: The item.
        answer: What a person says of it.
        facts: Values of the facts of the item.
        roles: Roles of the provider.
        on: Date of the documents.
    """
    name, status = item.id, answer.status
    if status is not ComplianceStatus.COMPLY:
        problem = unusable(answer.reason)
        if problem:
            yield Finding(id="KJ502", message=f"{name}: {problem}")
        elif (
            status is not ComplianceStatus.NOT_APPLICABLE
            and (answer.alternative is None or answer.alternative.blank)
            and answer.review_by is None
        ):
            yield Finding(id="KJ502", message=f"{name}: neither an alternative nor a review date is given")
    if answer.withheld_ground and (answer.withheld_scope is None or answer.withheld_scope.blank):
        yield Finding(id="KJ504", message=f"{name}: a ground is given without what it covers")
    if answer.withheld_ground is WithheldGround.THIRD_PARTY_UNKNOWN:
        supplier = facts.get("model.supplier_reference")
        if Role.DEVELOPER in roles and not item.by_reference:
            yield Finding(id="KJ505", message=f"{name}: a developer cannot say that its own data is not known to it")
        elif not isinstance(supplier, Present):
            yield Finding(id="KJ505", message=f"{name}: no supplier with a disclosure is named in model.base_models")
    measured = [
        fact for fact in item.facts
        if isinstance(value := facts.get(fact), Present) and value.truth and value.basis is not Basis.DECLARED
    ]  # fmt: skip
    if status is ComplianceStatus.NOT_APPLICABLE and measured:
        yield Finding(id="KJ506", message=f"{name}: declared not applicable, but the manifests hold {measured[0]}")
    if answer.review_by and answer.review_by < on:
        yield Finding(id="KJ508", message=f"{name}: the reason was to be looked at again by {answer.review_by}")
    for words in (answer.statement, answer.reason):
        if (
            words
            and not words.blank
            and not answer.evidence
            and any(_ABSOLUTE[language].search(words[language].casefold()) for language in LANGUAGES)
        ):
            yield Finding(id="KJ507", message=f"{name}: an absolute claim is made, and no evidence is named")
            break


def repeated(answers: Mapping[str, ItemAnswer]) -> Iterator[Finding]:
    """Reasons that stand, but for blanks and case, at three or more items."""
    for language in LANGUAGES:
        items = defaultdict(list)
        for item, answer in answers.items():
            if answer.reason and answer.reason[language].strip():
                items[re.sub(r"[\W_]+", "", answer.reason[language].casefold())].append(item)
        for same in items.values():
            if len(same) >= 3:
                yield Finding(id="KJ503", message=f"the same reason ({language}) stands at {', '.join(sorted(same))}")
