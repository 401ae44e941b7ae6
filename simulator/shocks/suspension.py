"""Suspensions of restrictions, and what follows when they end."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import accumulate

from simulator.shocks.base import ShockType
from simulator.shocks.effects import Effect
from simulator.shocks.scene import Scene, Spell
from simulator.spec import (
    Date,
    Days,
    Fraction,
    Real,
    Record,
    Text,
    broken,
    described,
    in_order,
    model_check,
)

_FREE = math.inf


class Renewed(Record):
    """The suspension goes on; when this ends too, the tree is drawn again."""

    probability: Real = described("probability", at_least=0, at_most=1)
    days: Days = described("how much longer", default=365.0, unit="days")


class Eased(Record):
    """The restrictions come back as licences that are mostly granted."""

    probability: Real = described("probability", at_least=0, at_most=1)
    approval: Fraction = described("share of planned flow approved", default=0.6)
    processing_days: Days = described("days until goods move", default=53.0, unit="days")


class Lapsed(Record):
    """The suspension lapses on paper, but licences keep flowing."""

    probability: Real = described("probability", at_least=0, at_most=1)
    approval: Fraction = described("share of planned flow approved", default=0.95)


class SnappedBack(Record):
    """The restrictions are back as written and enforced."""

    probability: Real = described("probability", at_least=0, at_most=1)


class Tree(Record):
    """What may follow a suspension; probabilities sum to 1."""

    renewed: Renewed | None = described("the suspension is renewed", default=None)
    eased: Eased | None = described("eased licences", default=None)
    lapsed: Lapsed | None = described("lapse with licences still flowing", default=None)
    snapped_back: SnappedBack | None = described("restrictions back as written", default=None)

    def branches(self) -> dict[str, float]:
        """Probability by branch, in fixed order, of those that are given."""
        found = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: branch.probability for name, branch in found.items() if branch is not None}

    def uniform(self, branch: str) -> float:
        """A uniform that takes a branch: the middle of those that do."""
        before = 0.0
        for name, probability in self.branches().items():
            if name == branch:
                return before + probability / 2.0
            before += probability
        raise KeyError(branch)

    @model_check
    def _sums_to_one(self) -> Tree:
        total = math.fsum(self.branches().values())
        if abs(total - 1.0) > 1e-9:
            rule = f"probabilities must sum to 1, not {total:.10g}"
            raise broken("", self.branches(), rule, "change one of them or add a branch")
        return self


class Suspension(ShockType, type="suspension"):
    """Restrictions are off for a time; then a branch of a probability tree follows.

    Examples
    --------
    ::

        truce: {type: suspension, of: [october], from: 2025-11-10, until: 2026-11-10,
                then: {renewed: {probability: 0.65, days: 365}, eased: {probability: 0.13},
                       lapsed: {probability: 0.11}, snapped_back: {probability: 0.11}}}
    """

    of: tuple[Text, ...] = described("names of the restrictions suspended", not_empty=True)
    from_: Date = described("first day of the suspension", alias="from")
    until: Date | None = described("day on which it ends; open if not given", default=None)
    then: Tree | None = described("what follows; default: back as written", default=None)

    def effects(self, scene: Scene) -> Iterator[Effect]:
        """Nothing of its own: a suspension acts through the restrictions it names."""
        return iter(())

    def spells(self, scene: Scene) -> Mapping[str, list[Spell]]:
        """One drawn course of events, the same for all restrictions named."""
        course = list(self._course(scene))
        return {name: course for name in self.of}

    def _course(self, scene: Scene) -> Iterator[Spell]:
        start, end = scene.day(self.from_), scene.day_or_end(self.until)
        yield Spell(start, end, _FREE)
        ends = 0
        while end is not None and end < scene.horizon_days and self.then is not None:
            ends += 1
            branch = self._branch(scene.draw.uniform(f"branch {ends}"))
            if branch == "renewed":
                assert self.then.renewed is not None
                again = "then.renewed.days" if ends == 1 else f"then.renewed.days {ends}"
                more = scene.days(again, self.then.renewed.days, 1)
                yield Spell(end, end + more, _FREE)
                end += more
                continue
            yield from self._lasting(scene, branch, end)
            return

    def _lasting(self, scene: Scene, branch: str, start: int) -> Iterator[Spell]:
        assert self.then is not None
        if branch == "eased" and self.then.eased is not None:
            eased = self.then.eased
            yield Spell(
                start,
                None,
                scene.value("then.eased.approval", eased.approval),
                scene.days("then.eased.processing_days", eased.processing_days),
            )
        elif branch == "lapsed" and self.then.lapsed is not None:
            approval = scene.value("then.lapsed.approval", self.then.lapsed.approval)
            yield Spell(start, None, approval)

    def _branch(self, uniform: float) -> str:
        assert self.then is not None
        branches = self.then.branches()
        sums = list(accumulate(branches.values()))
        chosen = sum(1 for total in sums[:-1] if uniform >= total)
        return list(branches)[chosen]

    def window(self) -> tuple[date, date | None]:
        """First and last day of the suspension as agreed."""
        return self.from_, self.until

    def label(self) -> str:
        """Say what is suspended."""
        return f"suspension of {', '.join(self.of)}"

    @model_check
    def _consistent(self) -> Suspension:
        in_order(self.from_, self.until)
        if self.then is not None and self.until is None:
            raise broken("then", None, "has no effect on an open suspension", "give `until`")
        return self
