"""Nothing is known by silence: absence is neither zero nor compliance."""

import json


def document(out) -> dict:
    return json.loads((out / "public" / "jp-principle-code.en.json").read_text(encoding="utf-8"))


def edit(path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def cells(found: dict, caption: str) -> list[list[str]]:
    items = [item for section in found["sections"] for item in section["items"]]
    tables = [block for item in items for block in item["blocks"] if block["type"] == "table"]
    return next(table["rows"] for table in tables if table["caption"] == caption)


def test_a_size_column_without_values_is_not_zero(release, run, tmp_path, make_shard, make_rows) -> None:
    """Tokens are then known for no source, and the shares are of bytes."""
    for name, first in (("crawl-0", 0), ("crawl-1", 40)):
        make_shard(release / "data" / f"{name}.jsonl.gz", [{**row, "tokens": None} for row in make_rows(40, first)])
    done = run("build", release / "release.yaml", "--out", "out", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "KJ206" in done.stderr
    assert cells(document(tmp_path / "out"), "Total size of each modality")[0][1].endswith(" bytes")


def test_rows_without_a_size_make_it_unknown_beyond_one_in_a_hundred(
    release, run, tmp_path, make_shard, make_rows
) -> None:
    for lacking, unit in ((0, " tokens"), (9, " bytes")):
        rows = [{**row, "tokens": None if n < lacking else 7} for n, row in enumerate(make_rows(40))]
        make_shard(release / "data" / "crawl-0.jsonl.gz", rows)
        out = f"out{lacking}"
        assert run("build", release / "release.yaml", "--out", out, cwd=tmp_path).returncode == 0
        assert cells(document(tmp_path / out), "Total size of each modality")[0][1].endswith(unit)


def test_the_light_tier_makes_no_principle_implemented_or_not_applicable(release, run, tmp_path) -> None:
    edit(release / "release.yaml", "  roles: [developer]", "  roles: [developer]\n  tier: light")
    assert run("build", release / "release.yaml", "--out", "out", cwd=tmp_path).returncode == 0
    statuses = {row[0]: row[1] for row in cells(document(tmp_path / "out"), "Status by principle")}

    assert statuses["Principle 2"] == statuses["Principle 3"] == "Not answered"


def test_one_window_alone_is_no_handling_of_requests(release, run, tmp_path) -> None:
    contact = "  contacts: [{purpose: rights_holders, kind: email, value: rights@sample.example}]"
    edit(release / "release.yaml", "  roles: [developer]", f"  roles: [developer]\n  tier: light\n{contact}")
    assert run("build", release / "release.yaml", "--out", "out", cwd=tmp_path).returncode == 0
    statuses = {row[0]: row[1] for row in cells(document(tmp_path / "out"), "Status by principle")}

    assert statuses["Principle 2"] == "Not answered"


def test_a_provider_that_trains_from_scratch_is_a_developer(release, run, tmp_path) -> None:
    edit(release / "release.yaml", "  roles: [developer]", "  roles: [provider]")
    done = run("build", release / "release.yaml", "--out", "out", cwd=tmp_path)

    assert done.returncode == 1
    assert "KJ310" in done.stderr


def test_figures_that_are_all_kept_back_are_withheld_and_not_answered(release, run, tmp_path) -> None:
    """One confidential owner alone: no share, no kind of its data, and the item says that it is withheld."""
    (release / "manifests" / "crawl.yaml").write_text(
        """\
schema: kaiji/dataset-manifest/v1
sources:
  - id: secret-one
    title: {ja: 契約データ甲, en: Contract data A}
    category: licensed
    modality: text
    stages: [pretraining]
    owner: {id: owner-one, name: Himitsu Publishing}
    confidentiality: confidential
    licence: CC-BY-NC-4.0
    languages: [ain]
    collected: {from: 2019-03, to: 2021-04}
    declared: {tokens: 123457}
""",
        encoding="utf-8",
    )
    assert run("build", release / "release.yaml", "--out", "out", cwd=tmp_path).returncode == 0
    found = document(tmp_path / "out")
    states = {item["id"]: item["state"] for section in found["sections"] for item in section["items"]}
    text = (tmp_path / "out" / "public" / "jp-principle-code.en.md").read_text(encoding="utf-8")

    assert states["B2.1"] == "withheld"
    for telling in ("Ainu", "CC-BY-NC", "2019", "2021"):
        assert telling not in text


def test_a_year_before_1900_is_no_date(release, run, tmp_path, make_shard, make_rows) -> None:
    make_shard(release / "data" / "crawl-0.jsonl.gz", [{**row, "date": "24-01-01"} for row in make_rows(40)])
    done = run("check", release / "release.yaml", cwd=tmp_path)

    assert "KJ208" in done.stdout
    assert "0024" not in done.stdout


def test_a_supplier_s_disclosure_does_not_answer_for_an_own_crawler(release, run, tmp_path) -> None:
    """A provider that builds on another's model and crawls itself still has to name its crawler."""
    base = "  base_models: [{name: Base, supplier: Supplier, disclosure_url: https://supplier.example/d}]"
    edit(release / "release.yaml", '  version: "1"', f'  version: "1"\n{base}')
    edit(release / "release.yaml", "  roles: [developer]", "  roles: [provider]")
    assert run("build", release / "release.yaml", "--out", "out", cwd=tmp_path).returncode == 0
    items = [item for section in document(tmp_path / "out")["sections"] for item in section["items"]]
    states = {item["id"]: item["state"] for item in items}

    assert states["A2"] == "answered"
    assert states["B4"] == "unanswered"
