"""A model card keeps every byte that people wrote."""

import os
import stat

import pytest

from kaiji.errors import OutputError
from kaiji.publish.model_card import attach, write_card

BEGIN, END = "<!-- kaiji:begin -->", "<!-- kaiji:end -->"
SECTION = f"{BEGIN}\n## 学習データの開示\n\n* モデル: Tsubame-7B\n{END}\n"
GENERATED = (
    f'---\nlicense: apache-2.0\ndatasets:\n- tsubame/web\nlanguage:\n- ja\n- "no"\n---\n\n# Tsubame-7B\n\n{SECTION}'
).encode()
BARE = f"# Tsubame-7B\n\n{SECTION}".encode()
FRONT = "---\nlicense: mit\ndatasets: []\nlanguage: ja\n---\n"


def attached(card: str, generated: bytes = GENERATED) -> str:
    once = attach(card.encode(), generated)
    assert attach(once, generated) == once
    return once.decode()


def test_the_section_is_appended_after_one_blank_line() -> None:
    assert attached(f"{FRONT}# Mine\n\nText.\n") == f"{FRONT}# Mine\n\nText.\n\n{SECTION}"
    assert attached(f"{FRONT}# Mine\n\n") == f"{FRONT}# Mine\n\n{SECTION}"


def test_a_missing_last_line_feed_is_added() -> None:
    assert attached(f"{FRONT}Text.") == f"{FRONT}Text.\n\n{SECTION}"
    assert attached(FRONT.rstrip("\n")) == f"{FRONT}\n{SECTION}"


def test_the_section_is_replaced_where_it_stands() -> None:
    card = f"{FRONT}# Mine\n{BEGIN}\nold\n\nlines\n{END}\n## After\n"

    assert attached(card) == f"{FRONT}# Mine\n{SECTION}## After\n"


def test_a_section_at_the_end_without_line_feed_stays_so() -> None:
    assert attached(f"{FRONT}Text\n\n{BEGIN}\n{END}") == f"{FRONT}Text\n\n{SECTION}".rstrip("\n")


def test_windows_line_ends_and_a_bom_are_kept() -> None:
    card = ("\ufeff" + f"{FRONT}# Mine\n{BEGIN}\nold\n{END}\nlast").replace("\n", "\r\n")
    expected = ("\ufeff" + f"{FRONT}# Mine\n{SECTION}last").replace("\n", "\r\n")

    assert attached(card) == expected


def test_odd_characters_are_no_line_ends() -> None:
    text = "a\x0bb\x0cc\u2028d\x85e\rf  \n\t\n"

    assert attached(f"{FRONT}{text}") == f"{FRONT}{text}{SECTION}"


def test_missing_keys_are_added_before_the_closing_line() -> None:
    card = "---\n# licence below\nlicense:   'MIT'   # ours\nmodel-index: []\ntags: [a,  b]\n\n---\ntext\n"
    added = 'datasets:\n- tsubame/web\nlanguage:\n- ja\n- "no"\n'

    assert attached(card) == card.replace("\n\n---\n", f"\n\n{added}---\n") + f"\n{SECTION}"


@pytest.mark.parametrize("value", ["", " []", " null", " # later"])
def test_an_empty_value_is_a_decision_that_is_kept(value) -> None:
    card = f"---\nlicense:{value}\ndatasets:{value}\nlanguage:{value}\n---\n"

    assert attached(card) == f"{card}\n{SECTION}"


def test_indented_front_matter_gets_indented_keys() -> None:
    text = attached("---\n  license: mit\n  tags:\n    - x\n---\n")

    assert text.startswith(
        '---\n  license: mit\n  tags:\n    - x\n  datasets:\n  - tsubame/web\n  language:\n  - ja\n  - "no"\n---\n'
    )


def test_empty_front_matter_is_filled() -> None:
    assert attached("---\n---\nText\n").startswith("---\nlicense: apache-2.0\ndatasets:\n")


def test_front_matter_is_created() -> None:
    front = GENERATED.decode().split("# Tsubame")[0]

    assert attached("# Mine\n") == f"{front}# Mine\n\n{SECTION}"
    assert attached("\n# Mine\n") == f"{front}# Mine\n\n{SECTION}"
    assert attached("") == f"{front}{SECTION}"
    assert attached("\ufeff# Mine\n") == "\ufeff" + f"{front}# Mine\n\n{SECTION}"


def test_without_keys_no_front_matter_is_created() -> None:
    assert attached("# Mine\n", BARE) == f"# Mine\n\n{SECTION}"
    assert attached("", BARE) == SECTION


def test_a_block_of_text_in_front_matter_is_not_cut() -> None:
    card = "---\nlicense: mit\ndescription: |+\n  ---\n  text\n\n---\n"
    text = attached(card)

    assert text.startswith("---\nlicense: mit\ndescription: |+\n  ---\n  text\n\ndatasets:\n")


@pytest.mark.parametrize(
    ("card", "line"),
    [
        ("---\nlicense: mit\n", 1),
        ("\n\n---\nlicense: mit\n# no end\n", 3),
        ("---\nlicense: mit\na: [\n---\n", 4),
        ("---\nlicense: mit\nlicense: mit\n---\n", 3),
        ("---\n- a\n- b\n---\n", 2),
        ("---\n{license: mit}\n---\n", 1),
        ("---\nlicense: mit\n...\n---\n", 1),
        (f"# A\n{BEGIN}\ntext\n", 2),
        (f"# A\n{END}\n", 2),
        (f"{BEGIN}\n{END}\n{BEGIN}\n{END}\n", 3),
        (f"{BEGIN}\n{BEGIN}\n{END}\n", 2),
        (f"{BEGIN}\n{END}\n{END}\n", 3),
        (f"a\n{END}\n{BEGIN}\n", 2),
        (f"{FRONT}{BEGIN}\n", 6),
        ("# A\n```\ncode\n", 2),
        (f"{BEGIN}\n~~~\n{END}\n", 2),
    ],
)
def test_a_broken_card_is_refused_with_its_line(card, line) -> None:
    for ends in ("\n", "\r\n"):
        with pytest.raises(OutputError, match=rf"^model card, line {line}: "):
            attach(card.replace("\n", ends).encode(), GENERATED)


def test_a_card_in_another_encoding_is_refused() -> None:
    with pytest.raises(OutputError, match="line 2: not UTF-8"):
        attach("# A\nモデル".encode("shift_jis"), GENERATED)


@pytest.mark.parametrize(
    "code",
    [
        f"```html\n{BEGIN}\n{END}\n```\n",
        f"~~~~\n```\n~~~\n{BEGIN}\n~~~~~\n",
        f"  ```\n{END}\n   ```  \n",
        f"- list\n\n    {BEGIN}\n",
        f"Put `{BEGIN}` on a line of its own.\n{BEGIN} and text\n",
    ],
)
def test_a_marker_that_is_shown_is_no_marker(code) -> None:
    assert attached(f"{FRONT}{code}") == f"{FRONT}{code}\n{SECTION}"


def test_inline_code_of_three_backticks_opens_nothing() -> None:
    card = f"{FRONT}``` not `a` fence\n{BEGIN}\nold\n{END}\n"

    assert attached(card) == f"{FRONT}``` not `a` fence\n{SECTION}"


def test_a_generated_file_without_section_is_a_defect() -> None:
    with pytest.raises(OutputError, match="holds no section"):
        attach(b"# Mine\n", b"# Only a title\n")


def test_a_card_is_replaced_and_keeps_its_mode(tmp_path) -> None:
    card = tmp_path / "README.md"
    card.write_text("old")
    card.chmod(0o640)
    write_card(card, b"new")

    assert card.read_bytes() == b"new"
    assert stat.S_IMODE(card.stat().st_mode) == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]


def test_a_new_card_gets_the_mode_of_new_files(tmp_path) -> None:
    old = os.umask(0o027)
    try:
        write_card(tmp_path / "README.md", b"new")
    finally:
        os.umask(old)

    assert stat.S_IMODE((tmp_path / "README.md").stat().st_mode) == 0o640


def test_a_link_is_followed(tmp_path) -> None:
    (tmp_path / "docs").mkdir()
    target, link = tmp_path / "docs/CARD.md", tmp_path / "README.md"
    target.write_text("old")
    link.symlink_to("docs/CARD.md")
    write_card(link, b"new")

    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert [path.name for path in (tmp_path / "docs").iterdir()] == ["CARD.md"]


def test_a_card_that_cannot_be_written_is_an_output_error(tmp_path) -> None:
    loop = tmp_path / "loop.md"
    loop.symlink_to("loop.md")
    for path in (loop, tmp_path / "missing/README.md", tmp_path):
        with pytest.raises(OutputError, match="cannot be written") as caught:
            write_card(path, b"new")

        assert str(tmp_path.parent) not in str(caught.value)
    assert loop.is_symlink()
