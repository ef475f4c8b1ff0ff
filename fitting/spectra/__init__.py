"""Single spectra: the circuit that each calls for, what is wrong with the sweep, and whether a fit is to be trusted."""
