"""What must hold of any restriction and any measure, on random chains; real exceptions are shown.

With one supplier for everything nobody competes, and each property holds for every single chain.
Where makers compete for inputs, what helps one may take from another: see the last tests.
"""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.networks import on
from tests.shocks.chains import COUNTRIES, Chain, Entries, Row
from tests.shocks.exceptions import (
    EXCEPTIONS,
    Raises,
    more_capacity,
    parts,
    restriction,
    table,
)

# A market uses 10 a day for 150 days: this is rounding.
ROUNDING = 1e-6


def more_stock(stage: int, start: int, days: int) -> Entries:
    entry: Row = {"type": "stockpile", "holders": {"kind": "plant"}, "materials": f"m{stage}"}
    return {"y": {**entry, "days_of_use": days, "release": on(start)}}


@st.composite
def cases(draw: st.DrawFn, *, rivals: bool = False) -> tuple[Chain, int, int, int, float]:
    """A chain, and stage, start, length and quota of a restriction."""
    stages = draw(st.integers(1, 3))
    chain = Chain(
        seed=draw(st.integers(0, 10_000)),
        stages=stages,
        rivals=rivals,
        standby=draw(st.booleans()) and not rivals,
        tight=draw(st.booleans()) and not rivals,
        kept=draw(st.booleans()),
    )
    stage, start = draw(st.integers(0, stages - 1)), draw(st.integers(0, 40))
    return chain, stage, start, draw(st.integers(1, 60)), draw(st.sampled_from([0.0, 0.3, 0.8]))


@settings(max_examples=40)
@given(cases(), st.integers(1, 60))
def test_a_longer_restriction_never_lowers_the_loss(
    case: tuple[Chain, int, int, int, float], more: int
) -> None:
    chain, stage, start, days, quota = case
    loss = chain.loss(restriction(stage, start, days, quota))
    longer = chain.loss(restriction(stage, start, days + more, quota))
    assert longer >= loss - ROUNDING


@settings(max_examples=40)
@given(cases(), st.floats(0, 1))
def test_a_deeper_restriction_never_lowers_the_loss(
    case: tuple[Chain, int, int, int, float], part: float
) -> None:
    chain, stage, start, days, quota = case
    loss = chain.loss(restriction(stage, start, days, quota))
    deeper = chain.loss(restriction(stage, start, days, part * quota))
    assert deeper >= loss - ROUNDING


def test_nor_does_either_where_makers_compete_but_for_a_thousandth() -> None:
    random = Random(1)
    losses = []
    for seed in range(40):
        chain = Chain(seed, stages=3, rivals=True, kept=bool(seed % 2))
        stage, start, days = random.randrange(3), random.randint(0, 40), random.randint(5, 50)
        loss = chain.loss(restriction(stage, start, days, 0.4))
        deeper = chain.loss(restriction(stage, start, days, 0.1))
        longer = chain.loss(restriction(stage, start, days + 20, 0.4))
        assert min(deeper, longer) >= loss - 1e-3 * 1500
        losses.append((loss, deeper, longer))
    mean = np.mean(losses, axis=0)
    assert mean[1] > mean[0]
    assert mean[2] > mean[0]


def test_a_worse_licence_raises_the_mean_loss_over_its_draws() -> None:
    def licence(a: float, median: float) -> Entries:
        entry: Row = {"type": "export_restriction", "by": COUNTRIES[0], "materials": "m0"}
        entry |= {"mechanism": "licence", "from": on(5)}
        entry["approval"] = {"distribution": "beta", "a": a, "b": 4}
        wait = {"distribution": "lognormal", "median": median, "p95": 2 * median}
        return {"x": {**entry, "processing_days": wait}}

    chain = Chain(3)
    usual = chain.loss(licence(4, 20), draws=20)
    assert chain.loss(licence(2, 20), draws=20) > usual
    assert chain.loss(licence(4, 40), draws=20) > usual


@settings(max_examples=40)
@given(cases(), st.integers(0, 60))
def test_capacity_added_everywhere_never_raises_the_loss(
    case: tuple[Chain, int, int, int, float], when: int
) -> None:
    chain, stage, start, days, quota = case
    if chain.standby and chain.tight:
        return  # see below: a standby supplier is asked for less of it
    shocks = restriction(stage, start, days, quota)
    assert chain.loss(shocks, more_capacity(when)) <= chain.loss(shocks) + ROUNDING


@settings(max_examples=40)
@given(cases(), st.integers(0, 60), st.integers(1, 60))
def test_stock_handed_out_never_raises_the_loss(
    case: tuple[Chain, int, int, int, float], when: int, cover: int
) -> None:
    chain, stage, start, days, quota = case
    shocks = restriction(stage, start, days, quota)
    assert chain.loss(shocks, more_stock(stage, when, cover)) <= chain.loss(shocks) + ROUNDING


@settings(max_examples=20)
@given(cases(), st.integers(0, 20), st.sampled_from(["recycling", "substitution"]))
def test_less_need_from_suppliers_never_raises_the_loss(
    case: tuple[Chain, int, int, int, float], when: int, kind: str
) -> None:
    chain, stage, start, days, quota = case
    entry: Row = {"type": kind, "facilities": ["f*", "market"], "materials": f"m{stage}"}
    if stage == chain.stages - 1:
        entry["facilities"] = "f*"
    entry |= {"from": on(when), "delay_days": 5, "fraction": 0.3}
    shocks = restriction(stage, start, days, quota)
    assert chain.loss(shocks, {"y": entry}) <= chain.loss(shocks) + ROUNDING


@settings(max_examples=20)
@given(cases(rivals=True))
def test_a_suspension_from_the_first_day_on_equals_no_restriction(
    case: tuple[Chain, int, int, int, float],
) -> None:
    chain, stage, start, days, quota = case
    shocks = restriction(stage, start, days, quota)
    shocks["truce"] = {"type": "suspension", "of": ["x"], "from": on(start)}
    assert len(chain.model(shocks).realise(0).shocked.changes) == 0
    assert chain.loss(shocks) == 0.0


# What follows are real exceptions: in each, what is added helps one maker to take more of what
# another one needs, or of what a later day needs.


@pytest.mark.parametrize("one", EXCEPTIONS, ids=lambda one: f"{one.measure} {one.chain.seed}")
def test_what_adds_capacity_or_stock_can_raise_a_loss_all_the_same(one: Raises) -> None:
    before, after = one.losses()
    assert after > before + 1


def test_the_page_shows_these_exceptions_with_their_numbers() -> None:
    remedy = "write it again with `python -m tests.shocks.exceptions`"
    assert parts()[1] == table(), remedy
