"""What the project believes, to tell what is new in a capture: fields of bodies, and values.

Calls and dataTypes are in `common.psn.known`. A call without an entry in `FIELDS` is known by name only.
"""

# ruff: noqa: SIM905

from __future__ import annotations

from common.config.tables import PsnSettings
from common.psn.miranda import frames
from common.psn.party.sessions import BASE
from common.psn.sdp.text import OPUS_PARAMETERS

_PSN = PsnSettings()
_RTC = "/api/rtcBridge/v1/bridges"
_SDP = ".answer .answer.sdp .offer .offer.sdp"
_MEDIA = (
    ".mediaTypes .mediaTypes.application .mediaTypes.application.isRequired .mediaTypes.audio "
    ".mediaTypes.audio.isRequired .mediaTypes.audio.opus .mediaTypes.audio.opus[].bitrate "
    ".mediaTypes.audio.opus[].ptime "
    ".mediaTypes.audio.opus[].channels .mediaTypes.audio.opus[].codec .mediaTypes.audio.opus[].samplingRates"
)
_JOIN = (
    ".members .members[].accountId .members[].customData4 .members[].platform .members[].pushContexts "
    ".members[].pushContexts[].contextId .members[].voiceChatActivated"
)
_MEMBER = (
    "accountId onlineId platform deviceUniqueId joinOrder joinTimestamp customData3 customData4 isOnShareScreen "
    "voiceChatActivated"
)
ERROR = frozenset(
    ".error .error.referenceId .error.code .error.message .error.reason .error.namespace .error.details".split()
)

FIELDS: dict[str, frozenset[str]] = {
    "POST /api/authz/v3/oauth/token": frozenset(
        """.access_token .token_type .expires_in .scope .id_token .refresh_token .refresh_token_expires_in .token_format
        .grant_type .redirect_uri .code .cid""".split()
    ),
    "GET /np/serveraddr": frozenset(
        """.fqdn .keepAliveStatus .keepAliveStatus.clientKeepAliveInterval .keepAliveStatus.clientKeepAliveTimeout
        .keepAliveStatus.serverKeepAliveTimeout .keepAliveStatus.serverPresenceTimeout .retryIntervalMin
        .retryIntervalMax""".split()
    ),
    "GET /api/cpss/v1/partyInfo/{cpss_id}": frozenset(
        """.sessionName .isJoinable .joinableFrom .msPollingInterval .maxMembers .timeStarted .shareImageUrl .inParty
        .members .members[].isHost .members[].onlineId .members[].platformId .members[].accountId .members[].isAnonymous
        .sessionId""".split()
    ),
    f"POST {BASE}/partySessions": frozenset(
        ".v2PartySessions .v2PartySessions[].sessionId".split()
        + [f".v2PartySessions[].{name}" for name in "joinableUserType maxMembers sessionName sessionType".split()]
        + [".v2PartySessions[].visibilityType"]
        + [f".v2PartySessions[]{path}" for path in _JOIN.split()]
    ),
    f"POST {BASE}/partySessions/{{session_id}}/members": frozenset(
        [*_JOIN.split(), ".sessionId", *(f".members[].{name}" for name in _MEMBER.split())]
    ),
    f"PATCH {BASE}/partySessions/{{session_id}}/members/me": frozenset({".customData3", ".customData4"}),
    f"PATCH {BASE}/partySessions/{{session_id}}": frozenset(
        ".sessionName .visibilityType .joinableUserType .maxMembers".split()
    ),
    f"POST {BASE}/partySessions/{{session_id}}/customMessage": frozenset(
        ".channel .payload .to .to[].accountId .to[].platform .withoutSequenceNumber".split()
    ),
    f"POST {BASE}/partySessions/{{session_id}}/bridges": frozenset(
        ".bridges .bridges[].bridgeId .bridges[].bridgeToken".split()
    ),
    f"POST {BASE}/sys/gameBase/parties/bulkGet": frozenset(
        """.groupInvitedPartySessions .parties .parties[].sessionId .parties[].sessionName .parties[].members
        .parties[].members[].accountId .parties[].members[].onlineId .parties[].members[].platform .parties[].owner
        .parties[].owner.accountId .parties[].owner.onlineId .parties[].owner.platform .parties[].maxMembers
        .parties[].partyJoinable .parties[].partyRequestToJoinable .parties[].visibilityType
        .parties[].joinableUserType""".split()
    ),
    f"POST {_RTC}": frozenset(".bridge .bridge.bridgeId .bridge.bridgeToken .bridge.bridgeHostingType".split()),
    f"POST {_RTC}/{{bridge_id}}/peers": frozenset(f"{_MEDIA} .peer .peer.peerId .peer.offer .peer.offer.sdp".split()),
    f"POST {_RTC}/{{bridge_id}}/peers/{{peer_id}}/answer": frozenset(_SDP.split()),
    f"POST {_RTC}/{{bridge_id}}/peers/{{peer_id}}/offer": frozenset(f"{_SDP} {_MEDIA}".split()),
}
"""Call → the fields of its request and of its answer."""

_DATA = ".body.data"
PUSH_FIELDS = frozenset(
    """.version .method .tranId .accountId .status .auth .auth.accessToken .dataType .to .to.accountId .to.onlineId
    .to.platform .contexts .contexts[].contextId .contexts[].sequenceNumber .body .body.data .body.contexts
    .body.contexts[].contextId .body.contexts[].sequenceNumber .returnCode .retryInterval .keepAliveStatusType
    .keepAliveStatus .keepAliveStatus.clientKeepAliveInterval .keepAliveStatus.clientKeepAliveTimeout
    .keepAliveStatus.serverKeepAliveTimeout .keepAliveStatus.serverPresenceTimeout""".split()
    + [f"{_DATA}.{name}" for name in "sessionId members customProperties customProperties.from customMessage".split()]
    + [f"{_DATA}.{name}" for name in "customProperties.deletedEvenCause customMessage.channel".split()]
    + [f"{_DATA}.{name}" for name in "customMessage.payload owner bridges bridges[].bridgeId".split()]
    + [f"{_DATA}.{name}" for name in "sessionName visibilityType joinableUserType maxMembers".split()]
    + [f"{_DATA}.bridges[].{name}" for name in "bridgeToken bridgeEtag".split()]
    + [f"{_DATA}.owner.{name}" for name in "accountId onlineId platform deviceUniqueId".split()]
    + [f"{_DATA}.members[].customProperties", f"{_DATA}.members[].customProperties.leftEventCause"]
    + [f"{_DATA}.{place}.{name}" for place in ("members[]", "customProperties.from") for name in _MEMBER.split()]
)

HEADERS = {
    "x-psn-app-ver": (_PSN.app_version, _PSN.rest_app_version),
    "x-psn-app-type": (_PSN.app_type,),
    "x-psn-os-ver": (_PSN.os_version,),
    "x-psn-protocol-version": (_PSN.push_protocol,),
    "x-psn-rtc-title-id": ("METROPOL_AND",),
}
"""Request header (lower case) → the values that we send or know."""
FORM = {"client_id": _PSN.client_id, "scope": _PSN.scope, "redirect_uri": _PSN.redirect_uri}
"""Parameter → the value that we send."""
CHANNEL = frames.CHANNEL
FRAME = {"version": frames.VERSION.hex(" "), "prefix": frames.PREFIX.strip(), "type": "binary"}
SDP = {"audio ptime": "40", "opus": "opus/16000/2", "opus parameters": OPUS_PARAMETERS}
"""Of the descriptions' Opus [seen]."""
