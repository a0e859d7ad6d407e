"""Filling the figures of the EU summary of training content (:mod:`kaiji.control.form_disclosed`) from exact sizes.

Only where a regime asks for them: :attr:`ProvenanceSummary.form` is None otherwise, and nothing is told.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from kaiji.control import statements
from kaiji.control.bins import size_bin
from kaiji.control.form_disclosed import NUMERIC, DomainList, FormFigures, FormSize, KnownSet, LargeSet, Outline
from kaiji.control.large_sets import PERCENT, compared, large
from kaiji.control.plan import AudiencePlanned
from kaiji.control.subjects import Claim, Subject
from kaiji.control.top_domains import domain_list, length_statement
from kaiji.manifest.declarations import Declarations
from kaiji.manifest.models import DataSource
from kaiji.provenance.form import FormSizes, FormTotal, PublicSet
from kaiji.provenance.summarise import ProvenanceSummary
from kaiji.terms import Answer, Modality, SizeClass, SourceCategory, Unit, Words

if TYPE_CHECKING:
    from kaiji.control.disclose import Door

_LINGUISTIC = (Modality.TEXT, Modality.AUDIO, Modality.VIDEO)
_NO_LANGUAGE = frozenset({"mul", "zxx", "und"})
"""Tags that name no single language: several, none, not determined."""
_Group = Literal["public", "private", "crawled"]
LENGTH = "form.domains.length"
"""Id of the length of the list of domain names."""


def small_provider(declared: Declarations) -> bool:
    """Whether the rule for small and medium-sized providers holds: only with evidence; otherwise it does not."""
    provider = declared.provider
    return provider.size_evidence is not None and provider.size_class in (
        SizeClass.MICRO,
        SizeClass.SMALL,
        SizeClass.MEDIUM,
    )


def told(summary: ProvenanceSummary) -> Iterator[tuple[str, list[DataSource]]]:
    """Path of each text, and the confidential sources that would tell something in it (:func:`outlines.told`)."""
    if summary.form is None:
        return
    secret = [source for source in _counted(summary) if source.confidential]
    for modality in Modality:
        own = [source for source in secret if source.modality is modality and source.content_types]
        yield f"form.{modality}.content_types", own
    speaking = [source for source in secret if source.modality in _LINGUISTIC and _languages(summary, source)]
    yield "form.all.languages", speaking
    for group, sources in groups(summary, summary.form).items():
        own = [source for source in sources if source.confidential]
        yield f"form.{group}.content_types", [source for source in own if source.content_types]
        yield f"form.{group}.languages", [source for source in own if _languages(summary, source)]
        yield f"form.{group}.period", [source for source in own if source.id in summary.months]


def _counted(summary: ProvenanceSummary) -> list[DataSource]:
    counted = set(summary.in_training)
    return [source for source in summary.sources if source.id in counted]


def groups(
    summary: ProvenanceSummary, form: FormSizes, withheld: frozenset[Modality] = frozenset()
) -> dict[_Group, list[DataSource]]:
    """Sources that are described together: what is no large public dataset, no known private one, what was crawled."""
    chosen = large(form.public, withheld)
    listed = {source for one in form.public if one.key in chosen for source in one.sources}
    sources = _counted(summary)
    return {
        "public": [s for s in sources if s.category is SourceCategory.PUBLIC and s.id not in listed],
        "private": [s for s in sources if s.category is SourceCategory.PRIVATE and not _known(s)],
        "crawled": [s for s in sources if s.category is SourceCategory.CRAWLED],
    }


def _known(source: DataSource) -> bool:
    """A private dataset that is publicly known and may be named."""
    return source.publicly_known and not source.confidential


def _languages(summary: ProvenanceSummary, source: DataSource) -> tuple[str, ...]:
    """Primary languages of a source: of its rows, else as declared."""
    return tuple(tag.split("-")[0] for tag in summary.languages.get(source.id) or source.languages)


class Forms:
    """The figures of one summary for one audience."""

    def __init__(self, summary: ProvenanceSummary, form: FormSizes, planned: AudiencePlanned, door: "Door") -> None:
        self._summary, self._form, self._planned, self._door = summary, form, planned, door
        self._sources = _counted(summary)
        self._by_id = {source.id: source for source in self._sources}

    def figures(self) -> FormFigures:
        """All of it; statements, claims and decisions go through the door."""
        withheld = frozenset(self._withheld())
        described = groups(self._summary, self._form, withheld)
        self._claims(withheld)
        spoken = [source for source in self._sources if source.modality in _LINGUISTIC]
        speaking = self._shown(spoken, "form.all.languages")
        languages = {tag for source in speaking for tag in _languages(self._summary, source)}
        return FormFigures(
            sizes=tuple(self._size(total) for total in self._form.totals),
            content_types={modality: types for modality in Modality if (types := self._types(modality))},
            large=tuple(self._large(withheld)),
            large_withheld=tuple(modality for modality in Modality if modality in withheld),
            unmeasured=tuple(modality for modality, unit in self._form.units.items() if unit is None),
            measures={modality: unit.value for modality, unit in self._form.units.items() if unit},
            other_public=self._outline("public", described["public"]),
            known_private=tuple(self._known_private()),
            other_private=self._outline("private", described["private"]),
            crawled=self._outline("crawled", described["crawled"]),
            domains=self._domains(),
            repeated=tuple(self._repeated()),
            languages=tuple(sorted(languages - _NO_LANGUAGE)),
            languages_unknown=len(speaking) < len(spoken) or not all(_languages(self._summary, s) for s in speaking),
            linguistic=any(source.modality in _LINGUISTIC for source in self._sources),
            generators_missing=any(
                source.category is SourceCategory.SYNTHETIC and source.generator is None for source in self._sources
            ),
        )

    def _withheld(self) -> Iterator[Modality]:
        for modality in Modality:
            if f"form.large.{modality}" in self._planned.unformed:
                self._door.decide(f"form.large.{modality}", "withhold", "ceiling", "the list would tell a size")
                yield modality

    def _size(self, total: FormTotal) -> FormSize:
        path = f"form.size.{total.modality}"
        named = [self._by_id[name] for name in total.dynamic]
        left_out = {
            "dynamic": tuple(source.title for source in named if not source.confidential),
            "unnamed_dynamic": any(source.confidential for source in named),
        }
        if total.size is None:
            return FormSize(modality=total.modality, statement=None, reason="not_known.no_common_measure", **left_out)
        if path in self._planned.unformed:
            self._door.decide(path, "withhold", "ceiling", f"{total.size} {total.unit}")
            return FormSize(modality=total.modality, statement=None, reason="withheld.owner", **left_out)
        statement = size_bin(path, total.modality, total.size)
        self._door.publish(statement, "band", "bins of the form", f"{total.size} {total.unit}")
        subject = Subject(modality=total.modality)
        if total.dynamic:
            known = (s.id for s in self._sources if s.modality is total.modality and s.id not in total.dynamic)
            subject = Subject(modality=total.modality, sources=tuple(sorted(known)))
        self._door.claim(statement, subject, None, total.unit)
        return FormSize(modality=total.modality, statement=path, **left_out)

    def _types(self, modality: Modality) -> tuple[Words, ...]:
        own = [source for source in self._sources if source.modality is modality]
        return _distinct(w for s in self._shown(own, f"form.{modality}.content_types") for w in s.content_types)

    def _shown(self, sources: Sequence[DataSource], path: str) -> list[DataSource]:
        if path not in self._planned.untold:
            return list(sources)
        return [source for source in sources if not source.confidential]

    def _claims(self, withheld: frozenset[Modality]) -> None:
        """What the list of large datasets tells of sizes, where a confidential dataset is among those compared."""
        sets = {one.key: one for one in self._form.public}
        secret = {self._by_id[s].modality for one in sets.values() for s in one.sources if self._by_id[s].confidential}
        for number, one in enumerate(compared(self._form.public)):
            unit = self._form.units[one.modality]
            if one.modality not in secret - withheld or unit is None:
                continue
            whole = Subject(modality=one.modality, facet="category", kinds=(SourceCategory.PUBLIC.value,))
            bound = Fraction(PERCENT)
            self._door.claims.append(
                Claim(
                    id=f"form.large.{one.modality}.{number}",
                    audience=self._door.audience,
                    unit=unit,
                    part=Subject(modality=one.modality, sources=sets[one.key].sources),
                    whole=whole,
                    low=bound if one.large else None,
                    high=None if one.large else bound,
                    low_open=one.large,
                )
            )

    def _large(self, withheld: frozenset[Modality]) -> list[LargeSet]:
        """Large datasets by name, those without a name last; never by size."""
        chosen = large(self._form.public, withheld)
        found = [self._large_set(one) for one in self._form.public if one.key in chosen]
        return sorted(found, key=lambda one: (one.title is None, one.title.en.casefold() if one.title else ""))

    def _large_set(self, one: PublicSet) -> LargeSet:
        sources = [self._by_id[name] for name in one.sources]
        modalities = tuple(modality for modality in Modality if any(s.modality is modality for s in sources))
        if any(source.confidential for source in sources):
            self._door.decide("form.large", "withhold", "confidentiality", f"name of {', '.join(one.sources)}")
            return LargeSet(
                title=None, version=None, url=None, modalities=modalities, content_types=(), period=None, part_used=None
            )
        single = sources[0] if len(sources) == 1 else None
        urls = sorted({source.url for source in sources if source.url})
        used = _distinct(source.part_used for source in sources if source.part_used)
        return LargeSet(
            title=single.title if single else Words(ja=one.key, en=one.key),
            version=single.version if single else None,
            url=urls[0] if urls else None,
            modalities=modalities,
            content_types=_distinct(words for source in sources for words in source.content_types),
            period=self._period(f"form.large.{one.key}.period", sources),
            part_used=Words(ja="".join(w.ja for w in used), en=" ".join(w.en for w in used)) if used else None,
            parts=() if single else _distinct(source.title for source in sources),
        )

    def _period(self, path: str, sources: Sequence[DataSource]) -> tuple[str, str] | None:
        known = [self._summary.months[source.id] for source in sources if source.id in self._summary.months]
        if not known:
            return None
        first, last = min(months[0] for months in known), max(months[1] for months in known)
        return (
            self._door.publish(statements.month(f"{path}.from", first), "round", "dates to the month", first),
            self._door.publish(statements.month(f"{path}.to", last), "round", "dates to the month", last),
        )

    def _outline(self, group: _Group, sources: Sequence[DataSource]) -> Outline | None:
        if not sources:
            return None
        path = f"form.{group}"
        languages = {
            tag for source in self._shown(sources, f"{path}.languages") for tag in _languages(self._summary, source)
        }
        return Outline(
            modalities=tuple(modality for modality in Modality if any(s.modality is modality for s in sources)),
            content_types=_distinct(
                words for source in self._shown(sources, f"{path}.content_types") for words in source.content_types
            ),
            languages=tuple(sorted(languages - _NO_LANGUAGE)),
            copyright=_fold(source.contains.copyright for source in sources),
            personal=_fold(source.contains.personal for source in sources),
            machine_generated=_fold(source.contains.machine_generated for source in sources),
            period=self._period(f"{path}.period", self._shown(sources, f"{path}.period")),
        )

    def _known_private(self) -> list[KnownSet]:
        known = [s for s in self._sources if s.category is SourceCategory.PRIVATE and _known(s)]
        sets = [KnownSet(title=s.title, version=s.version, url=s.url, modality=s.modality) for s in known]
        return sorted(sets, key=lambda one: one.title.en.casefold())

    def _domains(self) -> DomainList | None:
        if not any(source.category is SourceCategory.CRAWLED for source in self._sources):
            return None
        ranks = self._form.crawled
        everything = next((one for one in ranks if one.modality is None), None)
        if everything is None:
            return None
        small = small_provider(self._summary.declarations)
        statement = length_statement(LENGTH, everything.names, small=small)
        self._door.publish(statement, "band", "length of the list", f"{everything.names} names")
        return DomainList(
            length=statement.id,
            names=domain_list(ranks, small=small),
            small=small,
            measure=everything.measure,
            modalities=len(ranks) - 1,
            private_suffixes=self._form.private_suffixes,
            psl_version=self._form.psl_version,
            psl_date=self._form.psl_date,
            incomplete=bool(self._form.domains_unknown),
        )

    def _repeated(self) -> Iterator[tuple[Words, str]]:
        named = [s for s in self._sources if s.epochs is not None and s.epochs != 1 and not s.confidential]
        for source in sorted(named, key=lambda s: s.title.en.casefold()):
            yield source.title, str(source.epochs)


def numeric_months(door: "Door") -> None:
    """A twin for each month that was let through, printed as MM/YYYY: the form asks for it."""
    for said in list(door.statements.values()):
        if said.unit is Unit.MONTH and said.low is not None:
            year, number = divmod(int(said.low), 12)
            text = f"{number + 1:02}/{year:04}"
            twin = said.model_copy(update={"id": f"{said.id}.{NUMERIC}", "text": Words(ja=text, en=text)})
            door.publish(twin, "round", "dates to the month", text)


def _fold(answers: Iterable[Answer]) -> Answer:
    """Any yes is yes; else any unknown is unknown; else no."""
    found = set(answers)
    return Answer.YES if Answer.YES in found else Answer.NO if found == {Answer.NO} else Answer.UNKNOWN


def _distinct(words: Iterable[Words]) -> tuple[Words, ...]:
    """Texts without repeats, in order of the English text, so that no order of sources shows."""
    return tuple(sorted(set(words), key=lambda text: (text.en.casefold(), text.ja)))
