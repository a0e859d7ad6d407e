"""Whether every required item is answered, explained, or shown not to apply.

What counts as a reason is judged where regimes are filled (KJ502 to KJ508); here it is judged what the regime
cannot see: items that were passed over, what is offered instead, and how much is explained in all.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Literal, NamedTuple

from kaiji.control.floor_facets import Problem, percent
from kaiji.findings import Finding, Verdict
from kaiji.terms import LANGUAGES, Audience, Language, Words

REASONS = ("KJ502", "KJ503", "KJ504", "KJ505", "KJ506", "KJ507", "KJ508")
"""Findings about reasons, which the floor takes as they are."""


class FloorItem(NamedTuple):
    """An item of a regime as one audience gets it."""

    regime: str
    id: str
    audience: Audience
    state: Literal["answered", "explained", "not_applicable", "missing"]
    """`explained` also where something is withheld, or complied with in part; `missing` where the document says itself
    that there is no answer."""
    required: bool = True
    core: bool = False
    """True where a disclosure of training data is about this item: it must not be explained away."""
    text: Words | None = None
    """What is said besides figures."""
    statements: tuple[str, ...] = ()
    """Ids of the figures that it prints."""
    facets: tuple[str, ...] = ()
    """Facets that it asks for."""
    reason: Words | None = None
    alternative: Words | None = None
    """What is offered instead: a coarser figure, the copy for authorities, a way to ask."""
    approver: Words | None = None
    review_by: date | None = None
    """When the reason is looked at again."""
    proof: str | None = None
    """What shows that it does not apply: a fact of the data, a role, a record."""


class ItemCount(NamedTuple):
    """Items of a regime for one audience; all but ``optional`` count required ones."""

    regime: str
    audience: Audience
    required: int
    answered: int
    explained: int
    not_applicable: int
    missing: int
    unusable: int
    """Of those explained, how many have no usable reason."""
    optional: int

    @property
    def explained_share(self) -> Fraction:
        return Fraction(self.explained, self.required) if self.required else Fraction(0)


def weak_items(findings: Iterable[Finding]) -> frozenset[tuple[str, str]]:
    """Regime and item of each answer that a finding about reasons fails, from the key of its place."""
    found = set()
    for finding in findings:
        key = finding.place.key if finding.place else None
        if finding.id in REASONS and finding.severity is Verdict.FAIL and key and key.startswith("answers."):
            regime, _, item = key.removeprefix("answers.").partition(".")
            if item:
                found.add((regime, item))
    return frozenset(found)


def counts(items: Sequence[FloorItem], weak: Collection[tuple[str, str]]) -> tuple[ItemCount, ...]:
    """Counts by regime and audience, in order of both."""
    by_document: dict[tuple[str, Audience], list[FloorItem]] = defaultdict(list)
    for item in items:
        by_document[item.regime, item.audience].append(item)
    found = []
    for (regime, audience), own in sorted(by_document.items()):
        required = [item for item in own if item.required]
        states = Counter(item.state for item in required)
        unusable = sum(item.state == "explained" and (item.regime, item.id) in weak for item in required)
        found.append(
            ItemCount(
                regime=regime,
                audience=audience,
                required=len(required),
                answered=states["answered"],
                explained=states["explained"],
                not_applicable=states["not_applicable"],
                missing=states["missing"],
                unusable=unusable,
                optional=len(own) - len(required),
            )
        )
    return tuple(found)


def problems(
    items: Sequence[FloorItem],
    asked: Mapping[tuple[str, Audience], Sequence[str]],
    told: Mapping[Audience, Collection[str]],
    weak: Collection[tuple[str, str]],
    most_explained: Fraction,
) -> Iterator[tuple[Audience, Problem]]:
    """What falls short in the items, for each audience.

    Args:
        items: All items of the documents.
        asked: Ids of the items that a regime requires of a document for an audience, whether they are in it or not.
        told: Names of the facets that an audience is told anything of.
        weak: Items whose reason is unusable: they have a finding already.
        most_explained: Greatest part of the required items that may be explained.
    """
    present = {(item.regime, item.audience, item.id) for item in items}
    for (regime, audience), names in asked.items():
        for name in names:
            if (regime, audience, name) not in present:
                yield audience, Problem("KJ406", f"{regime}: {name} is required, and the document has no such item", "")
    for item in items:
        for problem in _of_item(item, told.get(item.audience, ()), (item.regime, item.id) in weak):
            yield item.audience, problem
    yield from _same_reasons(items)
    for count in counts(items, weak):
        if count.explained_share > most_explained:
            share = f"{count.explained} of {count.required}, {percent(count.explained_share)}"
            message = f"{count.regime}: more items are explained than may be; at most {percent(most_explained)}"
            yield count.audience, Problem("KJ410", message, share)


def _of_item(item: FloorItem, told: Collection[str], weak: bool) -> Iterator[Problem]:
    name = f"{item.regime}: {item.id}"
    if item.state == "answered":
        if not item.statements and _blank(item.text):
            yield Problem("KJ407", f"{name} counts as answered, and says nothing", "")
        for facet in item.facets:
            if facet not in told:
                yield Problem("KJ407", f"{name} counts as answered, and the facet {facet} is not shown", "")
    elif item.state == "explained":
        if item.core:
            yield Problem("KJ410", f"{name} is what a disclosure is about, and is explained instead of answered", "")
        lacking = {
            "why": ("KJ408", _blank(item.reason)),
            "what is offered instead": ("KJ424", _blank(item.alternative)),
            "who approved it": ("KJ424", _blank(item.approver)),
            "when it is looked at again": ("KJ424", item.review_by is None),
        }
        for lack, (rule, missing) in lacking.items():
            if missing and not weak:
                yield Problem(rule, f"{name} is explained, and does not say {lack}", "")
    elif item.state == "not_applicable" and item.required and not (item.proof or "").strip():
        yield Problem("KJ409", f"{name} counts as not applicable, and nothing shows it", "")


def _same_reasons(items: Sequence[FloorItem]) -> Iterator[tuple[Audience, Problem]]:
    """The same reason at two items; from three on it is a finding of the regime (KJ503)."""
    found: dict[tuple[str, Audience, Language, str], list[str]] = defaultdict(list)
    for item in items:
        if item.state == "explained" and item.reason and not item.reason.blank:
            for language in LANGUAGES:
                text = "".join(item.reason[language].split()).casefold()
                found[item.regime, item.audience, language, text].append(item.id)
    for (regime, audience, language, _), names in found.items():
        if len(names) == 2:
            yield audience, Problem("KJ408", f"{regime}: one reason ({language}) stands at {' and '.join(names)}", "")


def _blank(words: Words | None) -> bool:
    return words is None or words.blank
