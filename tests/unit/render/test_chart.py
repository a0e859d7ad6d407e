"""Bars are as long as their published length, and labels are text."""

from lxml import etree

from kaiji.regime.blocks import Bar, Chart
from kaiji.render.chart import svg, width, wrapped

SVG = "{http://www.w3.org/2000/svg}"


def chart(*bars: Bar[str]) -> Chart[str]:
    return Chart[str](title="T <1>", description="D & E", bars=bars)


def test_a_bar_is_drawn_from_its_length_only() -> None:
    bars = [Bar[str](label="a", text="99 %", length=length) for length in (0, 0.5, 37, 100)]
    drawn = etree.fromstring(svg(chart(*bars), "c"))

    assert [rect.get("width") for rect in drawn.iter(f"{SVG}rect")][1::2] == ["0", "2", "148", "400"]
    assert [rect.get("width") for rect in drawn.iter(f"{SVG}rect")][0::2] == ["400"] * 4


def test_it_is_an_image_with_a_name_and_a_description() -> None:
    drawn = etree.fromstring(svg(chart(), "item-1"))

    assert drawn.get("role") == "img"
    assert drawn.get("aria-labelledby") == "item-1-title item-1-desc"
    assert (drawn[0].tag, drawn[0].get("id"), drawn[0].text) == (f"{SVG}title", "item-1-title", "T <1>")
    assert (drawn[1].tag, drawn[1].get("id"), drawn[1].text) == (f"{SVG}desc", "item-1-desc", "D & E")
    assert {element.tag for element in drawn} == {f"{SVG}title", f"{SVG}desc"}


def test_texts_are_escaped_and_complete() -> None:
    label = "<script>alert(1)</script> \"' & 第三者の非公開データ" * 3
    drawn = etree.fromstring(svg(chart(Bar[str](label=label, text="<1 %", length=0.5)), "c"))
    said = [text.text for text in drawn.iter(f"{SVG}text")]

    assert "".join("".join(said[:-1]).split()) == "".join(label.split())
    assert said[-1] == "<1 %"
    assert "<script" not in svg(chart(Bar[str](label=label, text="x", length=1)), "c")


def test_nothing_is_drawn_outside() -> None:
    bars = [Bar[str](label="長" * 90, text="値" * 40, length=100), Bar[str](label="b" * 90, text="", length=3)]
    drawn = etree.fromstring(svg(chart(*bars), "c"))
    height = int(drawn.get("viewBox").split()[3])

    assert all(int(text.get("y")) < height and width(text.text) <= 400 for text in drawn.iter(f"{SVG}text"))
    assert all(int(rect.get("y")) + int(rect.get("height")) <= height for rect in drawn.iter(f"{SVG}rect"))


def test_lines_break_after_a_space_where_there_is_one() -> None:
    assert wrapped("Publicly available datasets", 100) == ["Publicly", "available", "datasets"]
    assert wrapped("公開データ", 26) == ["公開", "デー", "タ"]
    assert wrapped("", 10) == []
    assert wrapped("ab", 0) == ["a", "b"]
    assert width("\u3042") == 2 * width("\u3042\u3042") / 4
