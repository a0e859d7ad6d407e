"""An attacker of our own: linear programs over what the published JSON says, with nothing of the control module.

He reads the figures of every document, puts them together with what others said, with what he was told besides and
with what anybody knows, and asks how small and how large each protected size can be. He is stronger than a real one:
he knows which sources, kinds and owners there are, which sizes did not change between releases, and the rounding unit
of each table. Only the sizes themselves are hidden from him.
"""

import importlib
import sys
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import optimize, sparse

sys.path.insert(0, str(Path(__file__).parent))
readings = importlib.import_module("readings")
Seen, seen, band, percent, said = readings.Seen, readings.seen, readings.band, readings.percent, readings.said

P, P_INSIDER, FACTOR = 0.2, 0.1, 2.0
"""Protection that is asked for where the policy of a release says nothing."""
SLACK = 1e-5
"""Part of a size by which linear programs in floating point may be wrong."""
SMALL = 10**4
"""Below this total of a measure, sizes are searched for as whole numbers."""
REACH = 1e4
"""Moves, in sizes of the target, beyond which programs that are too hard do not look."""
KINDS = ("category", "language", "licence", "rights_basis", "acquisition", "period", "stage")


class Bound(NamedTuple):
    """``low <= sum of coefficient x size <= high``."""

    coefficients: Mapping[int, Fraction]
    low: Fraction | None
    high: Fraction | None
    source: str


class Weak(NamedTuple):
    """A protected size that the attacker comes too close to."""

    target: str
    insider: str
    """Who joins in; empty for nobody."""
    truth: int
    low: float
    high: float


class Attack:
    """Everything that the attacker knows of some releases, as linear bounds on unknown sizes."""

    def __init__(self, releases: Sequence[Any], facts: Sequence[Mapping[str, Any]] = ()) -> None:
        self.truth: list[int] = []
        self.rows: list[dict[str, Any]] = []
        self.known: set[int] = set()
        self.bounds: list[Bound] = []
        self.targets: dict[tuple[int, ...], str] = {}
        self._numbers: dict[tuple[object, ...], int] = {}
        self._of: dict[str, list[int]] = {}
        self._said = {"seconds" if fact["unit"] == "hours" else fact["unit"] for fact in facts} - {"datasets"}
        for release in releases:
            self._size_up(release)
        self._aim()
        for release in releases:
            self._read(release)
        for fact in facts:
            self._hear(fact, releases[-1].name)
        self._believe()

    def _size_up(self, release: Any) -> None:
        """Unknowns: each size of the inventory; one that another release has too is one and the same."""
        measures = {self._measure(release, modality) for modality in set(release.frame["modality"])} | self._said
        if any(path.startswith("modality.") for path in release.figures):
            measures.add("bytes")
        copies: dict[tuple[object, ...], int] = {}
        mine = self._of.setdefault(release.name, [])
        for row in release.frame.to_dict("records"):
            for measure in sorted(measures):
                value = _given(row[measure])
                if value is None:
                    continue
                same = [row[name] for name in ("source_id", "modality", "language", "licence", "period")]
                key = (*map(_given, same), measure, int(value))
                copies[key] = copies.get(key, 0) + 1
                place = self._numbers.setdefault((*key, copies[key]), len(self.truth))
                if place == len(self.truth):
                    self.truth.append(int(value))
                    self.rows.append({})
                about = {name: _given(row[name]) for name in KINDS}
                holder = row["owner_id"] if isinstance(row["owner_id"], str) else "?" if row["confidential"] else ""
                self.rows[place] |= {
                    release.name: about,
                    "measure": measure,
                    "modality": row["modality"],
                    "source": row["source_id"],
                    "holder": holder,
                    "secret": bool(row["confidential"]) or self.rows[place].get("secret", False),
                }
                if not row["confidential"] and row["category"] == "public":
                    self.known.add(place)
                mine.append(place)

    def sum_of(
        self,
        release: str,
        measure: str,
        modality: str | None = None,
        kinds: Mapping[str, Sequence[str | None]] | None = None,
        sources: Sequence[str] | None = None,
    ) -> list[int]:
        """The unknowns of a part of the data."""
        return [
            place
            for place in self._of[release]
            for row in [self.rows[place]]
            if row["measure"] == measure
            and (modality is None or row["modality"] == modality)
            and (sources is None or row["source"] in sources)
            and all(
                (row["modality"] if facet == "modality" else row[release][facet]) in chosen
                for facet, chosen in (kinds or {}).items()
            )
        ]

    def _read(self, release: Any) -> None:
        for planned in release.plan["audiences"]:
            measures: dict[str | None, str] = {None: "bytes"}
            for total in planned["totals"]:
                modality = total["modality"]
                measures[modality] = self._measure(release, modality)
                text = release.figures.get(f"total.{modality}")
                if text:
                    low, high = band(text)
                    whole = self.sum_of(release.name, measures[modality], modality)
                    self._bound(whole, {}, low, high, f"{release.name}/total.{modality}")
            for facet in planned["facets"]:
                for kinds in facet["groups"]:
                    name = "+".join(kind or "not-known" for kind in kinds)
                    path = f"{facet['facet']}.{facet['modality'] or 'all'}.{name}.share"
                    of = {facet["facet"]: kinds}
                    self._share(release, path, facet["modality"], of, facet["unit"], measures)
            for table in planned["tables"]:
                groups = [
                    next(
                        f["groups"]
                        for f in planned["facets"]
                        if (f["facet"], f["modality"]) == (facet, table["modality"])
                    )
                    for facet in table["facets"]
                ]
                for row in groups[0]:
                    for column in groups[1]:
                        names = ["+".join(kind or "not-known" for kind in kinds) for kinds in (row, column)]
                        path = f"{'-by-'.join(table['facets'])}.{table['modality']}.{'.'.join(names)}.share"
                        of = dict(zip(table["facets"], (row, column), strict=True))
                        self._share(release, path, table["modality"], of, table["unit"], measures)

    def _measure(self, release: Any, modality: str) -> str:
        """Measure in which shares of a modality are given: the first that all its sources know."""
        order = {"text": ("tokens", "bytes", "documents"), "image": ("items", "documents", "bytes")}
        order |= {"other": ("items", "bytes", "documents")}
        rows = release.frame[release.frame["modality"] == modality]
        sources = set(rows["source_id"])
        for measure in order.get(modality, ("seconds", "bytes", "documents")):
            if set(rows.loc[rows[measure].notna(), "source_id"]) == sources:
                return measure
        return "bytes"

    def _share(
        self,
        release: Any,
        path: str,
        modality: str | None,
        kinds: Mapping[str, Sequence[str | None]],
        unit: str | None,
        measures: Mapping[str | None, str],
    ) -> None:
        text = release.figures.get(path)
        if text is None or unit is None:
            return
        low, high = percent(text, Fraction(unit))
        part = self.sum_of(release.name, measures[modality], modality, kinds)
        whole = self.sum_of(release.name, measures[modality], modality)
        self._shares(part, whole, low, high, f"{release.name}/{path}")
        owners = {self.rows[place]["holder"] for place in part if self.rows[place]["secret"]}
        for owner in owners:
            own = [place for place in part if self.rows[place]["holder"] == owner and self.rows[place]["secret"]]
            self._target(own, f"owner:{owner}:{path}:{release.name}")

    def _shares(self, part: Sequence[int], whole: Sequence[int], low: Fraction, high: Fraction, source: str) -> None:
        for bound, lower in ((low, True), (high, False)):
            coefficients = dict.fromkeys(part, Fraction(1))
            for place in whole:
                coefficients[place] = coefficients.get(place, Fraction(0)) - bound / 100
            ends = (Fraction(0), None) if lower else (None, Fraction(0))
            self.bounds.append(Bound(coefficients, ends[0], ends[1], source))

    def _bound(
        self,
        part: Sequence[int],
        more: Mapping[int, Fraction],
        low: Fraction | None,
        high: Fraction | None,
        source: str,
    ) -> None:
        self.bounds.append(Bound({**dict.fromkeys(part, Fraction(1)), **more}, low, high, source))

    def _hear(self, fact: Mapping[str, Any], at_hand: str) -> None:
        """What others said, in the form of the file of external facts."""
        of, release = fact["of"], fact.get("release", at_hand)
        unit, factor = ("seconds", 3600) if fact["unit"] == "hours" else (fact["unit"], 1)
        if unit == "datasets":
            return
        low, high = said(fact)
        kinds = {of["facet"]: [None if k == "not-known" else k for k in of["kinds"]]} if "facet" in of else None
        part = self.sum_of(release, unit, of.get("modality"), kinds, of.get("sources"))
        if fact["says"] == "share":
            whole = self.sum_of(release, unit, of.get("modality"))
            self._shares(part, whole, low or Fraction(0), high or Fraction(100), fact["id"])
        else:
            lower, upper = (None if end is None else end * factor for end in (low, high))
            self._bound(part, {}, lower, upper, fact["id"])

    def _believe(self) -> None:
        """Anybody takes two to eight bytes to a token of text for granted; wrong beliefs are left out."""
        for release, places in self._of.items():
            text = [p for p in places if self.rows[p]["modality"] == "text"]
            for owner in sorted({self.rows[p]["holder"] for p in text if self.rows[p]["secret"]}):
                both = [
                    [p for p in text if self.rows[p]["holder"] == owner and self.rows[p]["measure"] == measure]
                    for measure in ("bytes", "tokens")
                ]
                sizes = [sum(self.truth[p] for p in part) for part in both]
                if all(both) and 2 * sizes[1] <= sizes[0] <= 8 * sizes[1]:
                    for ratio, ends in ((2, (Fraction(0), None)), (8, (None, Fraction(0)))):
                        more = dict.fromkeys(both[1], Fraction(-ratio))
                        self._bound(both[0], more, ends[0], ends[1], f"{release}/bytes-per-token")

    def _aim(self) -> None:
        for release, places in self._of.items():
            for name in ("holder", "source"):
                found: dict[tuple[str, ...], list[int]] = {}
                for place in places:
                    row = self.rows[place]
                    if row["secret"]:
                        found.setdefault((row[name], row["modality"], row["measure"]), []).append(place)
                for key, own in found.items():
                    self._target(own, f"{name}:{':'.join(key)}:{release}")

    def _target(self, own: Sequence[int], name: str) -> None:
        """Of nothing at all, an attacker may learn that it is nothing."""
        if sum(self.truth[place] for place in own):
            self.targets.setdefault(tuple(own), name)

    def untrue(self) -> list[str]:
        """Published figures and facts that are false of the truth."""
        wrong = []
        for bound in self.bounds:
            value = sum((factor * self.truth[place] for place, factor in bound.coefficients.items()), Fraction(0))
            if (bound.low is not None and value < bound.low) or (bound.high is not None and value > bound.high):
                wrong.append(bound.source)
        return wrong

    def interval(self, target: Sequence[int], known: Iterable[int] = ()) -> tuple[float, float]:
        """Smallest and largest size of a target that agrees with everything, for one who knows some sizes besides."""
        return _Program(self, set(known)).interval(target)

    def weak(
        self,
        *,
        p: float = P,
        p_insider: float = P_INSIDER,
        factor: float = FACTOR,
        insiders: Sequence[str] | None = None,
    ) -> list[Weak]:
        """Protected sizes that anybody, or another owner who knows his own part, comes too close to.

        ``insiders`` are owners; None takes all of them, confidential or not.
        """
        found = []
        holders = sorted({row["holder"] for row in self.rows if row["holder"]}) if insiders is None else insiders
        for insider in ("", *holders):
            known = {place for place, row in enumerate(self.rows) if insider and row["holder"] == insider}
            program = _Program(self, known)
            for target, name in self.targets.items():
                if insider and known & set(target):
                    continue
                truth = sum(self.truth[place] for place in target)
                needed = p_insider if insider else p
                low, high = program.interval(target)
                apart = high >= factor * low * (1 - SLACK) if not insider else True
                if (
                    low > truth * (1 - needed) + SLACK * truth
                    or high < truth * (1 + needed) - SLACK * truth
                    or not apart
                ):
                    found.append(Weak(name, insider, truth, low, high))
        return found


class _Program:
    """The moves away from the truth that one attacker cannot tell from it; unknowns alike to him are one."""

    def __init__(self, attack: Attack, known: set[int]) -> None:
        self._attack = attack
        fixed = known | attack.known
        self._free = [place for place in range(len(attack.truth)) if place not in fixed]
        column = {place: number for number, place in enumerate(self._free)}
        rows: list[int] = []
        columns: list[int] = []
        values: list[float] = []
        self._low: list[float] = []
        self._high: list[float] = []
        for bound in attack.bounds:
            exact = sum((f * attack.truth[place] for place, f in bound.coefficients.items()), Fraction(0))
            own = {column[place]: f for place, f in bound.coefficients.items() if place in column and f}
            if not own:
                continue
            number = len(self._low)
            rows += [number] * len(own)
            columns += own
            values += [float(f) for f in own.values()]
            self._low.append(-np.inf if bound.low is None else float(bound.low - exact))
            self._high.append(np.inf if bound.high is None else float(bound.high - exact))
        self._matrix = sparse.csr_matrix((values, (rows, columns)), shape=(len(self._low), len(self._free)))
        self._column = column
        self._whole = sum(attack.truth[place] for place in self._free) <= SMALL

    def interval(self, target: Sequence[int]) -> tuple[float, float]:
        attack = self._attack
        truth = sum(attack.truth[place] for place in target)
        goal = np.zeros(len(self._free))
        for place in target:
            if place in self._column:
                goal[self._column[place]] = 1.0
        if not goal.any():
            return float(truth), float(truth)
        unit = 1.0 if self._whole else float(truth)
        below = np.array([-attack.truth[place] / unit for place in self._free])
        limits = optimize.LinearConstraint(self._matrix, np.array(self._low) / unit, np.array(self._high) / unit)
        ends = []
        for sign in (1, -1):
            for reach in (np.inf, REACH):  # sizes far apart may be too much for floating point: then moves stay near
                solution = optimize.milp(
                    sign * goal,
                    constraints=limits if len(self._low) else (),
                    integrality=np.full(len(goal), int(self._whole)),
                    bounds=optimize.Bounds(np.maximum(below, -reach), reach),
                )
                if solution.status in (0, 3):
                    break
            assert solution.status in (0, 3), solution.message
            ends.append(-sign * np.inf if solution.status == 3 else truth + sign * float(solution.fun) * unit)
        return ends[0], ends[1]


def _given(value: Any) -> Any:
    """A cell of the inventory; None where nothing is known."""
    return None if pd.isna(value) else value
