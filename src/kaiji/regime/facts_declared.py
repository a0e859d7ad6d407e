"""Facts that the provider declares. Each is a person's answer, or is missing; none is inferred."""

from collections.abc import Callable
from datetime import date

from kaiji.control.statements import month
from kaiji.manifest.declarations import Contact, Declarations, Framework, Measure
from kaiji.regime.blocks import Note, WordsBlock, YesNo
from kaiji.regime.values import (
    Absent,
    Fact,
    FactValue,
    Present,
    View,
    bullets,
    day,
    joined,
    literal,
    missing,
    or_dash,
    paragraph,
    table,
)
from kaiji.terms import Answer, Audience, Basis, ContactPurpose, ItemState, Role, SizeClass, SourceCategory, Words


def yes_no(label: Words, answer: Answer) -> YesNo[Words]:
    """A closed question with its answer in words."""
    return YesNo[Words](label=label, value=answer.value, text=answer.words)


def _declared(*blocks: WordsBlock, truth: bool = True) -> Present:
    return Present(blocks, Basis.DECLARED, truth=truth)


def _prose(fact: str, get: Callable[[Declarations], Words | str | None]) -> Fact:
    """A fact that is one declared text."""

    def value(view: View) -> FactValue:
        words = get(view.summary.declarations)
        if words is None:
            return missing(view, fact)
        return _declared(paragraph(literal(words) if isinstance(words, str) else words))

    return value


def _day(value: date | None) -> Words | None:
    return day(value) if value else None


def doc_version(view: View) -> FactValue:
    document = view.summary.declarations.document
    blocks: list[WordsBlock] = [paragraph(view.words("text.version", version=document.version))]
    if document.previous:
        rows = [(literal(version.id), day(version.date), or_dash(view, version.url)) for version in document.previous]
        blocks.append(table(view, "previous_versions", ("version", "date", "address"), rows))
    return _declared(*blocks)


def doc_last_update(view: View) -> FactValue:
    return _declared(paragraph(view.words("text.last_update", date=day(view.summary.date))))


def doc_next_review(view: View) -> FactValue:
    declared = view.summary.declarations.document.next_review
    on = view.summary.date
    if declared:
        return _declared(paragraph(view.words("text.next_review", date=day(declared))))
    year_later = on.replace(year=on.year + 1, day=28) if (on.month, on.day) == (2, 29) else on.replace(year=on.year + 1)
    words = view.words("text.next_review_default", date=day(year_later))
    return Present((paragraph(words),), Basis.DERIVED)


def provider_contact(view: View) -> FactValue:
    return _contacts(view, "provider.contact", tuple(view.summary.declarations.provider.contacts))


def rights_contact(view: View) -> FactValue:
    contacts = view.summary.declarations.provider.contacts
    fitting = tuple(contact for contact in contacts if contact.purpose is ContactPurpose.RIGHTS_HOLDERS)
    return _contacts(view, "rights.contact", fitting)


def _contacts(view: View, fact: str, contacts: tuple[Contact, ...]) -> FactValue:
    if not contacts:
        return missing(view, fact)
    rows = [
        (contact.purpose.words, contact.kind.words, literal(contact.value), or_dash(view, contact.handles))
        for contact in contacts
    ]
    return _declared(table(view, "contacts", ("purpose", "kind", "address", "handles"), rows))


def provider_roles(view: View) -> FactValue:
    return _declared(paragraph(joined([role.words for role in view.summary.declarations.provider.roles])))


def provider_size_class(view: View) -> FactValue:
    provider = view.summary.declarations.provider
    if provider.size_class is SizeClass.UNKNOWN and not provider.size_evidence:
        return missing(view, "provider.size_class")
    blocks = [paragraph(provider.size_class.words)]
    if provider.size_evidence:
        blocks.append(paragraph(provider.size_evidence))
    return _declared(*blocks)


def provider_tier(view: View) -> FactValue:
    provider = view.summary.declarations.provider
    blocks: list[WordsBlock] = [
        paragraph(view.words("text.tier", tier=provider.tier.words)),
        paragraph(view.words(f"text.tier_{provider.tier}")),
    ]
    if provider.tier_reason:
        blocks.append(paragraph(provider.tier_reason))
    return _declared(*blocks)


def provider_establishment(view: View) -> FactValue:
    country = view.summary.declarations.provider.establishment
    return _declared(paragraph(country_name(country))) if country else missing(view, "provider.establishment")


def country_name(code: str) -> Words:
    """Name of a country in both languages (CLDR), with its code."""
    from babel import Locale

    names = {tongue: Locale(tongue).territories.get(code, code) for tongue in ("ja", "en")}
    return Words(ja=f"{names['ja']}({code})", en=f"{names['en']} ({code})")


def model_names(view: View) -> FactValue:
    declared = view.summary.declarations
    model = declared.model
    name = (literal(model.name), literal(model.version), joined([literal(i) for i in model.identifiers]))
    name = (name[0], name[1], name[2] if model.identifiers else or_dash(view, None))
    supplier = declared.provider.legal_name
    others = [base.supplier for base in model.base_models if base.supplier and not base.own]
    if others and Role.DEVELOPER not in declared.provider.roles:
        supplier = joined(list(dict.fromkeys(others)))
    services = model.services
    rows = [(service.name, *name, supplier) for service in services] or [(or_dash(view, None), *name, supplier)]
    return _declared(table(view, "models", ("service", "model", "version", "identifier", "supplier"), rows))


def model_base_models(view: View) -> FactValue:
    models = view.summary.declarations.model.base_models
    if not models:
        return _declared(paragraph(view.words("text.no_base_model")), truth=False)
    own = view.summary.declarations.provider.legal_name
    rows = [
        (literal(m.name), or_dash(view, m.version), m.supplier or (own if m.own else or_dash(view, None)),
         country_name(m.supplier_country) if m.supplier_country else or_dash(view, None), or_dash(view, m.url))
        for m in models
    ]  # fmt: skip
    columns = ("base_model", "version", "supplier", "country", "address")
    return _declared(table(view, "base_models", columns, rows))


def model_supplier_reference(view: View) -> FactValue:
    """The suppliers' own disclosures, by name, version, address and the day they were read."""
    models = [m for m in view.summary.declarations.model.base_models if not m.own]
    if not models:
        return Absent(ItemState.NOT_APPLICABLE, view.words("text.no_base_model"))
    if not any(m.disclosure_url for m in models):
        return Absent(ItemState.NOT_KNOWN, view.words("absent.no_supplier_disclosure"))
    rows = [
        (literal(m.name), m.supplier or or_dash(view, None), or_dash(view, m.disclosure_version),
         or_dash(view, m.disclosure_url), or_dash(view, _day(m.disclosure_seen)))
        for m in models
    ]  # fmt: skip
    columns = ("base_model", "supplier", "version", "address", "date_seen")
    return _declared(table(view, "supplier_disclosures", columns, rows))


def model_release_dates(view: View) -> FactValue:
    model = view.summary.declarations.model
    return _declared(paragraph(view.words("text.release_date", date=day(model.release_date))))


def model_update_status(view: View) -> FactValue:
    update = view.summary.declarations.model.update_status
    if update is None:
        return missing(view, "model.update_status")
    answer = Answer.YES if update.updated else Answer.NO
    blocks: list[WordsBlock] = [yes_no(view.words("question.updated"), answer)]
    if update.last:
        blocks.append(paragraph(view.words("text.updated_on", date=day(update.last))))
    if update.note:
        blocks.append(paragraph(update.note))
    return _declared(*blocks)


def model_terms(view: View) -> FactValue:
    model = view.summary.declarations.model
    rows = [(link.kind.words, literal(link.url)) for link in model.terms]
    if not rows:
        return missing(view, "model.terms")
    return _declared(table(view, "terms", ("kind", "address"), rows))


def output_ip_attribution(view: View) -> FactValue:
    output = view.summary.declarations.output
    if output is None:
        return missing(view, "output.ip_attribution")
    blocks: list[WordsBlock] = [paragraph(output.attribution)]
    blocks.append(yes_no(view.words("question.terms_state_owner"), output.terms_state_owner))
    if output.claims_for_ai is not None:
        key = "text.no_claims_for_ai" if not output.claims_for_ai else "text.claims_for_ai"
        blocks.append(paragraph(view.words(key)))
    if output.url:
        blocks.append(paragraph(view.words("text.clause", address=output.url)))
    return _declared(*blocks)


def knowledge_sources(view: View) -> FactValue:
    knowledge = view.summary.declarations.knowledge
    if knowledge is None:
        return missing(view, "knowledge.sources")
    answer = Answer.YES if knowledge.used else Answer.NO
    blocks: list[WordsBlock] = [yes_no(view.words("question.knowledge"), answer)]
    if knowledge.categories:
        blocks.append(bullets(view, "knowledge_categories", knowledge.categories))
    if knowledge.optout:
        blocks.append(paragraph(knowledge.optout))
    return _declared(*blocks, truth=knowledge.used)


def rights_legal_basis(view: View) -> FactValue:
    declared = view.summary.declarations
    blocks: list[WordsBlock] = []
    if declared.rights.legal_basis:
        blocks.append(paragraph(declared.rights.legal_basis))
    rows = [
        (category.words, said.legal_basis)
        for category in SourceCategory
        if (said := declared.categories.get(category)) and said.legal_basis
    ]
    if rows:
        blocks.append(table(view, "legal_basis", ("category", "legal_basis"), rows))
    return _declared(*blocks) if blocks else missing(view, "rights.legal_basis")


def rights_policy(view: View) -> FactValue:
    policy = view.summary.declarations.rights.policy
    if policy is None:
        return missing(view, "rights.policy")
    blocks: list[WordsBlock] = [paragraph(policy.summary)]
    if policy.url:
        blocks.append(paragraph(view.words("text.policy_address", address=policy.url)))
    return _declared(*blocks)


def rights_optout_signals(view: View) -> FactValue:
    signals = view.summary.declarations.rights.optout_signals
    if not signals:
        return missing(view, "rights.optout_signals")
    rows = [
        (signal.signal.words, signal.honoured.words, _month(view, signal.since), or_dash(view, signal.scope))
        for signal in signals
    ]
    return _declared(table(view, "signals", ("signal", "honoured", "since", "scope"), rows))


def _month(view: View, value: str | None) -> Words:
    return month("since", value).text if value else or_dash(view, None)


def rights_requests(view: View) -> FactValue:
    requests = view.summary.declarations.requests
    if requests is None:
        return missing(view, "rights.requests")
    form = Answer.YES if requests.form else Answer.NO
    blocks: list[WordsBlock] = [
        yes_no(view.words("question.request_form"), form),
        yes_no(view.words("question.request_log"), requests.log),
    ]
    if requests.procedure:
        blocks.append(paragraph(requests.procedure))
    limit = requests.time_limit or view.words("text.no_time_limit")
    blocks.append(paragraph(view.words("text.time_limit", limit=limit)))
    return _declared(*blocks)


def rights_request_practice(view: View) -> FactValue:
    """Whether form, window, procedure and log are all in place; nothing is printed of it, the other facts say it.

    Requests are a practice: that the provider says it has none is an answer, but not one that puts it in place.
    """
    declared = view.summary.declarations
    window = any(contact.purpose is ContactPurpose.RIGHTS_HOLDERS for contact in declared.provider.contacts)
    requests = declared.requests
    if requests and requests.form and requests.procedure and requests.log is Answer.YES and window:
        return _declared()
    return Absent(ItemState.UNANSWERED, view.words("absent.request_practice"))


def _measures(fact: str, get: Callable[[Declarations], tuple[Measure, ...] | None]) -> Fact:
    def value(view: View) -> FactValue:
        measures = get(view.summary.declarations)
        if measures is None:
            return missing(view, fact)
        if not measures:
            return _declared(paragraph(view.words("text.no_measures")), truth=False)
        rows = [(measure.name, measure.in_place.words, or_dash(view, measure.outline)) for measure in measures]
        return _declared(table(view, fact.replace(".", "_"), ("measure", "in_place", "outline"), rows))

    return value


def acceptance_statement(view: View) -> FactValue:
    acceptance = view.summary.declarations.acceptance.get(view.regime)
    if acceptance is None:
        return missing(view, "acceptance.statement")
    answer = Answer.YES if acceptance.accepted else Answer.NO
    blocks: list[WordsBlock] = [yes_no(view.words("question.accepted"), answer)]
    if acceptance.date:
        blocks.append(paragraph(view.words("text.accepted_on", date=day(acceptance.date))))
    if acceptance.statement:
        blocks.append(paragraph(acceptance.statement))
    if acceptance.url:
        blocks.append(paragraph(view.words("text.accepted_at", address=acceptance.url)))
    return _declared(*blocks, truth=acceptance.accepted)


def supply_compute(view: View) -> FactValue:
    compute = view.summary.declarations.supply.compute
    if not compute:
        return missing(view, "supply.compute")
    rows = [(part.kind, country_name(part.country), or_dash(view, part.operator)) for part in compute]
    return _declared(table(view, "compute", ("kind", "country", "operator"), rows))


def _reports(fact: str, get: Callable[[Declarations], tuple[Framework, ...]]) -> Fact:
    def value(view: View) -> FactValue:
        reports = get(view.summary.declarations)
        if not reports:
            return missing(view, fact)
        rows = [
            (report.name, or_dash(view, report.version), or_dash(view, _day(report.date)), or_dash(view, report.url))
            for report in reports
        ]
        return _declared(table(view, fact.replace(".", "_"), ("name", "version", "date", "address"), rows))

    return value


def alignment_engagement(view: View) -> FactValue:
    exchanges = view.summary.declarations.alignment.engagement
    if not exchanges:
        return missing(view, "alignment.engagement")
    rows = [(e.authority, e.kind, day(e.date)) for e in sorted(exchanges, key=lambda e: e.date)]
    return _declared(table(view, "engagement", ("authority", "kind", "date"), rows))


def representative(view: View) -> FactValue:
    """For the preparation sheet only; never in a public document, even if an item asked for it."""
    person = view.summary.declarations.provider.representative
    if view.summary.audience is Audience.PUBLIC:
        return Absent(ItemState.WITHHELD, view.words("withheld.not_public"))
    return _declared(paragraph(person)) if person else missing(view, "provider.representative")


def privacy_handling(view: View) -> FactValue:
    privacy = view.summary.declarations.privacy
    if privacy.handling is None:
        return missing(view, "privacy.handling")
    blocks: list[WordsBlock] = [paragraph(privacy.handling)]
    if privacy.url:
        blocks.append(paragraph(view.words("text.policy_address", address=privacy.url)))
    return _declared(*blocks, Note[Words](text=view.words("text.appi_pending")))


DECLARED: dict[str, Fact] = {
    "doc.version": doc_version,
    "doc.last_update": doc_last_update,
    "doc.next_review": doc_next_review,
    "doc.change_note": _prose("doc.change_note", lambda d: d.document.change_note),
    "doc.canonical_url": _prose("doc.canonical_url", lambda d: d.document.canonical_url),
    "provider.legal_name": _prose("provider.legal_name", lambda d: d.provider.legal_name),
    "provider.contact": provider_contact,
    "provider.registered_id": _prose("provider.registered_id", lambda d: d.provider.registered_id),
    "provider.responsible_role": _prose("provider.responsible_role", lambda d: d.provider.responsible_role),
    "provider.representative": representative,
    "provider.roles": provider_roles,
    "provider.size_class": provider_size_class,
    "provider.service_volume": _prose("provider.service_volume", lambda d: d.provider.service_volume),
    "provider.tier": provider_tier,
    "provider.establishment": provider_establishment,
    "model.names": model_names,
    "model.base_models": model_base_models,
    "model.supplier_reference": model_supplier_reference,
    "model.release_dates": model_release_dates,
    "model.architecture": _prose("model.architecture", lambda d: d.model.architecture),
    "model.training_process": _prose("model.training_process", lambda d: d.model.training_process),
    "model.update_status": model_update_status,
    "model.terms": model_terms,
    "model.intended_purpose": _prose("model.intended_purpose", lambda d: d.model.intended_purpose),
    "output.ip_attribution": output_ip_attribution,
    "knowledge.sources": knowledge_sources,
    "rights.legal_basis": rights_legal_basis,
    "rights.policy": rights_policy,
    "rights.optout_signals": rights_optout_signals,
    "rights.reservation_measures": _prose("rights.reservation_measures", lambda d: d.rights.reservation_measures),
    "rights.access_control": _prose("rights.access_control", lambda d: d.rights.access_control),
    "rights.piracy_exclusion": _prose("rights.piracy_exclusion", lambda d: d.rights.piracy_exclusion),
    "rights.compensation": _prose("rights.compensation", lambda d: d.rights.compensation),
    "rights.contact": rights_contact,
    "rights.requests": rights_requests,
    "rights.request_practice": rights_request_practice,
    "measures.output": _measures("measures.output", lambda d: d.measures.output),
    "measures.provenance": _measures("measures.provenance", lambda d: d.measures.provenance),
    "measures.illegal_content": _prose("measures.illegal_content", lambda d: d.measures.illegal_content),
    "privacy.handling": privacy_handling,
    "records.retention": _prose("records.retention", lambda d: d.records.retention),
    "records.traceability": _prose("records.traceability", lambda d: d.records.traceability),
    "acceptance.statement": acceptance_statement,
    "supply.compute": supply_compute,
    "supply.user_data": _prose("supply.user_data", lambda d: d.supply.user_data),
    "supply.dependencies": _prose("supply.dependencies", lambda d: d.supply.dependencies),
    "alignment.frameworks": _reports("alignment.frameworks", lambda d: d.alignment.frameworks),
    "alignment.evaluations": _reports("alignment.evaluations", lambda d: d.alignment.evaluations),
    "alignment.engagement": alignment_engagement,
    "alignment.policy": _prose("alignment.policy", lambda d: d.alignment.policy),
}
"""Facts by id. An explicit table: adding a fact is adding a line."""
