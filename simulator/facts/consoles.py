"""Facts of the consoles: who offers, glare, RTP."""

from __future__ import annotations

from simulator.facts import fact

WHO_OFFERS = fact(
    "offer.first",
    "read",
    "The member with the lower joinOrder offers to the newcomer, and the newcomer only answers.",
    "signaling.md: the one who was there first offers",
    ways=("older", "newer", "smaller-account", "nobody", "both"),
)
OFFER_DELAY = fact(
    "consoles.offer-delay",
    "seen",
    "A console's offer goes out 0.7 to 1.9 s after the join.",
    "signaling.md: 0.7 to 1.9 s after",
)
GLARE = fact(
    "glare.rule",
    "open",
    "A console whose own offer is pending drops it and answers, or ignores the other one: by joinOrder, or always.",
    "signaling.md: whose offer stands when both offer",
    ways=("lower-yields", "higher-yields", "yields", "never-yields"),
)
ONE_CONNECTION = fact(
    "consoles.one-connection",
    "open",
    "A console has one peer connection for each member: what it answers replaces what stood.",
    "signaling.md: one connection for each member",
)
REPEATS = fact(
    "consoles.repeats",
    "open",
    "An offer without an answer is repeated after 6 s with the next number, five times; a lost connection is offered "
    "again after 4 s.",
    "signaling.md: repeats an offer that got no answer",
)
SDP_UPDATED = fact(
    "consoles.sdp-updated",
    "one",
    "A console of policy `reoffer` offers again by turns as `sdp_updated` and as `offer`.",
    "signaling.md: `sdp_updated`",
)
RTP_CLOCK = fact(
    "rtp.clock",
    "open",
    "Timestamps of RTP count at this rate.",
    "voice.md: Whether RTP timestamps count",
    ways=("48000", "16000"),
)
OPUS = fact(
    "consoles.opus",
    "seen",
    "Consoles send Opus of 16 kHz, mono, in packets of 40 ms.",
    "voice.md: `a=ptime:40`",
)
TELLS_OTHERS = fact(
    "consoles.tells-others",
    "seen",
    "A console tells customData3 with a line for each other member: 0.4 s after it joined, 0.6 s after somebody came.",
    "signaling.md: customData3 names the other members",
)
NAMED = fact(
    "consoles.named-in-custom-data3",
    "open",
    "A console has dealings only with a peer whose customData3 names it.",
    "signaling.md: may have dealings only with a member that names it",
    ways=("ignored", "required"),
)
