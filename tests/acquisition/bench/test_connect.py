"""What a VISA library says when the instruments cannot be opened is passed on as one line with its cure."""

import pytest
import pyvisa

from solbench.acquisition.bench.connect import CannotOpen, Description, open_instruments
from solbench.drivers.clock import SystemClock


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Please install linux-gpib (Linux) or gpib-ctypes\nto use this.\nNo module named 'gpib'", "NI-VISA"),
        ("Could not open a resource:\n  no such board", "opened: Could not open a resource: no such board"),
    ],
)
def test_pyvisa_py_that_asks_for_a_gpib_library_is_told_by_its_name(monkeypatch, said, told):
    def no_library(_name):
        raise ValueError(said)

    monkeypatch.setattr(pyvisa, "ResourceManager", no_library)
    described = Description("visa", {"1260": "GPIB0::12::INSTR", "1287": "GPIB0::4::INSTR"})
    with pytest.raises(CannotOpen) as caught:
        open_instruments(described, SystemClock())
    assert told in str(caught.value)
    assert ("pyvisa-py is in use here" in str(caught.value)) == ("gpib" in said)
    assert "\n" not in str(caught.value)
