"""Spectra and protocols from files of other programs."""
