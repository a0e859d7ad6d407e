"""A document as a regime fills it, in both languages, and a way to put any block into one."""

from collections.abc import Callable
from datetime import date

import pytest

from kaiji.regime.blocks import Bar, Chart, ItemList, Note, Paragraph, Table, TextBlock, YesNo
from kaiji.regime.document import (
    DisclosureDocument,
    Item,
    PublishedStatement,
    RegimeReference,
    ReleaseReference,
    Section,
    VerificationNote,
)
from kaiji.terms import Verification

DRAFT = Verification.DECEMBER_DRAFT
SHARES = (("public", 37), ("licensed", 21), ("private", 0.5), ("crawled", 35), ("synthetic", 6))
LABELS = {
    "ja": {
        "public": "公開データセット",
        "licensed": "ライセンス取得データ",
        "private": "第三者の非公開データ",
        "crawled": "ウェブ収集データ",
        "synthetic": "合成データ",
    },
    "en": {
        "public": "Publicly available datasets",
        "licensed": "Licensed data",
        "private": "Other private third-party data",
        "crawled": "Crawled and scraped data",
        "synthetic": "Synthetic data",
    },
}


def share(value: float, language: str) -> str:
    text = "<1" if value < 1 else f"{value:g}"
    return f"{text}%" if language == "ja" else f"{text} %"


def an_item(
    blocks: tuple[TextBlock, ...] = (),
    item_id: str = "A1",
    label: str = "使用モデルの名称",
    state: str = "answered",
    text: str = "記載あり",
    verification: Verification = DRAFT,
    language: str = "ja",
) -> Item:
    note = VerificationNote(status=verification.value, text=verification.words[language])
    return Item(id=item_id, label=label, state=state, text=text, blocks=blocks, statements=(), verification=note)


def japanese() -> DisclosureDocument:
    rows = tuple((LABELS["ja"][name], "利用あり", share(value, "ja")) for name, value in SHARES)
    bars = tuple(Bar[str](label=LABELS["ja"][name], text=share(value, "ja"), length=value) for name, value in SHARES)
    model = (
        Paragraph[str](text="本文書は、対話サービス「つばめ」で使用するモデル Tsubame-7B を対象とします。"),
        Table[str](
            caption="対象のモデル",
            columns=("サービス", "モデル名", "識別子"),
            rows=(("つばめ", "Tsubame-7B", "tsubame-7b-2026-10"),),
        ),
    )
    training = (
        YesNo[str](label="公開データセットを学習に用いていますか。", value="yes", text="はい"),
        YesNo[str](label="利用者の入力を学習に用いていますか。", value="no", text="いいえ"),
        YesNo[str](label="購入したデータに個人情報が含まれますか。", value="unknown", text="不明"),
        Paragraph[str](text="学習データは全体で1兆トークン以上3兆トークン未満です。\n\n区分ごとの割合を次に示します。"),
        Table[str](caption="出所の区分ごとの割合(トークン数)", columns=("区分", "利用", "割合"), rows=rows),
        Chart[str](
            title="出所の区分ごとの割合",
            description="公開データセットとウェブ収集データがそれぞれ3分の1強を占めます。",
            bars=bars,
        ),
        Note[str](text="割合は1%単位に丸めています。合計が100%にならないことがあります。"),
    )
    rights = (
        ItemList[str](
            caption="尊重している意思表示", items=("robots.txt", "HTMLのメタタグ(noai等)", "権利者からの通知")
        ),
        Paragraph[str](
            text="方針は https://tsubame.example/ip-policy (日本語)をご覧ください。窓口: rights@tsubame.example"
        ),
    )
    return DisclosureDocument(
        regime=RegimeReference(
            id="jp-principle-code",
            version="2026-08-25",
            title="生成AIの適切な利活用等に向けた知的財産の保護及び透明性に関するプリンシプル・コード",
        ),
        language="ja",
        audience="public",
        release=ReleaseReference(id="tsubame-7b", model="Tsubame-7B", version="2026.10"),
        title="Tsubame-7B 学習データ等に関する概要開示",
        date=date(2026, 11, 22),
        provider="株式会社つばめ言語研究所",
        banner="見本: 架空のモデルとデータによる文書です。",
        notices=(
            "本文書は、すべての学習データの一覧ではありません。",
            "開示事項のうち照合状況に「未照合」とあるものは、コードの原文と照合していません。",
        ),
        sections=(
            Section(id="model", title="A. モデル", items=(an_item(model, "A1"),)),
            Section(
                id="training",
                title="B. 学習データ",
                items=(
                    an_item(training, "B2", "データの出所の区分", verification=Verification.APRIL_DRAFT),
                    an_item(
                        (),
                        "B4",
                        "クローラの識別子",
                        "withheld",
                        "非開示(セキュリティ: 収集の妨害を招くおそれがあるため。2027年4月に見直します。)",
                    ),
                ),
            ),
            Section(
                id="rights",
                title="D. 知的財産権の保護",
                items=(
                    an_item(rights, "D3", "robots.txt等の意思表示の尊重"),
                    an_item(
                        (),
                        "D7",
                        "電子透かし・来歴情報",
                        "not_applicable",
                        "該当なし(画像を出力しません。)",
                        Verification.UNVERIFIED,
                    ),
                ),
            ),
        ),
        statements=(
            PublishedStatement(
                id="total.text", text="1兆トークン以上3兆トークン未満", unit="tokens", low=10**12, high=3 * 10**12
            ),
            PublishedStatement(id="share.private", text="<1%", unit="percent", low=0, high=1),
            PublishedStatement(id="share.public", text="37%", unit="percent", low=36.5, high=37.5),
            PublishedStatement(id="count.crawled", text="500件以上", unit="datasets", low=500, high=None),
        ),
    )


def english() -> DisclosureDocument:
    rows = tuple((LABELS["en"][name], "used", share(value, "en")) for name, value in SHARES)
    bars = tuple(Bar[str](label=LABELS["en"][name], text=share(value, "en"), length=value) for name, value in SHARES)
    training = (
        YesNo[str](label="Are publicly available datasets used for training?", value="yes", text="Yes"),
        YesNo[str](label="Are users' inputs used for training?", value="no", text="No"),
        Paragraph[str](text="The training data are from 1 trillion to less than 3 trillion tokens in all."),
        Table[str](caption="Share of tokens by source category", columns=("Category", "Use", "Share"), rows=rows),
        Chart[str](
            title="Share of tokens by source category",
            description="Public datasets and crawled data each make up somewhat more than a third.",
            bars=bars,
        ),
        Note[str](text="Shares are rounded to 1 %. They may not add up to 100 %."),
    )
    rights = (
        ItemList[str](caption="Signals that are honoured", items=("robots.txt", "HTML meta tags", "Notices")),
        Paragraph[str](text="Policy: https://tsubame.example/ip-policy. Contact: rights@tsubame.example"),
    )
    return DisclosureDocument(
        regime=RegimeReference(
            id="jp-principle-code",
            version="2026-08-25",
            title="Principle Code for the Protection of Intellectual Property and Transparency in Generative AI",
        ),
        language="en",
        audience="public",
        release=ReleaseReference(id="tsubame-7b", model="Tsubame-7B", version="2026.10"),
        title="Outline disclosure on the training data of Tsubame-7B",
        date=date(2026, 11, 22),
        provider="Tsubame Language Research Inc.",
        banner="Sample: a document about a model and data that do not exist.",
        notices=("This document is not a list of all training data.",),
        sections=(
            Section(
                id="training",
                title="B. Training data",
                items=(
                    an_item(training, "B2", "Source categories", text="Answered", language="en"),
                    an_item((), "B4", "Crawler identifier", "withheld", "Withheld (security)", language="en"),
                ),
            ),
            Section(
                id="rights",
                title="D. Intellectual property",
                items=(an_item(rights, "D3", "Respect for signals", text="Answered", language="en"),),
            ),
        ),
        statements=(),
    )


def with_blocks(*blocks: TextBlock) -> DisclosureDocument:
    """The Japanese document with one item that holds ``blocks``."""
    section = Section(id="only", title="節", items=(an_item(blocks),))
    return japanese().model_copy(update={"sections": (section,), "statements": ()})


@pytest.fixture
def ja() -> DisclosureDocument:
    return japanese()


@pytest.fixture
def en() -> DisclosureDocument:
    return english()


@pytest.fixture
def holding() -> Callable[..., DisclosureDocument]:
    return with_blocks
