"""Checks of filled items that a regime may name in `checks:`. An explicit table: a check is a function and a line."""

from collections.abc import Callable, Iterator

from kaiji.findings import Finding
from kaiji.regime.facts_eu_checks import findings as eu_53_1_d
from kaiji.regime.filled import Filled

CHECKS: dict[str, Callable[[Filled], Iterator[Finding]]] = {"eu-53-1-d": eu_53_1_d}
