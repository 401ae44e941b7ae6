"""The folder that a back-test leaves behind, and the page of the documentation."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any, Final

from simulator.errors import OutputError
from simulator.experiment.store import replace_text, write_parquet, writing
from simulator.report.backtest_page import (
    backtest_page,
    loss_table,
    prior_table,
    score_table,
    shape_table,
)
from simulator.report.backtest_plot import backtest_svg

RECORD: Final = "backtest.json"
FILES: Final = (
    RECORD, "months.csv", "months.parquet", "scores.csv", "backtest.svg", "report.html",
)  # fmt: skip


def check_output(folder: Path, *, force: bool) -> None:
    """Refuse a folder with anything in it, unless it is a back-test that may be replaced.

    Raises
    ------
    OutputError
        With the remedy.
    """
    with writing(folder):
        names = {path.name for path in folder.iterdir()} if folder.exists() else set()
    if names and not force:
        remedy = "choose another folder with -o, or replace the back-test in it with --force"
        raise OutputError(f"{folder}: exists and is not empty: {remedy}")
    if names and (RECORD not in names or names - set(FILES)):
        remedy = "choose another folder with -o"
        raise OutputError(f"{folder}: holds more than a back-test: {remedy}")


def write_folder(record: dict[str, Any], folder: Path) -> None:
    """Write every file of a back-test; each is replaced at once.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    import pandas as pd

    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    months = pd.DataFrame([row for one in record["episodes"] for row in one["months"]])
    # a column of nothing but gaps would have no type
    months = months.astype(dict.fromkeys(("persistence", "seasonal", "last_month"), float))
    scores = pd.DataFrame([one["scores"] for one in record["episodes"]])
    picture = backtest_svg(record["episodes"])
    replace_text(folder / "months.csv", months.to_csv(index=False, lineterminator="\n"))
    replace_text(folder / "scores.csv", scores.to_csv(index=False, lineterminator="\n"))
    buffer = io.BytesIO()
    write_parquet(months, buffer)
    with writing(folder / "months.parquet"):
        (folder / "months.parquet").write_bytes(buffer.getvalue())
    replace_text(folder / "backtest.svg", picture)
    replace_text(folder / "report.html", _html(record, picture))
    replace_text(folder / RECORD, _json(record))


def write_page(record: dict[str, Any], page: Path) -> None:
    """Write the page, and beside it the record and the figure that it is made from.

    Raises
    ------
    OutputError
        If one of them cannot be written.
    """
    picture = page.with_suffix(".svg")
    replace_text(picture, backtest_svg(record["episodes"]))
    replace_text(page.with_suffix(".json"), _json(record))
    replace_text(page, backtest_page(record, picture.name))


def _json(record: dict[str, Any]) -> str:
    return json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _html(record: dict[str, Any], picture: str) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    episodes = record["episodes"]
    environment = Environment(
        loader=PackageLoader("simulator.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    tables = {
        "Scores": score_table(episodes),
        "Depth, trough and return": shape_table(episodes),
        "Loss, % (median / 95 % quantile)": loss_table(episodes),
        "Priors": prior_table(episodes),
    }
    return environment.get_template("backtest.html.j2").render(
        record=record,
        tables=tables,
        # matplotlib has escaped every text inside the figure
        svg=Markup(picture[picture.index("<svg") :]),
    )
