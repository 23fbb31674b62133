"""All facts of all subjects. Importing `FACTS` from here declares every one of them."""

from __future__ import annotations

from simulator.facts import FACTS, account, bridge, consoles, miranda, party, push

__all__ = ["FACTS", "account", "bridge", "consoles", "miranda", "party", "push"]
