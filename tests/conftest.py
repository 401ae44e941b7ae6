from __future__ import annotations

import pytest
from hypothesis import settings

from simulator.engine import ENGINES

# Examples are the same in every run, so that no test fails by luck; a slow machine is no fault.
settings.register_profile("fixed", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("fixed")


@pytest.fixture(scope="session", params=[name for name in ENGINES if name not in ("auto", "block")])
def engine(request: pytest.FixtureRequest) -> str:
    """Every engine of single runs: all must give the same. Blocks have tests of their own."""
    return str(request.param)
