"""Every witness world of the sample release is published in the very same bytes, and the worlds cover every secret.

The worlds come from the certificates of the audit: other sizes that agree with every published figure, first with
other names of everything confidential besides. All formats, languages and audiences are rendered of each.
"""

import json
from fractions import Fraction
from pathlib import Path

import pytest

from kaiji.control.audit_report import proved
from kaiji.control.level import load as load_level
from kaiji.control.worlds import of_sizes
from kaiji.documents import Documents
from kaiji.pipeline import Build, Options, build
from kaiji.render.formats import RENDERERS
from kaiji.render.templates import templates_root

HINODE = Path(__file__).parents[2] / "sample_manifests" / "hinode" / "release.yaml"


@pytest.fixture(scope="module")
def hinode(tmp_path_factory: pytest.TempPathFactory) -> Build:
    patch = pytest.MonkeyPatch()
    patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    try:
        return build(HINODE, Options(worlds=10**6))
    finally:
        patch.undo()


def test_every_world_renders_the_same_bytes_in_every_format(hinode) -> None:
    report = json.loads(hinode.files["internal/audit_report.json"])
    documents = {path for path in hinode.files if path.startswith(("public/jp", "regulator/jp"))}

    assert [finding for finding in hinode.findings if finding.id == "KJ423"] == []
    assert report["worlds"] == {"compared": len(report["certificates"]), "rendered": len(report["certificates"])}
    assert len(documents) == 2 * 2 * len(RENDERERS)  # audiences, languages, formats


def test_the_worlds_of_insiders_show_nothing_else_either(hinode) -> None:
    """They know their own sizes, and what is left open to them is proved by certificates of their own."""
    audited, measured = hinode.proved, hinode.measured
    made, release = audited.made, measured.loaded.release
    level = load_level(release.policy.level, templates_root() / "levels")
    method = next(one.method for one in made.disclosed if one.method)
    on = made.disclosed[0].date
    documents = Documents(release, level, audited.settled.plan, (), ("ja", "en"), on, method)
    certificates = [one for ones in audited.settled.audit.insiders.values() for one in ones]
    worlds = [of_sizes(measured.summary, measured.inventory, audited.history.atoms, one.moves) for one in certificates]

    assert len(worlds) > 10
    assert [documents.disclosed(world) == made.disclosed for world in worlds] == [True] * len(worlds)


def test_every_secret_is_certified_in_both_directions_as_far_as_the_policy_asks(hinode) -> None:
    report = json.loads(hinode.files["internal/audit_report.json"])
    sizes = [atom["size"] for atom in report["atoms"]]
    p, reached = Fraction(report["limits"]["p"]), {}
    for one in report["certificates"]:
        moves = {int(atom): move for atom, move in one["moves"].items()}
        assert not moves.keys() & set(report["known"])
        assert all(sizes[atom] + move >= 0 for atom, move in moves.items())
        for aim in report["targets"]:
            move = sum(moves.get(atom, 0) for atom in aim["atoms"])
            reached.setdefault(aim["id"], []).append(move)
    for aim in report["targets"]:
        needed = p * sum(sizes[atom] for atom in aim["atoms"]) * (1 - Fraction(1, 10**6))
        assert min(reached[aim["id"]]) <= -needed, aim["id"]
        assert max(reached[aim["id"]]) >= needed, aim["id"]
    confidential = {f"owner:{atom['owner']}:text:tokens" for atom in report["atoms"] if atom["owner"]}
    confidential |= {f"source:{atom['source_id']}:tokens" for atom in report["atoms"] if atom["owner"]}
    told = {tuple(aim["atoms"]): aim["id"] for aim in report["targets"]}
    for name in confidential:  # the same atoms are one target, under its first name
        kind, which = name.split(":")[:2]
        column = "owner" if kind == "owner" else "source_id"
        atoms = tuple(atom["atom"] for atom in report["atoms"] if atom[column] == which and atom["measure"] == "tokens")
        assert atoms in told, name
    assert len(confidential) == 6


def test_the_proofs_hold_by_arithmetic_and_a_changed_figure_breaks_them(hinode) -> None:
    content = hinode.files["internal/audit_report.json"]
    data = json.loads(content)
    number, atom = next((n, next(iter(one["moves"]))) for n, one in enumerate(data["certificates"]))
    data["certificates"][number]["moves"][atom] += 10**9

    assert proved(content) == ()
    assert proved(json.dumps(data).encode()) != ()
