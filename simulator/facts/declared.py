"""Every fact of every subject: whoever imports `FACTS` from here has them all declared."""

from __future__ import annotations

from simulator.facts import FACTS, account, bridge, consoles, miranda, party, push

__all__ = ["FACTS", "account", "bridge", "consoles", "miranda", "party", "push"]
