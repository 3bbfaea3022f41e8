// Elements. Text is only ever set as text: nothing that others wrote becomes markup.

let last = 0;

export const fresh = (stem) => `${stem}-${(last += 1)}`;

// el("p", { class: "note", onclick: f, hidden: false }, "text", node, null)
export function el(tag, given = {}, ...inside) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...inside.flat().filter((one) => one !== null && one !== undefined && one !== ""));
  return node;
}

export function fill(node, ...inside) {
  node.replaceChildren(...inside.flat().filter((one) => one !== null && one !== undefined));
  return node;
}

// A line for screen readers, in the page's live region.
export function say(text) {
  const region = document.getElementById("said");
  region.textContent = "";
  setTimeout(() => (region.textContent = text), 30);
}

export const trouble = (error, first = "") =>
  el("p", { class: "note bad", role: "alert" }, `${first}${error.message}`);

// A label above its control, and a hint below.
export function labelled(label, control, hint) {
  control.id ||= fresh("control");
  const about = hint ? el("small", { id: `${control.id}-hint` }, hint) : null;
  if (about) control.setAttribute("aria-describedby", about.id);
  return el("p", { class: "field" }, el("label", { for: control.id }, label), control, about);
}

export function checkbox(label, given = {}, hint) {
  const box = el("input", { type: "checkbox", id: fresh("box"), ...given });
  const about = hint ? el("small", { id: `${box.id}-hint` }, hint) : null;
  if (about) box.setAttribute("aria-describedby", about.id);
  return [box, el("p", { class: "check" }, box, el("label", { for: box.id }, label), about)];
}

// Radio buttons in a row; calls `chosen` with the value.
export function choices(legend, options, value, chosen) {
  const name = fresh("choice");
  const buttons = options.map(([one, label, off]) => {
    const id = fresh("radio");
    const radio = el("input", { type: "radio", name, id, value: one, checked: one === value });
    radio.disabled = Boolean(off);
    radio.addEventListener("change", () => chosen(one));
    return el("span", { class: "choice" }, radio, el("label", { for: id }, label));
  });
  return el("fieldset", { class: "choices" }, el("legend", {}, legend), ...buttons);
}

// Folded; what is inside is made when it is first opened.
export function folded(summary, make) {
  const node = el("details", {}, el("summary", {}, summary));
  node.addEventListener("toggle", () => node.children.length > 1 || node.append(...make()));
  return node;
}

// While work is under way the button is off and says so.
export async function busy(button, work) {
  const before = button.textContent;
  button.disabled = true;
  button.textContent = "Please wait ...";
  try {
    return await work();
  } finally {
    button.disabled = false;
    button.textContent = before;
  }
}

// Off, with the reason in words that a screen reader reads with it.
export function off(control, reason) {
  if (!reason) return control;
  control.disabled = true;
  const why = el("small", { class: "why-off", id: fresh("why") }, reason);
  control.setAttribute("aria-describedby", why.id);
  return el("span", { class: "off" }, control, why);
}
