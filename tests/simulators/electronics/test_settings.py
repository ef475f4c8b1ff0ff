from __future__ import annotations

import dataclasses
import inspect

import pytest

from solbench.simulators.electronics import settings
from solbench.simulators.electronics.settings import BenchSettings, SettingError


def test_settings_come_from_a_plain_mapping():
    made = BenchSettings.from_mapping(
        {
            "latency_s": 0.005,
            "analyzer": {"input_terminator": "LF"},
            "interface": {"conversion_s": [1, 2, 3, 4]},
        }
    )
    assert made.latency_s == 0.005
    assert made.analyzer.input_terminator == "LF"
    assert made.interface.conversion_s == (1.0, 2.0, 3.0, 4.0)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"latncy_s": 1}, "latncy_s is no setting"),
        ({"analyzer": {"resets_s": 1}}, "analyzer.resets_s is no setting"),
        ({"latency_s": "5 ms"}, "takes a number"),
        ({"latency_s": -1.0}, "0 to 10 s"),
        ({"latency_s": True}, "takes a number"),
        ({"positive_terminal": "ce"}, "ce_re1, we_re2"),
        ({"errors": "some"}, "none, typical"),
        ({"interface": {"conversion_s": [1.0]}}, "takes 4 values"),
        ({"interface": 3}, "group of settings"),
        ({"interface": {"resistors_ohm": [1, 1, 1, 1, 1, 1, 1, 0]}}, r"resistors_ohm is .*above 0"),
        ({"interface": {"lag_shape": "filter"}}, "delay, pole"),
        ({"interface": {"device_clear": "nothing"}}, "keeps, breaks, resets"),
        ({"calibration": {"resistor_error": [-1] * 8}}, "fractions above -1"),
        ({"leads": {"inductance_H": -1e-6}}, "0 or more"),
        ({"leads": {"capacitance_F": float("nan")}}, "0 or more"),
        ({"interface": {"input_terminator": "TAB"}}, "EOI, LF, CR"),
        ({"interface": {"error_query_clears": 1}}, "value like False"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(given, words):
    with pytest.raises(SettingError, match=words):
        BenchSettings.from_mapping(given)


KINDS = [
    settings.Settings1260,
    settings.Settings1287,
    settings.Calibration,
    settings.LeadSettings,
    settings.Addresses,
    settings.BenchSettings,
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_setting_says_what_it_is(kind):
    source = inspect.getsource(kind)
    for field in dataclasses.fields(kind):
        after = source.split(f"    {field.name}: ", 1)[1].split("\n", 1)[1]
        assert after.lstrip().startswith('"""'), field.name
