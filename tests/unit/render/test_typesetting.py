"""A large document is set in a process of its own: the same bytes, the same refusals, and nothing stays in memory."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kaiji.errors import StageError
from kaiji.regime.blocks import Note
from kaiji.render import typesetting
from kaiji.render.pdf import pdf


@pytest.fixture
def apart(monkeypatch):
    """Everything counts as large. Returns the commands that were run."""
    commands = []
    run = subprocess.run

    def told(command, **options):
        commands.append(command)
        return run(command, **options)

    monkeypatch.setattr(subprocess, "run", told)
    monkeypatch.setattr(typesetting, "LARGE", 0)
    return commands


def test_the_same_bytes_as_here(ja, apart, monkeypatch) -> None:
    there = pdf(ja)
    assert len(apart) == 1
    monkeypatch.setattr(typesetting, "LARGE", 10**9)
    assert (pdf(ja), len(apart)) == (there, 1)


def test_a_refusal_names_the_item(ja, apart) -> None:
    item = ja.sections[1].items[0].model_copy(update={"blocks": (Note[str](text="😀"),)})
    section = ja.sections[1].model_copy(update={"items": (item,)})
    with pytest.raises(StageError, match=re.escape("U+1F600) (item B2)")):
        pdf(ja.model_copy(update={"sections": (ja.sections[0], section)}))
    assert len(apart) == 1


def test_a_process_that_dies_is_an_error(ja, apart, monkeypatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(StageError, match="PDF: Typst ended with code 1"):
        pdf(ja)


def test_a_folder_that_is_called_like_the_package_is_not_imported(ja, apart, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "kaiji").mkdir()
    (tmp_path / "kaiji" / "__init__.py").write_text("raise SystemExit(7)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert pdf(ja).startswith(b"%PDF-")
    assert "-P" in apart[0]


def test_nothing_of_the_document_is_among_the_arguments(ja, apart) -> None:
    pdf(ja)
    assert ja.provider not in json.dumps(apart, ensure_ascii=False)
