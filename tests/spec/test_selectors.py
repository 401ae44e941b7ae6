"""Selectors pick what they say, and a term that picks nothing is an error."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from simulator.errors import InputError
from simulator.spec import (
    CountrySet,
    Dataset,
    FacilitySelector,
    LaneSelector,
    MaterialSelector,
    layer_of,
    load_scenario,
    select_countries,
    select_facilities,
    select_lanes,
    select_materials,
)

CORPUS = Path(__file__).resolve().parents[1] / "corpus" / "valid"
ON = date(2025, 10, 1)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return load_scenario(CORPUS / "alliances.yaml").dataset


def facilities(dataset: Dataset, given: object, on: date | None = ON) -> tuple[str, ...]:
    return select_facilities(dataset, FacilitySelector.model_validate(given), on, path="shocks.a.x")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("fab_1", ("fab_1",)),
        ("*_1", ("dc_1", "fab_1", "mine_1")),
        (["mine_1", "fab_1", "mine_1"], ("fab_1", "mine_1")),
        ({"kind": ["mine", "fab"]}, ("fab_1", "mine_1")),
        ({"kind": ["mine", "fab"], "country": "TWN"}, ("fab_1",)),
        ({"material": "ore"}, ("mine_1",)),
        ({"layer": "ai_infrastructure"}, ("dc_1",)),
        ({"alliance": "chips"}, ("fab_1",)),
        ({"any": ["*"], "except": "dc_1"}, ("fab_1", "mine_1")),
        ({"kind": ["mine", "fab"], "except": [{"country": "CHN"}]}, ("fab_1",)),
    ],
)
def test_a_selector_picks_what_it_says(
    dataset: Dataset, given: object, expected: tuple[str, ...]
) -> None:
    assert facilities(dataset, given) == expected


def test_membership_of_an_alliance_counts_on_its_dates(dataset: Dataset) -> None:
    assert facilities(dataset, {"alliance": "chips"}, date(2024, 6, 1)) == ("dc_1", "fab_1")
    assert facilities(dataset, {"alliance": "chips"}, date(2019, 6, 1)) == ("dc_1",)
    assert facilities(dataset, {"alliance": "chips"}, None) == ("dc_1", "fab_1")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["fab_1", "fab1"], "shocks.a.x.any[1].id = fab1: matches no facilities; did you mean"),
        ({"country": "JPN"}, "matches no facilities with this country; known: CHN, TWN, USA"),
        ({"alliance": "chip"}, "unknown alliance; did you mean 'chips'?"),
        ({"kind": "mine", "country": "USA"}, "no facilities match all of these together"),
        ({"via": "port"}, "has no effect on facilities"),
        ({"any": ["fab_1"], "except": ["fab2"]}, "shocks.a.x.except[0].id = fab2"),
        ({"any": ["fab_1"], "except": ["*"]}, "leaves no facilities"),
    ],
)
def test_a_term_that_matches_nothing_names_the_nearest(
    dataset: Dataset, given: object, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        facilities(dataset, given)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("dc_1/chip/fab_1", ("dc_1/chip/fab_1",)),
        ({"material": "ore"}, ("fab_1/ore/mine_1",)),
        ({"supplier": "fab*"}, ("dc_1/chip/fab_1",)),
        ({"customer": "fab_1", "country": "CHN"}, ("fab_1/ore/mine_1",)),
        ({"layer": ["minerals", "semiconductors"]}, ("dc_1/chip/fab_1", "fab_1/ore/mine_1")),
    ],
)
def test_lanes_are_picked_by_their_ends_and_material(
    dataset: Dataset, given: object, expected: tuple[str, ...]
) -> None:
    assert select_lanes(dataset, LaneSelector.model_validate(given), ON) == expected


def test_lanes_are_picked_by_the_hub_they_pass() -> None:
    dataset = load_scenario(CORPUS / "one-hub.yaml").dataset
    selector = LaneSelector.model_validate({"via": "port_*"})
    assert select_lanes(dataset, selector, ON) == ("fab_1/ore/mine_1",)


def test_materials_are_picked_by_id_and_layer(dataset: Dataset) -> None:
    assert select_materials(dataset, MaterialSelector.model_validate("o*")) == ("ore",)
    selector = MaterialSelector.model_validate({"layer": "semiconductors"})
    assert select_materials(dataset, selector) == ("chip",)
    with pytest.raises(InputError, match="has no effect on materials"):
        select_materials(dataset, MaterialSelector.model_validate({"kind": "mine"}))


def test_countries_are_codes_alliances_or_all(dataset: Dataset) -> None:
    def chosen(given: object, on: date | None = ON) -> tuple[str, ...]:
        return select_countries(dataset, CountrySet.model_validate(given), on)

    assert chosen("CHN") == ("CHN",)
    assert chosen(["USA", "chips"]) == ("TWN", "USA")
    assert chosen("chips", None) == ("TWN", "USA")
    assert len(chosen("all")) == 250
    with pytest.raises(InputError, match="did you mean 'CHN'"):
        chosen("China")
    with pytest.raises(InputError, match="has no members on 2100-01-01"):
        select_countries(
            load_scenario(
                CORPUS / "alliances.yaml", ["network.alliances.0.until_date=2050-01-01"]
            ).dataset,
            CountrySet.model_validate("chips"),
            date(2100, 1, 1),
        )


def test_a_selector_reads_well_as_text() -> None:
    given = {"any": ["fab_1", {"kind": "mine", "country": ["CHN", "AUS"]}], "except": ["mine_2"]}
    selector = FacilitySelector.model_validate(given)
    assert str(selector) == "fab_1; kind mine, country CHN or AUS except mine_2"
    assert FacilitySelector.model_validate(selector.plain()) == selector


def test_layers_follow_the_output_the_kind_or_the_demand(dataset: Dataset) -> None:
    layers = {row.id: layer_of(dataset, row) for row in dataset.facilities}
    assert layers == {"dc_1": "ai_infrastructure", "fab_1": "semiconductors", "mine_1": "minerals"}
