// The client as a process, for a test that has the real API: says who talks as JSON lines, and asks what it is told to.
import { createInterface } from "node:readline";
import { Partyline } from "../../../integrations/javascript/node.js";

const client = new Partyline({ url: process.argv[2], key: process.env.PARTYLINE_API_KEY ?? "", topics: JSON.parse(process.argv[3] ?? "[]") });
const say = (said) => process.stdout.write(`${JSON.stringify(said)}\n`);
const told = () => say({ phase: client.status.phase, code: client.status.error?.code ?? null, talkers: client.talkers });
client.addEventListener("status", told);
client.addEventListener("update", told);
client.start();
for await (const line of createInterface({ input: process.stdin })) {
  const { call, args } = JSON.parse(line);
  client[call](...args).then(
    (result) => say({ result: result ?? null }),
    ({ code, message, remedy }) => say({ error: { code, message, remedy } }),
  );
}
client.stop();
