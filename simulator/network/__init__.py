"""The network: frozen arrays, planned rates, checks, and what it says about itself."""

from simulator.network.build import build_network
from simulator.network.network import Network, Numbers

__all__ = ["Network", "Numbers", "build_network"]
