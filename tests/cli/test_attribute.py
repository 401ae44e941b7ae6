"""``paxsim attribute`` from the outside: tables, folders, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.conftest import Paxsim

METHODS = {"ledger", "ledger_by_entry", "leave_one_out", "shapley"}


def test_it_names_the_cause_and_writes_a_folder(paxsim: Paxsim, pit: Path, here: Path) -> None:
    done = paxsim("attribute", pit.name, "-n", "3", "-o", "why")
    assert done.exit_code == 0, done.output
    assert "capacity:pit" in done.stdout
    assert "100.0 %" in done.stdout
    assert "shapley: exact" in done.stderr
    table = pd.read_parquet(here / "why" / "attribution.parquet")
    assert set(table["method"]) == METHODS
    assert {"attribution.csv", "bottlenecks.parquet", "manifest.json"} <= {
        path.name for path in (here / "why").iterdir()
    }


def test_beside_a_run_it_fills_table_and_summary(paxsim: Paxsim, pit: Path, here: Path) -> None:
    ran = paxsim("run", pit.name, "-n", "4", "-o", "run", "--no-attribution")
    assert ran.exit_code == 0, ran.output
    assert not (here / "run" / "attribution.parquet").exists()
    done = paxsim("attribute", "run", "--method", "shapley", "--format", "json")
    assert done.exit_code == 0, done.output
    (row,) = json.loads(done.stdout)
    summary = json.loads((here / "run" / "summary.json").read_text(encoding="utf-8"))
    assert summary["attribution"] == [row]
    assert (row["cause"], row["kind"], row["replications"]) == ("stop", "shock", 4)
    assert row["loss_pct"] == pytest.approx(summary["metrics"]["output_loss_pct"]["mean"])


def test_csv_has_every_column(paxsim: Paxsim, pit: Path) -> None:
    done = paxsim("attribute", pit.name, "-n", "1", "--method", "ledger", "--format", "csv")
    assert done.exit_code == 0, done.output
    head = done.stdout.splitlines()[0]
    assert head.startswith("method,cause,kind,label,material,country,loss_units,loss_pct,share")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("nowhere",), 3, "nowhere"),
        (("pit.yaml", "--orders", "3"), 2, "must be even"),
        (("pit.yaml", "--method", "guess"), 2, "guess"),
        ((".", "--seed", "1"), 2, "TARGET is a run"),
        (("pit.yaml", "-n", "1", "-o", "."), 2, "choose another folder"),
        ((".",), 3, "manifest.json"),
    ],
)
def test_what_cannot_be_done_is_refused(
    paxsim: Paxsim, pit: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = paxsim("attribute", *arguments)
    assert done.exit_code == code, done.output
    assert words in done.stderr
