"""With which protocol and loss a run begins, and that another account begins without them."""

from __future__ import annotations

from pathlib import Path

from common.basic.clock import Moment, boot_s
from common.config.tables import PsnSettings
from workers.signaling.loss import Loss
from workers.signaling.memory import SignalingMemoryFile
from workers.signaling.push_channel.account_policy import AccountPolicy
from workers.signaling.push_channel.reconnect_policy import FailureKind, ReconnectPolicy


def memory(home: Path, lost_s: float) -> SignalingMemoryFile:
    """Return what a run left that was lost so long ago, with protocol 2.1."""
    made = SignalingMemoryFile(home / "m.json", "here")
    made.record_open("2.1", "1", 30.0, Moment.now())
    made.record_loss(Loss(boot_s() - lost_s, 30.0), Moment.now())
    return made


def test_a_run_that_was_lost_just_now_is_resumed_by_its_protocol_and_others_are_not(home: Path) -> None:
    back = AccountPolicy(PsnSettings(), memory(home, 1.0)).present
    assert (back.protocol, back.is_reconnection(boot_s())) == ("2.1", True)
    late = AccountPolicy(PsnSettings(), memory(home, 100.0)).present
    assert (late.protocol, late.is_reconnection(boot_s())) == ("3.0", False)


def test_another_account_begins_without_the_loss_and_failures_of_the_last_one(home: Path) -> None:
    made = AccountPolicy(PsnSettings(), memory(home, 1.0))
    first = made.present
    made.on_account("1")
    assert made.present is first
    made.on_account("2")
    assert made.present is not first
    assert made.present.loss is None


def test_the_first_account_keeps_the_policy_it_began_with(home: Path) -> None:
    made = AccountPolicy(PsnSettings(), SignalingMemoryFile(home / "m.json", "here"))
    first = made.present
    made.on_account("1")
    assert made.present is first


def longest(policy: ReconnectPolicy) -> float:
    waits = []
    for _ in range(20):
        policy.record_end(FailureKind.LOST, 0.0, jitter=1.0)
        waits.append(policy.next_at)
    return max(waits)


def test_the_simulator_is_polled_more_often(home: Path) -> None:
    simulator = AccountPolicy(PsnSettings(realm="simulator"), SignalingMemoryFile(home / "a.json", "here")).present
    network = AccountPolicy(PsnSettings(realm="playstation"), SignalingMemoryFile(home / "b.json", "here")).present
    assert (longest(simulator), longest(network)) == (10.0, 150.0)
