"""What a summary under Article 53(1)(d) must hold before it is released, field by field (C(2025) 8311 final).

What cannot be wrong by the way it is made (titles, order, lists that are computed) is not looked at again.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise

from kaiji.control.statements import Statement
from kaiji.findings import Finding, Place
from kaiji.manifest.answers import ItemAnswer
from kaiji.regime.facts_eu import form
from kaiji.regime.filled import Filled, FilledItem
from kaiji.regime.values import View
from kaiji.terms import LANGUAGES, Answer, ComplianceStatus, ContactPurpose, Modality, SourceCategory, Unit

REGIME = "eu-53-1-d"
GAPS_UNTIL = date(2025, 8, 2)
"""Only models placed on the market before this day may leave gaps, each of them justified (notice, point 33)."""
BEHAVIOUR = ("captcha", "password", "paywall", "robots", "other_protocols")
"""What field 2.3.d asks about each crawler."""
_UNITS = {
    Modality.TEXT: Unit.TOKENS,
    Modality.IMAGE: Unit.ITEMS,
    Modality.AUDIO: Unit.HOURS,
    Modality.VIDEO: Unit.HOURS,
}
_BINS = {modality: f"1.3.b.{modality.value.capitalize()}" for modality in Modality}
_TOKENS = re.compile(r"\btokens?\b|トークン", re.IGNORECASE)
_UNLAWFUL = re.compile(
    r"unlawful|illegal|child|csam|terror|infring|copyright|違法|不法|児童|テロ|侵害|海賊版", re.IGNORECASE
)
_SPECIFIC = (ContactPurpose.TRAINING_DATA, ContactPurpose.RIGHTS_HOLDERS)


def findings(filled: Filled) -> Iterator[Finding]:
    """KJ520 to KJ537 of one edition, with the key of release.yaml that mends it."""
    view = View(filled.summary, filled.regime.wording, filled.regime.spec.id, filled.regime.parameters)
    items = {item.spec.id: item for item in filled.items}
    answers = filled.summary.declarations.answers.get(REGIME, {})
    for id_, key, message in (
        *_fields(items, view),
        *_sizes(items, answers, view),
        *_lists(items, answers, view),
        *_crawlers(view),
        *_dates(view),
        *_versions(view),
        *_gaps(answers, view),
        *_modalities(view),
        *_texts(view),
    ):
        yield Finding(id=id_, message=message, place=Place(file="release.yaml", key=key))


_Found = tuple[str, str, str]


def _fields(items: Mapping[str, FilledItem], view: View) -> Iterator[_Found]:
    for name, item in items.items():
        if item.origin == "missing":
            yield "KJ520", f"answers.{REGIME}.{name}", f"field {name} of the form is empty"
    provider = view.summary.declarations.provider
    if provider.establishment and items["1.1.b"].origin == "not_applicable" and provider.eu_representative:
        yield (
            "KJ527",
            "provider.eu_representative",
            "a representative is named, but the provider is established in the Union",
        )


def _sizes(items: Mapping[str, FilledItem], answers: Mapping[str, ItemAnswer], view: View) -> Iterator[_Found]:
    """One bin for each modality, in the unit of the form; of text alone another unit will do."""
    for modality, unit in _UNITS.items():
        item = items[_BINS[modality]]
        said = [view.statement(name) for name in item.statements]
        if item.origin == "data" and (len(said) != 1 or not _fits(said[0], unit, modality)):
            yield "KJ521", f"answers.{REGIME}.{item.spec.id}", f"field {item.spec.id} does not hold exactly one bin"
        answer = answers.get(item.spec.id)
        words = [answer.statement[tongue] for tongue in LANGUAGES] if answer and answer.statement else []
        if modality is not Modality.TEXT and any(_TOKENS.search(text) for text in words):
            yield (
                "KJ521",
                f"answers.{REGIME}.{item.spec.id}",
                f"field {item.spec.id} is given in tokens, which are a unit of text",
            )


def _fits(said: Statement, unit: Unit, modality: Modality) -> bool:
    return said.unit is unit or modality is Modality.TEXT


def _lists(items: Mapping[str, FilledItem], answers: Mapping[str, ItemAnswer], view: View) -> Iterator[_Found]:
    shown = form(view)
    public = any(outline.category is SourceCategory.PUBLIC and outline.used is Answer.YES for outline in
                 view.summary.categories)  # fmt: skip
    if public and (shown.unmeasured or shown.large_withheld):
        names = ", ".join((*shown.unmeasured, *shown.large_withheld))
        yield "KJ522", "manifests", f"the large public datasets of a modality cannot be listed: {names}"
    if any(one.title is None for one in shown.large):
        yield "KJ538", "manifests", "a large public dataset is described, not named, because its name is confidential"
    for one in shown.large:
        if one.title and not one.url and one.period is None and one.parts == ():
            yield (
                "KJ538",
                "manifests",
                f"the large public dataset {one.title.en} has neither an address nor dates: it is printed as not known",
            )
    if "2.3.h" in answers and shown.domains is None and answers["2.3.h"].statement:
        yield (
            "KJ523",
            f"answers.{REGIME}.2.3.h",
            "field 2.3.h takes a list of domain names made from the data, not a description of sites",
        )
    if items["2.3.h"].origin != "not_applicable" and shown.domains and shown.domains.incomplete:
        yield "KJ523", "manifests", "the list of domain names leaves crawled sources out: map their address column"


def _crawlers(view: View) -> Iterator[_Found]:
    used = view.summary.outline(SourceCategory.CRAWLED).used is Answer.YES
    if used and not view.summary.crawlers:
        yield "KJ524", "manifests", "crawled data is used, but no crawler is named"
    for crawler in view.summary.crawlers:
        lacking = [name for name in BEHAVIOUR if name not in crawler.behaviour]
        if lacking:
            yield "KJ524", "manifests", f"the crawler {crawler.name} does not say how it treats: {', '.join(lacking)}"
    if form(view).generators_missing:
        yield "KJ537", "manifests", "a synthetic source names no model that generated it"
    for one in view.summary.generators:
        if one.on_market is Answer.YES and not one.url:
            yield "KJ537", "manifests", f"the generating model {one.name} is on the market, but no address is given"
        if one.on_market is Answer.UNKNOWN:
            yield "KJ537", "manifests", f"whether the generating model {one.name} is on the market is not said"


def _dates(view: View) -> Iterator[_Found]:
    summary, model = view.summary, view.summary.declarations.model
    on = 12 * summary.date.year + summary.date.month - 1
    dated = {name: said.low for name, said in summary.statements.items() if said.unit is Unit.MONTH}
    months = {name: int(low) for name, low in dated.items() if low is not None}
    latest = months.get(summary.latest or "")
    if any(month > on for month in months.values()):
        yield "KJ526", "manifests", "a month of collection lies after the date of the summary"
    ends = [month for name, month in months.items() if re.fullmatch(r"(category|crawler)\..*\.period\.to", name)]
    if latest is not None and any(month > latest for month in ends):
        yield "KJ526", "manifests", "a period of collection ends after the latest month that is given"
    if model.release_date > summary.date:
        yield "KJ526", "model.release_date", "the model was released after the date of the summary"
    names = [(one.name, one.version) for one in model.covered]
    if len(set(names)) < len(names):
        yield "KJ528", "model.also_covers", "a model or version is covered twice"


def _versions(view: View) -> Iterator[_Found]:
    document = view.summary.declarations.document
    earlier = [one.id for one in document.previous]
    if document.version in earlier or len(set(earlier)) < len(earlier):
        yield "KJ530", "document.version", f"version {document.version} is not new: an earlier summary had it"
    if earlier and document.change_note is None:
        yield "KJ530", "document.change_note", "the summary has earlier versions, but does not say what changed"
    if any(one.url is None for one in document.previous):
        yield "KJ530", "document.previous", "an earlier version has no address"
    days = [*(one.date for one in document.previous), view.summary.date]
    if any(later < before for before, later in pairwise(days)):
        yield "KJ530", "document.previous", "earlier versions are not in the order of their dates"


def _gaps(answers: Mapping[str, ItemAnswer], view: View) -> Iterator[_Found]:
    """An item that is explained instead of filled is a gap."""
    days = [one.eu_market_date for one in view.summary.declarations.model.covered]
    late = [day for day in days if day is None or day >= GAPS_UNTIL]
    for name, answer in sorted(answers.items()):
        if answer.status in (ComplianceStatus.EXPLAIN, ComplianceStatus.PARTLY) and late:
            yield (
                "KJ531",
                f"answers.{REGIME}.{name}",
                f"field {name} is left as a gap, which is for models placed before {GAPS_UNTIL} only",
            )


def _modalities(view: View) -> Iterator[_Found]:
    """What the classes of section 2 hold is what field 1.3.a ticks, no more and no less."""
    ticked = {total.modality for total in view.summary.totals}
    found = {modality for outline in view.summary.categories for modality in outline.modalities}
    if ticked != found:
        yield "KJ532", "manifests", "the modalities of the classes of sources are not those of field 1.3.a"


def _texts(view: View) -> Iterator[_Found]:
    declared = view.summary.declarations
    contacts = {contact.purpose for contact in declared.provider.contacts}
    if contacts and not contacts & set(_SPECIFIC):
        yield "KJ534", "provider.contacts", "field 1.1.a names a general contact only"
    text = declared.measures.illegal_content
    if text and not all(_UNLAWFUL.search(text[tongue]) for tongue in LANGUAGES):
        yield "KJ536", "measures.illegal_content", "field 3.2.a does not say against which unlawful content it works"
