from __future__ import annotations

import pytest
from hypothesis import settings

from simulator.engine import ENGINES

# Examples are the same in every run, so that no test fails by luck; a slow machine is no fault.
settings.register_profile("fixed", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("fixed")


@pytest.fixture(scope="session", params=[name for name in ENGINES if name != "auto"])
def engine(request: pytest.FixtureRequest) -> str:
    """Every engine there is: all must give the same."""
    return str(request.param)
