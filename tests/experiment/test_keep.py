from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import simulator
from simulator.errors import UsageError
from simulator.experiment.keep import parse_keep
from simulator.sampling.model import prepare
from tests.networks import scenario

CHAIN = """
    materials:
      - {id: ore, layer: minerals, unit: t}
      - {id: chip, layer: ai_infrastructure, unit: unit, price_usd_per_unit: 5, h100e_per_unit: 1}
    facilities:
      - id: pit
        kind: mine
        country: AUS
        output: ore
        capacity_per_day: {distribution: pert, low: 15, mode: 20, high: 30}
      - {id: works, kind: fab, country: TWN, output: chip, recipe: chip, capacity_per_day: 20}
      - {id: site, kind: datacenter, country: USA}
    recipes:
      - recipe: chip
        input: ore
        quantity: 1
        cover_days: {distribution: uniform, low: 1, high: 4}
    lanes:
      - {customer: works, material: ore, supplier: pit, share: 1, transit_days: 1}
      - {customer: site, material: chip, supplier: works, share: 1, transit_days: 1}
    demand:
      - {sink: site, material: chip, units_per_day: 10}
"""
STOP = """
    shocks:
      stop:
        type: outage
        facilities: pit
        from: 2026-01-11
        duration_days: {distribution: choice, values: [5, 15], probabilities: [0.5, 0.5]}
"""


@pytest.fixture
def chain() -> simulator.Scenario:
    return scenario(CHAIN, STOP, days=40)


def kept(chain: simulator.Scenario, folder: Path, *keep: str, **options: int) -> Path:
    simulator.monte_carlo(chain, output=folder, keep=keep, attribution=False, seed=3, **options)
    return folder


def test_numbers_of_the_tables_are_written_on_request_only(
    chain: simulator.Scenario, tmp_path: Path
) -> None:
    plain = kept(chain, tmp_path / "plain", replications=5)
    columns = pd.read_parquet(plain / "replications.parquet").columns
    assert [name for name in columns if name.startswith("draw:")] == [
        "draw:shocks.stop.duration_days"
    ]
    assert not (plain / "draws.parquet").exists()
    assert not (plain / "series.parquet").exists()


def test_kept_draws_are_those_of_the_runs(chain: simulator.Scenario, tmp_path: Path) -> None:
    folder = kept(chain, tmp_path / "run", "draws", replications=5, workers=2)
    table = pd.read_parquet(folder / "draws.parquet")
    assert table["replication"].tolist() == list(range(5))
    model = prepare(chain)
    for number in range(5):
        drawn = model.realise(number, 3).draws
        for name in model.parameter_names:
            assert table.loc[number, f"draw:{name}"] == drawn[name]
    assert len(model.parameter_names) == 2


def test_kept_series_have_the_bands_of_the_run(chain: simulator.Scenario, tmp_path: Path) -> None:
    folder = kept(chain, tmp_path / "run", "series", "series:delivered:USA", replications=9)
    series = pd.read_parquet(folder / "series.parquet")
    assert series.columns.tolist() == ["replication", "run", "day", "output", "delivered:USA"]
    bands = pd.read_parquet(folder / "bands.parquet")
    for name in ("output", "delivered:USA"):
        found = series[series["run"] == "shocked"].groupby("day")[name].median()
        band = bands[(bands["series"] == name) & (bands["run"] == "shocked")]
        np.testing.assert_allclose(band["p50"], found, rtol=1e-6)


def test_workers_do_not_change_what_is_kept(chain: simulator.Scenario, tmp_path: Path) -> None:
    one, two = (
        kept(chain, tmp_path / f"w{n}", "draws", "series:all", replications=9, workers=n)
        for n in (1, 2)
    )
    for name in ("draws.parquet", "series.parquet", "replications.parquet", "bands.parquet"):
        assert (one / name).read_bytes() == (two / name).read_bytes(), name


def test_what_is_kept_goes_when_the_run_is_replaced(
    chain: simulator.Scenario, tmp_path: Path
) -> None:
    folder = kept(chain, tmp_path / "run", "draws", replications=2)
    simulator.monte_carlo(chain, 2, output=folder, force=True, attribution=False)
    assert not (folder / "draws.parquet").exists()


@pytest.mark.parametrize("word", ["", "draw", "output", "serie:output"])
def test_a_word_that_keeps_nothing_is_refused(word: str) -> None:
    with pytest.raises(UsageError, match="must be draws, series"):
        parse_keep([word])


def test_a_series_that_is_not_there_is_refused_with_the_nearest(
    chain: simulator.Scenario, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="no such series") as refused:
        kept(chain, tmp_path / "run", "series:delivered:USB", replications=2)
    assert "delivered:USA" in str(refused.value)


def test_keeping_needs_a_folder(chain: simulator.Scenario) -> None:
    with pytest.raises(UsageError, match="name the folder"):
        simulator.monte_carlo(chain, 2, keep=["draws"])
