"""CPU time by phase, for those who measure: printed to stderr when `KAIJI_PHASES` is set."""

import os
import resource
import sys

_last = 0.0


def end(name: str) -> None:
    """Tells the CPU-seconds (user and system, of this process and its ended children) since the phase before."""
    global _last
    if not os.environ.get("KAIJI_PHASES"):
        return
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    now = sum(one.ru_utime + one.ru_stime for one in used)
    print(f"phase {name} {now - _last:.3f}", file=sys.stderr)  # noqa: T201
    _last = now
