"""Work that is handed out comes back in order, and a crew is never larger than it says."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.experiment.in_turn import Crew, crew_of, each, in_groups


class Busy:
    """Counts how many are at work at a time; each waits for another, if there can be one."""

    def __init__(self, expected: int) -> None:
        self.now = self.most = 0
        self.lock, self.met = threading.Lock(), threading.Barrier(expected)

    def work(self, item: int) -> int:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.met.wait(timeout=30.0)
        with self.lock:
            self.now -= 1
        return 2 * item


@pytest.mark.parametrize("threads", [1, 3])
def test_all_threads_work_at_a_time_and_results_come_in_order(threads: int) -> None:
    busy = Busy(threads)
    assert [*each(busy.work, range(9), threads)] == [2 * n for n in range(9)]
    assert busy.most == threads


def test_a_crew_that_two_share_has_no_more_at_work_than_it_has_threads() -> None:
    busy = Busy(2)
    with crew_of(2) as crew, ThreadPoolExecutor(1) as other:
        beside = other.submit(lambda: [*each(busy.work, range(6), crew)])
        assert [*each(busy.work, range(6), crew)] == [2 * n for n in range(6)]
        assert beside.result() == [2 * n for n in range(6)]
        assert busy.most == 2
        assert [*each(abs, [-3], crew)] == [3]  # nobody who borrowed it has ended it


def test_what_goes_wrong_in_a_thread_reaches_whoever_handed_out_the_work() -> None:
    with pytest.raises(ZeroDivisionError):
        list(each(lambda item: 1 // item, [1, 0], 2))


@given(st.lists(st.integers(), max_size=80), st.integers(1, 9), st.integers(1, 16), st.booleans())
def test_groups_hold_everything_in_order_and_are_neither_small_nor_large(
    items: list[int], threads: int, least: int, shared: bool
) -> None:
    most = 16
    groups = in_groups(items, Crew(threads) if shared else threads, least, most)
    assert [*chain.from_iterable(groups)] == items
    assert all(least <= len(group) <= most for group in groups[:-1])
    assert all(0 < len(group) <= most for group in groups)
    if len(items) <= least * threads:
        assert len(groups) <= threads
