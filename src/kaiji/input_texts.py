"""Texts that people wrote, or that stand in the data, with their places: to be published, and not to hold a secret."""

from collections.abc import Iterator

from kaiji.findings import Place
from kaiji.measure import Measured


def input_texts(measured: Measured) -> Iterator[tuple[Place, str]]:
    """Texts that are published or logged: all of the release and of its sources but what names a confidential one."""
    loaded = measured.loaded
    for key, text in _strings(loaded.release.model_dump(mode="json", by_alias=True), ""):
        yield loaded.release.place_of(key), text
    for source in loaded.sources:
        data = source.model_dump(mode="json", by_alias=True)
        for private in ("id", "title", "url", "hub_id", "owner", "collection") if source.confidential else ():
            data.pop(private)
        for key, text in _strings(data, ""):
            yield loaded.place_of(source, key), text
    for file in loaded.files:
        yield Place(file=file.path, key="file name"), file.path
    for one in measured.scan.sources if measured.scan else ():
        for shard in one.shards:
            yield Place(file="data", key="file name"), shard.path
    yield from measured.observed_texts


def _strings(value: object, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _strings(inner, f"{key}.{name}".removeprefix("."))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _strings(inner, f"{key}[{position}]")
