"""All that `make kind` installs, word for word.

`PYTHONPATH=tests/support .venv/bin/python tests/unit/chart/test_chart_golden.py` writes the golden file anew: read the
difference then.
"""

from __future__ import annotations

from pathlib import Path

import yaml
from go_tools import HELM
from helm_chart import Chart, Rendered

ROOT = Path(__file__).parents[3]
VALUES = ROOT / "scripts/kind/values.yaml"
GOLDEN = Path(__file__).parent / "golden/kind.yaml"


def rendered(chart: Chart) -> str:
    """Everything but the CRD, which is a file of its own."""
    objects = chart.render(yaml.safe_load(VALUES.read_text(encoding="utf-8"))).objects
    ours = [item for item in objects if item["kind"] != "CustomResourceDefinition"]
    return yaml.safe_dump_all(ours, width=120, allow_unicode=True)


def test_make_kind_installs_this(chart: Chart) -> None:
    # Objects and not text: another helm may order keys otherwise.
    golden = Rendered(list(yaml.safe_load_all(GOLDEN.read_text(encoding="utf-8"))))
    assert list(yaml.safe_load_all(rendered(chart))) == golden.objects, __doc__


if __name__ == "__main__":
    GOLDEN.write_text(rendered(Chart(HELM.find_or_build())), encoding="utf-8")
