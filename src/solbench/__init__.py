"""Solbench: instrument control and acquisition for solid-state battery cells on a Solartron 1260 and 1287."""

__all__ = ["__version__"]

__version__ = "0.1.0"
