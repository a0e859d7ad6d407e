"""Sources that stand in another class than the EU form puts them in (C(2025) 8311, sections 2.1 to 2.6).

The seven categories of a manifest are those of the form; every source is in exactly one. What says otherwise is how it
was obtained: nobody crawls for free what a third party offers for download, and what a model merely described or
filtered stays where it came from.
"""

from collections.abc import Iterator, Sequence

from kaiji.findings import Finding
from kaiji.manifest.models import DataSource
from kaiji.terms import Acquisition, SourceCategory

FITTING: dict[SourceCategory, frozenset[Acquisition]] = {
    SourceCategory.PUBLIC: frozenset({Acquisition.FREE_PUBLIC}),
    SourceCategory.LICENSED: frozenset({Acquisition.LICENSED, Acquisition.PURCHASED}),
    SourceCategory.PRIVATE: frozenset({Acquisition.LICENSED, Acquisition.PURCHASED}),
    SourceCategory.CRAWLED: frozenset({Acquisition.SELF_COLLECTED, Acquisition.COMMISSIONED}),
    SourceCategory.USER: frozenset({Acquisition.USER_PROVIDED}),
    SourceCategory.SYNTHETIC: frozenset({Acquisition.GENERATED, Acquisition.COMMISSIONED}),
    SourceCategory.OTHER: frozenset({Acquisition.SELF_COLLECTED, Acquisition.COMMISSIONED, Acquisition.PURCHASED}),
}
"""How sources of a class are obtained; another way speaks for another class."""
_BETTER: dict[Acquisition, str] = {
    Acquisition.FREE_PUBLIC: "a dataset that a third party offers to everybody is public (2.1), a crawl or synthetic "
    "set of others included",
    Acquisition.LICENSED: "a dataset under a commercial licence is licensed (2.2.1), else private (2.2.2)",
    Acquisition.PURCHASED: "a dataset that was bought is licensed (2.2.1) or private (2.2.2)",
    Acquisition.SELF_COLLECTED: "what the provider collected itself is crawled (2.3) or other (2.6)",
    Acquisition.USER_PROVIDED: "what users provided is user data (2.4)",
    Acquisition.GENERATED: "what a model generated for training is synthetic (2.5)",
    Acquisition.COMMISSIONED: "labels and texts made by people on commission are other (2.6)",
}


def misfiled(sources: Sequence[DataSource]) -> Iterator[Finding]:
    """KJ525 for each source whose way of being obtained speaks for another class, or that is enrichment of another."""
    collections: dict[str, set[SourceCategory]] = {}
    for source in sources:
        if source.collection:
            collections.setdefault(source.collection, set()).add(source.category)
    for source in sources:
        if source.acquisition and source.acquisition not in FITTING[source.category]:
            told = f"the class is {source.category}, but it was obtained as {source.acquisition}"
            message = f"{told}: {_BETTER[source.acquisition]}"
            yield Finding(id="KJ525", message=message, place=source.place)
        others = collections.get(source.collection or "", set()) - {SourceCategory.SYNTHETIC}
        if source.category is SourceCategory.SYNTHETIC and others:
            message = (
                "a synthetic source belongs to the collection of another one: captions, labels and filtering by a "
                "model leave the data where it came from"
            )
            yield Finding(id="KJ525", message=message, place=source.place)


def one_content(sources: Sequence[DataSource], models: Sequence[str]) -> Iterator[Finding]:
    """KJ528 for each source that only some of the covered ``models`` were trained on: they need summaries of their own
    (notice, point 30)."""
    for source in sources:
        if source.models and set(source.models) != set(models):
            message = "only some of the covered models were trained on this source: each needs a summary of its own"
            yield Finding(id="KJ528", message=message, place=source.place)
