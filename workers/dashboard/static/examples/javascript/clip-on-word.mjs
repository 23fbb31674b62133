// Save a clip when a line from stdin has a word: speech-to-text | node clip-on-word.mjs wow. Node 18 or newer.
import { createInterface } from "node:readline";

const url = `${process.env.PARTYLINE_API_URL ?? "http://127.0.0.1:8770"}/api/v1/requests/SaveClip`;
const headers = { Authorization: `Bearer ${process.env.PARTYLINE_API_KEY}` };
const word = process.argv[2].toLowerCase();

for await (const line of createInterface({ input: process.stdin })) {
  if (!line.toLowerCase().includes(word)) continue;
  const response = await fetch(url, { method: "POST", headers });
  const answer = await response.json();
  if (response.ok) console.log(`${Math.round(answer.seconds)} s are in ${answer.folder}.`);
  else console.error(answer.error.message, answer.error.remedy);
}
