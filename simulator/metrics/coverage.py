"""How much of each stage of the chain stands inside an alliance, and how concentrated it is.

Amounts are by country, in any one unit. ROW, the rest of the world, counts as one country, so that
concentration is overstated where much of a stage stands there.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from simulator.errors import invalid
from simulator.spec.messages import did_you_mean

if TYPE_CHECKING:
    from simulator.network.stages import Stage
    from simulator.spec import Dataset

Amounts = Mapping[str, float]


def share_inside(amounts: Amounts, members: Collection[str]) -> float:
    """Share of the amounts in the member countries.

    Formula: sum of a_c over members c / sum of a_c over all c. Unit: 1, in [0, 1]; NaN where there
    is nothing. Source: definition.
    """
    total = math.fsum(amounts.values())
    inside = math.fsum(amount for country, amount in amounts.items() if country in members)
    return inside / total if total > 0.0 else math.nan


def hhi(amounts: Amounts) -> float:
    """Herfindahl-Hirschman index of concentration by country.

    Formula: sum of s_c^2 with s_c = a_c / sum of a. Unit: 1, from 1/n (n equal countries) to 1 (a
    single one); times 10,000 in the usage of competition authorities. NaN where there is nothing.
    Source: Herfindahl (1950), Hirschman (1964); as ``HHI`` in geopolrisk-py.
    """
    total = math.fsum(amounts.values())
    if total <= 0.0:
        return math.nan
    return math.fsum((amount / total) ** 2 for amount in amounts.values())


def largest(amounts: Amounts) -> tuple[str, float]:
    """Country with the largest amount, and its share; the first by code among equals.

    Formula: max of a_c / sum of a. Unit: 1, in (0, 1]; ``("", NaN)`` where there is nothing.
    Source: definition.
    """
    total = math.fsum(amounts.values())
    if total <= 0.0:
        return "", math.nan
    leader = min(amounts, key=lambda country: (-amounts[country], country))
    return leader, amounts[leader] / total


def n_minus_1_gross(supply: Amounts, use: Amounts) -> float:
    """Share of all use that is left when the largest supplier fails, whoever uses it (static).

    Formula: (S - S_max) / D, with S the supply of all countries, S_max that of the largest
    supplier, D the use of all. Unit: 1; above 1 where the others could serve everybody; NaN
    without use.
    Source: N-1 exposure of the IEA, Global Critical Minerals Outlook 2025.
    """
    leader, _ = largest(supply)
    left = math.fsum(amount for country, amount in supply.items() if country != leader)
    demand = math.fsum(use.values())
    return left / demand if demand > 0.0 else math.nan


def n_minus_1_net(supply: Amounts, use: Amounts) -> float:
    """The same for those who are left: the use of the largest supplier's country falls away too.

    Formula: (S - S_max) / (D - D_leader), with D_leader the use in the largest supplier's country.
    Unit: 1; above 1 where the others could serve themselves; NaN where only the leader uses.
    Source: as `n_minus_1_gross`, where the text implies that the leader's own demand is left out.
    """
    leader, _ = largest(supply)
    return n_minus_1_gross(
        supply, {country: amount for country, amount in use.items() if country != leader}
    )


def columns(alliances: Sequence[str]) -> tuple[str, ...]:
    """Names of the columns of `coverage_rows`, in order."""
    inside = tuple(f"{name}_{what}_pct" for what in ("capacity", "output") for name in alliances)
    return (
        "layer", "stage", *inside, "hhi", "largest", "largest_pct", "n1_gross_pct", "n1_net_pct",
        "capacity", "output", "unit",
    )  # fmt: skip


def coverage_rows(
    stages: Sequence[Stage], alliances: Mapping[str, Collection[str]]
) -> list[dict[str, float | str | None]]:
    """Every measure of every stage that has capacity; shares and N-1 in %, amounts per day.

    A measure that is not defined, such as the share of a planned output of zero, is ``None``.

    HHI, the largest country and N-1 are of capacity: what could be supplied without the largest
    country, against what is planned to be used.

    Parameters
    ----------
    stages
        What stands where.
    alliances
        Members by name of alliance.
    """
    rows: list[dict[str, float | str | None]] = []
    for stage in stages:
        if not any(stage.capacity.values()):
            continue
        country, share = largest(stage.capacity)
        row: dict[str, float | str | None] = {"layer": stage.layer, "stage": stage.name}
        for name, members in alliances.items():
            row[f"{name}_capacity_pct"] = _percent(share_inside(stage.capacity, members))
            row[f"{name}_output_pct"] = _percent(share_inside(stage.output, members))
        rows.append(
            row
            | {
                "hhi": hhi(stage.capacity),
                "largest": country,
                "largest_pct": _percent(share),
                "n1_gross_pct": _percent(n_minus_1_gross(stage.capacity, stage.use)),
                "n1_net_pct": _percent(n_minus_1_net(stage.capacity, stage.use)),
                "capacity": math.fsum(stage.capacity.values()),
                "output": math.fsum(stage.output.values()),
                "unit": f"{stage.unit}/day",
            }
        )
    return rows


def members_of(
    dataset: Dataset, alliances: Sequence[str], on: date | None, earliest: date
) -> tuple[dict[str, tuple[str, ...]], date]:
    """Members by alliance on a day, and the day.

    Parameters
    ----------
    dataset
        Where memberships stand.
    alliances
        Names of the alliances.
    on
        The day; ``None`` for the first one from ``earliest`` on which each of them has members.
    earliest
        Day from which to look.

    Raises
    ------
    InputError
        If an alliance is unknown or has no members on the day.
    """
    known = {row.alliance for row in dataset.alliances}
    for name in alliances:
        if name not in known:
            hint = did_you_mean(name, known, "known alliances")
            raise invalid("alliance", name, f"unknown alliance; {hint}")
    day = on or max(earliest, *(_founded(dataset, name) for name in alliances))
    members = {name: dataset.members(name, day) for name in alliances}
    for name, countries in members.items():
        if not countries:
            remedy = f"its first member joined on {_founded(dataset, name)}"
            raise invalid("alliance", name, f"has no members on {day}", remedy)
    return members, day


def _percent(share: float) -> float | None:
    return None if math.isnan(share) else 100.0 * share


def _founded(dataset: Dataset, alliance: str) -> date:
    rows = (row for row in dataset.alliances if row.alliance == alliance)
    return min(row.from_date or date.min for row in rows)
