"""Networks to measure on: a serial chain, and a branching one that can be repeated."""

from __future__ import annotations

import json

from simulator.spec import Scenario, parse_scenario

Row = dict[str, object]
Tables = dict[str, list[Row]]


def scenario(tables: Tables, days: int) -> Scenario:
    text = {
        "name": "benchmark",
        "start": "2026-01-01",
        "horizon_days": days,
        "network": tables,
    }
    return parse_scenario(json.dumps(text))


def serial(nodes: int) -> Tables:
    """A mine, makers one after the other, and a sink: ``nodes`` facilities that make something."""
    tables: Tables = {"materials": [], "facilities": [], "recipes": [], "lanes": [], "demand": []}
    for n in range(nodes):
        made = {"id": f"m{n}", "layer": "minerals", "unit": "t"}
        tables["materials"].append(made)
        row: Row = {"id": f"f{n}", "kind": "plant" if n else "mine", "country": "JPN"}
        row |= {"output": f"m{n}", "utilisation": 0.8, "finished_cover_days": 1}
        if n:
            row["recipe"] = f"r{n}"
            recipe = {"recipe": f"r{n}", "input": f"m{n - 1}", "quantity": 1, "cover_days": 3}
            tables["recipes"].append(recipe)
            _lane(tables, f"f{n}", f"m{n - 1}", f"f{n - 1}", 1.0, 3)
        tables["facilities"].append(row)
    tables["facilities"].append({"id": "sink", "kind": "market", "country": "USA"})
    _lane(tables, "sink", f"m{nodes - 1}", f"f{nodes - 1}", 1.0, 3)
    want = {"sink": "sink", "material": f"m{nodes - 1}", "units_per_day": 10, "cover_days": 3}
    tables["demand"].append(want)
    return tables


def branching(times: int) -> Tables:
    """``times`` copies of a chain of 5 stages with 24 makers, 2 sinks, 86 lanes and uncertainty."""
    tables: Tables = {"materials": [], "facilities": [], "recipes": [], "lanes": [], "demand": []}
    for copy in range(times):
        _copy(tables, f"c{copy:02}")
    return tables


def _copy(tables: Tables, name: str) -> None:
    stages = [6, 6, 5, 4, 3]
    for stage, makers in enumerate(stages):
        material = f"{name}m{stage}"
        tables["materials"].append({"id": material, "layer": "minerals", "unit": "t"})
        if stage:
            for n in range(2):
                row: Row = {"recipe": material, "input": f"{name}m{stage - 1 if n else 0}"}
                if n == 1 and stage == 1:
                    continue
                row |= {"quantity": _between(0.5, 1.5), "cover_days": _between(5, 30)}
                tables["recipes"].append(row | {"criticality": 0.9, "onset_days": 5 * n})
        for n in range(makers):
            maker: Row = {"id": f"{material}f{n}", "country": "JPN", "output": material}
            maker |= {"kind": "plant" if stage else "mine", "utilisation": _between(0.7, 0.95)}
            maker |= {"finished_cover_days": 3, "cycle_days": _between(2, 10 * stage + 3)}
            if stage:
                maker["recipe"] = material
            tables["facilities"].append(maker)
            for source in {0, stage - 1} if stage else ():
                _suppliers(tables, name, f"{material}f{n}", source, stages[source])
    for n in range(2):
        sink = f"{name}sink{n}"
        tables["facilities"].append({"id": sink, "kind": "market", "country": "USA"})
        want: Row = {"sink": sink, "material": f"{name}m4", "units_per_day": _between(5, 15)}
        tables["demand"].append(want | {"cover_days": 10})
        _suppliers(tables, name, sink, 4, stages[4])


def _suppliers(tables: Tables, name: str, customer: str, stage: int, makers: int) -> None:
    count = min(3, makers)
    for n in range(count):
        _lane(
            tables, customer, f"{name}m{stage}", f"{name}m{stage}f{n}", 1 / count,
            _between(2, 30 + n),
        )  # fmt: skip


def _lane(
    tables: Tables, customer: str, material: str, supplier: str, share: float, days: object
) -> None:
    row: Row = {"customer": customer, "material": material, "supplier": supplier}
    tables["lanes"].append(row | {"share": share, "transit_days": days})


def _between(low: float, high: float) -> Row:
    return {"distribution": "uniform", "low": low, "high": high}
