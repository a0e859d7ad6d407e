"""Facts that the EU form asks for (C(2025) 8311, sections 0 to 1.3 and 3.1): document, provider, model, sizes.

Days are printed as DD/MM/YY and months as MM/YYYY, the way the form has them. Facts of sources: ``facts_eu_sources``.
"""

import calendar
from datetime import date

from kaiji.control.form_disclosed import NUMERIC, FormFigures
from kaiji.regime.blocks import Note, WordsBlock
from kaiji.regime.facts_declared import country_name, yes_no
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
from kaiji.terms import EU_COUNTRIES, Answer, Basis, ItemState, Modality, Words

EU_LANGUAGES = (
    "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr",
    "hu", "it", "lt", "lv", "mt", "nl", "pl", "pt", "ro", "sk", "sl", "sv",
)  # fmt: skip
"""The 24 official languages of the European Union (Regulation No 1/58 as amended), by code."""
_SIZES: dict[str, Modality] = {
    "size.text.tokens": Modality.TEXT,
    "size.image.items": Modality.IMAGE,
    "size.audio.hours": Modality.AUDIO,
    "size.video.hours": Modality.VIDEO,
}
REVIEW = "review_months"
"""Parameter of a regime: months after which a disclosure is due again at the latest."""


def numeric_day(value: date) -> Words:
    """A day as DD/MM/YY."""
    return literal(value.strftime("%d/%m/%y"))


def numeric_month(view: View, statement: str) -> tuple[str, Words]:
    """Id and text of a month as MM/YYYY; ``statement`` is the id of the month in words."""
    twin = view.statement(f"{statement}.{NUMERIC}")
    return twin.id, twin.text


def form(view: View) -> FormFigures:
    """Figures of the form: there for every regime that asks for one of :data:`kaiji.regime.facts.OF_THE_FORM`.

    Raises:
        LookupError: they were not asked for.
    """
    if view.summary.form is None:
        raise LookupError("the figures of the form were not asked for")
    return view.summary.form


def modalities(view: View) -> tuple[Modality, ...]:
    """Modalities of the training data."""
    return tuple(total.modality for total in view.summary.totals)


def last_update(view: View) -> FactValue:
    return Present((paragraph(numeric_day(view.summary.date)),), Basis.DECLARED)


def review_due(view: View) -> FactValue:
    """The declared next review, and never later than the regime lets it be (notice, point 29)."""
    declared, on = view.summary.declarations.document.next_review, view.summary.date
    if REVIEW not in view.parameters:
        return missing(view, "doc.review_due")
    years, month = divmod(on.month - 1 + int(view.parameters[REVIEW]), 12)
    year, month = on.year + years, month + 1
    latest = date(year, month, min(on.day, calendar.monthrange(year, month)[1]))
    words = view.words("text.review_due", date=numeric_day(min(declared, latest) if declared else latest))
    return Present((paragraph(words),), Basis.DERIVED)


def outside_union(view: View) -> FactValue:
    country = view.summary.declarations.provider.establishment
    if country is None:
        return missing(view, "provider.establishment")
    outside = country not in EU_COUNTRIES
    answer = Answer.YES if outside else Answer.NO
    return Present((yes_no(view.words("question.outside_union"), answer),), Basis.DECLARED, truth=outside)


def representative(view: View) -> FactValue:
    """Authorised representative; only a provider outside of the Union has one (Art. 54 AI Act)."""
    named = view.summary.declarations.provider.eu_representative
    if named is None:
        return missing(view, "provider.eu_representative")
    return Present((paragraph(named.name), paragraph(literal(named.contact))), Basis.DECLARED)


def covered(view: View) -> FactValue:
    """Every model or version that the disclosure covers."""
    rows = [
        (literal(one.name), literal(one.version),
         joined([literal(i) for i in one.identifiers]) if one.identifiers else or_dash(view, None),
         or_dash(view, one.url))
        for one in view.summary.declarations.model.covered
    ]  # fmt: skip
    return Present((table(view, "covered", ("model", "version", "identifier", "address"), rows),), Basis.DECLARED)


def modified(view: View) -> FactValue:
    """Models that this one is a modification of, with the address of their own disclosure; "no" for none."""
    models = view.summary.declarations.model.base_models
    if not models:
        return Present((paragraph(view.words("text.no_base_model")),), Basis.DECLARED, truth=False)
    rows = [
        (literal(one.name), or_dash(view, one.version), one.supplier or or_dash(view, None),
         or_dash(view, one.disclosure_url))
        for one in models
    ]  # fmt: skip
    blocks = (
        table(view, "modified", ("base_model", "version", "supplier", "disclosure_address"), rows),
        Note[Words](text=view.words("note.modification_only")),
    )
    return Present(blocks, Basis.DECLARED)


def market_dates(view: View) -> FactValue:
    """One day for each model or version; all are needed."""
    models = view.summary.declarations.model.covered
    if not all(one.eu_market_date for one in models):
        return missing(view, "model.eu_market_dates")
    rows = [
        (literal(f"{one.name} {one.version}"), numeric_day(one.eu_market_date)) for one in models if one.eu_market_date
    ]
    return Present((table(view, "eu_market_dates", ("model", "date"), rows),), Basis.DECLARED)


def continues(view: View) -> FactValue:
    answer = view.summary.declarations.model.training_continues
    if answer is Answer.UNKNOWN:
        return missing(view, "model.continues")
    return Present((yes_no(view.words("question.training_continues"), answer),), Basis.DECLARED)


def code_signatory(view: View) -> FactValue:
    signed = view.summary.declarations.rights.eu_code_signatory
    if signed is None:
        return missing(view, "code.eu_gpai_signatory")
    answer = Answer.YES if signed else Answer.NO
    return Present((yes_no(view.words("question.eu_code"), answer),), Basis.DECLARED, truth=signed)


def privacy(view: View) -> FactValue:
    """Handling of personal data in the provider's words, without the remark on Japanese law of `privacy.handling`."""
    declared = view.summary.declarations.privacy
    if declared.handling is None:
        return missing(view, "privacy.measures")
    blocks: list[WordsBlock] = [paragraph(declared.handling)]
    if declared.url:
        blocks.append(paragraph(view.words("text.policy_address", address=declared.url)))
    return Present(tuple(blocks), Basis.DECLARED)


def _modality(modality: Modality) -> Fact:
    def value(view: View) -> FactValue:
        present = modalities(view)
        if not present:
            return Absent(ItemState.UNANSWERED, view.words("absent.no_sources"))
        answer = Answer.YES if modality in present else Answer.NO
        return Present((yes_no(modality.words, answer),), Basis.DERIVED, truth=modality in present)

    return value


def _size(fact: str, modality: Modality) -> Fact:
    """The bin of a modality; of text without tokens, the size in the unit that is known, which the form allows."""

    def value(view: View) -> FactValue:
        one = next((one for one in form(view).sizes if one.modality is modality), None)
        if one is None:
            return Absent(ItemState.NOT_KNOWN, view.words("absent.sizes_not_known", fact=view.words(f"fact.{fact}")))
        if one.statement:
            return Present((paragraph(view.statement(one.statement).text),), Basis.DERIVED, (one.statement,))
        total = next((total for total in view.summary.totals if total.modality is modality), None)
        withheld = one.reason == "withheld.owner"
        if modality is Modality.TEXT and not withheld and total and total.statement:
            said = (paragraph(view.statement(total.statement).text), Note[Words](text=view.words("note.other_unit")))
            return Present(said, Basis.DERIVED, (total.statement,))
        if withheld:
            return Absent(ItemState.WITHHELD, view.words("absent.withheld_owner"))
        return Absent(ItemState.NOT_KNOWN, view.words("absent.sizes_not_known", fact=view.words(f"fact.{fact}")))

    return value


def size_other(view: View) -> FactValue:
    total = next((one for one in view.summary.totals if one.modality is Modality.OTHER), None)
    if total is None or total.statement is None:
        return Absent(ItemState.NOT_KNOWN, view.words("absent.sizes_not_known", fact=view.words("fact.size.other")))
    rows = [(Modality.OTHER.words, view.statement(total.statement).text)]
    return Present((table(view, "size_other", ("modality", "total"), rows),), Basis.DERIVED, (total.statement,))


def size_method(view: View) -> FactValue:
    """How sizes were counted: in the provider's words, and what was left out or counted once."""
    declared = view.summary.declarations.training_data.size_method
    blocks: list[WordsBlock] = [paragraph(declared)] if declared else []
    dynamic = [title for one in form(view).sizes for title in one.dynamic]
    if dynamic:
        blocks.append(bullets(view, "dynamic_left_out", dynamic))
    if any(one.unnamed_dynamic for one in form(view).sizes):
        blocks.append(paragraph(view.words("text.dynamic_unnamed")))
    if form(view).repeated:
        rows = [(title, literal(factor)) for title, factor in form(view).repeated]
        blocks.append(table(view, "repeated", ("name", "factor"), rows))
    return Present(tuple(blocks), Basis.DECLARED) if blocks else missing(view, "size.method")


def _types(modality: Modality) -> Fact:
    def value(view: View) -> FactValue:
        types = form(view).content_types.get(modality, ())
        if not types:
            return missing(view, "content.types")
        return Present((bullets(view, None, types),), Basis.DECLARED)

    return value


def linguistic(view: View) -> FactValue:
    """Whether there is text, speech or video, whose languages the form asks for."""
    if not modalities(view):
        return Absent(ItemState.UNANSWERED, view.words("absent.no_sources"))
    answer = Answer.YES if form(view).linguistic else Answer.NO
    block = yes_no(view.words("question.linguistic"), answer)
    return Present((block,), Basis.DERIVED, truth=form(view).linguistic)


def languages(view: View) -> FactValue:
    """Languages by name: which of the official languages of the Union are covered, which are not, and what others."""
    tags = set(form(view).languages)
    if not tags:
        return Absent(ItemState.NOT_KNOWN, view.words("absent.no_languages"))
    groups = {
        "eu_covered": [tag for tag in EU_LANGUAGES if tag in tags],
        "eu_not_found": [tag for tag in EU_LANGUAGES if tag not in tags],
        "other": sorted(tags - set(EU_LANGUAGES)),
    }
    rows = [
        (view.words(f"languages.{name}"), joined([language_name(tag) for tag in found]))
        for name, found in groups.items()
        if found
    ]
    blocks: list[WordsBlock] = [table(view, "eu_languages", ("group", "languages"), rows)]
    if form(view).languages_unknown:
        blocks.append(Note[Words](text=view.words("note.languages_unknown")))
    return Present(tuple(blocks), Basis.DERIVED)


def characteristics(view: View) -> FactValue:
    declared = view.summary.declarations.training_data.characteristics
    blocks: list[WordsBlock] = [paragraph(declared)] if declared else []
    if view.summary.regions.origin:
        blocks.append(bullets(view, "origin_countries", [country_name(code) for code in view.summary.regions.origin]))
    basis = Basis.DECLARED if declared and len(blocks) == 1 else Basis.DERIVED
    return Present(tuple(blocks), basis) if blocks else missing(view, "content.characteristics")


def latest(view: View) -> FactValue:
    if view.summary.latest is None:
        return Absent(ItemState.NOT_KNOWN, view.words("absent.no_month"))
    statement, text = numeric_month(view, view.summary.latest)
    return Present((paragraph(text),), Basis.DERIVED, (statement,))


EU: dict[str, Fact] = {
    "doc.last_update_numeric": last_update,
    "doc.review_due": review_due,
    "provider.outside_union": outside_union,
    "provider.eu_representative": representative,
    "model.covered": covered,
    "model.modified": modified,
    "model.eu_market_dates": market_dates,
    "model.continues": continues,
    "code.eu_gpai_signatory": code_signatory,
    "privacy.measures": privacy,
    **{f"modality.{modality}": _modality(modality) for modality in Modality},
    "content.characteristics": characteristics,
}
"""Facts by id. An explicit table: adding a fact is adding a line."""

EU_FORM: dict[str, Fact] = {
    **{fact: _size(fact, modality) for fact, modality in _SIZES.items()},
    "size.other": size_other,
    "size.method": size_method,
    **{f"content.types_{modality}": _types(modality) for modality in Modality},
    "content.linguistic": linguistic,
    "content.eu_languages": languages,
    "period.latest_numeric": latest,
}
"""Those that rest on the figures of the form."""
