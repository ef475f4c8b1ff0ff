"""Over all sequences of calls, failures included: nothing harmful is ever sent.

Mode, range, POL gain and bandwidth change only with the cell at standby and the generator at zero, and the
cell is switched on only after the generator was read back as zero and the cut-out, which needs no program, was set.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from solbench.drivers.errors import DriverError, OutOfOrder, OutOfRange
from tests.drivers.bench import FakePair, fake_pair

CURRENTS = st.sampled_from([0.0, 1e-7, 126e-6, -126e-6, 1.4e-3, 0.5])
VOLTAGES = st.sampled_from([0.0, 0.05, -0.1, 3.3, 20.0])
RANGES = st.integers(0, 9)
AMPLITUDES = st.sampled_from([0.01, 0.03, 0.1, 4.0])
CALLS = st.one_of(
    st.tuples(
        st.sampled_from(["initialise", "on", "off", "make_safe", "apply_ac", "remove_ac", "reconnect"])
    ),
    st.tuples(
        st.sampled_from(["on", "off", "apply_ac", "remove_ac", "dc_reading_between_points", "measure"])
    ),
    st.tuples(st.just("prepare_current"), CURRENTS),
    st.tuples(st.just("set_current"), CURRENTS),
    st.tuples(st.just("prepare_voltage"), VOLTAGES, CURRENTS),
    st.tuples(st.just("set_voltage"), VOLTAGES),
    st.tuples(st.just("prepare_impedance"), AMPLITUDES, VOLTAGES, RANGES),
    st.tuples(st.just("prepare_polarization"), VOLTAGES, RANGES),
    st.tuples(st.just("measure_impedance"), st.sampled_from([1.0, 1e6, 2e6]), st.just(0.1)),
    st.tuples(st.sampled_from(["pstat.set_range", "change_range"]), RANGES),
    st.tuples(st.sampled_from(["pstat.on", "pstat.initialise", "fra.generator_off", "fra.initialise"])),
    st.tuples(st.just("fra.set_amplitude"), AMPLITUDES, st.just(1e6)),
    st.tuples(st.just("set"), st.sampled_from(["mode", "range_index", "pol_gain", "potentiostat_bandwidth"])),
    st.tuples(st.just("set"), st.sampled_from(["polarization", "bandwidth_scheme", "galvanostat_bandwidth"])),
    st.tuples(st.just("dies"), st.sampled_from(["1260", "1287"])),
    st.tuples(st.just("answers"), st.sampled_from(["1260", "1287"])),
)
SET_TO = {"mode": "galvanostat", "pol_gain": "x 0.01", "polarization": True}  # and 1 for the numbers
ONLY_AT_STANDBY = {"PO", "RR", "PI", "PB", "GB", "SY", "BK"}


def carry_out(bench: FakePair, call: tuple) -> None:
    name, *arguments = call
    if name in ("dies", "answers"):
        (bench.fra if arguments == ["1260"] else bench.pstat).dead = name == "dies"
    elif name == "set":
        setattr(bench.pair.pstat, arguments[0], SET_TO.get(arguments[0], 1))
    else:
        target = bench.pair
        for part in name.split("."):
            target = getattr(target, part)
        target(*arguments)


def require_harmless(log: list[tuple[str, str]]) -> int:
    """Follow the wire as the instruments would; return how often the cell was switched on."""
    on: bool | None = None
    generator = {"VA": 1.0, "VB": 1.0}
    read_back: set[str] = set()
    switched_on = 0
    cuts_out = False
    for name, command in log:
        code, argument = command[:2], command[2:]
        if name == "1260" and code in generator:
            generator[code] = float(argument)
            read_back.discard(code)
        elif name == "1260" and command in ("?VA", "?VB"):
            read_back.add(command[1:])
        elif name == "1287" and code == "PW":
            assert argument == "0" or (generator == {"VA": 0.0, "VB": 0.0} and read_back == {"VA", "VB"})
            assert argument == "0" or cuts_out
            cuts_out = False
            on = argument == "1"
            switched_on += on
        elif name == "1287" and code == "OL":
            cuts_out = argument == "0"
        elif name == "1287" and code in ONLY_AT_STANDBY:
            assert on is False, f"{command} with the cell on"
            assert generator == {"VA": 0.0, "VB": 0.0}, f"{command} with the generator at {generator}"
            assert read_back == {"VA", "VB"}, f"{command} before the generator was read back"
    return switched_on


@settings(max_examples=400, deadline=None)
@given(st.lists(CALLS, max_size=30))
def test_no_sequence_of_calls_sends_anything_harmful(calls):
    bench = fake_pair(initialise=False)
    for call in [("initialise",), *calls]:
        try:
            carry_out(bench, call)
        except (DriverError, OutOfOrder, OutOfRange):
            continue
    require_harmless(bench.log)


def test_the_usual_sequence_does_switch_on():
    bench = fake_pair(initialise=False)
    for call in [
        ("initialise",),
        ("prepare_current", 126e-6),
        ("on",),
        ("set_current", 126e-6),
        ("off",),
        ("prepare_impedance", 0.03, 0.1, 4),
        ("on",),
        ("apply_ac",),
        ("measure_impedance", 1e3, 0.1),
        ("remove_ac",),
        ("off",),
    ]:
        carry_out(bench, call)
    assert require_harmless(bench.log) == 2
