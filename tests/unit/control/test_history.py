"""What was told before: every publication with the sizes that it was true of."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest

from kaiji.control import ledger_atoms, ledger_file
from kaiji.control.atoms import atoms
from kaiji.control.external_facts import ExternalFact
from kaiji.control.history import history
from kaiji.control.ledger import Ledger, Publication
from kaiji.control.subjects import Claim, Subject
from kaiji.errors import LedgerError
from kaiji.manifest.models import DataSource
from kaiji.provenance import inventory
from kaiji.provenance.summarise import ProvenanceSummary
from kaiji.terms import Audience, Modality, Unit

ON = date(2026, 11, 22)


def claim(name: str, release: str | None = None) -> Claim:
    text = Subject(modality=Modality.TEXT, release=release)
    part = text.model_copy(update={"sources": ("source-1",)})
    return Claim(id=name, audience=Audience.PUBLIC, unit=Unit.TOKENS, part=part, whole=text, low=Fraction(1))


def fact(name: str, release: str | None = None) -> ExternalFact:
    said = claim(f"fact:{name}", release)
    return ExternalFact(id=name, title="Paper", date=ON, release=release or "any", claim=said)


@pytest.fixture
def sizes(
    source: Callable[..., DataSource], summary: Callable[..., ProvenanceSummary]
) -> Callable[[int], pd.DataFrame]:
    def made(tokens: int) -> pd.DataFrame:
        sources = [source(1, declared={"tokens": tokens}), source(2)]
        return atoms(inventory.build(sources, None), summary(*sources)).frame

    return made


@pytest.fixture
def ledger(tmp_path: Path, sizes: Callable[[int], pd.DataFrame]) -> Ledger:
    """Publications of one (1), two (2) and a correction of one (5); an answer and a withdrawal in between."""
    path = tmp_path / "ledger.jsonl"
    found = ledger_file.init(path, "family")
    for release, tokens, extra in (
        ("one", 10, ()),
        ("two", 20, (fact("of-one", "one"),)),
        ("", 0, ()),
        ("one", 30, ()),
    ):
        if not release:
            answer = Publication(kind="answer", release="one", date=ON, request="r-1", facts=(fact("told"),))
            found = ledger_file.append(path, found, answer)
            found = ledger_file.append(path, found, Publication(kind="withdraw", release="one", date=ON, withdraws=1))
            continue
        content = ledger_atoms.text(sizes(tokens))
        named = {"release": release, "date": ON, "claims": (claim("share"),), "facts": extra}
        told = Publication.model_validate({"kind": "publish", "atoms": ledger_atoms.digest(content), **named})
        found = ledger_file.append(path, found, told, content)
    return found


def shown(path: Path, ledger: Ledger, at_hand: str) -> tuple[dict[str, int], dict[str, tuple[str | None, str | None]]]:
    """Size of the first source by publication; release of part and of whole by id of a claim."""
    found = history(path, ledger, at_hand)
    first = {n: int(f.loc[f["source_id"] == "source-1", "size"].sum()) for n, f in found.frames.items()}
    return first, {one.id: (one.part.release, one.whole and one.whole.release) for one in found.claims}


def test_every_publication_counts_withdrawn_or_not(tmp_path: Path, ledger: Ledger) -> None:
    frames, claims = shown(tmp_path / "ledger.jsonl", ledger, "three")
    assert frames == {"one@1": 10, "two": 20, "one": 30}
    assert claims == {
        "one@1/share": ("one@1", "one@1"),
        "two/share": ("two", "two"),
        "two/fact:of-one": ("one@1", "one@1"),  # the correction was not there when it was said
        "one@3/fact:told": ("one@1", "one@1"),
        "one/share": ("one", "one"),
    }


def test_earlier_publications_of_the_release_at_hand_have_names_of_their_own(tmp_path: Path, ledger: Ledger) -> None:
    frames, claims = shown(tmp_path / "ledger.jsonl", ledger, "one")
    assert frames == {"one@1": 10, "two": 20, "one@5": 30}
    assert claims["one@5/share"] == ("one@5", "one@5")
    assert None not in {release for both in claims.values() for release in both}


def test_a_claim_keeps_all_but_its_names(tmp_path: Path, ledger: Ledger) -> None:
    told = next(one for one in history(tmp_path / "ledger.jsonl", ledger, "three").claims if one.id == "two/share")
    same = {"id": "share", "part": claim("share").part, "whole": claim("share").whole}
    assert told.model_copy(update=same) == claim("share")


def test_what_is_told_of_a_release_that_was_not_published_is_refused(tmp_path: Path, ledger: Ledger) -> None:
    path = tmp_path / "ledger.jsonl"
    answer = Publication(kind="answer", release="four", date=ON, request="r-2", facts=(fact("told"),))
    longer = ledger_file.append(path, ledger, answer)
    with pytest.raises(LedgerError, match=r"^ledger\.jsonl:7: something is told of a release that was not published$"):
        history(path, longer, "three")


def test_an_empty_ledger_tells_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    assert history(path, ledger_file.init(path, "family"), "one") == ({}, ())
