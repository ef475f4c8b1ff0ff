"""Each experiment that ships is killed at a random moment, and goes on to its end, or says why it does not."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.record.events import Event, SegmentStart
from solbench.acquisition.record.reader import open_run
from solbench.acquisition.run.start import resume
from solbench.analysis.experiments.registry import EXPERIMENTS
from solbench.analysis.run_spectra import RunSpectra
from solbench.analysis.summary import summarise
from solbench.protocols import load_cell
from solbench.protocols.estimate import estimate
from solbench.protocols.kinds.registry import kind_of_segment
from tests.acquisition.asked import killed
from tests.acquisition.runs import quiet_bench, request, watched_benches

SHORTER: Mapping[str, tuple[str, ...]] = {
    "conductivity-against-temperature": (
        "temperatures=[25 degC, 0 degC, 60 degC]",
        "rest=5 min",
        "spectra=2",
    ),
    "electronic-conductivity-against-temperature": ("temperatures=[25 degC, 60 degC]", "rest=5 min"),
    "pressure-series": ("pressures=[10 MPa, 75 MPa]",),
    "growth-at-rest": ("spectra=7", "every=20 min"),
    "growth-after-pressing": ("waits=[1 min, 2 min, 4 min, 8 min, 16 min, 32 min]",),
    "rate-capability": ("cycles=1", "record.every=60 s"),
    "formation-and-cycling": ("blocks=2", "between=1", "record.every=60 s"),
    "critical-current-density": ("currents=[0.3 mA/cm2, 0.6 mA/cm2, 0.9 mA/cm2]",),
    "gitt": ("pulses=6", "record.every=5 s"),
    "pitt": ("voltages={from: 0.3 V, to: 0.4 V, step: 20 mV}", "time=2 h"),
    "hebb-wagner": ("voltages=[0.2 V, 1.0 V, 2.0 V]",),
    "bruce-vincent": ("time=1 h",),
    "electrochemical-window": ("rate=0.4 mV/s",),
    "stepwise-cv": ("turns={from: 2.4 V, to: 2.8 V, step: 0.2 V}", "rate=0.4 mV/s"),
}
PROTOCOLS = [(one, protocol) for one in EXPERIMENTS for protocol in one.protocols]


class Person:
    """Somebody who brings the cell to what a prompt asks for, and confirms; a new one for each session."""

    def __init__(self, benches: list[Any]) -> None:
        self.benches, self.control, self.asked = benches, RunControl(), [None]

    def attend(self, event: Event) -> None:
        if isinstance(event.body, SegmentStart):
            self.asked.append(getattr(event.body.segment, "temperature_K", None))
        elif event.kind == "paused":
            if self.asked[-1] is not None:
                self.benches[-1].truth.cell.temperature_K = self.asked[-1]
            self.control.ask(Verb.RESUME, "a test")


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("experiment", "protocol"), PROTOCOLS, ids=[name for _, name in PROTOCOLS])
def test_it_goes_on_or_says_why_not(tmp_path: Path, experiment: Any, protocol: str, seed: int) -> None:
    path = tmp_path / "a.h5"
    wanted = request(path, protocol, "nps", quiet_bench(), SHORTER.get(protocol, ()), seed)
    whole_s = estimate(wanted.protocol, load_cell("nps").build(wanted.protocol.build)).duration_s
    at_s = random.Random(f"{protocol} {seed}").uniform(0.02, 0.6) * whole_s
    benches: list[Any] = []
    running: list[str] = []

    def at_random(event: Event) -> bool:
        if isinstance(event.body, SegmentStart):
            running.append(kind_of_segment(event.body.segment).resumed)
        return event.time_s > at_s

    with watched_benches(benches.append):
        person = Person(benches)
        killed(wanted, at_random, person.attend, run_control=person.control)
        other = Person(benches)
        result = resume(path, other.control, [other.attend])
    run = open_run(path)
    found = experiment.analyse(RunSpectra(run))
    told = [one.name for one in summarise(run).experiments]
    if running[-1] == "refused" and not result.completed:
        assert result.outcome == "cut_short"
        assert "was interrupted, and is not carried out again" in result.reason
        assert found is None or not any(one.name == "transference_number" for one in found.numbers)
        return
    assert result.completed, result.reason
    assert not benches[-1].truth.truth.polarized
    assert found is not None
    assert experiment.name in told
