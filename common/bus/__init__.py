"""The bus, and the only folder that uses ZeroMQ. notes/architecture.md draws it.

- Control plane (`control`): `Bus.publish` (`publisher`) into the broker, `Bus.subscribe` (`subscription`) from it. The
  broker (`forwarder`) keeps the last retained message of each topic. A publisher keeps its own retained messages too
  and republishes them when a broker (re)appears, so no state is lost with a killed broker. Without a broker, messages
  wait in a bounded queue.
- Requests (`requests`): `Bus.request` goes straight to the worker's own socket, without the broker.
- Audio plane (`audio`): `AudioPublisher` binds, `AudioSubscriber` connects. Late frames are dropped, and nobody waits.

All sockets are ``ipc://`` in `Paths.run`, a folder only its owner may enter.
"""

from common.bus.audio import AudioPublisher, AudioSubscriber
from common.bus.control import Bus
from common.bus.forwarder import Forwarder
from common.bus.subscription import Subscription

__all__ = ["AudioPublisher", "AudioSubscriber", "Bus", "Forwarder", "Subscription"]
