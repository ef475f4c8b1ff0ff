"""What is known of the instruments' commands from manuals and from programs for real units, apart from any code here.

Grades A (a manual page, or several programs agree) and B (one program). A row has commands that every unit takes, and
those that it refuses, with a blank between two.
"""

from __future__ import annotations

from typing import NamedTuple


class Known(NamedTuple):
    """One command: code, grade, what real units take, what they refuse, and what it does."""

    code: str
    grade: str
    taken: str
    refused: str
    meaning: str


def _rows(text: str) -> tuple[Known, ...]:
    lines = (line.split("|") for line in text.strip().splitlines())
    return tuple(Known(*(field.strip() for field in line)) for line in lines)


OF_1260 = _rows("""
GT   | A | GT0 GT1                              | GT2          | generator of a voltage or a current
FR   | A | FR1E-5 FR1.0E+06 FR32E6 FR1000.0     | FR33E6 FR0   | frequency, 10 uHz to 32 MHz
VA   | A | VA0 VA3 VA0.01                       | VA3.1        | rms amplitude of the voltage, up to 3 V
VB   | A | VB-40.95 VB40.95                     | VB41         | bias, V
IA   | B | IA0 IA0.06                           | IA0.07       | rms amplitude of the current, up to 60 mA
IB   | B | IB-0.1 IB0.1                         | IB0.2        | bias, A
VC   | B | VC0 VC3                              | VC4          | limit of the voltage
IC   | B | IC0 IC0.06                           | IC1          | limit of the current
ME   | B | ME0                                  |              | monitor off
IS   | A | IS0.01 IS1E5 IS0.2                   | IS0.001      | integration time, s
MS   | B | MS1E5 MS0                            | MS2E5        | wait before the integration, s
AU   | B | AU0                                  |              | no auto integration
RA   | A | RA1,0 RA1,3 RA2,0 RA2,3 RA3,0 RA3,5  | RA1,4 RA4,0 RA1 | range of an input: auto, or in decades
DC   | A | DC1,0 DC2,1 DC3,1                    | DC4,0 DC1,2  | coupling of an input
IP   | B | IP1,0 IP2,1                          | IP3,0        | single-ended or differential
OU   | B | OU1,1 OU2,0                          | OU3,0        | screen earthed or floating
SW   | A | SW0                                  |              | no sweep
SO   | A | SO1,0 SO1,2 SO1,3                    | SO4,0        | source of the result
CV   | A | CV0 CV1                              | CV3          | coordinates of voltages and ratios
CZ   | A | CZ0 CZ1                              | CZ2          | coordinates of impedances
CI   | B | CI0                                  |              | coordinates of currents
CY   | B | CY0                                  |              | coordinates of admittances
UW   | B | UW0 UW1                              |              | phase unwrapped
VI   | B | VI0                                  |              | the frequency comes first
FV   | B | FV0 FV1                              |              | option of the display
SI   | A | SI                                   |              | one measurement
RE   | A | RE                                   |              | one after the other, until BK
BK   | A | BK                                   |              | break
DO   | A | DO                                   |              | the last result once more
OP   | A | OP1,0 OP2,1 OP3,0                    | OP4,0        | results to RS423, GPIB, history file
RH   | A | RH0 RH1                              | RH2          | headings
OT   | A | OT0 OT1                              | OT4          | end of a line
OS   | A | OS0                                  |              | a comma between fields
TT   | A | TT2                                  | TT4          | back to the defaults
BP   | B | BP0 BP1                              |              | beep
FC   | B | FC                                   |              | history file cleared
RR   | B | RR0                                  |              | seen in a start-up trace
*IDN | A | *IDN?                                |              | identity
*STB | A | *STB?                                |              | status byte
*ESR | A | *ESR?                                |              | event register, read and cleared
*ESE | A | *ESE32 *ESE?                         | *ESE256      | its mask
*SRE | A | *SRE16 *SRE?                         | *SRE256      | which bits request service
*RST | A | *RST                                 |              | as BK; no settings are lost
*CLS | A | *CLS                                 |              | status cleared
*OPC | A | *OPC                                 |              | a bit when it is idle
*TST | A | *TST?                                |              | self test
PP   | A | PP1 PP8 PP0                          | PP9          | line of the parallel poll
PS   | A | PS0 PS1                              | PS2          | its sense
SV   | B | SV0 SV255                            | SV256        | serial poll value
ER   | A | ?ER                                  |              | last error
VN   | A | ?VN                                  |              | version
""")

OF_1287 = _rows("""
PO   | A | PO0 PO1                              | PO2          | potentiostat, galvanostat
PV   | A | PV-14.5 PV14.5 PV0.5                 | PV15         | voltage across RE1 and RE2
PC   | A | PC-2 PC2 PC1E-4                      | PC2.1        | current
PI   | A | PI0 PI1                              | PI2          | gain of the POL input
PW   | A | PW0                                  | PW2          | polarization
BY   | A | BY0 BY1                              | BY2          | full or half standby
ON   | A | ON0 ON1                              | ON2          | what ON applies
PB   | A | PB0 PB9                              | PB10         | loop of the potentiostat
GB   | A | GB0 GB2                              | GB3          | loop of the galvanostat
SY   | B | SY0 SY1                              |              | loops chosen, or both of type C
RR   | A | RR0 RR1 RR8                          | RR9          | standard resistor
IL   | A | IL0 IL6                              | IL7          | current limit
OL   | A | OL0 OL1 OL2                          | OL3          | what happens beyond it
CC   | A | CC0 CC1 CC2                          | CC3          | IR compensation, real-part correction
CT   | B | CT0 CT1                              |              | feedback, or sampled
IC   | B | IC0                                  |              | amount of the compensation
IN   | B | IN26.6 IN1360                        | IN20         | time off of the sampled one, us
IF   | B | IF1 IF255                            | IF0          | its ratio
RO   | B | RO0 RO1                              |              | waveform to the analyzer
RP   | B | RP0 RP1E7                            |              | real part, ohm
VT   | A | VT0 VT1                              | VT2          | rejected voltage found or fixed
VR   | A | VR0 VR14.5                           | VR15         | rejected voltage
IT   | A | IT0 IT1                              | IT2          | rejected current found or fixed
IR   | A | IR0 IR1E-7                            | IR3          | rejected current
BR   | A | BR0 BR1                              | BR2          | bias rejection
FI   | A | FI0 FI1                              | FI2          | 10 Hz filter
VX   | A | VX0 VX1                              | VX2          | gain of V OUT
IX   | A | IX0 IX1                              | IX2          | gain of I OUT
DL   | A | DL0 DL100000                         |              | delay before a sweep
OF   | A | OF0 OF1                              | OF2          | after a sweep
SM   | A | SM1 SM99999                          | SM0          | segments of a sweep
VA   | A | VA14.5 VB0 VC0 VD-14.5               | VA15         | levels of a ramp
JA   | A | JA2 JB0 JC0 JD-2                     | JA3          | the same of a current
TA   | A | TA1.25 TB1 TC1 TD1                   |              | times of a ramp
SA   | B | SA14.5 SB0 SC0 SD-14.5               | SA15         | levels of a staircase
KA   | B | KA2 KB0 KC0 KD-2                     | KA3          | the same of a current
VS   | B | VS0.01                               |              | its step
IS   | B | IS0.01                               |              | the same of a current
TE   | B | TE1                                  |              | time of a step
SW   | A | SW0                                  | SW3          | sweep
DG   | A | DG0 DG3                              | DG4          | digits
RG   | A | RG0 RG4                              | RG5          | range of the voltmeter
TR   | A | TR0 TR1 TR2 TR3 TR0                  | TR4          | trigger
DC   | A | DC0 DC1                              | DC2          | drift correction, 0 is on
AV   | A | AV0 AV1                              |              | averaging
NU   | A | NU0 NU1 NU2                          | NU3          | null
RU   | A | RU1 RU0                              | RU2          | readings
PX   | A | PX0 PX3 PX11                         | PX12         | first result
PY   | A | PY0 PY5 PY11                         | PY12         | second result
UL   | A | UL12 UL13                            | UL14         | display, left
UR   | A | UR12 UR13                            | UR14         | display, right
GP   | A | GP0 GP1 GP2 GP0                      | GP5          | data to GPIB
OT   | B | OT1                                  | OT4          | end of a line
OS   | A | OS0                                  |              | a comma between fields
RH   | B | RH0 RH1                              |              | headings
SV   | B | SV0 SV255                            | SV256        | which bits request service
PP   | A | PP1 PP0                              | PP9          | line of the parallel poll
SE   | A | SE0 SE1                              | SE2          | its sense
TM   | B | TM12,30                              |              | clock
EB   | B | EB0 EB1                              |              | bell
BK   | A | BK0                                  |              | break
CE   | A | CE                                   |              | error cleared
ER   | A | ?ER                                  |              | last error
ST   | B | ?ST                                  |              | status of sweep and instrument
VN   | A | ?VN                                  |              | version
""")

_DRIVEN = {
    "1260": "*IDN *SRE AU BK CV CZ DC DO FR GT IP IS ME MS OP OS OT OU RA RH SI SO SW TT UW VA VB",
    "1287": "AV BK BR BY CC CE DC DG DL ER FI GB GP IR IT IX NU OF OL ON OT PB PC PI PO PV PW PX PY RG RR RU SM SW SY "
    "TA TB TC TD TR VA VB VC VD VN VR VT VX",
}
DRIVEN = {name: codes.split() for name, codes in _DRIVEN.items()}
"""What a driver has to send to measure as the program promises; the rest is for other people's programs alone."""
