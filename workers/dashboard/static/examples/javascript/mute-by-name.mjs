// Mute somebody by name, or unmute them: node mute-by-name.mjs Bo-Streams. Node 18 or newer.
const url = `${process.env.PARTYLINE_API_URL ?? "http://127.0.0.1:8770"}/api/v1`;
const headers = { Authorization: `Bearer ${process.env.PARTYLINE_API_KEY}`, "Content-Type": "application/json" };
const name = process.argv[2];

async function told(path, fields) {
  const response = await fetch(url + path, { headers, ...(fields && { method: "POST", body: JSON.stringify(fields) }) });
  const answer = await response.json();
  if (response.ok) return answer;
  console.error(answer.error.message, answer.error.remedy);
  process.exit(1);
}

const { topics } = await told("/state?topics=party.state,audio.mixer");
const members = topics["party.state/"]?.members ?? [];
const member = members.find(({ online_id }) => online_id.toLowerCase() === name.toLowerCase());
if (!member) {
  console.error(`${name} is not here. Members: ${members.map(({ online_id }) => online_id).join(", ") || "nobody"}.`);
  process.exit(1);
}
const peer = `${member.account_id}.${member.platform}`;
const talker = topics["audio.mixer/"]?.talkers.find((one) => one.peer === peer);
const muted = !talker?.muted;
await told("/requests/SetMute", { peer, muted });
console.log(`${name} is ${muted ? "muted" : "heard"}.`);
