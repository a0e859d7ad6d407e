"""Texts that people wrote, read for what is no answer: hedges, placeholders, praise, guidance that was left in.

The lists are closed and this product's own; they name phrases that leave open what is the case, or that stand where a
text was still to be written. English phrases match whole words; Japanese has no blanks between words, so that its
phrases carry their endings with them.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pydantic import BaseModel

from kaiji.findings import Finding, Place
from kaiji.manifest.answers import ItemAnswer
from kaiji.manifest.load import LoadedRelease
from kaiji.regime.model import Regime
from kaiji.terms import LANGUAGES, Language, Words

LEAST: dict[Language, int] = {"ja": 12, "en": 30}
"""Least characters of a sentence of the guidance that an answer may not repeat; shorter ones occur by themselves."""
NAMES = frozenset({"title", "name", "legal_name", "operator"})
"""Keys of names: what a dataset or a company calls itself is no claim of the provider."""


def _whole(words: str) -> str:
    return rf"\A[\s\W]*(?:{words})[\s\W]*\Z"


def _compiled(english: str, japanese: str) -> dict[Language, re.Pattern[str]]:
    return {"en": re.compile(english, re.IGNORECASE), "ja": re.compile(japanese)}


HEDGES = _compiled(
    r"\b(?:may|might|could)\s+(?:(?:also|not|possibly)\s+)?(?:have\s+)?(?:be(?:en)?\s+)?"
    r"(?:include|contain|use|comprise|involve|collect|cover|process|exist|change)(?:s|d|ed)?\b"
    r"|\b(?:including|included) but not limited to\b|\bamong(?:st)? others\b|\band so (?:on|forth)\b|\betc\b"
    r"|\b(?:some|certain|various|several) (?:data|sources|datasets|content|websites|third parties|measures)\b"
    r"|\b(?:possibly|potentially|presumably|perhaps|probably|more or less)\b"
    r"|\bas (?:appropriate|necessary|needed)\b|\bwhere(?:ver)? (?:appropriate|possible|feasible|necessary)\b"
    r"|\bto the extent possible\b|\bin principle\b",
    r"かもしれ(?:ない|ません)|可能性があ(?:る|ります)"
    r"|(?:含む|含まれる|用いる|使う|使用する|利用する|収集する|変更する)(?:場合|こと)があ(?:る|ります)"
    r"|と思われ(?:る|ます)|と考えられ(?:る|ます)|と見られ(?:る|ます)|おおむね|概ね|これらに限(?:ら|り|定)"
    r"|(?:一部|各種|様々|さまざま)(?:の|な)(?:データ|情報源|コンテンツ|サイト|措置|対策)"
    r"|必要に応じて|可能な限り|可能な範囲で|原則として|適宜",
)
"""Phrases after which the reader does not know what is the case."""

PLACEHOLDERS = _compiled(
    r"\b(?:todo|tbd|tba|tbc|fixme|lorem ipsum|placeholder|coming soon|xxx+)\b"
    r"|\bto be (?:added|completed|confirmed|determined|written|filled in)\b"
    r"|\b(?:insert|enter|add) (?:your )?(?:text|name|date|description|answer|url|link)s?\b"
    r"|[\[<{](?:insert|your|name|date|text|company|provider|model|url|link|describe|xx)[^\]>}]*[\]>}]|_{3,}"
    "|" + _whole("n/?a|same as above|see above|as above|under review|in preparation"),
    r"○○|〇〇|◯◯|●●|××|＊＊|\bTODO\b|\bTBD\b|_{3,}|未記入|要確認|仮置き|ダミー|後日(?:記載|追記|記入)|追って(?:記載|追記)"
    r"|[［\[【<＜](?:ここ|要|記入|記載|会社名|事業者名|モデル名|日付|氏名)[^］\]】>＞]*[］\]】>＞]"
    "|" + _whole("未定|準備中|作成中|検討中|調整中|同上|上記参照"),
)
"""What stands where a text is still to be written."""

MARKETING = _compiled(
    r"\b(?:world[- ]class|world[- ]leading|industry[- ]leading|market[- ]leading|best[- ]in[- ]class|cutting[- ]edge"
    r"|state[- ]of[- ]the[- ]art|next[- ]generation|ground[- ]?breaking|revolutionary|unparalleled|unmatched|unrivalled"
    r"|game[- ]chang\w+|innovative|seamless(?:ly)?|high(?:est)?[- ]quality|highest standards?|utmost|strives? to"
    r"|(?:deeply |fully )?committed to|proud(?:ly)?|passionate\w*|takes? \w+ (?:very )?seriously)\b",
    r"世界(?:最高|一|トップ|屈指|水準)|業界(?:随一|最高|トップ|をリード)|最先端|最高水準|最高品質|高品質|革新的|画期的|先進的"
    r"|圧倒的|卓越|唯一無二|比類な|安心・安全|安全・安心|真摯に|鋭意|尽力|努めて(?:い|お|まい)|全力で|誇り",
)
"""Praise and intentions, which tell a reader nothing of what was done."""

GUIDANCE = _compiled(
    r"\bplease (?:describe|provide|specify|indicate|state|explain|list|select|tick|fill)\b"
    r"|\bdescribe here\b|\bthis field\b|\bif applicable\b|\bdelete as appropriate\b|\bfree text\b",
    r"(?:記載|記入|入力|選択|説明|記述)して(?:ください|下さい)|ご(?:記入|記載|入力)|この欄|自由記述|該当する場合は記",
)
"""Words of a form, left in the answer to it."""

_RULES = (("KJ552", PLACEHOLDERS), ("KJ554", GUIDANCE), ("KJ551", HEDGES), ("KJ553", MARKETING))


class Narrative(NamedTuple):
    """A text in both languages, its key, and where it stands."""

    key: str
    place: Place
    words: Words


def findings(loaded: LoadedRelease, regimes: Sequence[Regime]) -> Iterator[Finding]:
    """KJ551 to KJ554 for all that people wrote in release.yaml, answers.yaml and the manifests for publication."""
    for text in texts(loaded):
        yield from _in_words(text)
    for regime in regimes:
        guidance = {language: tuple(_guidance(regime, language)) for language in LANGUAGES}
        for item, answer in loaded.release.answers.get(regime.spec.id, {}).items():
            for name, words in _said(answer):
                key = f"answers.{regime.spec.id}.{item}.{name}"
                for language in LANGUAGES:
                    repeated = next((id_ for id_, part in guidance[language] if part in _folded(words[language])), None)
                    if repeated is not None:
                        message = f"repeats what item {repeated} asks ({language})"
                        yield Finding(id="KJ554", message=message, place=loaded.release.place_of(key))


def texts(loaded: LoadedRelease) -> Iterator[Narrative]:
    """Every text in two languages that may be published, in the order of the files."""
    for key, words in _words(loaded.release, ""):
        yield Narrative(key, loaded.release.place_of(key), words)
    for source in loaded.sources:
        for key, words in _words(source, ""):
            if not (source.confidential and key.split(".")[0] in ("title", "owner")):
                yield Narrative(key, loaded.place_of(source, key), words)


def _words(value: object, key: str) -> Iterator[tuple[str, Words]]:
    if isinstance(value, Words):
        yield key, value
    elif isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield from _words(getattr(value, name), f"{key}.{field.alias or name}".removeprefix("."))
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _words(inner, f"{key}.{name}".removeprefix("."))
    elif isinstance(value, tuple):
        for position, inner in enumerate(value):
            yield from _words(inner, f"{key}[{position}]")


def _in_words(text: Narrative) -> Iterator[Finding]:
    named = text.key.rsplit(".", 1)[-1] in NAMES
    for rule, patterns in _RULES[:2] if named else _RULES:
        for language in LANGUAGES:
            found = patterns[language].search(text.words[language])
            if found and not (language == "en" and text.words.ja == text.words.en and _told(text, patterns)):
                yield Finding(id=rule, message=f"“{_shown(found[0])}” ({language})", place=text.place)


def _told(text: Narrative, patterns: dict[Language, re.Pattern[str]]) -> bool:
    """True when the same text was told in Japanese already: one string may stand for both languages."""
    return patterns["ja"].search(text.words.ja) is not None


def _shown(phrase: str) -> str:
    """The phrase on one line; of a bracket only its beginning, because anything may stand in it."""
    plain = " ".join(phrase.split())
    return plain if plain[0] not in "[<{［【＜" else f"{plain[0]}…"


def _said(answer: ItemAnswer) -> Iterator[tuple[str, Words]]:
    parts = {"statement": answer.statement, "reason": answer.reason, "withheld_scope": answer.withheld_scope,
             "alternative": answer.alternative}  # fmt: skip
    yield from ((name, words) for name, words in parts.items() if words)


def _guidance(regime: Regime, language: Language) -> Iterator[tuple[str, str]]:
    """Sentences of what the regime asks, each with its item."""
    for item in regime.items:
        for part in ("prompt", "good"):
            key = f"item.{item.id}.{part}"
            text = regime.wording.words(key)[language] if key in regime.wording else ""
            for sentence in re.split(r"(?<=[.?!])\s|(?<=[。？！])", text):
                folded = _folded(sentence)
                if len(folded) >= LEAST[language]:
                    yield item.id, folded


def _folded(text: str) -> str:
    return re.sub(r"[\s.。?？!！]+", " ", text).strip().casefold()
