"""Quotas, bans, licences and their suspension, as the customers behind the border see them."""

from __future__ import annotations

from tests.networks import Run, assert_days, model, on, shocked


def border(cover: float = 0, capacity: float = 10) -> str:
    """A Chinese mine that sells 10 a day to Japan and 5 a day at home."""
    return f"""
    materials: [{{id: ore, layer: minerals, unit: t}}]
    facilities:
      - {{id: mine, kind: mine, country: CHN, output: ore, capacity_per_day: {capacity + 5}}}
      - {{id: japan, kind: market, country: JPN}}
      - {{id: home, kind: market, country: CHN}}
    lanes:
      - {{customer: japan, material: ore, supplier: mine, share: 1, transit_days: 1}}
      - {{customer: home, material: ore, supplier: mine, share: 1, transit_days: 1}}
    demand:
      - {{sink: japan, material: ore, units_per_day: 10, cover_days: {cover}}}
      - {{sink: home, material: ore, units_per_day: 5}}
    """


def restriction(mechanism: str, start: int = 10, until: int | None = None, more: str = "") -> str:
    end = "" if until is None else f", until: {on(until)}"
    return (
        f"""
    shocks:
      rule: {{type: export_restriction, by: CHN, materials: ore, from: {on(start)}{end},
              mechanism: {mechanism}}}
    """
        + more
    )


def used(run: Run) -> tuple:
    return run.slot("used", "japan/ore"), run.slot("used", "home/ore")


def test_half_a_quota_halves_what_crosses_the_border(engine: str) -> None:
    run = shocked(model(border(), restriction("quota, quota: 0.5", until=20)), engine)
    japan, home = used(run)
    # leaves on days 10 to 19, arrives a day later
    assert_days(japan, {10: 10, range(11, 21): 5, range(21, 60): 10})
    assert_days(home, {range(60): 5})


def test_two_days_of_cover_last_four_days_under_half_a_quota(engine: str) -> None:
    run = shocked(model(border(cover=2), restriction("quota, quota: 0.5", until=20)), engine)
    # 20 in stock lose 5 a day from day 11: 15, 10, 5, 0; then 5 a day are missing on days 15 to 20
    assert_days(run.slot("on_hand", "japan/ore"), {10: 20, 11: 15, 12: 10, 13: 5, 14: 0})
    assert_days(used(run)[0], {14: 10, range(15, 21): 5, range(21, 60): 10})
    # asked are up to 15 a day, but half a plan is what may leave, and no more
    assert_days(run.lane("asked", "japan/ore/mine"), {10: 10, 11: 15, 19: 15})
    assert_days(run.lane("given", "japan/ore/mine"), {range(10, 20): 5})


def test_nobody_piles_up_goods_behind_a_closed_border(engine: str) -> None:
    run = shocked(model(border(), restriction("ban", until=30)), engine)
    # On day 10 the mine has dug 15 and sells 5. From then on it keeps 10 and digs 5 for the market
    # at home, since what may not leave does not count as unfilled.
    assert_days(run.facility("started", "mine"), {10: 15, range(11, 30): 5})
    assert_days(run.facility("finished", "mine"), {9: 0, range(10, 30): 10})
    assert_days(run.facility("unfilled", "mine"), {range(10, 30): 0})
    # Day 30: it has the 10 of day 10 and the 5 of today.
    assert_days(run.lane("given", "japan/ore/mine"), {29: 0, 30: 10})


def test_a_ban_a_suspension_and_a_snap_back_turn_the_flow_off_on_and_off(engine: str) -> None:
    truce = f"""
      truce: {{type: suspension, of: [rule], from: {on(20)}, until: {on(30)},
               then: {{snapped_back: {{probability: 1}}}}}}
    """
    run = shocked(model(border(), restriction("ban", more=truce)), engine)
    japan, home = used(run)
    # what leaves on days 20 to 29 arrives on days 21 to 30
    assert_days(japan, {10: 10, range(11, 21): 0, range(21, 31): 10, range(31, 60): 0})
    assert_days(home, {range(60): 5})


def test_without_a_branch_the_restriction_comes_back_as_written(engine: str) -> None:
    truce = f"""
      truce: {{type: suspension, of: [rule], from: {on(20)}, until: {on(30)}}}
    """
    run = shocked(model(border(), restriction("quota, quota: 0.2", more=truce)), engine)
    assert_days(used(run)[0], {range(11, 21): 2, range(21, 31): 10, range(31, 60): 2})


def test_under_a_licence_nothing_moves_until_it_is_processed_then_the_approved_fraction(
    engine: str,
) -> None:
    terms = "licence, approval: 0.4, processing_days: 5"
    run = shocked(model(border(), restriction(terms)), engine)
    assert_days(used(run)[0], {10: 10, range(11, 16): 0, range(16, 60): 4})


def test_after_a_suspension_licences_are_processed_anew(engine: str) -> None:
    truce = f"""
      truce: {{type: suspension, of: [rule], from: {on(20)}, until: {on(30)}}}
    """
    terms = "licence, approval: 0.4, processing_days: 5"
    run = shocked(model(border(), restriction(terms, more=truce)), engine)
    days = {range(11, 16): 0, range(16, 21): 4, range(21, 31): 10, range(31, 36): 0, 36: 4, 59: 4}
    assert_days(used(run)[0], days)


def test_a_limit_is_measured_by_the_plan_of_the_day(engine: str) -> None:
    tables = border(capacity=40).replace(
        "cover_days: 0}\n      - {sink: home",
        f"profile: {{{on(10)}: 1, {on(30)}: 2}}}}\n      - {{sink: home",
    )
    run = shocked(model(tables, restriction("quota, quota: 0.5", start=0)), engine)
    # Plans look a day ahead: what leaves on day t is meant for day t + 1; demand climbs by 0.5 a
    # day from 10 on day 10 to 20 on day 30, half of which may leave.
    assert_days(
        run.lane("given", "japan/ore/mine"), {5: 5, 9: 5, 10: 5.25, 19: 7.5, 29: 10, 40: 10}
    )


def test_of_two_restrictions_on_a_lane_the_tighter_holds(engine: str) -> None:
    more = f"""
      second: {{type: export_restriction, by: CHN, materials: ore, from: {on(15)},
                until: {on(25)}, mechanism: quota, quota: 0.3}}
    """
    run = shocked(model(border(), restriction("quota, quota: 0.5", more=more)), engine)
    assert_days(used(run)[0], {range(11, 16): 5, range(16, 26): 3, range(26, 60): 5})
