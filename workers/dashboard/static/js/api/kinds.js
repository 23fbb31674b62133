// What a JSON schema allows, in words. A part of the answer is a text, or {ref} for an object with a name.
const SIMPLE = { string: "text", boolean: "true or false", integer: "whole number", number: "number", null: "null" };
const sign = (value) => String(value).replace("-", "−");

export const nameOf = (ref) => ref.slice(ref.lastIndexOf("/") + 1);

/** Return the parts that say what `schema` allows. */
export function kind(schema) {
  if (schema.$ref) return [{ ref: nameOf(schema.$ref) }];
  if (schema.anyOf) return schema.anyOf.flatMap((one, index) => [...(index ? [" or "] : []), ...kind(one)]);
  if (schema.enum) return [schema.enum.map((value) => JSON.stringify(value)).join(" | ")];
  if (schema.type === "array") return schema.items ? ["list of ", ...kind(schema.items)] : ["list"];
  if (schema.type === "object") {
    const values = schema.additionalProperties;
    return values && values !== true ? ["object: name → ", ...kind(values)] : ["object"];
  }
  if (!schema.type) return ["anything"];
  return [(SIMPLE[schema.type] ?? schema.type) + range(schema) + form(schema)];
}

function range({ minimum, maximum }) {
  if (minimum !== undefined && maximum !== undefined) return `, ${sign(minimum)} to ${sign(maximum)}`;
  if (minimum !== undefined) return `, ${sign(minimum)} or more`;
  return maximum === undefined ? "" : `, ${sign(maximum)} or less`;
}

function form({ pattern, maxLength, minLength }) {
  const long = maxLength !== undefined ? `, up to ${maxLength} letters` : "";
  const short = minLength !== undefined ? `, at least ${minLength} letters` : "";
  return `${short}${long}${pattern ? ` like ${pattern}` : ""}`;
}

/** Return the schema that counts when a value is given: without the alternative null. */
export const given = (schema) => schema.anyOf?.find((one) => one.type !== "null") ?? schema;

/** Return the names of the objects that a schema mentions. */
export function refs(schema) {
  if (Array.isArray(schema)) return schema.flatMap(refs);
  if (schema === null || typeof schema !== "object") return [];
  return [...(typeof schema.$ref === "string" ? [nameOf(schema.$ref)] : []), ...Object.values(schema).flatMap(refs)];
}
