// What the chat page does in the browser: open a source, ask a suggested question, copy, say what went wrong.
() => {
  const opened = { mark: null };

  const announce = (text) => { document.getElementById("rw-live").textContent = text; };

  const closeSource = () => {
    document.querySelectorAll(".rw-card").forEach((card) => { card.hidden = true; });
    document.querySelectorAll(".rw-cite").forEach((mark) => { mark.removeAttribute("aria-expanded"); });
    if (opened.mark && opened.mark.isConnected) opened.mark.focus();
    opened.mark = null;
  };

  const openSource = (mark) => {
    const card = document.getElementById(`rw-card-${mark.dataset.cite}`);
    if (!card) return;
    document.querySelectorAll(".rw-card").forEach((other) => { other.hidden = other !== card; });
    document.querySelectorAll(".rw-cite").forEach((other) => { other.removeAttribute("aria-expanded"); });
    mark.setAttribute("aria-expanded", "true");
    opened.mark = mark;
    card.querySelector("h3").focus();
    card.querySelector("mark")?.scrollIntoView({ block: "nearest" });
  };

  const askFor = (question) => {
    const box = document.querySelector("#rw-question textarea");
    box.value = question;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    setTimeout(() => document.querySelector("#rw-ask").click(), 60); // the box tells its component first
  };

  const copyAnswer = async (button) => {
    const text = [...button.closest(".rw-answer").querySelectorAll(".rw-text li, .rw-text > p")].map((part) => part.innerText).join("\n");
    await navigator.clipboard.writeText(text);
    const label = button.textContent;
    button.textContent = button.dataset.done;
    announce(button.dataset.done);
    setTimeout(() => { button.textContent = label; }, 2000);
  };

  const live = Object.assign(document.createElement("div"), { id: "rw-live", className: "rw-who" });
  live.setAttribute("role", "status");
  const banner = Object.assign(document.createElement("div"), { id: "rw-banner", className: "rw-banner", hidden: true });
  banner.setAttribute("role", "alert");
  document.body.append(live, banner);

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.matches(".rw-cite")) openSource(button);
    else if (button.matches(".rw-close")) closeSource();
    else if (button.matches(".rw-chip")) askFor(button.dataset.ask);
    else if (button.matches(".rw-copy")) copyAnswer(button);
    else if (button.matches("#rw-theme, #rw-theme *")) document.body.classList.toggle("dark");
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && opened.mark) closeSource();
  });

  // A new question moves to the top of the view and stays there while its answer grows, unless the visitor does something.
  let exchanges = 0;
  let following = false;
  const followQuestion = () => {
    const questions = document.querySelectorAll(".rw-question");
    if (questions.length > exchanges) following = true;
    if (following) questions[questions.length - 1]?.scrollIntoView({ block: "start" });
    exchanges = questions.length;
  };
  const letGo = () => { following = false; };
  ["wheel", "touchmove", "pointerdown", "keydown"].forEach((name) => document.addEventListener(name, letGo, { passive: true }));

  const followLanguage = () => {
    const words = document.querySelector("#rw-words [data-language]");
    if (!words || document.documentElement.lang === words.dataset.language) return;
    document.documentElement.lang = words.dataset.language;
    document.title = words.dataset.title;
  };

  followLanguage();
  new MutationObserver(() => { followQuestion(); followLanguage(); }).observe(document.body, { childList: true, subtree: true });

  // A server that has gone: the visitor is told in their language, and what they asked waits until it is back. Were the request to fail,
  // Gradio would take no further question and load the page anew: the conversation and the question in the box would be lost.
  const fetchBefore = window.fetch.bind(window);
  const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

  const sayStopped = () => {
    banner.textContent = document.querySelector("#rw-words [data-stopped]")?.dataset.stopped ?? "";
    banner.hidden = !banner.textContent;
  };

  window.fetch = async (...request) => {
    for (;;) {
      try {
        const response = await fetchBefore(...request);
        banner.hidden = true;
        return response;
      } catch (error) {
        if (error.name === "AbortError") throw error;
        sayStopped();
        if (!String(request[0]).includes("/queue/join")) throw error;
      }
      await pause(2000);
    }
  };
}
