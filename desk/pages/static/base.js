/* What every page of the desk shares; `window.trunkline` is for the scripts of single pages.

  send(path, fields)        POST as a form with the CSRF token; {ok, status, text, problem}; says what went wrong
  load(path, part)          GET of a fragment in the background; its text, or null
  swap, refresh             see swap.js
  live                      see live.js
  toast(words, {kind, action, act, seconds})     kind "bad" stays until it is closed; returns a function that closes it
  key(keys, words, act, section)      "a", "g b", "Control+Enter"; stands in the help dialog; act(event)
  keyed(name)               the element with this data-key; times(root) renews relative times below it

  In markup: form[data-swap="#id"] is sent by script and its answer swapped in ("sent" is then dispatched on it);
  time[data-style] tells relative times, time[data-zone] what time it is there; details.menu closes by itself;
  [data-dialog="#id"] opens a dialog. */
"use strict";
(() => {
  const page = document.documentElement;
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (tag, facts = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), facts);
    made.append(...children);
    return made;
  };

  /* Requests */
  const ask = (path, options = {}) =>
    fetch(path, {
      credentials: "same-origin",
      redirect: "error",
      cache: "no-store",
      ...options,
      headers: { "X-Requested-With": "trunkline", ...options.headers },
    });

  const away = "The desk cannot be reached. Nothing was sent; try again.";

  /* Every answer is read to its end, also an empty one: the browser breaks off what nobody reads. */
  async function told(response) {
    const type = response.headers.get("Content-Type") || "";
    const text = await response.text();
    const problem = response.ok ? null : type.includes("json") ? JSON.parse(text) : { detail: response.statusText };
    if (response.status === 401) signedOut();
    return { ok: response.ok, status: response.status, text, problem };
  }

  async function send(path, fields = {}, { quiet = false, background = false } = {}) {
    let answer;
    try {
      const body = fields instanceof URLSearchParams ? fields : new URLSearchParams(fields);
      body.delete("csrf");
      const headers = { "X-CSRF-Token": page.dataset.csrf || "", ...(background ? { "X-Background": "1" } : {}) };
      answer = await told(await ask(path, { method: "POST", body, headers }));
    } catch {
      answer = { ok: false, status: 0, text: "", problem: { detail: away } };
    }
    if (!answer.ok && !quiet && answer.status !== 401) toast(sentence(answer.problem.detail), { kind: "bad" });
    return answer;
  }

  /* With `part`, the element that it is for, what the element holds already is not sent again, and the answer is null;
     `missed` then says whether the server could not be asked. */
  async function load(path, part = null, { background = true } = {}) {
    const headers = background ? { "X-Background": "1" } : {};
    if (part && part.loaded && part.loaded.path === path) headers["If-None-Match"] = part.loaded.mark;
    try {
      const response = await ask(path, { headers });
      if (part) part.missed = false;
      const answer = await told(response), mark = response.headers.get("ETag");
      if (answer.status === 304) return null;
      if (answer.ok && part) part.loaded = mark ? { path, mark } : null;
      if (part) part.missed = answer.status >= 500;
      return answer.ok ? answer.text : null;
    } catch {
      if (part) part.missed = true;
      return null;
    }
  }

  const sentence = (text) => (text ? text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".") : "");

  /* Times */
  const MINUTE = 60e3, HOUR = 3600e3, DAY = 864e5;
  const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
  const hour = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
  let ahead = 0;
  const now = () => Date.now() + ahead;

  function ago(at) {
    const past = at <= now(), distance = Math.abs(now() - at);
    if (distance < 45e3) return past ? "just now" : "in a moment";
    let words;
    if (distance < 59.5 * MINUTE) words = `${Math.max(1, Math.round(distance / MINUTE))} min`;
    else if (distance < 23.5 * HOUR) words = `${Math.max(1, Math.round(distance / HOUR))} h`;
    else if (distance < 29.5 * DAY) {
      const days = Math.max(1, Math.round(distance / DAY));
      words = `${days} day${days === 1 ? "" : "s"}`;
    } else return day.format(at);
    return past ? `${words} ago` : `in ${words}`;
  }

  function age(at) {
    const distance = Math.abs(now() - at);
    if (distance < 59.5 * MINUTE) return Math.round(distance / MINUTE) ? `${Math.round(distance / MINUTE)}m` : "now";
    if (distance < 23.5 * HOUR) return `${Math.max(1, Math.round(distance / HOUR))}h`;
    if (distance < 99.5 * DAY) return `${Math.max(1, Math.round(distance / DAY))}d`;
    return new Date(at).toISOString().slice(0, 10);
  }

  function hourIn(timeZone) {
    try {
      return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone }).format(now());
    } catch {
      return ""; /* a zone that this browser does not know */
    }
  }

  const STYLES = { ago, age, clock: (at) => hour.format(at) };

  function times(root = document) {
    for (const element of all("time[data-style]", root)) {
      const at = Date.parse(element.dateTime);
      const words = (STYLES[element.dataset.style] || ago)(at);
      if (element.textContent !== words) element.textContent = words;
      const title = absolute.format(at);
      if (element.title !== title) element.title = title;
    }
    for (const element of all("time[data-zone]", root)) {
      const words = hourIn(element.dataset.zone);
      if (words && element.textContent !== words) element.textContent = words;
    }
  }

  /* What is said in between */
  function toast(words, { kind = "", action = "", act = null, seconds = kind === "bad" ? 0 : 6 } = {}) {
    const box = make("div", { className: `toast ${kind}` }, make("p", { textContent: words }));
    const close = () => {
      clearTimeout(timer);
      box.remove();
    };
    if (action) {
      const run = () => {
        close();
        act();
      };
      box.append(make("button", { type: "button", textContent: action, onclick: run }));
    }
    if (kind === "bad" || !action) {
      box.append(make("button", { type: "button", textContent: "✕", ariaLabel: "Close", onclick: close }));
    }
    const place_ = find(kind === "bad" ? "#alarms" : "#toasts");
    for (const same of [...place_.children]) if (same.firstChild.textContent === words) same.remove();
    place_.append(box);
    const timer = seconds ? setTimeout(close, seconds * 1000) : 0;
    return close;
  }

  let out = false;

  function signedOut() {
    if (out) return;
    out = true;
    document.dispatchEvent(new Event("signed-out"));
    const back = `/desk/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
    toast("You are signed out. What you have typed is still here; copy it before you sign in again.", {
      kind: "bad", action: "Sign in", act: () => location.assign(back),
    });
  }

  /* Keys */
  const keys = [];
  let begun = "", begunAt = 0;

  function key(pressed, words, act, section = "Everywhere") {
    keys.push({ pressed, words, act, section });
  }

  const typing = (element) =>
    element.isContentEditable || /^(TEXTAREA|SELECT)$/.test(element.nodeName) ||
    (element.nodeName === "INPUT" && !/^(checkbox|radio|button|submit)$/.test(element.type));

  function pressed(event) {
    const modifiers = [event.ctrlKey && "Control", event.metaKey && "Control", event.altKey && "Alt"].filter(Boolean);
    const name = [...new Set(modifiers), event.key.length === 1 && !modifiers.length ? event.key : event.key].join("+");
    const single = !modifiers.length && event.key.length === 1;
    if (event.defaultPrevented || event.isComposing) return;
    if (single && (typing(event.target) || !keysOn() || find("dialog[open]"))) return;
    const sequence = single && begun && Date.now() - begunAt < 1500 ? `${begun} ${name}` : name;
    const found = keys.find((entry) => entry.pressed === sequence) || keys.find((entry) => entry.pressed === name);
    begun = "";
    if (found) {
      if (found.act(event) !== false) event.preventDefault();
    } else if (single && keys.some((entry) => entry.pressed.startsWith(`${name} `))) {
      begun = name;
      begunAt = Date.now();
    }
  }

  const keysOn = () => localStorage.getItem("trunkline-keys") !== "off";

  function help() {
    const dialog = find("#help"), list = find("#help-keys");
    if (!dialog || dialog.open) return;
    list.replaceChildren();
    for (const section of new Set(keys.map((entry) => entry.section))) {
      const rows = make("dl", { className: "keys" });
      for (const entry of keys.filter((each) => each.section === section)) {
        const caps = entry.pressed.split(/[ +]/).map((cap) => make("kbd", { textContent: cap === "Control" ? "Ctrl" : cap }));
        rows.append(make("dt", { textContent: entry.words }), make("dd", {}, ...caps.flatMap((cap) => [cap, " "])));
      }
      list.append(make("h3", { textContent: section }), rows);
    }
    const box = find("#keys-on");
    box.checked = keysOn();
    box.onchange = () => localStorage.setItem("trunkline-keys", box.checked ? "on" : "off");
    dialog.showModal();
  }

  /* What the markup asks for */
  document.addEventListener("submit", async (event) => {
    const form = event.target, goal = form.dataset.swap;
    if (!goal || event.defaultPrevented) return;
    event.preventDefault();
    const button = event.submitter;
    if (form.dataset.busy) return;
    form.dataset.busy = "true";
    if (button) button.setAttribute("aria-busy", "true");
    const answer = await send(form.action, new URLSearchParams(new FormData(form, button)));
    delete form.dataset.busy;
    if (button) button.removeAttribute("aria-busy");
    const element = find(goal);
    if (answer.ok && answer.text && element) trunkline.swap(element, answer.text);
    if (answer.ok) form.dispatchEvent(new CustomEvent("sent", { bubbles: true }));
    const menu = form.closest("details.menu");
    if (answer.ok && menu) shut(menu);
  });

  function shut(menu) {
    if (menu.contains(document.activeElement)) find("summary", menu).focus();
    menu.open = false;
  }

  document.addEventListener("click", (event) => {
    for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
    const opener = event.target.closest("[data-dialog]");
    if (opener) find(opener.dataset.dialog).showModal();
    if (event.target.closest("#help-button")) help();
    if (event.target.nodeName === "DIALOG" && event.target.classList.contains("dialog")) event.target.close();
  });

  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest && event.target.closest("details.menu[open]");
    if (event.key === "Escape" && menu) return shut(menu);
    if (menu && /^Arrow(Up|Down)$/.test(event.key)) {
      const items = all("button, a", menu), at = items.indexOf(document.activeElement);
      const next = event.key === "ArrowDown" ? at + 1 : (at < 0 ? items.length : at) - 1;
      items.at(next % items.length).focus();
      return event.preventDefault();
    }
    pressed(event);
  });

  key("g d", "Go to the desk", () => location.assign("/desk"));
  key("g b", "Go to the board", () => location.assign("/board"));
  key("?", "Show these shortcuts", help);

  /* The link of a file lasts ten minutes; a page may stand open for longer. */
  document.addEventListener("click", async (event) => {
    const link = event.target.closest('a[href^="/desk/files/"]');
    if (!link) return;
    const { pathname, searchParams } = new URL(link.href);
    if (Number(searchParams.get("expires")) > now() + 5e3) return;
    event.preventDefault();
    const sha256 = pathname.split("/").pop(), article = searchParams.get("article");
    const fresh = await load(`/desk/parts/file-link?${new URLSearchParams({ article, sha256 })}`);
    if (fresh) location.assign((link.href = fresh));
  });

  /* A link to the sign-in can carry the token behind #, which no server sees. */
  const token = find("#sign-in #token");
  if (token && location.hash.length > 1) {
    token.value = decodeURIComponent(location.hash.slice(1));
    history.replaceState(null, "", location.pathname + location.search);
  }

  times();
  setInterval(() => times(), 10e3);
  document.addEventListener("visibilitychange", () => document.hidden || times());

  const keyed = (name) => find(`[data-key="${CSS.escape(name)}"]`);
  const follow = (theirs) => (ahead = theirs - Date.now());
  window.trunkline = { send, load, toast, key, keyed, times, hour, follow, sentence, find, all, make, now, signedOut, isOut: () => out };
})();
