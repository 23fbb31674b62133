// Show everybody's level: node show-levels.mjs. Node 22, or an older one after `npm install ws`.
const WebSocket = globalThis.WebSocket ?? (await import("ws")).WebSocket;
const url = `${process.env.PARTYLINE_API_URL ?? "http://127.0.0.1:8770"}/api/v1/events`.replace("http", "ws");
const SILENT_DB = -54;
let names = {};

const take = (party) => (names = Object.fromEntries((party?.members ?? []).map((one) => [`${one.account_id}.${one.platform}`, one.online_id])));
const bar = (peak) => "█".repeat(Math.max(0, Math.round((peak - SILENT_DB) / 3)));

const socket = new WebSocket(url, ["partyline.v1", `key.${process.env.PARTYLINE_API_KEY}`]);
socket.onopen = () => socket.send(JSON.stringify({ op: "subscribe", id: 1, topics: ["party.state", "audio.levels"] }));
socket.onerror = () => console.error("The connection failed. Check the address and the key.");
socket.onmessage = ({ data }) => {
  const frame = JSON.parse(data);
  if (frame.op === "snapshot") take(frame.topics["party.state/"]);
  else if (frame.topic === "party.state/") take(frame.message);
  else if (frame.topic === "audio.levels/") {
    const heard = Object.entries(frame.message.talkers).filter(([, peak]) => peak > SILENT_DB);
    console.log(heard.map(([peer, peak]) => `${names[peer] ?? peer} ${bar(peak)}`).join("  "));
  }
};
