"""What people read is true: commands and options exist, links resolve, snippets work, generated pages are current."""

import importlib
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import click
import pytest

from kaiji import pipeline
from kaiji.cli.main import COMMANDS, cli
from kaiji.errors import ExitCode
from kaiji.findings import CATALOGUE
from kaiji.manifest.load import load
from kaiji.publish import release_folder
from kaiji.regime import load as regimes
from kaiji.render.templates import templates_root
from kaiji.terms import SourceCategory

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
TUTORIAL, MANIFEST = DOCS / "tutorial.md", DOCS / "howto" / "write-a-manifest.md"
REGIME, REVIEW, FIGURE = (DOCS / "howto" / f"{name}.md" for name in ("write-a-regime", "sign-off", "check-a-figure"))
MINIMAL = """
schema: kaiji/release/v1
id: minimal
manifests: [manifest.yaml]
model: {name: minimal, version: "1", release_date: 2026-11-01}
provider: {legal_name: Minimal, roles: [provider]}
"""


def blocks(page: Path, language: str | None = None) -> list[tuple[dict[str, str], str]]:
    """Fenced blocks of a page: the attributes of the fence (``language`` among them) and the text."""
    found = []
    for fence, text in re.findall(r"^```([^\n]*)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', fence))
        attributes["language"] = fence.split(" ")[0]
        if language in (None, attributes["language"]):
            found.append((attributes, text))
    return found


def titled(page: Path, title: str, state: str | None = None) -> str:
    """The text of the one block with that title (and state)."""
    (text,) = [t for about, t in blocks(page) if about.get("title") == title and about.get("state") == state]
    return text


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def tutorial(folder: Path, state: str) -> Path:
    """The files of the tutorial as they are in one of its two states."""
    for name, kept in (("release.yaml", state), ("manifests/notes.yaml", state), ("data/notes.jsonl", None)):
        write(folder / name, titled(TUTORIAL, name, kept))
    return folder / "release.yaml"


@pytest.fixture(scope="module", autouse=True)
def _own_configuration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Salts come from a key in a folder of the test, whatever the home of the user is like."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("configuration")))
        yield


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pipeline.Build]:
    """The final state of the tutorial, built and published into ``disclosure``."""
    folder = tmp_path_factory.mktemp("tutorial")
    build = pipeline.build(tutorial(folder, "final"), pipeline.Options(previous=folder / "disclosure"))
    release_folder.publish(folder / "disclosure", build.files)
    return folder, build


def run(source: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a Python snippet of our own documentation prints in ``folder``."""
    monkeypatch.chdir(folder)
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(source, "snippet", "exec"), {})  # noqa: S102
    return printed.getvalue()


def commands() -> dict[str, click.Command]:
    """Every command by its full name, groups and their commands included."""
    found: dict[str, click.Command] = {"kaiji": cli}
    for name in COMMANDS:
        command = importlib.import_module(f"kaiji.cli.{name}").command
        found[f"kaiji {name}"] = command
        if isinstance(command, click.Group):
            found.update({f"kaiji {name} {inner}": each for inner, each in command.commands.items()})
    return found


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_and_option_is_in_the_reference(name: str) -> None:
    page = (DOCS / "reference" / "cli.md").read_text(encoding="utf-8")
    sections = {part.split("\n", 1)[0]: part for part in page.split("\n## ")}
    assert name in sections
    for parameter in commands()[name].params:
        for option in parameter.opts if isinstance(parameter, click.Option) else ():
            assert f"`{option}`" in sections[name]


@pytest.mark.parametrize("page", [DOCS / "reference" / "cli.md", ROOT / "README.md", ROOT / "README.ja.md"])
def test_every_exit_code_is_explained(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", text, re.M)] == sorted(ExitCode)


def test_options_in_examples_exist() -> None:
    known = {option for command in commands().values() for parameter in command.params for option in parameter.opts}
    for page in PAGES:
        for _, text in blocks(page):
            for line in re.findall(r"\bkaiji (?:build|check|scan|explain|attach|regimes|doctor)\b[^\n]*", text):
                assert set(re.findall(r"(?<!\S)--[a-z-]+", line)) <= known, f"{page.name}: {line}"


def test_generated_pages_are_current() -> None:
    done = subprocess.run([sys.executable, DOCS / "generate.py", "--check"], capture_output=True, text=True)
    assert (done.stderr, done.returncode) == ("", 0)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    text = page.read_text(encoding="utf-8")
    commands_shown = "\n".join([*re.findall(r"`(make [^`]+)`", text), *(block for _, block in blocks(page, "sh"))])
    assert set(re.findall(r"^make ([a-z-]+)", commands_shown, re.M)) <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        aim = page.parent / path if path else page
        assert aim.is_file(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", aim.read_text(encoding="utf-8"), re.M)
            assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_of_the_project_that_a_page_names_are_there(page: Path) -> None:
    named = re.findall(
        r"`((?:src|docs|schemas|tests|sample_manifests|disclosure_templates)/[^`*<>\s]+)`", page.read_text()
    )
    for name in named:
        assert (ROOT / name).exists(), name


def test_finding_ids_in_the_pages_exist() -> None:
    for page in PAGES:
        assert set(re.findall(r"KJ\d{3}", page.read_text(encoding="utf-8"))) <= set(CATALOGUE), page.name


def test_both_readmes_have_the_same_shape() -> None:
    english, japanese = ROOT / "README.md", ROOT / "README.ja.md"
    levels = [
        re.findall(r"^(#+) ", re.sub(r"^```.*?^```$", "", p.read_text(), flags=re.M | re.S), re.M)
        for p in (english, japanese)
    ]
    assert levels[0] == levels[1]
    shell = [[text for _, text in blocks(page, "sh")] for page in (english, japanese)]
    assert shell[0] == shell[1]
    assert len(blocks(english)) == len(blocks(japanese))
    trees = [re.findall(r"[├└]── (\S+)", page.read_text(encoding="utf-8")) for page in (english, japanese)]
    assert trees[0] == trees[1]


def test_the_tree_in_the_readme_is_what_a_build_gives(built: tuple[Path, pipeline.Build]) -> None:
    shown, folder = set(), ""
    for indent, name in re.findall(r"^(│?\s*)[├└]── (\S+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.M):
        folder = name if not indent else folder
        shown.add(name if not indent else f"{folder}{name}")
    files = {name for name in built[1].files if name.startswith("internal/") or name.endswith((".html", "/SHA256SUMS"))}
    assert shown - {"public/", "regulator/", "internal/"} == files | {"public/model_card.md"}


def test_the_tutorial_shows_the_findings_of_its_first_state(tmp_path: Path) -> None:
    findings = pipeline.build(tutorial(tmp_path, "first"), pipeline.Options()).findings
    shown = titled(TUTORIAL, "findings").splitlines()
    assert [finding.line() for finding in findings][: len(shown)] == shown
    assert {finding.id for finding in findings[len(shown) :]} == {"KJ419", "KJ501"}


def test_the_tutorial_ends_without_findings(built: tuple[Path, pipeline.Build]) -> None:
    build = built[1]
    assert build.findings == ()
    assert titled(TUTORIAL, "verdict") == f"verdict: {build.verdict.word}\n"


def test_the_manifest_page_covers_every_category_with_snippets_that_load(tmp_path: Path) -> None:
    snippets = [text for _, text in blocks(MANIFEST, "yaml")]
    write(tmp_path / "release.yaml", MINIMAL)
    write(tmp_path / "manifest.yaml", "schema: kaiji/dataset-manifest/v1\nsources:\n" + "\n".join(snippets))
    loaded = load(tmp_path / "release.yaml")
    assert {source.category for source in loaded.sources} == set(SourceCategory)
    assert any(source.confidential for source in loaded.sources)


def test_the_regime_of_the_howto_loads_and_answers(tmp_path: Path) -> None:
    for about, text in blocks(REGIME, "yaml"):
        write(tmp_path / about["title"], text)
    regime = regimes.load(tmp_path / "house-rules", templates_root() / "common")
    assert [item.id for item in regime.items] == ["H1", "H2", "H3"]
    build = pipeline.build(tutorial(tmp_path, "final"), pipeline.Options(regimes=(str(tmp_path / "house-rules"),)))
    states = {item.spec.id: item.state.value for item in build.filled[0].items}
    assert states == {"H1": "answered", "H2": "not_applicable", "H3": "answered"}


def test_the_answer_of_the_review_page_stands_up_to_the_rules(tmp_path: Path) -> None:
    release = tutorial(tmp_path, "final")
    kept = release.read_text(encoding="utf-8").split("answers:\n")[0]
    write(release, kept + titled(REVIEW, "answers"))
    found = {finding.id for finding in pipeline.build(release, pipeline.Options()).findings}
    assert found == {"KJ501"}  # D1, which the tutorial explains, is not answered here; A2 is


def test_the_review_page_names_every_rule_for_answers() -> None:
    page = REVIEW.read_text(encoding="utf-8")
    page = page.replace("KJ551 to KJ554", "KJ551 KJ552 KJ553 KJ554")
    own = {name for name in CATALOGUE if "KJ502" <= name <= "KJ508" or name == "KJ510" or "KJ551" <= name <= "KJ554"}
    assert own == set(re.findall(r"KJ5\d\d", page))


def test_a_reader_can_list_the_intervals(built: tuple[Path, pipeline.Build], monkeypatch: pytest.MonkeyPatch) -> None:
    printed = run(titled(FIGURE, "intervals"), built[0], monkeypatch)
    assert "language.text.ja.share | 73 % | 72.5 to 73.5 percent\n" in printed


def test_a_reader_can_open_the_commitments(built: tuple[Path, pipeline.Build], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = built[0]
    assert run(titled(FIGURE, "open"), folder, monkeypatch) == "manifests as committed\ndata as committed\n"
    files = run(titled(FIGURE, "files"), folder, monkeypatch).splitlines()
    assert files == ["manifests/notes.yaml same", "release.yaml same", "data/notes.jsonl same"]


def test_another_salt_does_not_open_the_commitments(
    built: tuple[Path, pipeline.Build], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = titled(FIGURE, "open").replace("salt = bytes.fromhex(", "salt = bytes(32) or (")
    assert run(source, built[0], monkeypatch) == "manifests NOT as committed\ndata NOT as committed\n"


def test_the_licence_is_the_apache_licence() -> None:
    lines = (ROOT / "LICENSE").read_text(encoding="utf-8").split("\n")
    assert [line.strip() for line in lines if line.strip()][:2] == ["Apache License", "Version 2.0, January 2004"]
    assert len(lines) > 200


def test_the_changelog_has_a_section_for_the_law() -> None:
    assert "### Changes in the law" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
