"""For all tests: random examples are bounded in number, not in time, for time says how busy the machine is."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

CALM = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("solbench", max_examples=50, **CALM)
settings.register_profile("thorough", max_examples=500, **CALM)
settings.load_profile("solbench")
