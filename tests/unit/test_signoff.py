"""A sign-off covers exactly what was approved: one byte more or less, and nothing final is written."""

import hashlib
import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from kaiji import signoff
from kaiji.cli import build
from kaiji.cli import signoff as signing
from kaiji.errors import InputError
from kaiji.render.formats import RENDERERS
from kaiji.signoff import Approved, SignOff

RELEASE = """\
schema: kaiji/release/v1
id: toy-release
manifests: [m.yaml]
model: {name: Toy model, version: "1", release_date: 2026-10-15}
provider: {legal_name: Toy Inc., roles: [developer]}
document: {date: 2026-11-20}
policy: {salt_file: salt.txt}
outputs: {regimes: [house-rules]}
categories:
  crawled: {used: false}
"""
MANIFEST = """\
schema: kaiji/dataset-manifest/v1
sources:
  - id: letters
    title: Letters
    category: private
    modality: text
    stages: [pretraining]
    confidentiality: public
    declared: {tokens: 300}
  - id: books
    title: Books
    category: public
    modality: text
    stages: [pretraining]
    confidentiality: public
    declared: {tokens: 100}
"""
ANSWERS = """\
schema: kaiji/answers/v1
answers:
  house-rules:
    H1:
      statement: {ja: 手紙と本を用いました。, en: Letters and books were used.}
"""
RULES = Path(__file__).parents[1] / "conformance" / "regimes" / "valid" / "house-rules"
DRAFT = "DRAFT: not approved by the provider. Not for publication."
THEN = Approved(
    date=date(2026, 11, 20),
    files={"public/a.md": "01", "regulator/a.md": "02"},
    items={"house-rules public H1": "03", "house-rules public H2": "04"},
    plan="05",
    regimes={"house-rules": "1", "other": "1"},
)


def record(approved: Approved = THEN) -> SignOff:
    return SignOff(
        release="toy-release",
        by="Sample Person",
        role="General counsel",
        on=date(2026, 11, 21),
        findings={"KJ501": 2},
        approved=approved,
        digest=approved.digest,
    )


def told(record: SignOff | None, now: Approved, release: str = "toy-release") -> list[str]:
    return [finding.line() for finding in signoff.findings(record, release, now, "signoff.json")]


def test_what_is_as_it_was_approved_is_not_told() -> None:
    assert told(record(), THEN) == []


def test_without_a_sign_off_nothing_is_final() -> None:
    advice = "review the draft, then run kaiji signoff"
    assert told(None, THEN) == [f"signoff.json: fail: KJ710: there is no sign-off; {advice}"]
    assert told(record(), THEN, "another") == [
        f"signoff.json: fail: KJ710: the sign-off is of another release, toy-release; {advice}"
    ]


def test_every_change_is_told() -> None:
    now = Approved(
        date=date(2026, 11, 22),
        files={"public/a.md": "ff", "public/b.csv": "02"},
        items={"house-rules public H1": "ff", "house-rules public H3": "04"},
        plan="ff",
        regimes={"house-rules": "2", "third": "1"},
    )
    assert [line.removeprefix("fail: KJ711: ").split(";")[0] for line in told(record(), now)] == [
        "the documents are of 2026-11-22, and those of 2026-11-20 were approved",
        "regime house-rules: version 1 was approved, now 2",
        "regime other: version 1 was approved, now not there",
        "regime third: version not there was approved, now 1",
        "the plan of disclosure is another one",
        "item house-rules public H1 has changed",
        "item house-rules public H2 is gone",
        "item house-rules public H3 is new",
        "file public/a.md has changed",
        "file public/b.csv is new",
        "file regulator/a.md is gone",
    ]


def test_the_record_is_read_as_it_was_written_and_refused_when_it_was_edited(tmp_path: Path) -> None:
    path = signoff.place(tmp_path / "release-1.1.yaml")
    assert path == tmp_path / "signoff-1.1.json"
    assert signoff.read(path) is None
    signoff.write(path, record())
    assert signoff.read(path) == record()
    whole = path.read_text("utf-8")
    path.write_text(whole.replace('"public/a.md": "01"', '"public/a.md": "ff"'), "utf-8")
    with pytest.raises(InputError, match="was edited: its digest is not that of what it lists; sign again"):
        signoff.read(path)
    path.write_text(whole.replace('"by"', '"who"'), "utf-8")
    with pytest.raises(InputError, match="this is no sign-off, or it was edited"):
        signoff.read(path)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A release with a regime of its own, in a folder that is the current one; without the PDF, which takes long."""
    monkeypatch.delitem(RENDERERS, "pdf")
    shutil.copytree(RULES, tmp_path / "house-rules")
    for name, text in {"release.yaml": RELEASE, "m.yaml": MANIFEST, "answers.yaml": ANSWERS}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "salt.txt").write_text("ab" * 32 + "\n", encoding="ascii")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def built(*options: str) -> int:
    code: int = build.command.main(["release.yaml", "--out", "out", *options], standalone_mode=False)
    return code


def signed(*options: str) -> int:
    arguments = ["release.yaml", "--out", "out", "--by", "Sample Person", "--signed", "2026-11-21", *options]
    code: int = signing.command.main(arguments, standalone_mode=False)
    return code


def texts(folder: Path) -> dict[str, str]:
    outward = [path for path in (folder / "out").rglob("*") if path.is_file() and path.parent.name != "internal"]
    return {path.relative_to(folder / "out").as_posix(): path.read_text("utf-8") for path in outward}


def test_approve_build_final_change_an_answer(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert built() == 0
    unmarked = {name for name, text in texts(folder).items() if DRAFT not in text and "草案：" not in text}
    assert unmarked == {"public/SHA256SUMS", "regulator/SHA256SUMS"}
    assert json.loads(texts(folder)["public/house-rules.en.json"])["draft"] == DRAFT
    capsys.readouterr()

    assert built("--final") == 1
    assert capsys.readouterr().err.split("\n")[-3:-1] == [
        "signoff.json: fail: KJ710: there is no sign-off; review the draft, then run kaiji signoff",
        "not what was approved; nothing was written",
    ]
    assert DRAFT in texts(folder)["public/house-rules.en.md"]

    assert signed("--role", "General counsel") == 0
    found = json.loads((folder / "signoff.json").read_text("utf-8"))
    assert {key: found[key] for key in ("schema", "release", "by", "role", "on")} == {
        "schema": "kaiji/signoff/v1",
        "release": "toy-release",
        "by": "Sample Person",
        "role": "General counsel",
        "on": "2026-11-21",
    }
    assert DRAFT in texts(folder)["public/house-rules.en.md"]

    assert built("--final") == 0
    final = texts(folder)
    assert not [name for name, text in final.items() if DRAFT in text or "草案：" in text]
    assert json.loads(final["public/house-rules.en.json"])["draft"] is None
    approved = {name: digest for name, digest in found["approved"]["files"].items() if name.startswith("public/")}
    assert approved == {
        name: hashlib.sha256(text.encode()).hexdigest()
        for name, text in final.items()
        if name.startswith("public/") and not name.endswith("SHA256SUMS")
    }
    capsys.readouterr()

    (folder / "answers.yaml").write_text(ANSWERS.replace("were used", "were  used"), encoding="utf-8")
    assert built("--final") == 1
    lines = [line for line in capsys.readouterr().err.split("\n") if "KJ711" in line]
    assert lines[:2] == [
        "fail: KJ711: item house-rules public H1 has changed; review the change, then sign again",
        "fail: KJ711: item house-rules regulator H1 has changed; review the change, then sign again",
    ]
    assert all(": file " in line for line in lines[2:])
    assert texts(folder) == final


def test_only_what_lies_in_the_output_can_be_approved(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert built() == 0
    page = folder / "out" / "public" / "house-rules.en.md"
    page.write_bytes(page.read_bytes() + b"\n")
    capsys.readouterr()
    assert signed() == 1
    assert capsys.readouterr().err.split("\n") == [
        "out: not what a build gives now: public/house-rules.en.md",
        "build, review that, then sign; nothing was written",
        "",
    ]
    assert not (folder / "signoff.json").exists()


def test_what_fails_cannot_be_approved(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "answers.yaml").write_text(ANSWERS.replace("Letters and books were used.", "TBD"), encoding="utf-8")
    assert signed() == 1
    said = capsys.readouterr().err
    assert "answers.yaml:5:7: fail: KJ552: answers.house-rules.H1.statement: “TBD” (en)" in said
    assert said.endswith("this cannot be approved; nothing was written\n")
    assert not (folder / "signoff.json").exists()
