"""Spectra and protocols from files of other programs."""

__all__: list[str] = []
