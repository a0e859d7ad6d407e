"""A ledger reads as it was written, and no change of its bytes goes unnoticed."""

from datetime import date
from fractions import Fraction

import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kaiji.control import ledger_atoms
from kaiji.control.ledger import Ledger, Publication, begin, parse
from kaiji.control.subjects import Claim, Subject
from kaiji.errors import LedgerError
from kaiji.provenance.summarise import FACETS
from kaiji.terms import Audience, Modality, Unit

words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=8)
dates = st.dates(date(2020, 1, 1), date(2030, 1, 1))
ends = st.none() | st.fractions()
subjects = st.builds(
    Subject,
    modality=st.none() | st.sampled_from(Modality),
    facet=st.just("language"),
    kinds=st.lists(st.none() | words, min_size=1, max_size=3).map(tuple),
)
claims = st.builds(
    Claim,
    id=words,
    audience=st.sampled_from(Audience),
    unit=st.sampled_from((Unit.TOKENS, Unit.DATASETS)),
    part=subjects,
    whole=st.none() | subjects,
    low=ends,
    high=ends,
    low_open=st.booleans(),
)
digests = st.binary(max_size=4).map(ledger_atoms.digest)
published = st.builds(
    Publication,
    kind=st.just("publish"),
    release=st.sampled_from(("one", "two")),
    date=dates,
    version=st.none() | words,
    claims=st.lists(claims, max_size=3).map(tuple),
    atoms=digests,
)
answered = st.builds(
    Publication, kind=st.just("answer"), release=st.sampled_from(("one", "two")), date=dates, request=words
)
publications = st.lists(published | answered, max_size=5)


def entered(told: list[Publication]) -> Ledger:
    found = begin("ledger.jsonl", "family")
    for one in told:
        found = found.after(one)
    return found


def refused(content: bytes) -> bool:
    try:
        parse(content, "ledger.jsonl")
    except LedgerError:
        return True
    return False


@settings(max_examples=60, deadline=None)
@given(publications)
def test_a_ledger_reads_as_it_was_written(told: list[Publication]) -> None:
    ledger = entered(told)
    read = parse(ledger.content, "ledger.jsonl", "family")
    assert read == ledger
    assert [entry.number for entry in read.entries] == list(range(1, len(read.lines)))
    read.check(ledger.head.text())


@settings(max_examples=60, deadline=None)
@given(publications, dates)
def test_the_last_publication_of_a_release_is_entered_once(told: list[Publication], on: date) -> None:
    ledger = entered(told)
    for release in ("one", "two"):
        last = [entry.publication for entry in ledger.entries if entry.publication.release == release]
        last = [one for one in last if one.kind == "publish"][-1:]
        for one in last:
            assert ledger.after(one.model_copy(update={"date": on})) is ledger


@settings(max_examples=200, deadline=None)
@given(publications, st.data())
def test_no_change_of_a_byte_goes_unnoticed(told: list[Publication], data: st.DataObject) -> None:
    content = entered(told).content
    place = data.draw(st.integers(0, len(content) - 1))
    other = data.draw(st.binary(max_size=3))
    length = data.draw(st.integers(0, 3))
    changed = content[:place] + other + content[place + length :]
    assume(changed != content)
    if content.startswith(changed) and changed.endswith(b"\n"):  # whole lines are missing: for the head to notice
        return
    assert refused(changed)


@settings(max_examples=60, deadline=None)
@given(publications, st.data())
def test_lines_can_be_left_out_only_at_the_end_and_the_head_notices_that(
    told: list[Publication], data: st.DataObject
) -> None:
    ledger = entered(told)
    numbers = data.draw(st.lists(st.integers(0, len(ledger.lines) - 1), max_size=len(ledger.lines) + 1))
    assume(numbers != list(range(len(ledger.lines))))
    content = b"".join(ledger.lines[number] + b"\n" for number in numbers)
    if not numbers or numbers != list(range(len(numbers))):
        assert refused(content)
        return
    shorter = parse(content, "ledger.jsonl")
    try:
        shorter.check(ledger.head.text())
    except LedgerError:
        return
    raise AssertionError("entries are missing from the end")


rows = st.builds(
    lambda kinds, source, known, size: {
        **dict(zip(FACETS, kinds, strict=True)),
        **dict.fromkeys(("source_id", "owner", "holder", "measure"), source),
        "known": known,
        "size": size,
    },
    st.tuples(*[st.none() | words] * 2).map(lambda two: (two * len(FACETS))[: len(FACETS)]),
    words,
    st.booleans(),
    st.integers(0, 2**63 - 1),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(rows, max_size=4))
def test_sizes_read_as_they_were_written_in_whatever_order(written: list[dict[str, object]]) -> None:
    columns = [*FACETS, "source_id", "owner", "holder", "measure", "known", "size"]
    content = ledger_atoms.text(pd.DataFrame(written, columns=columns))
    assert ledger_atoms.text(pd.DataFrame(written[::-1], columns=columns)) == content
    kept = ledger_atoms.unpacked(ledger_atoms.packed(content), ledger_atoms.digest(content), "")
    read = ledger_atoms.frame(kept, "")
    back = read.astype(object).where(read.notna(), None)[columns].to_dict("records")
    assert sorted(back, key=repr) == sorted(written, key=repr)


@settings(max_examples=60, deadline=None)
@given(st.fractions(min_value=0))
def test_ends_are_exact(end: Fraction) -> None:
    claim = Claim(id="a", audience=Audience.PUBLIC, unit=Unit.TOKENS, part=Subject(), low=end)
    told = Publication(kind="publish", release="one", date=date(2026, 1, 1), claims=(claim,), atoms="ab" * 32)
    read = parse(entered([told]).content, "ledger.jsonl")
    assert read.entries[0].publication.claims[0].low == end
