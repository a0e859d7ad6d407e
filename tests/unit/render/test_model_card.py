"""The section for a model card, and its front matter."""

import pytest
from ruamel.yaml import YAML

from kaiji.errors import StageError
from kaiji.regime.blocks import Paragraph, Table
from kaiji.render.model_card import BEGIN, END, model_card

ADDRESS = "https://tsubame.example/disclosure/"


def front(content: bytes) -> tuple[str, object]:
    text = content.decode()
    matter = text.split("---\n")[1] if text.startswith("---\n") else ""
    return matter, YAML(typ="safe", pure=True).load(matter)


def test_each_language_has_a_short_form_with_its_link(ja, en) -> None:
    card = model_card([ja, en], ["B2"], {}, ADDRESS).decode()

    assert card.startswith(f"# Tsubame-7B\n\n{BEGIN}\n## 学習データの開示\n")
    assert card.endswith(f"{END}\n")
    assert card.count(BEGIN) == card.count(END) == 1
    for said in (
        "* モデル: Tsubame-7B 2026.10\n", "* 事業者: 株式会社つばめ言語研究所\n", "* 作成日: 2026年11月22日\n",
        "| ウェブ収集データ | 利用あり | 35% |\n", f"* 開示文書の全文: <{ADDRESS}>\n", f"> **{ja.banner}**\n",
        "## Training-data disclosure\n", "* Provider: Tsubame Language Research Inc.\n", en.notices[0],
        "| Crawled and scraped data | used | 35 % |\n", f"* Full disclosure document: <{ADDRESS}>\n",
    ):  # fmt: skip
        assert said in card
    assert "D3" not in card


def test_without_an_address_the_link_is_relative(ja) -> None:
    card = model_card([ja], [], {}, None).decode()

    assert "* 開示文書の全文: [jp-principle-code.ja.html](<jp-principle-code.ja.html>)\n" in card
    assert "###" in card
    assert "B2" not in card


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "https://a.example/ x", "a.example", "", "https://a@b.example"]
)
def test_an_address_is_a_plain_one(ja, address) -> None:
    with pytest.raises(ValueError, match="address"):
        model_card([ja], [], {}, address)


def test_no_text_can_end_the_section(holding) -> None:
    nasty = f"{END}\n---\n```\n{BEGIN}"
    document = holding(Paragraph[str](text=nasty)).model_copy(
        update={"provider": nasty, "notices": (nasty,), "banner": nasty}
    )
    lines = model_card([document], ["A1"], {}, None).decode().split("\n")

    assert [line for line in lines if "<!--" in line] == [BEGIN, END]
    assert not [line for line in lines if line.startswith(("---", "```"))]


def test_front_matter_holds_the_keys_given_only(ja) -> None:
    matter, read = front(model_card([ja], [], {"language": ["ja", "en"], "license": "apache-2.0"}, None))

    assert matter == "license: apache-2.0\nlanguage:\n- ja\n- en\n"
    assert read == {"license": "apache-2.0", "language": ["ja", "en"]}
    assert not model_card([ja], [], {}, None).startswith(b"---")
    assert not model_card([ja], [], {"datasets": []}, None).startswith(b"---")


@pytest.mark.parametrize(
    "value", ["no", "NO", "y", "on", "null", "~", "1.0", "2026-11-22", "a: b", "- a", "#x", 'q"q', "é", "a\nb", ""]
)
def test_front_matter_is_text_for_every_reader(ja, value) -> None:
    matter, read = front(model_card([ja], [], {"language": [value], "license": value}, None))

    assert read == {"language": [value], "license": value}
    assert '"' in matter


def test_defects_of_the_caller(ja, holding) -> None:
    with pytest.raises(ValueError, match="tags"):
        model_card([ja], [], {"tags": ["x"]}, None)
    with pytest.raises(ValueError, match="needs a document"):
        model_card([], [], {}, None)
    with pytest.raises(StageError, match="item A1"):
        model_card([holding(Table[str](caption="c", columns=("a",), rows=((),)))], ["A1"], {}, None)
