"""Whatever certificate a member has, and whichever DTLS role it takes, it is heard."""

from __future__ import annotations

import pytest
from aiortc.rtcdtlstransport import certificate_digest

from tests.support.waiting import until
from tests.workers.media.guard.peers import BOTH, Other, Pair

RSA_ONLY = b"ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-SHA"


@pytest.mark.parametrize(
    "way", ["they answer active", "they answer passive", "they offer actpass", "they offer active"]
)
@pytest.mark.parametrize("kind", ["rsa-2048", "p384"])
async def test_a_member_is_heard_in_every_role(kind: str, way: str) -> None:
    async with Pair(Other(kind)) as pair:
        if way == "they answer active":
            await pair.we_offer()
        elif way == "they answer passive":
            await pair.we_offer(active=False, mangle=lambda sdp: sdp.replace("a=setup:active", "a=setup:passive"))
        else:
            await pair.they_offer(setup=way.rpartition(" ")[2])
        await pair.connected()
        await pair.voice()
        facts = pair.ours.log.facts()
        assert facts.handshake.certificate == {"rsa-2048": "RSA 2048", "p384": "ECDSA secp384r1"}[kind]
        assert facts.handshake.role == ("server" if "active" in way else "client")


async def test_a_short_key_is_no_hindrance() -> None:
    async with Pair(Other("rsa-1024")) as pair:
        await pair.they_offer()
        await pair.connected()
        await pair.voice()


@pytest.mark.parametrize("algorithm", ["sha-256", "sha-384", "sha-512"])
@pytest.mark.parametrize("right", [True, False])
async def test_every_fingerprint_is_checked(algorithm: str, *, right: bool) -> None:
    other = Other()
    made = vars(other.connection)["_RTCPeerConnection__certificates"][0]
    value = certificate_digest(made._cert, algorithm)
    if not right:
        value = value[:-2] + ("00" if value[-2:] != "00" else "11")

    def mangle(sdp: str) -> str:
        lines = [f"a=fingerprint:{algorithm} {value}" if "fingerprint" in one else one for one in sdp.split("\r\n")]
        return "\r\n".join(lines)

    async with Pair(other) as pair:
        await pair.they_offer(mangle)
        if right:
            await pair.connected()
        else:
            await until(lambda: pair.ours.state == "failed", "it fails")
            found = pair.ours.diagnose()
            assert found
            assert found.cause == "another certificate"


async def test_of_two_announced_certificates_one_is_enough() -> None:
    async with Pair(Other("rsa-2048", BOTH)) as pair:
        second = "a=fingerprint:sha-256 " + ":".join(["AB"] * 32)
        await pair.they_offer(lambda sdp: sdp.replace("a=setup:", f"{second}\r\na=setup:"))
        await pair.connected()


async def test_a_client_that_only_knows_rsa_suites_is_explained() -> None:
    async with Pair(Other("rsa-2048", RSA_ONLY)) as pair:
        await pair.we_offer()
        await until(lambda: pair.ours.state == "failed", "it fails")
        found = pair.ours.diagnose()
        assert found
        assert "no cipher suite for our kind of certificate" in found.sentence
        assert found.record["handshake"]["offered"] == ("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA")
        assert "network is not to blame" in found.advice
        assert found.cause == "no suite"


async def test_in_the_other_role_it_is_heard() -> None:
    async with Pair(Other("rsa-2048", RSA_ONLY)) as pair:
        offer = await pair.ours.offer(active=True)
        assert "a=setup:active" in offer
        await pair.ours.accept(await pair.other.answer(offer))
        await pair.connected()
        await pair.voice()
