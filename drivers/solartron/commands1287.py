"""The commands of the 1287 as attributes, one line each.

Source of codes and ranges: SI 1287 user guide, chapter 4 (section 6, pages 87 to 91). The attributes speak
the instrument's own sign: voltage across RE1 and RE2, current positive from CE to WE.
"""

from __future__ import annotations

from solbench.drivers.links.commands import Float, Instrument, Integer, Text, control, measurement, setting


class Commands1287(Instrument):
    """Command table of the 1287; the driver is built on it."""

    # 1287 manual section 6.1: polarization
    mode = control("PO", Integer(0, 1), "Control the mode: 0 potentiostat, 1 galvanostat (index, 0 to 1).")
    potential_V = control(
        "PV", Float(-14.5, 14.5, "V"), "Control the DC voltage across RE1 and RE2 (V, -14.5 to 14.5)."
    )
    cell_current_A = control(
        "PC", Float(-2.0, 2.0, "A"), "Control the DC current from CE to WE (A, -2 to 2)."
    )
    pol_gain = control(
        "PI", Integer(0, 1), "Control the gain of the POL input: 0 is x 1, 1 is x 0.01 (index, 0 to 1)."
    )
    polarization = setting(
        "PW", Integer(0, 1), "Set the cell on (1) or to the chosen standby (0) (index, 0 to 1)."
    )
    # sections 6.2 to 6.4: standby, what ON does, bandwidths
    standby = control(
        "BY",
        Integer(0, 1),
        "Control the standby: 0 full, 1 half, where the cell can be read (index, 0 to 1).",
    )
    on_action = control(
        "ON", Integer(0, 1), "Control what the cell gets at on: 0 PV or PC, 1 rest (index, 0 to 1)."
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
        "OL", Integer(0, 2), "Control what an overload does: 0 standby, 1 limit, 2 nothing (index, 0 to 2)."
    )
    ir_compensation = control(
        "CC", Integer(0, 2), "Control the correction: 0 off, 1 IR, 2 real part (index, 0 to 2)."
    )
    # section 6.12: what the analyzer gets
    voltage_bias_fixed = control(
        "VT", Integer(0, 1), "Control the rejected voltage: 0 found by a reading, 1 fixed (index, 0 to 1)."
    )
    voltage_bias_V = control(
        "VR", Float(-14.5, 14.5, "V"), "Control the voltage that is taken off V OUT (V, -14.5 to 14.5)."
    )
    current_bias_fixed = control(
        "IT", Integer(0, 1), "Control the rejected current: 0 found by a reading, 1 fixed (index, 0 to 1)."
    )
    current_bias_A = control(
        "IR", Float(-2.0, 2.0, "A"), "Control the current that is taken off I OUT (A, -2 to 2)."
    )
    bias_rejection = control("BR", Integer(0, 1), "Control bias rejection: 0 off, 1 on (index, 0 to 1).")
    low_pass = control("FI", Integer(0, 1), "Control the 10 Hz filter of both outputs (index, 0 to 1).")
    voltage_output_gain = control("VX", Integer(0, 1), "Control V OUT: 0 is x 1, 1 is x 10 (index, 0 to 1).")
    current_output_gain = control("IX", Integer(0, 1), "Control I OUT: 0 is x 1, 1 is x 10 (index, 0 to 1).")
    # sections 6.16 and 6.17: the meters
    digits = control(
        "DG", Integer(0, 3), "Control digits and speed: 0 5x9, 1 and 2 4x9, 3 3x9 (index, 0 to 3)."
    )
    voltmeter_range = control(
        "RG", Integer(0, 4), "Control the voltmeter: 0 auto, 1 200 mV, 2 2 V, 3 20 V, 4 50 V (index, 0 to 4)."
    )
    trigger = control(
        "TR",
        Integer(0, 3),
        "Control the trigger: 0 single, 1 continuous, 2 external, 3 sweep (index, 0 to 3).",
    )
    drift_correction = control("DC", Integer(0, 1), "Control drift correction: 0 on, 1 off (index, 0 to 1).")
    averaging = control("AV", Integer(0, 1), "Control averaging of readings: 0 off, 1 on (index, 0 to 1).")
    null = control("NU", Integer(0, 2), "Control the null: 0 off, 1 on, 2 evaluate (index, 0 to 2).")
    first_parameter = control("PX", Integer(0, 11), "Control the first reading; 3 is dRE (index, 0 to 11).")
    second_parameter = control("PY", Integer(0, 11), "Control the second reading; 5 is I (index, 0 to 11).")
    run = setting("RU", Integer(0, 1), "Set the meters: 1 takes a reading, 0 halts (index, 0 to 1).")
    output = control("GP", Integer(0, 4), "Control readings on GPIB: 0 off, 1 long, 2 short (index, 0 to 4).")
    output_terminator = control("OT", Integer(0, 3), "Control what ends a line; 1 CR LF EOI (index, 0 to 3).")
    # service
    break_ = setting("BK", Integer(0, 4), "Set the instrument back: 0 break, 3 reset (index, 0 to 4).")
    error = measurement("?ER", Integer(0, 99), "Get the last error; 0 is none (index, 0 to 99).")
    version = measurement("?VN", Text(), "Get the version of the firmware (text).")
