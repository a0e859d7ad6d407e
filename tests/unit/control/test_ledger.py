"""The chain of the ledger: what is entered, what is not, and every way in which a file can be damaged."""

import json
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from kaiji.control.external_facts import ExternalFact
from kaiji.control.ledger import Head, Ledger, Publication, begin, parse
from kaiji.control.subjects import Claim, Subject
from kaiji.errors import InputError, LedgerError
from kaiji.terms import Audience, Modality, Unit

DIGEST = "ab" * 32
RESTORE = "; restore the ledger from a copy; it is never edited and never begun anew"
LICENSED = Subject(modality=Modality.TEXT, facet="category", kinds=("licensed", None))


def claim(number: int = 1, **given: Any) -> Claim:
    values = {"id": f"statement-{number}", "audience": Audience.PUBLIC, "unit": Unit.TOKENS, "part": LICENSED}
    return Claim.model_validate({**values, "low": Fraction(1, 3), "high": 370_000_000, "high_open": True, **given})


def fact(**given: Any) -> ExternalFact:
    values = {"id": "press", "title": "Press release", "date": date(2026, 9, 1), "release": "asagi", "claim": claim(9)}
    return ExternalFact.model_validate({**values, **given})


def publication(**given: Any) -> Publication:
    values = {"kind": "publish", "release": "asagi", "date": date(2026, 11, 22), "claims": (claim(),), "atoms": DIGEST}
    return Publication.model_validate({**values, **given})


def answer(**given: Any) -> Publication:
    values = {"kind": "answer", "release": "asagi", "date": date(2026, 12, 1), "request": "r-1", "facts": (fact(),)}
    return Publication.model_validate({**values, **given})


def withdrawal(number: int, **given: Any) -> Publication:
    values = {"kind": "withdraw", "release": "asagi", "date": date(2026, 12, 5), "withdraws": number}
    return Publication.model_validate({**values, **given})


@pytest.fixture
def ledger() -> Ledger:
    found = begin("ledger.jsonl", "asagi")
    for told in (publication(), answer(), withdrawal(1)):
        found = found.after(told)
    return found


def test_a_ledger_reads_as_it_was_written(ledger: Ledger) -> None:
    read = parse(ledger.content, "ledger.jsonl", "asagi")
    assert read == ledger
    assert [entry.number for entry in read.entries] == [1, 2, 3]
    assert [entry.publication for entry in read.entries] == [publication(), answer(), withdrawal(1)]
    assert parse(ledger.content, "ledger.jsonl") == ledger


def test_each_line_holds_the_digest_of_the_line_before_it(ledger: Ledger) -> None:
    import hashlib

    digests = [hashlib.sha256(line).hexdigest() for line in ledger.lines]
    assert [json.loads(line)["previous"] for line in ledger.lines] == [None, *digests[:-1]]
    assert ledger.head == Head(number=3, sha256=digests[-1])


def test_a_release_built_again_says_nothing_new(ledger: Ledger) -> None:
    once = begin("ledger.jsonl", "asagi").after(publication())
    assert once.after(publication(date=date(2027, 1, 1))) is once
    assert once.after(publication(claims=(claim(2), claim()))).entries[-1].number == 2
    assert once.after(publication(atoms="cd" * 32)).entries[-1].number == 2
    assert once.after(publication(version="2")).entries[-1].number == 2
    assert once.after(publication(facts=(fact(),))).entries[-1].number == 2
    assert ledger.after(answer()) is ledger
    assert ledger.after(withdrawal(1)) is ledger
    assert len(ledger.after(answer(request="r-2")).entries) == 4


def test_what_was_withdrawn_or_corrected_stays_and_may_be_published_again(ledger: Ledger) -> None:
    again = ledger.after(publication())
    assert [entry.publication.kind for entry in again.entries] == ["publish", "answer", "withdraw", "publish"]
    assert again.lines[: len(ledger.lines)] == ledger.lines
    corrected = again.after(publication(claims=(claim(high=370_000_001),)))
    back = corrected.after(publication())
    assert [entry.number for entry in back.entries] == [1, 2, 3, 4, 5, 6]


def test_an_answer_in_between_does_not_make_a_build_new() -> None:
    found = begin("ledger.jsonl", "asagi").after(publication()).after(answer())
    assert found.after(publication()) is found


def test_only_what_publishes_something_can_be_withdrawn(ledger: Ledger) -> None:
    for number in (3, 4):
        with pytest.raises(InputError, match=f"^ledger.jsonl: entry {number} is none that can be withdrawn$"):
            ledger.after(withdrawal(number))


def test_claims_and_facts_stand_in_an_order_of_their_own() -> None:
    some = (claim(2, audience=Audience.REGULATOR), claim(3), claim(1))
    told = publication(claims=some, facts=(fact(id="b"), fact(id="a")))
    assert told == publication(claims=(*some[::-1], claim(1)), facts=(fact(id="a"), fact(id="b")))
    assert [one.id for one in told.claims] == ["statement-1", "statement-3", "statement-2"]


@pytest.mark.parametrize(
    "given",
    [
        {"atoms": None},
        {"withdraws": 1},
        {"request": "r-1"},
        {"kind": "withdraw", "atoms": None},
        {"kind": "withdraw", "atoms": None, "withdraws": 1},  # claims
        {"kind": "answer", "atoms": None, "request": "r-1"},  # claims
        {"atoms": "not hexadecimal"},
        {"withdraws": 0},
    ],
)
def test_a_publication_holds_what_belongs_to_its_kind(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        publication(**given)


def edited(ledger: Ledger, number: int, old: str, new: str) -> bytes:
    """The ledger with ``old`` of a line exchanged for ``new``, and the digest of that line made to fit again."""
    from kaiji.control import ledger as module

    body = json.loads(ledger.lines[number].decode().replace(old, new))
    del body["sha256"]
    lines = list(ledger.lines)
    lines[number] = module._line(body)
    return b"".join(line + b"\n" for line in lines)


Damage = Callable[[list[bytes]], bytes]


def joined(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


DAMAGED: dict[str, tuple[Damage, str]] = {
    "empty": (lambda lines: b"", ": the file is empty"),
    "cut in the last line": (lambda lines: joined(lines)[:-9], ":4: the line is cut off"),
    "cut before the last line feed": (lambda lines: joined(lines)[:-1], ":4: the line is cut off"),
    "cut in the first line": (lambda lines: lines[0][:30], ":1: the line is cut off"),
    "a line is cut": (lambda lines: joined([lines[0], lines[1][:50], *lines[2:]]), ":2: the line is damaged"),
    "an empty line": (lambda lines: joined([*lines[:2], b"", *lines[2:]]), ":3: the line is damaged"),
    "not text": (lambda lines: joined([*lines[:3], b"\xff\xfe"]), ":4: the line is damaged"),
    "a lone surrogate": (lambda lines: joined([*lines[:3], b'{"a":"\\ud800"}']), ":4: the line is damaged"),
    "nested too deeply": (lambda lines: joined([*lines[:3], b"[" * 100_000]), ":4: the line is damaged"),
    "a list": (lambda lines: joined([*lines[:3], b"[]"]), ":4: the line was changed"),
    "changed in the middle": (
        lambda lines: joined(lines).replace(b"370000000", b"370000001", 1),
        ":2: the line was changed",
    ),
    "changed at the end": (
        lambda lines: joined(lines).replace(b"2026-12-05", b"2026-12-06"),
        ":4: the line was changed",
    ),
    "the first line changed": (lambda lines: joined(lines).replace(b"asagi", b"other", 1), ":1: the line was changed"),
    "a space more": (lambda lines: joined([lines[0] + b" ", *lines[1:]]), ":1: the line was changed"),
    "a line is missing": (lambda lines: joined([*lines[:2], *lines[3:]]), ":3: an entry before it is missing"),
    "the first line is missing": (lambda lines: joined(lines[1:]), ":1: an entry before it is missing"),
    "a line stands twice": (
        lambda lines: joined([*lines[:3], *lines[2:]]),
        ":4: it stands twice, or in another place than it was",
    ),
    "two lines changed places": (
        lambda lines: joined([*lines[:2], lines[3], lines[2]]),
        ":3: an entry before it is missing",
    ),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_is_told_with_its_line(name: str, ledger: Ledger) -> None:
    damage, message = DAMAGED[name]
    with pytest.raises(LedgerError) as caught:
        parse(damage(list(ledger.lines)), "ledger.jsonl")
    assert str(caught.value) == f"ledger.jsonl{message}{RESTORE}"
    assert "370000000" not in str(caught.value)


def test_a_line_that_was_replaced_with_a_fitting_digest_breaks_the_chain(ledger: Ledger) -> None:
    with pytest.raises(LedgerError) as caught:
        parse(edited(ledger, 1, "370000000", "370000001"), "ledger.jsonl")
    assert str(caught.value) == f"ledger.jsonl:3: the line before it was replaced{RESTORE}"


def test_what_the_chain_alone_cannot_show_the_head_shows(ledger: Ledger) -> None:
    head = ledger.head.text()
    ledger.check(head)
    ledger.after(answer(request="r-2")).check(head)
    shorter = parse(joined(list(ledger.lines[:2])), "ledger.jsonl")
    with pytest.raises(LedgerError) as caught:
        shorter.check(head)
    assert str(caught.value) == f"ledger.jsonl: the last 2 of its entries are missing{RESTORE}"
    other = parse(edited(ledger, 3, "2026-12-05", "2026-12-06"), "ledger.jsonl")
    with pytest.raises(LedgerError) as caught:
        other.check(head)
    assert str(caught.value) == f"ledger.jsonl: it is not the ledger of the last build{RESTORE}"
    for text in (b"", b"{}", b'{"number":-1,"sha256":""}'):
        with pytest.raises(LedgerError, match=r"cannot be read$"):
            ledger.check(text)


def test_a_ledger_of_another_family_or_form_is_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerError) as caught:
        parse(ledger.content, "ledger.jsonl", "hinode")
    assert str(caught.value) == "ledger.jsonl: it is the ledger of another family, asagi; name that of hinode"
    begun = begin("ledger.jsonl", "asagi")
    with pytest.raises(
        LedgerError, match=r"^ledger\.jsonl:1: it does not begin as a ledger of kaiji/ledger/v1; use the"
    ):
        parse(edited(begun, 0, "ledger/v1", "ledger/v2"), "ledger.jsonl")
    one = begun.after(publication())
    with pytest.raises(LedgerError) as caught:
        parse(edited(one, 1, '"publish"', '"retract"'), "ledger.jsonl")
    assert str(caught.value) == "ledger.jsonl:2: the entry is of no known form; use the kaiji that wrote it"
