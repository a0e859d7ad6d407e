import os

import fsspec
import pytest

from kaiji.errors import ManifestError
from kaiji.scan import storage
from kaiji.scan.failure import ShardError
from kaiji.scan.files import find


def names(found):
    return [file.name for file in found.files]


def ids(findings):
    return sorted(finding.id for finding in findings)


@pytest.fixture
def tree(release):
    for name in ("a/one.parquet", "a/b/two.parquet", "a/b/c/three.jsonl.gz", "a/.hidden/four.parquet", ".five.parquet"):
        release.bytes(name, b"x")
    return release


@pytest.fixture
def memory(tree):
    """The same tree in a store, below `memory://corpus`, and a file beside it."""
    system = fsspec.filesystem("memory")
    for path in tree.root.rglob("*"):
        if path.is_file():
            system.pipe(f"/corpus/{path.relative_to(tree.root)}", path.read_bytes())
    system.pipe("/corpus-2/a/one.parquet", b"x")
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]


PATTERNS = (
    ("pattern", "expected"),
    [
        ("a/one.parquet", ["a/one.parquet"]),
        ("a/*.parquet", ["a/one.parquet"]),
        ("a/*/*.parquet", ["a/b/two.parquet"]),
        ("**/*.parquet", ["a/b/two.parquet", "a/one.parquet"]),
        ("a/**", ["a/b/c/three.jsonl.gz", "a/b/two.parquet", "a/one.parquet"]),
        ("a/**/**/t*", ["a/b/c/three.jsonl.gz", "a/b/two.parquet"]),
        ("a/[no]n[!x].parquet", ["a/one.parquet"]),
        ("a/on?.parquet", ["a/one.parquet"]),
        (".five.parquet", [".five.parquet"]),
        ("a/.h*/*.parquet", ["a/.hidden/four.parquet"]),
    ],
)


@pytest.mark.parametrize(*PATTERNS)
def test_patterns(tree, pattern, expected):
    found = find(tree.source(pattern), tree.root)
    assert names(found) == expected
    assert found.findings == found.outside == ()


@pytest.mark.parametrize(*PATTERNS)
@pytest.mark.parametrize("root", ["memory://corpus", "memory://corpus/", "memory://"])
def test_the_same_patterns_in_a_store(memory, release, pattern, expected, root):
    found = find(release.source(f"memory://corpus/{pattern}"), release.root, ["../elsewhere", root])
    assert names(found) == [f"memory://corpus/{name}" for name in expected]
    assert found.findings == found.outside == ()
    assert all(file.is_remote for file in found.files)
    (first, *_) = found.files
    with first.open() as stream, pytest.raises(TypeError):
        assert first.real
    assert stream.closed


def test_a_path_with_dots_is_the_path_without(tree):
    assert names(find(tree.source("./a/../a/one.parquet"), tree.root)) == ["a/one.parquet"]
    assert names(find(tree.source("../release/a/one.parquet"), tree.root)) == ["a/one.parquet"]


@pytest.mark.parametrize(
    "pattern",
    [
        "memory://corpus-2/a/*.parquet",
        "memory://corpus*/a/*.parquet",
        "memory://*/a/*.parquet",
        "memory://corpus/../corpus-2/a/one.parquet",
        "memory://corpus/*/../../corpus-2/a/one.parquet",
        "memory://corpus/%2e%2E/corpus-2/a/one.parquet",
        "memory://corpus/..%2fcorpus-2/a/one.parquet",
        "memory://corpus/..\\corpus-2/a/one.parquet",
        "memory://corpus/./a/one.parquet",
        "s3://corpus/a/one.parquet",
        "memory://corpu",
    ],
)
def test_nothing_of_a_store_outside_its_root_is_listed(memory, release, pattern, monkeypatch):
    for name in ("entries", "files_below", "info"):
        monkeypatch.setattr(storage, name, None)
    found = find(release.source(pattern), release.root, ["memory://corpus"])
    assert found.files == ()
    assert [(finding.id, finding.detail) for finding in found.outside] == [("KJ109", pattern)]


def test_without_a_root_in_a_store_its_files_are_outside(memory, release):
    found = find(release.source("memory://corpus/a/*"), release.root, [release.root.parent])
    assert [finding.id for finding in found.outside] == ["KJ109"]


@pytest.mark.parametrize("pattern", ["none.parquet", "*.jsonl", "none/*", "none/**"])
def test_a_pattern_without_a_match_in_a_store(memory, release, pattern):
    (finding,) = find(release.source(f"memory://corpus/{pattern}"), release.root, ["memory://corpus"]).findings
    assert (finding.id, finding.message) == ("KJ202", "pattern 1 matches no data file")


def test_a_saved_dataset_in_a_store_is_one_shard(memory, release):
    memory.pipe({f"/corpus/ds/{name}": b"{}" for name in ("dataset_info.json", "state.json", "x.arrow", "y.parquet")})
    for pattern in ("memory://corpus/**", "memory://corpus/*", "memory://corpus/ds"):
        found = find(release.source(pattern, format="datasets"), release.root, ["memory://corpus"])
        assert [(file.name, file.format) for file in found.files] == [("memory://corpus/ds", "datasets")]
    found = find(release.source("memory://corpus/ds/**", "memory://corpus/ds"), release.root, ["memory://corpus"])
    assert (names(found), found.findings) == (["memory://corpus/ds"], ())


def test_a_store_that_cannot_be_listed_is_a_finding(memory, release, monkeypatch):
    def refused(*_):
        raise ShardError("KJ201", "the store refuses access", detail="PermissionError, HTTP 403")

    monkeypatch.setattr(storage, "entries", refused)
    patterns = ("memory://corpus/*.parquet", "memory://corpus/a/one.parquet")
    found = find(release.source(*patterns), release.root, ["memory://corpus"])
    (finding,) = found.findings
    assert (finding.id, finding.message) == ("KJ201", "pattern 1: the store refuses access")
    assert (finding.place.key, finding.detail) == (
        "files.paths",
        "memory://corpus/*.parquet: PermissionError, HTTP 403",
    )
    assert names(found) == ["memory://corpus/a/one.parquet"]


def test_each_folder_of_a_store_is_listed_once(memory, release, monkeypatch):
    asked = []
    for name in ("entries", "files_below"):
        real = getattr(storage, name)
        monkeypatch.setattr(storage, name, lambda folder, name=name, real=real: (asked.append(name), real(folder))[1])
    find(release.source("memory://corpus/**/**/*.parquet"), release.root, ["memory://corpus"])
    assert asked == ["files_below"]
    asked.clear()
    find(release.source("memory://corpus/*/*.parquet"), release.root, ["memory://corpus"])
    assert asked == ["entries", "entries"]


@pytest.mark.parametrize("pattern", ["none.parquet", "*.parquet", "b/**/*.parquet", "a/one.parquet/x"])
def test_a_pattern_without_a_match_is_a_finding_at_the_source(tree, pattern):
    found = find(tree.source("a/one.parquet", pattern), tree.root)
    assert names(found) == ["a/one.parquet"]
    (finding,) = found.findings
    assert (finding.id, finding.place.key, finding.detail) == ("KJ202", "files.paths", pattern)
    assert finding.message == "pattern 2 matches no data file"


def test_formats_by_name_and_as_declared(release):
    for name in ("a.parquet", "b.jsonl", "c.JSONL.GZ", "d.jsonl.zst", "e.txt", "f.json.gz"):
        (release.root / name).write_bytes(b"x")
    found = find(release.source("*"), release.root)
    assert [(file.name, file.format, file.compression) for file in found.files] == [
        ("a.parquet", "parquet", "uncompressed"),
        ("b.jsonl", "jsonl", "uncompressed"),
        ("c.JSONL.GZ", "jsonl", "gzip"),
        ("d.jsonl.zst", "jsonl", "zstd"),
    ]
    assert [(finding.id, finding.place.file) for finding in found.findings] == [
        ("KJ205", "e.txt"),
        ("KJ205", "f.json.gz"),
    ]
    declared = find(release.source("f*", "e*", format="jsonl"), release.root)
    compressions = [(file.name, file.compression) for file in declared.files]
    assert compressions == [("e.txt", "uncompressed"), ("f.json.gz", "gzip")]
    assert [file.format for file in find(release.source("e.txt", format="parquet"), release.root).files] == ["parquet"]
    assert ids(find(release.source("a.parquet", format="datasets"), release.root).findings) == ["KJ202"]


def test_a_folder_that_is_no_saved_dataset(release):
    release.bytes("folder/a.parquet", b"x")
    assert ids(find(release.source("folder"), release.root).findings) == ["KJ205"]
    assert ids(find(release.source("folder", format="parquet"), release.root).findings) == ["KJ202"]
    assert ids(find(release.source("fol*"), release.root).findings) == ["KJ202"]


def test_a_saved_dataset_is_one_shard_and_its_files_are_part_of_it(release):
    for name in ("ds/dataset_info.json", "ds/state.json", "ds/data-0.arrow", "ds/extra.parquet", "plain.parquet"):
        release.bytes(name, b"{}")
    found = find(release.source("**/*"), release.root)
    assert [(file.name, file.format) for file in found.files] == [("ds", "datasets"), ("plain.parquet", "parquet")]
    assert found.findings == ()


def test_a_file_that_two_patterns_or_links_name_counts_once(tree):
    (tree.root / "link.parquet").symlink_to("a/one.parquet")
    found = find(tree.source("a/one.parquet", "a/*.parquet", "link.parquet"), tree.root)
    assert len(found.files) == 1
    assert found.findings == ()


def test_loops_of_links_end(tree):
    (tree.root / "a" / "up").symlink_to("..")
    (tree.root / "a" / "b" / "self").symlink_to(".")
    (tree.root / "a" / "x").symlink_to("y")
    (tree.root / "a" / "y").symlink_to("x")
    found = find(tree.source("**/*.parquet"), tree.root)
    assert sorted(file.real.name for file in found.files) == ["one.parquet", "two.parquet"]
    assert found.outside == ()


def test_a_link_to_nothing_is_listed_and_cannot_be_read(release):
    (release.root / "gone.parquet").symlink_to("nothing.parquet")
    (release.root / "loop.parquet").symlink_to("loop.parquet")
    result = release.scan(release.source("*.parquet", url="url"))
    assert [(finding.id, finding.place.file) for finding in result.findings] == [
        ("KJ201", "gone.parquet"),
        ("KJ201", "loop.parquet"),
    ]
    assert not result.sources[0].complete


def outside_by_name(release):
    return "../outside/a.parquet"


def outside_by_absolute_name(release):
    return str(release.outside / "a.parquet")


def outside_by_link(release):
    (release.root / "in.parquet").symlink_to(release.outside / "a.parquet")
    return "in.parquet"


def outside_by_pattern_and_link(release):
    (release.root / "in.parquet").symlink_to(release.outside / "a.parquet")
    return "*.parquet"


def outside_by_linked_folder(release):
    (release.root / "folder").symlink_to(release.outside)
    return "**/*.parquet"


def outside_without_a_file(release):
    return "../outside/none-*.parquet"


OUTSIDE = [
    outside_by_name,
    outside_by_absolute_name,
    outside_by_link,
    outside_by_pattern_and_link,
    outside_by_linked_folder,
    outside_without_a_file,
]


@pytest.mark.parametrize("arrange", OUTSIDE)
def test_nothing_outside_is_read(release, arrange):
    release.parquet("../outside/a.parquet", n=[1])
    pattern = arrange(release)
    with pytest.raises(ManifestError) as raised:
        release.scan(release.source(pattern))
    assert [finding.id for finding in raised.value.findings] == ["KJ109"]
    assert str(release.outside) not in str(raised.value)
    assert not release.out.exists() or not list(release.out.iterdir())


@pytest.mark.parametrize("arrange", OUTSIDE[:-1])
@pytest.mark.parametrize("relative", [True, False])
def test_a_data_root_is_allowed(release, arrange, relative):
    release.parquet("../outside/a.parquet", n=[1])
    pattern = arrange(release)
    root = "../outside" if relative else release.outside
    result = release.scan(release.source(pattern), data_roots=[root])
    assert result.sources[0].documents == 1
    assert result.findings == ()


def test_a_folder_beside_with_the_same_beginning_is_outside(release):
    beside = release.root.with_name("release-2")
    beside.mkdir()
    (beside / "a.parquet").write_bytes(b"x")
    assert ids(find(release.source("../release-2/*"), release.root).outside) == ["KJ109"]


def test_a_name_that_is_not_utf8_is_a_finding(release):
    (release.root / os.fsdecode(b"\xff.parquet")).write_bytes(b"x")
    found = find(release.source("*.parquet"), release.root)
    assert found.files == ()
    assert [(finding.id, finding.place.file) for finding in found.findings] == [("KJ201", "\\udcff.parquet")]


@pytest.mark.parametrize("name", ["a[1]", "it's", "a*b?", 'q"q', "日本 語", "a\nb", "a{b}$1", "-- x; y"])
def test_names_with_special_characters_are_read(release, name):
    name = f"{name}.parquet"
    release.parquet(name, n=[1, 2])
    release.parquet("other.parquet", n=[1])
    result = release.scan(release.source("*[!r].parquet", tokens="n"))
    assert [shard.path for shard in result.sources[0].shards] == [name]
    assert result.sources[0].tokens == 3
