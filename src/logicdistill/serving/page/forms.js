// A form from a JSON Schema: of a state, or of an action.

import { el, fresh, labelled } from "./dom.js";
import { plain } from "./words.js";

export class FormError extends Error {
  constructor(message, control) {
    super(message);
    this.control = control;
  }
}

const kindsOf = (schema) => [schema.type ?? []].flat();

// $ref into $defs, and "this or null" as one schema.
function settled(schema, top) {
  if (schema === true || schema === undefined) return {};
  let found = schema;
  if (found.$ref?.startsWith("#/$defs/")) {
    const { $ref, ...beside } = found;
    found = { ...top.$defs?.[$ref.slice(8)], ...beside };
  }
  if (found.anyOf?.length === 2 && found.anyOf.some((one) => one.type === "null")) {
    const { anyOf, ...beside } = found;
    const inner = settled(anyOf.find((one) => one.type !== "null"), top);
    return { ...inner, ...beside, type: [...kindsOf(inner), "null"] };
  }
  return found;
}

const shown = (value) => (typeof value === "string" ? plain(value) : JSON.stringify(value));

// Each gives { node, get, set }; get raises FormError where nothing sound was entered.
export function formOf(schema, top = schema) {
  const form = settled(schema, top);
  if (form.oneOf?.every((one) => one.properties)) return variants(form, top);
  if (form.properties) return record(form, top);
  return single("Value", form, top, true);
}

function record(form, top, leave = []) {
  const required = new Set(form.required ?? []);
  const parts = Object.entries(form.properties)
    .filter(([name]) => !leave.includes(name))
    .map(([name, inner]) => [name, field(name, settled(inner, top), top, required.has(name))]);
  return {
    node: el("div", { class: "record" }, ...parts.map(([, part]) => part.node)),
    get: () => {
      const found = {};
      for (const [name, part] of parts) {
        const value = part.get();
        if (value !== undefined) found[name] = value;
      }
      return found;
    },
    set: (value) => {
      for (const [name, part] of parts) part.set(value?.[name]);
    },
    focus: () => parts[0]?.[1].node.querySelector("input, select, textarea")?.focus(),
  };
}

// Objects of several kinds: the first select says which, as "refund" or "wait".
function variants(form, top) {
  const options = form.oneOf.flatMap((one) => {
    const merged = {
      ...form,
      ...one,
      oneOf: undefined,
      properties: { ...form.properties, ...one.properties },
      required: [...(form.required ?? []), ...(one.required ?? [])],
    };
    const tag = Object.entries(merged.properties).find(([, p]) => "const" in p || p.enum);
    if (!tag) return [{ label: "other", merged, tag: null }];
    const values = "const" in tag[1] ? [tag[1].const] : tag[1].enum;
    return values.map((value) => ({ label: shown(value), merged, tag: [tag[0], value] }));
  });
  const pick = el("select", { id: fresh("kind") });
  pick.append(...options.map((one, at) => el("option", { value: at }, one.label)));
  const inner = el("div");
  let part;
  const show = () => {
    const { merged, tag } = options[pick.value];
    part = record(merged, top, tag ? [tag[0]] : []);
    inner.replaceChildren(part.node);
  };
  pick.addEventListener("change", show);
  show();
  return {
    node: el("div", { class: "record" }, labelled("What to do", pick), inner),
    get: () => {
      const { tag } = options[pick.value];
      return { ...(tag ? { [tag[0]]: tag[1] } : {}), ...part.get() };
    },
    set: (value) => {
      const at = options.findIndex(({ tag }) => tag && value?.[tag[0]] === tag[1]);
      if (at >= 0) pick.value = at;
      show();
      part.set(value);
    },
    focus: () => pick.focus(),
  };
}

function field(name, form, top, required) {
  const inner = form.oneOf?.every((one) => one.properties)
    ? variants(form, top)
    : form.properties && !kindsOf(form).includes("null")
      ? record(form, top)
      : null;
  if (!inner) return single(plain(name), form, top, required);
  const node = el("fieldset", {}, el("legend", {}, plain(name)), inner.node);
  return { ...inner, node };
}

function single(label, form, top, required) {
  const kinds = kindsOf(form);
  const empty = kinds.includes("null");
  const leave = empty ? "Leave empty for none." : required ? "" : "May be left empty.";
  const hint = [form.description, leave].filter(Boolean).join(" ");
  const fallback = "default" in form ? form.default : undefined;
  const blank = () => (empty ? null : undefined);
  const values = "const" in form ? [form.const] : form.enum;
  const only = kinds.filter((kind) => kind !== "null");

  if (values || (only.length === 1 && only[0] === "boolean")) {
    const listed = values ?? [true, false];
    const words = (value) => (value === true ? "yes" : value === false ? "no" : shown(value));
    const pick = el("select", {});
    const none = empty || !required;
    if (none && !listed.includes(null)) pick.append(el("option", { value: "" }, "(none)"));
    pick.append(...listed.map((one, at) => el("option", { value: at }, words(one))));
    const set = (value) => {
      const at = listed.findIndex((one) => JSON.stringify(one) === JSON.stringify(value));
      pick.value = at >= 0 ? at : none ? "" : 0;
    };
    const get = () => (pick.value === "" ? blank() : listed[pick.value]);
    if (only[0] === "boolean" && !values && !none) pick.value = 1;
    if (fallback !== undefined) set(fallback);
    return { node: labelled(label, pick, hint), get, set, focus: () => pick.focus() };
  }

  if (only.length === 1 && (only[0] === "integer" || only[0] === "number")) {
    const whole = only[0] === "integer";
    const box = el("input", {
      type: "number",
      step: whole ? 1 : "any",
      min: form.minimum,
      max: form.maximum,
      inputmode: whole ? "numeric" : "decimal",
    });
    const get = () => {
      if (box.value === "" && !box.validity.badInput) {
        if (empty || !required) return blank();
        throw new FormError(`${label}: a number is missing.`, box);
      }
      const found = Number(box.value);
      if (box.validity.badInput || !Number.isFinite(found)) {
        throw new FormError(`${label}: this is no number.`, box);
      }
      if (whole && !Number.isSafeInteger(found)) {
        throw new FormError(`${label}: a whole number of at most 15 digits is wanted.`, box);
      }
      return found;
    };
    const set = (value) => (box.value = value ?? "");
    if (fallback !== undefined) set(fallback);
    return { node: labelled(label, box, hint), get, set, focus: () => box.focus() };
  }

  if (only.length === 1 && only[0] === "string") {
    const long = form.format === "text";
    const kind = form.format === "date" ? "date" : "text";
    const box = long ? el("textarea", { rows: 4 }) : el("input", { type: kind });
    let known = null;
    if (form.examples?.length && !long) {
      known = el("datalist", { id: fresh("known") });
      known.append(...form.examples.map((one) => el("option", { value: one })));
      box.setAttribute("list", known.id);
    }
    const get = () => {
      if (box.value === "" && empty) return null;
      if (box.value === "" && kind === "date") {
        if (!required) return undefined;
        throw new FormError(`${label}: a date is missing.`, box);
      }
      return box.value;
    };
    const set = (value) => (box.value = value ?? "");
    if (fallback !== undefined) set(fallback);
    const node = labelled(label, box, hint);
    if (known) node.append(known);
    return { node, get, set, focus: () => box.focus() };
  }

  const box = el("textarea", { rows: 3, class: "code", spellcheck: "false" });
  const get = () => {
    if (box.value.trim() === "") {
      if (empty || !required) return blank();
      throw new FormError(`${label}: a value is missing.`, box);
    }
    return parsed(box.value, label, box);
  };
  const set = (value) => (box.value = value === undefined ? "" : JSON.stringify(value));
  if (fallback !== undefined) set(fallback);
  const node = labelled(label, box, [hint, "Written as JSON."].filter(Boolean).join(" "));
  return { node, get, set, focus: () => box.focus() };
}

export function parsed(text, label, control) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FormError(`${label}: this is no JSON (${error.message}).`, control);
  }
}

// The form of an action: of the task's own form, or JSON where that is a sentence.
export function actionForm(policy) {
  if (policy.actions) return single("Right action", { enum: policy.actions }, {}, true);
  let form = null;
  try {
    form = JSON.parse(policy.action_form);
  } catch {
    // A game says in a sentence which actions there are.
  }
  if (form && typeof form === "object") {
    return form.properties || form.oneOf || form.type ? formOf(form) : single("Action", {}, {}, true);
  }
  return single("Right action", { description: policy.action_form }, {}, true);
}
