"""The modules of benchmarks/ are scripts of one folder, not a package: that folder goes on the path."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))
