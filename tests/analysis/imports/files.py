"""Files as other programs write them, made here after their published layouts."""

from __future__ import annotations

import numpy as np

FREQUENCY_HZ = np.geomspace(1e5, 1.0, 26)
TRUTH = {"R0": 29.0, "R1": 47.0, "C1": 1e-5}


def dummy_impedance() -> np.ndarray:
    """R0 in series with R1 || C1."""
    return TRUTH["R0"] + 1 / (1 / TRUTH["R1"] + 2j * np.pi * FREQUENCY_HZ * TRUTH["C1"])


ZPLOT2 = (
    "ZPLOT2 ASCII\n"
    "  Measured Data, ZPlot:       3.2c\n"
    "  Date:                       10-12-2018\n"
    "  Open Circuit Potential (V): 0.0033\n"
    "  Begin User Comments:        1\n"
    "  contact: gold\n"
    "  End User Comments:          1\n"
    "  Data Points:                2\n"
    "  Freq(Hz)\tAmpl\tBias\tTime(Sec)\tZ'(a)\tZ''(b)\tGD\tErr\tRange\n"
    "End Comments\n"
    "5.000000E+04\t1.0000E-02\t0.0000E+00\t2.590000E+00\t2.9036E+01\t6.3662E-01\t0.0000E+00\t0\t4\n"
    "3.971641E+04\t1.0000E-02\t0.0000E+00\t3.280000E+00\t2.9046E+01\t-3.4713E-01\t0.0000E+00\t0\t4\n"
)
ZPLOTW = (
    '"ZPlotW Data File: Version 3.2c"\n'
    '"Sweep Frequency: Control Voltage"\n'
    '"10-12-2018","12:32:21"\n'
    '"a comment"\n'
    "0.0033\n"
    '"Frequency"\n'
    "0, 0, 10\n"
    "2\n"
    '"  Freq(Hz)","Ampl","Bias","Time(Sec)","Z\'(a)","Z\'\'(b)","GD","Err","Range"\n'
    "5.0000E+04, 1.0000E-02, 0.0000E+00, 2.5900E+00, 2.9036E+01, 6.3662E-01, 0.0000E+00, 0, 4\n"
    "3.9716E+04, 1.0000E-02, 0.0000E+00, 3.2800E+00, 2.9046E+01, -3.4713E-01, 0.0000E+00, 0, 4\n"
)


def mpt(rows: list[tuple[float, float, float, float, float]], decimal: str = ".") -> str:
    """An EC-Lab text file of frequency, Z', -Z'', time and cycle number."""
    settings = [
        "",
        "Potentio Electrochemical Impedance Spectroscopy",
        "",
        "Safety Limits : ",
        "\tDo not start",
    ]
    names = "freq/Hz\tRe(Z)/Ohm\t-Im(Z)/Ohm\t|Z|/Ohm\tPhase(Z)/deg\ttime/s\tcycle number\t"
    count = len(settings) + 3
    lines = [f"{f:.7E}\t{re:.7E}\t{im:.7E}\t0\t0\t{t:.5E}\t{c:.7E}\t" for f, re, im, t, c in rows]
    body = "\r\n".join(line.replace(".", decimal) for line in lines)
    head = ["EC-Lab ASCII FILE", f"Nb header lines : {count}                       ", *settings, names]
    return "\r\n".join(head) + "\r\n" + body + "\r\n"


def dta(rows: list[tuple[float, float, float, float]], decimal: str = ".") -> str:
    """A Gamry file of time, frequency, Z' and Z''."""
    head = (
        "EXPLAIN\nTAG\tEISPOT\nTITLE\tLABEL\tPotentiostatic EIS\tTest &Identifier\n"
        "DATE\tLABEL\t3/12/2021\tDate\nVDC\tPOTEN\t0.00000E+000\tT\tDC &Voltage (V)\n"
        "OCVCURVE\tTABLE\t1\n\tPt\tT\tVf\n\t#\ts\tV\n\t0\t1.0\t0.5\nEOC\tQUANT\t0.5\tOpen Circuit (V)\n"
        "ZCURVE\tTABLE\n"
        "\tPt\tTime\tFreq\tZreal\tZimag\tZsig\tZmod\tZphz\tIdc\tVdc\tIERange\n"
        "\t#\ts\tHz\tohm\tohm\tV\tohm\t°\tA\tV\t#\n"
    )
    lines = [
        f"\t{n}\t{t:.6g}\t{f:.7g}\t{re:.7g}\t{im:.7g}\t1\t0\t0\t0\t0\t8"
        for n, (t, f, re, im) in enumerate(rows)
    ]
    return head + "".join(line.replace(".", decimal) + "\n" for line in lines)
