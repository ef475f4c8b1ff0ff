"""Step A: both instruments answer, every time; which status bit says so, how fast, and how long a reading takes."""

import math
from collections.abc import Callable
from statistics import fmean, stdev

from solbench.acquisition.bench.commissioning.record import Measured
from solbench.acquisition.commission.workbench import UNIFORM, Found, Workbench
from solbench.drivers.links.link import Link
from solbench.drivers.links.wait import Wait
from solbench.drivers.solartron.solartron1260 import integrated_s

ROUNDS = 25  # of four questions each
LOST = ("silent", "torn", "garbled", "late")
READINGS = 8
LONGEST_S = 10.0
EARLY = 0.9  # so much of the time that it took before is waited for before it is polled
TRANSFER_S = 1.5e-3  # of a read that is not the instrument's: bus, adapter, program
MAINS_S = (1 / 50, 1 / 60)  # what DG1 and DG2 integrate: one period of either mains
MAINS_AGREE_S = 1.5e-3
POINT_Hz, POINT_S = 1e3, 0.1


def talk(on: Workbench) -> Found:
    """Ask a hundred questions, read readings of all four lengths, and measure with the generator at zero."""
    pair = on.pair
    pair.initialise()
    pstat, fra = pair.pstat, pair.fra
    links = (fra.link, pstat.link)
    for link in links:
        link.incidents.take()
    for _ in range(ROUNDS):
        _ = pstat.version, pstat.error, fra.identification, fra.last_error()
    lost = [one for link in links for one in link.incidents.take() if one.code in LOST]
    problems = (
        [
            f"{len(lost)} of {4 * ROUNDS} answers were lost or damaged, the first one of the {lost[0].instrument} to "
            f"'{lost[0].command}': look at cables, adapter and addresses"
        ]
        if lost
        else []
    )

    readings = [_reading_s(on, digits) for digits in range(4)]
    overhead_s = _overhead_s(readings)
    conversion = tuple(
        Measured(
            value=max(one.value - overhead_s.value, 1e-4), stderr=math.hypot(one.stderr, overhead_s.stderr)
        )
        for one in readings
    )
    taken_s, rate_1260 = point_s(on)
    _ = pstat.measure()
    found = on.values.model_copy(
        update={
            "status_bits": {fra.name: fra.link.result_mask, pstat.name: pstat.link.result_mask},
            "byte_rate_per_s": {fra.name: rate_1260, pstat.name: _rate(on, pstat.link, "RU1")},
            "conversion_s": conversion,
            "overhead_s": taken_s,
        }
    )
    return Found(found, tuple(problems))


def _reading_s(on: Workbench, digits: int) -> Measured:
    """Return how long a reading takes from its command to its line (s)."""
    on.pair.pstat.digits = digits
    return _until_ready(on.pair.pstat.link, "RU1")


def _until_ready(link: Link, command: str, repeat: str = "") -> Measured:
    """Return the time from a command to its line (s), looked for ever more finely."""
    earliest_s, times, widths = 0.0, list[float](), list[float]()
    for place in range(READINGS):
        wait = Wait(earliest_s, LONGEST_S, LONGEST_S, measures=True)
        link.ask(command, str, "a line", wait, repeat)
        ready_s = link.ready_s - link.asked_s
        unready_s = max(link.unready_s - link.asked_s, 0.0) if link.unready_s else earliest_s
        if place >= READINGS // 2:
            times.append(0.5 * (ready_s + unready_s))
            widths.append(ready_s - unready_s)
        earliest_s = EARLY * min(ready_s, earliest_s / EARLY or ready_s)
    width_s = UNIFORM * fmean(widths)
    return Measured(value=fmean(times), stderr=math.hypot(stdev(times), width_s) + TRANSFER_S)


def _overhead_s(readings: list[Measured]) -> Measured:
    """Return what a reading takes besides its conversion (s), by the two that integrate one period of the mains."""
    beyond = [one.value - mains for one, mains in zip(readings[1:3], MAINS_S, strict=True)]
    if abs(beyond[0] - beyond[1]) < MAINS_AGREE_S + readings[1].stderr + readings[2].stderr:
        return Measured(value=max(fmean(beyond), 0.0), stderr=TRANSFER_S)
    fastest_s = min(one.value for one in readings)
    return Measured(value=0.5 * fastest_s, stderr=fastest_s * UNIFORM)


def point_s(on: Workbench) -> tuple[Measured, Measured]:
    """Return what a point takes beyond its integration (s), and the bytes a second of the 1260."""
    fra = on.fra
    fra.frequency_Hz = POINT_Hz
    fra.integration_s = POINT_S
    whole = _until_ready(fra.link, "SI", "DO")
    beyond_s = whole.value - integrated_s(POINT_Hz, POINT_S)
    return Measured(value=max(beyond_s, 0.0), stderr=whole.stderr), _rate(on, fra.link, "SI", "DO")


def _rate(on: Workbench, link: Link, command: str, repeat: str = "") -> Measured:
    """Return the bytes a second of a talker, from when a line was seen to wait until it was there."""
    now: Callable[[], float] = on.clock.now
    rates: list[float] = []
    errors: list[float] = []
    for _ in range(READINGS // 2):
        line = link.ask(command, str, "a line", Wait(0.0, LONGEST_S, LONGEST_S, measures=True), repeat)
        took_s = max(now() - link.ready_s, 1e-6)
        count = len(line) + 2  # its end
        rates.append(count / max(took_s - TRANSFER_S, 0.5 * took_s))
        errors.append(rates[-1] * TRANSFER_S / took_s)
    return Measured(value=fmean(rates), stderr=math.hypot(stdev(rates), fmean(errors)))
