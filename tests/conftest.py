"""Settings shared by all tests: how many examples Hypothesis tries, and how long."""

import os

from hypothesis import HealthCheck, settings

# No deadline: two cores are shared, and a slow moment is not a wrong result.
settings.register_profile(
    "default",
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("ci", parent=settings.get_profile("default"), print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")
