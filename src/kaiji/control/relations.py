"""From claims (published figures in terms of kinds) to relations (what they say of sums of atoms)."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from kaiji.control.atoms import Atoms
from kaiji.control.subjects import Claim, Subject
from kaiji.control.system import Relation, System
from kaiji.terms import Unit

BYTES_PER_TOKEN = (Fraction(2), Fraction(8))
"""What anybody may take for granted of tokenised text: between two and eight bytes to a token."""


class Sums:
    """The sums that relations are made of, each once."""

    def __init__(self, atoms: Atoms) -> None:
        self._atoms = atoms
        self._numbers: dict[tuple[int, ...], int] = {}
        self._of: dict[tuple[Subject, Unit], tuple[int, ...]] = {}

    def members(self, subject: Subject, unit: Unit) -> tuple[int, ...]:
        """Atoms of a subject."""
        key = (subject, unit)
        if key not in self._of:
            self._of[key] = self._atoms.of(subject, unit)
        return self._of[key]

    def number(self, subject: Subject, unit: Unit) -> int:
        """Number of the sum of a subject in one measure."""
        return self.number_of(self.members(subject, unit))

    def number_of(self, members: tuple[int, ...]) -> int:
        return self._numbers.setdefault(members, len(self._numbers))

    def all(self) -> tuple[tuple[int, ...], ...]:
        return tuple(self._numbers)


def system(atoms: Atoms, claims: Iterable[Claim], *, known: frozenset[int] = frozenset()) -> System:
    """All that the claims say of the atoms, with what anybody knows: public datasets, and bytes to a token.

    Args:
        atoms: Atoms of the release.
        claims: What is published, of one release, in units of sizes. Claims in other units (counts) are not for here.
        known: Atoms that this attacker knows besides.
    """
    sums = Sums(atoms)
    relations = [relation for claim in claims for relation in _relations(claim, sums)]
    relations += _priors(atoms, sums)
    return System(atoms.truth, sums.all(), _distinct(relations), atoms.known | known)


def _distinct(relations: Iterable[Relation]) -> tuple[Relation, ...]:
    """Each relation once: copies for several audiences, and of a release that was built again, say the same."""
    return tuple({relation[1:]: relation for relation in reversed(tuple(relations))}.values())[::-1]


def _relations(claim: Claim, sums: Sums) -> Iterator[Relation]:
    if not sums.members(claim.whole or claim.part, claim.unit):
        return  # said in a measure in which nothing is known
    part = sums.number(claim.part, claim.unit)
    if claim.whole is None:
        one = ((part, Fraction(1)),)
        yield Relation(claim.id, one, claim.low, claim.high, claim.low_open, claim.high_open)
        return
    whole = sums.number(claim.whole, claim.unit)
    zero = Fraction(0)
    for bound, low, is_open in ((claim.low, True, claim.low_open), (claim.high, False, claim.high_open)):
        if bound is None:
            continue
        share = bound / 100
        if part == whole:  # a share of itself says nothing
            continue
        both = tuple(sorted(((part, Fraction(1)), (whole, -share))))
        if low:
            yield Relation(claim.id, both, zero, None, low_open=is_open)
        else:
            yield Relation(claim.id, both, None, zero, high_open=is_open)


def _priors(atoms: Atoms, sums: Sums) -> Sequence[Relation]:
    """Bytes to a token of each confidential owner, where text is published in both measures and it is true of them."""
    frame = atoms.frame
    text = frame[(frame["modality"] == "text") & (frame["owner"] != "")]
    if set(text["measure"].unique()) != {Unit.TOKENS.value, Unit.BYTES.value}:
        return []
    found = []
    for _, group in text.groupby("owner", dropna=False, observed=True, sort=True):
        parts = [group[group["measure"] == unit.value] for unit in (Unit.BYTES, Unit.TOKENS)]
        sizes = [int(part["size"].sum()) for part in parts]
        low, high = BYTES_PER_TOKEN
        if not low * sizes[1] <= sizes[0] <= high * sizes[1]:
            continue
        many, tokens = (sums.number_of(tuple(part.index.tolist())) for part in parts)
        found.append(Relation("prior:bytes", tuple(sorted(((many, Fraction(1)), (tokens, -low)))), Fraction(0), None))
        found.append(Relation("prior:bytes", tuple(sorted(((many, Fraction(1)), (tokens, -high)))), None, Fraction(0)))
    return found
