"""Comply or explain: what counts as a reason. Rules X-1 to X-10 of this product, until the official criteria are read.

Length is judged by characters, not by words: Japanese has no spaces between words.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from difflib import SequenceMatcher

from kaiji.findings import Finding
from kaiji.manifest.answers import ItemAnswer
from kaiji.regime.model import ItemSpec, When
from kaiji.regime.values import FactValue, Present
from kaiji.terms import LANGUAGES, Basis, ComplianceStatus, Language, Role, WithheldGround, Words

LEAST: dict[Language, int] = {"ja": 20, "en": 40}
"""Least characters of a reason, blanks not counted: about what it takes to name an item, a ground and a date."""
ALIKE = 0.9
"""Reasons that agree to this part (:class:`difflib.SequenceMatcher`) are one reason written several times."""

_STOCK: dict[Language, tuple[str, ...]] = {
    "ja": (
        "検討中", "準備中", "対応中", "調整中", "確認中", "社外秘", "企業秘密", "営業秘密", "秘密", "機密",
        "非公開", "非開示", "法令に従い", "法令に従って", "法令に基づき", "関係法令", "適切に", "対応",
        "差し控え", "控え", "させていただ", "いただ", "お答えできません", "該当しません", "未定", "ご理解",
        "ご了承", "賜ります", "よう", "何卒", "お願い申し上げ", "お願いいたし", "お願い", "申し上げ",
        "諸般の事情", "総合的に", "判断", "理由により", "理由", "都合により", "都合", "競争上", "営業上",
        "事業上", "当社", "弊社", "本件", "方針", "に関する", "に関して", "につきまして", "について", "に関し",
        "関連", "情報", "詳細", "内容", "事項", "項目", "回答", "開示", "公表", "公開", "提供", "できません",
        "しません", "いたしません", "いたします", "しており", "しております", "しています", "現時点", "現在",
        "今後", "引き続き", "検討",
    ),
    "en": (
        "confidential", "confidentiality", "under review", "under consideration", "in preparation",
        "work in progress", "in accordance with", "applicable law", "applicable laws", "relevant laws",
        "laws and regulations", "law", "trade secret", "proprietary", "commercially sensitive", "sensitive",
        "competitive reasons", "business reasons", "internal policy", "company policy", "policy",
        "for reasons of", "for reasons", "due to", "because of", "reason", "not disclosed", "not available",
        "unable to", "cannot", "can not", "do not", "does not", "disclosed", "disclosing", "disclose",
        "disclosure", "publish", "published", "provided", "provide", "share", "to be determined", "no comment",
        "not applicable", "n/a", "tbd", "at this time", "at this stage", "currently", "for the time being",
        "in due course", "further notice", "we appreciate", "we regret", "regret", "please", "understand",
        "understanding", "thank you", "kindly", "appreciate", "details", "information", "content", "about",
        "regarding", "concerning", "company", "will be", "has been", "have been", "respond", "response",
        "appropriately", "any",
    ),
}  # fmt: skip
"""Phrases that are no reason when nothing else is said, however many of them stand in a row."""

_FILLER: dict[Language, re.Pattern[str]] = {
    "ja": re.compile(
        r"[\s、。,.;:・()（）「」\"'!?！？-]+|ため|ので|です|ます|ました|であり|おり|こと|この|その|する|して|した|により|は|を|の|に|で|が|と|も"
    ),
    "en": re.compile(
        r"[^a-z0-9]+|\b(this|that|is|are|it|its|we|the|a|an|our|your|you|and|as|of|to|for|in|on|be|not)\b"
    ),
}
_ABSOLUTE: dict[Language, re.Pattern[str]] = {
    "ja": re.compile(r"すべて|全て|一切|決して|必ず|完全に|絶対に"),
    "en": re.compile(
        r"\b(all|never|always|fully compliant|completely|every single|guarantees?d?|no .{1,40} whatsoever)\b"
    ),
}
_SAID_OF_ANYTHING: dict[Language, tuple[str, ...]] = {
    "ja": (
        "記載", "有無", "概要", "事項", "項目", "開示", "公表", "情報", "方法", "状況", "対象", "場合", "種類",
        "区分", "理由", "実施", "利用", "提供", "直近", "主な", "任意", "予定", "内容", "データ", "モデル",
        "リンク", "サービス", "事業", "業者",
    ),
    "en": (
        "been", "data", "describe", "disclosure", "does", "each", "from", "have", "information", "item",
        "last", "link", "made", "main", "model", "most", "optional", "other", "others", "outline", "state",
        "that", "their", "they", "this", "used", "what", "when", "where", "whether", "which", "with",
    ),
}  # fmt: skip
"""Words of labels and prompts that say nothing of one item."""


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", text).casefold()


def _own_words(text: str, language: Language, asked: str) -> str:
    """What is left of a text without stock phrases, the small words between them, and the name of the item."""
    left = text.casefold()
    names = re.findall(r"[ァ-ヶー]{2,}|[一-鿿々]{2,}" if language == "ja" else r"[a-z]{4,}", asked.casefold())
    for phrase in sorted({*_STOCK[language], *names}, key=len, reverse=True):
        pattern = re.escape(phrase) if language == "ja" else rf"\b{re.escape(phrase)}\b"
        left = re.sub(pattern, " ", left)
    return _FILLER[language].sub("", left)


def _terms(text: str, language: Language) -> set[str]:
    """Words of a label or prompt by which a reason can name the item; pairs of characters of a run of kanji."""
    plain = text.casefold()
    if language == "en":
        found = {word.removesuffix("s") for word in re.findall(r"[a-z]{4,}", plain)}
    else:
        found = set(re.findall(r"[ァ-ヶー]{2,}|[a-z][a-z0-9.]+", plain))
        for run in re.findall(r"[一-鿿々]{2,}", plain):
            found |= {run[at : at + 2] for at in range(len(run) - 1)}
    return found - set(_SAID_OF_ANYTHING[language])


def unusable(words: Words | None, item: str, asked: Words) -> str | None:
    """Why ``words`` are no reason (in English, for a finding), or None when they will do.

    Args:
        words: The reason.
        item: Id of the item.
        asked: Label and prompt of the item: a reason names what it is about.
    """
    if words is None or words.blank:
        return "the reason is empty, or is given in one language only"
    for language in LANGUAGES:
        text = words[language].strip()
        if re.fullmatch(r"(https?://\S+[\s、。,.]*)+", text):
            return f"the reason ({language}) is a link alone"
        if len(_plain(text)) < LEAST[language]:
            return f"the reason ({language}) is shorter than {LEAST[language]} characters"
        if len(set(_plain(text))) < 8:
            return f"the reason ({language}) repeats a few characters"
        if len(_own_words(text, language, asked[language])) < LEAST[language] * 2 // 5:
            return f"the reason ({language}) is made of stock phrases"
        terms = _terms(asked[language], language)
        named = re.search(rf"(?<![A-Za-z0-9.]){re.escape(item)}(?![A-Za-z0-9])", text)
        if terms and not named and not any(term in text.casefold() for term in terms):
            return f"the reason ({language}) does not name what the item asks for"
    return None


def findings(
    item: ItemSpec,
    answer: ItemAnswer,
    facts: Mapping[str, FactValue],
    roles: tuple[Role, ...],
    on: date,
    *,
    asked: Words,
    evidenced: bool = False,
) -> Iterator[Finding]:
    """What is wrong with the answer to one item.

    Args:
        item: The item.
        answer: What a person says of it.
        facts: Values of the facts of the item, of its condition and of ``model.supplier_reference``.
        roles: Roles of the provider.
        on: Date of the documents.
        asked: Label and prompt of the item.
        evidenced: True when the answer names evidence.
    """
    name, status = item.id, answer.status
    if status is not ComplianceStatus.COMPLY:
        problem = unusable(answer.reason, name, asked)
        if problem:
            yield Finding(id="KJ502", message=f"{name}: {problem}")
        elif (
            status is not ComplianceStatus.NOT_APPLICABLE
            and (answer.alternative is None or answer.alternative.blank)
            and answer.review_by is None
        ):
            yield Finding(id="KJ502", message=f"{name}: neither an alternative nor a review date is given")
    elif answer.reason or answer.withheld_ground:
        message = f"{name}: a reason or ground is given, but the status is comply, so it is not printed"
        yield Finding(id="KJ502", message=message)
    if answer.withheld_ground and (answer.withheld_scope is None or answer.withheld_scope.blank):
        yield Finding(id="KJ504", message=f"{name}: a ground is given without what it covers")
    for key, words in (("withheld_scope", answer.withheld_scope), ("alternative", answer.alternative)):
        if words and bool(words.ja.strip()) is not bool(words.en.strip()):
            yield Finding(id="KJ510", message=f"{name}: {key} is given in one language only, so it is not printed")
    if answer.withheld_ground is WithheldGround.THIRD_PARTY_UNKNOWN:
        supplier = facts.get("model.supplier_reference")
        if Role.DEVELOPER in roles and not item.by_reference:
            yield Finding(id="KJ505", message=f"{name}: a developer cannot say that its own data is not known to it")
        elif not isinstance(supplier, Present):
            yield Finding(id="KJ505", message=f"{name}: no supplier with a disclosure is named in model.base_models")
    condition = (item.required.when,) if isinstance(item.required, When) else ()
    measured = [
        fact for fact in (*condition, *item.facts)
        if isinstance(value := facts.get(fact), Present) and value.truth and value.basis is not Basis.DECLARED
    ]  # fmt: skip
    if status is ComplianceStatus.NOT_APPLICABLE and measured:
        yield Finding(id="KJ506", message=f"{name}: declared not applicable, but the manifests hold {measured[0]}")
    if answer.review_by and answer.review_by < on:
        yield Finding(id="KJ508", message=f"{name}: the reason was to be looked at again by {answer.review_by}")
    said = [words for words in (answer.statement, answer.reason) if words]
    if not evidenced and any(_ABSOLUTE[tongue].search(w[tongue].casefold()) for w in said for tongue in LANGUAGES):
        yield Finding(id="KJ507", message=f"{name}: an absolute claim is made, and no evidence is named")


def repeated(answers: Mapping[str, ItemAnswer]) -> Iterator[Finding]:
    """Reasons that stand at three or more items, the same but for a few characters (the name of the item, say)."""
    for language in LANGUAGES:
        texts = {
            item: re.sub(r"[\W_]+", "", answer.reason[language].casefold())
            for item, answer in sorted(answers.items())
            if answer.reason and answer.reason[language].strip()
        }
        told: set[str] = set()
        for item, text in texts.items():
            same = [other for other, its in texts.items() if other not in told and _alike(text, its)]
            if item not in told and len(same) >= 3:
                told.update(same)
                yield Finding(id="KJ503", message=f"the same reason ({language}) stands at {', '.join(same)}")


def _alike(one: str, other: str) -> bool:
    pair = SequenceMatcher(None, one, other, autojunk=False)
    return pair.real_quick_ratio() >= ALIKE and pair.quick_ratio() >= ALIKE and pair.ratio() >= ALIKE
