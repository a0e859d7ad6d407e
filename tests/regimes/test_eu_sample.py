"""The sample release in the EU form: what it fills without narrative, and the annex beside the documents."""

import importlib
import sys
from pathlib import Path

from kaiji.render.annex import domains_csv, in_unicode

sys.path.insert(0, str(Path(__file__).parent))
counting = importlib.import_module("count_eu_fields")
HINODE = Path(__file__).parents[2] / "sample_manifests" / "hinode" / "release.yaml"


def test_fields_filled_without_narrative_answers() -> None:
    found = counting.count(HINODE)
    assert sum(map(len, found)) == 61
    assert len(found.data) >= 26
    assert len(found.block) >= 5
    assert found.missing == ("3.1.a", "3.1.b", "3.2.a")  # what only people can say, each of them named as missing


def test_the_annex_holds_every_name_in_order() -> None:
    assert domains_csv(["b.example", "xn--r8jz45g.jp", "xn--.example"]) == (
        "domain,unicode\nb.example,b.example\nxn--r8jz45g.jp,例え.jp\nxn--.example,.example\n".encode()
    )
    assert in_unicode("xn--a\u00e9.example") == "xn--a\u00e9.example"
