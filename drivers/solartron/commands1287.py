"""The commands of the 1287 as attributes, one line each.

Source of codes and ranges: SI 1287 user guide, chapter 4 (section 6, pages 87 to 91). The attributes speak
the instrument's own sign: voltage across RE1 and RE2, current positive from CE to WE.
"""

from solbench.drivers.links.commands import (
    Choice,
    FirstInteger,
    Float,
    Instrument,
    Integer,
    Switch,
    Text,
    control,
    measurement,
    setting,
)

STANDBYS = Choice({"full": "0", "half": "1"})
ONE_IS_ON = Switch(on="1", off="0")


class Commands1287(Instrument):
    """Command table of the 1287; the driver is built on it."""

    # 1287 manual section 6.1: polarization
    mode = control(
        "PO",
        Choice({"potentiostat": "0", "galvanostat": "1"}),
        "Control the mode (potentiostat, galvanostat).",
    )
    potential_V = control(
        "PV", Float(-14.5, 14.5, "V"), "Control the DC voltage across RE1 and RE2 (V, -14.5 to 14.5)."
    )
    cell_current_A = control(
        "PC", Float(-2.0, 2.0, "A"), "Control the DC current from CE to WE (A, -2 to 2)."
    )
    pol_gain = control(
        "PI", Choice({"x 1": "0", "x 0.01": "1"}), "Control the gain of the POL input (x 1, x 0.01)."
    )
    polarization = setting("PW", ONE_IS_ON, "Set the cell on, or to the chosen standby (on or off).")
    # sections 6.2 to 6.4: standby, what ON does, bandwidths
    standby = control(
        "BY", STANDBYS, "Control the standby; in half standby the cell can be read (full, half)."
    )
    on_action = control(
        "ON",
        Choice({"set value": "0", "rest potential": "1"}),
        "Control what the cell gets at on, PV or PC or its rest potential (set value, rest potential).",
    )
    potentiostat_bandwidth = control(
        "PB", Integer(0, 9), "Control the loop of the potentiostat, 0 type A to 9 type J (index, 0 to 9)."
    )
    galvanostat_bandwidth = control(
        "GB", Integer(0, 2), "Control the loop of the galvanostat, 0 type A to 2 type C (index, 0 to 2)."
    )
    bandwidth_scheme = control(
        "SY",
        Integer(0, 1),
        "Control whether PB and GB count (0) or both loops are type C (1) (index, 0 to 1).",
    )
    # sections 6.5 to 6.8: ranges and limits
    range_index = control(
        "RR", Integer(1, 8), "Control the current range, 1 for 2 A to 8 for 200 nA (index, 1 to 8)."
    )
    off_limit_action = control(
        "OL",
        Choice({"standby": "0", "limit": "1", "nothing": "2"}),
        "Control what an overload does (standby, limit, nothing).",
    )
    ir_compensation = control(
        "CC",
        Choice({"off": "0", "IR": "1", "real part": "2"}),
        "Control the correction (off, IR, real part).",
    )
    # section 6.12: what the analyzer gets
    voltage_bias_fixed = control(
        "VT", ONE_IS_ON, "Control whether the rejected voltage is fixed, or found by a reading (on or off)."
    )
    voltage_bias_V = control(
        "VR", Float(-14.5, 14.5, "V"), "Control the voltage that is taken off V OUT (V, -14.5 to 14.5)."
    )
    current_bias_fixed = control(
        "IT", ONE_IS_ON, "Control whether the rejected current is fixed, or found by a reading (on or off)."
    )
    current_bias_A = control(
        "IR", Float(-2.0, 2.0, "A"), "Control the current that is taken off I OUT (A, -2 to 2)."
    )
    bias_rejection = control("BR", ONE_IS_ON, "Control bias rejection (on or off).")
    low_pass = control("FI", ONE_IS_ON, "Control the 10 Hz filter of both outputs (on or off).")
    voltage_output_gain = control(
        "VX", Choice({"x 1": "0", "x 10": "1"}), "Control the gain of V OUT (x 1, x 10)."
    )
    current_output_gain = control(
        "IX", Choice({"x 1": "0", "x 10": "1"}), "Control the gain of I OUT (x 1, x 10)."
    )
    # section 6.13: the ramp over four levels, which are gone over again and again
    ramp_level_a_V = setting(
        "VA", Float(-14.5, 14.5, "V"), "Set the first level of a ramp (V, -14.5 to 14.5)."
    )
    ramp_level_b_V = setting(
        "VB", Float(-14.5, 14.5, "V"), "Set the second level of a ramp (V, -14.5 to 14.5)."
    )
    ramp_level_c_V = setting(
        "VC", Float(-14.5, 14.5, "V"), "Set the third level of a ramp (V, -14.5 to 14.5)."
    )
    ramp_level_d_V = setting(
        "VD", Float(-14.5, 14.5, "V"), "Set the fourth level of a ramp (V, -14.5 to 14.5)."
    )
    ramp_time_a_s = setting(
        "TA", Float(0.0, 100000.0, "s"), "Set the time to the second level (s, 0 to 100000)."
    )
    ramp_time_b_s = setting(
        "TB", Float(0.0, 100000.0, "s"), "Set the time to the third level (s, 0 to 100000)."
    )
    ramp_time_c_s = setting(
        "TC", Float(0.0, 100000.0, "s"), "Set the time to the fourth level (s, 0 to 100000)."
    )
    ramp_time_d_s = setting(
        "TD", Float(0.0, 100000.0, "s"), "Set the time to the first level (s, 0 to 100000)."
    )
    sweep_segments = setting(
        "SM", Integer(1, 99999), "Set how many segments a sweep has (index, 1 to 99999)."
    )
    sweep_delay_s = setting("DL", Float(0.0, 100000.0, "s"), "Set the delay before a sweep (s, 0 to 100000).")
    sweep_end = setting(
        "OF", Choice({"standby": "0", "freeze": "1"}), "Set what is after a sweep (standby, freeze)."
    )
    sweep = setting("SW", Choice({"off": "0", "ramp": "1"}), "Set a sweep going, or end it (off, ramp).")
    # sections 6.16 and 6.17: the meters
    digits = control(
        "DG", Integer(0, 3), "Control digits and speed: 0 5x9, 1 and 2 4x9, 3 3x9 (index, 0 to 3)."
    )
    voltmeter_range = control(
        "RG",
        Choice({"auto": "0", "200 mV": "1", "2 V": "2", "20 V": "3", "50 V": "4"}),
        "Control the voltmeter (auto, 200 mV, 2 V, 20 V, 50 V).",
    )
    trigger = control(
        "TR",
        Choice({"single": "0", "continuous": "1", "external": "2", "sweep": "3"}),
        "Control the trigger (single, continuous, external, sweep).",
    )
    drift_correction = control("DC", Switch(on="0", off="1"), "Control drift correction (on or off).")
    averaging = control("AV", ONE_IS_ON, "Control averaging of readings (on or off).")
    null = control(
        "NU", Choice({"off": "0", "on": "1", "evaluate": "2"}), "Control the null (off, on, evaluate)."
    )
    first_parameter = control(
        "PX", Choice({"dRE": "3", "I": "5"}), "Control the first reading; the manual has more (dRE, I)."
    )
    second_parameter = control(
        "PY", Choice({"dRE": "3", "I": "5"}), "Control the second reading; the manual has more (dRE, I)."
    )
    run = setting("RU", Choice({"halt": "0", "reading": "1"}), "Set the meters (halt, reading).")
    output = control(
        "GP", Choice({"off": "0", "long": "1", "short": "2"}), "Control readings on GPIB (off, long, short)."
    )
    output_terminator = control("OT", Integer(0, 3), "Control what ends a line; 1 CR LF EOI (index, 0 to 3).")
    # service
    break_ = setting("BK", Choice({"break": "0", "reset": "3"}), "Set the instrument back (break, reset).")
    error = measurement(
        "?ER",
        FirstInteger(0, 99),
        "Get the last error, the first field of its answer; 0 is none (index, 0 to 99).",
    )
    version = measurement("?VN", Text(), "Get the version of the firmware (text).")
