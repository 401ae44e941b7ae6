"""Distributions: exact inverses, base values, limits, and what files may say."""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from simulator.spec.distributions import (
    DISTRIBUTIONS,
    Beta,
    Choice,
    Constant,
    Distribution,
    Empirical,
    Exponential,
    Lognormal,
    Normal,
    Pert,
    Poisson,
    Triangular,
    Uniform,
    Weibull,
)
from simulator.spec.numbers import (
    Fraction,
    NonNegative,
    Number,
    Positive,
    PositiveFraction,
    Unlimited,
    Within,
    parse_number,
)
from simulator.spec.record import Record, plain

U = np.array([0.0, 1e-300, 1e-12, 0.001, 0.25, 0.5, 0.75, 0.95, 0.999, 1 - 2**-53])
SOME = st.floats(0.05, 20.0)


@st.composite
def three_points(draw: st.DrawFn) -> tuple[float, float, float]:
    low = draw(st.floats(-100, 100))
    first = draw(st.floats(0.01, 50))
    return low, low + draw(st.floats(0, 1)) * first, low + first


@st.composite
def continuous(draw: st.DrawFn) -> tuple[Distribution, Any]:
    """A distribution and scipy's version of it."""
    low, mode, high = draw(three_points())
    a, b = draw(SOME), draw(SOME)
    span = high - low
    sigma = math.log1p(b) / stats.norm.ppf(0.95)
    peak = (mode - low) / span
    return draw(
        st.sampled_from(
            [
                (Uniform(low=low, high=high), stats.uniform(low, span)),
                (
                    Triangular(low=low, mode=mode, high=high),
                    stats.triang(min(max(peak, 0), 1), low, span),
                ),
                (
                    Pert(low=low, mode=mode, high=high),
                    stats.beta(1 + 4 * peak, 1 + 4 * (high - mode) / span, low, span),
                ),
                (Normal(mean=low, sd=a), stats.norm(low, a)),
                (Lognormal(median=a, p95=a * (1 + b)), stats.lognorm(sigma, scale=a)),
                (Beta(a=a, b=b), stats.beta(a, b)),
                (Beta(a=a, b=b, low=low, high=high), stats.beta(a, b, low, span)),
                (Exponential(mean=a), stats.expon(scale=a)),
                (Weibull(shape=a, scale=b), stats.weibull_min(a, scale=b)),
            ]
        )
    )


@given(continuous(), st.floats(1e-6, 1 - 1e-6))
def test_the_probability_up_to_a_quantile_is_the_one_asked_for(
    pair: tuple[Distribution, Any], u: float
) -> None:
    number, reference = pair
    value = number.ppf(u)
    below, above = np.nextafter(value, -np.inf), np.nextafter(value, np.inf)
    # no float lies between the neighbours, so u must lie between their probabilities
    assert reference.cdf(below) - 1e-9 <= u <= reference.cdf(above) + 1e-9


@given(continuous())
def test_quantiles_never_fall(pair: tuple[Distribution, Any]) -> None:
    values = pair[0].ppf(U)
    assert np.all(values[1:] >= values[:-1])
    assert not np.any(np.isnan(values))


@given(continuous(), st.floats(0, 1, exclude_max=True))
def test_quantiles_stay_within_the_bounds(pair: tuple[Distribution, Any], u: float) -> None:
    number = pair[0]
    low, high = number.bounds
    slack = 1e-12 * max([1.0, *(abs(end) for end in (low, high) if math.isfinite(end))])
    assert low - slack <= number.ppf(u) <= high + slack
    assert low <= number.base <= high


@given(continuous())
def test_an_array_gives_the_same_as_its_elements(pair: tuple[Distribution, Any]) -> None:
    number = pair[0]
    inner = U[1:-1].reshape(2, 4)
    together = number.ppf(inner)
    assert together.shape == (2, 4)
    assert [number.ppf(float(u)) for u in inner.ravel()] == together.ravel().tolist()


@given(continuous())
def test_a_number_written_out_and_read_again_is_the_same(pair: tuple[Distribution, Any]) -> None:
    assert parse_number(pair[0].plain()) == pair[0]


@settings(max_examples=200)
@given(st.floats(1e-6, 1e5), st.floats(0, 1, exclude_max=True))
def test_poisson_gives_the_smallest_count_that_reaches_the_probability(
    mean: float, u: float
) -> None:
    count = Poisson(mean=mean).ppf(u)
    from scipy.special import pdtr

    assert count == math.floor(count)
    assert pdtr(count, mean) >= u
    assert count == 0 or pdtr(count - 1, mean) < u


def test_poisson_agrees_with_scipy_stats() -> None:
    u = np.linspace(0.0005, 0.9995, 500)
    for mean in (0.01, 0.7, 5.0, 33.3, 1234.5):
        assert np.array_equal(Poisson(mean=mean).ppf(u), stats.poisson(mean).ppf(u))


def test_poisson_with_mean_zero_gives_zero() -> None:
    assert Poisson(mean=0).ppf(U).tolist() == [0.0] * len(U)
    assert not Poisson(mean=0).uncertain


@given(
    st.lists(st.tuples(st.floats(-9, 9), st.integers(0, 9)), min_size=1, max_size=6).filter(
        lambda pairs: sum(weight for _, weight in pairs) > 0
    ),
    st.floats(0, 1, exclude_max=True),
)
def test_choice_gives_a_value_with_some_probability(
    pairs: list[tuple[float, int]], u: float
) -> None:
    total = sum(weight for _, weight in pairs)
    number = Choice(
        values=tuple(v for v, _ in pairs), probabilities=tuple(w / total for _, w in pairs)
    )
    value = number.ppf(u)
    assert value in {v for v, w in pairs if w > 0}
    below = sum(w for v, w in pairs if v < value) / total
    assert below <= u + 1e-9
    assert u <= sum(w for v, w in pairs if v <= value) / total + 1e-9


def test_choice_meets_its_probabilities_exactly_at_the_steps() -> None:
    number = Choice(values=(3, 1, 2), probabilities=(0.25, 0.5, 0.25))
    assert number.ppf(np.array([0.0, 0.5, 0.500001, 0.75, 0.76, 1.0])).tolist() == [
        1,
        1,
        2,
        2,
        3,
        3,
    ]
    assert number.base == 0.25 * 3 + 0.5 + 0.5


def test_empirical_gives_each_value_alike() -> None:
    number = Empirical(values=(30, 10, 20, 40))
    counts = np.bincount(number.ppf((np.arange(400) + 0.5) / 400).astype(int) // 10)
    assert counts.tolist() == [0, 100, 100, 100, 100]
    assert number.base == 25


@pytest.mark.parametrize(
    ("number", "base", "bounds"),
    [
        (Constant(value=3), 3, (3, 3)),
        (Uniform(low=1, high=2), 1.5, (1, 2)),
        (Triangular(low=1, mode=2, high=6), 2, (1, 6)),
        (Pert(low=1, mode=2, high=6), 2, (1, 6)),
        (Normal(mean=5, sd=2), 5, (-math.inf, math.inf)),
        (Normal(mean=5, sd=2, minimum=0), 5, (0, math.inf)),
        (Normal(mean=5, sd=2, maximum=4), 4, (-math.inf, 4)),
        (Lognormal(median=2, p95=5), 2, (0, math.inf)),
        (Beta(a=1, b=3), 0.25, (0, 1)),
        (Beta(a=1, b=3, low=4, high=8), 5, (4, 8)),
        (Exponential(mean=3), 3, (0, math.inf)),
        (Weibull(shape=1, scale=3), 3, (0, math.inf)),
        (Poisson(mean=3), 3, (0, math.inf)),
    ],
)
def test_base_and_bounds_are_as_named(
    number: Distribution, base: float, bounds: tuple[float, float]
) -> None:
    assert number.base == pytest.approx(base, rel=1e-12)
    assert number.bounds == bounds


def test_lognormal_meets_its_median_and_p95() -> None:
    number = Lognormal(median=2, p95=7)
    assert number.ppf(0.5) == pytest.approx(2, rel=1e-12)
    assert number.ppf(0.95) == pytest.approx(7, rel=1e-12)


def test_ends_without_limit_are_infinite_and_clamps_make_them_finite() -> None:
    assert Normal(mean=0, sd=1).ppf(0.0) == -math.inf
    assert Exponential(mean=1).ppf(1.0) == math.inf
    assert Normal(mean=0, sd=1, minimum=-2, maximum=2).ppf(np.array([0.0, 1.0])).tolist() == [-2, 2]


@pytest.mark.parametrize(
    "number",
    [Uniform(low=2, high=2), Pert(low=2, mode=2, high=2), Triangular(low=2, mode=2, high=2)],
)
def test_a_distribution_without_width_is_certain(number: Distribution) -> None:
    assert not number.uncertain
    assert number.ppf(U).tolist() == [2.0] * len(U)


def test_every_distribution_is_known_by_its_name() -> None:
    assert set(DISTRIBUTIONS) == {
        "constant", "uniform", "triangular", "pert", "normal", "lognormal", "beta", "exponential",
        "weibull", "choice", "empirical", "poisson",
    }  # fmt: skip


def test_a_bare_number_is_a_constant() -> None:
    assert parse_number(3) == Constant(value=3.0)
    assert parse_number(3).plain() == 3
    assert parse_number({"distribution": "constant", "value": 0.5}).plain() == 0.5


class Limits(Record):
    """One field of each kind."""

    number: Number = Constant(value=0)
    positive: Positive = Constant(value=1)
    non_negative: NonNegative = Constant(value=0)
    fraction: Fraction = Constant(value=0)
    positive_fraction: PositiveFraction = Constant(value=1)
    unlimited: Unlimited = Constant(value=1)
    whole: Annotated[Number, Within(0, whole=True)] = Constant(value=1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("positive", {"distribution": "lognormal", "median": 1, "p95": 2}),
        ("positive", {"distribution": "uniform", "low": 0, "high": 2}),
        ("non_negative", {"distribution": "poisson", "mean": 2}),
        ("non_negative", {"distribution": "normal", "mean": 1, "sd": 1, "minimum": 0}),
        ("fraction", {"distribution": "beta", "a": 1, "b": 1}),
        ("fraction", {"distribution": "exponential", "mean": 0.2, "maximum": 1}),
        ("unlimited", math.inf),
        ("whole", {"distribution": "pert", "low": 1, "mode": 2, "high": 3}),
    ],
)
def test_a_number_within_its_limits_is_taken(field: str, value: object) -> None:
    limits = Limits.model_validate({field: value})
    assert plain(getattr(limits, field)) == value


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("number", math.inf, "must be a finite number"),
        ("number", math.nan, "must be a number"),
        ("number", True, "must be a number"),
        ("number", "3", "must be a number"),
        ("number", [3], "must be a number"),
        ("number", 10**400, "must be below 1e308"),
        ("positive", 0, "must be > 0"),
        ("positive", {"distribution": "poisson", "mean": 2}, "must be > 0"),
        ("positive", {"distribution": "normal", "mean": 1, "sd": 1, "minimum": 0}, "must be > 0"),
        ("non_negative", -1, "must be >= 0"),
        ("non_negative", {"distribution": "normal", "mean": 9, "sd": 1}, "goes down to -inf"),
        ("fraction", {"distribution": "uniform", "low": 0, "high": 2}, "goes up to 2"),
        ("positive_fraction", 0, "must be > 0 and <= 1"),
        ("whole", 2.5, "must be a whole number"),
    ],
)
def test_a_number_outside_its_limits_is_refused(field: str, value: object, rule: str) -> None:
    with pytest.raises(ValidationError, match=rule):
        Limits.model_validate({field: value})


def test_uncertain_numbers_are_found_by_their_path() -> None:
    limits = Limits.model_validate({"fraction": {"distribution": "beta", "a": 1, "b": 1}})
    assert [path for path, _ in limits.numbers()] == ["fraction"]
