import errno
import io

import fsspec
import pytest
from fsspec.spec import AbstractFileSystem

from kaiji.errors import InputError, MissingExtraError
from kaiji.scan import storage
from kaiji.scan.failure import ShardError


@pytest.fixture
def memory():
    system = fsspec.filesystem("memory")
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]


class Flaky(AbstractFileSystem):
    """A store whose next answers fail with ``failures``, one after the other."""

    protocol = "flaky"
    failures: list[BaseException] = []
    asked = 0
    data = bytes(range(256)) * 400

    def _answer(self):
        type(self).asked += 1
        if self.failures:
            raise self.failures.pop(0)

    def info(self, path, **_):
        self._answer()
        return {"name": path, "size": len(self.data), "type": "file", "ETag": '"1"', "mtime": 5}

    def ls(self, path, detail=True, **_):
        self._answer()
        named = ["flaky/a", "flaky/b/", "flaky", "flaky/..", "flaky/c/d", "elsewhere/x", "flakyer"]
        return [{"name": name, "type": "directory" if name.endswith("/") else "file"} for name in named]

    def cat_file(self, path, start=None, end=None, **_):
        self._answer()
        return self.data[start:end]


@pytest.fixture
def flaky(monkeypatch):
    fsspec.register_implementation("flaky", Flaky, clobber=True)
    monkeypatch.setattr(storage, "DELAYS", (0.0, 0.0, 0.0))
    monkeypatch.setattr(Flaky, "failures", [])
    monkeypatch.setattr(Flaky, "asked", 0)
    yield Flaky
    storage._of_protocol.cache_clear()


class AnswerError(Exception):
    def __init__(self, status):
        self.status = status


PASSING = [
    ConnectionResetError(errno.ECONNRESET, "secret"),
    TimeoutError("secret"),
    OSError(errno.EBUSY, "secret"),
    EOFError("secret"),
    AnswerError(500),
    AnswerError(503),
    AnswerError(429),
    RuntimeError("secret"),
]


@pytest.mark.parametrize("failure", PASSING, ids=repr)
def test_what_may_pass_is_tried_again(flaky, failure):
    flaky.failures[:] = [failure] * 3
    assert storage.read("flaky://flaky/a", 3, 6) == bytes([3, 4, 5])
    assert flaky.asked == 4


@pytest.mark.parametrize("failure", PASSING, ids=repr)
def test_what_does_not_pass_ends_without_the_words_of_the_store(flaky, failure):
    flaky.failures[:] = [failure] * 4
    with pytest.raises(ShardError) as raised:
        storage.read("flaky://flaky/a", 3, 6)
    assert raised.value.rule == "KJ201"
    assert "secret" not in f"{raised.value} {raised.value.detail}"
    assert type(failure).__name__ in raised.value.detail
    assert raised.value.__suppress_context__
    assert flaky.asked == 4


def test_a_store_that_fell_silent_is_not_waited_for_each_time(flaky):
    flaky.failures[:] = [AnswerError(500)] * 5
    for _ in range(2):
        with pytest.raises(ShardError, match="does not answer"):
            storage.read("flaky://flaky/a", 0, 1)
    assert flaky.asked == 5
    assert storage.read("flaky://flaky/a", 0, 1) == b"\0"
    flaky.failures[:] = [AnswerError(500)]
    assert storage.read("flaky://flaky/a", 0, 1) == b"\0"


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (PermissionError("secret"), "the store refuses access"),
        (AnswerError(403), "the store refuses access"),
        (AnswerError(416), "the store refuses the request"),
        (FileNotFoundError("secret"), "there is no such file, folder or bucket"),
        (type("NoCredentialsError", (Exception,), {})(), "no credentials were found in the environment"),
        (NotImplementedError("secret"), "the address cannot be read"),
    ],
    ids=repr,
)
def test_what_does_not_pass_is_told_at_once(flaky, failure, reason):
    flaky.failures[:] = [failure]
    with pytest.raises(ShardError) as raised:
        storage.info("flaky://flaky/a")
    assert (raised.value.message, flaky.asked) == (reason, 1)
    assert "secret" not in raised.value.detail


def test_the_status_of_the_cause_counts(flaky):
    class FromStoreError(OSError):
        pass

    failure = FromStoreError("secret")
    failure.__cause__ = Exception()
    failure.__cause__.response = {"ResponseMetadata": {"HTTPStatusCode": 403}}
    flaky.failures[:] = [failure]
    with pytest.raises(ShardError, match="refuses access") as raised:
        storage.info("flaky://flaky/a")
    assert raised.value.detail == "FromStoreError, HTTP 403"


def test_a_broken_connection_that_its_cause_calls_a_bad_request_is_tried_again(flaky):
    """As aiohttp tells of an answer that ends too soon."""
    failure = ConnectionError("secret")
    failure.__cause__ = Exception()
    failure.__cause__.code = 400
    flaky.failures[:] = [failure]
    assert storage.read("flaky://flaky/a", 0, 1) == b"\0"


def test_fewer_bytes_than_asked_for_are_never_taken(flaky):
    with pytest.raises(ShardError, match="fewer bytes") as raised:
        storage.read("flaky://flaky/a", 0, len(flaky.data) + 1)
    assert raised.value.rule == "KJ201"
    assert flaky.asked == 4


def test_long_ranges_are_read_in_pieces_and_only_a_piece_again(flaky, monkeypatch):
    monkeypatch.setattr(storage, "_PIECE", 1000)
    flaky.failures[:] = [AnswerError(500)]
    assert storage.read("flaky://flaky/a", 10, 5010) == flaky.data[10:5010]
    assert flaky.asked == 6
    assert storage.read("flaky://flaky/a", 7, 7) == b""


def test_only_names_in_the_folder_are_listed(flaky):
    assert storage.entries("flaky://flaky") == {"a": False, "b": True}


def test_info(flaky, memory):
    assert storage.info("flaky://flaky/a") == storage.Info(102_400, 'ETag="1"', is_folder=False)
    memory.pipe("/x/a", b"abc")
    assert storage.info("memory://x").is_folder
    assert storage.info("memory://x/a").size == 3
    with pytest.raises(storage.NotThereError):
        storage.info("memory://x/b")


def test_a_size_that_the_store_does_not_tell(flaky, monkeypatch):
    monkeypatch.setattr(Flaky, "info", lambda self, path: {"name": path, "size": None, "type": "file"})
    with pytest.raises(ShardError, match="does not tell its size"):
        storage.info("flaky://flaky/a")


def test_folders_of_a_store(memory):
    memory.pipe({"/x/a": b"", "/x/y/b": b"", "/x/y/z/c": b"", "/xx/d": b""})
    assert storage.entries("memory://x") == {"a": False, "y": True}
    assert storage.files_below("memory://x") == ["a", "y/b", "y/z/c"]
    assert storage.entries("memory://none") == {}
    assert storage.files_below("memory://none") == []


def test_a_stream_reads_and_seeks(flaky, monkeypatch):
    monkeypatch.setattr(storage, "_AHEAD", 1000)
    with storage.opened("flaky://flaky/a") as stream:
        assert stream.read() == flaky.data
        assert stream.seek(-10, io.SEEK_END) == len(flaky.data) - 10
        assert stream.read(20) == flaky.data[-10:]
        assert stream.seek(300) == 300
        assert stream.seek(5, io.SEEK_CUR) == 305
        assert stream.read(2) == bytes([49, 50])
        stream.seek(10**9)
        assert stream.read(1) == b""


def test_one_address_of_what_has_several():
    assert storage.canonical("s3a://bucket/a") == storage.canonical("s3://bucket/a") == "s3://bucket/a"
    storage._of_protocol.cache_clear()


@pytest.mark.parametrize(("protocol", "extra"), [("s3", "s3"), ("gs", "gs"), ("gcs", "gs")])
def test_a_package_that_is_missing_is_named_by_its_extra(monkeypatch, protocol, extra):
    def absent(*_, **__):
        raise ImportError("secret")

    monkeypatch.setattr(fsspec, "filesystem", absent)
    with pytest.raises(MissingExtraError, match=rf"reading {protocol}:// needs .* pip install 'kaiji\[{extra}\]'"):
        storage.info(f"{protocol}://bucket/a")
    with pytest.raises(InputError, match="needs a package that is not installed"):
        storage.info("abfs://bucket/a")


@pytest.mark.parametrize("protocol", ["nothing", "zip", "dir"])
def test_a_kind_of_address_that_cannot_be_read(protocol):
    with pytest.raises(InputError, match="no kind of address"):
        storage.info(f"{protocol}://bucket/a")
