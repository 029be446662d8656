/* Writing: a reply or a note, kept as a draft until it has left; canned texts; files; taking back.

  A draft belongs to an agent, a ticket and a kind. It is in this browser from the first letter on, and goes only when the
  server has taken the text, so neither a reload nor a refusal loses it. "cleared" is dispatched on the document then. */
"use strict";
(() => {
  const { all, brief, desk, find, make, now, refresh, send, sentence, toast } = trunkline;
  const KINDS = {
    reply: "Write a reply; / calls up a canned one",
    note: "Write a note that only colleagues see",
  };
  const form = () => find("#composer");
  const field = () => find("#text");
  const agent = find("#list").dataset.agent;
  const place = (kind = form().dataset.kind) => `trunkline-draft:${agent}:${form().dataset.ticket}:${kind}`;

  function random() {
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /* On a small screen the box grows when the focus comes into it. A press on one of its buttons brings no focus before it
     counts, or the button would have moved from under the finger. */
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest("#composer .tabs button, #composer .composer-foot button")) event.preventDefault();
  });

  /* Drafts */
  const files = () => all("#attached > li").map((tile) => tile.file).filter(Boolean);

  function keep() {
    if (!form()) return;
    const text = field().value, along = files();
    let kept = text ? "Draft kept" : "";
    try {
      if (text || along.length) localStorage.setItem(place(), JSON.stringify({ text, files: along, key: form().elements.key.value }));
      else localStorage.removeItem(place());
    } catch {
      kept = "Too long to be kept as a draft"; /* this browser has no room */
    }
    state(kept);
    measure();
  }

  /* What does not fit stays in its box, and the box says how much is too much. */
  const bytes = new TextEncoder();
  function state(kept) {
    const most = Number(field().dataset.most), text = field().value;
    const size = text.length * 3 > most ? bytes.encode(text).length : 0, over = size > most;
    const kibi = (number) => (number / 1024).toLocaleString("en", { maximumFractionDigits: 1 });
    find("#kept").textContent = over ? `Too long: ${kibi(size)} KiB, and a message takes ${kibi(most)} KiB` : kept;
    find("#kept").classList.toggle("bad", over);
    if (over) field().setAttribute("aria-invalid", "true");
    else field().removeAttribute("aria-invalid");
    return over;
  }

  /* What the channel takes of it: the server counts, a little after the last letter. */
  let counting = 0;
  function measure() {
    clearTimeout(counting);
    const shown = find("#measured");
    if (!shown || !("counts" in shown.dataset)) return;
    if (form().dataset.kind === "note" || template() || !(field().value || files().length)) return measured({ words: "", refused: "" });
    counting = setTimeout(async () => {
      const of = place(), fields = new URLSearchParams({ text: field().value, way: form().elements.way?.value || "", mode: form().elements.mode?.value || "" });
      for (const file of files()) fields.append("file", JSON.stringify(file));
      const answer = await send(`/desk/tickets/${form().dataset.ticket}/measure`, fields, { quiet: true });
      if (answer.ok && form() && place() === of) measured(JSON.parse(answer.text));
    }, 300);
  }

  function measured({ words, refused }) {
    find("#measured").textContent = refused || words;
    find("#measured").classList.toggle("bad", Boolean(refused));
  }

  /* A template goes in place of what is written. */
  const template = () => form().dataset.kind === "reply" && form().elements.template?.value;
  function templates() {
    for (const values of all(".template-values", form())) values.classList.toggle("chosen", values.dataset.template === template());
    field().hidden = Boolean(template());
    measure();
  }
  document.addEventListener("change", (event) => ["template", "way", "mode"].includes(event.target.id) && event.target.closest("#composer") && templates());

  function recall() {
    const stored = JSON.parse(localStorage.getItem(place()) || "null");
    find("#attached").replaceChildren();
    field().value = stored ? stored.text : "";
    if (stored && stored.key) form().elements.key.value = stored.key;
    for (const file of (stored && stored.files) || []) tile(file.name, file);
    state(stored && stored.text ? "Draft kept" : "");
    templates();
  }

  function clear() {
    localStorage.removeItem(place());
    form().elements.key.value = random();
    field().value = "";
    find("#attached").replaceChildren();
    if (form().elements.template) form().elements.template.value = "";
    templates();
    state("");
    document.dispatchEvent(new Event("cleared"));
  }

  /* Reply or note */
  function choose(kind, { focus = true } = {}) {
    if (!form()) return;
    const possible = find("#reply-target").dataset.possible === "yes";
    if (kind === "reply" && !possible) {
      if (focus) toast(find("#reply-target").textContent.trim());
      kind = "note";
    }
    if (kind !== form().dataset.kind) keep();
    form().dataset.kind = kind;
    form().action = `/desk/tickets/${form().dataset.ticket}/${kind}`;
    for (const tab of all("[role=tab]", form())) {
      const chosen = tab.id === `tab-${kind}`;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    }
    find("#tab-reply").setAttribute("aria-disabled", String(!possible));
    find("#write").setAttribute("aria-labelledby", `tab-${kind}`);
    field().placeholder = KINDS[kind];
    field().setAttribute("aria-describedby", `${kind === "note" ? "note" : "reply"}-target kept`);
    words(kind);
    recall();
    if (focus) field().focus();
  }

  /* A button says what it does to a reply; what it does to a note stands in its data. */
  function words(kind) {
    for (const button of all("[data-words]", form())) {
      button.reply ||= button.textContent;
      button.textContent = kind === "note" ? button.dataset.words : button.reply;
    }
  }

  function began() {
    if (!form()) return;
    const shown = field().value, kind = form().dataset.kind;
    if (shown) localStorage.setItem(place(kind), JSON.stringify({ text: shown, files: [], key: form().elements.key.value }));
    const noted = !localStorage.getItem(place("reply")) && localStorage.getItem(place("note"));
    choose(noted ? "note" : kind, { focus: false });
    const canned = find("#canned");
    if (canned) canned.hidden = true;
  }

  /* Sending */
  document.addEventListener("submit", async (event) => {
    if (event.target.id !== "composer") return;
    event.preventDefault();
    const kind = form().dataset.kind, button = event.submitter || find("#send"), sent = place();
    if (form().dataset.busy || !(field().value.trim() || template())) return field().focus();
    if (state(find("#kept").textContent)) {
      return toast(`${find("#kept").textContent}. Shorten it, send it in parts, or attach it as a file; nothing was sent.`, { kind: "bad" });
    }
    if (find("#attached [data-loading]")) return toast("A file is still being uploaded; wait until it is there.");
    keep();
    form().dataset.busy = "true";
    button.setAttribute("aria-busy", "true");
    const fields = new URLSearchParams(new FormData(form(), button));
    for (const file of files()) fields.append("file", JSON.stringify(file));
    if (insists) fields.set("force", "yes");
    insists = false;
    const answer = await send(form().getAttribute("action"), fields, { quiet: true });
    const between = answer.problem && answer.problem.between;
    if (between && form() && place() === sent) ask(answer.problem, button);
    else if (!answer.ok && answer.status !== 401) toast(sentence(answer.problem.detail), { kind: "bad" });
    if (answer.ok) localStorage.removeItem(sent);
    if (!form()) return;
    delete form().dataset.busy;
    button.removeAttribute("aria-busy");
    if (!answer.ok || place() !== sent) return;
    clear();
    desk.bottom();
    const held = answer.text && JSON.parse(answer.text), seconds = held && Math.round((held.due - held.now) / 1000);
    desk.say(kind === "note" ? "The note is added." : seconds ? `The reply leaves in ${seconds} s. Press z to take it back.` : "The reply leaves.");
    if (held) leaves(held.due);
    await desk.refreshAll();
    desk.bottom();
    desk.unsaved();
  });

  /* Others have answered meanwhile, or the customer wrote: the writer is asked, and the text stays. What they have looked at
     then needs no question any more. */
  let insists = false, asked = null;
  const WORDS = { answered: "answered", sending: "is sending", took: "took the ticket", wrote: "wrote" };

  function ask({ detail, between }, button) {
    find("#between-words").textContent = sentence(detail);
    const items = between.map(({ kind, by, text }) => make("li", { textContent: `${by} ${WORDS[kind]}${text ? `: ${text}` : ""}` }));
    find("#between-list").replaceChildren(...items);
    asked = button;
    find("#between").showModal();
  }

  document.addEventListener("click", async (event) => {
    if (event.target.id === "between-send") {
      find("#between").close();
      insists = true;
      form().requestSubmit(asked);
    } else if (event.target.id === "between-look") {
      await desk.refreshAll();
      looked();
      find("#between").close();
      desk.bottom();
      field().focus();
    }
  });

  /* What stands in the conversation has been seen, until one begins to write. */
  function looked() {
    const seen = find("#seen"), inputs = form() && form().elements;
    if (!seen || !inputs) return;
    [inputs.seen.value, inputs.held.value, inputs.looked.value] = [seen.dataset.article, seen.dataset.held, String(Math.round(now()))];
  }
  document.addEventListener("swapped", (event) => event.target.id === "conversation" && form() && !field().value && looked());

  const leaves = (due) => setTimeout(() => refresh(find("#conversation")), Math.max(0, due - now()) + 400);

  document.addEventListener("submit", async (event) => {
    if (!("takeBack" in event.target.dataset)) return;
    event.preventDefault();
    const answer = await send(event.target.getAttribute("action"));
    if (answer.ok) {
      const back = JSON.parse(answer.text);
      choose("reply");
      field().value = [back.text, field().value].filter(Boolean).join("\n\n");
      for (const file of back.files) tile(file.name, file);
      keep();
      desk.say("The reply was not sent; its text is back.");
    }
    await refresh(find("#conversation"));
  });

  /* Who else gets it: what is typed becomes a box that is ticked. */
  document.addEventListener("change", (event) => {
    const line = event.target;
    if (line.id !== "copied" || !line.value.includes("@")) return;
    const box = make("input", { type: "checkbox", name: "copied", value: line.value.trim(), checked: true });
    line.before(make("label", { className: "check" }, box, line.value.trim()));
    line.value = "";
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "copied" || event.key !== "Enter") return;
    event.preventDefault();
    event.target.dispatchEvent(new Event("change", { bubbles: true }));
  });

  /* Files */
  function tile(name, file = null) {
    const remove = make("button", { type: "button", className: "plain slight", textContent: "✕", ariaLabel: `Do not attach ${name}` });
    const item = make("li", { className: "tile" }, make("span", { className: "cut", textContent: name }));
    const size = make("span", { className: "quiet", textContent: file ? weight(file.size) : "…" });
    item.append(size, remove);
    remove.onclick = () => {
      item.remove();
      keep();
      field().focus();
    };
    item.file = file;
    if (!file) item.dataset.loading = "";
    find("#attached").append(item);
    return item;
  }

  const weight = (size) => (size < 1000 ? `${size} B` : size < 1e6 ? `${Math.round(size / 1e3)} kB` : `${(size / 1e6).toFixed(1)} MB`);

  async function attach(chosen) {
    for (const each of chosen) {
      const item = tile(each.name || "file"), began_ = place();
      const answer = await upload(each);
      if (!answer) item.remove();
      else if (place() === began_) {
        item.file = answer;
        delete item.dataset.loading;
        find(".quiet", item).textContent = weight(answer.size);
        keep();
      }
    }
  }

  async function upload(file) {
    const headers = { "X-CSRF-Token": document.documentElement.dataset.csrf, "X-Requested-With": "trunkline" };
    if (file.type) headers["Content-Type"] = file.type;
    try {
      const path = `/desk/files?name=${encodeURIComponent((file.name || "file").slice(0, 200))}`;
      const response = await fetch(path, { method: "POST", body: file, headers, credentials: "same-origin" });
      const answer = await response.json();
      if (response.ok) return answer;
      toast(`${file.name} was not attached: ${answer.detail}.`, { kind: "bad" });
    } catch {
      toast(`${file.name} was not attached: the desk cannot be reached. Try again.`, { kind: "bad" });
    }
    return null;
  }

  document.addEventListener("change", (event) => {
    if (event.target.id !== "attach") return;
    attach([...event.target.files]);
    event.target.value = "";
    field().focus();
  });
  document.addEventListener("paste", (event) => {
    if (event.target.id !== "text" || !event.clipboardData.files.length) return;
    event.preventDefault();
    attach([...event.clipboardData.files]);
  });
  const over = (event) => form() && event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!over(event)) return;
    event.preventDefault();
    form().classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => event.relatedTarget || (form() && form().classList.remove("dropping")));
  document.addEventListener("drop", (event) => {
    if (!over(event)) return;
    event.preventDefault();
    form().classList.remove("dropping");
    attach([...event.dataTransfer.files]);
  });

  /* Canned replies: a / at the beginning of the text or of a word calls them up. */
  const SLASH = /(^|\s)\/([a-z0-9_-]*)$/;
  let begun = -1;
  const options = () => all(".canned-item", find("#canned")).filter((each) => !each.hidden);

  function callUp(words, from) {
    const box = find("#canned");
    if (!box.children.length) return;
    begun = from;
    for (const each of box.children) each.hidden = !each.dataset.name.includes(words);
    box.hidden = !options().length;
    expanded();
    if (!box.hidden) pick(options()[0]);
  }

  function pick(option) {
    for (const each of find("#canned").children) each.setAttribute("aria-selected", String(each === option));
    field().setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function expanded() {
    const open = !find("#canned").hidden, button = find("#canned-button");
    if (button) button.setAttribute("aria-expanded", String(open));
    if (!open) field().removeAttribute("aria-activedescendant");
  }

  function putAway() {
    find("#canned").hidden = true;
    expanded();
  }

  function use(option) {
    const { value, selectionEnd } = field(), from = begun < 0 ? selectionEnd : begun;
    field().setRangeText(option.dataset.text, from, Math.max(from, begun < 0 ? from : selectionEnd), "end");
    putAway();
    field().focus();
    if (value !== field().value) keep();
  }

  document.addEventListener("input", (event) => {
    if (event.target.id !== "text") return;
    keep();
    tell();
    const before = field().value.slice(0, field().selectionEnd), found = SLASH.exec(before);
    if (found && form().dataset.kind === "reply") callUp(found[2], before.length - found[2].length - 1);
    else putAway();
  });

  document.addEventListener("keydown", (event) => {
    const box = find("#canned");
    if (!box || box.hidden || event.target.id !== "text") return;
    const shown = options(), at = shown.findIndex((each) => each.getAttribute("aria-selected") === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) pick(shown.at((at + step + shown.length) % shown.length));
    else if (event.key === "Enter" || event.key === "Tab") use(shown[at]);
    else if (event.key === "Escape") putAway();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);

  document.addEventListener("click", (event) => {
    const tab = event.target.closest("#composer [role=tab]"), option = event.target.closest(".canned-item");
    if (tab) choose(tab.id.slice(4));
    else if (option) use(option);
    else if (event.target.closest("#attach-button")) find("#attach").click();
    else if (event.target.closest("#canned-button")) {
      if (find("#canned").hidden) callUp("", -1);
      else putAway();
      field().focus();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (!event.target.closest("#composer [role=tablist]") || !/^Arrow(Left|Right)$/.test(event.key)) return;
    choose(form().dataset.kind === "reply" ? "note" : "reply", { focus: false });
    find(`#tab-${form().dataset.kind}`).focus();
  });

  /* Colleagues see that somebody writes, and of an answer the customer of a chat. */
  let toldAt = 0, toldOf = "";
  function tell() {
    const about = place();
    if (!field().value.trim() || (about === toldOf && Date.now() - toldAt < 3000)) return;
    [toldAt, toldOf] = [Date.now(), about];
    send(`/desk/tickets/${form().dataset.ticket}/typing`, { kind: form().dataset.kind }, { quiet: true });
  }

  document.addEventListener("leaving", keep);
  addEventListener("pagehide", keep);
  document.addEventListener("opened", began);
  began();
  Object.assign(desk, { choose, brief });
})();
