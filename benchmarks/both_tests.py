"""Measures the two tests of a build, floor and ceiling, on made-up releases of declared sources.

    python benchmarks/both_tests.py                    # 300 and 2,000 sources
    python benchmarks/both_tests.py --largest 10000    # and 10,000

Each release is checked by a process of its own, without rendering a witness world (--worlds 0: worlds are compared as
disclosed summaries). Both tests: the phases ceiling (search of the plan, P1 to P5), worlds, read back and floor.
Baseline: the phase documents, which renders everything once. Prints a Markdown table; exit code 1 when a bar fails.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import releases
from measure import run
from report import Bar, phase, print_bars, print_table

BARS = {300: 10, 2_000: 30, 10_000: 180}
"""CPU-seconds of both tests by number of sources."""
PHASES = ("ceiling", "worlds", "read back", "floor")
MEMORY = 10**9


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measures both tests of a build.")
    parser.add_argument("--largest", type=int, default=2_000, help="sources of the largest release (2000)")
    given = parser.parse_args(arguments)
    rows, bars = [], []
    with tempfile.TemporaryDirectory(prefix="both-tests-") as folder:
        for sources, most in BARS.items():
            if sources > given.largest:
                continue
            release = Path(folder, str(sources))
            releases.write(release, sources)
            command = [Path(sys.executable).with_name("kaiji"), "check", release / "release.yaml"]
            options = ["--fail-on", "never", "--worlds", "0", "--no-cache"]
            one = run([*command, *options], env={"KAIJI_PHASES": "1"}, codes=(0, 1))
            both, base = phase([one], *PHASES), phase([one], "documents")
            parts = [f"{phase([one], name):.1f}" for name in PHASES]
            rows.append([f"{sources:,}", *parts, f"{both:.1f}", f"{both / base:.1f}", f"{one.peak / 1e6:,.0f}"])
            bars.append(Bar(f"both tests, {sources:,} sources, CPU-s", both, most))
            bars.append(Bar(f"peak memory, {sources:,} sources, GB", one.peak / 1e9, MEMORY / 1e9))
    print_table("Both tests", ["sources", *PHASES, "both, CPU-s", "x documents", "peak MB"], rows)
    return 0 if print_bars(bars) else 1


if __name__ == "__main__":
    sys.exit(main())
