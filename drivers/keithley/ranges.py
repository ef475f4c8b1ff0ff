"""The current ranges of the 2400, 1 to 7: 1 A to 1 uA (manual, specification)."""

from solbench.drivers.solartron.ranges import RangeTable

RANGES_2400 = RangeTable([10.0**decade for decade in range(7)], 1.0)
