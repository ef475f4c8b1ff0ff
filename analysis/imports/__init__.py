"""Reading what other programs wrote: spectra, and protocols of unicycler."""
