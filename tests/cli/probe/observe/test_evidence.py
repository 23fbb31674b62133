"""All observers together: the name of the step, facts of workers, and floods."""

from __future__ import annotations

import msgspec

from cli.probe.observe.evidence import Evidence
from common.messages import WireFact
from tests.cli.probe.observe.messages import SMALL, party, signal, take


def test_facts_that_workers_tell_count_if_they_are_known():
    evidence = Evidence()
    fact = WireFact(name="rtp.clock", value="16000", worker="media", at=1.0)
    assert [one.value for one in take(evidence, (1.0, fact))] == ["16000"]
    odd = [msgspec.structs.replace(fact, value="7"), msgspec.structs.replace(fact, name="who.knows")]
    assert take(evidence, *((1.0, one) for one in odd)) == []


def test_who_floods_the_bus_takes_no_end_of_room():
    evidence = Evidence()
    for number in range(200):
        take(evidence, (1.0, signal(f"{number + 100}.PS5", "in")), (1.0, signal(SMALL, "out", sequence=number)))
    assert len(evidence.members.aliases()) <= 32


def test_an_observation_names_the_step_in_which_it_was_made():
    evidence = Evidence()
    fact = WireFact(name="rtp.clock", value="16000", worker="media", at=1.0)
    evidence.start_step("voice")
    evidence.open_window(0.0)
    (shown,) = take(evidence, (1.0, party((SMALL, 2))), (1.0, fact))
    (quiet,) = evidence.close_window(5.0)
    assert (shown.step, quiet.step) == ("voice", "voice")
