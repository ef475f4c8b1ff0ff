"""The page about the served bench names what there is."""

from __future__ import annotations

from pathlib import Path

import yaml

from solbench.simulators.server import faults as faults_module
from solbench.simulators.server.adapter import AdapterSettings
from solbench.simulators.server.box import Box
from solbench.simulators.server.bus import ServedBus
from solbench.simulators.server.faults import FaultPanel
from solbench.simulators.server.network import NetworkDoor
from solbench.simulators.server.server import served_bench
from tests.simulators.cells import SourceAndResistor

PAGE = (Path(__file__).parents[3] / "docs" / "served-bench.md").read_text(encoding="utf-8")


def panel() -> tuple[FaultPanel, NetworkDoor]:
    bench = served_bench({}, build=SourceAndResistor)
    bus = ServedBus(bench, bench.clock)  # type: ignore[arg-type]
    box = Box(bus, AdapterSettings())
    door = NetworkDoor(box)
    return FaultPanel(bus, box, door), door


def test_every_fault_is_on_the_page_and_in_the_modules_text():
    faults, door = panel()
    door.close()
    for name in faults.names:
        assert f"`{name}`" in PAGE
        assert f"\n{name} " in (faults_module.__doc__ or "")


def test_the_fault_file_of_the_page_is_one():
    text = PAGE.split("```yaml\n")[1].split("```")[0]
    faults, door = panel()
    for order in yaml.safe_load(text)["faults"]:
        assert order.pop("after_s") > 0
        faults.prepare(order)
    door.close()
