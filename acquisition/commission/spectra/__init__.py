"""The steps that measure spectra: lag, leads of both instruments, dummy cell."""
