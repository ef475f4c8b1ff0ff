"""Whatever a script sends, in whatever order: the bench goes on and answers ?ER."""

from __future__ import annotations

import math
import random
from contextlib import nullcontext, suppress

import pytest
from pyvisa.errors import VisaIOError

from solbench.simulators.bench import SimulatedBench
from solbench.simulators.electronics.settings import WHILE_MEASURING
from solbench.simulators.instruments.language import Spec
from solbench.simulators.instruments.solartron1260 import TABLE as TABLE_1260
from solbench.simulators.instruments.solartron1287 import TABLE as TABLE_1287
from tests.simulators.cells import SourceAndResistor
from tests.simulators.conftest import Desk
from tests.tiers import few

OFTEN = ["PW1", "RU1", "SW1", "SW2", "SI", "BY1", "TR3", "GP1", "OP2,1", "OL2", "CC1", "SW0", "TR1", "PW0"]


def argument(spec: Spec, chance: random.Random) -> str:
    if spec.form == "F":
        small = spec.low + (spec.high - spec.low) * 10.0 ** chance.uniform(-6, 0)
        return f"{chance.choice([small, spec.low, spec.high, chance.uniform(spec.low, spec.high)]):.4E}"
    if spec.form == "I":
        return f"{chance.randint(int(spec.low), int(spec.high))}"
    if spec.form == "P":
        return f"{chance.randint(0, int(spec.high))},{chance.randint(0, int(spec.high))}"
    channel = chance.choice(sorted(spec.channels))
    return f"{channel},{chance.randint(*spec.channels[channel])}"


def command(table: dict[str, Spec], chance: random.Random) -> str:
    code = chance.choice([code for code in table if code not in ("IS", "MS", "TT", "BK")])
    spec = table[code]
    if chance.random() < 0.1:
        return f"?{code}"
    return code if not spec.form else code + argument(spec, chance)


@pytest.mark.parametrize("wiring", ["pair", "analyzer_alone"])
@few("seed", range(8), 3)
def test_any_dialogue_leaves_a_bench_that_answers(wiring, seed):
    chance = random.Random(seed)
    mode = WHILE_MEASURING[seed % len(WHILE_MEASURING)]
    settings = {"wiring": wiring, "analyzer": {"while_measuring": mode}}
    bench = SimulatedBench({"resistance_ohm": 300.0}, settings=settings, build=SourceAndResistor)
    desk = Desk(bench)
    desk.fra.timeout = 1000
    held = (
        suppress(VisaIOError) if mode == "hold" else nullcontext()
    )  # a point at 10 uHz holds the bus for days
    for _ in range(150):
        with held:
            if chance.random() < 0.4:
                often = chance.choice(OFTEN)
                (desk.tell_fra if often in ("SI", "OP2,1") else desk.tell)(often)
            elif chance.random() < 0.5:
                desk.tell(command(TABLE_1287, chance))
            else:
                desk.tell_fra(command(TABLE_1260, chance))
        if chance.random() < 0.2:
            desk.pass_time(chance.choice([0.1, 3.0, 20.0]))
    if mode != "hold":
        desk.tell_fra("BK")  # which waits for nothing in the other modes
    for device in (desk.pstat,) if mode == "hold" else (desk.fra, desk.pstat):
        device.clear()
        device.write("OT1")
        assert len(device.query("?ER").strip()) == 2
    truth = bench.truth.everything()
    assert all(math.isfinite(truth[key]) for key in ("charge_C", "cell_current_A", "cell_voltage_V"))
    assert abs(truth["cell_voltage_V"]) <= 41.0
    desk.tell("PW0")
    assert wiring == "analyzer_alone" or not bench.truth.polarized
