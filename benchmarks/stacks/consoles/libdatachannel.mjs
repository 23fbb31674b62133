// A console on libdatachannel: WebRTC in C++ with libjuice, OpenSSL and libsrtp, by its Node binding.
import nodeDataChannel from "node-datachannel";
import { Player, serve, until } from "./lines.mjs";

const SSRC = 0x50533501;
const RECEIVER_REPORT = 201, SENDER_REPORT = 200;
let link, track, channel, player, counts;

function begin({ pem, key, packets, lite }) {
  end();
  if (lite) return { cannot: "libjuice knows no ICE-lite" };
  counts = { rtp: 0, reports: 0, lost: 0 };
  link = new nodeDataChannel.PeerConnection("console", {
    iceServers: [], certificatePemFile: pem, keyPemFile: key, disableAutoNegotiation: true, forceMediaTransport: true,
  });
  const audio = new nodeDataChannel.Audio("0", "SendRecv");
  audio.addOpusCodec(96);
  audio.addSSRC(SSRC, "console", "stream", "track");
  track = link.addTrack(audio);
  track.onMessage(count);
  channel = link.createDataChannel("miranda", { negotiated: true, id: 0 });
  player = new Player(packets, ({ type, sequence, timestamp, marker, payload }) => {
    if (!track.isOpen()) return;
    const header = Buffer.alloc(12);
    header[0] = 0x80;
    header[1] = (marker ? 0x80 : 0) | type;
    header.writeUInt16BE(sequence, 2);
    header.writeUInt32BE(timestamp, 4);
    header.writeUInt32BE(SSRC, 8);
    track.sendMessageBinary(Buffer.concat([header, payload]));
  });
}

function count(data) {
  if (data[1] < 192 || data[1] > 223) {
    counts.rtp += 1;
    return;
  }
  for (let at = 0; at + 4 <= data.length; at += 4 * (data.readUInt16BE(at + 2) + 1)) {
    const start = data[at + 1] === RECEIVER_REPORT ? at + 8 : data[at + 1] === SENDER_REPORT ? at + 28 : 0;
    if (!start || !(data[at] & 0x1f)) continue;
    counts.reports += 1;
    counts.lost = data.readIntBE(start + 5, 3);
  }
}

function end() {
  player?.stop();
  link?.close();
  player = link = undefined;
}

async function described(type) {
  link.setLocalDescription(type);
  await until(() => link?.gatheringState() === "complete", "gathering");
  return { sdp: link.localDescription().sdp };
}

serve({
  begin,
  end,
  offer: ({ restart }) => (restart ? { cannot: "libdatachannel knows no ICE restart" } : described("offer")),
  async answer({ sdp }) {
    link.setRemoteDescription(sdp, "offer");
    return described("answer");
  },
  accept: ({ sdp }) => link.setRemoteDescription(sdp, "answer"),
  state: () => ({ state: link.state(), ...counts }),
});
