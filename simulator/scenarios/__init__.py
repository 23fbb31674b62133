"""Named scenarios of failures that real users of such clients met, for manual runs and tests."""

from __future__ import annotations

from simulator.scenarios.base import Scenario
from simulator.scenarios.parties import PARTY_CALLS
from simulator.scenarios.push import PUSH
from simulator.scenarios.servers import CLIENT_REFUSED, SERVERS
from simulator.scenarios.sign_in import SIGN_IN
from simulator.world import World


def _calm(world: World) -> None:
    world.faults.clear()
    world.push_faults.calm()
    world.tokens.life_s = world.options.access_life_s


SCENARIOS: dict[str, Scenario] = {
    "calm": Scenario("end every fault", act=_calm),
    **SERVERS,
    **PUSH,
    **SIGN_IN,
    **PARTY_CALLS,
    **CLIENT_REFUSED,
}


def overview() -> str:
    """Return the scenarios, one per line, for --help."""
    width = max(map(len, SCENARIOS))
    return "\n".join(f"  {name:<{width}}  {scenario.words}" for name, scenario in SCENARIOS.items())
