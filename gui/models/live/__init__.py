"""The run on show: its readings, spectra, steps, alarms, and how it is controlled."""
