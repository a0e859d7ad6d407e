"""What is read for which source. A file that several sources name is counted in the first."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from kaiji.errors import ManifestError
from kaiji.findings import Finding, Place, in_order
from kaiji.manifest.models import Columns, DataSource
from kaiji.scan import tokenizer
from kaiji.scan.files import DataFile, find
from kaiji.scan.shards import roles
from kaiji.scan.tokenizer import Tokenizer

PlaceOf = Callable[[DataSource, str], Place]


class Plan(NamedTuple):
    """The shards of one source and what is read of them."""

    source: DataSource
    files: tuple[DataFile, ...]
    mapped: dict[str, str]
    """Role to column, of the columns that are read."""
    tokenizer: Tokenizer | None
    """What counts tokens, if the manifest names one."""
    whole: bool
    """False when a file of the source is known beforehand not to be counted."""

    @property
    def tokenizer_key(self) -> str | None:
        """What tells the tokenizer from one that may count otherwise."""
        return f"{self.tokenizer.library} {self.tokenizer.digest}" if self.tokenizer else None


def planned(
    sources: Sequence[DataSource], root: Path, data_roots: Sequence[str | Path], place_of: PlaceOf | None = None
) -> tuple[list[Plan], list[Finding]]:
    """Plans of the ``sources`` that name files, in their order, and what is wrong with their patterns.

    ``place_of`` says where a key of a source stands.

    Raises :class:`ManifestError` (KJ109) when a path leaves the allowed folders, and as
    :func:`kaiji.scan.tokenizer.named`.
    """
    tokenizers = tokenizer.named(sources, root, data_roots, place_of)
    observed = [source for source in sources if source.files is not None]
    found = [find(source, root, data_roots) for source in observed]
    if outside := [finding for one in found for finding in one.outside]:
        raise ManifestError(in_order(outside))
    findings = [finding for one in found for finding in one.findings]
    first: dict[Path | str, str] = {}
    plans: list[Plan] = []
    for source, one in zip(observed, found, strict=True):
        own = tuple(file for file in one.files if first.setdefault(file.location, source.id) == source.id)
        kept = set(own)
        for file in one.files:
            if file not in kept:
                message = "the file is named by more than one source; only the first counts it"
                detail = f"{first[file.location]}, {source.id}"
                findings.append(Finding(id="KJ211", message=message, place=Place(file=file.name), detail=detail))
        whole = len(own) == len(one.files) and not one.findings
        columns = source.files.columns if source.files else Columns()
        counts = tokenizers.get(source.id)
        plans.append(Plan(source, own, roles(columns, with_text=counts is not None), counts, whole))
    return plans, findings
