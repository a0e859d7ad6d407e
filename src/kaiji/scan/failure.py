"""Why a shard does not count: one exception inside the scan, which :mod:`kaiji.scan.run` turns into a finding."""

from kaiji.findings import Finding, Place


class ShardError(Exception):
    """A shard that cannot be counted.

    ``rule`` is the id of the finding, ``message`` holds nothing confidential, ``detail`` may (the engine's own
    words), ``line`` is the line of a JSONL file, counted from 1, ``key`` the key of ``files`` that is to blame.
    """

    def __init__(
        self, rule: str, message: str, *, detail: str | None = None, line: int | None = None, key: str | None = None
    ) -> None:
        self.rule, self.message, self.detail, self.line, self.key = rule, message, detail, line, key
        super().__init__(message)

    def finding(self, name: str) -> Finding:
        """The finding at the data file ``name`` (path relative to the folder of release.yaml)."""
        place = Place(file=name, line=self.line, key=self.key)
        return Finding(id=self.rule, message=self.message, place=place, detail=self.detail)
