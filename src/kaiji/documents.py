"""The second half of the way: from a summary through control, regimes and formats to bytes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from kaiji.control.disclose import Disclosed, disclose
from kaiji.control.disclosed import Decision, DisclosedSummary, Method
from kaiji.control.level import Level
from kaiji.control.plan import Plan
from kaiji.control.subjects import Claim
from kaiji.manifest.models import Release
from kaiji.provenance.summarise import ProvenanceSummary
from kaiji.regime.document import DisclosureDocument
from kaiji.regime.fill import fill
from kaiji.regime.filled import Filled
from kaiji.regime.localise import localise
from kaiji.regime.model import Regime
from kaiji.render.annex import domains_csv
from kaiji.render.formats import RENDERERS, file_name
from kaiji.render.index import index
from kaiji.render.model_card import model_card
from kaiji.terms import Audience, Language, Modality


class Made(NamedTuple):
    """Everything that is published of one summary, and what stands behind it."""

    disclosed: tuple[DisclosedSummary, ...]
    """For each audience."""
    claims: tuple[Claim, ...]
    decisions: tuple[Decision, ...]
    filled: tuple[Filled, ...]
    """Regimes as filled for each audience."""
    files: Mapping[str, bytes]
    """By path, audience first; without checksums."""


@dataclass(frozen=True)
class Documents:
    """How documents are made of a summary: all that is the same whatever the sizes are."""

    release: Release
    level: Level
    plan: Plan
    regimes: tuple[Regime, ...]
    languages: tuple[Language, ...]
    on: date
    method: Method
    final: bool = False
    """True without the mark of a draft: for the digest of a sign-off, and for what one covers."""

    def claims(self, summary: ProvenanceSummary) -> tuple[Claim, ...]:
        """What the documents would tell of sizes."""
        return tuple(claim for audience in Audience for claim in self._disclose(summary, audience).claims)

    def disclosed(self, summary: ProvenanceSummary) -> tuple[DisclosedSummary, ...]:
        """What each audience may see: all that regimes and formats are made of."""
        return tuple(self._disclose(summary, audience).summary for audience in Audience)

    def made(self, summary: ProvenanceSummary) -> Made:
        """The documents of ``summary`` for all audiences, in all languages and formats."""
        parts = [self._disclose(summary, audience) for audience in Audience]
        files: dict[str, bytes] = {}
        filled: list[Filled] = []
        for one in parts:
            own = [fill(regime, one.summary, self._evidenced(regime.spec.id)) for regime in self.regimes]
            filled += own
            files.update(_files(one.summary, own, self.languages, draft=not self.final))
        return Made(
            disclosed=tuple(one.summary for one in parts),
            claims=tuple(claim for one in parts for claim in one.claims),
            decisions=tuple(decision for one in parts for decision in one.decisions),
            filled=tuple(filled),
            files=dict(sorted(files.items())),
        )

    def _disclose(self, summary: ProvenanceSummary, audience: Audience) -> Disclosed:
        return disclose(summary, self.level, self.plan, audience, self.on, method=self.method)

    def _evidenced(self, regime: str) -> frozenset[str]:
        """Items whose answers name evidence, which itself stays inside."""
        return frozenset(item for item, answer in self.release.answers.get(regime, {}).items() if answer.evidence)


def _files(
    disclosed: DisclosedSummary, filled: Sequence[Filled], languages: Sequence[Language], *, draft: bool
) -> Iterator[tuple[str, bytes]]:
    audience = disclosed.audience
    documents: list[DisclosureDocument] = []
    for one in filled:
        for language in languages:
            document = localise(one, language, draft=draft)
            documents.append(document)
            for extension, render in RENDERERS.items():
                yield f"{audience.value}/{file_name(document, extension)}", render(document)
    annexes = dict(_annexes(disclosed, filled))
    yield from ((f"{audience.value}/{name}", data) for name, data in annexes.items())
    if audience is Audience.PUBLIC:
        shown = [item for one in filled for item in one.regime.spec.model_card]
        address = disclosed.declarations.document.canonical_url
        yield "public/model_card.md", model_card(documents, shown, _front_matter(disclosed), address)
        yield "public/index.html", index(documents, others=("model_card.md", *annexes, "SHA256SUMS"))
    else:
        yield f"{audience.value}/index.html", index(documents, others=(*annexes, "SHA256SUMS"))


def _annexes(disclosed: DisclosedSummary, filled: Sequence[Filled]) -> Iterator[tuple[str, bytes]]:
    """Lists that a document refers to, by file name."""
    listed = disclosed.form.domains if disclosed.form else None
    for one in filled:
        if listed and any("crawled.top_domains" in item.spec.facts for item in one.items):
            yield f"{one.regime.spec.id}.domains.csv", domains_csv(listed.names)


def _front_matter(disclosed: DisclosedSummary) -> dict[str, object]:
    """What the front matter of a model card may say: licence of the model, named datasets, languages."""
    found: dict[str, object] = {}
    if disclosed.declarations.model.licence:
        licence = disclosed.declarations.model.licence
        found["license"] = "other" if licence.lower().startswith("licenseref-") else licence.lower()
    datasets = sorted({source.hub_id for source in disclosed.names if source.hub_id})
    facet = disclosed.facet("language", Modality.TEXT)
    kinds = {kind for row in facet.rows for kind in row.kinds if kind} if facet else set()
    languages = sorted(kind for kind in kinds if kind not in ("mul", "zxx"))
    return {**found, **({"datasets": datasets} if datasets else {}), **({"language": languages} if languages else {})}
