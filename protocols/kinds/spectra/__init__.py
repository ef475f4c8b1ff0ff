"""How a spectrum is taken."""
