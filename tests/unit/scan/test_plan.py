"""What is read for which source."""

import pytest

from kaiji.errors import ManifestError
from kaiji.scan.plan import planned


def named(plans):
    return {plan.source.id: [file.name for file in plan.files] for plan in plans}


def test_files_by_source_in_the_order_of_the_sources(release):
    for name in ("b.parquet", "a.parquet", "c.parquet"):
        release.parquet(name, n=[1])
    sources = [release.source("c.parquet", id="z"), release.source("*[ab].parquet", id="y")]
    plans, findings = planned(sources, release.root, ())
    assert list(named(plans).items()) == [("z", ["c.parquet"]), ("y", ["a.parquet", "b.parquet"])]
    assert (findings, [plan.whole for plan in plans]) == ([], [True, True])


def test_a_source_without_files_has_no_plan(release):
    release.parquet("a.parquet", n=[1])
    declared = release.source("a.parquet", id="d").model_copy(update={"files": None})
    plans, findings = planned([declared, release.source("a.parquet", id="s")], release.root, ())
    assert (named(plans), findings) == ({"s": ["a.parquet"]}, [])


def test_the_columns_that_are_read(release):
    """The text is read only for its size."""
    release.parquet("a.parquet", n=[1])
    columns = {"url": "u", "text": "t", "tokens": "n", "language": "l"}
    (plan,), _ = planned([release.source("a.parquet", **columns)], release.root, ())
    assert plan.mapped == columns
    (plan,), _ = planned([release.source("a.parquet", bytes="b", **columns)], release.root, ())
    assert plan.mapped == {"url": "u", "bytes": "b", "tokens": "n", "language": "l"}
    (plan,), _ = planned([release.source("a.parquet")], release.root, ())
    assert (plan.mapped, plan.tokenizer, plan.tokenizer_key) == ({}, None, None)


def test_a_file_counts_once_also_under_other_names(release):
    release.parquet("data/a.parquet", n=[1])
    (release.root / "link.parquet").symlink_to("data/a.parquet")
    (release.root / "folder").symlink_to("data")
    (plan,), findings = planned([release.source("link.parquet", "data/*", "folder/*")], release.root, ())
    assert (len(plan.files), findings, plan.whole) == (1, [], True)


def test_a_file_of_several_sources_counts_in_the_first_that_names_it(release):
    release.parquet("a.parquet", n=[1])
    release.parquet("b.parquet", n=[1])
    sources = [release.source(*paths, id=name) for name, paths in (("z", ["b.*"]), ("y", ["*"]), ("x", ["a.*"]))]
    plans, findings = planned(sources, release.root, ())
    assert named(plans) == {"z": ["b.parquet"], "y": ["a.parquet"], "x": []}
    assert [plan.whole for plan in plans] == [True, False, False]
    assert [(finding.id, finding.place.file, finding.detail) for finding in findings] == [
        ("KJ211", "b.parquet", "z, y"),
        ("KJ211", "a.parquet", "y, x"),
    ]


def test_a_pattern_without_a_file_leaves_the_source_incomplete(release):
    release.parquet("a.parquet", n=[1])
    (plan,), (finding,) = planned([release.source("a.parquet", "none/*")], release.root, ())
    assert (finding.id, plan.whole, len(plan.files)) == ("KJ202", False, 1)


def test_all_paths_that_leave_the_folder_are_named_before_anything_is_read(release):
    release.parquet("a.parquet", n=[1])
    release.parquet("../outside/b.parquet", n=[1])
    sources = [release.source("../outside/*", id="x"), release.source("a.parquet", id="s"), release.source("/etc/*")]
    with pytest.raises(ManifestError) as caught:
        planned(sources, release.root, ())
    assert [finding.id for finding in caught.value.findings] == ["KJ109", "KJ109"]
    plans, _ = planned(sources[:2], release.root, [release.outside])
    assert named(plans) == {"x": ["../outside/b.parquet"], "s": ["a.parquet"]}
