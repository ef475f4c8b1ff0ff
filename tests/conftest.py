"""For all tests: random examples are bounded in number, not in time, for time says how busy the machine is."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("solbench", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("solbench")
