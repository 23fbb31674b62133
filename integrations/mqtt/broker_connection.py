"""The connection to an MQTT broker, by the settings `[mqtt]`, and words for why there is none."""

from __future__ import annotations

import ssl
from pathlib import Path

from aiomqtt import Client, MqttCodeError, MqttError, Will

from common.config.integration_tables import MqttSettings
from common.errors import PartylineError
from common.psn.http import environment
from integrations.mqtt.party_picture import OFFLINE
from integrations.mqtt.topic_names import MqttTopics

PORT, TLS_PORT = 1883, 8883
QOS = 1
"""What we publish is acknowledged and sent again if need be. All of it is a state, which may arrive twice."""
COMMAND_QOS = 0
"""Commands arrive at most once: a pressed button acts once, and none acts late after a lost connection."""
ANSWER_S = 10.0
KEEP_ALIVE_S = 20
"""A partyline that is gone is offline in Home Assistant after one and a half of it."""
MOST_UNREAD = 1000
"""Messages that wait to be read, against a broker that floods us."""
_LOGIN = frozenset({4, 5, 134, 135})
"""Reason codes of MQTT 3.1.1 and 5 for a wrong user or password, and for who may not connect."""


class BrokerAwayError(PartylineError):
    """The broker does not answer at the moment."""

    code = "mqtt.away"


class BrokerRefusedError(PartylineError):
    """The broker does not want us. A person has to change something."""

    code = "mqtt.refused"


def client(settings: MqttSettings, home: Path) -> Client:
    """Return a client that is not connected yet. Raises `PartylineError` for a certificate that cannot be used."""
    topics = MqttTopics.of(settings)
    return Client(
        settings.host,
        settings.port or (TLS_PORT if settings.tls else PORT),
        username=settings.user or None,
        password=settings.password or None,
        # One id for all runs: the broker then ends a connection that was lost, and its will, before ours begins.
        identifier=f"partyline-{topics.node}",
        will=Will(topics.status, OFFLINE, qos=QOS, retain=True),
        timeout=ANSWER_S,
        keepalive=KEEP_ALIVE_S,
        max_queued_incoming_messages=MOST_UNREAD,
        tls_context=_context(settings, home) if settings.tls else None,
    )


def _context(settings: MqttSettings, home: Path) -> ssl.SSLContext:
    if not settings.ca_file:
        return environment.ssl_context()
    try:
        return ssl.create_default_context(cafile=home / Path(settings.ca_file).expanduser())
    except OSError as error:
        raise PartylineError(
            f"`[mqtt] ca_file` cannot be used ({error.strerror or type(error).__name__}).",
            "It has to be a file with certificates in PEM form.",
        ) from error


def in_words(error: MqttError, settings: MqttSettings) -> BrokerAwayError | BrokerRefusedError:
    """Return the error for people."""
    where = f"The MQTT broker {settings.host}"
    code = getattr(error, "rc", None) if isinstance(error, MqttCodeError) else None
    if getattr(code, "value", code) in _LOGIN:
        return BrokerRefusedError(f"{where} does not let us in.", "Check `[mqtt] user` and `password`.")
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return BrokerRefusedError(f"{where} has a certificate that is not trusted.", "Set `[mqtt] ca_file`.")
    return BrokerAwayError(f"{where} does not answer ({error}).", "Check `[mqtt] host` and `port`, and that it runs.")
