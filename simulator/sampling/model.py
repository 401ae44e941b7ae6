"""From a scenario to realisations: the network is checked once, then drawn once per replication."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from simulator.errors import InputError, Problem, UsageError
from simulator.network.build import build_network
from simulator.network.checks import FATAL, check
from simulator.network.placing import Placing
from simulator.network.plan import Plan
from simulator.network.planning import make_plan, make_plans
from simulator.network.room import Room
from simulator.sampling.draws import Drawn, EntryDraw, Pair
from simulator.sampling.noise import Noise
from simulator.sampling.realisation import Realisation, disturbed, realisation
from simulator.sampling.streams import VALUES, Streams
from simulator.sampling.values import drawn_values
from simulator.shocks.base import ShockType
from simulator.shocks.effects import Effect, combine
from simulator.shocks.scene import Scene, Spell

if TYPE_CHECKING:
    from simulator.network.network import Floats, Ints, Network, Numbers
    from simulator.spec import Scenario, Shock

__all__ = ["Drawn", "Model", "Pair", "base_of", "prepare"]

_NOT_PLANNED = frozenset(
    ("criticality", "onset_days", "surge", "notice_days", "standby_share", "qualification_days",
     "trigger_days", "review_days")
)  # fmt: skip
"""Numbers that the plan does not depend on."""
_KEPT_BLOCKS = 2
"""Blocks of sampled numbers at hand."""


class Model:
    """A scenario made ready: network, base plan, and the way to any replication.

    Attributes
    ----------
    scenario, network, plan
        What was prepared; ``plan`` is that of the base numbers.
    warnings
        Findings of the checks that do not stop a run.
    parameter_names
        Numbers of the tables that are drawn, in order.
    """

    def __init__(self, scenario: Scenario, like: Model | None = None) -> None:
        self.scenario = scenario
        self.network: Network
        self.plan: Plan
        self.warnings: tuple[Problem, ...]
        self._placing: Placing
        if like is not None and base_of(scenario) == base_of(like.scenario):
            self.network, self.plan, self.warnings = like.network, like.plan, like.warnings
            self._placing = like._placing
        else:
            self._build(scenario)
        self.entries: dict[str, ShockType] = {
            **{f"shocks.{name}": _typed(entry) for name, entry in scenario.shocks.items()},
            **{f"measures.{name}": _typed(entry) for name, entry in scenario.measures.items()},
        }
        self._nothing = combine((), self.network.horizon_days)
        self._noise = Noise(self.network)
        self._streams = Streams(scenario.seed)
        self._drawn: list[tuple[Streams, int, Floats]] = []
        self._drawing = threading.Lock()
        certain = scenario.uncertainty == "none"
        self.parameter_names = [] if certain else [item.name for item in self.network.uncertain]
        self._memo: dict[tuple[str, str], tuple[int, ...]] = {}
        self._check_entries()  # wrong references show now, not in a worker

    def _build(self, scenario: Scenario) -> None:
        self.network = build_network(
            scenario.dataset, scenario.start, scenario.horizon_days, scenario.outcome
        )
        self.plan = make_plan(self.network, self.network.numbers)
        findings = check(self.network, self.plan)
        fatal = tuple(found.problem for found in findings if found.severity == FATAL)
        if fatal:
            raise InputError(fatal)
        self.warnings = tuple(found.problem for found in findings if found.severity != FATAL)
        self._placing = Placing.of(self.network.uncertain)

    @property
    def timeline(self) -> list[dict[str, object]]:
        """Window of every shock and measure, by name, for figures and manifests."""
        rows: list[dict[str, object]] = []
        for key, entry in sorted(self.entries.items()):
            kind, name = key.split(".", 1)
            begin, end = entry.window()
            rows.append(
                {
                    "name": name,
                    "type": entry.type,
                    "label": entry.label(),
                    "from_date": begin.isoformat() if begin else None,
                    "until_date": end.isoformat() if end else None,
                    "kind": kind.removesuffix("s"),
                }
            )
        return rows

    def realise(
        self, replication: int, seed: int | None = None, streams: Streams | None = None
    ) -> Pair:
        """Draw replication ``replication``; ``seed`` defaults to the scenario's.

        With ``streams``, uniforms come from there: designs of experiments mix those of two seeds.
        """
        calm = [self.undisturbed(replication, seed, streams)]
        return self._pairs(calm, [replication], seed, streams)[0]

    def realise_many(
        self,
        replications: Sequence[int],
        seed: int | None = None,
        *,
        room: Room,
        streams: Streams | None = None,
    ) -> list[Pair]:
        """Draw at most `COLUMNS` replications; each is what it is alone.

        Their plans are put in ``room`` and hold until the room is used again.
        """
        calm = self.undisturbed_many(replications, seed, room=room, streams=streams)
        return self._pairs(calm, replications, seed, streams)

    def undisturbed(
        self, replication: int, seed: int | None = None, streams: Streams | None = None
    ) -> tuple[Realisation, Drawn]:
        """A replication without shocks and measures, and the values drawn for it.

        It is the same for all scenarios with the same base (see `base_of`).
        """
        streams = self._chosen(seed, streams)
        numbers, draws = self._numbers(streams, replication)
        if self._as_planned(numbers):
            plan = self.plan
        else:
            plan = make_plan(self.network, numbers, look_for_lowest=False)
        return self._calm(streams, replication, numbers, plan), draws

    def undisturbed_many(
        self,
        replications: Sequence[int],
        seed: int | None = None,
        *,
        room: Room,
        streams: Streams | None = None,
    ) -> list[tuple[Realisation, Drawn]]:
        """As `undisturbed`, of at most `COLUMNS` replications, with their plans in ``room``."""
        streams = self._chosen(seed, streams)
        drawn = [self._numbers(streams, replication) for replication in replications]
        if all(self._as_planned(numbers) for numbers, _ in drawn):
            plans = [self.plan] * len(drawn)
        else:
            plans = make_plans(self.network, [numbers for numbers, _ in drawn], room)
        return [
            (self._calm(streams, replication, numbers, plan), draws)
            for replication, (numbers, draws), plan in zip(replications, drawn, plans, strict=True)
        ]

    def disturbed(
        self,
        calm: Sequence[Realisation],
        replications: Sequence[int],
        seed: int | None = None,
        streams: Streams | None = None,
    ) -> list[tuple[Realisation, dict[str, float]]]:
        """The same replications with this scenario's shocks and measures, and what they drew."""
        streams, days = self._chosen(seed, streams), self.network.horizon_days
        found = [
            self.effects(streams, replication, one.plan)
            for replication, one in zip(replications, calm, strict=True)
        ]
        shocked = disturbed(calm, [combine(effects, days) for effects, _ in found])
        return [(real, seen) for real, (_, seen) in zip(shocked, found, strict=True)]

    def _pairs(
        self,
        undisturbed: Sequence[tuple[Realisation, Drawn]],
        replications: Sequence[int],
        seed: int | None,
        streams: Streams | None,
    ) -> list[Pair]:
        shocked = self.disturbed([calm for calm, _ in undisturbed], replications, seed, streams)
        return [
            Pair(calm, real, draws, seen)
            for (calm, draws), (real, seen) in zip(undisturbed, shocked, strict=True)
        ]

    def _calm(
        self, streams: Streams, replication: int, numbers: Numbers, plan: Plan
    ) -> Realisation:
        demand, transit = self._noise.draw(streams, replication)
        return realisation(self.network, numbers, plan, self._nothing, demand, transit)

    def _chosen(self, seed: int | None, streams: Streams | None) -> Streams:
        if streams is not None:
            return streams
        seed = self.scenario.seed if seed is None else seed
        if seed != self._streams.seed:
            self._streams = Streams(seed)
        return self._streams

    @property
    def same_baseline(self) -> bool:
        """Whether the run without shocks is the same in all replications."""
        return not self.parameter_names and not self._noise.any

    def effects(
        self, streams: Streams | None, replication: int, plan: Plan
    ) -> tuple[list[Effect], dict[str, float]]:
        """Effects of all entries, in order of their names, and the draws that made them.

        Without ``streams`` every number takes its base value.
        """
        found, seen = self.effects_by_entry(streams, replication, plan)
        return [effect for own in found.values() for effect in own], seen

    def effects_by_entry(
        self,
        streams: Streams | None,
        replication: int,
        plan: Plan,
        present: Collection[str] | None = None,
    ) -> tuple[dict[str, tuple[Effect, ...]], dict[str, float]]:
        """Effects of each entry by its key, and the draws that made them.

        With ``present``, those of a scenario that has no other entries: each has the draws that it
        has among all, and a suspension of what is not there does nothing.
        """
        keys = sorted(self.entries if present is None else set(present) & self.entries.keys())
        draws = {key: EntryDraw(streams, key, replication) for key in keys}
        found = {
            key: tuple(self.entries[key].effects(scene))
            for key, scene in self._scenes(draws, plan).items()
        }
        seen = {name: value for draw in draws.values() for name, value in draw.seen.items()}
        return found, seen

    def base_effects(
        self, *, suspended: bool = True, uniforms: Mapping[str, float] | None = None
    ) -> dict[str, tuple[Effect, ...]]:
        """Effects of each entry by its key (``shocks.october``), all numbers at base values.

        Parameters
        ----------
        suspended
            Whether suspensions count; if not, restrictions are as written.
        uniforms
            Uniforms of events, such as ``{"shocks.truce:branch 1": 0.9}``; the others are 0.5.
        """
        scenes = self.base_scenes(uniforms)
        if not suspended:
            scenes = {key: replace(scene, spells={}) for key, scene in scenes.items()}
        return {key: tuple(self.entries[key].effects(scene)) for key, scene in scenes.items()}

    def base_scenes(self, uniforms: Mapping[str, float] | None = None) -> dict[str, Scene]:
        """Scene of each entry by its key, all numbers at base values."""
        draws = {key: EntryDraw(None, key, 0, given=uniforms or {}) for key in sorted(self.entries)}
        return self._scenes(draws, self.plan)

    def _scenes(self, draws: Mapping[str, EntryDraw], plan: Plan) -> dict[str, Scene]:
        """Scene of every entry, with the spells that suspensions put on restrictions."""
        scenes = {
            key: Scene(key, self.network, plan, draw, memo=self._memo)
            for key, draw in draws.items()
        }
        spells: dict[str, list[Spell]] = {}
        for key in draws:
            for name, found in self.entries[key].spells(scenes[key]).items():
                self._check_suspendable(key, name)
                spells.setdefault(f"shocks.{name}", []).extend(found)
        ordered = {
            key: tuple(sorted(found, key=lambda s: s.start)) for key, found in spells.items()
        }
        return {key: replace(scene, spells=ordered) for key, scene in scenes.items()}

    def _check_entries(self) -> None:
        """Work out every entry once at base values, and report all that is wrong."""
        draws = {key: EntryDraw(None, key, 0) for key in sorted(self.entries)}
        problems: list[Problem] = []
        for key, scene in self._scenes(draws, self.plan).items():
            try:
                tuple(self.entries[key].effects(scene))
            except InputError as error:
                problems += [self.scenario.located(problem) for problem in error.problems]
        if problems:
            raise InputError(tuple(problems))

    def parameters(self, replications: Sequence[int] | Ints, seed: int | None = None) -> Floats:
        """Numbers of the tables drawn in some replications, by `parameter_names`, a row each."""
        streams = self._chosen(seed, None)
        rows = [self._values(streams, int(number)) for number in replications]
        return np.array(rows).reshape(len(replications), len(self.parameter_names))

    def _numbers(self, streams: Streams, replication: int) -> tuple[Numbers, Drawn]:
        """Table numbers of a replication, and what was drawn for them."""
        values, base = self._values(streams, replication), self.network.numbers
        numbers = self._placing.numbers(base, values) if values.size else base
        return numbers, Drawn(self.parameter_names, values)

    def _as_planned(self, numbers: Numbers) -> bool:
        """Whether these numbers have the plan of the base numbers."""
        return numbers is self.network.numbers or all(
            name in _NOT_PLANNED for name in self._placing.arrays
        )

    def _values(self, streams: Streams, replication: int) -> Floats:
        """Values of the uncertain numbers in a replication; those around it are kept at hand."""
        if not self.parameter_names:
            return np.zeros(0)
        block, entry = divmod(replication, VALUES)
        with self._drawing:  # threads are at work side by side, seldom more than a block apart
            found = next((v for s, b, v in self._drawn if s is streams and b == block), None)
            if found is None:  # mixed streams may share a seed, so they are told apart themselves
                found = drawn_values(streams, self.network.uncertain, block)
                self._drawn = [*self._drawn[1 - _KEPT_BLOCKS :], (streams, block, found)]
        return np.asarray(found[entry])

    def _check_suspendable(self, key: str, name: str) -> None:
        entry = self.entries.get(f"shocks.{name}")
        if entry is not None and entry.suspendable:
            return
        known = [
            n.removeprefix("shocks.") for n, e in sorted(self.entries.items()) if e.suspendable
        ]
        rule = (
            "no shock has this name" if entry is None else f"type {entry.type} cannot be suspended"
        )
        remedy = f"restrictions here: {', '.join(known) or 'none'}"
        raise InputError((self.scenario.problem(f"{key}.of", name, rule, remedy),))


def _typed(entry: Shock) -> ShockType:
    if not isinstance(entry, ShockType):
        raise UsageError(f"{entry.type}: a type must subclass simulator.shocks.ShockType")
    return entry


def base_of(scenario: Scenario) -> tuple[object, ...]:
    """What tells the network of a scenario, and its runs without shocks, from those of others."""
    return (
        scenario.dataset.checksum, scenario.start, scenario.horizon_days, scenario.outcome,
        scenario.uncertainty,
    )  # fmt: skip


def prepare(scenario: Scenario, like: Model | None = None) -> Model:
    """Build and check the network of a scenario and resolve its shocks.

    Parameters
    ----------
    scenario
        What to prepare.
    like
        A model whose network is shared where it has the same base.

    Raises
    ------
    InputError
        If the tables cannot be planned, a facility's plan exceeds its capacity, or a shock refers
        to something that is not there.
    """
    return Model(scenario, like)
