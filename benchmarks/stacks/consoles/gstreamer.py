"""A console on GStreamer's webrtcbin: libnice, OpenSSL and libsrtp. Run by the system's Python, which has `gi`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import gi

for _name in ("Gst", "GstWebRTC", "GstSdp"):
    gi.require_version(_name, "1.0")
from gi.repository import Gst, GstSdp, GstWebRTC  # noqa: E402  # a version must be asked for first

PIPELINE = (
    "multifilesrc location={raw} loop=true ! rawaudioparse use-sink-caps=false format=pcm pcm-format=s16le "
    "sample-rate=48000 num-channels=1 ! audiobuffersplit output-buffer-duration=1/50 ! clocksync ! audioconvert ! "
    "audio/x-raw,channels={channels},channel-mask=(bitmask){mask} ! opusenc audio-type=voice bitrate=32000 "
    "frame-size={ptime} dtx={dtx} inband-fec=true ! rtpopuspay pt=96 dtx={dtx} ! queue ! "
    "application/x-rtp,media=audio,encoding-name=OPUS,payload=96 ! webrtcbin name=link bundle-policy=max-bundle"
)
PATIENCE_S = 10.0


class GStreamerConsole:
    def __init__(self) -> None:
        self._pipeline: Any = None
        self._link: Any = None
        self._pem = ""
        self._rtp = 0
        self._candidates: list[str] = []

    def begin(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.end()
        if asked["lite"]:
            return {"cannot": "webrtcbin sets libnice to full ICE"}
        if asked["red"]:
            return {"cannot": "webrtcbin makes RED only together with ULPFEC, for video"}
        self._rtp, self._candidates = 0, []
        self._pem = Path(asked["pem"]).read_text() + Path(asked["key"]).read_text()
        channels = 2 if asked["stereo"] else 1
        text = PIPELINE.format(
            raw=asked["raw"],
            channels=channels,
            mask="0x3" if channels == 2 else "0x0",
            ptime=asked["ptime"],
            dtx=str(asked["dtx"]).lower(),
        )
        self._pipeline = Gst.Pipeline.new("console")
        part = Gst.parse_bin_from_description(text, ghost_unlinked_pads=False)
        self._pipeline.connect("deep-element-added", self._added)
        self._pipeline.add(part)
        self._link = part.get_by_name("link")
        self._link.connect("on-ice-candidate", self._candidate)
        self._link.connect("pad-added", self._pad)
        self._pipeline.set_state(Gst.State.READY)
        self._link.emit("create-data-channel", "miranda", Gst.Structure.from_string("o,negotiated=true,id=0")[0])
        self._pipeline.set_state(Gst.State.PLAYING)
        return {}

    def end(self, _asked: dict[str, Any] | None = None) -> dict[str, Any]:
        if self._pipeline is not None:
            self._pipeline.set_state(Gst.State.NULL)
        self._pipeline = self._link = None
        return {}

    def offer(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["restart"]:
            return {"cannot": "webrtcbin 1.22 makes no ICE restart"}
        return self._described("create-offer", "offer")

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        self._remote(asked["sdp"], GstWebRTC.WebRTCSDPType.OFFER)
        return self._described("create-answer", "answer")

    def accept(self, asked: dict[str, Any]) -> dict[str, Any]:
        self._remote(asked["sdp"], GstWebRTC.WebRTCSDPType.ANSWER)
        return {}

    def state(self, _asked: dict[str, Any]) -> dict[str, Any]:
        found = {"state": self._link.get_property("connection-state").value_nick, "rtp": self._rtp}
        reply = self._promised("get-stats", None)
        reports = [_fields(reply.get_value(reply.nth_field_name(place))) for place in range(reply.n_fields())]
        theirs = [one for one in reports if "packets-lost" in one and "round-trip-time" in one]
        if theirs:
            found |= {"reports": 1, "lost": theirs[0]["packets-lost"]}
        return {"reports": 0, "lost": 0} | found

    # --- inside ----------------------------------------------------------------------------------

    def _added(self, _pipeline: Any, _bin: Any, element: Any) -> None:
        factory = element.get_factory()
        if factory is not None and factory.get_name() == "dtlsdec":
            element.set_property("pem", self._pem)

    def _candidate(self, _link: Any, line: int, candidate: str) -> None:
        if line == 0:
            self._candidates.append(f"a={candidate}")

    def _pad(self, _link: Any, pad: Any) -> None:
        if pad.get_direction() != Gst.PadDirection.SRC:
            return
        sink = Gst.ElementFactory.make("fakesink")
        sink.set_property("signal-handoffs", True)
        sink.set_property("sync", False)
        sink.connect("handoff", self._count)
        self._link.get_parent().add(sink)
        sink.sync_state_with_parent()
        pad.link(sink.get_static_pad("sink"))

    def _count(self, *_: Any) -> None:
        self._rtp += 1

    def _promised(self, signal: str, *arguments: Any) -> Any:
        promise = Gst.Promise.new()
        self._link.emit(signal, *arguments, promise)
        if promise.wait() != Gst.PromiseResult.REPLIED:
            raise RuntimeError(f"{signal} got no reply")
        reply = promise.get_reply()
        if reply is not None and reply.has_field("error"):
            raise RuntimeError(f"{signal}: {reply.to_string()}")
        return reply

    def _described(self, signal: str, field: str) -> dict[str, Any]:
        reply = self._promised(signal, None)
        made = reply.get_value(field)  # lives no longer than the reply
        self._promised("set-local-description", made)
        deadline = time.monotonic() + PATIENCE_S
        while self._link.get_property("ice-gathering-state") != GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            if time.monotonic() > deadline:
                raise RuntimeError("gathering did not end")
            time.sleep(0.01)
        lines = made.sdp.as_text().split("\r\n")
        place = next(number for number, line in enumerate(lines) if line.startswith("m=")) + 2
        bare = [line for line in lines if not line.startswith("a=candidate:")]
        return {"sdp": "\r\n".join([*bare[:place], *self._candidates, *bare[place:]])}

    def _remote(self, sdp: str, kind: Any) -> None:
        found, message = GstSdp.SDPMessage.new_from_text(sdp)
        if found != GstSdp.SDPResult.OK:
            raise RuntimeError(f"webrtcbin cannot read this: {found}")
        self._promised("set-remote-description", GstWebRTC.WebRTCSessionDescription.new(kind, message))


def _fields(value: Any) -> dict[str, Any]:
    if not isinstance(value, Gst.Structure):
        return {}
    return {
        value.nth_field_name(place): value.get_value(value.nth_field_name(place)) for place in range(value.n_fields())
    }


def main() -> None:
    Gst.init(None)
    console = GStreamerConsole()
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            reply = getattr(console, asked["do"])(asked)
        except Exception as error:  # noqa: BLE001  # it is told to who asked
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
