"""Titrations of an electrode: diffusion coefficients by pulses of the current, and by steps of the voltage."""
