// A connection in Companion as a process that is told what to do: a call of `Host` as a JSON line in, what the module says out.
//   PARTYLINE_API_KEY=… node drive.js FOLDER ADDRESS PORT LEVELS [more folders that it may read]
import { createInterface } from "node:readline";
import { Host } from "./host.js";

const SAID = ["set-status", "setVariableValues", "setVariableDefinitions", "updateFeedbackValues"];
const [folder, address, port, levels, ...also] = process.argv.slice(2);
const say = (said) => process.stdout.write(`${JSON.stringify(said)}\n`);

const config = { host: address, port: Number(port), levels };
const host = await Host.start(folder, { config, secrets: { key: process.env.PARTYLINE_API_KEY ?? "" }, also });
host.onPacket = ({ name, payload }) => SAID.includes(name) && say({ [name]: payload });
say({ status: host.status, variables: Object.fromEntries(host.variables) });
for await (const line of createInterface({ input: process.stdin })) {
  const { call, args } = JSON.parse(line);
  host[call](...args).then(
    (result) => say({ result: result ?? null }),
    (error) => say({ error: error.message }),
  );
}
await host.stop();
