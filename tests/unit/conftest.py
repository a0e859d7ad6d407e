"""One small release, made once for all tests of what stands between control and the files."""

from typing import NamedTuple

import pytest
import small_release

from kaiji import documents
from kaiji.documents import Documents, Made
from kaiji.measure import Measured


class Small(NamedTuple):
    """A release with its documents, in JSON and Markdown alone: the other formats hold the same and take longer."""

    measured: Measured
    documents: Documents
    made: Made


@pytest.fixture
def few_formats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "RENDERERS", {name: documents.RENDERERS[name] for name in ("json", "md")})


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    of = small_release.measured(tmp_path_factory.mktemp("small"))
    how = small_release.documents_of(of)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "RENDERERS", {name: documents.RENDERERS[name] for name in ("json", "md")})
        made = how.made(of.summary)
    return Small(of, how, made)
