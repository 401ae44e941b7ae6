"""What a network says about itself, before anything is run."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from simulator.network.planning import make_plan
from simulator.units import human

if TYPE_CHECKING:
    from simulator.network.network import Network
    from simulator.network.plan import Plan

_PRODUCERS = ("mine", "refinery", "plant", "fab", "packaging", "power")


def describe(network: Network) -> str:
    """Describe a network in text: its size, and who makes how much of every material.

    Rates are those planned for the first day, in the material's unit per day.
    """
    return "\n".join([*_size(network), "", *_flows(network, make_plan(network, network.numbers))])


def _size(network: Network) -> list[str]:
    kinds = Counter(network.kinds)
    parts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    grades = Counter(item.grade or "none" for item in network.uncertain)
    graded = ", ".join(f"{count} of grade {grade}" for grade, count in sorted(grades.items()))
    return [
        f"{len(network.facility_ids)} facilities in {len(set(network.countries))} countries: "
        f"{parts}",
        f"{len(network.lanes)} lanes, {len(network.slots)} stocks of inputs, "
        f"{len(network.material_ids)} materials",
        f"{len(network.uncertain)} uncertain numbers" + (f": {graded}" if graded else ""),
        f"outcome: {', '.join(network.material_ids[m] for m in network.outcome)}",
    ]


def _flows(network: Network, plan: Plan) -> list[str]:
    rows = [("material", "made per day", "unit", "makers", "largest country", "largest maker")]
    for layer in dict.fromkeys(row.layer for row in network.dataset.materials):
        for m, row in enumerate(network.dataset.materials):
            makers = [
                f
                for f in network.facilities
                if network.output[f] == m and network.kinds[f] in _PRODUCERS
            ]
            if row.layer == layer and makers:
                rows.append(_flow(network, plan, row.id, row.unit, makers))
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    right = (1, 3)
    return [
        "  ".join(
            cell.rjust(widths[n]) if n in right else cell.ljust(widths[n])
            for n, cell in enumerate(row)
        ).rstrip()
        for row in rows
    ]


def _flow(
    network: Network, plan: Plan, material: str, unit: str, makers: list[int]
) -> tuple[str, str, str, str, str, str]:
    rate = {f: float(plan.starts[f, 0]) for f in makers}
    total = sum(rate.values())
    by_country: Counter[str] = Counter()
    for f, value in rate.items():
        by_country[network.countries[f]] += value  # type: ignore[assignment]
    country, most = max(by_country.items(), key=lambda pair: (pair[1], pair[0]))
    largest = max(makers, key=lambda f: (rate[f], network.facility_ids[f]))

    def share(value: float) -> str:
        return f"{100 * value / total:.0f} %" if total > 0 else "-"

    return (
        material,
        human(total),
        unit,
        str(len(makers)),
        f"{country} {share(most)}",
        f"{network.facility_ids[largest]} {share(rate[largest])}",
    )
