// A console on werift: WebRTC in TypeScript, with its own ICE, DTLS and SRTP.
import fs from "node:fs";
import { RTCPeerConnection, RTCRtpCodecParameters, MediaStreamTrack, RtpHeader, RtpPacket } from "werift";
import { Player, serve, until } from "./lines.mjs";

const SIGNATURE = { rsa: 1, ecdsa: 3 };
let link, player, counts, passively;

function begin({ certificate, pem, key, packets, red, lite, passive }) {
  end();
  passively = passive;
  const opus = new RTCRtpCodecParameters({
    mimeType: "audio/opus", clockRate: 48000, channels: 2, payloadType: 96, parameters: "minptime=10;useinbandfec=1",
  });
  const redundant = new RTCRtpCodecParameters({
    mimeType: "audio/red", clockRate: 48000, channels: 2, payloadType: 63, parameters: "96/96",
  });
  const signature = SIGNATURE[certificate.split("-")[0]];
  const keys = {
    certPem: fs.readFileSync(pem, "utf8"), keyPem: fs.readFileSync(key, "utf8"),
    signatureHash: { hash: 4, signature },
  };
  counts = { rtp: 0, reports: 0, lost: 0 };
  const mine = counts;
  link = new RTCPeerConnection({
    codecs: { audio: red ? [redundant, opus] : [opus], video: [] },
    dtls: { keys }, iceLite: lite, iceServers: [], iceUseTcp: false, bundlePolicy: "max-bundle",
  });
  const track = new MediaStreamTrack({ kind: "audio" });
  const { sender } = link.addTransceiver(track, { direction: "sendrecv" });
  sender.onRtcp.subscribe((packet) => {
    for (const report of packet.reports ?? []) {
      mine.reports += 1;
      mine.lost = report.packetsLost;
    }
  });
  link.onTrack.subscribe((theirs) => theirs.onReceiveRtp.subscribe(() => (mine.rtp += 1)));
  link.createDataChannel("miranda", { negotiated: true, id: 0 });
  player = new Player(packets, ({ type, sequence, timestamp, marker, payload }) => {
    const header = new RtpHeader({ payloadType: 96, sequenceNumber: sequence, timestamp, marker, ssrc: sender.ssrc });
    if (type === 96) sender.sendRtp(new RtpPacket(header, payload)); // RED it makes by itself
  });
}

function end() {
  player?.stop();
  link?.close();
  player = link = undefined;
}

async function described() {
  await until(() => link.iceGatheringState === "complete", "gathering");
  return { sdp: link.localDescription.sdp };
}

serve({
  begin,
  end,
  async offer({ restart }) {
    await link.setLocalDescription(await link.createOffer({ iceRestart: restart }));
    return described();
  },
  async answer({ sdp }) {
    await link.setRemoteDescription({ type: "offer", sdp });
    if (passively) for (const transport of link.dtlsTransports) transport.role = "server"; // it answers active of itself
    await link.setLocalDescription(await link.createAnswer());
    return described();
  },
  async accept({ sdp }) {
    await link.setRemoteDescription({ type: "answer", sdp });
  },
  state: () => ({ state: link.connectionState, ...counts }),
});
