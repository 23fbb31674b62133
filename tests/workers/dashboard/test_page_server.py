from __future__ import annotations

import errno

from workers.dashboard.page_server import port_problem


def test_a_taken_port_is_told_from_an_address_that_cannot_be_listened_on() -> None:
    taken, remedy = port_problem(OSError(errno.EADDRINUSE, "in use"), "127.0.0.1", 8770)
    assert "another program has port 8770" in taken
    assert "partyline restart dashboard" in remedy
    wrong, remedy = port_problem(OSError(errno.EADDRNOTAVAIL, "Cannot assign"), "10.9.9.9", 8770)
    assert "10.9.9.9" in wrong
    assert "[dashboard] listen" in remedy
