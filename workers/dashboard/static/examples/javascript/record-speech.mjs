// Record while somebody speaks: node record-speech.mjs [SECONDS of silence that end it].
// Node 22, or an older one after `npm install ws`.
const WebSocket = globalThis.WebSocket ?? (await import("ws")).WebSocket;
const url = `${process.env.PARTYLINE_API_URL ?? "http://127.0.0.1:8770"}/api/v1/events`.replace("http", "ws");
const silence = Number(process.argv[2] ?? 10) * 1000;
const speaking = new Set();
let recording = false;
let timer;

const socket = new WebSocket(url, ["partyline.v1", `key.${process.env.PARTYLINE_API_KEY}`]);
const send = (frame) => socket.send(JSON.stringify(frame));
socket.onopen = () => send({ op: "subscribe", id: 1, topics: ["peer.speaking"] });
socket.onerror = () => console.error("The connection failed. Check the address and the key.");

function record(on) {
  recording = on;
  send({ op: "request", id: 2, do: on ? "StartRecording" : "StopRecording" });
}

socket.onmessage = ({ data }) => {
  const frame = JSON.parse(data);
  if (frame.op === "answer") console.log("Done.");
  if (frame.op === "error") {
    console.log(frame.error.message);
    recording = false; // it may record already, for somebody else
  }
  if (!["snapshot", "event"].includes(frame.op)) return;
  for (const [topic, message] of Object.entries(frame.topics ?? { [frame.topic]: frame.message })) {
    if (message?.speaking) speaking.add(topic);
    else speaking.delete(topic);
  }
  clearTimeout(timer);
  if (speaking.size && !recording) record(true);
  if (!speaking.size && recording) timer = setTimeout(() => record(false), silence);
};
