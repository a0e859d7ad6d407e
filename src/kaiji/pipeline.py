"""One way through the stages: manifest, scan, provenance, control, regime, render. Publishing is the caller's."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from kaiji import __version__, consistency, narrative, review, signoff
from kaiji.control import commitments, literal_scan, plan_file
from kaiji.control.disclosed import Decision, Method
from kaiji.control.draw import draw
from kaiji.control.level import load as load_level
from kaiji.control.literal_scan import LiteralScan
from kaiji.control.primary import Rule
from kaiji.control.source_classes import misfiled, one_content
from kaiji.documents import Documents
from kaiji.errors import InputError, StageError
from kaiji.findings import Finding, Verdict, in_order, verdict
from kaiji.input_texts import input_texts
from kaiji.internal import as_json, internal_files, plain
from kaiji.manifest.load import LoadedRelease
from kaiji.manifest.load import load as load_manifest
from kaiji.manifest.models import Release
from kaiji.measure import Measured, Progress, measure
from kaiji.proof import WORLDS, Proved, prove
from kaiji.provenance import inventory as provenance
from kaiji.provenance import reconcile
from kaiji.provenance.inventory import MEASURES
from kaiji.publish.checksums import sha256sums
from kaiji.publish.release_folder import MARKER
from kaiji.regime import load as regimes
from kaiji.regime import minimum as wanted_names
from kaiji.regime.facts import OF_THE_FORM
from kaiji.regime.facts_eu_checks import REGIME as EU_CHECKS
from kaiji.regime.filled import Filled
from kaiji.regime.model import Regime
from kaiji.render.templates import templates_root
from kaiji.scan.options import Options as ScanOptions
from kaiji.terms import Language

LEAKS = frozenset({"KJ401", "KJ402", "KJ420", "KJ422", "KJ423"})
"""Findings that no option can let through: something protected would be published."""


@dataclass(frozen=True)
class Options:
    """What a caller may choose; everything else stands in release.yaml."""

    regimes: tuple[str, ...] = ()
    """Regime ids or folders; empty takes those of the release."""
    languages: tuple[Language, ...] = ()
    """Languages; empty takes those of the release."""
    on: date | None = None
    """Date of the documents; None takes that of the release."""
    salt_file: Path | None = None
    """File with the salt of the commitments."""
    previous: Path | None = None
    """Output folder of an earlier build, whose salt is used again when nothing else names one."""
    scan: ScanOptions = field(default_factory=ScanOptions)
    """How the data are read."""
    worlds: int = WORLDS
    """Witness worlds that are rendered in every format; the others are compared before they are rendered."""
    final: bool = False
    """True for documents without the mark of a draft, as a sign-off covers them."""


@dataclass(frozen=True)
class Build:
    """Everything a build made."""

    files: Mapping[str, bytes]
    """Content by path, under public/, regulator/ and internal/."""
    findings: tuple[Finding, ...]
    filled: tuple[Filled, ...]
    """Regimes as filled for each audience."""
    decisions: tuple[Decision, ...]
    measured: Measured
    proved: Proved | None
    """What the two tests found; None where nothing was rendered."""
    documents: Documents | None = None
    """How the documents were made, by the plan that was settled; None where nothing was rendered."""

    def approved(self) -> signoff.Approved:
        """What a sign-off covers: the documents without the mark of a draft. They are rendered anew if need be.

        Raises:
            StageError: nothing was rendered, or a stage fails.
        """
        if self.documents is None:
            raise StageError("nothing was rendered, so that nothing can be approved")
        own = self.files if self.documents.final else signoff.final(self.documents, self.measured.summary)
        salt = bytes.fromhex(self.files["internal/salt"].decode())
        return signoff.approved(own, self.documents, self.filled, salt)

    @property
    def verdict(self) -> Verdict:
        return verdict(self.findings)

    @property
    def leaks(self) -> bool:
        """True when a confidential text or value was found: nothing may be published."""
        return any(finding.id in LEAKS for finding in self.findings)


def build(path: Path, options: Options, progress: Progress | None = None) -> Build:
    """Build all documents of the release at ``path``; nothing is written.

    Raises:
        InputError: the release, a level, a regime or an option cannot be read.
        StageError: a stage failed.
    """
    loaded = load_manifest(path)
    release = loaded.release
    # all that may be wrong with options and configuration is told before the data are read, which may take hours
    root = templates_root()
    level = load_level(release.policy.level, root / "levels")
    on = options.on or release.document_date()
    chosen = [_regime(name, options, loaded, on) for name in options.regimes or release.outputs.regimes]
    languages = options.languages or release.outputs.languages
    salt, salt_findings = _salt(loaded, options)
    measured = measure(
        path,
        options=options.scan,
        progress=progress,
        loaded=loaded,
        crossed=level.crossed(),
        points=any("size.data_points" in _facts(regime) for regime in chosen),
        form=any(OF_THE_FORM & _facts(regime) or EU_CHECKS in regime.spec.checks for regime in chosen),
    )
    findings = [*measured.findings]
    findings += _regimes_without_use(release, [regime.spec.id for regime in chosen])
    if any(EU_CHECKS in regime.spec.checks for regime in chosen):
        findings += misfiled(loaded.sources)
        findings += one_content(loaded.sources, [one.name for one in release.model.covered])
    findings += narrative.findings(loaded, chosen)
    inputs = _inputs(measured)
    method = _method(measured, salt, inputs)
    needles = LiteralScan(literal_scan.owner_names(_secret_owners(loaded)), {})
    findings += [*salt_findings, *needles.scan_inputs(input_texts(measured))]
    findings = _masked(findings, measured, LiteralScan(literal_scan.identities(_secret_owners(loaded)), {}))
    if any(finding.id in LEAKS for finding in findings):
        # nothing may be published, so nothing is rendered: the places in the inputs say it all
        return Build({}, in_order(findings), (), (), measured, None)
    fewest = release.policy.owners_minimum or level.owners_minimum
    pinned = plan_file.load(loaded.root / release.policy.plan, release.policy.plan) if release.policy.plan else None
    drawn = draw(measured.summary, level, Rule(Fraction(release.policy.p) / 100, fewest, on_request=True), pinned)
    documents = Documents(release, level, drawn.plan, tuple(chosen), tuple(languages), on, method, options.final)
    proved = prove(
        measured, documents, options.previous, minimum=fewest, worlds=options.worlds, pinned=pinned is not None
    )
    made = proved.made
    files: dict[str, bytes] = dict(made.files)
    decisions = [*drawn.decisions, *proved.settled.decisions(), *made.decisions]
    findings += [*drawn.findings, *proved.findings]
    statements = {one.audience.value: [plain(said) for said in one.statements.values()] for one in made.disclosed}
    for one in made.filled:
        findings += [_placed(finding, loaded) for finding in (*one.findings, *wanted_names.findings(one))]
    findings += consistency.findings(made.filled, made.files)
    secrets = LiteralScan(
        literal_scan.identities(_secret_owners(loaded)),
        literal_scan.exact_values(measured.summary, _exact_sizes(measured)),
    )
    findings += secrets.scan_files(files)
    findings += [Finding(id="KJ403", message=f"{n.what} is too short to look for") for n in secrets.too_short]
    ordered = in_order(findings)
    files.update(internal_files(measured, ordered, decisions, statements, inputs, salt))
    files.update(review.files(release, ordered, made.filled, decisions, proved))
    files.update(proved.files)
    for folder in ("public", "regulator"):
        own_files = {name.split("/", 1)[1]: data for name, data in files.items() if name.startswith(f"{folder}/")}
        files[f"{folder}/SHA256SUMS"] = sha256sums(own_files)
    about = {"schema": "kaiji/build/v1", "kaiji": __version__, "release": release.id, "date": on.isoformat()}
    files[MARKER] = as_json({**about, "files": sorted({*files, MARKER})})
    settled = replace(documents, plan=proved.settled.plan)
    return Build(dict(sorted(files.items())), ordered, made.filled, tuple(decisions), measured, proved, settled)


def _regime(name: str, options: Options, loaded: LoadedRelease, on: date) -> Regime:
    root = templates_root()
    folder = regimes.find(name, root / "regimes", None if name in options.regimes else loaded.root)
    return regimes.load(folder, root / "common", on)


def _facts(regime: Regime) -> frozenset[str]:
    return frozenset(fact for item in regime.items for fact in (*item.facts, *item.also))


def _regimes_without_use(release: Release, built: Sequence[str]) -> Iterator[Finding]:
    """Answers and acceptances of regimes that are neither built nor named in outputs: a misspelt id, most likely."""
    known = sorted({*built, *(Path(name).name for name in release.outputs.regimes)})
    for key, given in (("answers", release.answers), ("acceptance", release.acceptance)):
        for name in given:
            if name not in known:
                close = difflib.get_close_matches(name, known, n=1)
                hint = f"did you mean {close[0]}?" if close else f"the release is built for {', '.join(known)}"
                place = release.place_of(f"{key}.{name}")
                message = f"no document is built for this regime; {hint}"
                yield Finding(id="KJ509", message=message, place=place)


def _secret_owners(loaded: LoadedRelease) -> list[Any]:
    """Sources with what is confidential of them; the provider's own name is public and no secret."""
    provider = loaded.release.provider.legal_name
    return [
        source.model_copy(update={"owner": None}) if source.owner and source.owner.name == provider else source
        for source in loaded.sources
    ]


def _salt(loaded: LoadedRelease, options: Options) -> tuple[bytes, list[Finding]]:
    """The salt: of the option, of the release, of the previous build, of the user; else a new one, with a finding."""
    named = options.salt_file
    if named is None and loaded.release.policy.salt_file:
        named = loaded.root / loaded.release.policy.salt_file
    if named is not None:
        try:
            return commitments.read_salt(named.read_text(encoding="ascii"), named.name), []
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{named.name}: the salt file cannot be read") from error
    if options.previous is not None:
        earlier = options.previous / "internal" / "salt"
        if earlier.is_file():
            return commitments.read_salt(earlier.read_text(encoding="ascii"), "internal/salt"), []
    salt = commitments.user_salt(loaded.release.id)
    if salt is not None:
        return salt, []
    import os

    message = "no salt file is named and no configuration folder can be written; the commitments differ in every build"
    return os.urandom(commitments.SALT_BYTES), [Finding(id="KJ702", message=message)]


def _inputs(measured: Measured) -> dict[str, list[tuple[str, str]]]:
    """Relative path and SHA-256 of what went in."""
    shards = [shard for source in measured.scan.sources for shard in source.shards] if measured.scan else []
    return {
        "manifests": sorted((file.path, file.sha256) for file in measured.loaded.files),
        "data": sorted({(shard.path, shard.sha256) for shard in shards if shard.sha256 is not None}),
    }


def _method(measured: Measured, salt: bytes, inputs: Mapping[str, Sequence[tuple[str, str]]]) -> Method:
    scan, tolerance = measured.scan, measured.loaded.release.policy.tolerance
    return Method(
        kaiji=f"kaiji {__version__}",
        engine=scan.engine if scan else "",
        psl_version=scan.psl_version if scan else "",
        psl_date=scan.psl_date if scan else "",
        tokenizers=scan.tokenizers if scan else (),
        tolerance=f"{reconcile.TOLERANCE if tolerance is None else tolerance:.2%}",
        commitments={name: commitments.commit(salt, name, pairs) for name, pairs in inputs.items() if pairs},
    )


def _exact_sizes(measured: Measured) -> dict[str, dict[str, list[int]]]:
    """Exact sizes of every source by measure: first that of the inventory, last the declared one."""
    sums = measured.inventory.frame.groupby("source_id", dropna=False, observed=True, sort=True)[list(MEASURES)].sum()
    found = {
        str(source): {name: [int(value)] for name, value in zip(MEASURES, row, strict=True) if value}
        for source, *row in sums.itertuples()
    }
    for source in measured.loaded.sources:
        for name, value in provenance.declared_sizes(source).items():
            found.setdefault(source.id, {}).setdefault(name, []).append(value)
    return found


def _masked(findings: Sequence[Finding], measured: Measured, needles: LiteralScan) -> list[Finding]:
    """Findings without file names and messages that name a confidential source: a log would print them."""
    paths = {file.path for file in measured.loaded.files} | {f.place.file for f in findings if f.place}
    secret = sorted((path for path in paths if any(needles.hits(path))), key=len, reverse=True)
    told = [_without(finding, secret) for finding in findings]
    return [_silent(finding) if any(needles.hits(finding.message)) else finding for finding in told]


def _silent(finding: Finding) -> Finding:
    """A finding whose message repeats something confidential from the data, such as the name of a column."""
    detail = "; ".join(part for part in (finding.detail, finding.message) if part)
    return finding.model_copy(update={"message": f"{finding.rule.title}; the name is confidential", "detail": detail})


def _without(finding: Finding, secret: Sequence[str]) -> Finding:
    told, place, words = finding.message, finding.place, "(a file whose name is confidential)"
    for path in secret:
        told = told.replace(path, words)
        if place and place.file == path:
            place = place.model_copy(update={"file": words})
    if (told, place) == (finding.message, finding.place):
        return finding
    detail = "; ".join(part for part in (finding.detail, finding.message, str(finding.place or "")) if part)
    return finding.model_copy(update={"message": told, "place": place, "detail": detail})


def _placed(finding: Finding, loaded: LoadedRelease) -> Finding:
    """A finding of a regime with the line of its key in release.yaml."""
    if finding.place is None or finding.place.key is None:
        return finding
    place = loaded.release.place_of(finding.place.key)
    return finding.model_copy(update={"place": place.model_copy(update={"key": finding.place.key})})
