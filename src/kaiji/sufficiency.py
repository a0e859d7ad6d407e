"""The floor on a build: items as regimes filled them, figures as files print them, and where the documents stand."""

from collections.abc import Collection, Iterator, Mapping
from typing import Literal

from kaiji.control import ceiling
from kaiji.control.ceiling import Audit
from kaiji.control.floor import FloorReport, floor
from kaiji.control.floor_agreement import Printed
from kaiji.control.floor_items import FloorItem
from kaiji.control.parse_back import Declared, Folder
from kaiji.control.position import Attacker, Identification, Position, attacker, identification, position
from kaiji.documents import Made
from kaiji.manifest.answers import ItemAnswer
from kaiji.measure import Measured
from kaiji.provenance.summarise import Quantity
from kaiji.regime.facts_figures import FACET_OF
from kaiji.regime.filled import Filled, FilledItem, Origin
from kaiji.terms import LANGUAGES, Audience, Language

_State = Literal["answered", "explained", "not_applicable", "missing"]
_STATES: dict[Origin, _State] = {
    "data": "answered",
    "declaration": "answered",
    "fixed": "answered",
    "explained": "explained",
    "missing": "missing",
    "not_applicable": "not_applicable",
    "optional": "missing",
}


def enough(
    measured: Measured, made: Made, folder: Folder, declared: Mapping[str, Declared], coarser: Collection[str]
) -> FloorReport:
    """Whether the documents tell enough, truly, and the same in every file.

    ``coarser`` are the facets that had to be made coarser to protect an owner: that is their explanation (KJ421).
    """
    asked = {(filled.regime.spec.id, filled.summary.audience): _required(filled) for filled in made.filled}
    answers = measured.loaded.release.answers
    return floor(
        measured.summary,
        made.disclosed,
        [_item(filled, item, answers) for filled in made.filled for item in filled.items if item.origin != "optional"],
        asked=asked,
        printed=tuple(_printed(made, folder, declared)),
        reasons=[finding for filled in made.filled for finding in filled.findings],
        explained={
            (one.audience, facet.name)
            for one in made.disclosed
            for facet in one.facets
            if facet.withheld or facet.name in coarser
        }
        | set(_not_asked(made)),
    )


def _not_asked(made: Made) -> Iterator[tuple[Audience, str]]:
    """Facets that no item of the regimes that are built is about: another regime's outline is not missing from them."""
    for one in made.disclosed:
        own = [filled for filled in made.filled if filled.summary.audience is one.audience]
        specs = [item.spec for filled in own for item in filled.items]
        asked = {FACET_OF[fact] for item in specs for fact in (*item.facts, *item.also) if fact in FACET_OF}
        yield from ((one.audience, facet.name) for facet in one.facets if facet.name not in asked)


def _required(filled: Filled) -> tuple[str, ...]:
    """Ids of the items that the regime asks of this provider for this audience, whether they were filled or not."""
    audience, provider = filled.summary.audience, filled.summary.declarations.provider
    sections = {section.id for section in filled.regime.spec.sections if audience in section.audiences}
    return tuple(
        item.id
        for item in filled.regime.items
        if item.section in sections
        and audience in item.audiences
        and item.required != "optional"
        and provider.tier in item.tiers
    )


def _item(filled: Filled, item: FilledItem, answers: Mapping[str, Mapping[str, ItemAnswer]]) -> FloorItem:
    answer = answers.get(filled.regime.spec.id, {}).get(item.spec.id)
    state = _STATES[item.origin]
    tier = filled.summary.declarations.provider.tier
    return FloorItem(
        regime=filled.regime.spec.id,
        id=item.spec.id,
        audience=filled.summary.audience,
        state=state,
        required=item.spec.required != "optional" and tier in item.spec.tiers,
        core="category" in {FACET_OF.get(fact) for fact in item.spec.facts},
        text=item.text,
        statements=item.statements,
        facets=tuple(FACET_OF[fact] for fact in item.spec.facts if fact in FACET_OF),
        reason=item.reason,
        alternative=answer.alternative if answer else None,
        approver=answer.approver if answer else None,
        review_by=answer.review_by if answer else None,
        proof=item.text.en if state == "not_applicable" else None,
    )


def _printed(made: Made, folder: Folder, declared: Mapping[str, Declared]) -> Iterator[Printed]:
    """The figures found in each file; a document is its regime, a file of another kind is one of its own.

    Only figures that the items of the document claim: a share of 1 % that another document prints has the same text as
    any other 1 % in this one.
    """
    claimed = {
        (one.regime.spec.id, one.summary.audience.value): {name for item in one.items for name in item.statements}
        for one in made.filled
    }
    for path, ids in folder.found(declared).items():
        audience, _, name = path.partition("/")
        document, _, rest = name.rpartition(".")[0].rpartition(".")
        if (document, audience) not in claimed or rest not in LANGUAGES:
            continue
        language: Language = rest
        statements = declared[audience].statements
        figures = {one: statements[one].text[language] for one in sorted(ids & claimed[document, audience])}
        yield Printed(path, document, language, Audience(audience), figures)


def standing(
    measured: Measured, made: Made, report: FloorReport, audited: Audit, worlds: int, different: int
) -> tuple[Position, ...]:
    """Where the documents of each audience stand.

    Args:
        measured: The release.
        made: Its documents.
        report: What the floor measured.
        audited: What the ceiling found.
        worlds: Witness worlds that were compared.
        different: Those that were not the same.
    """
    attack = _attack(audited, worlds, different)
    return tuple(
        position(one.audience, report.facets, tuple(_identified(measured, made)), attack) for one in made.disclosed
    )


def _attack(audited: Audit, worlds: int, different: int) -> Attacker:
    margins = list(ceiling.margins(audited).values())
    return attacker(
        {"P4": margins},
        certified=audited.certified,
        targets=len(audited.targets),
        witnesses_passed=worlds - different,
        witnesses=worlds,
    )


def _identified(measured: Measured, made: Made) -> Iterator[Identification]:
    """Who is named, by modality: names are published of sources that are not confidential."""
    frame = measured.inventory.frame
    named = {source.title for one in made.disclosed for source in one.names}
    sources = {source.id: source for source in measured.summary.sources}
    for modality, total in measured.summary.totals.items():
        if not isinstance(total, Quantity):
            continue
        own = frame[(frame["modality"] == modality.value) & frame["in_training"]]
        sums = own.groupby("source_id", dropna=False, observed=True, sort=True)[total.unit.value].sum()
        sizes = {str(name): int(size) for name, size in sums.items()}
        yield identification(
            modality,
            sizes,
            named=[name for name in sizes if sources[name].title in named and not sources[name].confidential],
            confidential=[name for name in sizes if sources[name].confidential],
        )
