"""Drivers of Keithley's source-measure units, by themselves and beside an analyzer."""
