// What is asked of the server. The key is kept in this tab's sessionStorage and nowhere else.

const KEY = "logicdistill-key";
const root = new URL(".", document.baseURI);

export class ServerError extends Error {
  constructor(status, message, code) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const key = {
  get: () => sessionStorage.getItem(KEY) ?? "",
  set: (value) => (value ? sessionStorage.setItem(KEY, value) : sessionStorage.removeItem(KEY)),
};

async function ask(method, path, body) {
  const headers = {};
  if (key.get()) headers.authorization = `Bearer ${key.get()}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  let answer;
  try {
    answer = await fetch(new URL(path.slice(1), root), {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
    });
  } catch {
    throw new ServerError(0, "The server does not answer. Is it running? Try again.");
  }
  const text = await answer.text();
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    throw new ServerError(answer.status, `The server answered ${answer.status}, and no JSON.`);
  }
  if (!answer.ok) {
    throw new ServerError(answer.status, found.error ?? `status ${answer.status}`, found.code);
  }
  return found;
}

const of = encodeURIComponent;

export const server = {
  rights: () => ask("GET", "/rights"),
  policies: () => ask("GET", "/policies"),
  policy: (name) => ask("GET", `/policies/${of(name)}`),
  functions: (name) => ask("GET", `/policies/${of(name)}/functions`),
  function: (name, one) => ask("GET", `/policies/${of(name)}/functions/${of(one)}`),
  examples: (name, limit) => ask("GET", `/policies/${of(name)}/examples?limit=${limit}`),
  explain: (name, state) => ask("POST", `/policies/${of(name)}/explain`, { state }),
  decisions: (name, limit) => ask("GET", `/policies/${of(name)}/decisions?limit=${limit}`),
  labels: (name) => ask("GET", `/policies/${of(name)}/labels`),
  label: (name, body) => ask("POST", `/policies/${of(name)}/labels`, body),
  journal: (name) => ask("GET", `/policies/${of(name)}/journal`),
  add: (name, body) => ask("POST", `/policies/${of(name)}/functions`, body),
  replace: (name, one, body) => ask("PUT", `/policies/${of(name)}/functions/${of(one)}`, body),
  remove: (name, one, body) => ask("DELETE", `/policies/${of(name)}/functions/${of(one)}`, body),
  rollback: (name, body) => ask("POST", `/policies/${of(name)}/rollback`, body),
  tell: (name, body) => ask("POST", `/policies/${of(name)}/tell`, body),
  play: (name, seed) => ask("POST", `/policies/${of(name)}/play`, { seed }),
};
