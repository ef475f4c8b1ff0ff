"""The plots: traces, Nyquist, Bode, capacity."""
