"""A layout that knows the length of labels without measuring them; see `style.arrange`."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.layout_engine import LayoutEngine

from simulator.report import style


class Margins(LayoutEngine):
    """Sets the margins of the axes of a figure whenever it is drawn."""

    _adjust_compatible = True
    _colorbar_gridspec = True

    def execute(self, fig: Figure) -> None:
        """Arrange the axes; figures of several are left as they are."""
        if len(fig.axes) == 1:
            style.arrange(fig.axes[0])
