import pytest

from solbench.protocols import BadInput, half_cell, load_protocol, with_settings
from solbench.protocols.protocol import to_data
from solbench.protocols.settings import explain_path


def test_no_settings_change_nothing() -> None:
    assert with_settings(half_cell(), []) == half_cell()


@pytest.mark.parametrize(
    ("setting", "place", "value"),
    [
        ("build=pellet", ["build"], "pellet"),
        ("steps.sodiation.current=-0,2 mA/cm2", ["steps", 0, "current"], "-0,2 mA/cm2"),
        ("steps.sodiation.until.capacity = 50 %", ["steps", 0, "until", "capacity"], "50 %"),
        ("steps.sodiation.until.voltage=-1 V", ["steps", 0, "until", "voltage"], "-1 V"),
        ("steps.desodiation.record.every=5 s", ["steps", 1, "record"], {"every": "5 s"}),
        ("steps.sodiation.spectrum.points_per_decade=7", ["steps", 0, "spectrum", "points_per_decade"], 7),
        ("steps.sodiation.spectrum.from=100 kHz", ["steps", 0, "spectrum", "from"], "100 kHz"),
        ("steps.sodiation.rest={time: 10 min}", ["steps", 0, "rest"], {"time": "10 min"}),
        ("spectra=[0 %, 100 %]", ["steps", 0, "spectra_at"], ["0 %", "100 %"]),
        ("temperature=25 degC", ["conditions", "temperature"], "25 degC"),
        ("pressure=75 MPa", ["conditions", "stack_pressure"], "75 MPa"),
        ("conditions.cell_id=007", ["conditions", "cell_id"], "007"),
        ("conditions.cell_id='12'", ["conditions", "cell_id"], "12"),
        ("conditions.notes=a=b", ["conditions", "notes"], "a=b"),
        ("safety.voltage_max=2.2 V", ["safety"], {"voltage_max": "2.2 V"}),
    ],
)
def test_a_setting_changes_one_place(setting: str, place: list[str | int], value: object) -> None:
    changed = to_data(with_settings(half_cell(), [setting]))
    node = changed
    for part in place:
        node = node[part]  # type: ignore[index]
    assert node == value


def test_a_setting_leaves_the_protocol_as_it_was() -> None:
    protocol = half_cell()
    with_settings(protocol, ["build=pellet", "safety.voltage_max=2.2 V"])
    assert protocol == half_cell()


def test_null_takes_an_optional_field_away() -> None:
    changed = with_settings(half_cell(), ["steps.sodiation.cut_short=null", "record=null"])
    assert "cut_short" not in to_data(changed)["steps"][0]
    assert changed.record is None


def test_settings_are_judged_together() -> None:
    changes = ["spectra=null", "steps.sodiation.until={voltage: -1 V}", "aliases=null"]
    assert "spectra_at" not in to_data(with_settings(half_cell(), changes))["steps"][0]


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("steps.sodiaton.current=1 mA", "there is no step 'sodiaton' in steps. Did you mean 'sodiation'?"),
        (
            "steps.sodiation.curent=1 mA",
            "there is no field 'curent' in steps.sodiation. Did you mean 'current'?",
        ),
        ("step.sodiation.current=1 mA", "there is no field 'step'. Did you mean 'steps'?"),
        ("safety.voltage_mx=1 V", "there is no field 'voltage_mx' in safety. Did you mean 'voltage_max'?"),
        ("biuld=pellet", "there is no field 'biuld'. Did you mean 'build'?"),
        ("steps.sodiation.current.x=1 mA", "there is no field 'x' in steps.sodiation.current."),
        ("steps.sodiation=1", "this is a whole step. Name one of its fields."),
        ("steps.sodiation.current=0.16", "field steps.sodiation.current: '0.16' has no unit."),
        ("steps.sodiation.current=", "field steps.sodiation.current: '' is not a number with a unit."),
        ("steps.sodiation.until=null", "field steps.sodiation.until: this field is missing"),
        ("spectra=[0 %", "'[0 %' cannot be read as a list or mapping."),
        ("build", "--set: 'build' is not a setting. Write PATH=VALUE."),
        ("=1", "--set: '=1' is not a setting."),
    ],
)
def test_bad_settings_are_explained(setting: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        with_settings(half_cell(), [setting])
    assert str(caught.value).startswith("--set")
    assert says in str(caught.value)


@pytest.mark.parametrize("name", ["half-cell", "dc-polarization"])
def test_shipped_aliases_lead_somewhere(name: str) -> None:
    protocol = load_protocol(name)
    assert protocol.aliases
    assert all(explain_path(protocol, path) is None for path in protocol.aliases.values())
