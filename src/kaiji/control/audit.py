"""The whole audit of one attacker: what is proved open, what is not, and what follows exactly."""

from collections.abc import Sequence
from typing import NamedTuple

from kaiji.control.certificates import Failure, certify
from kaiji.control.exact import determined
from kaiji.control.system import Certificate, Protection, System, Target


class Audit(NamedTuple):
    """Result of an audit; safe when ``failures`` and ``exact`` are empty."""

    certificates: tuple[Certificate, ...]
    failures: tuple[Failure, ...]
    exact: frozenset[str]
    """Ids of targets whose size the attacker can work out exactly, sizes of zero included."""


def audit(system: System, targets: Sequence[Target], protection: Protection) -> Audit:
    """Audits all ``targets`` against one attacker, whose own and public atoms are ``system.known``.

    Raises:
        UnresolvedError: a published figure is false; see :func:`kaiji.control.unknowns.untrue`.
    """
    certification = certify(system, targets, protection)
    return Audit(certification.certificates, certification.failures, determined(system, targets))
