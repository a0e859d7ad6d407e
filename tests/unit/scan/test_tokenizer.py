# ruff: noqa: S106, S608  (an unknown token is no password; the statements of a test are its own)
import hashlib
import json
import os
import pickle
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tokenizers
from tokenizers import models, pre_tokenizers, processors, trainers

from kaiji.errors import ManifestError, MissingExtraError, StageError
from kaiji.findings import Place
from kaiji.manifest.models import DataSource
from kaiji.scan import tokenizer
from kaiji.scan.failure import ShardError

PLACE = Place(file="manifests/a.yaml", line=7, column=5, key="sources[0].files.tokenizer")
TEXTS = ["the cat sat on the mat", "", None, "日本の猫", "cat 🐈‍⬛ mat", "x" * 5000]


def words(**parts):
    """Counts runs of letters and digits, and runs of other characters that are no space."""
    made = tokenizers.Tokenizer(models.WordLevel({"[UNK]": 0, "cat": 1, "mat": 2}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    for name, part in parts.items():
        setattr(made, name, part)
    return made


def letters():
    """A BPE over bytes that knows some merges."""
    made = tokenizers.Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=300, show_progress=False, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    made.train_from_iterator(["the cat sat on the mat", "日本の猫"] * 9, trainer)
    return made


def saved(path, made):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(made if isinstance(made, str) else made.to_str(), encoding="utf-8")
    return path


def loaded(folder, made):
    return tokenizer.load(saved(folder / "tokenizer.json", made), PLACE)


def counted(folder, made, texts):
    found = loaded(folder, made).count(pa.array(texts, pa.string()))
    assert found.type == pa.int64()
    return found.to_pylist()


def source(path, id="s"):  # noqa: A002
    return DataSource.model_validate(
        {
            "id": id,
            "title": "A source",
            "category": "crawled",
            "modality": "text",
            "stages": ["pretraining"],
            "confidentiality": "public",
            "files": {"paths": ["a.parquet"], "columns": {"text": "t"}, "tokenizer": path},
        }
    )


def refused(*arguments):
    with pytest.raises(ManifestError) as error:
        tokenizer.named(*arguments)
    return error.value.findings


# what is counted


def test_words_are_counted(tmp_path):
    assert counted(tmp_path, words(), TEXTS) == [6, 0, None, 1, 5, 1]


@pytest.mark.parametrize("make", [words, letters])
def test_counts_are_those_of_texts_one_by_one(tmp_path, make):
    made = make()
    expected = [None if text is None else len(made.encode(text, add_special_tokens=False).ids) for text in TEXTS]
    assert counted(tmp_path, made, TEXTS) == expected
    assert sum(filter(None, expected)) > 10


def test_every_kind_of_string_array_and_a_part_of_one(tmp_path):
    found = loaded(tmp_path, words())
    for kind in (pa.string(), pa.large_string()):
        assert found.count(pa.array(TEXTS, kind)[2:5]).to_pylist() == [None, 1, 5]
        assert found.count(pa.array([], kind)).to_pylist() == []
        assert found.count(pa.array([None, None], kind)).to_pylist() == [None, None]


def test_truncation_and_padding_of_the_file_do_not_count(tmp_path):
    made = words()
    made.enable_truncation(max_length=2)
    made.enable_padding(length=64)
    assert '"max_length":2' in made.to_str().replace(" ", "")
    assert counted(tmp_path, made, ["the cat sat", "cat"]) == [3, 1]


def test_special_tokens_are_not_added(tmp_path):
    made = words()
    made.add_special_tokens(["[CLS]", "[SEP]"])
    both = [(name, made.token_to_id(name)) for name in ("[CLS]", "[SEP]")]
    made.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=both)
    assert len(made.encode("the cat").ids) == 4
    assert counted(tmp_path, made, ["the cat", ""]) == [2, 0]
    # written out in a text, one is a token of that text
    assert counted(tmp_path, made, ["the [SEP] cat"]) == [3]


def test_dropout_of_merges_is_switched_off(tmp_path):
    made = tokenizers.Tokenizer(models.BPE({"a": 0, "b": 1, "ab": 2}, [("a", "b")], dropout=0.5))
    assert counted(tmp_path, made, ["ab" * 500] * 4) == [500] * 4


def test_texts_are_handed_over_in_pieces_of_bounded_size(tmp_path, monkeypatch):
    seen = []

    class Model:
        def encode_batch_fast(self, texts, add_special_tokens):
            seen.append([len(text.encode()) for text in texts])
            assert add_special_tokens is False
            return [[None] * len(text) for text in texts]

    monkeypatch.setattr(tokenizer, "_AT_ONCE", 1000)
    monkeypatch.setattr(tokenizer, "_A_TEXT", 100)
    texts = ["猫" * 200, "b" * 300, None, "c" * 1500, *["d"] * 25]
    found = loaded(tmp_path, words())._replace(model=Model()).count(pa.array(texts))
    assert found.to_pylist() == [200, 300, None, 1500, *[1] * 25]
    assert seen == [[600, 300, 0], [1500], [1] * 10, [1] * 10, [1] * 5]


# what cannot be counted


def test_text_that_is_not_utf8(tmp_path):
    for raw in (b"\xff\xfe", b"\xed\xa0\x80"):  # the second is a lone surrogate
        broken = pa.Array.from_buffers(pa.string(), 2, pa.array([b"good", raw]).buffers())
        with pytest.raises(ShardError) as error:
            loaded(tmp_path, words()).count(broken)
        assert (error.value.rule, error.value.message) == ("KJ201", "it holds text that is not UTF-8")


def test_a_text_that_the_tokenizer_cannot_encode(tmp_path):
    made = words()
    made.model = models.WordLevel({"cat": 1}, unk_token="[UNK]")
    found = loaded(tmp_path, made)
    assert found.count(pa.array(["cat cat"])).to_pylist() == [2]
    with pytest.raises(ShardError) as error:
        found.count(pa.array(["cat", "secret"]))
    assert (error.value.rule, error.value.key) == ("KJ201", "files.tokenizer")
    assert error.value.message == "the tokenizer cannot encode a text"


def test_a_panic_of_the_package_is_an_error_of_the_shard(tmp_path, monkeypatch):
    monkeypatch.setenv("RUST_BACKTRACE", "0")
    parts = json.loads(words().to_str()) | {"pre_tokenizer": {"type": "FixedLength", "length": 0}}
    with pytest.raises(ShardError, match="the tokenizer cannot encode a text"):
        loaded(tmp_path, json.dumps(parts)).count(pa.array(["cat"]))


def test_a_text_too_long_for_bounded_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(tokenizer, "LONGEST", 2**20)
    found = loaded(tmp_path, words())
    assert found.count(pa.array(["cat " * 2**18])).to_pylist() == [2**18]
    with pytest.raises(ShardError) as error:
        found.count(pa.array(["cat " * 2**18 + "a"]))
    assert error.value.message == "a text is longer than 1 MiB, too long for a tokenizer; map a column of tokens"


def test_an_interruption_stays_one(tmp_path):
    class Model:
        def encode_batch_fast(self, texts, add_special_tokens):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        loaded(tmp_path, words())._replace(model=Model()).count(pa.array(["a"]))


# the file


def test_a_tokenizer_tells_its_file_and_digest(tmp_path):
    found = loaded(tmp_path, words())
    digest = hashlib.sha256((tmp_path / "tokenizer.json").read_bytes()).hexdigest()
    assert (found.digest, found.name) == (digest, f"tokenizer.json ({digest[:12]})")
    assert found.library == f"tokenizers {tokenizers.__version__}"
    assert loaded(tmp_path, letters()).digest != digest


def test_a_tokenizer_can_be_sent_to_another_process(tmp_path):
    found = loaded(tmp_path, letters())
    sent = pickle.loads(pickle.dumps(found))  # noqa: S301
    texts = pa.array(TEXTS)
    assert (sent.name, sent.count(texts)) == (found.name, found.count(texts))


def test_tokenizers_are_found_by_source(tmp_path):
    saved(tmp_path / "release" / "models" / "a.json", words())
    saved(tmp_path / "shared" / "b.json", letters())
    (tmp_path / "release" / "link.json").symlink_to("../shared/b.json")
    plain = source(None, "plain")
    sources = [
        source("models/a.json", "one"),
        plain,
        source("models/a.json", "two"),
        source("link.json", "three"),
        source("../shared/b.json", "four"),
        source(str(tmp_path / "shared" / "b.json"), "five"),
        plain.model_copy(update={"id": "declared", "files": None}),
    ]
    found = tokenizer.named(sources, tmp_path / "release", ["../shared"])
    assert {name: one.file for name, one in found.items()} == {
        "one": "a.json",
        "two": "a.json",
        "three": "link.json",
        "four": "b.json",
        "five": "b.json",
    }
    assert found["one"] is found["two"]
    assert found["three"].digest == found["four"].digest == found["five"].digest


@pytest.mark.parametrize("path", ["../shared/b.json", "{shared}/b.json", "link.json", "folder/b.json"])
def test_a_tokenizer_outside_the_allowed_folders(tmp_path, path):
    root = tmp_path / "release"
    root.mkdir()
    saved(tmp_path / "shared" / "b.json", words())
    (root / "link.json").symlink_to("../shared/b.json")
    (root / "folder").symlink_to("../shared")
    one = source(path.format(shared=tmp_path / "shared"))
    one._place = Place(file="manifests/a.yaml", line=3, column=5, key="sources[0]")
    (finding,) = refused([one], root, ["../other"])
    assert finding.line() == (
        "manifests/a.yaml:3:5: fail: KJ109: sources[0].files.tokenizer: a tokenizer must lie in the folder of the "
        "release or in one of data_roots; move the data or name its folder in data_roots"
    )
    assert tokenizer.named([one], root, ["../shared"])["s"].file in ("b.json", "link.json")


def test_a_finding_stands_at_its_key_when_that_is_known(tmp_path):
    def place_of(source, key):
        return Place(file="manifests/a.yaml", line=12, column=18, key=f"sources[0].{key}")

    (finding,) = refused([source("gone.json")], tmp_path, (), place_of)
    assert finding.line() == (
        "manifests/a.yaml:12:18: fail: KJ101: sources[0].files.tokenizer: there is no such file; check the path, the "
        "permissions and that it is a plain file"
    )


def test_everything_wrong_is_told_at_once(tmp_path):
    saved(tmp_path / "text.json", "version https://git-lfs.example/spec/v1")
    saved(tmp_path / "empty.json", "{}")
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "loop.json").symlink_to("loop.json")
    names = ("text.json", "empty.json", "folder.json", "pipe.json", "loop.json", "gone.json", "*.json", "..")
    found = refused([source(name, name.removesuffix(".json").strip("*.") or "x") for name in names], tmp_path)
    assert [(finding.id, finding.message) for finding in found] == [
        ("KJ101", "it is a folder, not a file"),
        ("KJ101", "it is a pipe, socket or device, not a plain file"),
        ("KJ101", "its symbolic links lead back to themselves"),
        ("KJ101", "there is no such file"),
        ("KJ106", "the file is not a tokenizer.json of Hugging Face tokenizers"),
        ("KJ106", "the file is not a tokenizer.json of Hugging Face tokenizers"),
        ("KJ109", "a tokenizer must lie in the folder of the release or in one of data_roots"),
    ]


def test_a_file_too_large_for_a_tokenizer(tmp_path, monkeypatch):
    monkeypatch.setattr(tokenizer, "MAX_BYTES", 100)
    saved(tmp_path / "tokenizer.json", words())
    (finding,) = refused([source("tokenizer.json")], tmp_path)
    assert (finding.id, finding.place.key) == ("KJ106", "files.tokenizer")


def test_a_panic_over_a_broken_file_is_told_as_any_other(tmp_path, monkeypatch):
    monkeypatch.setenv("RUST_BACKTRACE", "0")
    parts = json.loads(words().to_str()) | {"normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAAA"}}
    saved(tmp_path / "tokenizer.json", json.dumps(parts))
    (finding,) = refused([source("tokenizer.json")], tmp_path)
    assert (finding.id, finding.message) == ("KJ106", "the file is not a tokenizer.json of Hugging Face tokenizers")


def test_the_package_is_not_installed(tmp_path, monkeypatch):
    saved(tmp_path / "tokenizer.json", words())
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(MissingExtraError) as error:
        tokenizer.named([source("tokenizer.json")], tmp_path)
    assert not isinstance(error.value, ManifestError)
    assert str(error.value).endswith("a tokenizer needs an optional part of kaiji: pip install 'kaiji[tokenizer]'")


# together with the engine


@pytest.fixture
def connection():
    with duckdb.connect() as connection:
        connection.execute("SET GLOBAL TimeZone = 'UTC'")
        connection.execute("SET GLOBAL python_enable_replacements = false")
        yield connection


def shard(folder, texts, **columns):
    path = folder / "a.parquet"
    folder.mkdir(exist_ok=True)
    pq.write_table(pa.table({"text": pa.array(texts, pa.string()), **columns}), path, row_group_size=1000)
    return f"read_parquet('{path}')"


@pytest.mark.parametrize("threads", [1, 4])
def test_sums_in_the_engine_are_those_of_a_plain_count(tmp_path, connection, threads):
    connection.execute(f"SET GLOBAL threads = {threads}")
    texts = [None if n % 7 == 0 else "日本 " * (n % 5) + "cat " * (n % 11) for n in range(9001)]
    languages = [("ja", "en", None)[n % 3] for n in range(9001)]
    relation = shard(tmp_path, texts, language=languages)
    expected = {}
    for text, language in zip(texts, languages, strict=True):
        documents, size, tokens, with_tokens = expected.get(language, (0, 0, 0, 0))
        text_tokens = 0 if text is None else len(text.split())
        size += len((text or "").encode())
        expected[language] = documents + 1, size, tokens + text_tokens, with_tokens + (text is not None)
    with tokenizer.measured(connection, f"SELECT language, text FROM {relation}", loaded(tmp_path, words())) as reader:
        connection.register("batches", reader)
        found = connection.execute("""SELECT language, count(*), sum(bytes), sum(tokens), count(tokens)
            FROM batches GROUP BY language""").fetchall()
        connection.unregister("batches")
    assert {language: tuple(map(int, figures)) for language, *figures in found} == expected


def test_the_other_columns_stay_as_they_are(tmp_path, connection):
    relation = shard(tmp_path, ["the cat", None], n=[5, None])
    query = (
        f"SELECT 'u' AS url, text, n AS bytes, TIMESTAMP '2025-01-31 00:00' AS moment, n = 5 AS dated FROM {relation}"
    )
    with tokenizer.measured(connection, query, loaded(tmp_path, words())) as reader:
        table = reader.read_all()
    assert table.schema.names == ["url", "bytes", "moment", "dated", "tokens"]
    assert table["bytes"].to_pylist() == [5, None]
    assert table["tokens"].to_pylist() == [2, None]
    assert table["dated"].to_pylist() == [True, None]
    assert [moment.isoformat() for moment in table["moment"].to_pylist()] == ["2025-01-31T00:00:00"] * 2


def test_sizes_are_those_of_utf8(tmp_path, connection):
    relation = shard(tmp_path, ["日本", "", None, "🐈"])
    with tokenizer.measured(connection, f"SELECT text FROM {relation}", loaded(tmp_path, words())) as reader:
        table = reader.read_all()
    assert table.to_pydict() == {"bytes": [6, 0, None, 4], "tokens": [1, 0, None, 1]}
    assert table.schema.types == [pa.int64(), pa.int64()]


def test_rows_may_come_from_python(tmp_path, connection):
    rows = pa.table({"c0": ["a cat", "mat"]}).to_reader()
    found = loaded(tmp_path, words())
    with tokenizer.measured(connection, "SELECT c0 AS text FROM rows_", found, {"rows_": rows}) as reader:
        assert reader.read_all()["tokens"].to_pylist() == [2, 1]


def test_no_rows(tmp_path, connection):
    relation = shard(tmp_path, [])
    with tokenizer.measured(connection, f"SELECT text FROM {relation}", loaded(tmp_path, words())) as reader:
        assert reader.read_all().num_rows == 0


def total(connection, query, one, relations=None):
    with tokenizer.measured(connection, query, one, relations) as reader:
        connection.register("batches", reader)
        try:
            return connection.execute("SELECT sum(tokens) FROM batches").fetchall()
        finally:
            connection.unregister("batches")


def test_several_shards_at_once(tmp_path, connection):
    connection.execute("SET GLOBAL threads = 2")
    one, relation = loaded(tmp_path, words()), shard(tmp_path, ["a cat"] * 20_000)
    rows = pa.table({"text": ["a cat"] * 20_000})

    def sums(number):
        session, given = connection.cursor(), {"rows_": rows.to_reader(1000)} if number % 2 else None
        return total(session, f"SELECT text FROM {'rows_' if given else relation}", one, given)

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(sums, range(12))) == [[(40_000,)]] * 12


@pytest.mark.parametrize("settings", [[], ["TimeZone = 'UTC'"], ["python_enable_replacements = false"]])
def test_a_cursor_without_the_settings_of_the_engine_is_not_read(tmp_path, settings):
    relation = shard(tmp_path, ["cat"])
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET python_enable_replacements = false")
        connection.execute("SET GLOBAL TimeZone = 'Asia/Tokyo'")
        for setting in settings:
            connection.execute(f"SET GLOBAL {setting}")
        with pytest.raises(StageError, match="SET GLOBAL"):
            total(connection, f"SELECT text FROM {relation}", loaded(tmp_path, words()))


def test_a_text_that_cannot_be_counted_is_told_as_such(tmp_path, connection):
    made = words(model=models.WordLevel({"cat": 1}, unk_token="[UNK]"))
    relation = shard(tmp_path, ["cat"] * 3000 + ["dog"])
    with pytest.raises(ShardError, match="the tokenizer cannot encode a text"):
        total(connection, f"SELECT text FROM {relation}", loaded(tmp_path, made))
    assert total(connection, f"SELECT text FROM {relation}", loaded(tmp_path, words())) == [(3001,)]


def test_what_is_wrong_with_the_shard_is_told_in_the_words_of_the_engine(tmp_path, connection):
    one = loaded(tmp_path, words())
    relation = shard(tmp_path, ["cat"] * 30_000, n=[*range(29_999), -1])
    refuse = "CASE WHEN n < 0 THEN error('kaiji:negative:bytes') ELSE n END"
    with pytest.raises(duckdb.Error, match=r"^Invalid Input Error: kaiji:negative:bytes$"):
        total(connection, f"SELECT text, CAST({refuse} AS BIGINT) AS bytes FROM {relation}", one)
    with pytest.raises(duckdb.BinderException, match="nothing"):
        total(connection, f"SELECT text, nothing FROM {relation}", one)


def test_rows_from_python_that_break_off(tmp_path, connection):
    def rows():
        yield pa.record_batch({"c0": ["cat"] * 5000})
        raise ValueError("the end is missing")

    reader = pa.RecordBatchReader.from_batches(pa.schema([("c0", pa.string())]), rows())
    with pytest.raises(duckdb.Error, match="the end is missing"):
        total(connection, "SELECT c0 AS text FROM rows_", loaded(tmp_path, words()), {"rows_": reader})


def test_a_reader_that_is_not_read_to_its_end_does_no_harm(tmp_path, connection):
    one, relation = loaded(tmp_path, words()), shard(tmp_path, ["a cat"] * 20_000)
    query = f"SELECT text FROM {relation}"
    with tokenizer.measured(connection, query, one) as reader:
        assert reader.read_next_batch()["tokens"][0].as_py() == 2
    with pytest.raises(ZeroDivisionError), tokenizer.measured(connection, query, one) as reader:
        reader.read_next_batch()
        raise ZeroDivisionError
    assert total(connection, query, one) == [(40_000,)]


CHILD = """
    import os, resource, subprocess, sys
    from pathlib import Path
    import duckdb
    from kaiji.findings import Place
    from kaiji.scan import tokenizer

    def peak():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    def sums(relation):
        with tokenizer.measured(connection, f"SELECT text FROM {relation}", one) as reader:
            connection.register("batches", reader)
            (found,) = connection.execute("SELECT sum(bytes), sum(tokens) FROM batches").fetchall()
        connection.unregister("batches")
        return found

    one = tokenizer.load(Path(sys.argv[1]), Place(file="a.yaml"))
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    connection.execute("SET GLOBAL python_enable_replacements = false")
    small = sums(sys.argv[2])
    before = peak()
    large = sums(sys.argv[3])
    print(*small, *large, peak() - before, flush=True)
    subprocess.run(["true"], check=True)
    if os.fork() == 0:
        os._exit(0)
    os.wait()
"""


@pytest.mark.parametrize("parallel", [None, "false"])
def test_memory_does_not_grow_with_the_texts(tmp_path, parallel):
    """Eight times as many long texts take about the memory of their bytes, not of their tokens; nothing is printed."""
    made = letters()
    saved(tmp_path / "tokenizer.json", made)
    texts = [("the cat sat on a mat. 日本の猫 " * 1400)[n:] for n in range(10)]
    small, large = shard(tmp_path, texts), shard(tmp_path / "large", texts * 8)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    environment.pop("TOKENIZERS_PARALLELISM", None)
    if parallel is not None:
        environment["TOKENIZERS_PARALLELISM"] = parallel
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(CHILD), tmp_path / "tokenizer.json", small, large],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    *figures, grown = map(float, done.stdout.split())
    size = sum(len(text.encode()) for text in texts)
    tokens = sum(len(made.encode(text).ids) for text in texts)
    assert figures == [size, tokens, 8 * size, 8 * tokens]
    assert grown < 40
