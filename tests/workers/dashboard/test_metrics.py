"""The Prometheus text."""

from __future__ import annotations

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from common.basic.field_docs import field_docs
from common.messages import Levels, MixerState, MixerTalker, PartyState, PeerState, Recording, WorkerHealth
from tests.workers.dashboard.stage import Stage, member
from tests.workers.dashboard.test_state import note
from workers.dashboard import metrics
from workers.dashboard.state import PageState

BO = member(1)


def samples(state: PageState) -> dict[tuple[str, str], float]:
    found = {}
    for family in text_string_to_metric_families(metrics.text(state, 100.0, {"sound_packets": 4.0}).decode()):
        for sample in family.samples:
            found[sample.name, ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()))] = (
                sample.value
            )
    return found


def full() -> PageState:
    health = WorkerHealth(
        worker="media", pid=1, boot="b", state="running", started_at=0.0, beat_s=98.0, rss_bytes=5000, cpu_seconds=1.5
    )
    talker = MixerTalker(peer=BO.peer, gain_db=-3.0, missing=2, age_ms=52.0)
    mixer = MixerState(sink="null", wanted_sink="device", where="nowhere", latency_ms=12.0, talkers=(talker,))
    party = PartyState(phase="joined", members=(BO,))
    return note(PageState(), health, mixer, party, Levels(talkers={}, mix=-9.0), Stage.peer(BO, late=3))


def test_talkers_mix_and_workers_are_there_in_prometheus_units() -> None:
    found = samples(full())
    who = f"name=Bo-Streams,peer={BO.peer}"
    assert found["partyline_peer_packets_total", who] == 1025
    assert found["partyline_peer_late_total", who] == 3
    assert found["partyline_peer_delay_seconds", who] == 0.038
    assert found["partyline_peer_connection", f"{who},state=connected"] == 1
    assert found["partyline_mixer_talker_missing_total", who] == 2
    assert found["partyline_mixer_talker_gain_db", who] == -3
    assert found["partyline_mixer_latency_seconds", ""] == 0.012
    assert found["partyline_mixer_sink_missing", ""] == 1
    assert found["partyline_worker_rss_bytes", "worker=media"] == 5000
    assert found["partyline_worker_cpu_seconds_total", "worker=media"] == 1.5
    assert found["partyline_worker_heartbeat_age_seconds", "worker=media"] == 2
    assert found["partyline_dashboard_sound_packets_total", ""] == 4


def test_every_number_of_a_talker_is_told_whatever_fields_there_will_be() -> None:
    names = {name for name, _ in samples(full())}
    for field in msgspec.structs.fields(PeerState):
        if field.type in (int, float):
            stem = field.name.removesuffix("_ms").removesuffix("_s").removesuffix("_fraction")
            assert any(name.startswith(f"partyline_peer_{stem}") for name in names), field.name


@pytest.mark.parametrize("cls", [WorkerHealth, PeerState, MixerState, MixerTalker, Recording])
def test_every_number_is_explained(cls: type[msgspec.Struct]) -> None:
    numbers = {field.name for field in msgspec.structs.fields(cls) if field.type in (int, float, bool)}
    assert numbers <= set(field_docs(cls))


def test_the_help_lines_are_sentences() -> None:
    for family in text_string_to_metric_families(metrics.text(full(), 100.0, {"pages_open": 1.0}).decode()):
        assert family.documentation.endswith("."), family.name


def test_nothing_yet_is_no_error() -> None:
    assert samples(PageState()) == {("partyline_dashboard_sound_packets_total", ""): 4.0}


def test_a_device_that_rests_is_not_missing() -> None:
    mixer = MixerState(sink="null", wanted_sink="device", where="to the device", resting=True)
    assert samples(note(PageState(), mixer))["partyline_mixer_sink_missing", ""] == 0
