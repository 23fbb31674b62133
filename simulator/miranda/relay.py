"""customMessage as the real service accepts it, or refuses it with ``Bad Request (body: null)``. No I/O.

The checks are [read]. They explain why the earlier clients' messages were refused (notes/prior-art.md).
"""

from __future__ import annotations

from collections import deque

from common.psn.miranda.frames import CHANNEL, BadMiranda, MirandaFrame, decode_payload
from simulator.facts import rests_on
from simulator.facts.miranda import CHANNEL_NAME, FRAME, NO_TWO_CALLS, OWN_SENDER, RECIPIENT, SDP, SEQUENCE, UNFIT
from simulator.facts.ways import Ways
from simulator.miranda.platforms import code_of
from simulator.miranda.sdp_lint import lint
from simulator.miranda.unfit import Counters, unfit
from simulator.parties import events
from simulator.parties.bodies import CustomMessage, Recipient
from simulator.parties.events import Delivery
from simulator.parties.party import Device, Key, SimulatedMember, SimulatedParty
from simulator.shared.refusals import Refused, bad_request

FORGIVEN_S = 10.0
"""A message to a member who left within this time is refused, but is no violation."""
_OFFERS = ("offer", "sdp_updated")
_KINDS = (*_OFFERS, "answer")


class Relay:
    """Checks messages and turns them into events. Remembers the offers that answers must match."""

    def __init__(self, ways: Ways | None = None) -> None:
        self.counters = Counters()
        self.unfit = 0
        """Messages in a form that consoles do not understand here."""
        self._ways = ways or Ways()
        self._numbers: dict[tuple[Key, Key], int] = {}
        self._offers: dict[tuple[Key, Key], deque[str]] = {}
        self._left: dict[tuple[str, Key], float] = {}

    def note_left(self, session_id: str, key: Key, now: float) -> None:
        self._left[session_id, key] = now

    @rests_on(CHANNEL_NAME, FRAME, UNFIT)
    def relay(self, party: SimulatedParty, sender: SimulatedMember, body: CustomMessage, now: float) -> list[Delivery]:
        """Return the events for the recipients, none for a message that they do not understand. Raises `Refused`."""
        recipients = [self._recipient(party, entry, now) for entry in body.to]
        if not recipients:
            raise bad_request("customMessage to nobody")
        if body.channel != CHANNEL:
            raise bad_request(f"channel {body.channel[:40]!r} is not {CHANNEL}")
        try:
            frame = decode_payload(body.payload)
        except BadMiranda as error:
            raise bad_request(error.message) from error
        self.check(frame, sender.device, recipients)
        if why := unfit(frame, sender.device.peer, sender.custom_data4, self._ways, self.counters):
            self.unfit += 1
            if self._ways.of(UNFIT) == "refused":
                raise Refused(400, why, violation=False)
            return []
        message = {"channel": body.channel, "payload": body.payload}
        return [party.tell_one(events.CUSTOM_MESSAGE, sender, member, customMessage=message) for member in recipients]

    @rests_on(RECIPIENT)
    def _recipient(self, party: SimulatedParty, entry: Recipient, now: float) -> SimulatedMember:
        key = (entry.accountId, entry.platform)
        member = party.members.get(key)
        if member is None:
            left = self._left.get((party.session_id, key))
            just_now = left is not None and now - left < FORGIVEN_S
            raise Refused(400, f"recipient {key[0][:24]}.{key[1][:16]} is not a member", violation=not just_now)
        return member

    @rests_on(OWN_SENDER, RECIPIENT, SDP)
    def check(self, frame: MirandaFrame, sender: Device, recipients: list[SimulatedMember]) -> None:
        """Raise `Refused` unless `sender` may send this frame to `recipients`."""
        own = (sender.account_id, code_of(sender.platform))
        if (frame.sender_account_id, frame.sender_platform) != own:
            raise bad_request(
                f"the frame's sender is {frame.sender_account_id}/{frame.sender_platform}, the caller {own[0]}/{own[1]}"
            )
        message = frame.message
        if (message.sender.account_id, message.sender.platform) != own:
            raise bad_request("the JSON's from is not the caller")
        to = message.recipient
        devices = [member.device for member in recipients]
        if to is None or (to.account_id, to.platform) not in [(d.account_id, code_of(d.platform)) for d in devices]:
            raise bad_request("the JSON's to is not the recipient")
        if message.kind not in _KINDS:
            raise bad_request(f"type {message.kind[:40]!r} is neither offer nor sdp_updated nor answer")
        if not message.sdp_sequence_number.isdecimal() or message.global_seq_num < 1:
            raise bad_request("sdp_sequence_number or global_seq_num is missing")
        if not message.medias or not message.users:
            raise bad_request("medias or users is empty")
        if wrong := lint(message.sdp, "offer" if message.kind in _OFFERS else message.kind):
            raise bad_request(f"the {message.kind}'s SDP: {'; '.join(wrong)}")
        self._check_number(sender.key, devices[0].key, message.global_seq_num)
        self._check_order(message.kind, message.sdp_sequence_number, sender.key, devices[0].key)

    @rests_on(NO_TWO_CALLS)
    def _check_number(self, sender: Key, recipient: Key, number: int) -> None:
        """Refuse a global_seq_num below the last one. A repeated call has the same one."""
        last = self._numbers.get((sender, recipient), 0)
        if number < last:
            raise bad_request(f"global_seq_num {number} after {last}")
        self._numbers[sender, recipient] = number

    @rests_on(SEQUENCE)
    def _check_order(self, kind: str, sequence: str, sender: Key, recipient: Key) -> None:
        if kind in _OFFERS:
            self._offers.setdefault((sender, recipient), deque(maxlen=50)).append(sequence)
        elif sequence not in self._offers.get((recipient, sender), ()):
            raise bad_request(f"an answer with sequence {sequence}, but no offer of that number was sent")
