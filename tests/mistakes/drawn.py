"""Mistakes of the kinds of the table with other numbers, cells and moments; the seed draws them."""

from __future__ import annotations

import random
from collections.abc import Callable

from solbench.protocols import load_cell
from tests.mistakes.play import Mistake
from tests.mistakes.table import change, hand, off, series, shunt, warmer

Draw = random.Random
CELLS = ("nps", "nbh", "nyzc")
LIVE = ("half", "full")


def log_uniform(draw: Draw, low: float, high: float) -> float:
    return float(low * (high / low) ** draw.random())


def moment(draw: Draw, plan: str) -> str:
    """Return when it happens: from the start, or on the way."""
    if draw.random() < 0.4:
        return "0 s"
    on_the_way = {
        "half": f"{draw.uniform(0.1, 1.2):.3g} mAh/cm2",
        "full": f"{draw.uniform(0.05, 0.4):.3g} mAh/cm2",
        "held": "0.308 mAh/cm2",
        "symmetric": f"{draw.uniform(5, 25):.3g} min",
        "dc": f"{draw.uniform(5, 20):.3g} min",
        "pellet": f"{draw.uniform(10, 30):.3g} s",
    }
    return on_the_way[plan]


def area(draw: Draw) -> Mistake:
    plan, cell = draw.choice(["pellet", "half", "full", "symmetric", "dc"]), draw.choice(CELLS)
    right = load_cell(cell).build("dc_pristine" if plan == "dc" else plan).area_m2 * 1e4
    factor = draw.choice([4.0, 0.25, 100.0, 0.01, 1.69, 2.25, 0.44])
    return Mistake(f"area times {factor:g}", plan, cell, said={"area": f"{right * factor:.4g} cm2"})


def thickness(draw: Draw) -> Mistake:
    plan, cell = draw.choice(["pellet", "half", "symmetric", "dc"]), draw.choice(CELLS)
    factor = draw.choice([0.1, 10.0, log_uniform(draw, 0.2, 0.5), log_uniform(draw, 2.0, 4.0)])
    return Mistake(f"thickness times {factor:.3g}", plan, cell, said={"thickness": f"{500 * factor:.4g} um"})


def mass(draw: Draw) -> Mistake:
    plan, cell = draw.choice(LIVE), draw.choice(CELLS)
    right = 1.366 if plan == "half" else 0.714
    factor = draw.choice([0.1, 10.0, 1000.0, draw.uniform(1.3, 2.5)])
    return Mistake(f"mass times {factor:.3g}", plan, cell, said={"tin_mass": f"{right * factor:.4g} mg"})


def less_there(draw: Draw) -> Mistake:
    cell, share = draw.choice(CELLS), draw.uniform(0.4, 0.75)
    if draw.random() < 0.5:
        return Mistake(
            f"{share:.2g} of the tin", "half", cell, truth=f"cell: {{tin_mass: {1.366 * share:.4g} mg}}"
        )
    truth = f"cell: {{cathode_mass: {4.71 * share * 0.8:.4g} mg}}"
    return Mistake(f"{share * 0.8:.2g} of the cathode", "full", cell, truth=truth)


def other_cell(draw: Draw) -> Mistake:
    plan = draw.choice(["pellet", "half", "full", "symmetric"])
    mounted, said = draw.sample(CELLS, 2)
    return Mistake(f"{mounted} for {said}", plan, mounted, said={"record": said})


def other_build(draw: Draw) -> Mistake:
    cell = draw.choice(CELLS)
    plan, there = draw.choice(
        [
            (plan, there)
            for plan in ("half", "full", "symmetric", "pellet", "dc")
            for there in ("half", "full", "symmetric", "pellet", "dc_reduced")
            if there != plan and not (plan == "dc" and there == "pellet")
        ]
    )
    if there == "dc_reduced" and (plan != "dc" or there not in load_cell(cell).builds):
        plan, there = "half", "pellet"
    return Mistake(
        f"{there} there, {plan} said", plan, cell, truth=f"cell: {{record: {cell}, build: {there}}}"
    )


def temperature(draw: Draw) -> Mistake:
    plan, cell = draw.choice(["pellet", "half", "symmetric"]), draw.choice(CELLS)
    kelvin = draw.choice([-1, 1]) * draw.uniform(6.0, 35.0)
    return Mistake(f"{kelvin:+.3g} K", plan, cell, truth=warmer(f"{kelvin:.4g} K"))


def lead_off(draw: Draw) -> Mistake:
    plan, cell = draw.choice(["pellet", "half", "full", "held", "dc"]), draw.choice(CELLS)
    leads = ["re1", "ce"] + (["generator", "v1", "v2"] if plan in ("pellet", "half") else [])
    lead, begins = draw.choice(leads), moment(draw, plan)
    if lead in ("generator", "v1", "v2") and plan == "half":
        begins = "0 s"
    return Mistake(f"{lead} off from {begins}", plan, cell, truth=off(lead, begins))


def exchanged(draw: Draw) -> Mistake:
    cell = draw.choice(CELLS)
    if draw.random() < 0.4:
        truth = change("{kind: leads_exchanged, leads: references}")
        return Mistake(
            "references exchanged", draw.choice(["pellet", "symmetric", "half"]), cell, truth=truth
        )
    used = f"used_before: {{sodiated: {draw.uniform(20, 90):.3g} %}}\n" if draw.random() < 0.5 else ""
    return Mistake("upside down", draw.choice(LIVE), cell, truth=used + change("{kind: leads_exchanged}"))


def resists(draw: Draw) -> Mistake:
    plan, cell = draw.choice(["pellet", "half", "full", "symmetric"]), draw.choice(CELLS)
    electrolyte = load_cell(cell).build("half").resistance_ohm
    ohm = electrolyte * log_uniform(draw, 0.5, 20.0)
    begins = "0 s" if plan == "pellet" else moment(draw, plan)
    over = f"{draw.uniform(2, 8):.2g} h" if plan in LIVE and begins != "0 s" and draw.random() < 0.5 else ""
    return Mistake(
        f"{ohm:.3g} ohm from {begins} {over}", plan, cell, truth=series(f"{ohm:.4g} ohm", begins, over)
    )


def loose(draw: Draw) -> Mistake:
    plan, cell = draw.choice(["pellet", "half"]), draw.choice(CELLS)
    ohm = load_cell(cell).build("half").resistance_ohm * log_uniform(draw, 0.1, 3.0)
    interval = draw.uniform(2.0, 10.0)
    truth = change(f"{{kind: loose_contact, resistance: {ohm:.4g} ohm, interval: {interval:.3g} s}}")
    return Mistake(f"loose, {ohm:.3g} ohm", plan, cell, truth=truth)


def short(draw: Draw) -> Mistake:
    plan, cell = draw.choice(["pellet", "half", "full", "symmetric", "dc"]), draw.choice(CELLS)
    begins = "0 s" if plan in ("pellet", "dc") else moment(draw, plan)
    ohm = log_uniform(draw, 0.1, 300.0 if plan != "full" else 2e4)
    over = f"{draw.uniform(1, 5):.2g} h" if plan in LIVE and begins != "0 s" and draw.random() < 0.4 else ""
    return Mistake(
        f"short of {ohm:.3g} ohm from {begins} {over}",
        plan,
        cell,
        truth=shunt(f"{ohm:.4g} ohm", begins, over),
    )


def leak(draw: Draw) -> Mistake:
    plan, cell, current = draw.choice(LIVE), draw.choice(CELLS[:2]), log_uniform(draw, 10.0, 60.0)
    sign = draw.choice([1, 1, -1])
    truth = change(f"{{kind: leak, current: {sign * current:.3g} uA}}")
    return Mistake(f"leaks {sign * current:.3g} uA", plan, cell, truth=truth)


def used(draw: Draw) -> Mistake:
    plan, cell = draw.choice(LIVE), draw.choice(CELLS[:2])
    share, cycles = draw.uniform(15, 95), draw.choice([0, 0, 2])
    rest = f", cycles: {cycles}" if cycles and plan == "half" else ""
    return Mistake(
        f"used, {share:.2g} %", plan, cell, truth=f"used_before: {{sodiated: {share:.3g} %{rest}}}"
    )


def emf(draw: Draw) -> Mistake:
    plan, cell = draw.choice(LIVE), draw.choice(CELLS[:2])
    volt = draw.choice([-1, 1]) * log_uniform(draw, 0.02, 0.6)
    begins = f"{draw.uniform(0.1, 0.3):.3g} mAh/cm2"
    truth = change(f"{{kind: emf, voltage: {volt:.3g} V, from: {begins}}}")
    return Mistake(f"its EMF steps by {volt:.2g} V", plan, cell, truth=truth)


def noisy(draw: Draw) -> Mistake:
    plan, cell = draw.choice(["half", "pellet"]), draw.choice(CELLS)
    if draw.random() < 0.5:
        kind = f"{{kind: noise, voltage: {log_uniform(draw, 4, 200):.3g} mV}}"
    else:
        hertz, volt = draw.choice(["50 Hz", "60 Hz"]), log_uniform(draw, 10, 150)
        kind = f"{{kind: hum, voltage: {volt:.3g} mV, frequency: {hertz}}}"
    return Mistake(kind, plan, cell, truth=change(kind))


def meter(draw: Draw) -> Mistake:
    cell = draw.choice(CELLS[:2])
    kind = draw.choice(
        [
            f"{{kind: gain_error, current: {draw.uniform(2, 10):.3g} %}}",
            f"{{kind: zero_drift, current: {log_uniform(draw, 1, 20):.3g} uA}}",
            f"{{kind: warm_up, current: {draw.uniform(1, 4):.3g} %, time_constant: 4 h}}",
        ]
    )
    return Mistake(kind, "half", cell, truth=change(kind))


def by_hand(draw: Draw) -> Mistake:
    cell = draw.choice(CELLS)
    plan = draw.choice(["pellet", "half", "held"])
    if plan == "pellet":
        instrument, command = draw.choice(
            [("1287", "PW0"), ("1287", "PB9"), ("1287", "VX0"), ("1287", "FI1"), ("1260", "VA0")]
        )
        begins = f"{draw.uniform(20, 30):.3g} s"
    elif plan == "half":
        current = draw.uniform(1.3e-4, 3e-4) * draw.choice([-1, 1])
        instrument, command = "1287", draw.choice(["PW0", f"PC{current:.3E}", "RR7", "PO0"])
        begins = f"{draw.uniform(0.1, 1.2):.3g} mAh/cm2"
    else:
        instrument, command = "1287", draw.choice(["PW0", f"PV-{draw.uniform(2.5, 2.95):.3f}"])
        begins = "0.308 mAh/cm2"
    return Mistake(f"{command} by hand", plan, cell, truth=hand(command, begins, instrument))


def current(draw: Draw) -> Mistake:
    plan = draw.choice(["half", "full", "symmetric"])
    step, right = {
        "half": ("sodiation", -0.16),
        "full": ("charge", 0.064),
        "symmetric": ("forth", 0.1),
    }[plan]
    factor = draw.choice([10.0, 20.0, 100.0, 1000.0, -1.0])
    if factor < 0 and plan == "symmetric":
        step, factor = "back", 1.0
    typed = f"steps.{step}.current={right * factor:.4g} mA/cm2"
    return Mistake(typed, plan, draw.choice(CELLS), typed=(typed,))


def end(draw: Draw) -> Mistake:
    plan, typed = draw.choice(
        [
            ("half", f"steps.sodiation.until.capacity={draw.uniform(130, 1000):.3g} %"),
            ("half", f"steps.sodiation.until.capacity={draw.uniform(2.2, 14):.3g} mAh/cm2"),
            ("half", f"steps.desodiation.until.voltage={draw.uniform(3, 5):.3g} V"),
            ("full", f"steps.charge.until.voltage={draw.uniform(3.65, 5):.3g} V"),
            ("full", f"steps.discharge.until.voltage={draw.uniform(0.1, 1.2):.3g} V"),
            ("held", f"steps.holding.voltage={draw.uniform(3.7, 32):.3g} V"),
            ("held", f"steps.holding.until.current={log_uniform(draw, 0.1, 60):.3g} nA"),
            ("held", f"steps.holding.until.current={draw.uniform(0.06, 2):.3g} mA"),
        ]
    )
    return Mistake(typed, plan, draw.choice(CELLS), typed=(typed,))


def sweep(draw: Draw) -> Mistake:
    plan = draw.choice(["pellet", "half"])
    at = "steps.spectrum." if plan == "pellet" else "steps.sodiation.spectrum."
    what = draw.choice(
        [
            f"amplitude={log_uniform(draw, 0.1, 2):.2g} mV",
            f"amplitude={log_uniform(draw, 0.2, 5):.2g} V",
            f"points_per_decade={draw.choice([1, 2])}",
            f"from={log_uniform(draw, 20, 5000):.3g} Hz",
            f"from={log_uniform(draw, 2, 30):.3g} MHz",
        ]
    )
    return Mistake(what, plan, draw.choice(CELLS), typed=(at + what,))


def waiting(draw: Draw) -> Mistake:
    plan, typed = draw.choice(
        [
            ("half", f"steps.sodiation.rest={{time: {draw.uniform(1, 40):.2g} s}}"),
            ("dc", f"steps.polarization.voltage={log_uniform(draw, 0.1, 3):.2g} mV"),
            ("dc", f"steps.polarization.voltage={log_uniform(draw, 1, 9):.2g} V"),
            ("dc", f"steps.polarization.baseline={draw.uniform(1, 40):.2g} s"),
            ("dc", f"steps.polarization.at_most={draw.uniform(1, 9):.2g} min"),
        ]
    )
    return Mistake(typed, plan, draw.choice(CELLS), typed=(typed,))


def conditions(draw: Draw) -> Mistake:
    what = draw.choice(
        [
            f"conditions.temperature={draw.uniform(250, 400):.3g} degC",
            f"conditions.stack_pressure={log_uniform(draw, 1e3, 1e6):.3g} MPa",
        ]
    )
    return Mistake(what, "pellet", draw.choice(CELLS), typed=(what,))


KINDS: tuple[Callable[[Draw], Mistake], ...] = (
    area, thickness, mass, less_there, other_cell, other_build, temperature, lead_off, lead_off, exchanged, resists,
    loose, short, short, leak, used, emf, noisy, meter, by_hand, current, end, sweep, waiting, conditions,
)  # fmt: skip


def drawn(seed: int) -> Mistake:
    """Return one mistake: its kind goes round with the seed, all else is drawn."""
    draw = random.Random(f"mistake {seed}")
    kind = KINDS[seed % len(KINDS)]
    mistake = kind(draw)
    words = f"{seed} {kind.__name__}: {mistake.words}, {mistake.plan} of {mistake.record}"
    return Mistake(words, mistake.plan, mistake.record, mistake.said, mistake.typed, mistake.truth)
