"""The record of a DTLS handshake, by OpenSSL's info callback."""

from __future__ import annotations

from workers.media.guard.handshake import MAX_ALERTS, Handshake

READ_ALERT, WROTE_ALERT, DONE = 0x4004, 0x4008, 0x20
WARNING, FATAL = 1 << 8, 2 << 8


def test_alerts_say_who_sent_them_and_how_bad_they_are() -> None:
    handshake = Handshake()
    handshake.on_info(READ_ALERT, FATAL | 40)
    handshake.on_info(WROTE_ALERT, WARNING | 90)
    handshake.on_info(READ_ALERT, FATAL | 200)
    assert handshake.alerts == [
        "they sent fatal: handshake failure",
        "we sent warning: user cancelled",
        "they sent fatal: alert 200",
    ]
    assert not handshake.done


def test_the_usual_end_is_no_alert_and_their_number_is_bounded() -> None:
    handshake = Handshake()
    handshake.on_info(READ_ALERT, WARNING)
    assert handshake.alerts == []
    for _ in range(100):
        handshake.on_info(READ_ALERT, FATAL | 40)
    assert len(handshake.alerts) == MAX_ALERTS


def test_the_end_of_the_handshake_is_noticed() -> None:
    handshake = Handshake()
    handshake.on_info(0x10, 1)
    assert not handshake.done
    handshake.on_info(DONE, 1)
    assert handshake.done
