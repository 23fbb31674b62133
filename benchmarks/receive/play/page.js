// Runs in the page: answers offers, keeps each track's sound with its time stamps, hands it out at the end.
const talkers = {};

async function answer(name, sdp) {
  const peer = new RTCPeerConnection();
  const talker = (talkers[name] = { peer, parts: [], stamps: [], counts: [] });
  peer.ontrack = ({ track, streams }) => {
    const element = new Audio(); // without one Chromium does not pull the sound
    element.srcObject = streams[0] ?? new MediaStream([track]);
    element.play();
    talker.element = element;
    read(talker, new MediaStreamTrackProcessor({ track, maxBufferSize: 500 }).readable.getReader());
  };
  await peer.setRemoteDescription({ type: "offer", sdp });
  await peer.setLocalDescription(await peer.createAnswer());
  if (peer.iceGatheringState !== "complete") {
    await new Promise((done) => {
      peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && done();
    });
  }
  return peer.localDescription.sdp;
}

async function read(talker, reader) {
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const part = new Float32Array(value.numberOfFrames);
    value.copyTo(part, { planeIndex: 0, format: "f32-planar" });
    talker.parts.push(part);
    talker.counts.push(value.numberOfFrames);
    talker.stamps.push(value.timestamp); // microseconds of performance.now()'s clock
    talker.youngest = Math.min(talker.youngest ?? Infinity, performance.now() - value.timestamp / 1000);
    talker.rate = value.sampleRate;
    value.close();
  }
}

async function begin() {
  for (const talker of Object.values(talkers)) {
    talker.parts = [];
    talker.stamps = [];
    talker.counts = [];
    talker.before = await inbound(talker.peer);
  }
}

async function inbound(peer) {
  for (const report of (await peer.getStats()).values()) if (report.type === "inbound-rtp") return report;
  return {};
}

async function collect(name) {
  const talker = talkers[name];
  const total = talker.counts.reduce((sum, count) => sum + count, 0);
  const samples = new Int16Array(total);
  let at = 0;
  for (const part of talker.parts) for (const value of part) samples[at++] = Math.max(-32768, Math.min(32767, Math.round(value * 32768)));
  const { stamps, counts, rate, youngest } = talker;
  const url = await new Promise((done) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.readAsDataURL(new Blob([samples]));
  });
  const { before } = talker, after = await inbound(talker.peer);
  return { rate, stamps, counts, youngest, pcm: url.slice(url.indexOf(",") + 1), before, after };
}

function close() {
  for (const [name, talker] of Object.entries(talkers)) {
    talker.peer.close();
    delete talkers[name];
  }
}
