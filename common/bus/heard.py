"""The retained state for whoever plays a talker: who is called what, and how loud they are in the mix. No I/O."""

from __future__ import annotations

from common.bus.retained import Retained


class HeardState(Retained):
    """The retained state of party and mix."""

    def heard_gain(self, peer: str) -> float:
        """Return the factor of `peer` in the mix: 0 if muted, or if others are solo."""
        if not self.is_heard(peer):
            return 0.0
        mine = self.talker(peer)
        return float(10 ** ((mine.gain_db + mine.level_db) / 20)) if mine else 1.0

    def peers_called(self, text: str) -> list[str]:
        """Return the peer keys that match `text` (online id, account id or peer key), in the order of the party."""
        wanted = text.casefold()
        return [
            key
            for key, member in self.others().items()
            if wanted in (member.online_id.casefold(), key.casefold(), member.account_id)
        ]
