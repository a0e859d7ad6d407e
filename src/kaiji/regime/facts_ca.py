"""Facts that California asks for and Japan does not (Cal. Civ. Code 3111), of training data and of what is used for
validation or testing only.

Where another regime tells the same of the training data, its fact is used as it is, and the facts ``evaluation.*`` tell
the rest beside it: nothing is computed a second time in another way.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from kaiji.control.disclosed import CategoryOutline, DataPoints, NamedSource
from kaiji.regime.blocks import Note, WordsBlock
from kaiji.regime.facts_declared import yes_no
from kaiji.regime.facts_figures import kind_words
from kaiji.regime.values import (
    Absent,
    Fact,
    FactValue,
    Present,
    View,
    joined,
    missing,
    or_dash,
    paragraph,
    table,
)
from kaiji.terms import Acquisition, Answer, Basis, ItemState, Modality, SourceCategory, Words


class Scoped(NamedTuple):
    """A category that is used, and what for."""

    used_for: Words
    outline: CategoryOutline
    training: bool


def scoped(view: View) -> list[Scoped]:
    """Categories with sources: of the training data, then of what is used for validation or testing only."""
    training, evaluation = view.words("scope.training"), view.words("scope.evaluation")
    listed = [Scoped(training, one, True) for one in view.summary.categories if one.used is Answer.YES]
    return listed + [Scoped(evaluation, one, False) for one in view.summary.evaluation.categories]


def no_sources(view: View) -> Absent:
    return Absent(ItemState.UNANSWERED, view.words("absent.no_sources"))


def sources_owners(view: View) -> FactValue:
    """Owner or source of each dataset that may be named; of the others in a category, why they are not (3111(a)(1))."""
    rows = []
    for one in scoped(view):
        names = view.summary.names if one.training else view.summary.evaluation.names
        category = one.outline.category
        rows += [
            (source.title, category.words, _owner(view, source), one.used_for)
            for source in names
            if source.category is category
        ]
        if one.outline.unnamed:
            not_named = view.words("owners.not_named")
            rows.append((not_named, category.words, view.words("owners.confidential"), one.used_for))
    if not rows:
        return no_sources(view)
    columns = ("dataset", "category", "source_or_owner", "used_for")
    return Present((table(view, "owners", columns, rows),), Basis.DERIVED)


_WITHOUT_OWNER = {
    SourceCategory.CRAWLED: "owners.web",
    SourceCategory.USER: "owners.users",
    SourceCategory.SYNTHETIC: "owners.generated",
}
"""What stands for the owner of a source that names none, because it has many or is the provider's own product."""


def _owner(view: View, source: NamedSource) -> Words:
    if source.owner is None and source.category in _WITHOUT_OWNER:
        return view.words(_WITHOUT_OWNER[source.category])
    return or_dash(view, source.owner)


def sources_purpose(view: View) -> FactValue:
    """How each category serves the intended purpose, in the words of its sources and of the release (3111(a)(2))."""
    return _texts(view, "sources.purpose", "purposes", "serves", purposes)


def purposes(view: View, outline: CategoryOutline) -> tuple[Words, ...]:
    """Purposes of a category: that of the release for the category as a whole, then those of its sources."""
    said = view.summary.declarations.categories.get(outline.category)
    own = (said.purpose,) if said and said.purpose else ()
    return (*own, *(words for words in outline.purposes if words not in own))


def processing_purposes(view: View, outline: CategoryOutline) -> tuple[Words, ...]:
    """Why the data of a category was processed: of the category as a whole, then of its sources."""
    said = view.summary.declarations.categories.get(outline.category)
    own = (said.processing_purpose,) if said and said.processing_purpose else ()
    return (*own, *(words for words in outline.processing_purposes if words not in own))


def processing_purpose(view: View) -> FactValue:
    if any(one.outline.processed is Answer.YES for one in scoped(view)):
        return _texts(view, "processing.purpose", "processing_purposes", "processing_purpose", processing_purposes)
    if all(one.outline.processed is Answer.NO for one in scoped(view)) and scoped(view):
        return Absent(ItemState.NOT_APPLICABLE, view.words("text.not_processed"))
    return missing(view, "processing.purpose")


def _texts(
    view: View, fact: str, caption: str, column: str, get: Callable[[View, CategoryOutline], tuple[Words, ...]]
) -> FactValue:
    rows = [
        (one.outline.category.words, one.used_for, _sentences(found) if found else or_dash(view, None))
        for one in scoped(view)
        for found in (get(view, one.outline),)
    ]
    if not any(get(view, one.outline) for one in scoped(view)):
        return missing(view, fact)
    return Present((table(view, caption, ("category", "used_for", column), rows),), Basis.DECLARED)


def _sentences(parts: Sequence[Words]) -> Words:
    return Words(ja="/".join(part.ja for part in parts), en="; ".join(part.en for part in parts))


def _stated(key: str, lacking: Callable[[View, CategoryOutline], bool]) -> Fact:
    """Whether something is stated of every category; nothing is printed of it, but what lacks it is named as a gap."""

    def value(view: View) -> FactValue:
        names = [one.outline.category.words for one in scoped(view) if lacking(view, one.outline)]
        if names:
            categories = joined(list(dict.fromkeys(names)))
            return Absent(ItemState.UNANSWERED, view.words(f"absent.{key}", categories=categories))
        return Present((), Basis.DECLARED)

    return value


def size_data_points(view: View) -> FactValue:
    """Data points by category in bands; dynamic datasets are marked as estimates (3111(a)(3))."""
    points = view.summary.points
    if not points:
        return no_sources(view)
    used = [one.statement for one in points if one.statement]
    if not used:
        withheld = any((one.reason or "").startswith("withheld") for one in points)
        state = ItemState.WITHHELD if withheld else ItemState.NOT_KNOWN
        return Absent(state, view.words("absent.no_data_points"))
    rows = [
        (
            view.words(f"scope.{'training' if one.training else 'evaluation'}"),
            _kinds(view, one),
            view.words(f"data_point.{one.modality}"),
            view.statement(one.statement).text if one.statement else view.words(one.reason or "kind.not_known"),
            _remark(view, one),
        )
        for one in sorted(points, key=_place)
    ]
    block = table(view, "data_points", ("used_for", "category", "data_point", "number", "basis"), rows)
    bases = {one.basis for one in points if one.basis}
    return Present((block,), bases.pop() if len(bases) == 1 else Basis.DERIVED, tuple(used))


def _place(points: DataPoints) -> tuple[bool, int, int]:
    """Training first, then in the order of the vocabularies: an order by size would tell sizes."""
    category = SourceCategory(points.kinds[0])
    return not points.training, list(Modality).index(points.modality), list(SourceCategory).index(category)


def _kinds(view: View, points: DataPoints) -> Words:
    names = [kind_words(view, "category", kind) for kind in points.kinds]
    return names[0] if len(names) == 1 else view.words("kind.merged", kinds=joined(names))


def _remark(view: View, points: DataPoints) -> Words:
    basis = points.basis.words if points.basis else view.words("text.dash")
    return view.words("text.estimate", basis=basis) if points.dynamic and points.statement else basis


def label_types(view: View) -> FactValue:
    """Kinds of labels of each category; what has none is said to have none (3111(a)(4))."""
    rows = []
    for one in scoped(view):
        outline = one.outline
        told = list(outline.label_types)
        told += [view.words("labels.some_none" if told else "labels.none")] if outline.unlabelled else []
        told += [view.words("kind.not_stated_for_some")] if outline.labels_unknown and told else []
        rows.append((outline.category.words, one.used_for, joined(told) if told else or_dash(view, None)))
    if not any(one.outline.label_types or one.outline.unlabelled for one in scoped(view)):
        return missing(view, "content.label_types")
    return Present((table(view, "label_types", ("category", "used_for", "label_types"), rows),), Basis.DECLARED)


def _fold(answers: Iterator[Answer]) -> Answer:
    """Any yes is yes; else any unknown is unknown; else no."""
    found = set(answers)
    return next((one for one in (Answer.YES, Answer.UNKNOWN) if one in found), Answer.NO)


def _asked(name: str, question: str) -> Fact:
    """A closed question over all datasets, then its answer for each category; not known stays not known."""

    def value(view: View) -> FactValue:
        listed = scoped(view)
        if not listed:
            return no_sources(view)
        answers: list[Answer] = [getattr(one.outline, name) for one in listed]
        if set(answers) == {Answer.UNKNOWN}:
            reason = view.words("absent.not_declared", fact=view.words(f"caption.{question}"))
            return Absent(ItemState.NOT_KNOWN, reason)
        whole = _fold(iter(answers))
        rows = [
            (one.outline.category.words, one.used_for, answer.words)
            for one, answer in zip(listed, answers, strict=True)
        ]
        blocks = (
            yes_no(view.words(f"question.{question}"), whole),
            table(view, question, ("category", "used_for", "answer"), rows),
        )
        return Present(blocks, Basis.DECLARED, truth=whole is not Answer.NO)

    return value


def purchased_or_licensed(view: View) -> FactValue:
    """Whether datasets were purchased, and whether they were licensed: two answers (3111(a)(6))."""
    listed = scoped(view)
    if not listed:
        return no_sources(view)
    if all(one.outline.acquisition_unknown and not one.outline.acquisitions for one in listed):
        return missing(view, "sources.purchased_or_licensed")
    blocks: list[WordsBlock] = []
    found = []
    for channel in (Acquisition.PURCHASED, Acquisition.LICENSED):
        answer = _fold(
            Answer.YES
            if channel in one.outline.acquisitions
            else Answer.UNKNOWN
            if one.outline.acquisition_unknown
            else Answer.NO
            for one in listed
        )
        found.append(answer)
        blocks.append(yes_no(view.words(f"question.{channel}"), answer))
    return Present(tuple(blocks), Basis.DERIVED, truth=set(found) != {Answer.NO})


def period_ongoing(view: View) -> FactValue:
    """Whether collection goes on, with a notice that names the categories (3111(a)(10))."""
    listed = scoped(view)
    if not listed:
        return no_sources(view)
    ongoing = [one.outline.category.words for one in listed if one.outline.ongoing]
    known = all(one.outline.period and not one.outline.period_withheld for one in listed)
    answer = Answer.YES if ongoing else Answer.NO if known else Answer.UNKNOWN
    blocks: list[WordsBlock] = [yes_no(view.words("question.ongoing"), answer)]
    if ongoing:
        categories = joined(list(dict.fromkeys(ongoing)))
        blocks.append(Note[Words](text=view.words("note.ongoing", categories=categories)))
    return Present(tuple(blocks), Basis.DERIVED, truth=answer is not Answer.NO)


def first_used(view: View) -> FactValue:
    """First and last of the months in which datasets of a category were first used (3111(a)(11))."""
    rows, used = [], []
    for one in scoped(view):
        told = []
        if one.outline.first_used:
            used += list(one.outline.first_used)
            first, last = (view.statement(name).text for name in one.outline.first_used)
            told.append(first if first == last else view.words("text.period", first=first, last=last))
        if one.outline.first_used_withheld:
            told.append(view.words("withheld.owner"))
        if one.outline.first_used_unknown:
            told.append(view.words("kind.not_stated_for_some" if told else "kind.not_known"))
        rows.append((one.outline.category.words, one.used_for, joined(told)))
    if not used:
        return missing(view, "period.first_used")
    block = table(view, "first_used", ("category", "used_for", "first_used"), rows)
    return Present((block,), Basis.DECLARED, tuple(dict.fromkeys(used)))


def synthetic_generation(view: View) -> FactValue:
    """Whether seed data were used to create artificial data, and whether that goes on (3110, 3111(a)(12))."""
    own = [one.outline for one in scoped(view) if one.outline.category is SourceCategory.SYNTHETIC]
    if not own:
        if view.summary.outline(SourceCategory.SYNTHETIC).used is Answer.UNKNOWN:
            return Absent(ItemState.UNANSWERED, view.words("absent.synthetic_not_listed"))
        return Present((yes_no(view.words("question.seed_data"), Answer.NO),), Basis.DECLARED, truth=False)
    answer = _fold(one.seeded for one in own)
    if answer is Answer.UNKNOWN:
        return missing(view, "synthetic.generation")
    ongoing = Answer.YES if any(one.ongoing for one in own) else Answer.NO
    blocks = [yes_no(view.words("question.seed_data"), answer)]
    blocks += [yes_no(view.words("question.seed_data_ongoing"), ongoing)] if answer is Answer.YES else []
    return Present(tuple(blocks), Basis.DECLARED, truth=answer is Answer.YES)


def synthetic_purpose(view: View) -> FactValue:
    outlines = [one.outline for one in scoped(view) if one.outline.category is SourceCategory.SYNTHETIC]
    if not outlines:
        return Absent(ItemState.NOT_APPLICABLE, view.words("text.none_listed"))
    found = list(dict.fromkeys(words for one in outlines for words in purposes(view, one)))
    if not found:
        return missing(view, "synthetic.purpose")
    return Present((paragraph(_sentences(found)),), Basis.DECLARED)


CA: dict[str, Fact] = {
    "sources.owners": sources_owners,
    "sources.purpose": sources_purpose,
    "sources.purpose_stated": _stated("purpose_of", lambda view, one: not purposes(view, one)),
    "sources.purchased_or_licensed": purchased_or_licensed,
    "size.data_points": size_data_points,
    "content.label_types": label_types,
    "content.labels_stated": _stated("labels_of", lambda _, one: one.labels_unknown),
    "period.ongoing": period_ongoing,
    "period.first_used": first_used,
    "period.first_used_stated": _stated("first_used_of", lambda _, one: one.first_used_unknown),
    "processing.status": _asked("processed", "processed"),
    "processing.purpose": processing_purpose,
    "processing.purpose_stated": _stated(
        "processing_purpose_of", lambda view, one: one.processed is Answer.YES and not processing_purposes(view, one)
    ),
    "privacy.personal_information": _asked("personal", "personal_information"),
    "privacy.aggregate_consumer": _asked("aggregate_consumer", "aggregate_consumer"),
    "synthetic.generation": synthetic_generation,
    "synthetic.purpose": synthetic_purpose,
}
"""Facts by id. An explicit table: adding a fact is adding a line."""
