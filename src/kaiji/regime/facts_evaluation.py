"""What is used for validation or testing only, beside the facts that tell the same of the training data.

California counts testing and validation as training (Cal. Civ. Code 3110); Japan and the EU do not. Shares and totals
are of the training data alone, in every regime.
"""

from kaiji.control.disclosed import CategoryOutline
from kaiji.regime.values import Absent, Fact, FactValue, Present, View, joined, or_dash, paragraph, table
from kaiji.terms import Answer, Basis, ItemState, Words


def _none(view: View) -> Absent:
    return Absent(ItemState.NOT_APPLICABLE, view.words("text.no_evaluation_sources"))


def evaluation_sources(view: View) -> FactValue:
    """Categories, stages and modalities; that no such source is listed is an answer."""
    listed = view.summary.evaluation.categories
    if not listed:
        return Present((paragraph(view.words("text.no_evaluation_sources")),), Basis.DERIVED, truth=False)
    rows = [
        (one.category.words, joined([stage.words for stage in one.stages]), joined([m.words for m in one.modalities]))
        for one in listed
    ]
    block = table(view, "evaluation_sources", ("category", "stages", "modalities"), rows)
    return Present((block,), Basis.DERIVED)


def evaluation_content(view: View) -> FactValue:
    listed = view.summary.evaluation.categories
    if not listed:
        return _none(view)
    rows = [
        (one.category.words, joined(one.content_types) if one.content_types else or_dash(view, None)) for one in listed
    ]
    return Present((table(view, "evaluation_content", ("category", "content_types"), rows),), Basis.DECLARED)


def evaluation_rights(view: View) -> FactValue:
    listed = view.summary.evaluation.categories
    if not listed:
        return _none(view)
    names = ("copyright", "trademark", "patent", "public_domain")
    rows = [(one.category.words, *(_answer(one, name).words for name in names)) for one in listed]
    columns = ("category", *(f"contains_{name}" for name in names))
    return Present((table(view, "evaluation_rights", columns, rows),), Basis.DECLARED)


def _answer(outline: CategoryOutline, name: str) -> Answer:
    answer: Answer = getattr(outline, name)
    return answer


def evaluation_acquisition(view: View) -> FactValue:
    listed = view.summary.evaluation.categories
    if not listed:
        return _none(view)
    rows = []
    for one in listed:
        channels = [channel.words for channel in one.acquisitions]
        channels += [view.words("kind.not_known")] if one.acquisition_unknown else []
        rows.append((one.category.words, joined(channels)))
    return Present((table(view, "evaluation_acquisition", ("category", "acquisition"), rows),), Basis.DERIVED)


def evaluation_processing(view: View) -> FactValue:
    listed = [one for one in view.summary.evaluation.categories if one.processing]
    if not listed:
        return _none(view)
    rows = [(one.category.words, joined(one.processing)) for one in listed]
    return Present((table(view, "evaluation_processing", ("category", "processing"), rows),), Basis.DECLARED)


def evaluation_period(view: View) -> FactValue:
    listed = view.summary.evaluation.categories
    if not listed:
        return _none(view)
    rows: list[tuple[Words, Words]] = []
    used: list[str] = []
    for one in listed:
        if one.period:
            used += list(one.period)
            first, last = (view.statement(name).text for name in one.period)
            key = "text.period_ongoing" if one.ongoing else "text.period"
            months = first if first == last and not one.ongoing else view.words(key, first=first, last=last)
        else:
            months = view.words("withheld.owner" if one.period_withheld else "kind.not_known")
        rows.append((one.category.words, months))
    return Present((table(view, "evaluation_period", ("category", "period"), rows),), Basis.DERIVED, tuple(used))


EVALUATION: dict[str, Fact] = {
    "evaluation.sources": evaluation_sources,
    "evaluation.content": evaluation_content,
    "evaluation.rights": evaluation_rights,
    "evaluation.acquisition": evaluation_acquisition,
    "evaluation.processing": evaluation_processing,
    "evaluation.period": evaluation_period,
}
"""Facts by id. An explicit table: adding a fact is adding a line."""
