// A request with example values, as it is written in a shell, in Python and in JavaScript.
import { given } from "./kinds.js";

export const LANGUAGES = ["shell", "Python", "JavaScript"];
const PEER = "3456789012345678901.PS5";
const VALUES = {
  account_id: "3456789012345678901", delay_ms: 120, device: "BlackHole", gain_db: -6, name: "friday", online_id: "Bo-Streams",
  online_ids: ["Bo-Streams"], peer: PEER, recording: "2026-11-28 20.15.00", seconds: 30, target: "https://example.invalid/share-link", text: "boss fight",
};

/** Return example values of all fields that a request needs, or of its first one if it needs none. */
export function example(operation) {
  const needed = operation.fields.filter(({ required }) => required);
  const chosen = needed.length ? needed : operation.fields.slice(0, 1);
  return Object.fromEntries(chosen.map((field) => [field.name, valueOf(field)]));
}

function valueOf({ name, schema, example: told }) {
  if (told !== undefined) return told;
  const kind = given(schema);
  if (kind.enum) return kind.enum[0];
  if (kind.type === "boolean") return true;
  const value = VALUES[name];
  if (kind.minimum !== undefined) return Math.min(kind.maximum, Math.max(kind.minimum, value ?? kind.minimum));
  return value ?? (kind.type === "array" ? [] : kind.type === "string" ? "…" : 0);
}

/** Return the text of a program that makes the request at `origin`. */
export function snippet(language, operation, origin, values = example(operation)) {
  return { shell, Python: python, JavaScript: javascript }[language](operation, origin, values);
}

const withQuery = (path, values) => (Object.keys(values).length ? `${path}?${new URLSearchParams(values)}` : path);
const quoted = (words) => `'${words.replaceAll("'", "'\\''")}'`;

function shell({ method, path }, origin, values) {
  const key = '-H "Authorization: Bearer $PARTYLINE_API_KEY"';
  if (method === "GET") return `curl -sS ${key} \\\n  ${quoted(origin + withQuery(path, values))}`;
  return `curl -sS ${key} -H 'Content-Type: application/json' \\\n  -d ${quoted(JSON.stringify(values))} \\\n  ${origin}${path}`;
}

function python({ method, path }, origin, values) {
  const head = 'headers = {"Authorization": f"Bearer {os.environ[\'PARTYLINE_API_KEY\']}"}';
  const given = Object.keys(values).length ? `, ${method === "GET" ? "params" : "json"}=${literal(values)}` : "";
  return `import os\n\nimport httpx\n\n${head}\nanswer = httpx.${method.toLowerCase()}("${origin}${path}", headers=headers${given})\nprint(answer.json())`;
}

/** Return a JSON value as Python writes it. */
function literal(value) {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (value && typeof value === "object") return `{${Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${literal(one)}`).join(", ")}}`;
  if (value === null) return "None";
  return typeof value === "boolean" ? (value ? "True" : "False") : JSON.stringify(value);
}

function javascript({ method, path }, origin, values) {
  const key = "Authorization: `Bearer ${process.env.PARTYLINE_API_KEY}`";
  if (method === "GET") return `const headers = { ${key} };\nconst answer = await fetch("${origin}${withQuery(path, values)}", { headers });\nconsole.log(await answer.json());`;
  return `const headers = { ${key}, "Content-Type": "application/json" };\nconst body = JSON.stringify(${JSON.stringify(values)});\nconst answer = await fetch("${origin}${path}", { method: "POST", headers, body });\nconsole.log(await answer.json());`;
}
