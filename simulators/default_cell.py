"""The cell of the bench that opens when none is named: a half cell of nbh, tin against Na9Sn4.

The numbers of the shipped cell record as version 0.1.0 had it, in SI and areal quantities per m2; what they mean, and
which are assumptions, is written there. What the record has had since, such as an arc of the counter electrode, is not
here: scripts find the cell that they know.
"""

from solbench.simulators.unchecked import Block

DESCRIPTION: Block = {
    "kind": "half",
    "reduced": False,
    "temperature_K": None,
    "geometry": {"area_m2": 7.85e-05, "thickness_m": 0.0005, "tin_mass_kg": 1.366e-06},
    "electrolyte": {"ionic_conductivity_S_m": 0.18, "electronic_conductivity_S_m": 5e-08},
    "simulation": {
        "inductance": 8e-07,
        "electrolyte": {
            "activation_energy": 5.607618219e-20,
            "reference_temperature": 298.15,
            "relative_permittivity": 12,
            "grain_boundary_fraction": 0.3,
            "grain_boundary_capacitance": 1e-09,
            "grain_boundary_exponent": 0.92,
        },
        "tin": {
            "charge_transfer_resistance": 10.0,
            "charge_transfer_capacitance": 0.02,
            "charge_transfer_exponent": 0.85,
            "trapped_fraction": 0.175,
            "trapped_again_fraction": 0.0001,
        },
        "interphase": {
            "initial_resistance": 0.0,
            "capacitance": 0.0003,
            "capacitance_thickness": 1e-05,
            "exponent": 0.8,
        },
        "tail": [
            {"resistance": 3.0, "time_constant": 5.0},
            {"resistance": 6.0, "time_constant": 60.0},
            {"resistance": 12.0, "time_constant": 600.0},
        ],
    },
}
