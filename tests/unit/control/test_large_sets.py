"""Large public datasets: strictly above 3 % of the public data of a modality, collections as one."""

from kaiji.control.large_sets import Compared, compared, large, totals
from kaiji.provenance.form import PublicSet
from kaiji.terms import Modality

TEXT, IMAGE = Modality.TEXT, Modality.IMAGE


def sets(**sizes: dict[Modality, int]) -> list[PublicSet]:
    return [PublicSet(key=key, sources=(key,), sizes=own) for key, own in sorted(sizes.items())]


def text(**sizes: int) -> list[PublicSet]:
    return sets(**{key: {TEXT: size} for key, size in sizes.items()})


def test_exactly_three_percent_is_not_large() -> None:
    given = text(a=3_000, b=3_010, c=40_000, d=33_990, e=20_000)
    assert totals(given) == {TEXT: 100_000}
    assert large(given) == {"b", "c", "d", "e"}


def test_large_in_one_modality_is_large() -> None:
    given = sets(captions={TEXT: 1, IMAGE: 500}, corpus={TEXT: 999}, photographs={IMAGE: 500})
    assert large(given) == {"captions", "corpus", "photographs"}
    assert large(given, frozenset({IMAGE})) == {"corpus"}
    assert compared(given) == (
        Compared("captions", TEXT, False),
        Compared("captions", IMAGE, True),
        Compared("corpus", TEXT, True),
        Compared("photographs", IMAGE, True),
    )


def test_many_equal_sets_have_no_large_one() -> None:
    assert large(text(**{f"s{n:02}": 10 for n in range(34)})) == frozenset()
    assert len(large(text(**{f"s{n:02}": 10 for n in range(33)}))) == 33
    assert large([]) == frozenset()


def test_sizes_beyond_what_a_float_tells_apart() -> None:
    huge = 10**18
    assert large(text(a=3 * huge, b=97 * huge)) == {"b"}
    assert large(text(a=3 * huge + 1, b=97 * huge)) == {"a", "b"}
