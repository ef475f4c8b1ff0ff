"""The current ranges of the EC301, `irange` 1 to 10: 1 A to 1 nA, each with 1 V at the output (manual p. 89)."""

from solbench.drivers.solartron.ranges import RangeTable

FULL_SCALE_OUT_V = 1.0
RANGES_EC301 = RangeTable([10.0**decade for decade in range(10)], FULL_SCALE_OUT_V)
