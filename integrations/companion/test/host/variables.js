// Variables of the connection. As in Companion, only defined ones have a value, and one that is not defined any more loses it.
export class Variables {
  #tell;
  #defined = new Set();
  #values = new Map();

  constructor(tell) {
    this.#tell = tell;
  }

  define(definitions) {
    this.#defined = new Set(Object.keys(definitions));
    const newValues = [];
    for (const id of this.#defined) if (!this.#values.has(id)) newValues.push({ id, value: "" });
    for (const id of this.#values.keys()) if (!this.#defined.has(id)) newValues.push({ id, value: undefined });
    this.#keep(newValues);
    const variables = Object.entries(definitions).map(([name, { name: description }]) => ({ name, description }));
    this.#tell("setVariableDefinitions", { variables, newValues });
  }

  set(values) {
    const newValues = Object.entries(values).map(([id, value]) => ({ id, value: this.#defined.has(id) ? (value ?? "") : undefined }));
    this.#keep(newValues);
    this.#tell("setVariableValues", { newValues });
  }

  get(id) {
    return this.#values.get(id);
  }

  #keep(newValues) {
    for (const { id, value } of newValues) {
      if (value === undefined) this.#values.delete(id);
      else this.#values.set(id, value);
    }
  }
}
