"""The frozen result of one run: every recorded series by day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from simulator.network.network import Floats, Network

KINDS = ("facilities", "slots", "lanes", "hubs")


@dataclass(frozen=True)
class Trajectory:
    """Series of one run as (things, days) arrays.

    Attributes
    ----------
    network
        What the rows are about; rows follow its numbering of facilities, slots and lanes.
    series
        ``(kind, name)`` to array, such as ``("facilities", "started")`` in units a day.
    """

    network: Network
    series: Mapping[tuple[str, str], Floats]

    def __getitem__(self, key: tuple[str, str]) -> Floats:
        try:
            return self.series[key]
        except KeyError:
            known = ", ".join(f"{kind}.{name}" for kind, name in self.series)
            raise UsageError(f"{key[0]}.{key[1]} was not recorded; there are {known}") from None

    @property
    def days(self) -> int:
        """Length of the run in days."""
        return self.network.horizon_days

    def frame(self, kind: str = "facilities") -> pd.DataFrame:
        """One kind of thing as a tidy table: day, date, id, and a column per series.

        Raises
        ------
        UsageError
            If nothing of this kind was recorded.
        """
        import numpy as np
        import pandas as pd

        ids = self._ids
        names = [name for known, name in self.series if known == kind]
        if kind not in ids or not names:
            raise UsageError(f"no series of {kind}; record everything and choose from {KINDS}")
        count = len(ids[kind])
        dates = pd.date_range(self.network.start, periods=self.days, freq="D")
        columns: dict[str, Any] = {
            "day": np.tile(np.arange(self.days), count),
            "date": np.tile(dates, count),
            "id": np.repeat(np.array(ids[kind], dtype=object), self.days),
        }
        columns.update({name: self.series[kind, name].ravel() for name in names})
        table = pd.DataFrame(columns)
        if kind in ("hubs", "facilities"):
            hub = [k == "hub" for k in self.network.kinds]
            wanted = np.repeat(np.array(hub) == (kind == "hubs"), self.days)
            table = table[wanted].reset_index(drop=True)
        return table

    def table(self, series: str, kind: str = "facilities") -> pd.DataFrame:
        """One series as a wide table: a row per date, a column per facility, slot, lane or hub.

        Parameters
        ----------
        series
            Its name, such as ``started`` or ``on_hand``; units as in `frame`.
        kind
            One of the kinds of `frame`.

        Raises
        ------
        UsageError
            If it was not recorded.
        """
        import pandas as pd

        values = self[kind, series]
        dates = pd.date_range(self.network.start, periods=self.days, freq="D", name="date")
        wide = pd.DataFrame(values.T, index=dates, columns=pd.Index(self._ids[kind], name="id"))
        if kind in ("hubs", "facilities"):
            wide = wide.loc[:, [(k == "hub") == (kind == "hubs") for k in self.network.kinds]]
        return wide

    @property
    def _ids(self) -> dict[str, tuple[str, ...]]:
        return {
            "facilities": self.network.facility_ids,
            "hubs": self.network.facility_ids,
            "slots": self.network.slot_ids,
            "lanes": self.network.lane_ids,
        }

    def __repr__(self) -> str:  # the fields hold every table of the network
        return f"<Trajectory of {len(self.network.facility_ids)} facilities, {self.days:,} days>"

    def _repr_html_(self) -> str:
        return str(self.frame("facilities").head(10)._repr_html_())  # type: ignore[operator]
