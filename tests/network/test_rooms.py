"""Memory for plans goes from one piece of work to the next, and a plan goes once it has run."""

from __future__ import annotations

import gc
import weakref

import pytest

from simulator.experiment.in_turn import one_by_one
from simulator.network.planning import make_plans
from simulator.network.room import largest_room, lent_room
from simulator.sampling import Model
from tests.networks import model, serial


@pytest.fixture
def ready() -> Model:
    return model(serial())


class Thing:
    """Something that can be watched."""


def test_a_room_that_is_given_back_is_lent_again(ready: Model) -> None:
    with lent_room(ready.network) as first:
        pass
    with lent_room(ready.network) as second:
        assert second is first


def test_two_at_a_time_have_rooms_of_their_own(ready: Model) -> None:
    with lent_room(ready.network) as first, lent_room(ready.network) as second:
        assert second is not first


def test_a_room_comes_back_from_work_that_fails(ready: Model) -> None:
    with pytest.raises(ValueError, match="no plan"), lent_room(ready.network) as first:
        raise ValueError("no plan")
    with lent_room(ready.network) as second:
        assert second is first


def test_networks_do_not_share_rooms(ready: Model) -> None:
    with lent_room(ready.network) as first:
        pass
    with lent_room(model(serial()).network) as second:
        assert second is not first


def test_rooms_go_with_their_network() -> None:
    short_lived = model(serial())
    with lent_room(short_lived.network) as room:
        seen = weakref.ref(room)
    del room, short_lived
    gc.collect()
    assert seen() is None


def test_the_largest_room_is_that_of_plans_which_were_made_in_it(ready: Model) -> None:
    with lent_room(ready.network) as room:
        make_plans(ready.network, [ready.network.numbers] * 2, room)
        held = room.nbytes
    assert held > 8 * len(ready.network.slots) * ready.network.horizon_days
    assert largest_room() >= held


def test_things_come_one_by_one_in_their_order() -> None:
    assert [*one_by_one([1, 2, 3])] == [1, 2, 3]


def test_a_thing_goes_when_the_next_one_comes() -> None:
    things = [Thing(), Thing()]
    first = weakref.ref(things[0])
    handed = one_by_one(things)
    thing = next(handed)
    assert first() is thing
    thing = next(handed)
    assert first() is None
