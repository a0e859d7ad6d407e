"""What may be said of categories, sources, crawlers and places without a figure of any owner."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal

from kaiji.control import statements
from kaiji.control.disclosed import (
    CategoryOutline,
    CrawlerOutline,
    GeneratorOutline,
    NamedSource,
    Regions,
    UserDataOutline,
)
from kaiji.control.level import AudiencePlan
from kaiji.manifest.models import Contains, CrawlerBehaviour, DataSource
from kaiji.provenance.normalise import licence
from kaiji.provenance.summarise import NAMELESS, ProvenanceSummary
from kaiji.terms import (
    Acquisition,
    Answer,
    Basis,
    CountryGroup,
    Modality,
    SourceCategory,
    UserDataKind,
    Words,
)

if TYPE_CHECKING:
    from kaiji.control.disclose import Door

_ASEAN = frozenset({"BN", "ID", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "TL", "VN"})
"""Members of ASEAN, Timor-Leste (2025) included."""
_EU = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"}
    | {"IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"}
)


def country_group(code: str) -> CountryGroup:
    """Group of a country code (ISO 3166-1 alpha-2)."""
    single = {"JP": CountryGroup.JAPAN, "IN": CountryGroup.INDIA, "US": CountryGroup.US}
    if code in single:
        return single[code]
    return CountryGroup.ASEAN if code in _ASEAN else CountryGroup.EU if code in _EU else CountryGroup.ELSEWHERE


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


class Outlines:
    """Outlines of one summary for one audience."""

    def __init__(self, summary: ProvenanceSummary, plan: AudiencePlan, door: "Door") -> None:
        counted = set(summary.in_training)
        self._summary, self._plan, self._door = summary, plan, door
        self._sources = [source for source in summary.sources if source.id in counted]

    def categories(self) -> tuple[CategoryOutline, ...]:
        """One outline for each of the seven categories, used or not."""
        return tuple(self._category(category) for category in SourceCategory)

    def _category(self, category: SourceCategory) -> CategoryOutline:
        sources = [source for source in self._sources if source.category is category]
        declared = self._summary.declarations.categories.get(category)
        used = Answer.YES if sources else Answer.NO if declared and not declared.used else Answer.UNKNOWN
        count = None
        if sources and self._plan.counts == "band":
            band = statements.count_band(f"category.{category}.count", len(sources))
            count = self._door.publish(band, "band", "counts: band", f"{len(sources)} datasets")
        path = f"category.{category}"
        dated = self._shown(sources, f"{path}.period", lambda source: source.id in self._summary.months)
        typed = self._shown(sources, f"{path}.content_types", lambda source: bool(source.content_types))
        processed = self._shown(sources, f"{path}.processing", lambda source: bool(source.processing))
        aimed = self._shown(sources, f"{path}.purpose", lambda source: source.purpose is not None)
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
            processing=_distinct(words for source in processed for words in source.processing),
            purposes=_distinct(source.purpose for source in aimed if source.purpose),
            unnamed=any(source.confidential or self._plan.names == "withhold" for source in sources),
            **{
                name: _FOLDS.get(name, fold)(getattr(s.contains, name) for s in sources)
                for name in Contains.model_fields
            },
        )

    def _shown(self, sources: Sequence[DataSource], path: str, told: Callable[[DataSource], bool]) -> list[DataSource]:
        """Sources whose own value of a field may be shown: the confidential ones only among enough owners.

        ``told`` says whether a source has the field. Owners count when their source has it and adds to a figure: a
        date that one of three owners gives is that owner's date.
        """
        secret = [source for source in sources if source.confidential and told(source)]
        sized = set(self._summary.sized)
        owners = {source.owner.id if source.owner else NAMELESS for source in secret if source.id in sized}
        if not secret or len(owners) >= self._door.minimum:
            return list(sources)
        rule = f"owners_minimum {self._door.minimum}"
        self._door.decide(f"{path}.outline", "withhold", rule, f"{len(secret)} sources of {len(owners)} owners")
        return [source for source in sources if not source.confidential]

    def _period(self, path: str, sources: Sequence[DataSource]) -> tuple[str, str] | None:
        known = [self._summary.months[source.id] for source in sources if source.id in self._summary.months]
        if not known:
            return None
        first, last = min(months[0] for months in known), max(months[1] for months in known)
        return (
            self._door.publish(statements.month(f"{path}.from", first), "round", "dates to the month", first),
            self._door.publish(statements.month(f"{path}.to", last), "round", "dates to the month", last),
        )

    def latest(self) -> str | None:
        """Last month of collection over all sources that may be shown."""
        shown = self._shown(self._sources, "period.latest", lambda source: source.id in self._summary.months)
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
        for name in ("origin", "storage", "processing"):
            field = f"{name}_countries"
            shown = self._shown(self._sources, f"regions.{name}", partial(_holds, field))
            found[name] = tuple(sorted({code for source in shown for code in getattr(source, field)}))
            unknown[f"{name}_unknown"] = any(not getattr(source, field) for source in shown)
        codes = sorted({code for codes in found.values() for code in codes})
        return Regions.model_validate({**found, **unknown, "groups": {code: country_group(code) for code in codes}})


def _holds(field: str, source: DataSource) -> bool:
    return bool(getattr(source, field))


def _distinct(words: Iterable[Words]) -> tuple[Words, ...]:
    """Texts without repeats, in order of the English text, so that no order of sources shows."""
    return tuple(sorted(set(words), key=lambda text: (text.en.casefold(), text.ja)))


def _joined(words: Sequence[Words]) -> Words | None:
    """Several sentences as one text."""
    return Words(ja="".join(text.ja for text in words), en=" ".join(text.en for text in words)) if words else None
