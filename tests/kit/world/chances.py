"""How examples of hypothesis are tried: without a deadline, for a busy machine is no fault."""

import hypothesis

hypothesis.settings.register_profile(
    "orderhub", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("orderhub")
