// The page of one console: a microphone, and a peer connection for each peer. Plain libwebrtc, plain SDP.
const links = {};
let microphone;

async function open_microphone() {
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  microphone = await navigator.mediaDevices.getUserMedia({ audio: plain });
}

function link(id) {
  if (!links[id]) {
    const connection = (links[id] = new RTCPeerConnection());
    connection.addTrack(microphone.getAudioTracks()[0], microphone);
    connection.createDataChannel("miranda", { negotiated: true, id: 0 });
    connection.ontrack = (event) => {
      const player = new Audio();
      player.srcObject = event.streams[0] || new MediaStream([event.track]);
      player.play();
    };
  }
  return links[id];
}

// On a connection that stands, an offer of libwebrtc's own that begins anew is an ICE restart.
async function made(id) {
  const connection = link(id);
  return (await connection.createOffer({ iceRestart: connection.remoteDescription !== null })).sdp;
}

async function answered([id, sdp]) {
  const connection = link(id);
  await connection.setRemoteDescription({ type: "offer", sdp });
  return (await connection.createAnswer()).sdp;
}

// Returns the description with every candidate in it.
async function described([id, type, sdp]) {
  const connection = links[id];
  const gathered = new Promise((done) => {
    connection.onicecandidate = (event) => event.candidate === null && done();
  });
  await connection.setLocalDescription({ type, sdp });
  await gathered;
  return connection.localDescription.sdp;
}

async function accept([id, sdp]) {
  await links[id].setRemoteDescription({ type: "answer", sdp });
}

function end(id) {
  if (links[id]) links[id].close();
  delete links[id];
}

function states() {
  return Object.fromEntries(Object.entries(links).map(([id, connection]) => [id, connection.connectionState]));
}

async function stats(id) {
  return links[id] ? [...(await links[id].getStats()).values()] : [];
}
