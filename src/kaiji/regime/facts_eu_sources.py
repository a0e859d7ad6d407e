"""Facts of sources that the EU form asks for (C(2025) 8311, sections 2.1 to 2.6): gates, lists, descriptions."""

from collections.abc import Sequence

from kaiji.control.disclosed import GeneratorOutline
from kaiji.control.form_disclosed import LargeSet, Outline
from kaiji.regime.blocks import Note, Table, WordsBlock
from kaiji.regime.facts_declared import yes_no
from kaiji.regime.facts_eu import form, numeric_month
from kaiji.regime.facts_figures import language_name
from kaiji.regime.values import (
    Absent,
    Fact,
    FactValue,
    Present,
    View,
    bullets,
    joined,
    literal,
    missing,
    or_dash,
    paragraph,
    table,
)
from kaiji.terms import Answer, Basis, ItemState, SourceCategory, Words

SHOWN = 100
"""Names of the list of domains that the document prints; the annex holds all of them."""
_GATES = (SourceCategory.PUBLIC, SourceCategory.LICENSED, SourceCategory.PRIVATE, SourceCategory.OTHER)


def _used(category: SourceCategory) -> Fact:
    """The gate of a class: yes with a used source in it, no where the class is declared unused."""

    def value(view: View) -> FactValue:
        outline = view.summary.outline(category)
        if outline.used is Answer.UNKNOWN:
            return missing(view, f"{category}.used")
        block = yes_no(view.words(f"question.{category}_used"), outline.used)
        return Present((block,), outline.basis, truth=outline.used is Answer.YES)

    return value


def user_used(view: View) -> FactValue:
    data = view.summary.user_data
    answers = (data.model_interactions, data.other_services)
    if Answer.YES not in answers and Answer.UNKNOWN in answers:
        return missing(view, "user.used")
    answer = Answer.YES if Answer.YES in answers else Answer.NO
    return Present((yes_no(view.words("question.user_used"), answer),), data.basis, truth=answer is Answer.YES)


def _modalities(category: SourceCategory) -> Fact:
    def value(view: View) -> FactValue:
        found = view.summary.outline(category).modalities
        if not found:
            return missing(view, f"{category}.modalities")
        return Present((bullets(view, None, [modality.words for modality in found]),), Basis.DERIVED)

    return value


def public_large(view: View) -> FactValue:
    """Every large public dataset; where a name is confidential, a description stands in its place."""
    shown, blocks, used = form(view), list[WordsBlock](), list[str]()
    if shown.large:
        rows = []
        for one in shown.large:
            period, ids = _period(view, one.period)
            used += ids
            rows.append(_row(view, one, period))
        columns = ("name", "address", "content_types", "period", "part_used")
        blocks.append(table(view, "large_public", columns, rows))
    elif not shown.large_withheld:
        blocks.append(paragraph(view.words("text.no_large_public")))
    if shown.measures:
        names = [
            view.words("text.titled", title=modality.words, text=view.words(f"measure.{measure}"))
            for modality, measure in shown.measures.items()
        ]
        blocks.append(Note[Words](text=view.words("note.compared_by", measures=joined(names))))
    if shown.unmeasured:
        names = [modality.words for modality in shown.unmeasured]
        blocks.append(paragraph(view.words("text.large_not_known", modalities=joined(names))))
    if shown.large_withheld:
        names = [modality.words for modality in shown.large_withheld]
        if not shown.large:
            return Absent(ItemState.WITHHELD, view.words("absent.withheld_owner"))
        blocks.append(paragraph(view.words("text.large_withheld", modalities=joined(names))))
    return Present(tuple(blocks), Basis.DERIVED, tuple(used))


def _row(view: View, one: LargeSet, period: Words) -> tuple[Words, ...]:
    name = one.title or view.words("text.unnamed_large")
    if one.version:
        name = view.words("text.name_version", name=name, version=one.version)
    if one.parts:
        name = view.words("text.titled", title=name, text=joined(one.parts))
    kinds = joined([modality.words for modality in one.modalities])
    if one.content_types:
        kinds = view.words("text.titled", title=kinds, text=joined(one.content_types))
    return (name, or_dash(view, one.url), kinds, period, one.part_used or view.words("text.whole_used"))


def _period(view: View, period: tuple[str, str] | None) -> tuple[Words, tuple[str, ...]]:
    if period is None:
        return view.words("kind.not_known"), ()
    (first_id, first), (last_id, last) = (numeric_month(view, name) for name in period)
    return view.words("text.period", first=first, last=last), (first_id, last_id)


def _described(view: View, caption: str, outline: Outline) -> Present:
    """Modalities, kinds of content, nature, languages and period, as the form suggests for a description."""
    period, used = _period(view, outline.period)
    nature = [
        view.words("text.titled", title=view.words(f"column.contains_{name}"), text=answer.words)
        for name, answer in (
            ("personal", outline.personal),
            ("copyright", outline.copyright),
            ("machine_generated", outline.machine_generated),
        )
    ]
    rows = [
        (view.words("column.modalities"), joined([modality.words for modality in outline.modalities])),
        (view.words("column.content_types"), _joined(view, outline.content_types)),
        (view.words("column.nature"), joined(nature)),
        (view.words("column.languages"), _joined(view, [language_name(tag) for tag in outline.languages])),
        (view.words("column.period"), period),
    ]
    return Present((table(view, caption, ("particular", "value"), rows),), Basis.DERIVED, used)


def _joined(view: View, parts: Sequence[Words]) -> Words:
    return joined(parts) if parts else view.words("kind.not_known")


def _nothing(view: View) -> Present:
    return Present((paragraph(view.words("text.none_listed")),), Basis.DERIVED, truth=False)


def public_other(view: View) -> FactValue:
    outline = form(view).other_public
    return _described(view, "outline_public", outline) if outline else _nothing(view)


def private_other(view: View) -> FactValue:
    outline = form(view).other_private
    return _described(view, "outline_private", outline) if outline else _nothing(view)


def private_known(view: View) -> FactValue:
    known = form(view).known_private
    if not known:
        return _nothing(view)
    rows = [(one.title, or_dash(view, one.version), or_dash(view, one.url), one.modality.words) for one in known]
    return Present((table(view, "private_known", ("name", "version", "address", "modality"), rows),), Basis.DERIVED)


def crawled_identifiers(view: View) -> FactValue:
    if not view.summary.crawlers:
        return missing(view, "crawled.crawlers")
    rows = [
        (literal(one.name), literal(one.user_agent), or_dash(view, one.operator), or_dash(view, one.url))
        for one in view.summary.crawlers
    ]
    columns = ("crawler", "user_agent", "operator", "address")
    return Present((table(view, "crawler_identifiers", columns, rows),), Basis.DECLARED)


def crawled_purposes(view: View) -> FactValue:
    crawlers = view.summary.crawlers
    if not crawlers or not all(one.purpose for one in crawlers):
        return missing(view, "crawled.purposes")
    rows = [(literal(one.name), or_dash(view, one.purpose)) for one in crawlers]
    return Present((table(view, "crawler_purposes", ("crawler", "purpose"), rows),), Basis.DECLARED)


def crawled_period(view: View) -> FactValue:
    rows, used = [], list[str]()
    for one in view.summary.crawlers:
        period, ids = _period(view, one.period)
        used += ids
        rows.append((literal(one.name), view.words("text.ongoing_after", period=period) if one.ongoing else period))
    if not used:
        return missing(view, "crawled.period")
    return Present((table(view, "crawler_months", ("crawler", "period"), rows),), Basis.DERIVED, tuple(used))


def crawled_outline(view: View) -> FactValue:
    outline = form(view).crawled
    return _described(view, "outline_crawled", outline) if outline else missing(view, "crawled.sites")


def top_domains(view: View) -> FactValue:
    """The list with its method; the first :data:`SHOWN` names here, all of them in the annex."""
    listed = form(view).domains
    if listed is None or not listed.names:
        return Absent(ItemState.NOT_KNOWN, view.words("absent.no_domains"))
    suffixes = "private_suffixes" if listed.private_suffixes else "icann_suffixes"
    rows = [
        (view.words("method.list_length"), view.statement(listed.length).text),
        (view.words("method.list_rule"), view.words("method.small" if listed.small else "method.not_small")),
        (view.words("method.ranked_by"), view.words(f"measure.{listed.measure}")),
        (view.words("method.psl"), view.words(f"method.{suffixes}", version=listed.psl_version, date=listed.psl_date)),
        (view.words("method.list_file"), literal(f"{view.regime}.domains.csv")),
    ]
    names = tuple((literal(name),) for name in listed.names[:SHOWN])
    head = view.words("caption.top_domains" if len(listed.names) <= SHOWN else "caption.top_domains_first")
    blocks: list[WordsBlock] = [
        table(view, "domain_method", ("particular", "value"), rows),
        Table[Words](caption=head, columns=(view.words("column.domain"),), rows=names),
    ]
    if listed.incomplete:
        blocks.append(Note[Words](text=view.words("note.domains_incomplete")))
    return Present(tuple(blocks), Basis.DERIVED, (listed.length,))


def user_collected_from(view: View) -> FactValue:
    """Services that user data were collected with: named in the manifests, and those of the model itself."""
    data, model = view.summary.user_data, view.summary.declarations.model
    own = [service.name for service in model.services] if data.model_interactions is Answer.YES else []
    if data.model_interactions is Answer.YES and not own:
        own = [literal(model.name)]
    if data.other_services is Answer.YES and not data.services:
        return missing(view, "user.services")
    services = [*own, *data.services]
    if not services:
        return missing(view, "user.services")
    said = view.summary.declarations.categories.get(SourceCategory.USER)
    blocks: list[WordsBlock] = [bullets(view, "services_users", services)]
    if said and said.description:
        blocks.append(paragraph(said.description))
    return Present(tuple(blocks), Basis.DECLARED)


def market_models(view: View) -> FactValue:
    models = [one for one in view.summary.generators if one.on_market is Answer.YES]
    return _generators(view, "generators_market", models) if models else _nothing(view)


def other_models(view: View) -> FactValue:
    models = [one for one in view.summary.generators if one.on_market is not Answer.YES]
    return _generators(view, "generators_other", models) if models else _nothing(view)


def _generators(view: View, caption: str, models: Sequence[GeneratorOutline]) -> Present:
    rows = [
        (literal(one.name), or_dash(view, one.version), or_dash(view, one.training_data), or_dash(view, one.url))
        for one in models
    ]
    columns = ("generator", "version", "training_data", "address")
    return Present((table(view, caption, columns, rows),), Basis.DECLARED)


def other_description(view: View) -> FactValue:
    """The provider's own description of other sources, and the kinds of their content."""
    outline = view.summary.outline(SourceCategory.OTHER)
    said = view.summary.declarations.categories.get(SourceCategory.OTHER)
    blocks: list[WordsBlock] = [paragraph(said.description)] if said and said.description else []
    if outline.content_types:
        blocks.append(bullets(view, "other_content", outline.content_types))
    return Present(tuple(blocks), Basis.DECLARED) if blocks else missing(view, "other.description")


EU_SOURCES: dict[str, Fact] = {
    **{f"{category}.used": _used(category) for category in _GATES},
    "user.used": user_used,
    **{f"{category}.modalities": _modalities(category) for category in SourceCategory},
    "crawled.identifiers": crawled_identifiers,
    "crawled.purposes": crawled_purposes,
    "user.collected_from": user_collected_from,
    "synthetic.market_models": market_models,
    "synthetic.other_models": other_models,
    "other.description": other_description,
}
"""Facts by id. An explicit table: adding a fact is adding a line."""

EU_FORM_SOURCES: dict[str, Fact] = {
    "public.large": public_large,
    "public.other": public_other,
    "private.known": private_known,
    "private.other": private_other,
    "crawled.period_numeric": crawled_period,
    "crawled.outline": crawled_outline,
    "crawled.top_domains": top_domains,
}
"""Those that rest on the figures of the form."""
