"""Numbers that may be uncertain: a constant or a distribution with an exact inverse.

Every distribution gives its value for a uniform ``u`` in [0, 1) by ``ppf``, so that replacing a
distribution keeps the random numbers. ``base`` is the value used when uncertainty is switched off.
"""

from __future__ import annotations

import math
import statistics
from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal, Self, overload

import numpy as np
from pydantic import ConfigDict, Field, model_validator

from simulator.spec.inverse import beta_ppf, normal_ppf, poisson_ppf, step_ppf
from simulator.spec.pert import pert_quantiles
from simulator.spec.record import Real, Record, broken, plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

_Z95 = 1.6448536269514722  # standard normal quantile at 0.95


class Distribution(Record):
    """Base of all numbers; ``minimum`` and ``maximum`` clamp the value drawn.

    Attributes
    ----------
    minimum, maximum
        Values drawn below or above are set to these.
    """

    model_config = ConfigDict(validate_default=False)

    #: Name in files, such as ``"pert"``.
    distribution: str
    minimum: Real | None = None
    maximum: Real | None = None

    #: True where single values carry probability.
    discrete: ClassVar[bool] = False

    @overload
    def ppf(self, u: float) -> float: ...
    @overload
    def ppf(self, u: FloatArray) -> FloatArray: ...
    def ppf(self, u: float | FloatArray) -> float | FloatArray:
        """Inverse of the cumulative distribution, clamped to ``minimum`` and ``maximum``.

        Parameters
        ----------
        u
            Probabilities in [0, 1], one or an array of any shape.

        Returns
        -------
        float or ndarray
            Smallest value whose cumulative probability is at least ``u``; infinite where the
            distribution has no end and no clamp.
        """
        with np.errstate(divide="ignore"):
            values = self._ppf(np.asarray(u, dtype=np.float64))
        if self.minimum is not None or self.maximum is not None:
            values = np.clip(values, self.minimum, self.maximum)
        return values if isinstance(u, np.ndarray) else float(values)

    @property
    def base(self) -> float:
        """Value without uncertainty: the most likely one, the median or the mean, as named."""
        return self._clamped(self._base())

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest value that can be drawn, after clamping; may be infinite."""
        low, high = self._support()
        return self._clamped(low), self._clamped(high)

    @property
    def uncertain(self) -> bool:
        """Whether more than one value can be drawn."""
        low, high = self.bounds
        return low < high

    def plain(self, full: bool = False) -> object:
        """Give the mapping a user would write."""
        written = super().plain()
        return {"distribution": self.distribution, **written} if isinstance(written, dict) else {}

    @abstractmethod
    def _ppf(self, u: FloatArray) -> FloatArray: ...

    @abstractmethod
    def _base(self) -> float: ...

    @abstractmethod
    def _support(self) -> tuple[float, float]: ...

    def _clamped(self, value: float) -> float:
        if self.minimum is not None:
            value = max(value, self.minimum)
        return value if self.maximum is None else min(value, self.maximum)

    @model_validator(mode="after")
    def _clamps_in_order(self) -> Self:
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise broken("maximum", self.maximum, f"must be >= minimum ({self.minimum:g})")
        return self


class Constant(Distribution):
    """A known value."""

    distribution: Literal["constant"] = "constant"
    # infinity is allowed here and refused by the fields that cannot use it
    value: float = Field(strict=True)

    def plain(self, full: bool = False) -> object:
        """Give the bare number."""
        return plain(self.base)

    def _ppf(self, u: FloatArray) -> FloatArray:
        return np.full_like(u, self.value)

    def _base(self) -> float:
        return self.value

    def _support(self) -> tuple[float, float]:
        return self.value, self.value

    @model_validator(mode="after")
    def _is_a_number(self) -> Self:
        if math.isnan(self.value):
            raise broken("value", self.value, "must be a number")
        return self


class Uniform(Distribution):
    """All values from ``low`` to ``high`` alike; base is the mean."""

    distribution: Literal["uniform"] = "uniform"
    low: Real
    high: Real

    def _ppf(self, u: FloatArray) -> FloatArray:
        return self.low + u * (self.high - self.low)

    def _base(self) -> float:
        return 0.5 * (self.low + self.high)

    def _support(self) -> tuple[float, float]:
        return self.low, self.high

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low > self.high:
            raise broken("high", self.high, f"must be >= low ({self.low:g})")
        return self


class _ThreePoint(Distribution):
    """Lowest, most likely and highest value; base is the most likely one."""

    low: Real
    mode: Real
    high: Real

    def _base(self) -> float:
        return self.mode

    def _support(self) -> tuple[float, float]:
        return self.low, self.high

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low <= self.mode <= self.high:
            given = f"{self.low:g}, {self.mode:g}, {self.high:g}"
            raise broken("mode", self.mode, f"low, mode and high must ascend, not {given}")
        return self


class Triangular(_ThreePoint):
    """Density rising straight from ``low`` to ``mode`` and falling to ``high``."""

    distribution: Literal["triangular"] = "triangular"

    def _ppf(self, u: FloatArray) -> FloatArray:
        width = self.high - self.low
        rising = self.low + np.sqrt(u * width * (self.mode - self.low))
        falling = self.high - np.sqrt((1.0 - u) * width * (self.high - self.mode))
        return np.where(u * width < self.mode - self.low, rising, falling)


class Pert(_ThreePoint):
    """Smooth three-point estimate: a beta from ``low`` to ``high`` with the given ``mode``."""

    distribution: Literal["pert"] = "pert"

    def _ppf(self, u: FloatArray) -> FloatArray:
        if self.high <= self.low:
            return np.full_like(u, self.mode)
        place = pert_quantiles(np.array([self.shape]), u.reshape(1, -1)).reshape(u.shape)
        return self.low + (self.high - self.low) * place

    @property
    def shape(self) -> float:
        """First shape of the beta; 6 minus it is the second."""
        return 1.0 + 4.0 * (self.mode - self.low) / (self.high - self.low)


class Normal(Distribution):
    """Normal by ``mean`` and standard deviation ``sd``; base is the mean."""

    distribution: Literal["normal"] = "normal"
    mean: Real
    sd: Real = Field(gt=0)

    def _ppf(self, u: FloatArray) -> FloatArray:
        return self.mean + self.sd * normal_ppf(u)

    def _base(self) -> float:
        return self.mean

    def _support(self) -> tuple[float, float]:
        return -math.inf, math.inf


class Lognormal(Distribution):
    """Lognormal by ``median`` and 95th percentile ``p95``; base is the median."""

    distribution: Literal["lognormal"] = "lognormal"
    median: Real = Field(gt=0)
    p95: Real = Field(gt=0)

    def _ppf(self, u: FloatArray) -> FloatArray:
        sigma = math.log(self.p95 / self.median) / _Z95
        return self.median * np.exp(sigma * normal_ppf(u))

    def _base(self) -> float:
        return self.median

    def _support(self) -> tuple[float, float]:
        return 0.0, math.inf

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.p95 <= self.median:
            raise broken("p95", self.p95, f"must be > median ({self.median:g})")
        return self


class Beta(Distribution):
    """Beta with shapes ``a`` and ``b``, stretched to ``low`` .. ``high``; base is the mean."""

    distribution: Literal["beta"] = "beta"
    a: Real = Field(gt=0)
    b: Real = Field(gt=0)
    low: Real = 0.0
    high: Real = 1.0

    def _ppf(self, u: FloatArray) -> FloatArray:
        return self.low + (self.high - self.low) * beta_ppf(self.a, self.b, u)

    def _base(self) -> float:
        return self.low + (self.high - self.low) * self.a / (self.a + self.b)

    def _support(self) -> tuple[float, float]:
        return self.low, self.high

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low >= self.high:
            raise broken("high", self.high, f"must be > low ({self.low:g})")
        return self


class Exponential(Distribution):
    """Exponential by its ``mean``; base is the mean."""

    distribution: Literal["exponential"] = "exponential"
    mean: Real = Field(gt=0)

    def _ppf(self, u: FloatArray) -> FloatArray:
        return self.mean * -np.log1p(-u)

    def _base(self) -> float:
        return self.mean

    def _support(self) -> tuple[float, float]:
        return 0.0, math.inf


class Weibull(Distribution):
    """Weibull by ``shape`` and ``scale``; base is the mean."""

    distribution: Literal["weibull"] = "weibull"
    shape: Real = Field(gt=0)
    scale: Real = Field(gt=0)

    def _ppf(self, u: FloatArray) -> FloatArray:
        return self.scale * (-np.log1p(-u)) ** (1.0 / self.shape)

    def _base(self) -> float:
        return self.scale * math.gamma(1.0 + 1.0 / self.shape)

    def _support(self) -> tuple[float, float]:
        return 0.0, math.inf


class Choice(Distribution):
    """One of ``values`` with the given ``probabilities``; base is the mean."""

    distribution: Literal["choice"] = "choice"
    discrete: ClassVar[bool] = True
    values: tuple[Real, ...] = Field(min_length=1)
    probabilities: tuple[Real, ...] = Field(min_length=1)

    def _ppf(self, u: FloatArray) -> FloatArray:
        pairs = sorted(self._possible())
        return step_ppf([v for v, _ in pairs], np.cumsum([p for _, p in pairs]), u)

    def _base(self) -> float:
        return math.fsum(v * p for v, p in self._possible())

    def _support(self) -> tuple[float, float]:
        values = [v for v, _ in self._possible()]
        return min(values), max(values)

    def _possible(self) -> list[tuple[float, float]]:
        return [(v, p) for v, p in zip(self.values, self.probabilities, strict=True) if p > 0]

    @model_validator(mode="after")
    def _is_a_distribution(self) -> Self:
        given = len(self.probabilities)
        if given != len(self.values):
            rule = f"must be as many as the values ({len(self.values)}), not {given}"
            raise broken("probabilities", self.probabilities, rule)
        for index, value in enumerate(self.probabilities):
            if not 0.0 <= value <= 1.0:
                raise broken(("probabilities", index), value, "must be between 0 and 1")
        total = math.fsum(self.probabilities)
        if abs(total - 1.0) > 1e-9:
            raise broken("probabilities", self.probabilities, f"must sum to 1, not {total:.10g}")
        return self


class Empirical(Distribution):
    """One of the observed ``values``, each as likely; base is their median."""

    distribution: Literal["empirical"] = "empirical"
    discrete: ClassVar[bool] = True
    values: tuple[Real, ...] = Field(min_length=1)

    def _ppf(self, u: FloatArray) -> FloatArray:
        count = len(self.values)
        return step_ppf(sorted(self.values), np.arange(1, count + 1) / count, u)

    def _base(self) -> float:
        return statistics.median(self.values)

    def _support(self) -> tuple[float, float]:
        return min(self.values), max(self.values)


class Poisson(Distribution):
    """Number of events by its ``mean``, for daily noise; base is the mean."""

    distribution: Literal["poisson"] = "poisson"
    discrete: ClassVar[bool] = True
    mean: Real = Field(ge=0)

    def _ppf(self, u: FloatArray) -> FloatArray:
        return poisson_ppf(self.mean, u)

    def _base(self) -> float:
        return self.mean

    def _support(self) -> tuple[float, float]:
        return 0.0, math.inf if self.mean > 0 else 0.0


#: The distributions by the name that files give them.
DISTRIBUTIONS: Mapping[str, type[Distribution]] = {
    str(kind.model_fields["distribution"].default): kind
    for kind in (
        Constant, Uniform, Triangular, Pert, Normal, Lognormal, Beta, Exponential, Weibull,
        Choice, Empirical, Poisson,
    )
}  # fmt: skip
