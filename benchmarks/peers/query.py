"""What a query over a Prologix adapter takes with pyvisa-py: `query.py HOST PORT GPIB QUERIES` prints it in ms."""

from __future__ import annotations

import sys
from statistics import median
from time import perf_counter
from typing import Any

QUERY = "?FR"


def main() -> None:
    """Ask so often."""
    import pyvisa

    host, port, gpib, queries = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    manager = pyvisa.ResourceManager("@py")
    interface: Any = manager.open_resource(f"PRLGX-TCPIP0::{host}::{port}::INTFC")
    interface.timeout = 2000
    instrument: Any = manager.open_resource(f"GPIB0::{gpib}::INSTR")
    instrument.query(QUERY)
    taken_s = []
    for _ in range(queries):
        begun_s = perf_counter()
        instrument.query(QUERY)
        taken_s.append(perf_counter() - begun_s)
    print(1e3 * median(taken_s))


if __name__ == "__main__":
    main()
