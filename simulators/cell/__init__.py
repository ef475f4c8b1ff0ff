"""The cell behind the simulated instruments: sodium all-solid-state cells as `build_cell` makes them.

Time domain and impedance of a cell use the same elements. Nothing here knows about instruments or adds noise:
noise belongs to the instrument that reads.
"""

from solbench.simulators.cell.build import build_cell
from solbench.simulators.cell.cell import Cell
from solbench.simulators.cell.description import DescriptionError

__all__ = ["Cell", "DescriptionError", "build_cell"]
