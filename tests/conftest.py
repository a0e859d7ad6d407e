"""What holds for all tests: no test sees what another one left in the cache, or the user's."""

import itertools
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

sys.path.insert(0, str(Path(__file__).parent))  # modules that several tests share lie beside this file

_numbers = itertools.count()


@pytest.fixture(autouse=True)
def _cache_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp() / "caches" / str(next(_numbers))
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))


@pytest.fixture
def command_line(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., tuple[int | str | None, str, str]]]:
    """The command line in this process, which spares its start: (exit code, standard output, standard error)."""
    from kaiji.cli.main import main

    before = signal.getsignal(signal.SIGTERM)

    def called(*arguments: object) -> tuple[int | str | None, str, str]:
        monkeypatch.setattr(sys, "argv", ["kaiji", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        return stop.value.code, *capfd.readouterr()

    yield called
    signal.signal(signal.SIGTERM, before)


class _ByModule(LoadScopeScheduling):  # type: ignore[misc]
    """A process gets whole modules, whose fixtures are made once; the tests of Spark share one cluster."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return "spark" if "spark/" in module else module


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _ByModule:
    return _ByModule(config, log)
