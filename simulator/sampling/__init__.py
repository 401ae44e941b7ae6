"""Sampling: named streams, and realisations drawn from them."""

from simulator.sampling.model import Model, Pair, prepare
from simulator.sampling.realisation import Realisation

__all__ = ["Model", "Pair", "Realisation", "prepare"]
