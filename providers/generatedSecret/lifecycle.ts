import { makeSecret, type SecretForm } from "../../lib/secretForms";
import { defineLifecycle } from "../lifecycle";

interface Inputs {
  form: SecretForm;
}

interface Outputs extends Inputs {
  value: string;
}

export const lifecycle = defineLifecycle<Inputs, Outputs>({
  replaceOn: ["form"],

  async create({ form }) {
    return { id: `secret/${form}`, outputs: { form, value: makeSecret(form) } };
  },

  // It is nowhere but in the state.
  async read(_id, state) {
    return state;
  },

  async update(_id, _inputs, before) {
    return before;
  },

  async delete() {},
});
