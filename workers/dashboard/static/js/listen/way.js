// By which way the sound comes. No I/O.

/** Return "websocket" or "webrtc". `via` is what the address asks for, `byLink` whether the page has no key but a link. */
export function chooseWay({ via, byLink, hasWorklet, hasWebRtc }) {
  if (byLink) return "webrtc"; // `/sound` needs a key
  if (via === "websocket" || via === "webrtc") return via;
  return hasWorklet || !hasWebRtc ? "websocket" : "webrtc";
}

/** Return the ticket in the address' fragment, which no browser sends, or "". */
export function ticketIn(fragment) {
  return new URLSearchParams(fragment.replace(/^#/, "")).get("ticket") ?? "";
}

/** Return a browser's offer, asking for both channels, FEC and lost packets again, which Chromium does not by itself. */
export function wideOffer(sdp) {
  const opus = /^a=rtpmap:(\d+) opus\/48000\/2/im.exec(sdp)?.[1];
  if (opus === undefined) return sdp;
  const again = `a=rtcp-fb:${opus} nack`;
  const lines = sdp.split(/\r?\n/).filter((line) => !line.startsWith(`a=fmtp:${opus} `) && line !== again);
  const place = lines.findIndex((line) => line.startsWith(`a=rtpmap:${opus} `)) + 1;
  lines.splice(place, 0, `a=fmtp:${opus} minptime=10;useinbandfec=1;stereo=1`, again);
  return lines.join("\r\n");
}
