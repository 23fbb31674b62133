"""The reconnect policy of the present account, resumed after a restart."""

from __future__ import annotations

from common.basic.clock import Moment, boot_s
from common.config.tables import PsnSettings
from workers.signaling.loss import Loss
from workers.signaling.memory import SignalingMemoryFile
from workers.signaling.push_channel.reconnect_policy import ReconnectPolicy

SIMULATOR_BACKOFF_S = 2.0
"""The longest wait in the simulator, which may restart at any moment. Polling it disturbs nobody."""


class AccountPolicy:
    """Holds the policy as `present`. It begins with the last run's loss."""

    def __init__(self, psn: PsnSettings, memory: SignalingMemoryFile) -> None:
        self._psn = psn
        self._account = memory.account_id
        loss = memory.loss(Moment.now())
        back = loss is not None and loss.within_presence(boot_s())
        # The server may still know us by the last protocol.
        self.present = self._new(loss, memory.protocol if back else "")

    def on_account(self, account_id: str) -> None:
        """Start a new policy for another account, which was never connected."""
        if self._account != account_id:
            if self._account:
                self.present = self._new()
            self._account = account_id

    def _new(self, loss: Loss | None = None, first: str = "") -> ReconnectPolicy:
        longest_s = self._psn.backoff_max_s
        if self._psn.realm == "simulator":
            longest_s = min(longest_s, SIMULATOR_BACKOFF_S)
        protocols = (first, self._psn.push_protocol, self._psn.push_fallback)
        return ReconnectPolicy(protocols, backoff_max_s=longest_s, loss=loss)
