"""The analogue side of the simulated instruments: power stage, analyzer, noise, calibration."""
