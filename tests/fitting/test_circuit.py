import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solbench.fitting.circuit import CircuitError, parse
from solbench.fitting.elements import ELEMENTS, Grid
from tests.analysis.cells import FREQUENCY_HZ, spectrum, truth

CIRCUITS = [
    "R0",
    "R0-p(R1,CPE1)-p(R2,CPE2)-CPE3",
    "L0-R0-p(R1,C1)-W1",
    "R0-p(R1-Wo1,CPE1)",
    "R0-p(C1,R1-p(CPE2,R2-Ws2))",
    "La1-p(R1,L1)-G1",
]
EXAMPLE = {"impedance": 3.0, "admittance": 2e-5, "exponent": 0.8, "time": 3e-3}


def example(circuit):
    return np.array([EXAMPLE[p.kind] * (1 + 0.1 * k) ** 0.5 for k, p in enumerate(circuit.parameters)])


def test_parameters_are_numbered_in_the_order_of_the_string():
    circuit = parse("L0-R0-p(R1,CPE1)-p(R2,CPE2)-CPE3")
    assert circuit.names == (
        "L0",
        "R0",
        "R1",
        "CPE1_0",
        "CPE1_1",
        "R2",
        "CPE2_0",
        "CPE2_1",
        "CPE3_0",
        "CPE3_1",
    )
    assert circuit.units[:5] == ("H", "ohm", "ohm", "S s^alpha", "1")
    assert parse(" R0 - p( R1 , C1 ) ").text == "R0-p(R1,C1)"


def test_the_impedance_is_that_of_the_written_out_formulae():
    z = parse("R0-p(R1,CPE1)-p(R2,CPE2)-CPE3").impedance(FREQUENCY_HZ, truth("nyzc"))
    np.testing.assert_allclose(z, spectrum("nyzc"), rtol=1e-12)


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("R1", [5.0], 5.0),
        ("C1", [1e-6], -1j / (2 * np.pi * 1e3 * 1e-6)),
        ("L1", [1e-6], 2j * np.pi * 1e3 * 1e-6),
        ("W1", [100.0], 100 * (1 - 1j) / np.sqrt(2 * np.pi * 1e3)),
        ("CPE1", [1e-6, 1.0], -1j / (2 * np.pi * 1e3 * 1e-6)),
        ("La1", [1e-6, 1.0], 2j * np.pi * 1e3 * 1e-6),
        ("G1", [10.0, 0.0], 10.0),
    ],
)
def test_elements_at_1_kilohertz(text, values, expected):
    assert parse(text).impedance(1e3, values)[0] == pytest.approx(expected, rel=1e-12)


def test_finite_warburgs_have_their_limits():
    f = [1e-9, 1e6]
    short = parse("Ws1").impedance(f, [7.0, 1.0])
    infinite = parse("W1").impedance(f, [7.0 / np.sqrt(2)])
    assert short[0] == pytest.approx(7.0, rel=1e-6)
    assert short[1] == pytest.approx(infinite[1], rel=1e-6)
    open_ = parse("Wo1").impedance(f, [7.0, 1.0])
    assert open_[0].imag == pytest.approx(-7.0 / (2 * np.pi * 1e-9), rel=1e-6)
    assert open_[1] == pytest.approx(infinite[1], rel=1e-6)


@pytest.mark.filterwarnings("ignore:Simulating circuit based on initial parameters")
@pytest.mark.parametrize("text", CIRCUITS[:-1])
def test_impedance_py_computes_the_same(text):
    custom = pytest.importorskip("impedance.models.circuits").CustomCircuit
    circuit = parse(text)
    values = example(circuit)
    f = np.geomspace(1e5, 1e-2, 20)
    theirs = custom(text, initial_guess=list(values)).predict(f, use_initial=True)
    np.testing.assert_allclose(circuit.impedance(f, values), theirs, rtol=1e-10)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(CIRCUITS), st.floats(-3, 3), st.floats(0.4, 1.0))
def test_derivatives_are_those_of_the_impedance(text, level, exponent):
    circuit, grid = parse(text), Grid(np.geomspace(1e5, 1e-1, 9))
    kinds = {"impedance": 10**level, "admittance": 1e-4 / 10**level, "exponent": exponent, "time": 1e-3}
    log_p = np.log([kinds[p.kind] for p in circuit.parameters])
    z, derivatives = circuit.evaluate(grid, np.exp(log_p)[None, :])
    h = 1e-6
    for k in range(len(log_p)):
        up, down = log_p.copy(), log_p.copy()
        up[k], down[k] = log_p[k] + h, log_p[k] - h
        both = circuit.evaluate(grid, np.exp(np.array([up, down])))[0]
        numerical = (both[0] - both[1]) / (2 * h)
        np.testing.assert_allclose(derivatives[0, k], numerical, atol=2e-9 * np.abs(z[0]).max(), rtol=1e-6)


def test_an_open_warburg_far_above_its_time_constant_does_not_overflow():
    z, derivatives = parse("Wo1-Ws2").evaluate(Grid(np.array([1e9])), np.array([[1.0, 1e6, 1.0, 1e6]]))
    assert np.all(np.isfinite(z))
    assert np.all(np.isfinite(derivatives))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "missing"),
        ("R0-", "missing"),
        ("R0-p(R1)", "two parts"),
        ("R0-p(R1,C1", "',' or"),
        ("R0)", "not expected"),
        ("R0-X1", "no element 'X'"),
        ("R0-R0", "twice"),
        ("R-C1", "missing"),
        ("R0--R1", ">>>-R1"),
    ],
)
def test_a_bad_string_says_where_and_what(text, message):
    with pytest.raises(CircuitError, match=message) as caught:
        parse(text)
    assert "a circuit looks like" in str(caught.value)


def test_values_that_do_not_fit_are_refused():
    circuit = parse("R0-C1")
    with pytest.raises(CircuitError, match="C1"):
        circuit.impedance([1.0], {"R0": 1.0})
    with pytest.raises(CircuitError, match="no parameter 'R9'"):
        circuit.impedance([1.0], {"R0": 1.0, "C1": 1.0, "R9": 1.0})
    with pytest.raises(CircuitError, match="2 parameters, not 3"):
        circuit.impedance([1.0], [1.0, 2.0, 3.0])


def test_every_element_has_bounds_in_order():
    assert all(0 < p.low < p.high for e in ELEMENTS.values() for p in e.parameters)
