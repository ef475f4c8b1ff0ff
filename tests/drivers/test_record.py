"""Records of every reading are dataclasses like any other one, but for the guard."""

import pickle
from dataclasses import astuple, fields, replace

from solbench.drivers.roles import Reading


def test_a_record_is_compared_hashed_copied_and_pickled_like_a_frozen_dataclass() -> None:
    one = Reading(1.0, 0.9, -1e-4, text="+9.00000E-01,-1.00000E-04,00,00")
    same = Reading(time_s=1.0, voltage_V=0.9, current_A=-1e-4)  # the text does not count
    assert (one, hash(one)) == (same, hash(same))
    assert replace(one, current_A=0.0) != one
    assert pickle.loads(pickle.dumps(one)).text == one.text
    assert astuple(one) == tuple(getattr(one, field.name) for field in fields(one))
    assert not hasattr(one, "__dict__")
