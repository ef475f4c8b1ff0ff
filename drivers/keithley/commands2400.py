"""The commands of the Keithley 2400 as attributes, one line each (SCPI, as its manual and pymeasure have them)."""

from solbench.drivers.links.commands import (
    Choice,
    Float,
    Instrument,
    Integer,
    Switch,
    Text,
    control,
    measurement,
    setting,
)

ONE_IS_ON = Switch(on="1", off="0")


class Commands2400(Instrument):
    """Command table of the 2400; the driver is built on it. Positive current leaves HI."""

    output = control(":OUTP ", ONE_IS_ON, "Control the output (on or off).", ":OUTP?")
    off_state = control(
        ":OUTP:SMOD ",
        Choice({"open": "HIMP", "normal": "NORM", "zero": "ZERO", "guard": "GUAR"}),
        "Control what an output that is off is; only open disconnects a cell (open, normal, zero, guard).",
        ":OUTP:SMOD?",
    )
    function = control(
        ":SOUR:FUNC ",
        Choice({"current": "CURR", "voltage": "VOLT"}),
        "Control what is held (current, voltage).",
        ":SOUR:FUNC?",
    )
    current_range_A = control(
        ":SOUR:CURR:RANG ",
        Float(0.0, 1.05, "A", signed=False),
        "Control the range of the current source (A, 0 to 1.05).",
        ":SOUR:CURR:RANG?",
    )
    current_A = control(
        ":SOUR:CURR ", Float(-1.05, 1.05, "A", 6), "Control the current (A, -1.05 to 1.05).", ":SOUR:CURR?"
    )
    voltage_range_V = control(
        ":SOUR:VOLT:RANG ",
        Float(0.0, 21.0, "V", signed=False),
        "Control the range of the voltage source (V, 0 to 21).",
        ":SOUR:VOLT:RANG?",
    )
    voltage_V = control(
        ":SOUR:VOLT ", Float(-21.0, 21.0, "V", 6), "Control the voltage (V, -21 to 21).", ":SOUR:VOLT?"
    )
    current_limit_A = control(
        ":SENS:CURR:PROT ",
        Float(0.0, 1.05, "A", signed=False),
        "Control the limit of the current (A, 0 to 1.05).",
        ":SENS:CURR:PROT?",
    )
    voltage_limit_V = control(
        ":SENS:VOLT:PROT ",
        Float(0.0, 21.0, "V", signed=False),
        "Control the limit of the voltage (V, 0 to 21).",
        ":SENS:VOLT:PROT?",
    )
    ammeter_range_A = control(
        ":SENS:CURR:RANG ",
        Float(0.0, 1.05, "A", signed=False),
        "Control the range of the ammeter (A, 0 to 1.05).",
        ":SENS:CURR:RANG?",
    )
    voltmeter_range_V = control(
        ":SENS:VOLT:RANG ",
        Float(0.0, 21.0, "V", signed=False),
        "Control the range of the voltmeter (V, 0 to 21).",
        ":SENS:VOLT:RANG?",
    )
    current_nplc = control(
        ":SENS:CURR:NPLC ",
        Float(0.01, 10.0, "periods", signed=False),
        "Control the conversion of the current (periods, 0.01 to 10).",
        ":SENS:CURR:NPLC?",
    )
    voltage_nplc = control(
        ":SENS:VOLT:NPLC ",
        Float(0.01, 10.0, "periods", signed=False),
        "Control the conversion of the voltage (periods, 0.01 to 10).",
        ":SENS:VOLT:NPLC?",
    )
    four_wires = control(":SYST:RSEN ", ONE_IS_ON, "Control the remote sensing (on or off).", ":SYST:RSEN?")
    both_at_once = control(
        ":SENS:FUNC:CONC ",
        ONE_IS_ON,
        "Control whether voltage and current are read together (on or off).",
        ":SENS:FUNC:CONC?",
    )
    measured = setting(
        ":SENS:FUNC ",
        Choice({"voltage and current": '"VOLT","CURR"'}),
        "Set what a reading measures besides what it measures already (voltage and current).",
    )
    not_measured = setting(
        ":SENS:FUNC:OFF ",
        Choice({"resistance": '"RES"'}),
        "Set what a reading does not measure; for it the 2400 chooses the source itself (resistance).",
    )
    filter_of_readings = control(
        ":SENS:AVER ", ONE_IS_ON, "Control the averaging over earlier readings (on or off).", ":SENS:AVER?"
    )
    zero_of_readings = setting(
        ":SYST:AZER ",
        Choice({"each anew": "ON"}),
        "Set when the zero of the meters is taken; else it drifts (each anew).",
    )
    source_delay_by_range = setting(
        ":SOUR:DEL:AUTO ",
        ONE_IS_ON,
        "Set whether a reading waits for the source by its range, 1 to 3 ms, and not as long as was set (on or off).",
    )
    trigger_delay_s = setting(
        ":TRIG:DEL ",
        Float(0.0, 999.0, "s", signed=False),
        "Set how long a reading waits before all else (s, 0 to 999).",
    )
    readings_per_trigger = setting(
        ":TRIG:COUN ", Integer(1, 2500), "Set how many readings follow a trigger (index, 1 to 2500)."
    )
    triggers_per_arming = setting(
        ":ARM:COUN ", Integer(1, 2500), "Set how many triggers follow an arming (index, 1 to 2500)."
    )
    armed_by = setting(":ARM:SOUR ", Choice({"itself": "IMM"}), "Set what it waits for (itself).")
    triggered_by = setting(":TRIG:SOUR ", Choice({"itself": "IMM"}), "Set what a reading waits for (itself).")
    current_course = setting(
        ":SOUR:CURR:MODE ",
        Choice({"fixed": "FIX"}),
        "Set the course of the current; else a reading sweeps it (fixed).",
    )
    voltage_course = setting(
        ":SOUR:VOLT:MODE ",
        Choice({"fixed": "FIX"}),
        "Set the course of the voltage; else a reading sweeps it (fixed).",
    )
    output_switches_itself = control(
        ":SOUR:CLE:AUTO ",
        ONE_IS_ON,
        "Control whether each reading switches the output (on or off).",
        ":SOUR:CLE:AUTO?",
    )
    reading_coding = setting(":FORM:DATA ", Choice({"text": "ASC"}), "Set how a reading is sent (text).")
    reading_form = setting(
        ":FORM:ELEM ",
        Choice({"voltage, current, status": "VOLT,CURR,STAT"}),
        "Set what a reading consists of (voltage, current, status).",
    )
    identification = measurement("*IDN?", Text(), "Get who it is (text).")
    next_error = measurement(":SYST:ERR?", Text(), "Get the oldest error, and forget it (text).")
