"""The list of crawled domain names (C(2025) 8311, section 2.3): the top tenth of the *names*, ranked by size.

Of N names the first ceil(N / 10); of a small or medium-sized provider the first min(ceil(N / 20), 1000). With several
modalities the tops of each come first, so that each is represented, and the list is filled from the names that are
largest in total. Ranks are published, sizes are not; how long the list is tells N within ten.
"""

from collections.abc import Sequence

from kaiji.control.statements import Statement
from kaiji.scan.result import RankedDomains
from kaiji.terms import Unit, Words

SHARE, SHARE_SMALL, LIMIT_SMALL = 10, 20, 1000
"""One name in ten; for a small provider one in twenty, and no more than a thousand."""


def list_length(names: int, *, small: bool) -> int:
    """k: how many of N ``names`` the list holds at least."""
    return min(-(-names // SHARE_SMALL), LIMIT_SMALL) if small else -(-names // SHARE)


def length_statement(path: str, names: int, *, small: bool) -> Statement:
    """The length of the list, and of how many names it is the top: that much the length tells anyway."""
    k = list_length(names, small=small)
    part = SHARE_SMALL if small else SHARE
    low = part * (k - 1) + 1 if k else 0
    if small and k == LIMIT_SMALL:
        told = Words(ja=f"{k:,}件({low:,}件以上のドメイン名のうち)", en=f"{k:,} of {low:,} or more domain names")
        return Statement(id=path, text=told, unit=Unit.DOMAINS, low=low, high=None)
    high = part * k
    told = Words(ja=f"{k:,}件({low:,}〜{high:,}件のドメイン名のうち)", en=f"{k:,} of {low:,} to {high:,} domain names")
    return Statement(id=path, text=told, unit=Unit.DOMAINS, low=low, high=high)


def domain_list(ranks: Sequence[RankedDomains], *, small: bool) -> tuple[str, ...]:
    """The names of the list: those that are largest in total first, then what only a modality of its own brings in.

    Args:
        ranks: The first tenth of all names, and of the names of each modality.
        small: Whether the provider is small or medium-sized.
    """
    everything = next((one for one in ranks if one.modality is None), None)
    if everything is None:
        return ()
    tops = [name for one in ranks if one.modality for name in one.domains[: list_length(one.names, small=small)]]
    wanted = set(tops)
    k = list_length(everything.names, small=small)
    for name in everything.domains:
        if len(wanted) >= k:
            break
        wanted.add(name)
    first = [name for name in everything.domains if name in wanted]
    return (*first, *sorted(wanted.difference(first)))
