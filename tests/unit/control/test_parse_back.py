"""What nothing explains is found wherever it stands, and whole releases of the samples hold nothing of the kind."""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from kaiji import pipeline
from kaiji.control.parse_back import Absent, Declared, Folder, Undeclared
from kaiji.control.statements import count_band, month, share, total_band
from kaiji.read_back import declared
from kaiji.terms import Unit

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "sample_manifests"

SHARES = {kind: share(f"category.text.{kind}.share", part, 1000, Decimal(1)) for kind, part in (("a", 120), ("b", 4))}
STATEMENTS = {
    one.id: one
    for one in (
        *SHARES.values(),
        share("period.text.2024/2025.share", 120, 1000, Decimal(1)),
        total_band("total.text", 20_000_000, Unit.TOKENS),
        count_band("category.a.count", 7),
        month("category.a.period.from", "2025-04"),
    )
}
TEXTS = [
    "A model with about seven billion parameters and a context of 32,768 tokens.",
    "約70億のパラメータ",
    "Corpus 3 (sample)",
    "Answered from data 13",
    "2026-11-20",
    "Version 4",
    "rights@x1.example",
    "first line of 5\nsecond line of 6",
]
WORDING = [
    "From secondary sources on the draft of 26 December 2025",
    "Principle {number}",
    "{first} to {last}",
    "{first}〜{last}年",
    "Edition",
    "Date: {date}",
    "Totals: 1-3-10 from {floor}. Datasets: {counts}.",
    "A1",
]
DECLARED = {
    "public": Declared(STATEMENTS, TEXTS, WORDING),
    "regulator": Declared(STATEMENTS | {"x.share": share("x.share", 55, 1000, Decimal("0.1"))}, TEXTS, WORDING),
}


def undeclared(path: str, text: str | bytes, declared: Mapping[str, Declared] = DECLARED) -> list[str]:
    data = text.encode() if isinstance(text, str) else text
    found = list(Folder({path: data}).undeclared(declared))
    assert all(one.path == path for one in found)
    return [one.figure for one in found]


@pytest.mark.parametrize(
    "text",
    [
        "12 %",
        "The share is 12 %.",
        "割合は12%です",
        "１２％",
        "<1 %",
        "5 to 19",
        "from 10 million to less than 30 million tokens",
        "since April 2025",
        "2025年4月から",
        "A model with about seven billion parameters and a context of 32,768\ntokens.",
        "パラメータは約70億のパラメータです",
        "Corpus 3 (sample)",
        "Corpus 3 (sample), A1 and Corpus 3 (sample)",
        "20 November 2026",
        "2026年11月20日",
        "2026-11-20",
        "Date: 20 November 2026",
        "2024 to 2025",
        "2024〜2025年",
        "Edition Version 4",
        "Version 4",
        "From secondary sources on the draft of 26 December 2025",
        "second line of 6",
        "third-party data, one of them, 一般の第三者",
        "rights@x1.example",
    ],
)
def test_what_is_declared_is_explained(text: str) -> None:
    assert undeclared("public/a.html", f"<p>{text}</p>".replace("<1", "&lt;1")) == []


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("112 %", ["112 %"]),
        ("12.5 %", ["12.5 %"]),
        ("<12 %", ["<12 %"]),
        ("about 12 %", ["about 12 %"]),
        ("12 % or more", ["12 % or more"]),
        ("12 per cent", ["12 per cent"]),
        ("1 %", ["1 %"]),
        ("12% of 40", ["40"]),
        ("3", ["3"]),
        ("3 of 7", ["3", "7"]),
        ("Corpus 3 of 7", ["3", "7"]),
        ("Corpus 13 (sample)", ["13"]),
        ("13 sources", ["13"]),
        ("Version 4.1", ["4.1"]),
        ("21 November 2026", ["21"]),
        ("May 2025", ["2025"]),
        ("2024 to 2026", ["2024", "2026"]),
        ("about eight billion parameters", ["about eight billion"]),
        ("three hundred datasets", ["three hundred"]),
        ("about half of the data", ["about half"]),
        ("a third", ["a third"]),
        ("a twofold rise", ["twofold"]),
        ("約半分", ["約半分"]),
        ("三割と半数", ["三割", "半数"]),
        ("3分の1", ["3分の1"]),
        ("１，２３４", ["1,234"]),
        ("千二百万トークン", ["千二百万トークン"]),
        ("1.2 trillion", ["1.2 trillion"]),
        ("12k", ["12k"]),
        ("571f0d0ccae1", ["571f0d0ccae1"]),
        ("A1b and B1", ["a1b", "b1"]),
        ("x1.example2", ["x1", "example2"]),
        ("Principle 3", ["3"]),
    ],
)
def test_what_is_not_declared_is_found(text: str, figures: list[str]) -> None:
    assert undeclared("public/a.txt", text) == figures


def test_statements_belong_to_an_audience() -> None:
    assert undeclared("regulator/a.txt", "5.5 %") == []
    assert undeclared("public/a.txt", "5.5 %") == ["5.5 %"]
    assert undeclared("other/a.txt", "nothing") == ["a file of no audience"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("public/a.html", "<p title='{}'>x</p>"),
        ("public/a.html", "<!-- {} -->"),
        ("public/a.html", "<p data-n='{}'>x</p>"),
        ("public/a.html", "<meta name=x content='{}'>"),
        ("public/a.html", "<style>p::after {{ content: '{}' }}</style>"),
        ("public/a.html", "<svg><title>{}</title></svg>"),
        ("public/a.svg", "<svg><desc>{}</desc></svg>"),
        ("public/a.md", "| a | {} |\n| --- | --- |\n"),
        ("public/a.md", "<!-- {} -->"),
        ("public/a.md", "[x](<y?{}>)"),
        ("public/a.json", '{{"k": ["{}"]}}'),
        ("public/a.json", '{{"{}": "k"}}'),
        ("public/a.csv", 'name,n\nx,"{}"\n'),
        ("public/SHA256SUMS", "{}  a.html\n"),
        ("public/model_card.md", "---\nsize: {}\n---\n"),
    ],
)
def test_every_place_of_every_format(path: str, text: str) -> None:
    assert undeclared(path, text.format("4,711 tokens")) == ["4,711"]
    assert undeclared(path, text.format("12 %")) == []


def test_numbers_and_names_that_are_no_texts() -> None:
    assert undeclared("public/a.json", '{"k": 4711.5}') == ["4711.5"]
    assert undeclared("public/of-300-sets.csv", "name\n") == ["300"]
    assert undeclared("public/a.docx", "x") == ["a kind of file that cannot be read back"]
    assert undeclared("public/a.json", '{"k": "x", "k": "y"}') == ["a key given twice"]
    assert undeclared("public/a.html", "<svg><path d=''/></svg>") == ["a drawing that is no bar of a chart: path"]


def test_a_number_alone_explains_a_cell_or_a_value_and_nothing_else() -> None:
    declared = {"public": Declared({}, ["3", "Name: Corpus"], ["Edition"])}
    assert undeclared("public/a.md", "| x | 3 |\n| --- | --- |\n", declared) == []
    assert undeclared("public/a.md", "Edition: 3", declared) == []
    for text in ("3 of them", "Total: 3", "of 3", "3 %", "about 3"):
        assert undeclared("public/a.md", text, declared) != []


def test_rows_explain_their_cells() -> None:
    assert undeclared("public/a.md", "| Answered from data | 13 |\n| --- | --- |\n") == []
    assert undeclared("public/a.md", "| Sources | 13 |\n| --- | --- |\n") == ["13"]


def test_checksums_are_those_of_the_files_beside() -> None:
    page = b"<p>12 %</p>"
    good = f"{hashlib.sha256(page).hexdigest()}  a.html\n".encode()
    assert list(Folder({"public/a.html": page, "public/SHA256SUMS": good}).undeclared(DECLARED)) == []
    files = {"public/a.html": page, "regulator/SHA256SUMS": good}
    assert [one.path for one in Folder(files).undeclared(DECLARED)] == ["regulator/SHA256SUMS"]


def test_places() -> None:
    files = {"public/a.html": b"<p>x</p>\n<p>4,711</p>", "public/b.json": b'{"k": [5]}'}
    assert list(Folder(files).undeclared(DECLARED)) == [
        Undeclared("public/a.html", "line 2", "4,711"),
        Undeclared("public/b.json", "k[0]", "5"),
    ]


def test_bars_are_as_long_as_their_figures() -> None:
    chart = (
        '<svg viewBox="0 0 400 10"><text x="1" text-anchor="end" y="2">{}</text>'
        '<rect x="0" y="9" width="400" height="1"/><rect x="0" y="9" width="{}" height="1"/></svg>'
    )
    assert undeclared("public/a.html", chart.format("12 %", 48)) == []
    assert undeclared("public/a.html", chart.format("&lt;1 %", 2)) == []
    assert undeclared("public/a.html", chart.format("12 %", 49)) == ["a bar of 12.2500%"]
    assert undeclared("public/a.html", chart.format("12 %", "48.1")) == ["a bar of 12.0250%"]
    assert undeclared("public/a.html", chart.format("13 %", 52)) == ["13 %", "a bar of 13.0000%"]
    document = json.loads(documents()["public/c.en.json"])
    document["sections"][0]["items"][0]["blocks"] = [
        {"type": "chart", "bars": [{"label": "a", "text": "12 %", "length": 12.3}]}
    ]
    assert undeclared("public/c.json", json.dumps(document)) == ["a bar of 12.3000%"]


def documents(**given: object) -> dict[str, bytes]:
    """A document in both languages and two formats that holds one statement twice and another once."""
    files = {}
    one, two = SHARES.values()
    for language in ("ja", "en"):
        texts = [one.text[language], one.text[language], two.text[language]]
        claims = [
            {
                "id": s.id,
                "text": s.text[language],
                "unit": s.unit.value,
                "low": float(s.low or 0) or 0,
                "high": float(s.high or 0),
            }
            for s in (one, two)
        ]
        for claim in claims:
            claim |= {end: int(claim[end]) for end in ("low", "high") if claim[end] == int(claim[end])}
        item = {
            "id": "A1",
            "statements": [one.id, two.id],
            "blocks": [{"type": "list", "caption": "c", "items": texts}],
        }
        content = {
            "schema": "kaiji/document/v1",
            "language": language,
            "sections": [{"items": [item]}],
            "statements": claims,
        }
        files[f"public/c.{language}.json"] = json.dumps(content | given).encode()
        files[f"public/c.{language}.html"] = "".join(f"<p>{text}</p>".replace("<1", "&lt;1") for text in texts).encode()
    return files


def absent(files: dict[str, bytes]) -> list[Absent]:
    return list(Folder(files).absent(DECLARED))


def test_documents_that_agree() -> None:
    files = documents()
    assert absent(files) == []
    assert list(Folder(files).undeclared(DECLARED)) == []
    assert [one.length for path, one in Folder(files).lists()] == [3, 3]
    # the figure of the period is the same text
    both = {one.id for one in SHARES.values()} | {"period.text.2024/2025.share"}
    assert Folder(files).found(DECLARED) == dict.fromkeys(files, frozenset(both))


def test_documents_that_do_not_agree() -> None:
    files, (one, two) = documents(), (s.id for s in SHARES.values())
    page = files["public/c.en.html"].replace(b"<p>12 %</p>", b"<p>112 %</p>", 1)
    why = "stands less often than in the machine-readable document"
    assert absent(files | {"public/c.en.html": page}) == [Absent("public/c.en.html", one, why)]
    data = files["public/c.en.json"]
    path = "public/c.en.json"
    assert absent({path: data.replace(b"11.5", b"11.4")}) == [
        Absent(path, one, "another unit or interval than the statement has")
    ]
    assert Absent(path, one, "another text than the statement has in this language") in absent(
        {path: data.replace(b"12 %", b"13 %")}
    )
    renamed = data.replace(f'{{"id": "{two}"'.encode(), b'{"id": "x.share"')
    assert absent({path: renamed})[-1] == Absent(path, "x.share", "not a statement for this audience")
    fewer = json.loads(files["public/c.ja.json"])
    fewer["statements"] = fewer["statements"][:1]
    why = "stands in the document in another language"
    assert absent(files | {"public/c.ja.json": json.dumps(fewer).encode()}) == [Absent("public/c.ja.json", two, why)]


def test_items_hold_their_own_statements_only() -> None:
    document = json.loads(documents()["public/c.en.json"])
    document["sections"][0]["items"][0]["statements"] = ["category.text.b.share"]
    assert undeclared("public/c.json", json.dumps(document)) == ["12 %", "12 %"]


# --- the samples -----------------------------------------------------------------------------------------------------


@cache
def sample(name: str) -> tuple[dict[str, bytes], dict[str, Declared]]:
    """Files of a sample that leave the building, and what is declared for them."""
    out = SAMPLES / name / "expected"
    built = pipeline.build(SAMPLES / name / "release.yaml", pipeline.Options(worlds=0))
    assert built.proved is not None
    files = {
        path.relative_to(out).as_posix(): path.read_bytes()
        for audience in ("public", "regulator")
        for path in sorted((out / audience).iterdir())
    }
    return files, declared(built.measured, built.proved.made)


@pytest.mark.parametrize("name", ["hinode", "pile"])
def test_samples_hold_nothing_undeclared(name: str) -> None:
    files, may = sample(name)
    folder = Folder(files)
    assert list(folder.undeclared(may)) == []
    assert list(folder.absent(may)) == []
    found = folder.found(may)
    claims = {one["id"] for one in json.loads(files["public/jp-principle-code.en.json"])["statements"]}
    for kind in ("html", "md", "pdf", "json"):
        assert claims <= found[f"public/jp-principle-code.ja.{kind}"]


MUTATIONS: list[tuple[str, str, str, list[str]]] = [
    ("html", "<h2", "<p>4,711 tokens</p><h2", ["4,711"]),
    ("html", "<caption ", '<caption title="three hundred datasets" ', ["three hundred"]),
    ("html", 'width="108"', 'width="108.4"', ["a bar of 27.1000%"]),
    ("html", "<td>13 %</td>", "<td>13.4 %</td>", ["13.4 %"]),
    ("html", "fewer than 5", "fewer than 4", ["fewer than 4"]),
    ("html", "</head>", '<meta name="build" content="571f0d0ccae1"></head>', ["571f0d0ccae1"]),
    ("html", "Licensed data", "Licensed data (about half)", ["about half"]),
    ("md", "| 13 % |", "| 13.4 % |", ["13.4 %"]),
    ("md", "Licensed data", "Licensed data from four owners", ["four"]),
    ("json", '"13 %"', '"13.4 %"', ["13.4 %"]),
    ("json", '"length": 27', '"length": 27.1', ["a bar of 27.1000%"]),
    ("json", '"schema"', '"total": 20471103, "schema"', ["20471103"]),
]


@pytest.mark.parametrize(("kind", "old", "new", "figures"), MUTATIONS)
def test_what_is_added_to_a_sample_is_found(kind: str, old: str, new: str, figures: list[str]) -> None:
    files, may = sample("hinode")
    path = f"public/jp-principle-code.en.{kind}"
    text = files[path].decode()
    assert old in text
    found = list(Folder({path: text.replace(old, new, 1).encode()}).undeclared(may))
    assert [one.figure for one in found] == figures


def test_what_is_added_to_a_pdf_is_found() -> None:
    """The page, its alternative text and its bars, set by the renderer itself from a document that says more."""
    from kaiji.regime.document import DisclosureDocument
    from kaiji.render.pdf import pdf

    files, may = sample("hinode")
    twin = files["public/jp-principle-code.en.json"]
    content = json.loads(twin)
    content["sections"] = [section for section in content["sections"] if section["id"] == "B"]
    (item,) = (one for one in content["sections"][0]["items"] if one["id"] == "B2.1")
    chart = next(block for block in item["blocks"] if block["type"] == "chart")
    chart["bars"][3]["length"] = 45.5
    chart["description"] = "Bars for three hundred datasets"
    item["blocks"].append({"type": "note", "text": "Of the data, 4,711 tokens are licensed, 九割 in Japanese."})
    leaky = pdf(DisclosureDocument.model_validate(content))
    found = Folder({"public/a.json": twin, "public/a.pdf": leaky}).undeclared(may)
    figures = sorted(one.figure[:13] for one in found if one.path == "public/a.pdf")
    assert figures == ["4,711", "a bar of 45.5", "three hundred", "九割"]
