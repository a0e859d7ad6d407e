"""What may be said of categories, sources, crawlers and places without a figure of any owner."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from kaiji.control import forms, statements
from kaiji.control.disclosed import (
    CategoryOutline,
    CrawlerOutline,
    Evaluation,
    GeneratorOutline,
    NamedSource,
    Regions,
    UserDataOutline,
)
from kaiji.control.level import AudiencePlan
from kaiji.control.plan import AudiencePlanned
from kaiji.control.subjects import Subject
from kaiji.manifest.models import Contains, CrawlerBehaviour, DataSource
from kaiji.provenance.normalise import licence
from kaiji.provenance.summarise import ProvenanceSummary
from kaiji.terms import (
    EU_COUNTRIES,
    Acquisition,
    Answer,
    Basis,
    CountryGroup,
    Modality,
    SourceCategory,
    Stage,
    Unit,
    UserDataKind,
    Words,
)

if TYPE_CHECKING:
    from kaiji.control.disclose import Door

_ASEAN = frozenset({"BN", "ID", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "TL", "VN"})
"""Members of ASEAN, Timor-Leste (2025) included."""


def country_group(code: str) -> CountryGroup:
    """Group of a country code (ISO 3166-1 alpha-2)."""
    single = {"JP": CountryGroup.JAPAN, "IN": CountryGroup.INDIA, "US": CountryGroup.US}
    if code in single:
        return single[code]
    return CountryGroup.ASEAN if code in _ASEAN else CountryGroup.EU if code in EU_COUNTRIES else CountryGroup.ELSEWHERE


def fold(answers: Iterable[Answer]) -> Answer:
    """Any yes is yes; else any unknown is unknown; else no. Nothing at all is unknown."""
    found = set(answers)
    if Answer.YES in found:
        return Answer.YES
    return Answer.NO if found == {Answer.NO} else Answer.UNKNOWN


def fold_only(answers: Iterable[Answer]) -> Answer:
    """For "nothing but": all yes is yes; any no is no; else unknown."""
    found = set(answers)
    if Answer.NO in found:
        return Answer.NO
    return Answer.YES if found == {Answer.YES} else Answer.UNKNOWN


_FOLDS = {"public_domain": fold_only}


_TOLD: dict[str, Callable[[ProvenanceSummary, DataSource], bool]] = {
    "period": lambda summary, source: source.id in summary.months,
    "content_types": lambda _, source: bool(source.content_types),
    "processing": lambda _, source: bool(source.processing),
    "purpose": lambda _, source: source.purpose is not None,
    "label_types": lambda _, source: source.label_types is not None,
    "first_used": lambda _, source: source.first_used is not None,
    "processing_purpose": lambda _, source: source.processing_purpose is not None,
}
"""Fields of a category in which sources tell something of their own, and whether a source does."""
_PLACES = ("origin", "storage", "processing")


def _processed(sources: Sequence[DataSource], *, whole: bool) -> Answer:
    """Whether sources were cleaned or processed: "no" only when it is said of every source, and all are shown."""
    said = {True: Answer.YES, False: Answer.NO}
    found = fold(Answer.UNKNOWN if source.processing is None else said[bool(source.processing)] for source in sources)
    return Answer.UNKNOWN if found is Answer.NO and not whole else found


def told(summary: ProvenanceSummary) -> Iterator[tuple[str, list[DataSource]]]:
    """Path of each field of an outline, and the confidential sources that would tell something in it."""
    counted = set(summary.in_training)
    secret = [source for source in summary.sources if source.id in counted and source.confidential]
    apart = [source for source in summary.sources if source.id not in counted and source.confidential]
    for prefix, hidden in (("category", secret), ("evaluation", apart)):
        for category in SourceCategory:
            own = [source for source in hidden if source.category is category]
            for field, tells in _TOLD.items():
                yield f"{prefix}.{category}.{field}", [source for source in own if tells(summary, source)]
    yield "period.latest", [source for source in secret if source.id in summary.months]
    for place in _PLACES:
        yield f"regions.{place}", [source for source in secret if getattr(source, f"{place}_countries")]
    yield from forms.told(summary)


class Outlines:
    """Outlines of one summary for one audience: of the training data, or of what is used for validation or testing
    only."""

    def __init__(
        self,
        summary: ProvenanceSummary,
        plan: AudiencePlan,
        planned: AudiencePlanned,
        door: "Door",
        *,
        evaluation: bool = False,
    ) -> None:
        counted = set(summary.in_training)
        self._summary, self._plan, self._planned, self._door = summary, plan, planned, door
        self._evaluation = evaluation
        self._sources = [source for source in summary.sources if (source.id in counted) is not evaluation]

    def categories(self) -> tuple[CategoryOutline, ...]:
        """One outline for each of the seven categories, used or not; of validation and testing, of those used."""
        own = {source.category for source in self._sources} if self._evaluation else set(SourceCategory)
        return tuple(self._category(category) for category in SourceCategory if category in own)

    def evaluation(self) -> Evaluation:
        """What is used for validation or testing only, when these are outlines of that."""
        return Evaluation(categories=self.categories(), names=self.names())

    def _category(self, category: SourceCategory) -> CategoryOutline:
        sources = [source for source in self._sources if source.category is category]
        declared = self._summary.declarations.categories.get(category)
        used = Answer.YES if sources else Answer.NO if declared and not declared.used else Answer.UNKNOWN
        count = None
        path = f"{'evaluation' if self._evaluation else 'category'}.{category}"
        if sources and not self._evaluation and self._plan.counts == "band" and category not in self._planned.uncounted:
            band = statements.count_band(f"{path}.count", len(sources))
            count = self._door.publish(band, "band", "counts: band", f"{len(sources)} datasets")
            self._door.claim(band, Subject(facet="category", kinds=(category.value,)), None, Unit.DATASETS)
        dated = self._shown(sources, f"{path}.period")
        typed = self._shown(sources, f"{path}.content_types")
        processed = self._shown(sources, f"{path}.processing")
        aimed = self._shown(sources, f"{path}.purpose")
        labelled = self._shown(sources, f"{path}.label_types")
        first = self._shown(sources, f"{path}.first_used")
        reasoned = self._shown(sources, f"{path}.processing_purpose")
        return CategoryOutline(
            category=category,
            used=used,
            basis=Basis.DERIVED if sources else Basis.DECLARED,
            count=count,
            modalities=tuple(modality for modality in Modality if any(s.modality is modality for s in sources)),
            content_types=_distinct(words for source in typed for words in source.content_types),
            acquisitions=tuple(a for a in Acquisition if any(source.acquisition is a for source in sources)),
            acquisition_unknown=any(source.acquisition is None for source in sources),
            period=self._period(f"{path}.period", dated),
            period_withheld=len(dated) < len(sources),
            ongoing=any(source.collected is not None and source.collected.ongoing for source in dated),
            processing=_distinct(words for source in processed for words in source.processing or ()),
            purposes=_distinct(source.purpose for source in aimed if source.purpose),
            unnamed=any(source.confidential or self._plan.names == "withhold" for source in sources),
            stages=tuple(stage for stage in Stage if any(stage in source.stages for source in sources)),
            label_types=_distinct(words for source in labelled for words in source.label_types or ()),
            unlabelled=any(source.label_types == () for source in labelled),
            labels_unknown=any(source.label_types is None for source in labelled),
            first_used=self._months(f"{path}.first_used", [s.first_used for s in first if s.first_used]),
            first_used_unknown=any(source.first_used is None for source in first),
            first_used_withheld=len(first) < len(sources),
            processed=_processed(processed, whole=len(processed) == len(sources)),
            processing_purposes=_distinct(s.processing_purpose for s in reasoned if s.processing_purpose),
            seeded=fold(
                source.generator.seed_data if source.generator else Answer.UNKNOWN
                for source in sources
                if category is SourceCategory.SYNTHETIC
            ),
            **{
                name: _FOLDS.get(name, fold)(getattr(s.contains, name) for s in sources)
                for name in Contains.model_fields
            },
        )

    def _shown(self, sources: Sequence[DataSource], path: str) -> list[DataSource]:
        """Sources whose own value of a field may be shown: without the confidential ones where the plan says so."""
        if path not in self._planned.untold:
            return list(sources)
        secret = sum(1 for source in sources if source.confidential)
        self._door.decide(f"{path}.outline", "withhold", "owner", f"{secret} confidential sources")
        return [source for source in sources if not source.confidential]

    def _period(self, path: str, sources: Sequence[DataSource]) -> tuple[str, str] | None:
        known = [self._summary.months[source.id] for source in sources if source.id in self._summary.months]
        if not known:
            return None
        return self._months(path, [month for months in known for month in months])

    def _months(self, path: str, months: Sequence[str]) -> tuple[str, str] | None:
        """Ids of the statements of the first and the last of ``months``; None when there are none."""
        if not months:
            return None
        first, last = min(months), max(months)
        return (
            self._door.publish(statements.month(f"{path}.from", first), "round", "dates to the month", first),
            self._door.publish(statements.month(f"{path}.to", last), "round", "dates to the month", last),
        )

    def latest(self) -> str | None:
        """Last month of collection over all sources that may be shown."""
        shown = self._shown(self._sources, "period.latest")
        months = [self._summary.months[source.id][1] for source in shown if source.id in self._summary.months]
        if not months:
            return None
        last = max(months)
        return self._door.publish(statements.month("period.latest", last), "round", "dates to the month", last)

    def names(self) -> tuple[NamedSource, ...]:
        """Sources that may be named, by category and title; never by size."""
        named = []
        for source in self._sources:
            if source.confidential or self._plan.names == "withhold":
                rule = "names: not_confidential" if source.confidential else "names: withhold"
                self._door.decide(f"source.{source.id}.name", "withhold", rule, "name and owner of the source")
                continue
            named.append(
                NamedSource(
                    title=source.title,
                    version=source.version,
                    url=source.url,
                    hub_id=source.hub_id,
                    owner=source.owner.name if source.owner else None,
                    category=source.category,
                    modality=source.modality,
                    licence=licence(source.licence)[0],
                )
            )
        order = list(SourceCategory)
        return tuple(sorted(named, key=lambda n: (order.index(n.category), n.title.en.casefold(), n.title.ja)))

    def crawlers(self) -> tuple[CrawlerOutline, ...]:
        """Crawlers by name and user agent; several sources of one crawler are one row."""
        found: dict[tuple[str, str], list[DataSource]] = {}
        for source in self._open("crawler"):
            if source.crawler:
                found.setdefault((source.crawler.name, source.crawler.user_agent), []).append(source)
        names = Counter(name for name, _ in found)
        return tuple(
            self._crawler(f"crawler.{name}" if names[name] == 1 else f"crawler.{name} ({agent})", found[name, agent])
            for name, agent in sorted(found)
        )

    def _open(self, described: Literal["crawler", "generator", "user_service"]) -> Iterator[DataSource]:
        """Sources whose crawler, generator or service may be named: those that are not confidential."""
        for source in self._sources:
            if not source.confidential:
                yield source
            elif getattr(source, described):
                reason = "what a confidential source was made with"
                self._door.decide(f"source.{source.id}.{described}", "withhold", "confidentiality", reason)

    def _crawler(self, path: str, sources: Sequence[DataSource]) -> CrawlerOutline:
        described = [source.crawler for source in sources if source.crawler]
        first = described[0]
        behaviour = {}
        for name in CrawlerBehaviour.model_fields:
            told = _distinct(words for crawler in described if (words := getattr(crawler.behaviour, name)))
            if told:
                behaviour[name] = _joined(told)
        return CrawlerOutline(
            name=first.name,
            user_agent=first.user_agent,
            operator=next((crawler.operator for crawler in described if crawler.operator), None),
            purpose=_joined(_distinct(c.purpose for c in described if c.purpose)),
            url=next((crawler.url for crawler in described if crawler.url), None),
            behaviour=behaviour,
            site_types=_joined(_distinct(c.site_types for c in described if c.site_types)),
            period=self._period(f"{path}.period", sources),
            ongoing=any(source.collected is not None and source.collected.ongoing for source in sources),
        )

    def generators(self) -> tuple[GeneratorOutline, ...]:
        """Generator models of the synthetic sources, by name."""
        found = {}
        for source in self._open("generator"):
            generator = source.generator
            if generator:
                found[(generator.name, generator.version or "")] = GeneratorOutline(
                    name=generator.name,
                    version=generator.version,
                    on_market=generator.on_market,
                    url=generator.url,
                    training_data=generator.training_data,
                )
        return tuple(found[key] for key in sorted(found))

    def user_data(self) -> UserDataOutline:
        """Whether user data of each kind is used; "no" only when the category is declared unused."""
        declared = self._summary.declarations.categories.get(SourceCategory.USER)
        sources = [source for source in self._sources if source.category is SourceCategory.USER]
        kinds = {source.user_data for source in sources}
        none = Answer.NO if (declared and not declared.used) or (declared and sources) else Answer.UNKNOWN
        return UserDataOutline(
            model_interactions=Answer.YES if UserDataKind.MODEL_INTERACTIONS in kinds else none,
            other_services=Answer.YES if UserDataKind.OTHER_SERVICE in kinds else none,
            basis=Basis.DERIVED if sources else Basis.DECLARED,
            services=_distinct(source.user_service for source in self._open("user_service") if source.user_service),
        )

    def regions(self) -> Regions:
        """Countries over all sources that may be shown; which source is where is not told."""
        found: dict[str, tuple[str, ...]] = {}
        unknown: dict[str, bool] = {}
        for name in _PLACES:
            field = f"{name}_countries"
            shown = self._shown(self._sources, f"regions.{name}")
            found[name] = tuple(sorted({code for source in shown for code in getattr(source, field)}))
            unknown[f"{name}_unknown"] = any(not getattr(source, field) for source in shown)
        codes = sorted({code for codes in found.values() for code in codes})
        return Regions.model_validate({**found, **unknown, "groups": {code: country_group(code) for code in codes}})


def _distinct(words: Iterable[Words]) -> tuple[Words, ...]:
    """Texts without repeats, in order of the English text, so that no order of sources shows."""
    return tuple(sorted(set(words), key=lambda text: (text.en.casefold(), text.ja)))


def _joined(words: Sequence[Words]) -> Words | None:
    """Several sentences as one text."""
    return Words(ja="".join(text.ja for text in words), en=" ".join(text.en for text in words)) if words else None
