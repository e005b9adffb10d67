// One exchange with the server: a ticket for this page, the call, and what is said where it fails. Loaded with the first question.
import { make } from "./ringwise.js";

const EARLY_S = 30; // renew a ticket before it runs out
const tickets = new Map();

export class Told extends Error {
  constructor(error) {
    super(error.message);
    this.code = error.code;
    this.hint = error.hint;
  }
}

async function post(chat, path, body, signal, headers = {}) {
  const response = await fetch(new URL(`api/v1/${path}`, chat.server), {
    method: "POST",
    headers: { "Content-Type": "application/json", "Accept-Language": chat.language, ...headers },
    body: JSON.stringify(body),
    credentials: "omit",
    referrerPolicy: "no-referrer",
    signal,
  });
  if (response.ok) return response;
  const told = await response.json().catch(() => undefined);
  throw new Told(told?.error ?? { code: "internal", message: chat.text("error.internal") });
}

async function ticketFor(chat, signal) {
  const site = chat.getAttribute("site") ?? "";
  const held = tickets.get(site);
  if (held && held.until > performance.now()) return held;
  const given = await (await post(chat, "tickets", { site }, signal)).json();
  given.until = performance.now() + (given.expires_in_s - EARLY_S) * 1000;
  tickets.set(site, given);
  return given;
}

export async function call(chat, path, body, signal, headers = {}, again = true) {
  const ticket = await ticketFor(chat, signal);
  const whole = { ...body, language: chat.language, region: chat.getAttribute("region") || ticket.region };
  try {
    return { ticket, response: await post(chat, path, whole, signal, { ...headers, "X-Ringwise-Ticket": ticket.ticket }) };
  } catch (error) {
    if (!again || !(error instanceof Told && error.code.startsWith("ticket_"))) throw error;
    tickets.clear(); // the server was started anew, or this page slept
    return call(chat, path, body, signal, headers, false);
  }
}

// Shows what was asked, and below it what `draw` makes of a place; what it returns is announced once, when all is done.
export async function exchange(chat, asked, draw) {
  const wait = make("p", { class: "wait small" }, chat.text("thinking"));
  const place = make("div", { class: "answer", part: "answer", lang: chat.language }, wait);
  chat.log.append(make("p", { class: "asked", part: "asked" }, asked), place);
  place.previousElementSibling.scrollIntoView({ block: "nearest" });
  chat.status.textContent = "";
  try {
    chat.status.textContent = await draw(place);
  } catch (error) {
    wait.remove();
    const stopped = error.name === "AbortError";
    const message = stopped ? chat.text("stopped") : error instanceof Told ? error.message : chat.text("widget.unreachable");
    place.append(make("p", stopped ? { class: "small" } : { class: "error", part: "error" }, message));
    chat.status.textContent = message;
    if (stopped) return;
    const hint = error.hint ?? `If ${chat.server} is running, its operator must add ${location.origin} to this site in seeds/sites.yaml.`;
    console.warn(`Ringwise: ${message} ${hint}`); // the browser shows a page that is no site's nothing of the answer, not even its status
    chat.tell("error", { code: error.code ?? "unreachable" });
  }
}
