"""The ranges from which the parameters of networks are drawn. Each names its source, or says that it has none.

Times are in milliseconds unless the name says otherwise, shares are of 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

UNSOURCED = "no source:"
"""What the source of a range begins with that was chosen here."""
_RFC_8868 = "RFC 8868, list of network parameters"
_WIFI_SPIKES = "smallnetbuilder.com, Wi-Fi Ping Spikes: Causes and Fixes"
_HANDOVER = "5g6gacademy.com, lesson 12.3.5: handover execution 30 to 80 ms in LTE, 50 to 150 ms in NR"


@dataclass(frozen=True)
class SourcedRange:
    low: float
    high: float
    source: str
    even: bool = False
    """Drawn evenly instead of evenly on a logarithmic scale."""

    def draw(self, random: np.random.Generator) -> float:
        if self.even or self.low <= 0:
            return float(random.uniform(self.low, self.high))
        return float(np.exp(random.uniform(np.log(self.low), np.log(self.high))))


RANGES: dict[str, SourcedRange] = {
    # jitter of a path
    "floor.std": SourcedRange(0.1, 2.0, "no source: a wired path without load, no more than a scheduler adds"),
    "jitter.std": SourcedRange(
        3.0, 30.0, "no source: RFC 8868 asks for truncated Gaussian jitter; the bounds are ours"
    ),
    "jitter.tail": SourcedRange(
        0.4, 1.1, "no source: shape of the lognormal, 0.4 is nearly symmetric and 1.1 heavy-tailed", even=True
    ),
    "jitter.memory": SourcedRange(10.0, 1000.0, "no source: correlation time, from independent packets to slow swings"),
    "overtaking.share": SourcedRange(
        0.01,
        0.15,
        "Piratla et al., Metrics for packet reordering (RFC 5236): up to some per cent, more where load is shared",
    ),
    "overtaking.detour": SourcedRange(10.0, 80.0, "no source: detour of an overtaken packet"),
    # losses
    "loss.share": SourcedRange(0.003, 0.2, f"{_RFC_8868}: 0, 1, 5, 10 and 20 %"),
    "loss.trace": SourcedRange(0.0, 0.003, "no source: a path that is called clean", even=True),
    "burst.every_s": SourcedRange(2.0, 20.0, "no source: time between bad periods"),
    "burst.length": SourcedRange(
        40.0, 400.0, "ITU-T G.1050 models bursts as a two-state Markov process; these lengths have no source"
    ),
    "burst.loss": SourcedRange(0.3, 1.0, "no source: loss within a bad period (Elliott's h)", even=True),
    "burst.held": SourcedRange(0.0, 1.0, "no source: share that also holds what it does not lose", even=True),
    # Wi-Fi
    "wifi.access": SourcedRange(
        0.3, 3.0, "no source: mean wait for the channel, an idle cell to a cell with several stations"
    ),
    "wifi.access_busy": SourcedRange(3.0, 15.0, "no source: the same where many stations send"),
    "wifi.memory": SourcedRange(50.0, 3000.0, "no source: how long a load of the cell lasts"),
    "wifi.fail": SourcedRange(0.02, 0.2, "no source: share of transmissions that fail near the access point"),
    "wifi.fail_far": SourcedRange(0.2, 0.6, "no source: the same at the edge of the cell"),
    "scan.every_s": SourcedRange(
        5.0, 120.0, f"{_WIFI_SPIKES}: a scan each 120 s; NetworkManager scans each 120 s, other clients more often"
    ),
    "scan.channels": SourcedRange(1.0, 11.0, "the 11 channels of 2.4 GHz in North America", even=True),
    "scan.dwell": SourcedRange(
        30.0, 110.0, f"{_WIFI_SPIKES}: disruptions of 100 ms; Weidmüller WI-MOD-E manual: 50 ms a channel"
    ),
    "scan.home": SourcedRange(
        20.0, 1000.0, "Weidmüller WI-MOD-E manual: 1 s between two channels; aggressive clients return shortly or not"
    ),
    "roam.every_s": SourcedRange(15.0, 60.0, "no source: how often somebody who walks changes the access point"),
    "roam.gap": SourcedRange(
        50.0, 900.0, "Mishra et al. 2003, IEEE 802.11 MAC layer handoff: 60 ms to some 400 ms; 802.1X takes longer"
    ),
    # mobile networks
    "grant.period": SourcedRange(2.0, 20.0, "3GPP TS 36.331: scheduling requests each 1 to 80 ms"),
    "harq.share": SourcedRange(0.05, 0.25, "3GPP link adaptation aims at 10 % of first transmissions that fail"),
    "harq.step": SourcedRange(4.0, 10.0, "3GPP TS 36.321: 8 ms a HARQ round trip in LTE, less in NR"),
    "handover.every_s": SourcedRange(8.0, 60.0, "no source: cells of 0.3 to 1.5 km at 30 to 120 km/h"),
    "handover.gap": SourcedRange(30.0, 500.0, f"{_HANDOVER}; up to 500 ms for other kinds"),
    "handover.lost": SourcedRange(
        0.0, 0.6, "no source: share of the gap's packets that the old cell does not forward", even=True
    ),
    "handover.step": SourcedRange(5.0, 60.0, "no source: how much longer or shorter the way by the new cell is"),
    "outage.every_s": SourcedRange(10.0, 45.0, "no source: short enough that a run has one"),
    "outage.length": SourcedRange(
        400.0, 3000.0, "5g6gacademy.com, lesson 12.3.1: a radio link failure interrupts for 1 to 3 s"
    ),
    "outage.lost": SourcedRange(0.5, 1.0, "no source: share that is lost, the rest comes in one burst", even=True),
    # routes
    "route.every_s": SourcedRange(8.0, 30.0, "no source: short enough that a run has some"),
    "route.step": SourcedRange(
        10.0, 250.0, f"{_RFC_8868}: one-way delays of 50, 150 and 300 ms, between which a route may change"
    ),
    "ramp.rise": SourcedRange(30.0, 300.0, "no source: how far a slow swing of the delay goes"),
    "ramp.length_s": SourcedRange(3.0, 20.0, "no source: how long it takes"),
    # satellites
    "leo.step": SourcedRange(
        3.0,
        25.0,
        "Starlink changes satellites each 15 s, and the delay with them (arXiv 2601.13790); amount without source",
    ),
    "leo.gap": SourcedRange(10.0, 150.0, "the same: losses around the moments of change; lengths have no source"),
    # queues
    "queue.rate_mbps": SourcedRange(1.0, 16.0, "RFC 8867, section 5.6: 2 Mbit/s; up to usual uplinks"),
    "queue.deep": SourcedRange(250.0, 900.0, f"{_RFC_8868}: 300 to 500 ms nominal, 1000 ms and more bloated"),
    "queue.shallow": SourcedRange(40.0, 120.0, f"{_RFC_8868}: 70 ms for a short queue"),
    "queue.rtt": SourcedRange(10.0, 150.0, f"{_RFC_8868}: one-way delays from 0 to 300 ms"),
    "queue.bulk": SourcedRange(0.0, 3.0, "RFC 8867, section 5.6: a long TCP flow beside the call", even=True),
    "queue.bulk_s": SourcedRange(4.0, 25.0, "no source: how long an upload lasts"),
    "queue.web_every_s": SourcedRange(0.5, 8.0, "no source: RFC 8867, section 5.7 has ten short TCP flows on 2 Mbit/s"),
    "queue.web_kb": SourcedRange(50.0, 1000.0, "no source: pages and files of usual size"),
    # changes
    "regime.length_s": SourcedRange(6.0, 25.0, "no source: how long one condition lasts"),
    "start.bad_s": SourcedRange(3.0, 12.0, "no source: how long a bad start lasts"),
}


@dataclass
class Draw:
    """Draws parameters by name, and keeps them for the description of the network."""

    random: np.random.Generator
    drawn: dict[str, float] = field(default_factory=dict)
    prefix: str = ""

    def __call__(self, name: str) -> float:
        value = RANGES[name].draw(self.random)
        self.drawn[self.prefix + name] = round(value, 4)
        return value
