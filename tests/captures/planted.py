"""Sixty kinds of values that must never leave a person's machine, and where they hide. All are invented."""

from __future__ import annotations

import base64
import binascii
import json
import re
import struct
from collections.abc import Callable, Iterator
from urllib.parse import quote, unquote

SECRETS = {
    "account id": "7318264950173826495",
    "second account id": "2938475610293847561",
    "account id, padded": "008214937465019283746",
    "account id as hex": "6a1f08c4d97b35e2",
    "account UUID": "9d1c3a7e-52b8-4f60-a94d-7e2b16c80f35",
    "session id": "4b7e91d2-08c5-4a36-9f1b-c3d75e208a64",
    "context id": "e85f20b7-6d13-4c9a-8b42-19a7d0f6c35e",
    "duid": "00000007000801a8c0ffee4f1b2d9e7a6358d0f4b1c92e7a00000000deadbeef",
    "device unique id": "qz7f-Handset-93kx",
    "bridge id": "us1_brdg-7x2mq94kvt",
    "bridge token": "bt_8Qz3Lm0Xv7Rk2Wn5Yp1Ts6Ud4",
    "peer id": "peer-5kq0v8z2mx7",
    "group id": "~6a1f08c4d97b35e2.28c7d510f3b9e64a",
    "cpss id": "zk_Q7w8E9r0T1y2U3i4O5",
    "online id": "Zorblax-Quux77",
    "second online id": "wimble_thwacker",
    "first name": "Quentoria",
    "last name": "Vandersloot",
    "whole name": "Quillon Abernethy-Vossberg",
    "name in Cyrillic": "Святополк",
    "name in Japanese": "竜之介太郎",
    "name with umlauts": "Jürgenßøn",
    "e-mail": "q.vandersloot+psn@mailbox.example",
    "e-mail of a label": "zorblax77@spielwiese.example",
    "phone": "+49 1573 9918274",
    "phone, plain": "4915739918274",
    "street": "Klabautergasse 117b",
    "town": "Wolfenbuttelshausen",
    "postcode": "SW1A-9XQ7",
    "birth date": "1987-11-23",
    "credit card": "4929 1837 4650 2938",
    "IBAN": "DE89370400440532013000",
    "latitude": "48.137154",
    "IPv4": "93.184.216.119",
    "private IPv4": "10.77.213.94",
    "IPv6": "2a02:8109:9ac0:5d3c:1c2f:77ab:e19d:4b60",
    "link-local IPv6": "fe80::1ff:fe23:4567:890a",
    "MAC address": "a4:5e:60:d7:19:c3",
    "dashed address": "93-184-216-119",
    "access token": "vK9mQ2xR7tL4pN8wZ3bY6cF1dG5hJ0sA",
    "refresh token": "rt.Yb3kP9vX2mQ7wL5nT8zR4cJ6dF1gH0sK",
    "NPSSO": "mXq7Tz2Lw9Rk4Vb8Np3Yc6Jd1Fg5Hs0KaQeWuIoPzXvBnMlKjHgFdSaPoIuYtRe2",
    "authorisation code": "v3.Hq8Zt2",
    "client secret": "xR4pT9mWq2LkV7bN",
    "cookie": "JSESS7f3kq9z2xv",
    "device code": "WDJB-MJHT9",
    "2-step code": "739204",
    "password": "Tr0ub4dor!Zx&3",
    "passkey id": "AbQx9_kLm-3ZpWv7RtYc2NfJd8Gh",
    "API key": "AIzaSyD4k7Qx9mW2pL8vN3bT6rZ1cY5",
    "request id": "c7a90e31-4d8f-42b6-97e5-0fb1283d6ca4",
    "trace id": "b81d4fa07e6c2953",
    "user agent's model": "SM-Q9917XZ",
    "serial number": "R58M70ZQ4KX",
    "IMEI": "356938035643809",
    "ICE user": "qK7x9Zw2",
    "ICE password": "Wz8kQ3vLm5Xr9Tp2Nb7Yc4Jd",
    "fingerprint": "3C:9A:51:E7:0D:B8:24:F6:7B:C1:93:5E:A8:0F:D2:46:B7:18:6C:E3:95:2A:DF:70:4B:81:C6:3D:E9:5F:A2:17",
    "cname": "Xk3vQz8mLw5tRy2p",
    "message between people": "meet at Klabauter Harbour tonight zulu",
    "home folder": "/Users/vandersloot/Quillons-Secret-Folder",
    "wifi name": "Quillons-Katzenklo-5G",
}


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def url64(data: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


def jwt(claims: dict[str, object]) -> str:
    return (
        f"{url64({'alg': 'RS256', 'kid': claims.get('kid', 'k'), 'typ': 'JWT'})}.{url64(claims)}.c2lnbmF0dXJlLW9mLWl0"
    )


def frame(message: dict[str, object], account: int = 7318264950173826495) -> bytes:
    rest = b"1/1/1\n" + json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()
    return struct.pack("<4sIIIQI12sI", b"\1\0\0\0", 0, 1, 0, account, 100001, bytes(12), len(rest)) + rest


def payload(message: dict[str, object], account: int = 7318264950173826495) -> str:
    return "ver=1.0, type=binary, body=" + base64.b64encode(frame(message, account)).decode()


def sdp(secret: str) -> str:
    address = secret if re.fullmatch(r"[0-9.]{7,15}|[0-9a-f:]{8,39}", secret) else "10.77.213.95"
    return (
        f"v=0\r\no={secret} 8172635445362718 2 IN IP4 {address}\r\ns={secret}\r\ni={secret}\r\nt=0 0\r\n"
        f"m=audio 34939 UDP/TLS/RTP/SAVPF 96 {secret}\r\nc=IN IP4 {address}\r\n"
        f"a=candidate:{secret} 1 udp 2122260223 {address} 34939 typ host generation 0 ufrag {secret}\r\n"
        f"a=candidate:1 1 udp 1 {secret} 34939 typ srflx raddr {secret} rport 9\r\na=ice-ufrag:{secret}\r\n"
        f"a=ice-pwd:{secret}\r\na=fingerprint:sha-256 {secret}\r\na=msid:- {secret}_1_CELT/40\r\n"
        f"a=ssrc:1 cname:{secret}\r\na=mid:{secret}\r\na=extmap:9 urn:{secret}\r\na={secret}\r\na=x-novel:{secret}\r\n"
        f"a=fmtp:96 {secret}\r\na=rtpmap:96 {secret}\r\n{secret}\r\n"
    )


Place = Callable[[str], dict[str, object]]
URL = "https://m.np.playstation.com/api/sessionManager/v2/partySessions"


def entry(**changes: object) -> dict[str, object]:
    """Return a HAR entry; `changes` name parts of its request, or `answer`, `mime`, `frames`, `answer_headers`."""
    mime = changes.pop("mime", "application/json")
    answer, frames = changes.pop("answer", "{}"), changes.pop("frames", [])
    answer_headers = changes.pop("answer_headers", [])
    body = changes.pop("body", "")
    comment = changes.pop("comment", "")
    request = {"method": "POST", "url": URL, "headers": [], **changes, "postData": {"mimeType": mime, "text": body}}
    if body:
        request["headers"] = [*request["headers"], {"name": "Content-Type", "value": mime}]
    content = {"mimeType": "application/json", "text": answer, "comment": comment}
    return {
        "startedDateTime": "2026-11-24T20:00:00.000Z",
        "time": 120,
        "comment": comment,
        "request": {**request, "comment": comment},
        "response": {"status": 200, "headers": answer_headers, "content": content},
        "_webSocketMessages": frames,
        "serverIPAddress": comment,
        "connection": comment,
    }


def _socket(data: str, opcode: int = 1) -> dict[str, object]:
    return entry(frames=[{"type": "receive", "time": 1795550401.5, "opcode": opcode, "data": data}])


PLACES: dict[str, Place] = {
    "header": lambda s: entry(headers=[{"name": "X-Psn-Novel", "value": s}]),
    "known header": lambda s: entry(headers=[{"name": "X-PSN-APP-VER", "value": s}]),
    "header name": lambda s: entry(headers=[{"name": s, "value": "1"}]),
    "bearer": lambda s: entry(headers=[{"name": "Authorization", "value": f"Bearer {s}"}]),
    "basic": lambda s: entry(headers=[{"name": "Authorization", "value": f"Basic {b64('client:' + s)}"}]),
    "cookie": lambda s: entry(headers=[{"name": "Cookie", "value": f"npsso={quote(s)}; {quote(s)}=1"}]),
    "set-cookie": lambda s: entry(answer_headers=[{"name": "Set-Cookie", "value": f"sid={s}; Path=/; X={s}"}]),
    "location": lambda s: entry(
        answer_headers=[
            {"name": "Location", "value": f"com.scee.psxandroid.scecompcall://redirect?code={quote(s)}&cid={quote(s)}"}
        ]
    ),
    "user agent": lambda s: entry(headers=[{"name": "User-Agent", "value": f"okhttp/4.9 (Linux; {s})"}]),
    "query": lambda s: entry(url=f"{URL}?accountIds={quote(s)}&limit={quote(s)}&{quote(s)}=1"),
    "path": lambda s: entry(url=f"{URL}/{quote(s, safe='')}/members/me"),
    "fragment": lambda s: entry(url=f"{URL}#state={quote(s)}"),
    "host": lambda s: entry(url=f"https://{re.sub('[^A-Za-z0-9-]', '-', s)}.playstation.com/api"),
    "JSON": lambda s: entry(body=json.dumps({"novel": s, "type": s, "platform": s, "channel": s, "customData4": s})),
    "JSON list": lambda s: entry(answer=json.dumps({"items": [[s], {"deep": [{"name": s}]}]}, ensure_ascii=False)),
    "JSON key": lambda s: entry(answer=json.dumps({"profiles": {s: {"name": "x"}}}, ensure_ascii=False)),
    "JSON number": lambda s: entry(body=json.dumps({"value": int(s) if s.isdecimal() else s, "code": s})),
    "JSON in a string": lambda s: entry(body=json.dumps({"data": json.dumps({"inner": json.dumps({"novel": s})})})),
    "error message": lambda s: entry(answer=json.dumps({"error": {"code": 1, "message": f"User {s} is not allowed"}})),
    "form": lambda s: entry(
        body=f"grant_type={quote(s)}&code={quote(s)}&scope={quote(s)}", mime="application/x-www-form-urlencoded"
    ),
    "base64 in JSON": lambda s: entry(body=json.dumps({"customData1": b64(s), "customData4": b64(json.dumps([s]))})),
    "base64 twice": lambda s: entry(body=json.dumps({"customData1": b64(b64(f"{s}\n"))})),
    "base64 of JSON": lambda s: entry(body=json.dumps({"blob": b64(json.dumps({"share": {"name": s}}))})),
    "JWT claim": lambda s: entry(answer=json.dumps({"access_token": jwt({"account_id": s, "novel": [s], "kid": s})})),
    "JWT signature": lambda s: entry(
        headers=[
            {
                "name": "Authorization",
                "value": f"Bearer {jwt({'ver': 1})}{base64.urlsafe_b64encode(s.encode()).decode().rstrip('=')}",
            }
        ]
    ),
    "miranda JSON": lambda s: entry(
        body=json.dumps({"payload": payload({"type": "offer", "from": {"account_id": s}, "novel": s})})
    ),
    "miranda binary": lambda s: entry(
        body=json.dumps({"payload": payload({"type": s}, int(s) % (1 << 64) if s.isdecimal() else 1)})
    ),
    "miranda without JSON": lambda s: entry(
        body=json.dumps(
            {"payload": "ver=1.0, type=binary, body=" + base64.b64encode(frame({})[:44] + s.encode()).decode()}
        )
    ),
    "SDP": lambda s: entry(body=json.dumps({"answer": {"sdp": sdp(s)}})),
    "SDP in miranda": lambda s: entry(body=json.dumps({"payload": payload({"type": "offer", "sdp": sdp(s)})})),
    "WebSocket": lambda s: _socket(json.dumps({"dataType": s, "body": {"data": {"novel": s}}})),
    "WebSocket text": _socket,
    "WebSocket binary": lambda s: _socket(b64("\x01\x02" + s), 2),
    "comment": lambda s: entry(comment=s),
    "plain text": lambda s: entry(body=f"hello {s}", mime="text/plain"),
    "page": lambda s: entry(answer=f"<html><body>{s}</body></html>"),
    "method": lambda s: entry(method=s),
}


def har(entries: list[dict[str, object]], comment: str = "") -> str:
    log = {"version": "1.2", "comment": comment, "pages": [{"title": comment}], "entries": entries}
    return json.dumps({"log": log}, ensure_ascii=False)


# --- looking for what is left -----------------------------------------------------------------------

_ESCAPES = re.compile(r"\\u([0-9A-Fa-f]{4})")
_RUNS = re.compile(r"[A-Za-z0-9+/_-]{4,}={0,2}")


def unfolded(text: str, depth: int = 6) -> Iterator[str]:
    """Yield `text` and all that is wrapped in it: base64 and JWT parts, percent-encoding, JSON escapes."""
    yield text
    if depth == 0:
        return
    for form in (unquote(text), _ESCAPES.sub(lambda found: chr(int(found[1], 16)), text)):
        if form != text:
            yield from unfolded(form, depth - 1)
    for run in _RUNS.findall(text):
        for part in {run, *run.split("/"), *run.split("-")} if depth == 6 else {run}:
            plain = part.rstrip("=").translate(str.maketrans("-_", "+/"))
            try:
                data = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
            except binascii.Error:
                continue
            if len(data) > 5:
                yield from unfolded(data.decode("latin-1"), depth - 1)
                yield data.decode("utf-8", "ignore")


def forms(secret: str) -> set[str]:
    """Return the ways in which `secret` may have been left: as it is, in other letters, in hex, as 64 bits."""
    found = {
        secret,
        secret.lower(),
        secret.upper(),
        secret.encode().decode("latin-1"),
        secret.encode().hex(),
        quote(secret),
    }
    found |= {b64(secret).rstrip("=")[:-1], secret.replace("-", "").replace(":", "")}
    if secret.isdecimal() and 15 <= len(secret.lstrip("0")) <= 20:
        number = int(secret)
        found |= {f"{number:x}", str(number)}
        found |= {number.to_bytes(8, order).decode("latin-1") for order in ("little", "big")}
    return found
