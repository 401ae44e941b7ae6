"""A run folder as an experiment writes it, from a small made-up model of losses."""

from __future__ import annotations

import json
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from simulator.metrics import OutcomeSeries, impact, summarise_replications

START = date(2025, 10, 1)
COUNTRIES = ("JPN", "KOR", "NLD", "TWN", "USA")
TIMELINE = (
    ("rare-earths", "MOFCOM 61: rare earths and products", "2025-12-01", None, "shock"),
    ("equipment", "MOFCOM 56: rare-earth equipment", "2025-11-08", None, "shock"),
    ("holmium", "MOFCOM 57: five more rare earths", "2025-11-08", None, "shock"),
    ("graphite", "MOFCOM 58: batteries and graphite", "2025-11-08", "2026-11-10", "shock"),
    ("strait", "Strait closed to tankers", "2027-03-01", "2027-05-15", "shock"),
    ("reserve", "Shared dysprosium reserve", "2026-06-01", "2027-06-01", "measure"),
    ("cover", "More cover for helium", None, None, "measure"),
)


def outcome(rate, growth):
    base = np.outer([7_000.0, 2_500.0], growth)
    shares = np.array([0.05, 0.06, 0.02, 0.12, 0.75])[:, None]
    return OutcomeSeries(
        output=base * rate,
        material_ids=("acc_gpu_n4", "acc_asic_n3"),
        units_h100e=np.array([2.2, 0.8]),
        price_usd=np.array([32_000.0, 9_000.0]),
        delivered=shares * base.sum(axis=0) * rate ** np.array([1.4, 1.2, 1, 0.8, 1])[:, None],
        country_ids=COUNTRIES,
        fab_starts=base.sum(axis=0) * rate**0.5,
    )


def rates(count, days, severity, seed):
    """Output as a share of normal per run and day: a fall, a floor and a slow recovery."""
    rng = np.random.default_rng(seed)
    day = np.arange(days)
    result = np.ones((count, days))
    for row in range(count):
        begin, depth = rng.normal(260, 35), severity * rng.beta(2, 4)
        length, slow = rng.gamma(4, 60), rng.uniform(60, 240)
        if rng.uniform() < 0.06:
            continue
        fall = np.clip((day - begin) / 90, 0, 1)
        back = np.exp(-np.maximum(0, day - begin - 90 - length) / slow)
        result[row] = 1 - depth * fall * back
    return result


def band_rows(series, run, values):
    quantiles = np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95], axis=0)
    days = np.arange(values.shape[1])
    frame = pd.DataFrame(quantiles.T, columns=["p05", "p25", "p50", "p75", "p95"]).astype("float32")
    frame.insert(0, "series", series)
    frame.insert(1, "run", run)
    frame.insert(2, "day", days)
    frame.insert(3, "date", [(START + timedelta(days=int(d))).isoformat() for d in days])
    frame["mean"] = values.mean(axis=0).astype("float32")
    return frame


def smooth(values):
    kernel = np.ones(7) / 7
    return np.stack(
        [np.convolve(np.pad(row, (6, 0), mode="edge"), kernel, mode="valid") for row in values]
    )


@pytest.fixture
def make_run(tmp_path):
    """Write a run folder; returns it."""

    def make(
        *,
        runs=300,
        days=1096,
        severity=1.0,
        failed=0,
        planned=None,
        timeline=TIMELINE,
        question="How many AI chips do the controls of October 2025 cost, if they are enforced?",
        name="china-october-2025",
        seed=7,
        bands=True,
    ):
        folder = tmp_path / f"run-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        growth = np.linspace(1.0, 1.9, days)
        normal = outcome(np.ones(days), growth)
        share = rates(runs, days, severity, seed)
        shocked = [outcome(row, growth) for row in share]
        done = pd.DataFrame([impact(normal, run) for run in shocked])
        summary = {
            "scenario": name,
            "question": question,
            "seed": 20251009,
            "replications": runs,
            "failed": failed,
            "horizon_days": days,
            "start_date": START.isoformat(),
            **summarise_replications({name: done[name].to_numpy() for name in done}),
        }
        manifest = {
            "schema_version": 1,
            "package": "paxsim",
            "version": "0.1.0",
            "engine": "simpy",
            "engine_versions": {"python": "3.11.7", "numpy": "2.4.6", "simpy": "4.1.2"},
            "seed": 20251009,
            "replications": planned or runs + failed,
            "scenario": name,
            "question": question,
            "command": f"paxsim run {name} -n {planned or runs + failed} -s 20251009",
            "started": "2026-11-25T08:04:00+00:00",
            "duration_seconds": 118.2,
            "workers": 2,
            "cores": 2,
            "checksums": {"dataset": "ab" * 32, "scenario": "cd" * 32},
            "status": "interrupted" if planned else "complete",
            "start_date": START.isoformat(),
            "horizon_days": days,
            "outcome": ["acc_gpu_n4", "acc_asic_n3"],
            "network": {
                "name": "alliance",
                "facilities": 143,
                "lanes": 488,
                "materials": 61,
                "countries": 24,
            },
            "timeline": [
                {
                    "name": key,
                    "type": "export_restriction",
                    "label": label,
                    "from_date": first,
                    "until_date": last,
                    "kind": kind,
                }
                for key, label, first, last, kind in timeline
            ],
        }
        rows = done.assign(replication=np.arange(runs), status="done", error="")
        if failed:
            lost = pd.DataFrame(
                {
                    "replication": np.arange(runs, runs + failed),
                    "status": "failed",
                    "error": "StuckError: stock of n5/wafer is -3",
                }
            )
            rows = pd.concat([rows, lost], ignore_index=True) if runs else lost
        rows.to_parquet(folder / "replications.parquet")
        parts = []
        if runs and bands:
            base = np.repeat(normal.units[None, :], runs, axis=0)
            cut = base * share
            parts = [
                band_rows("output", "baseline", smooth(base)),
                band_rows("output", "shocked", smooth(cut)),
                band_rows("output", "loss", smooth(base - cut)),
                band_rows("output_cumulative", "baseline", np.cumsum(base, axis=1)),
                band_rows("output_cumulative", "loss", np.cumsum(base - cut, axis=1)),
            ]
        empty = pd.DataFrame(columns=["series", "run", "day", "date", "p05", "p50", "p95", "mean"])
        (pd.concat(parts) if parts else empty).to_parquet(folder / "bands.parquet")
        (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        (folder / "scenario.resolved.yaml").write_text(
            f"name: {name}\nnetwork: alliance\nstart: 2025-10-01\nhorizon_days: {days}\n",
            encoding="utf-8",
        )
        return folder

    return make


def site(name, country, layer, material, lat, lon, value, shocks=""):
    keys = ("id", "label", "country", "layer", "kind", "material", "lat", "lon", "usd_per_day")
    row = (name, name, country, layer, "plant", material, lat, lon, value)
    return {**dict(zip(keys, row, strict=True)), "shocks": shocks}


SITES = (
    site("sep_cn", "CHN", "minerals", "dysprosium", 25.8, 114.9, 2e6, "rare-earths"),
    site("fab_tw", "TWN", "semiconductors", "wafer_n4", 23.1, 120.3, 9e7),
    site("pack_tw", "TWN", "ai_infrastructure", "acc_gpu_n4", 24.8, 121.0, 2e8),
    site("dc_us", "USA", "ai_infrastructure", "", 39.0, -77.5, 3e8),
    site("port_kao", "TWN", "logistics", "", 22.6, 120.3, 0.0),
    site("dc_row", "ROW", "ai_infrastructure", "", float("nan"), float("nan"), 5e7),
)
FLOWS = (
    ("TWN", "USA", "ai_infrastructure", 2.1e8, 0.0),
    ("TWN", "ROW", "ai_infrastructure", 5e7, 0.0),
    ("CHN", "TWN", "minerals", 1.5e6, 1.2e6),
)
SIGNS = (
    ("plant", "dysprosium", "JPN", "minerals", "dysprosium in Japan", 0.91, 61, 80, 143),
    ("fab", "wafer_n4", "TWN", "semiconductors", "N4 wafers in Taiwan", 0.42, 190, 244, 301),
    ("packaging", "acc_gpu_n4", "TWN", "ai_infrastructure", "GPUs in Taiwan", 0.33, 250, 305, 420),
    ("plant", "helium", "KOR", "minerals", "helium in Korea", 0.01, 10, 11, 12),
    ("outcome", "", "", "ai_infrastructure", "Output below normal", 0.9, 270, 333, 499),
)
CAUSES = (
    ("shapley", "shocks.rare-earths", "shock", "Rare earths", 6.12, 5.4, 6.9, 0.82),
    ("shapley", "shocks.strait", "shock", "Strait closed to tankers", 1.53, 1.1, 1.9, 0.21),
    ("shapley", "measures.reserve", "measure", "Shared reserve", -0.21, -0.4, -0.1, -0.03),
    ("leave_one_out", "shocks.rare-earths", "shock", "Rare earths", 5.9, 5.1, 6.6, 0.79),
    ("leave_one_out", "shocks.strait", "shock", "Strait closed to tankers", 1.31, 1, 1.7, 0.18),
    ("leave_one_out", "measures.reserve", "measure", "Shared reserve", -0.25, -0.5, -0.1, -0.03),
    ("ledger", "a/dy/cn", "lane", "Dysprosium from Sepco to Alpha", 3.11, 2.2, 4.1, 0.42),
    ("ledger", "b/dy/cn", "lane", "Dysprosium from Sepco to Beta", 2.02, 1.2, 3.1, 0.27),
    ("ledger", "a/he/qa", "lane", "Helium from Ras Laffan to Alpha", 0.3, 0.1, 0.5, 0.04),
    ("ledger", "chk_hormuz", "hub", "Strait of Hormuz", 1.27, 0.9, 1.6, 0.17),
    ("ledger_by_entry", "shocks.rare-earths", "shock", "Rare earths", 5.13, 4.4, 5.9, 0.69),
)
GOODS = {"dy": ("dysprosium", "CHN"), "he": ("helium", "QAT")}
"""Material and country of a lane, by the middle of its name."""
CRITICAL = (
    ("country", "TWN", "Taiwan", "", 90, 21.3, 12.0, 301.0, 0.93),
    ("country", "TWN", "Taiwan", "", 365, 83.4, 12.0, None, 0.93),
    ("facility", "fab_tw", "Fab in Tainan", "semiconductors", 365, 61.7, 74.0, 420.0, 0.55),
)
EVIDENCE = (
    ("share of n4 that stops without dysprosium", 0.35, 0.21, 0.48, "", "C", 0.42, 0.66, True),
    ("stock of dysprosium held for magnets", 120.0, 88.0, 160.0, "days", "B", 0.07, -0.3, False),
)


LOSSES = (
    ("layer", "minerals", "minerals", "output", "minerals", "", "USD", 1.3, 0.9, 1.8, 4.1e6),
    ("facility", "sep_cn", "Chinese separation", "output", "minerals", "CHN", "t", 31, 24, 39, 812),
    ("facility", "fab_tw", "Fab in Tainan", "output", "", "TWN", "wafer", 6.1, 5, 7.3, 23_412),
    ("facility", "fab_tw", "Fab in Tainan", "starts", "", "TWN", "wafer", 99, 98, 100, 1),
    ("facility", "port_kao", "Kaohsiung", "output", "logistics", "TWN", "t", 0, 0, 0, 0),
)


def add_tables(folder):
    """Write the optional tables, as their makers do, into a run folder."""
    flow_keys = ["from_country", "to_country", "layer", "usd_per_day", "touched_usd_per_day"]
    sign_keys = ["stage", "material", "country", "layer", "label", "hit_share", "days_p05"]
    cause_keys = ["method", "cause", "kind", "label", "loss_pct", "lo95", "hi95", "share"]
    critical_keys = ["what", "id", "label", "layer", "days", "loss_pct", "time_to_survive_days"]
    loss_keys = ["what", "id", "label", "measure", "layer", "country", "unit", "loss_pct", "lo95"]
    evidence_keys = ["label", "value", "low", "high", "unit", "grade", "first_order", "direction"]
    frames = {
        "sites": pd.DataFrame(SITES),
        "flows": pd.DataFrame(FLOWS, columns=flow_keys),
        "early_signs": pd.DataFrame(SIGNS, columns=[*sign_keys, "days_p50", "days_p95"]),
        "attribution": pd.DataFrame(CAUSES, columns=cause_keys).assign(
            loss_units=lambda table: 1e5 * table["loss_pct"],
            material=[GOODS.get(row[1][2:4], ("", ""))[0] for row in CAUSES],
            country=[GOODS.get(row[1][2:4], ("", ""))[1] for row in CAUSES],
            replications=300,
        ),
        "losses": pd.DataFrame(LOSSES, columns=[*loss_keys, "hi95", "loss_units"]),
        "criticality": pd.DataFrame(
            CRITICAL, columns=[*critical_keys, "time_to_recover_days", "exposure_share"]
        ),
        "evidence": pd.DataFrame(EVIDENCE, columns=[*evidence_keys, "stands_out"]).assign(
            titles="A paper\nA talk", urls="https://example.org/a\n", note="", inputs=812,
            replications=300,
        ),
    }  # fmt: skip
    for name, frame in frames.items():
        frame.to_parquet(folder / f"{name}.parquet")
    return folder


@pytest.fixture
def full_run(make_run):
    """A run folder with every optional table."""
    return add_tables(make_run())


@pytest.fixture
def read():
    """Read one JSON file of a run folder."""

    def load(folder, name):
        return json.loads((folder / name).read_text(encoding="utf-8"))

    return load
