"""A confidential owner's name planted anywhere fails the build, with its place, and nothing is written."""

import pytest

NAME_JA, NAME_EN = "ひみつ出版株式会社", "Himitsu Publishing"
CONFIDENTIAL = f"""\
schema: kaiji/dataset-manifest/v1
sources:
  - id: contract-one
    title: {{ja: 契約データ甲, en: Contract data A}}
    category: licensed
    modality: text
    stages: [pretraining]
    owner: {{id: owner-one, name: {{ja: {NAME_JA}, en: {NAME_EN}}}}}
    confidentiality: confidential
    licence: LicenseRef-contract
    declared: {{tokens: 123457, documents: 10}}
"""
OTHERS = "schema: kaiji/dataset-manifest/v1\nsources:\n" + "".join(
    f"""\
  - id: contract-{number}
    title: {{ja: 契約データ{number}, en: Contract data {number}}}
    category: licensed
    modality: text
    stages: [pretraining]
    owner: {{id: owner-{number}, name: {{ja: 別の出版{number}, en: Another press {number}}}}}
    confidentiality: confidential
    licence: LicenseRef-contract
    declared: {{tokens: 121987, documents: 10}}
"""
    for number in ("two", "three", "four")
)
"""Licensors beside whom the first one does not stand alone."""


@pytest.fixture
def secret(release):
    (release / "manifests" / "licensed.yaml").write_text(CONFIDENTIAL, encoding="utf-8")
    (release / "manifests" / "others.yaml").write_text(OTHERS, encoding="utf-8")
    return release


def edit(path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_without_a_plant_the_build_passes_and_tells_nothing(secret, run, read, tmp_path) -> None:
    done = run("build", secret / "release.yaml", "--out", tmp_path / "out", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    told = done.stdout + done.stderr
    for name in ("public", "regulator"):
        told += "".join(
            data.decode("utf-8", errors="replace")
            for path, data in read(tmp_path / "out" / name).items()
            if not path.endswith(".pdf")
        )
    for needle in (NAME_JA, NAME_EN, "contract-one", "owner-one", "契約データ甲", "123457", "123,457"):
        assert needle not in told
    inside = read(tmp_path / "out")["internal/inventory.json"].decode()
    assert "contract-one" in inside


PLANTS = {
    "title of another source": ("manifests/crawl.yaml", "en: Crawl}", f"en: Crawl for {NAME_EN}}}", "crawl.yaml:4:"),
    "licence of another source": (
        "manifests/crawl.yaml",
        "    languages: [ja, en]",
        "    licence: LicenseRef-Himitsu-Publishing\n    languages: [ja, en]",
        "crawl.yaml:9:",
    ),
    "licence of the source itself": (
        "manifests/licensed.yaml",
        "LicenseRef-contract",
        f'"Contract with {NAME_EN.upper()}"',
        "licensed.yaml:10:",
    ),
    "purpose": (
        "manifests/crawl.yaml",
        "    languages: [ja, en]",
        f"    purpose: {{ja: {NAME_JA}のための語彙, en: vocabulary}}\n    languages: [ja, en]",
        "crawl.yaml:9:",
    ),
    "architecture": (
        "release.yaml",
        '  version: "1"',
        '  version: "1"\n  architecture: {ja: 標準, en: "tuned with himitsu%20publishing"}',
        "release.yaml:7:",
    ),
    "answer": (
        "release.yaml",
        "policy:",
        f"answers:\n  jp-principle-code:\n    C1: {{statement: {{ja: {NAME_JA}, en: x}}}}\npolicy:",
        "release.yaml:14:",
    ),
    "full width": (
        "release.yaml",
        '  version: "1"',
        '  version: "1"\n  training_process: {ja: Ｈｉｍｉｔｓｕ　Ｐｕｂｌｉｓｈｉｎｇ, en: x}',
        "release.yaml:7:",
    ),
}


@pytest.mark.parametrize("plant", PLANTS)
def test_a_name_in_a_text_fails_the_build_with_its_place(secret, run, tmp_path, plant) -> None:
    file, old, new, place = PLANTS[plant]
    edit(secret / file, old, new)
    done = run("build", secret / "release.yaml", "--out", tmp_path / "out", "--fail-on", "never", cwd=tmp_path)

    assert done.returncode == 1
    assert place in done.stderr, done.stderr
    assert "KJ402" in done.stderr
    assert NAME_JA not in done.stderr
    assert NAME_EN.casefold() not in done.stderr.casefold()
    assert not (tmp_path / "out").exists()


def test_a_name_in_a_file_name_fails_the_build(secret, run, tmp_path, make_shard, make_rows) -> None:
    make_shard(secret / "data" / f"crawl-{NAME_JA}.jsonl.gz", make_rows(3))
    done = run("build", secret / "release.yaml", "--out", tmp_path / "out", cwd=tmp_path)

    assert done.returncode == 1
    assert "KJ402" in done.stderr
    assert "file name" in done.stderr


def test_a_name_in_the_licence_column_fails_the_build(secret, run, tmp_path, make_shard, make_rows) -> None:
    planted = [{**row, "licence": f"(c) {NAME_EN}"} for row in make_rows(3)]
    make_shard(secret / "data" / "crawl-2.jsonl.gz", planted)
    done = run("build", secret / "release.yaml", "--out", tmp_path / "out", cwd=tmp_path)

    assert done.returncode == 1
    assert "crawl.yaml:12:" in done.stderr, done.stderr
    assert "files.columns.licence" in done.stderr


def test_an_exact_size_in_a_text_fails_the_build(secret, run, tmp_path) -> None:
    edit(
        secret / "release.yaml", '  version: "1"', '  version: "1"\n  architecture: {ja: 12万3457トークンの契約, en: x}'
    )
    done = run("build", secret / "release.yaml", "--out", tmp_path / "out", cwd=tmp_path)

    assert done.returncode == 1
    assert "public/jp-principle-code.ja.md:" in done.stderr
    assert "KJ401" in done.stderr
    assert "3457" not in done.stderr


def test_names_are_shown_only_on_request(secret, run, tmp_path) -> None:
    file, old, new, _ = PLANTS["purpose"]
    edit(secret / file, old, new)
    arguments = ("build", secret / "release.yaml", "--out", tmp_path / "out", "--show-confidential")
    done = run(*arguments, cwd=tmp_path)

    assert NAME_JA in done.stderr


def test_a_manifest_named_after_the_owner_fails_the_build_without_its_name(secret, run, tmp_path) -> None:
    (secret / "manifests" / "licensed.yaml").rename(secret / "manifests" / "himitsu-publishing.yaml")
    done = run("build", secret / "release.yaml", "--out", tmp_path / "out", cwd=tmp_path)

    assert done.returncode == 1
    assert "KJ402" in done.stderr
    assert "a file whose name is confidential" in done.stderr
    assert "himitsu-publishing" not in done.stderr


def test_a_name_is_found_without_its_legal_form(secret, run, tmp_path) -> None:
    """ひみつ出版株式会社 is also called ひみつ出版; what is left of a name must be telling, though."""
    text = '  version: "1"\n  architecture: {ja: ひみつ出版の書籍に合わせた語彙, en: x}'
    edit(secret / "release.yaml", '  version: "1"', text)
    done = run("build", secret / "release.yaml", "--out", tmp_path / "out", cwd=tmp_path)

    assert (done.returncode, "release.yaml:7:" in done.stderr) == (1, True)


def test_a_column_named_after_the_owner_is_not_printed(secret, run, tmp_path, make_shard, make_rows) -> None:
    named = [{f"tokens_{NAME_JA}": row["tokens"]} for row in make_rows(3)]
    make_shard(secret / "data" / "licensed-0.jsonl.gz", named)
    files = "    files: {paths: [data/licensed-0.jsonl.gz], columns: {tokens: tokens_x}}\n    declared:"
    edit(secret / "manifests" / "licensed.yaml", "    declared:", files)
    done = run("check", secret / "release.yaml", "--format", "json", cwd=tmp_path)

    assert done.returncode == 1
    assert "KJ204" in done.stdout
    assert NAME_JA not in done.stdout + done.stderr


def test_a_path_with_the_id_of_a_confidential_source_is_not_printed(secret, run, tmp_path) -> None:
    (secret / "data" / "contract-one.jsonl").write_text("{broken\n", encoding="utf-8")
    files = "    files: {paths: [data/contract-one.jsonl], columns: {tokens: tokens}}\n    declared:"
    edit(secret / "manifests" / "licensed.yaml", "    declared:", files)
    done = run("check", secret / "release.yaml", cwd=tmp_path)

    assert done.returncode == 1
    assert "KJ201" in done.stdout
    assert "contract-one" not in done.stdout + done.stderr
