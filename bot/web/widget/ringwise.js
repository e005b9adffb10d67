// <ringwise-chat site="KEY">: the school widget. Draws itself; sends nothing before the visitor does, keeps nothing anywhere.
import { sheet } from "./look.js";
import words from "./words.js";

const SERVER = new URL("../../", import.meta.url);
const SIZES = ["", "large", "larger"];

export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== ""));
  return element;
}

class RingwiseChat extends HTMLElement {
  static observedAttributes = ["language", "mode"];

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
    this.history = [];
    this.size = 0;
  }

  connectedCallback() {
    if (!this.panel) this.draw();
  }

  disconnectedCallback() {
    this.stop();
  }

  attributeChangedCallback(name, before, after) {
    if (this.panel && before !== after) this.draw();
  }

  get server() {
    return SERVER;
  }

  get language() {
    const wanted = this.getAttribute("language") || document.documentElement.lang || navigator.language || "en";
    return wanted.toLowerCase().startsWith("zh") ? "zh" : "en";
  }

  get inline() {
    return this.getAttribute("mode") === "inline";
  }

  text(key, values = {}) {
    return words[this.language][key].replace(/\{(\w+)\}/g, (gap, name) => values[name] ?? gap);
  }

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(`ringwise-${name}`, { bubbles: true, composed: true, detail }));
  }

  draw() {
    const wasOpen = this.panel?.open;
    const log = this.log ?? make("div", { class: "log", part: "log" });
    const draft = this.field?.value ?? "";
    const button = (key, act, part = "tool") => make("button", { type: "button", part, onclick: act }, this.text(key));
    this.log = log;
    this.status ??= make("p", { class: "unseen", role: "status" });
    this.field = make("textarea", { id: "question", rows: 2, maxlength: 10000, part: "question", onkeydown: (event) => this.keyed(event) });
    this.field.value = draft;
    this.field.placeholder = this.text("question.placeholder");
    this.send = make("button", { type: "submit", part: "ask", class: "main" }, this.text("ask"));
    this.checker = make("button", { type: "button", part: "check", onclick: () => this.ask(this.field.value, { check: true }) }, this.text("widget.check"));
    this.halt = make("button", { type: "button", part: "stop", hidden: !this.work, onclick: () => this.stop() }, this.text("stop"));
    const title = make("h2", { id: "title" }, this.text("title"));
    const other = this.language === "zh" ? "en" : "zh";
    const toOther = make("button", { type: "button", part: "tool", lang: other, onclick: () => this.switchTo(other) }, words[other]["language.name"]);
    this.switcher = toOther;
    const body = [
      make("header", { part: "header" }, title, this.inline ? "" : button("widget.close", () => this.close())),
      ...(this.hasAttribute("welcome") ? [make("p", { part: "welcome" }, this.getAttribute("welcome"))] : []),
      make("p", { class: "about", part: "about" }, this.text("about")),
      make("button", { type: "button", class: "emergency", part: "emergency", onclick: () => this.ask(this.text("example.scammed")) }, this.text("emergency.button")),
      log,
      make(
        "form",
        { part: "form", onsubmit: (event) => (event.preventDefault(), this.ask(this.field.value)) },
        make("label", { for: "question" }, this.text("question.label")),
        this.field,
        make("div", { class: "row" }, this.send, this.checker, this.halt),
      ),
      make("div", { class: "row tools" }, toOther, button("widget.larger", () => this.enlarge()), button("widget.print", () => this.print())),
      make("p", { class: "privacy", part: "privacy" }, `${this.text("privacy")} ${this.text("widget.privacy")}`),
      this.status,
    ];
    this.panel = make(this.inline ? "section" : "dialog", { class: "panel", part: "panel", "aria-labelledby": "title" }, ...body);
    this.opener = make("button", { type: "button", class: "opener main", part: "opener", "aria-haspopup": "dialog", onclick: () => this.open() }, this.text("widget.open"));
    this.root = make("div", { class: "root", lang: this.language, dir: "ltr", "data-size": SIZES[this.size] }, ...(this.inline ? [] : [this.opener]), this.panel);
    this.shadowRoot.replaceChildren(this.root);
    this.panel.addEventListener("close", () => this.tell("close"));
    this.panel.addEventListener("keydown", (event) => this.keepFocus(event));
    if (wasOpen && !this.inline) this.panel.showModal();
  }

  open() {
    if (this.inline || this.panel.open) return;
    this.panel.showModal();
    this.field.focus();
    this.tell("open");
  }

  close() {
    if (!this.inline) this.panel.close();
    if (!this.inline) this.opener.focus();
  }

  keepFocus(event) {
    if (event.key !== "Tab" || this.inline) return;
    const stops = [...this.panel.querySelectorAll("button, textarea, a[href], summary")].filter((stop) => stop.getClientRects().length);
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    if (this.shadowRoot.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0]).focus();
  }

  keyed(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.ask(this.field.value);
  }

  switchTo(language) {
    this.setAttribute("language", language);
    this.switcher.focus();
  }

  enlarge() {
    this.size = (this.size + 1) % SIZES.length;
    this.root.dataset.size = SIZES[this.size];
  }

  async print() {
    (await import("./print.js")).print(this);
  }

  stop() {
    this.work?.abort();
  }

  // `check` takes the text as a message to be checked, with the answers tapped so far; `shown` stands in the log instead of it.
  async ask(question, { check = false, answers = {}, shown } = {}) {
    if (!question.trim() || this.work) return;
    this.work = new AbortController();
    this.halt.hidden = false;
    this.field.value = "";
    try {
      if (check) await (await import("./checking.js")).check(this, question.trim(), answers, shown, this.work.signal);
      else await (await import("./asking.js")).ask(this, question.trim(), this.work.signal);
    } catch (error) {
      this.tell("error", { code: "not_loaded" });
      this.log.append(make("p", { class: "error", part: "error" }, this.text("widget.unreachable")));
      this.status.textContent = this.text("widget.unreachable");
    } finally {
      this.work = undefined;
      this.halt.hidden = true;
    }
  }
}

if (!customElements.get("ringwise-chat")) customElements.define("ringwise-chat", RingwiseChat);
