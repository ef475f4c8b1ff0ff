"""The page on a new experiment, carried out: its protocol runs, and summary and report have its number and figure."""

import importlib.util
import re
from pathlib import Path

from solbench.acquisition.record.reader import open_run
from solbench.analysis.experiments import registry
from solbench.analysis.summary import summarise
from tests.acquisition.runs import request, run_it
from tests.analysis.experiments.person import drawn

PAGE = (Path(__file__).parents[2] / "docs" / "adding-an-experiment.md").read_text(encoding="utf-8")
(PROTOCOL,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.M | re.S)
(FILE,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)


def test_the_experiment_of_the_page_is_in_summary_and_report(tmp_path, monkeypatch):
    path = tmp_path / "repeatability.py"
    path.write_text(FILE, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("repeatability", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(registry, "EXPERIMENTS", (*registry.EXPERIMENTS, module.EXPERIMENT))
    assert run_it(request(tmp_path / "a.h5", PROTOCOL)).completed
    [found] = summarise(open_run(tmp_path / "a.h5")).experiments
    assert found.name == "repeatability"
    assert 0.0 < found.numbers[0].value < 2e-3
    assert "<svg" in drawn(open_run(tmp_path / "a.h5"))
