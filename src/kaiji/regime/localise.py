"""A filled regime as a document in one language."""

from kaiji.regime.blocks import in_language
from kaiji.regime.document import (
    DisclosureDocument,
    Item,
    PublishedStatement,
    RegimeReference,
    ReleaseReference,
    Section,
    VerificationNote,
)
from kaiji.regime.filled import Filled, FilledItem
from kaiji.terms import Audience, Language


def localise(filled: Filled, language: Language, *, draft: bool = False) -> DisclosureDocument:
    """The document of ``filled`` in ``language``; both languages have the same items, blocks and figures.

    ``draft`` marks it as not approved; nothing else of it depends on that.
    """
    spec, summary, wording = filled.regime.spec, filled.summary, filled.regime.wording
    declared = summary.declarations

    def text(key: str) -> str:
        return wording.words(key)[language]

    sections = []
    for section in spec.sections:
        items = tuple(_item(item, filled, language) for item in filled.items if item.spec.section == section.id)
        if items:
            sections.append(Section(id=section.id, title=text(f"section.{section.id}"), items=items))
    used = sorted({statement for item in filled.items for statement in item.statements})
    model = f"{declared.model.name} {declared.model.version}"
    kind = "text.title_public" if summary.audience is Audience.PUBLIC else "text.title_regulator"
    return DisclosureDocument(
        regime=RegimeReference(id=spec.id, version=spec.version, title=text("title")),
        language=language,
        audience=summary.audience.value,
        release=ReleaseReference(id=declared.id, model=declared.model.name, version=declared.model.version),
        title=wording.words(kind, model=model)[language],
        date=summary.date,
        provider=declared.provider.legal_name[language],
        banner=text("text.sample_banner") if declared.sample else None,
        draft=text("text.draft_banner") if draft else None,
        notices=tuple(text(key) for key in spec.notices),
        sections=tuple(sections),
        statements=tuple(_statement(name, filled, language) for name in used),
    )


def _item(item: FilledItem, filled: Filled, language: Language) -> Item:
    verification = item.spec.verification
    return Item(
        id=item.spec.id,
        label=filled.regime.wording.words(f"item.{item.spec.id}.label")[language],
        state=item.state.value,
        text=item.text[language],
        blocks=tuple(in_language(block, language) for block in item.blocks),
        statements=item.statements,
        verification=VerificationNote(status=verification.value, text=verification.words[language]),
    )


def _statement(name: str, filled: Filled, language: Language) -> PublishedStatement:
    statement = filled.summary.statements[name]
    return PublishedStatement(
        id=name,
        text=statement.text[language],
        unit=statement.unit.value,
        low=_number(statement.low),
        high=_number(statement.high),
    )


def _number(bound: object) -> int | float | None:
    return bound if bound is None or isinstance(bound, int) else float(str(bound))
