"""`make bench` writes one record for each figure. How fast anything is, is never asserted here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.portal import PROJECT, without_pytest


@pytest.mark.full
def test_every_figure_has_its_baseline_its_ratio_and_its_goal(tmp_path: Path) -> None:
    out = tmp_path / "bench.json"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--scale", "0.001", "--out", str(out)],
        cwd=PROJECT, env=without_pytest(), capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert out.exists(), done.stdout + done.stderr
    records = json.loads(out.read_text())
    assert len(records) >= 10 and len({one["name"] for one in records}) == len(records)
    for one in records:
        assert one.keys() >= {"name", "ours", "baseline", "ratio", "goal", "holds"}, one
        assert one["baseline"].keys() == {"what", "value"}, one
        at_least = one["name"].startswith("CPU of")  # times less than the peer; all else has an upper bound
        assert one["holds"] == (one["ratio"] >= one["goal"] if at_least else one["ratio"] <= one["goal"]), one
    assert done.returncode == (0 if all(one["holds"] for one in records) else 1), done.stdout + done.stderr
    assert done.stdout.count("(goal ") == len(records), "a line for each"
