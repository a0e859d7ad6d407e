"""Facts about sources: categories, names, crawlers, user and synthetic data, places. No figure of an owner."""

from collections.abc import Sequence

from kaiji.control.disclosed import CategoryOutline
from kaiji.regime.blocks import Note, WordsBlock
from kaiji.regime.facts_declared import country_name, yes_no
from kaiji.regime.facts_figures import kind_words, shares
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
from kaiji.terms import (
    Answer,
    Basis,
    CountryGroup,
    ItemState,
    SourceCategory,
    Words,
)


def _used(view: View, outline: CategoryOutline) -> Words:
    if outline.used is Answer.YES:
        return view.words("category.used")
    return view.words("category.declared_unused" if outline.used is Answer.NO else "category.not_listed")


def sources_categories(view: View) -> FactValue:
    """Every category: used or not, how many datasets (band), which modalities, and the provider's outline."""
    rows, used = [], []
    if all(outline.used is Answer.UNKNOWN for outline in view.summary.categories):
        return Absent(ItemState.UNANSWERED, view.words("absent.no_sources"))
    for outline in view.summary.categories:
        count = view.words("text.dash")
        if outline.count:
            used.append(outline.count)
            count = view.statement(outline.count).text
        modalities = joined([m.words for m in outline.modalities]) if outline.modalities else view.words("text.dash")
        rows.append((outline.category.words, _used(view, outline), count, modalities))
    blocks: list[WordsBlock] = [table(view, "categories", ("category", "used", "datasets", "modalities"), rows)]
    for outline in view.summary.categories:
        said = view.summary.declarations.categories.get(outline.category)
        if said and said.description:
            blocks.append(paragraph(_titled(outline.category.words, said.description)))
    blocks.append(Note[Words](text=view.words("note.not_listed")))
    return Present(tuple(blocks), Basis.DERIVED, tuple(used), truth=any(o.count for o in view.summary.categories))


def _titled(title: Words, words: Words) -> Words:
    return Words(ja=f"【{title.ja}】{words.ja}", en=f"{title.en}: {words.en}")


def sources_counts(view: View) -> FactValue:
    used = [outline.count for outline in view.summary.categories if outline.count]
    if not used:
        return Absent(ItemState.UNANSWERED, view.words("absent.no_sources"))
    rows = [
        (outline.category.words, view.statement(outline.count).text)
        for outline in view.summary.categories
        if outline.count
    ]
    return Present((table(view, "counts", ("category", "datasets"), rows),), Basis.DERIVED, tuple(used))


def sources_modalities(view: View) -> FactValue:
    rows = [(o.category.words, joined([m.words for m in o.modalities])) for o in _listed(view)]
    if not rows:
        return Absent(ItemState.UNANSWERED, view.words("absent.no_sources"))
    return Present((table(view, "modalities", ("category", "modalities"), rows),), Basis.DERIVED)


def _listed(view: View) -> list[CategoryOutline]:
    return [outline for outline in view.summary.categories if outline.used is Answer.YES]


def sources_acquisition(view: View) -> FactValue:
    rows = []
    for outline in _listed(view):
        channels = [channel.words for channel in outline.acquisitions]
        channels += [view.words("kind.not_known")] if outline.acquisition_unknown else []
        rows.append((outline.category.words, joined(channels)))
    if not rows:
        return Absent(ItemState.UNANSWERED, view.words("absent.no_sources"))
    blocks: list[WordsBlock] = [table(view, "acquisition", ("category", "acquisition"), rows)]
    used: tuple[str, ...] = ()
    by_channel = shares("acquisition", "sources.acquisition")(view)
    if isinstance(by_channel, Present):
        blocks += by_channel.blocks
        used = by_channel.statements
    return Present(tuple(blocks), Basis.DERIVED, used)


def sources_names(view: View) -> FactValue:
    """Names of the sources that are not confidential; categories with unnamed sources are said to have them."""
    return _names(view, tuple(SourceCategory), "names")


def public_named(view: View) -> FactValue:
    return _names(view, (SourceCategory.PUBLIC,), "public_names")


def _names(view: View, categories: Sequence[SourceCategory], caption: str) -> FactValue:
    named = [source for source in view.summary.names if source.category in categories]
    unnamed = [o.category for o in view.summary.categories if o.unnamed and o.category in categories]
    if not named and not unnamed:
        if not _listed(view):
            return Absent(ItemState.UNANSWERED, view.words("absent.no_sources"))
        return Present((paragraph(view.words("text.none_listed")),), Basis.DERIVED, truth=False)
    blocks: list[WordsBlock] = []
    if named:
        rows = [
            (source.title, source.category.words, source.modality.words, or_dash(view, source.owner),
             kind_words(view, "licence", source.licence), or_dash(view, source.url or source.hub_id))
            for source in named
        ]  # fmt: skip
        columns = ("name", "category", "modality", "owner", "licence", "address")
        blocks.append(table(view, caption, columns, rows))
    if unnamed:
        blocks.append(paragraph(view.words("text.unnamed", categories=joined([c.words for c in unnamed]))))
    return Present(tuple(blocks), Basis.DERIVED)


def private_description(view: View) -> FactValue:
    """Licensed and private data in outline, without names of confidential sources."""
    wanted = (SourceCategory.LICENSED, SourceCategory.PRIVATE)
    listed = [outline for outline in _listed(view) if outline.category in wanted]
    if not listed:
        unused = [view.summary.outline(category) for category in wanted]
        if all(outline.used is Answer.UNKNOWN for outline in unused):
            return missing(view, "private.description")
        plain = [(outline.category.words, _used(view, outline)) for outline in unused]
        return Present((table(view, "used", ("category", "used"), plain),), Basis.DERIVED, truth=False)
    rows = [
        (o.category.words, joined([m.words for m in o.modalities]),
         joined(o.content_types) if o.content_types else or_dash(view, None),
         joined([a.words for a in o.acquisitions]) if o.acquisitions else or_dash(view, None))
        for o in listed
    ]  # fmt: skip
    columns = ("category", "modalities", "content_types", "acquisition")
    return Present((table(view, "private", columns, rows),), Basis.DERIVED)


def modality_present(view: View) -> FactValue:
    names = [total.modality.words for total in view.summary.totals]
    if not names:
        return Absent(ItemState.UNANSWERED, view.words("absent.no_sources"))
    return Present((bullets(view, "modality_present", names),), Basis.DERIVED)


def content_types(view: View) -> FactValue:
    rows = [(o.category.words, joined(o.content_types)) for o in _listed(view) if o.content_types]
    if not rows:
        return missing(view, "content.types")
    return Present((table(view, "content_types", ("category", "content_types"), rows),), Basis.DECLARED)


def content_nature(view: View) -> FactValue:
    names = ("copyright", "personal", "machine_generated")
    return _answers(view, "nature", names)


def ip_flags(view: View) -> FactValue:
    return _answers(view, "ip_flags", ("copyright", "trademark", "patent", "public_domain"))


def _answers(view: View, caption: str, names: Sequence[str]) -> FactValue:
    """Answers by category: any yes is yes, else any unknown is unknown."""
    listed = _listed(view)
    if not listed:
        return Absent(ItemState.UNANSWERED, view.words("absent.no_sources"))
    rows = [(outline.category.words, *(getattr(outline, name).words for name in names)) for outline in listed]
    if all(getattr(outline, name) is Answer.UNKNOWN for outline in listed for name in names):
        return Absent(ItemState.NOT_KNOWN, view.words("absent.not_declared", fact=view.words(f"caption.{caption}")))
    block = table(view, caption, ("category", *(f"contains_{name}" for name in names)), rows)
    return Present((block,), Basis.DECLARED)


def period_latest(view: View) -> FactValue:
    if view.summary.latest is None:
        return missing(view, "period.latest")
    month = view.statement(view.summary.latest).text
    return Present((paragraph(view.words("text.latest", month=month)),), Basis.DERIVED, (view.summary.latest,))


def period_by_category(view: View) -> FactValue:
    rows, used = [], []
    for outline in _listed(view):
        if outline.period:
            used += list(outline.period)
            first, last = (view.statement(name).text for name in outline.period)
            key = "text.period_ongoing" if outline.ongoing else "text.period"
            months = view.words(key, first=first, last=last)
        else:
            months = view.words("withheld.owner" if outline.period_withheld else "kind.not_known")
        rows.append((outline.category.words, months))
    if not used:
        return missing(view, "period.by_category")
    return Present((table(view, "periods", ("category", "period"), rows),), Basis.DERIVED, tuple(used))


def processing_steps(view: View) -> FactValue:
    rows = [(o.category.words, joined(o.processing)) for o in _listed(view) if o.processing]
    if not rows:
        return missing(view, "processing.steps")
    return Present((table(view, "processing", ("category", "processing"), rows),), Basis.DECLARED)


def crawled_used(view: View) -> FactValue:
    outline = view.summary.outline(SourceCategory.CRAWLED)
    question = view.words("question.crawled")
    if outline.used is Answer.UNKNOWN:
        return Absent(ItemState.UNANSWERED, view.words("absent.crawled_not_listed"))
    yes = outline.used is Answer.YES
    return Present((yes_no(question, outline.used),), outline.basis, truth=yes)


def crawlers(view: View) -> FactValue:
    if not view.summary.crawlers:
        return missing(view, "crawled.crawlers")
    rows = [
        (literal(c.name), literal(c.user_agent), or_dash(view, c.operator), or_dash(view, c.purpose),
         or_dash(view, c.url))
        for c in view.summary.crawlers
    ]  # fmt: skip
    columns = ("crawler", "user_agent", "operator", "purpose", "address")
    return Present((table(view, "crawlers", columns, rows),), Basis.DECLARED)


def crawled_behaviour(view: View) -> FactValue:
    rows = [
        (literal(crawler.name), view.words(f"behaviour.{name}"), words)
        for crawler in view.summary.crawlers
        for name, words in crawler.behaviour.items()
    ]
    if not rows:
        return missing(view, "crawled.behaviour")
    return Present((table(view, "behaviour", ("crawler", "barrier", "behaviour"), rows),), Basis.DECLARED)


def crawled_period(view: View) -> FactValue:
    rows, used = [], []
    for crawler in view.summary.crawlers:
        if crawler.period:
            used += list(crawler.period)
            first, last = (view.statement(name).text for name in crawler.period)
            key = "text.period_ongoing" if crawler.ongoing else "text.period"
            rows.append((literal(crawler.name), view.words(key, first=first, last=last)))
        else:
            rows.append((literal(crawler.name), view.words("kind.not_known")))
    if not used:
        return missing(view, "crawled.period")
    return Present((table(view, "crawler_periods", ("crawler", "period"), rows),), Basis.DERIVED, tuple(used))


def crawled_sites(view: View) -> FactValue:
    outline = view.summary.outline(SourceCategory.CRAWLED)
    rows = [(literal(c.name), c.site_types) for c in view.summary.crawlers if c.site_types]
    blocks: list[WordsBlock] = [table(view, "sites", ("crawler", "site_types"), rows)] if rows else []
    if outline.content_types:
        blocks.append(bullets(view, "crawled_content", outline.content_types))
    return Present(tuple(blocks), Basis.DECLARED) if blocks else missing(view, "crawled.sites")


def _user(fact: str, kind: str) -> Fact:
    def value(view: View) -> FactValue:
        data = view.summary.user_data
        answer: Answer = getattr(data, kind)
        if answer is Answer.UNKNOWN:
            return Absent(ItemState.UNANSWERED, view.words("absent.not_declared", fact=view.words(f"fact.{fact}")))
        return Present((yes_no(view.words(f"question.{kind}"), answer),), data.basis, truth=answer is Answer.YES)

    return value


def user_services(view: View) -> FactValue:
    data = view.summary.user_data
    if data.other_services is not Answer.YES:
        return Absent(ItemState.NOT_APPLICABLE, view.words("text.no_other_services"))
    if not data.services:
        return missing(view, "user.services")
    return Present((bullets(view, "services", data.services),), Basis.DECLARED)


def synthetic_status(view: View) -> FactValue:
    outline = view.summary.outline(SourceCategory.SYNTHETIC)
    if outline.used is Answer.UNKNOWN:
        return Absent(ItemState.UNANSWERED, view.words("absent.synthetic_not_listed"))
    block = yes_no(view.words("question.synthetic"), outline.used)
    return Present((block,), outline.basis, truth=outline.used is Answer.YES)


def synthetic_generators(view: View) -> FactValue:
    if not view.summary.generators:
        return missing(view, "synthetic.generators")
    rows = [
        (literal(g.name), or_dash(view, g.version), g.on_market.words, or_dash(view, g.training_data),
         or_dash(view, g.url))
        for g in view.summary.generators
    ]  # fmt: skip
    columns = ("generator", "version", "on_market", "training_data", "address")
    return Present((table(view, "generators", columns, rows),), Basis.DECLARED)


def data_regions(view: View) -> FactValue:
    """Countries of origin, storage and processing, and the country groups they belong to."""
    regions = view.summary.regions
    rows = []
    for name in ("origin", "storage", "processing"):
        codes: tuple[str, ...] = getattr(regions, name)
        places = [country_name(code) for code in codes]
        if getattr(regions, f"{name}_unknown"):
            places.append(view.words("kind.not_stated_for_some" if codes else "kind.not_known"))
        groups = [group.words for group in CountryGroup if any(regions.groups[code] is group for code in codes)]
        rows.append((view.words(f"region.{name}"), joined(places), joined(groups) if groups else or_dash(view, None)))
    if not (regions.origin or regions.storage or regions.processing):
        return missing(view, "supply.data_regions")
    block = table(view, "regions", ("region", "countries", "country_groups"), rows)
    return Present((block,), Basis.DECLARED)


SOURCES: dict[str, Fact] = {
    "modality.present": modality_present,
    "content.types": content_types,
    "content.nature": content_nature,
    "period.latest": period_latest,
    "period.by_category": period_by_category,
    "sources.categories": sources_categories,
    "sources.modalities": sources_modalities,
    "sources.counts": sources_counts,
    "sources.acquisition": sources_acquisition,
    "sources.names": sources_names,
    "public.named": public_named,
    "private.description": private_description,
    "synthetic.status": synthetic_status,
    "synthetic.generators": synthetic_generators,
    "crawled.used": crawled_used,
    "crawled.crawlers": crawlers,
    "crawled.behaviour": crawled_behaviour,
    "crawled.period": crawled_period,
    "crawled.sites": crawled_sites,
    "user.model_interactions": _user("user.model_interactions", "model_interactions"),
    "user.other_services": _user("user.other_services", "other_services"),
    "user.services": user_services,
    "rights.ip_flags": ip_flags,
    "processing.steps": processing_steps,
    "supply.data_regions": data_regions,
}
"""Facts by id. An explicit table: adding a fact is adding a line."""
