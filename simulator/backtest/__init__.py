"""Back-tests: forecasts of past episodes from what was known of others, and how good they were.

Examples
--------
::

    from simulator import backtest

    found = backtest.run("gallium-2023", replications=40)
    found.frame  # one row per month: observed index, band, scores
    found.scores, found.failures
"""

from __future__ import annotations

from simulator.backtest.episodes import EPISODES, Case, Episode, episode
from simulator.backtest.history import History, load_history, load_sources
from simulator.backtest.priors import Prior, Priors, priors_for
from simulator.backtest.result import REPLICATIONS, SEED, Result, run, run_episodes

__all__ = [
    "EPISODES",
    "REPLICATIONS",
    "SEED",
    "Case",
    "Episode",
    "History",
    "Prior",
    "Priors",
    "Result",
    "episode",
    "load_history",
    "load_sources",
    "priors_for",
    "run",
    "run_episodes",
]
