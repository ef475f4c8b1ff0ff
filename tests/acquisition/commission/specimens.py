"""Simulated specimens that are commissioned in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from solbench.acquisition.bench.bench import Bench, open_bench
from solbench.acquisition.bench.bench_file import BenchFile
from solbench.acquisition.bench.commissioning.record import CommissioningRecord, Step
from solbench.acquisition.commission.itself import ByItself, part_description
from solbench.acquisition.commission.parts import PARTS, Mounting
from solbench.acquisition.commission.procedure import Plan, carry_out
from solbench.simulators.bench import SimulatedBench
from solbench.simulators.electronics.faults import Leads
from solbench.simulators.electronics.standalone import Standalone


def bench_file(unit: str | int, **simulation: object) -> BenchFile:
    return BenchFile(
        name="b",
        kind="simulated",
        positive_terminal="we_re2",
        simulation={"unit": unit, **simulation},
    )


def simulated(bench: Bench) -> SimulatedBench:
    assert bench.truth is not None
    return bench.truth


@contextmanager
def specimen(unit: str | int, check: Callable[[], None] = lambda: None, seed: int = 0, **simulation: object):
    bench = open_bench(bench_file(unit, **simulation), part_description("1 kohm"), check, seed=seed)
    try:
        yield bench
    finally:
        bench.close()


@dataclass
class Done:
    """What commissioning found, and what is true."""

    record: CommissioningRecord
    truth: object
    is_on: bool
    kept: list[CommissioningRecord] = field(default_factory=list)

    def outcome(self, step: Step) -> str:
        return self.record.steps[step].outcome

    def remark(self, step: Step) -> str:
        return self.record.steps[step].remark


@dataclass
class Careless:
    """Mounts another part than was asked for, where it says so, and confirms it all the same."""

    operator: ByItself
    exchanged: Mapping[str, str]

    def mount(self, mounting: Mounting) -> bool:
        name = self.exchanged.get(mounting.part.name, mounting.part.name)
        return self.operator.mount(replace(mounting, part=PARTS[name]))

    def number(self, question: str, unit: str) -> float | None:
        return self.operator.number(question, unit)

    def begin(self, step: Step) -> None:
        self.operator.begin(step)

    def show(self, text: str) -> None:
        self.operator.show(text)

    def tell(self, text: str) -> None:
        self.operator.tell(text)


def commission(
    unit: str | int,
    *,
    only: tuple[Step, ...] = (),
    left_out: tuple[Step, ...] = (),
    before: CommissioningRecord | None = None,
    missing: Iterable[str] = (),
    exchanged: Mapping[str, str] | None = None,
    leads: Leads | None = None,
    seed: int = 0,
    **simulation: object,
) -> Done:
    kept: list[CommissioningRecord] = []
    with specimen(unit, seed=seed, **simulation) as bench:
        operator = Careless(ByItself(bench, lambda text: None, frozenset(missing)), exchanged or {})
        if leads is not None:
            simulated(bench).faults.leads = leads
            simulated(bench).faults.leads_changed()
        record = carry_out(bench, operator, Plan("A. Tester", only, left_out, before), kept.append)
        truth = simulated(bench).truth
        is_driven = truth.ac_amplitude_V != 0.0 or truth.cell_current_A != 0.0
        # what lies between the leads of the 1260 is always connected to its generator
        is_on = is_driven if isinstance(truth.stage, Standalone) else truth.polarized
        return Done(record, truth.unit, is_on, kept)
