import hashlib
import shutil
from pathlib import Path

import pytest

from kaiji.errors import ManifestError
from kaiji.findings import Finding
from kaiji.manifest.load import LoadedRelease, load

MANIFESTS = Path(__file__).parents[2] / "conformance" / "manifests"
SOURCE = """
  - id: {id}
    title: {{ja: 見本, en: Sample}}
    category: public
    modality: text
    stages: [pretraining]
    confidentiality: public
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(MANIFESTS / "valid-minimal", tmp_path / "release")
    return tmp_path / "release"


def case(name: str) -> LoadedRelease:
    return load(MANIFESTS / name / "release.yaml")


def write(folder: Path, name: str, *ids: str) -> None:
    text = "schema: kaiji/dataset-manifest/v1\nsources:" + "".join(SOURCE.format(id=i) for i in ids)
    (folder / "manifests" / name).write_text(text, encoding="utf-8")


def wrong(folder: Path) -> tuple[Finding, ...]:
    with pytest.raises(ManifestError) as error:
        load(folder / "release.yaml")
    return error.value.findings


def test_sources_come_by_manifest_name_then_by_position(folder: Path) -> None:
    write(folder, "z.yaml", "a", "b")
    write(folder, "b.yaml", "d", "c")
    loaded = load(folder / "release.yaml")
    assert [source.id for source in loaded.sources] == ["corpus", "d", "c", "a", "b"]
    assert [file.path for file in loaded.files] == [
        "release.yaml",
        "manifests/a.yaml",
        "manifests/b.yaml",
        "manifests/z.yaml",
    ]


def test_files_are_those_read_with_their_digests_and_are_not_changed(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    loaded = load(folder / "release.yaml")
    for file in loaded.files:
        content = (folder / file.path).read_bytes()
        assert (file.content, file.sha256) == (content, hashlib.sha256(content).hexdigest())
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_file_that_two_patterns_name_is_read_once() -> None:
    assert len(case("valid-same-file-twice").sources) == 1


def test_places_within_a_source(folder: Path) -> None:
    write(folder, "b.yaml", "one", "two")
    loaded = load(folder / "release.yaml")
    two = loaded.sources[2]
    assert (str(two.place), two.place.key) == ("manifests/b.yaml:10:5", "sources[1]")
    title = loaded.place_of(two, "title.en")
    assert (str(title), title.key) == ("manifests/b.yaml:11:21", "sources[1].title.en")
    assert str(loaded.place_of(two, "stages[0]")) == "manifests/b.yaml:14:14"
    assert str(loaded.place_of(two, "declared.tokens")) == str(two.place)
    assert str(loaded.place_of(two)) == str(two.place)


def test_places_within_the_release() -> None:
    release = case("valid-all-keys").release
    assert str(release.place_of("categories.user.used")) == "release.yaml:15:10"
    assert str(release.place_of("answers.jp-principle-code.A3.reason")) == "release.yaml:26:53"
    assert str(release.place_of("model.base_models[3].name")) == "release.yaml:4:1"
    assert str(release.place_of("privacy.handling")) == "release.yaml:1:1"


def test_a_release_of_another_name_is_called_by_it(folder: Path) -> None:
    (folder / "release.yaml").rename(folder / "v2.yaml")
    assert str(load(folder / "v2.yaml").release.place_of("nothing")) == "v2.yaml:1:1"


def test_words_of_yaml_1_1_stay_text() -> None:
    (source,) = case("valid-no-as-a-language").sources
    assert source.languages == ("no", "ja")
    assert (source.contains.personal, source.contains.copyright) == ("no", "yes")


def test_numbers() -> None:
    (source,) = case("valid-numbers").sources
    assert source.version == "1.10"
    assert source.first_used == "2026-09"
    assert (source.declared.documents, source.declared.bytes, source.declared.tokens) == (10, 2**63 - 1, 0)
    assert str(source.declared.hours) == "0.25"


def test_one_text_serves_both_languages_and_blocks_keep_their_lines() -> None:
    (source,) = case("valid-block-text").sources
    assert source.purpose is not None
    assert source.purpose.ja == "一行目: 見本\n二行目\n"
    assert source.purpose.en == 'A line: "quoted", and folded.'
    assert str(case("valid-all-keys").sources[0].owner.name.ja) == "見本データ Sample Data"  # type: ignore[union-attr]


def test_empty_values_count_as_absent() -> None:
    (source,) = case("valid-empty-values").sources
    assert (source.licence, source.owner, source.languages) == (None, None, ())


def test_lists_need_no_indentation() -> None:
    (source,) = case("valid-lists-without-indentation").sources
    assert source.languages == ("ja", "no")
    assert [str(stage) for stage in source.stages] == ["pretraining", "test"]


def test_all_mistakes_of_all_files_are_told_in_order(folder: Path) -> None:
    write(folder, "b.yaml", "UPPER")
    (folder / "manifests" / "c.yaml").write_text("[", encoding="utf-8")
    text = (folder / "release.yaml").read_text(encoding="utf-8")
    (folder / "release.yaml").write_text(text + "colour: red\n", encoding="utf-8")
    assert [(f.id, f.place.file if f.place else "") for f in wrong(folder)] == [
        ("KJ104", "release.yaml"),
        ("KJ106", "manifests/b.yaml"),
        ("KJ102", "manifests/c.yaml"),
    ]


def test_a_mistake_in_one_source_is_told_once_and_nothing_else(folder: Path) -> None:
    write(folder, "a.yaml", "UPPER")
    assert [f.place.key for f in wrong(folder) if f.place] == ["sources[0].id"]


def test_messages_repeat_nothing_confidential(folder: Path) -> None:
    write(folder, "a.yaml", "Secret-Source")
    path = folder / "manifests" / "a.yaml"
    owner = "    owner: {id: Secret Owner, name: {ja: \u202e秘密, en: Secret Name}}\n    url: secret.example\n"
    path.write_text(path.read_text(encoding="utf-8") + owner, encoding="utf-8")
    said = "".join(finding.line(confidential=True) for finding in wrong(folder)).lower()
    assert said.count("fail:") == 4
    assert "secret" not in said
    assert "秘密" not in said


def test_messages_hold_no_absolute_path(folder: Path) -> None:
    shutil.rmtree(folder / "manifests")
    (folder / "release.yaml").unlink()
    assert str(folder) not in "".join(finding.line() for finding in wrong(folder))
    assert str(folder) not in "".join(finding.line() for finding in wrong(folder / "release.yaml"))


@pytest.mark.parametrize("path", ["", ".", "..", "/", "nothing/release.yaml", "a\0b", "x" * 5000])
def test_a_path_that_is_no_file_is_refused(path: str, folder: Path) -> None:
    with pytest.raises(ManifestError) as error:
        load(Path(path) if path.startswith("/") else folder / path)
    assert [finding.id for finding in error.value.findings] == ["KJ101"]


@pytest.mark.parametrize("pattern", ["x" * 5000 + "/*.yaml", "manifests/[", "manifests/a\\nb*.yaml", "*/*/*/*.yaml"])
def test_a_strange_pattern_matches_nothing(pattern: str, folder: Path) -> None:
    text = (folder / "release.yaml").read_text(encoding="utf-8")
    (folder / "release.yaml").write_text(text.replace("[manifests/*.yaml]", f'["{pattern}"]'), encoding="utf-8")
    assert {finding.id for finding in wrong(folder)} <= {"KJ101", "KJ108"}


def test_a_link_within_the_folder_is_followed_once(folder: Path) -> None:
    (folder / "manifests" / "b.yaml").symlink_to("a.yaml")
    assert len(load(folder / "release.yaml").sources) == 1


def test_data_roots_let_data_lie_outside(folder: Path) -> None:
    path = folder / "manifests" / "a.yaml"
    path.write_text(
        path.read_text(encoding="utf-8") + "    files: {paths: [../shared/x/*.parquet]}\n", encoding="utf-8"
    )
    assert [finding.id for finding in wrong(folder)] == ["KJ109"]
    text = (folder / "release.yaml").read_text(encoding="utf-8")
    (folder / "release.yaml").write_text(text + "data_roots: [../shared/]\n", encoding="utf-8")
    assert len(load(folder / "release.yaml").sources) == 1


def with_addresses(folder: Path, path: str, roots: str) -> None:
    manifest = folder / "manifests" / "a.yaml"
    manifest.write_text(manifest.read_text(encoding="utf-8") + f"    files: {{paths: ['{path}']}}\n", encoding="utf-8")
    release = folder / "release.yaml"
    release.write_text(release.read_text(encoding="utf-8") + f"data_roots: [{roots}]\n", encoding="utf-8")


@pytest.mark.parametrize("root", ["s3://bucket/corpus", "s3://bucket/corpus/", "s3://bucket", "'s3://'"])
def test_an_address_below_a_data_root_may_be_read(root: str, folder: Path) -> None:
    with_addresses(folder, "s3://bucket/corpus/**/part-?.parquet", f"../shared, {root}")
    (source,) = load(folder / "release.yaml").sources
    assert source.files and source.files.paths == ("s3://bucket/corpus/**/part-?.parquet",)


@pytest.mark.parametrize(
    "path",
    [
        "s3://bucket/corpus-2/a.parquet",
        "s3://bucket/*/a.parquet",
        "s3://bucket/corpus/../other/a.parquet",
        "s3://bucket/corpus/%2e%2e/other/a.parquet",
        "s3://bucket/corpus/%2e%2e%2fother/a.parquet",
        "s3://bucket/corpus/..\\other/a.parquet",
        "gs://bucket/corpus/a.parquet",
    ],
)
def test_an_address_outside_the_data_roots_is_refused(path: str, folder: Path) -> None:
    with_addresses(folder, path, "../shared, s3://bucket/corpus")
    (finding,) = wrong(folder)
    assert (finding.id, finding.place and finding.place.key) == ("KJ109", "sources[0].files.paths[0]")


@pytest.mark.parametrize(
    "address",
    [
        "s3://key:SECRET@bucket/a.parquet",
        "https://data.example/a.parquet?X-Amz-Signature=SECRET",
        "https://data.example/a.parquet?sig=SECRET",
        "file:///data/SECRET.parquet",
        "local://data/SECRET.parquet",
    ],
)
def test_an_address_with_credentials_or_of_a_local_file_is_refused_unseen(address: str, folder: Path) -> None:
    with_addresses(folder, address, f"'{address}'")
    first, second = wrong(folder)
    assert (first.id, first.place and first.place.key) == ("KJ106", "data_roots[0]")
    assert (second.id, second.place and second.place.key) == ("KJ106", "sources[0].files.paths[0]")
    assert "SECRET" not in f"{first!r} {second!r}"
