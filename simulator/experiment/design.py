"""The cells of a study: scenarios x design points, and the scenario that each stands for."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulator import shocks  # noqa: F401  (registers the types that a scenario may name)
from simulator.errors import InputError, Problem, UsageError
from simulator.metrics.outcome import FloatArray
from simulator.sampling.streams import Streams
from simulator.spec import Dataset, Scenario
from simulator.spec.load import scenario_loader
from simulator.spec.record import plain
from simulator.spec.study import MOST_CELLS, Lever, StudySpec

DESIGN = "design"


@dataclass(frozen=True)
class Cell:
    """One scenario of a study with one setting of its levers.

    Attributes
    ----------
    number
        Counted from 0.
    name
        Of the scenario, as the study gives it.
    levers
        Values by dotted path.
    scenario
        Ready to run, with the seed and the replications of the study.
    """

    number: int
    name: str
    levers: Mapping[str, object]
    scenario: Scenario


def design_points(study: StudySpec) -> list[dict[str, object]]:
    """Settings of the levers, in order; a single empty one without levers.

    Raises
    ------
    UsageError
        If there are too many.
    """
    if study.design == "list":
        return [dict(sorted(point.items())) for point in study.points]
    if study.design == "grid":
        steps = [_steps(lever) for lever in study.levers.values()]
        if (count := int(np.prod([len(values) for values in steps], dtype=float))) > MOST_CELLS:
            raise UsageError(f"the grid has {count:,} points: at most {MOST_CELLS:,} are allowed")
        return [dict(zip(study.levers, point, strict=True)) for point in itertools.product(*steps)]
    uniforms = _uniforms(study)
    columns = [
        _values(lever, uniforms[:, index]) for index, lever in enumerate(study.levers.values())
    ]
    return [dict(zip(study.levers, point, strict=True)) for point in zip(*columns, strict=True)]


def make_cells(study: StudySpec) -> tuple[Cell, ...]:
    """Load the scenario of every cell.

    Cells share the seed, and draws depend on names only, so all cells share their random numbers.

    Raises
    ------
    InputError
        With every problem of every cell; what several cells share is said once.
    """
    problems: dict[Problem, None] = {}
    cells: list[Cell] = []
    known: dict[str, Dataset] = {}
    points = design_points(study)
    for at, name in enumerate(study.scenarios):
        try:
            load = scenario_loader(name)  # parsed once for all its points
        except InputError as error:
            problems.update(dict.fromkeys(error.problems))
            continue
        for number, point in enumerate(points, at * len(points)):
            values = {**study.common, **point}
            try:
                loaded = load({path: as_text(value) for path, value in values.items()})
            except InputError as error:
                problems.update(dict.fromkeys(error.problems))
                continue
            cells.append(Cell(number, name, point, _lean(loaded, study, known)))
    if problems:
        raise InputError(tuple(problems))
    return tuple(cells)


def as_text(value: object) -> str:
    """Write a value as ``--set`` takes it."""
    return json.dumps(plain(value), default=str)


def _lean(scenario: Scenario, study: StudySpec, known: dict[str, Dataset]) -> Scenario:
    # Cells travel to workers together: equal tables are sent once, and places in files not at all.
    network = scenario.network
    if isinstance(network, Dataset):
        network = known.setdefault(network.checksum, network)
    # Equal networks with equal parameters are equal tables; their own checksum would take longer.
    base = network if isinstance(network, str) else network.checksum
    changes = {name: plain(value) for name, value in scenario.parameters.items()}
    dataset = known.setdefault(f"{base} {as_text(changes)}", scenario.dataset)
    return replace(
        scenario,
        dataset=dataset,
        network=network,
        document=None,
        path=None,
        seed=study.seed,
        replications=study.replications,
    )


def _uniforms(study: StudySpec) -> FloatArray:
    from scipy.stats import qmc

    count, names = study.cells, list(study.levers)
    if study.design == "random":  # a stream for each lever: more cells keep the first ones
        streams = Streams(study.seed)
        return np.column_stack([streams.uniforms(name, DESIGN, 0, count) for name in names])
    generator = np.random.default_rng(np.random.SeedSequence(study.seed))
    sampler: qmc.QMCEngine
    if study.design == "lhs":
        sampler = qmc.LatinHypercube(len(names), rng=generator)
    else:
        sampler = qmc.Sobol(len(names), scramble=True, rng=generator)
    return np.asarray(sampler.random(count), dtype=np.float64)


def _steps(lever: Lever) -> Sequence[object]:
    if lever.number is None:
        return lever.values
    low, high = lever.number.bounds
    # rounded, since 0.1 + 2 x 0.1 should be written as 0.3
    return [float(f"{value:.12g}") for value in np.linspace(low, high, lever.levels or 2)]


def _values(lever: Lever, uniforms: FloatArray) -> Iterator[object]:
    if lever.number is not None:
        return iter(float(value) for value in np.asarray(lever.number.ppf(uniforms)))
    count = len(lever.values)
    return iter(lever.values[min(int(u * count), count - 1)] for u in uniforms)
