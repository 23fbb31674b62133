// Print who begins and ends to speak: node who-speaks.mjs. Node 22, or an older one after `npm install ws`.
const WebSocket = globalThis.WebSocket ?? (await import("ws")).WebSocket;
const url = `${process.env.PARTYLINE_API_URL ?? "http://127.0.0.1:8770"}/api/v1/events`.replace("http", "ws");
let since;
let run;

function connect() {
  const socket = new WebSocket(url, ["partyline.v1", `key.${process.env.PARTYLINE_API_KEY}`]);
  socket.onopen = () => socket.send(JSON.stringify({ op: "subscribe", id: 1, topics: ["peer.speaking"], since }));
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(data);
    run = frame.run ?? run;
    if (["snapshot", "event"].includes(frame.op)) since = { run, number: frame.number }; // it goes on from here
    if (frame.op === "event" && frame.message) console.log(frame.message.online_id, frame.message.speaking ? "speaks" : "is silent");
  };
  socket.onerror = () => {}; // onclose follows
  socket.onclose = ({ code }) => {
    if (code === 4401) return console.error("The key was revoked.");
    setTimeout(connect, 2000);
  };
}

connect();
