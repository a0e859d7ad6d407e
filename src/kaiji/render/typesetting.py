"""Typst at work: a template and its inputs as a PDF, a large one in a process of its own.

Typst keeps in memory what it worked out for the last ten documents or so, and its Python package has no way to let
go of it: some 70 kB for each row of a table. With the process that set a large document, all of it ends.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import NamedTuple

LARGE = 250_000
"""Characters of inputs from which on a process of its own is worth the tenth of a second that it takes to start."""


class Job(NamedTuple):
    """What is set."""

    template: str
    """Path of the Typst file."""
    root: str
    """Folder outside which Typst reads nothing."""
    fonts: Sequence[str]
    """Folders of the fonts; no others are seen."""
    inputs: Mapping[str, str]
    date: str
    """Date of the document, YYYY-MM-DD."""


class TypesettingError(Exception):
    """Typst refuses the document; the message holds what it says, and may quote the text."""


def typeset(job: Job) -> bytes:
    """The PDF (PDF/UA-1) of ``job``; the same job gives the same bytes. Raises :class:`TypesettingError`."""
    if sys.executable and sum(map(len, job.inputs.values())) > LARGE:
        return _apart(job)
    return _here(job)


def _here(job: Job) -> bytes:
    import typst

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=list(job.fonts))
    compiler = typst.Compiler(job.template, root=job.root, font_paths=fonts, sys_inputs=dict(job.inputs))
    at = datetime.combine(date.fromisoformat(job.date), time(), UTC)
    try:
        content, warnings = compiler.compile_with_warnings(format="pdf", pdf_standards="ua-1", timestamp=at)
    except typst.TypstError as error:
        raise TypesettingError(f"{error.message}\n{error.diagnostic}") from error
    if warnings:
        raise TypesettingError(warnings[0].message)
    if not isinstance(content, bytes):
        raise TypesettingError("Typst gave no file")
    return content


_REFUSED = 3
"""Exit code of a process that Typst refused the document of."""


def _apart(job: Job) -> bytes:
    # -P: a folder of the user's that happens to be called kaiji is not taken for the package.
    command = [sys.executable, "-P", "-m", "kaiji.render.typesetting"]
    ended = subprocess.run(command, input=json.dumps(job).encode("ascii"), capture_output=True, check=False)  # noqa: S603
    if ended.returncode == _REFUSED:
        raise TypesettingError(ended.stderr.decode("utf-8", "replace"))
    if ended.returncode:
        raise TypesettingError(f"Typst ended with code {ended.returncode}: perhaps the memory was not enough")
    return ended.stdout


def main() -> int:
    """Sets the job that stands on stdin as JSON; the PDF goes to stdout, what is wrong to stderr."""
    job = Job(*json.load(sys.stdin.buffer))
    try:
        content = _here(job)
    except TypesettingError as error:
        sys.stderr.buffer.write(str(error).encode("utf-8", "replace"))
        return _REFUSED
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
