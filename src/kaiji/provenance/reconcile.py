"""Declared against observed, and declared against declared: contradictions become findings, never choices."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from kaiji.findings import Finding, Place
from kaiji.manifest.fields import INT64_MAX
from kaiji.manifest.models import DataSource, Release
from kaiji.provenance.inventory import MEASURES, declared_sizes, known_sizes, observed_total
from kaiji.provenance.normalise import language, licence, licence_members
from kaiji.provenance.observed import distinct
from kaiji.scan.result import ScanResult, SourceScan
from kaiji.terms import LANGUAGES, Acquisition, Answer, Role, SourceCategory, Stage

if TYPE_CHECKING:
    import pandas as pd

PlaceOf = Callable[[DataSource, str], Place]
TOLERANCE = 0.01
"""Relative difference between a declared and an observed size that is let pass; the release may set its own."""


def months(sources: Sequence[DataSource], cells: "pd.DataFrame | None") -> dict[str, tuple[str, str]]:
    """First and last month (``YYYY-MM``) of each source: observed on its rows, else declared.

    A declared period with one end counts with that end; sources without any month are absent.
    """
    found = {}
    for source in sources:
        known = [m for m in (source.collected.from_, source.collected.to) if m] if source.collected else []
        if known:
            found[source.id] = (known[0], known[-1])
    if cells is not None:
        found |= {name: (dated[0], dated[-1]) for name, dated in distinct(cells, "month").items()}
    return found


def reconcile(
    release: Release,
    sources: Sequence[DataSource],
    scan: ScanResult | None,
    cells: "pd.DataFrame | None",
    place: PlaceOf,
) -> list[Finding]:
    """All contradictions and gaps of a release.

    Args:
        release: The release as declared.
        sources: Its sources.
        scan: What was observed, if anything.
        cells: The cells of the scan (columns as in :class:`~kaiji.scan.result.ScanResult`).
        place: Gives the place of a key of a source.
    """
    findings = [
        *_categories(release, sources),
        *_owners(sources, place),
        *_declarations(release),
        *_role(release, sources),
    ]
    scans = {one.source_id: one for one in scan.sources} if scan else {}
    for source in sources:
        findings += _dates(release, source, place)
        findings += _tags(source, place)
        findings += _contents(source, place)
        observed = scans.get(source.id)
        if observed and observed.complete:
            findings += _sizes(source, observed, release.policy.tolerance, place)
        for measure in ("bytes", "tokens"):
            if getattr(observed, measure, None) is not None and observed_total(observed, measure) is None:
                message = f"too many rows lack a size in {measure}; that size of the source is not known"
                findings.append(Finding(id="KJ309", message=message, place=place(source, f"files.columns.{measure}")))
        if not declared_sizes(source) and observed is None:
            findings.append(
                Finding(id="KJ309", message="no size is declared, and there are no files", place=source.place)
            )
    if cells is not None:
        texts = {column: distinct(cells, column) for column in ("language", "licence", "month")}
        for source in sources:
            own = {column: by_source.get(source.id, []) for column, by_source in texts.items()}
            findings += _rows(release, source, own, place)
    return findings


def oversize(sources: Sequence[DataSource], scan: ScanResult | None, place: PlaceOf) -> list[Finding]:
    """Sizes that cannot be added, because they come to more than 2^63 - 1: one finding for each measure.

    It stands at the largest of them, because that is the one most likely to be mistaken.
    """
    scans = {one.source_id: one for one in scan.sources} if scan else {}
    sizes = {source.id: known_sizes(source, scans.get(source.id)) for source in sources}
    findings = []
    for measure in MEASURES:
        if sum(known.get(measure, 0) for known in sizes.values()) <= INT64_MAX:
            continue
        source = max(sources, key=lambda one: sizes[one.id].get(measure, 0))
        seen = observed_total(scans.get(source.id), measure) is not None
        key = f"files.columns.{measure}" if seen else f"declared.{'hours' if measure == 'seconds' else measure}"
        message = f"must be smaller: the sizes of all sources in {measure} add up to more than 2^63 - 1"
        findings.append(Finding(id="KJ106", message=message, place=place(source, key)))
    return findings


def _categories(release: Release, sources: Sequence[DataSource]) -> Iterator[Finding]:
    listed = {source.category for source in sources}
    for category, declared in release.categories.items():
        where = release.place_of(f"categories.{category.value}.used")
        if not declared.used and category in listed:
            message = f"category {category} is declared unused, but the manifests list sources of it"
            yield Finding(id="KJ302", message=message, place=where)
        if declared.used and category not in listed:
            message = f"category {category} is declared used, but no manifest lists a source of it"
            yield Finding(id="KJ305", message=message, place=where)


def _owners(sources: Sequence[DataSource], place: PlaceOf) -> Iterator[Finding]:
    """An owner is one owner: one id, one name, one confidentiality."""
    by_name: dict[str, list[DataSource]] = defaultdict(list)
    by_id: dict[str, list[DataSource]] = defaultdict(list)
    for source in sources:
        if source.owner:
            by_id[source.owner.id].append(source)
            for tongue in LANGUAGES:
                by_name[source.owner.name[tongue].casefold()].append(source)
    clashes: dict[str, Finding] = {}
    for group in (*by_id.values(), *by_name.values()):
        if len({source.confidential for source in group}) > 1:
            first = next(source for source in group if source.confidential)
            other = next(source for source in group if not source.confidential)
            message = f"the owner is confidential here and public at {place(other, 'confidentiality')}"
            clash = Finding(id="KJ304", message=message, place=place(first, "confidentiality"))
            clashes.setdefault(str(clash.place), clash)
    yield from clashes.values()
    for group in by_id.values():
        if len({source.owner.name for source in group if source.owner}) > 1:
            message = f"the owner id has another name at {place(group[0], 'owner')}"
            yield Finding(id="KJ310", message=message, place=place(group[-1], "owner"))
    told: set[str] = set()
    for group in by_name.values():
        if len({source.owner.id for source in group if source.owner}) > 1:
            message = f"the owner of this name has another id at {place(group[0], 'owner')}"
            finding = Finding(id="KJ310", message=message, place=place(group[-1], "owner"))
            if str(finding.place) not in told:
                told.add(str(finding.place))
                yield finding
    for source in sources:
        if source.confidential and source.owner is None:
            yield Finding(id="KJ314", message="the source is confidential and names no owner", place=source.place)


def _declarations(release: Release) -> Iterator[Finding]:
    knowledge, update = release.knowledge, release.model.update_status
    if knowledge and not knowledge.used and knowledge.categories:
        message = "knowledge data is declared unused, but categories of it are listed"
        yield Finding(id="KJ310", message=message, place=release.place_of("knowledge.used"))
    if update and not update.updated and update.last:
        message = "the model is declared not updated, but the day of its last update is given"
        yield Finding(id="KJ310", message=message, place=release.place_of("model.update_status.updated"))
    for name, acceptance in release.acceptance.items():
        if not acceptance.accepted and acceptance.statement:
            message = "the code is declared not accepted, but a statement of acceptance is given"
            yield Finding(id="KJ310", message=message, place=release.place_of(f"acceptance.{name}.accepted"))
        if acceptance.date and acceptance.date > release.document_date():
            message = "the day of acceptance is after the date of the documents"
            yield Finding(id="KJ310", message=message, place=release.place_of(f"acceptance.{name}.date"))
    document = release.document
    if document.next_review and document.next_review <= release.document_date():
        message = "the next review is not later than the date of the documents"
        yield Finding(id="KJ310", message=message, place=release.place_of("document.next_review"))


def _role(release: Release, sources: Sequence[DataSource]) -> Iterator[Finding]:
    """A provider that trains from scratch is a developer, and the items for developers apply to it."""
    pretrained = any(Stage.PRETRAINING in source.stages for source in sources)
    if pretrained and Role.DEVELOPER not in release.provider.roles and not release.model.base_models:
        message = "sources are used for pre-training and no base model is named, but developer is not among the roles"
        yield Finding(id="KJ310", message=message, place=release.place_of("provider.roles"))


def _dates(release: Release, source: DataSource, place: PlaceOf) -> Iterator[Finding]:
    limit = release.model.release_date.isoformat()[:7]
    collected = source.collected
    dates: Mapping[str, str | None] = {
        "collected.from": collected.from_ if collected else None,
        "collected.to": collected.to if collected else None,
        "first_used": source.first_used,
    }
    for key, month in dates.items():
        if month and month > limit:
            told = "the month" if source.confidential else month
            message = f"{told} is after the release ({limit})"
            yield Finding(id="KJ303", message=message, place=place(source, key), detail=month)


def _contents(source: DataSource, place: PlaceOf) -> Iterator[Finding]:
    """Flags, labels and dates of a source that cannot all be true."""
    contains, collected = source.contains, source.collected
    if contains.public_domain is Answer.YES:
        for name in ("copyright", "trademark", "patent"):
            if getattr(contains, name) is Answer.YES:
                message = f"the source is declared to hold nothing but public-domain content, and matter under {name}"
                yield Finding(id="KJ310", message=message, place=place(source, "contains"))
    if source.first_used and collected and collected.from_ and source.first_used < collected.from_:
        message = "the source is declared first used before its collection began"
        yield Finding(id="KJ310", message=message, place=place(source, "first_used"), detail=source.first_used)
    if source.processing == () and source.processing_purpose is not None:
        message = "the source is declared not processed, but a purpose of processing is given"
        yield Finding(id="KJ310", message=message, place=place(source, "processing_purpose"))
    if source.category is SourceCategory.LICENSED and source.acquisition in _FREE:
        message = "the source is of the category licensed, but declared obtained without a licence or a purchase"
        yield Finding(id="KJ310", message=message, place=place(source, "acquisition"))


_FREE = (Acquisition.FREE_PUBLIC, Acquisition.SELF_COLLECTED, Acquisition.GENERATED)
"""Ways to obtain a source that no licence deal is needed for."""


def _tags(source: DataSource, place: PlaceOf) -> Iterator[Finding]:
    if source.licence and not licence(source.licence)[1]:
        message = "the licence is no SPDX expression; it counts as other terms"
        yield Finding(id="KJ308", message=message, place=place(source, "licence"))


def _sizes(source: DataSource, observed: SourceScan, tolerance: float | None, place: PlaceOf) -> Iterator[Finding]:
    limit = TOLERANCE if tolerance is None else tolerance
    for measure, declared in declared_sizes(source).items():
        seen = observed_total(observed, measure)
        if seen is not None and abs(declared - seen) > limit * max(declared, seen):
            yield Finding(
                id="KJ301",
                message=f"declared and observed {measure} differ by more than the tolerance of {limit:.2%}",
                place=place(source, f"declared.{measure}"),
                detail=f"declared {declared}, observed {seen}",
            )


def _rows(
    release: Release, source: DataSource, texts: Mapping[str, Sequence[str]], place: PlaceOf
) -> Iterator[Finding]:
    columns = source.files.columns if source.files else None
    if columns and columns.language:
        tags = texts["language"]
        strange = [tag for tag in tags if not language(tag)[1]]
        if strange:
            message = "language tags in the rows are no BCP 47 tags; they count as not known"
            detail = ", ".join(strange[:20])
            yield Finding(id="KJ306", message=message, place=place(source, "files.columns.language"), detail=detail)
        declared = {language(tag)[0] for tag in source.languages}
        extra = sorted({name for tag in tags if (name := language(tag)[0])} - declared)
        if source.languages and extra:
            message = "the rows hold languages that the source does not declare"
            yield Finding(id="KJ307", message=message, place=place(source, "languages"), detail=", ".join(extra))
    if columns and columns.licence:
        found = texts["licence"]
        unknown = [text for text in found if not licence(text)[1]]
        if unknown:
            message = "licences in the rows are no SPDX expressions; they count as other terms"
            detail = ", ".join(unknown[:20])
            yield Finding(id="KJ308", message=message, place=place(source, "files.columns.licence"), detail=detail)
        stated = licence(source.licence)[0]
        names = {member for text in found if (name := licence(text)[0]) for member in licence_members(name)}
        other = sorted(names - licence_members(stated)) if stated else []
        if other:
            message = "the rows hold licences other than the declared one"
            yield Finding(id="KJ311", message=message, place=place(source, "licence"), detail=", ".join(other[:20]))
    if columns and columns.date:
        limit = release.model.release_date.isoformat()[:7]
        if texts["month"] and texts["month"][-1] > limit:
            message = f"rows are dated after the release ({limit})"
            yield Finding(id="KJ313", message=message, place=place(source, "files.columns.date"))
