// The contract as the page shows it, made from the two documents that the server serves. No document, no network.
import { kind, nameOf, refs } from "./kinds.js";

const plain = (words) => (words ?? "").replaceAll("``", "`");

/** Return {version, rights, refused, operations, topics, frames, types, errors} of an OpenAPI and an AsyncAPI document. */
export function contract(openapi, asyncapi) {
  const schemas = { ...openapi.components.schemas, ...asyncapi.components.schemas };
  const operations = Object.entries(openapi.paths).flatMap(([path, methods]) =>
    Object.entries(methods).filter(([, operation]) => replyOf(operation)) // the documents themselves reply with no named object
      .map(([method, operation]) => operationOf(path, method, operation, schemas)));
  const topics = Object.entries(asyncapi["x-topics"]).map(([topic, { message, retained, about }]) => {
    const type = nameOf(message.$ref);
    return { topic, type, retained, about: plain(about), fields: fields(schemas[type]) };
  });
  const frames = ["receive", "send"].flatMap((action) => asyncapi.operations[action].messages.map(({ $ref }) => frameOf(nameOf($ref), action, schemas)));
  const shown = new Set([...topics.map(({ type }) => type), ...frames.map(({ name }) => name), ...operations.map(({ id }) => id)]);
  return {
    version: openapi.info.version,
    rights: Object.entries(openapi["x-rights"]).map(([right, may]) => ({ right, may })),
    refused: Object.entries(openapi["x-not-offered"]).map(([name, why]) => ({ name, why: plain(why) })),
    operations,
    topics,
    frames,
    types: below([...shown, ...operations.map(({ reply }) => reply), "ErrorAnswer"], shown, schemas),
    errors: errorsOf(openapi),
  };
}

const replyOf = (operation) => operation.responses[200]?.content?.["application/json"]?.schema.$ref;

function operationOf(path, method, operation, schemas) {
  const body = operation.requestBody?.content["application/json"].schema.$ref;
  const query = (operation.parameters ?? []).map(({ name, schema, description, example }) => ({
    name, schema: schema.type === "array" ? { type: "string" } : schema, required: false, kind: kind(schema), about: plain(description), example: String(example),
  })); // a list stands in an address with commas between its parts
  return {
    id: operation.operationId,
    method: method.toUpperCase(),
    path,
    right: operation["x-right"] ?? "read",
    about: plain(operation.description ? `${operation.summary}. ${operation.description}` : operation.summary),
    confirm: plain(operation["x-confirm"]),
    fields: body ? fields(schemas[nameOf(body)]) : query,
    reply: nameOf(replyOf(operation)),
    errors: Object.keys(operation.responses).map(Number).filter((status) => status >= 400),
  };
}

function frameOf(name, action, schemas) {
  const [op] = schemas[name].properties.op.enum;
  return { name, op, from: action === "send" ? "client" : "server", about: plain(schemas[name].description.replace(/^(Client|Server): /, "")), fields: fields(schemas[name]) };
}

/** Return the fields of an object's schema. */
export function fields(schema) {
  return Object.entries(schema.properties ?? {}).map(([name, one]) => ({
    name,
    schema: one,
    required: (schema.required ?? []).includes(name),
    fallback: "default" in one && one.default !== null ? JSON.stringify(one.default) : "",
    kind: kind(one),
    about: plain(one.description),
  }));
}

/** Return the objects that those of `names` are made of, without the ones that are `shown` elsewhere. */
function below(names, shown, schemas) {
  const [found, waiting] = [new Set(), [...names]];
  while (waiting.length) {
    const name = waiting.pop();
    if (found.has(name) || !schemas[name]) continue;
    found.add(name);
    waiting.push(...refs(schemas[name].properties ?? {}));
  }
  return [...found].filter((name) => !shown.has(name)).sort().map((name) => ({ name, about: plain(schemas[name].description), fields: fields(schemas[name]) }));
}

function errorsOf({ paths, components }) {
  const found = new Map();
  for (const methods of Object.values(paths)) {
    for (const { responses } of Object.values(methods)) {
      for (const [status, { $ref, description }] of Object.entries(responses)) {
        if (Number(status) >= 400) found.set(Number(status), plain($ref ? components.responses[nameOf($ref)].description : description));
      }
    }
  }
  return [...found].sort(([a], [b]) => a - b).map(([status, about]) => ({ status, about }));
}
