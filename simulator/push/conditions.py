"""What must be true before a device may create, join or send. No I/O, no clock."""

from __future__ import annotations

from simulator.account.accounts import Accounts
from simulator.facts import account, push, rests_on
from simulator.facts.ways import Ways
from simulator.parties.party import Device
from simulator.push.registry import VOICE_CHAT, OpenPushChannel, PushRegistry
from simulator.shared.refusals import Refused, no_push_channel, not_of_age


class Preconditions:
    """Refuses devices that may not act yet."""

    def __init__(self, ways: Ways, push: PushRegistry, accounts: Accounts) -> None:
        self._ways = ways
        self._push = push
        self._accounts = accounts

    @rests_on(push.NEEDED)
    def need_push(self, device: Device) -> OpenPushChannel:
        """Return the device's push channel. Raises `Refused` if it has none."""
        connection = self._push.current(device.key)
        if connection is None:
            raise no_push_channel()
        return connection

    @rests_on(push.BEFORE_PARTY)
    def need_voice_chat(self, device: Device) -> None:
        """Raise `Refused` if the device's push channel must be in voice chat first."""
        connection = self.need_push(device)
        if connection.permanent or connection.protocol == "2.1" or connection.kind == VOICE_CHAT:
            return
        if self._ways.of(push.BEFORE_PARTY) == "demanded":
            raise Refused(403, "a create or join needs a 1007 to voice chat (3) accepted on the push channel first")

    @rests_on(account.AGE, account.AGE_CODE, account.CHILD)
    def need_age(self, device: Device) -> None:
        """Raise `Refused` if the account may not be in parties."""
        person = self._accounts.people.get(device.account_id)
        if person is not None and not person.may_chat:
            raise not_of_age(f"{device.peer} has not verified its age", self._ways.of(account.AGE_CODE))
