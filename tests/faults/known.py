"""Cells of the table that are not yet as they must be, each with the reason: they are expected to fail until then."""

from __future__ import annotations

from tests.faults.play import Cell

KNOWN: dict[Cell, str] = {}
