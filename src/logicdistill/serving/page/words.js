// Values, shares and times in words.

const plain = (text) => text.replaceAll("_", " ");

const CENTS = /_cents$/;

// A field and its value; hundredths are shown as the whole that they are of.
function pair(name, value) {
  if (CENTS.test(name) && Number.isSafeInteger(value)) {
    return [plain(name.replace(CENTS, "")), (value / 100).toFixed(2)];
  }
  return [plain(name), inWords(value)];
}

export const fieldsInWords = (record) =>
  Object.entries(record).map(([name, value]) => pair(name, value));

export function inWords(value) {
  if (value === null || value === undefined) return "none";
  if (value === true) return "yes";
  if (value === false) return "no";
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.length ? value.map(inWords).join(", ") : "none";
  const pairs = fieldsInWords(value);
  return pairs.length ? pairs.map(([name, text]) => `${name}: ${text}`).join(", ") : "none";
}

// An action: its first text leads, as in "store credit, amount 39.00".
export function actionInWords(action) {
  if (typeof action === "string") return plain(action) || "(empty)";
  if (action === null || typeof action !== "object" || Array.isArray(action)) {
    return inWords(action);
  }
  const [first, ...rest] = Object.entries(action);
  if (!first) return "(empty)";
  const lead = typeof first[1] === "string" ? plain(first[1]) : pair(...first).join(" ");
  return [lead, ...rest.map((one) => pair(...one).join(" "))].join(", ");
}

// Never 100 % for less, and never 0 % for more.
export function percent(share) {
  if (share >= 0.995 && share < 1) return "over 99 %";
  if (share > 0 && share < 0.005) return "under 1 %";
  return `${Math.round(share * 100)} %`;
}

export const count = (number, one, many = `${one}s`) =>
  `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

export function when(time) {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return String(time);
  return date.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}

export const sameValue = (a, b) => sorted(a) === sorted(b);

function sorted(value) {
  if (Array.isArray(value)) return `[${value.map(sorted).join()}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const inner = Object.keys(value).sort();
  return `{${inner.map((name) => `${JSON.stringify(name)}:${sorted(value[name])}`).join()}}`;
}

// The start of a state in one line: its longest text, or its first fields.
export function short(state, most = 90) {
  const texts = Object.values(state).filter((one) => typeof one === "string" && / /.test(one));
  const text = texts.length
    ? texts.reduce((a, b) => (b.length > a.length ? b : a))
    : fieldsInWords(state).map((one) => one.join(" ")).join(", ");
  return text.length > most ? `${text.slice(0, most - 3)}...` : text;
}

export { plain };
