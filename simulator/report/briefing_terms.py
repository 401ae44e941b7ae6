"""The terms of licences, and what each branch of a suspension's tree would bring first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.report.briefing_cover import FirstEffect, first_effects
from simulator.report.briefing_words import distribution_words, percent
from simulator.shocks.entity_ban import EntityBan
from simulator.shocks.export_restriction import ExportRestriction
from simulator.shocks.suspension import Suspension

if TYPE_CHECKING:
    from simulator.sampling.model import Model
    from simulator.shocks.scene import Scene


@dataclass(frozen=True)
class LicenceTerm:
    """A licence of one entry, and whom it holds for.

    Attributes
    ----------
    name, whose
        The entry, and the end use or destination; ``"all others"`` for the rest.
    lanes
        How many lanes it holds for.
    approved, days
        Share of the planned flow that is approved and days until it moves, in words.
    """

    name: str
    whose: str
    lanes: int
    approved: str
    days: str


@dataclass(frozen=True)
class BranchOutcome:
    """What would run short first if a suspension took one branch of its tree at its end.

    Attributes
    ----------
    name, branch, odds
        The suspension, the branch, and its probability in words.
    stocks
        How many stocks would run short.
    first
        The first one to do so after the suspension, if any.
    """

    name: str
    branch: str
    odds: str
    stocks: int
    first: FirstEffect | None


def licence_terms(model: Model) -> Iterator[LicenceTerm]:
    """Each licence of each entry, with the lanes that it holds for."""
    scenes = model.base_scenes()
    for key, entry in model.entries.items():
        name, scene = key.split(".", 1)[1], scenes[key]
        if isinstance(entry, ExportRestriction) and entry.mechanism == "licence":
            yield from _of_restriction(name, entry, scene)
        elif isinstance(entry, EntityBan) and entry.licence is not None:
            approved, days = (distribution_words(number) for number in entry.licence)
            lanes = {effect.target for effect in entry.effects(scene)}
            yield LicenceTerm(name, "those listed", len(lanes), approved, days)


def _of_restriction(name: str, entry: ExportRestriction, scene: Scene) -> Iterator[LicenceTerm]:
    lanes = entry.term_lanes(scene)
    licences = entry.term_licences()
    alone = len(licences) == 1
    for place, licence in sorted(licences.items(), reverse=True):
        whose = place.rstrip(".").split(".", 1)[-1] or ("all" if alone else "all others")
        approved, days = (distribution_words(number) for number in licence)
        yield LicenceTerm(name, whose, len(lanes.get(place, ())), approved, days)


def branch_outcomes(model: Model) -> Iterator[BranchOutcome]:
    """What each branch of each tree would bring, by cover arithmetic at base values."""
    for key, entry in model.entries.items():
        if not isinstance(entry, Suspension) or entry.then is None:
            continue
        for branch, probability in entry.then.branches().items():
            if probability <= 0.0:
                continue
            uniforms = {f"{key}:branch 1": entry.then.uniform(branch)}
            found = first_effects(model, uniforms=uniforms)
            after = [one for one in found if entry.until is None or one.when >= entry.until]
            first = after[0] if after else None
            name, odds = key.split(".", 1)[1], percent(probability)
            words = branch.replace("_", " ")
            yield BranchOutcome(name, words, odds, len(after), first)
