"""Tokens counted by a tokenizer that a manifest names: a `tokenizer.json` of the package `tokenizers`, never fetched.

A count is that of the text alone: nothing is added to it, cut off or filled up, whatever the file says of special
tokens, truncation and padding, and merges are not left out at random (BPE dropout).
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kaiji.errors import ManifestError, MissingExtraError, StageError
from kaiji.findings import Finding, Place, in_order
from kaiji.manifest import input_files
from kaiji.manifest.models import DataSource
from kaiji.manifest.yaml_source import MAX_BYTES
from kaiji.scan.failure import ShardError

if TYPE_CHECKING:
    import duckdb

LONGEST = 16 * 2**20
"""Bytes of the longest text that is counted: one text takes up to a hundred times its size in memory."""
_AT_ONCE = 256 * 2**10
"""Bytes of text that are handed over at once; more is no faster and takes more memory."""
_A_TEXT = 256
"""Bytes that a text counts for at least, because its result takes memory also when it is empty."""
_ROWS = 256
"""Rows of a batch: few enough for long documents."""
_SETTINGS = "SELECT current_setting('TimeZone'), current_setting('python_enable_replacements')"
"""A cursor takes over no setting of its connection, only those that hold for all; months would then be wrong."""


class Tokenizer(NamedTuple):
    """A tokenizer that was read whole from its file. It can be pickled."""

    file: str
    """Name of the file, without its folder."""
    digest: str
    """SHA-256 of the file, in hex: another file may count otherwise."""
    library: str
    """Package and version that counts, for example `tokenizers 0.23.3`."""
    model: Any

    @property
    def name(self) -> str:
        """Name of the file and the first 12 digits of its digest, as a method note tells it."""
        return f"{self.file} ({self.digest[:12]})"

    def count(self, texts: Any) -> Any:
        """Tokens of each text: `pyarrow.Array` of strings to one of int64 and the same length; null stays null.

        Raises :class:`ShardError` (KJ201) for a text that is not UTF-8, that is longer than :data:`LONGEST`, or that
        the tokenizer cannot encode. `TOKENIZERS_PARALLELISM` decides whether all cores are used, as ever.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        sizes = pc.fill_null(pc.binary_length(texts), 0).to_pylist()
        if max(sizes, default=0) > LONGEST:
            message = f"a text is longer than {LONGEST // 2**20} MiB, too long for a tokenizer; map a column of tokens"
            raise ShardError("KJ201", message, key="files.columns.text")
        counts: list[int] = []
        for start, end in _pieces(sizes):
            counts += self._counted(texts[start:end].fill_null(""))
        return pc.if_else(texts.is_valid(), pa.array(counts, pa.int64()), None)

    def _counted(self, texts: Any) -> list[int]:
        try:
            encodings = self.model.encode_batch_fast(texts.to_pylist(), add_special_tokens=False)
        except UnicodeDecodeError as error:
            message = "it holds text that is not UTF-8"
            raise ShardError("KJ201", message, detail=str(error), key="files.columns.text") from error
        except BaseException as error:
            if not _of_library(error):
                raise
            message = "the tokenizer cannot encode a text"
            raise ShardError("KJ201", message, detail=str(error), key="files.tokenizer") from error
        return [len(encoding) for encoding in encodings]


def named(
    sources: Iterable[DataSource],
    root: Path,
    data_roots: Sequence[str | Path] = (),
    place_of: Callable[[DataSource, str], Place] | None = None,
) -> dict[str, Tokenizer]:
    """The tokenizer of each source that names one, by the id of the source; a file is read once.

    ``root`` is the folder of release.yaml; ``data_roots`` are the folders outside it that are allowed too, absolute
    or relative to ``root``. ``place_of`` says where a key of a source stands; without it findings stand at the source.
    Raises :class:`ManifestError` with every file that leaves these folders (KJ109), cannot be read (KJ101) or is no
    tokenizer (KJ106), and :class:`MissingExtraError` as :func:`load`.
    """
    allowed = [Path(os.path.realpath(root / folder)) for folder in (".", *data_roots)]
    loaded: dict[Path, Tokenizer] = {}
    found: dict[str, Tokenizer] = {}
    findings: list[Finding] = []
    for source in sources:
        if source.files is None or source.files.tokenizer is None:
            continue
        path = root / source.files.tokenizer
        place = (place_of or _at_source)(source, "files.tokenizer")
        if not any(Path(os.path.realpath(path)).is_relative_to(folder) for folder in allowed):
            message = "a tokenizer must lie in the folder of the release or in one of data_roots"
            findings.append(Finding(id="KJ109", message=message, place=place))
            continue
        try:
            found[source.id] = loaded[path] = loaded.get(path) or load(path, place)
        except ManifestError as error:
            findings.extend(error.findings)
    if findings:
        raise ManifestError(in_order(findings))
    return found


def load(path: Path, place: Place) -> Tokenizer:
    """The tokenizer in the file ``path``, which the key at ``place`` names.

    Raises :class:`ManifestError` with KJ101 when the file cannot be read and KJ106 when it is no tokenizer, and
    :class:`MissingExtraError` when the package `tokenizers` is not installed.
    """
    try:
        file = input_files.read(path, path.name)
    except ManifestError as error:
        raise ManifestError([one.model_copy(update={"place": place}) for one in error.findings]) from error
    if len(file.content) > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES // 2**20} MiB"
        raise ManifestError([Finding(id="KJ106", message=message, place=place)])
    try:
        import tokenizers
    except ImportError as error:
        raise MissingExtraError(f"{place}: a tokenizer", "tokenizer") from error
    try:
        model = tokenizers.Tokenizer.from_buffer(file.content)
    except BaseException as error:
        if not _of_library(error):
            raise
        message = "the file is not a tokenizer.json of Hugging Face tokenizers"
        raise ManifestError([Finding(id="KJ106", message=message, place=place, detail=str(error))]) from error
    model.no_truncation()
    model.no_padding()
    if getattr(model.model, "dropout", None) is not None:
        model.model.dropout = None
    return Tokenizer(path.name, file.sha256, f"tokenizers {tokenizers.__version__}", model)


@contextmanager
def measured(
    connection: "duckdb.DuckDBPyConnection",
    query: str,
    tokenizer: Tokenizer,
    relations: Mapping[str, object] | None = None,
) -> Iterator[Any]:
    """The rows of ``query`` as a `pyarrow.RecordBatchReader`, with the size of the text in place of the text.

    The column ``text`` (VARCHAR) of ``query`` gives way to ``tokens`` and, unless there is one already, ``bytes``
    (UTF-8); both are int64 and null where the text is. The other columns stay as they are. The reader can be read
    once, by ``connection`` too, because the query runs on a cursor of its own: it sees no temporary table and only
    those Python objects that ``relations`` names.

    Whatever ends the reading leaves the context as it began: :class:`ShardError` of :meth:`Tokenizer.count`, or
    :class:`duckdb.Error` with the words of the query's own failure, not those of the query that reads the reader.
    """
    import pyarrow as pa

    cursor = connection.cursor()
    failed: list[BaseException] = []
    try:
        if cursor.execute(_SETTINGS).fetchall() != [("UTC", False)]:
            raise StageError("the engine reads dates or names otherwise on a second cursor: SET GLOBAL is needed")
        for name, relation in (relations or {}).items():
            cursor.register(name, relation)
        rows = cursor.sql(query).to_arrow_reader(_ROWS)
        schema = _sized(rows.schema)
        yield pa.RecordBatchReader.from_batches(schema, _batches(rows, schema, tokenizer, failed))
    except Exception as error:
        if failed:
            raise failed[0] from error
        raise
    finally:
        cursor.close()


def _batches(rows: Any, schema: Any, tokenizer: Tokenizer, failed: list[BaseException]) -> Iterator[Any]:
    """The batches of ``rows`` with ``schema``; the error that ends them goes into ``failed``."""
    import duckdb
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        for batch in rows:
            texts = batch["text"]
            sizes = {"tokens": tokenizer.count(texts), "bytes": pc.binary_length(texts).cast(pa.int64())}
            held = set(batch.schema.names)
            columns = [batch[name] if name in held else sizes[name] for name in schema.names]
            yield pa.record_batch(columns, schema=schema)
    except GeneratorExit:  # nobody wants the rest
        raise
    except (OSError, pa.ArrowException) as error:  # how a query of DuckDB fails once rows have begun to come
        failed.append(duckdb.Error(str(error)))
        raise
    except BaseException as error:
        failed.append(error)
        raise


def _sized(schema: Any) -> Any:
    import pyarrow as pa

    kept = [field for field in schema if field.name != "text"]
    new = [name for name in ("bytes", "tokens") if name not in schema.names]
    return pa.schema([*kept, *((name, pa.int64()) for name in new)])


def _pieces(sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Ranges of texts of ``sizes`` bytes that may be counted together; a longer text stands alone."""
    start = held = 0
    for at, size in enumerate(sizes):
        cost = max(size, _A_TEXT)
        if held and held + cost > _AT_ONCE:
            yield start, at
            start, held = at, 0
        held += cost
    yield start, len(sizes)


def _of_library(error: BaseException) -> bool:
    """True for an error of the package, which lets panics of its own through as no Exception."""
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def _at_source(source: DataSource, key: str) -> Place:
    return source.place.model_copy(update={"key": f"{source.place.key}.{key}" if source.place.key else key})
