/* The desk page: a list that does not jump, tickets that open in place, and news as they come.

  Everything works without this file, by links and forms; with it, parts of the page are fetched and swapped instead.
  form[data-act]    is sent by script, and what it may have changed is refreshed
  desk.refreshAll(), desk.open(number), desk.say(words)    for the other scripts of this page; "opened" is dispatched on
  the document when another ticket stands in it, "writing" when a colleague writes (desk_together.js). */
"use strict";
(() => {
  const { all, find, load, live, make, refresh, renew, send, sentence, swap, times, toast } = trunkline;
  const list = find("#list"), box = find("#opened"), body = document.body, news = find("#news");
  const ticket = () => find("#ticket");
  const number = () => (ticket() ? ticket().dataset.number : "");
  document.documentElement.classList.add("scripted");

  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  const knewZone = document.cookie.includes(`trunkline_zone=${zone}`);
  if (zone && !knewZone) document.cookie = `trunkline_zone=${zone}; path=/; SameSite=Lax; max-age=31536000`;

  /* Said to those who do not see it. */
  function say(words) {
    news.textContent = "";
    setTimeout(() => (news.textContent = words), 50);
  }

  /* The list. One request at a time; what happens while it is under way is one more. Nothing jumps under the pointer, and
     the row that has the focus does not go; meanwhile each row that stays is kept as the ticket is. */
  const gone = new Map(); // on, in which list, to how many rows
  let waiting = null, loading = false, stale = false, forced = false;
  const keysIn = (root) => all("li[data-ticket]", root).map((each) => each.dataset.key);
  const pointed = () => matchMedia("(hover: hover)").matches && list.matches(":hover");
  const parsed = (html) => new DOMParser().parseFromString(html, "text/html").body;

  function held(html) {
    const row = list.contains(document.activeElement) && document.activeElement.closest("li[data-ticket]");
    return pointed() || Boolean(row && !keysIn(parsed(html)).includes(row.dataset.key));
  }

  function listPath() {
    const asked = new URLSearchParams({ ticket: number() });
    const open = all("details[data-section][open]", list).map((each) => each.dataset.section);
    if (open.length) asked.set("show", open.join(","));
    for (const field of all("#q, #queue", list)) if (field.value) asked.set(field.name, field.value);
    if (gone.size) asked.set("more", [...gone].map((each) => each.join(":")).join());
    return `/desk/parts/list?${asked}`;
  }

  async function refreshList(force = false) {
    forced ||= force;
    stale = true;
    if (loading) return;
    loading = true;
    try {
      while (stale) await renewList();
    } finally {
      loading = false;
    }
    if (list.missed) softly();
  }

  async function renewList() {
    const asked = forced;
    stale = forced = false;
    const html = await load(listPath(), list);
    if (html !== null) take(html, asked);
    else if (asked) show();
    else settle();
  }

  function take(html, asked) {
    const fresh = parsed(html);
    tellOffers(fresh);
    waiting = html;
    if (asked || !held(html) || keysIn(fresh).join() === keysIn(list).join()) return show();
    renew(list, html);
    mark();
    announce(fresh);
  }

  /* What waited is shown when nothing holds it any more. */
  function settle() {
    if (waiting !== null && !held(waiting)) show();
  }

  function show() {
    if (waiting === null) return;
    const offers = all("li.offer", list).length;
    swap(list, waiting);
    waiting = null;
    find("#newer").hidden = true;
    mark();
    if (offers !== all("li.offer", list).length) title();
  }

  function announce(fresh) {
    const known = new Set(keysIn(list)), come = keysIn(fresh).filter((key) => !known.has(key)).length;
    const gone = [...known].filter((key) => !keysIn(fresh).includes(key)).length;
    const button = find("#newer");
    button.hidden = !come && !gone;
    button.textContent = come ? `${come} new` : "The list has changed";
  }

  function tellOffers(fresh) {
    const known = new Set(keysIn(list));
    for (const offer of all("li.offer", fresh).filter((each) => !known.has(each.dataset.key))) {
      const who = find(".who", offer).textContent.replace("New from ", "").trim();
      say(`New offer: ${who}. ${find(".said", offer).textContent}`);
    }
  }

  function title() {
    const offers = all("li.offer", list).length, name = ticket() ? `${number()} · ${ticket().dataset.title}` : "Desk";
    document.title = `${offers ? `(${offers}) ` : ""}${name} · Trunkline`;
  }

  function mark() {
    for (const item of all(".item", list)) {
      if (item.closest("li").dataset.ticket === number()) {
        item.setAttribute("aria-current", "true");
        item.classList.remove("unread");
      } else item.removeAttribute("aria-current");
    }
  }

  list.addEventListener("pointerleave", settle);
  list.addEventListener("focusout", () => setTimeout(settle));
  list.addEventListener("click", (event) => event.target.closest("#newer") && show());
  list.addEventListener("input", (event) => event.target.id === "q" && (gone.clear(), later(() => refreshList(true), 200)));
  list.addEventListener("change", (event) => event.target.id === "queue" && (gone.clear(), refreshList(true)));
  list.addEventListener("toggle", (event) => event.target.open && find(".teach a", event.target) && refreshList(true), true);
  list.addEventListener("submit", (event) => {
    if (event.target.getAttribute("role") !== "search") return;
    event.preventDefault();
    refreshList(true);
  });

  /* A list goes on in place, and the focus is on the first row that came. */
  list.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-more]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const [section, rows] = link.dataset.more.split(":");
    const shown = () => all(`[data-key="section-${section}"] .item`, list), before = shown().length;
    gone.set(section, rows);
    await refreshList(true);
    const first = shown()[before];
    if (!first) return;
    first.focus();
    say(`${shown().length - before} more`);
  });

  let timer = 0;
  function later(act, milliseconds) {
    clearTimeout(timer);
    timer = setTimeout(act, milliseconds);
  }

  /* Tickets open in place. */
  let opening = 0;

  async function open(wanted, { push = true, focus = true } = {}) {
    const mine = ++opening;
    box.setAttribute("aria-busy", "true");
    const html = await load(`/desk/parts/tickets/${encodeURIComponent(wanted)}`, null, { background: false });
    if (mine !== opening) return;
    box.removeAttribute("aria-busy");
    if (html === null) return location.assign(`/desk/tickets/${encodeURIComponent(wanted)}`);
    document.dispatchEvent(new Event("leaving"));
    box.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
    body.classList.replace("at-list", "at-ticket");
    body.classList.remove("with-person");
    if (push) history.pushState(null, "", `/desk/tickets/${number()}`);
    times(box);
    began();
    if (focus) find("#ticket-title").focus({ preventScroll: true });
  }

  function began() {
    mark();
    title();
    bottom();
    document.dispatchEvent(new Event("opened"));
  }

  function shut() {
    body.classList.replace("at-ticket", "at-list");
    const item = find(".item[aria-current]", list) || find(".item", list);
    if (item) item.focus();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='/desk/tickets/'], a[href='/desk'].back, a[data-earlier], a[data-whole]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
    const wanted = /^\/desk\/tickets\/([^/?]+)$/.exec(link.getAttribute("href"));
    if (!wanted && !link.matches(".back, [data-earlier], [data-whole]")) return; // a page of its own
    event.preventDefault();
    if ("earlier" in link.dataset) earlier(link);
    else if ("whole" in link.dataset) whole(link);
    else if (link.classList.contains("back")) {
      history.pushState(null, "", "/desk");
      shut();
    } else open(wanted[1]);
  });

  addEventListener("popstate", () => {
    const wanted = /^\/desk\/tickets\/([^/]+)$/.exec(location.pathname);
    if (!wanted) body.classList.replace("at-ticket", "at-list");
    else if (wanted[1] !== number()) open(wanted[1], { push: false, focus: false });
    else body.classList.replace("at-list", "at-ticket");
  });

  /* The conversation: whoever is at its end stays there; whoever reads above is told. */
  let atEnd = true, newest = "";
  const scroller = () => find("#scroller");
  const lastKey = () => (find("#timeline > .entry:last-of-type") || { dataset: {} }).dataset.key || "";

  function bottom() {
    if (!scroller()) return;
    scroller().scrollTop = scroller().scrollHeight;
    atEnd = true;
    newest = lastKey();
    find("#pill").hidden = true;
  }

  document.addEventListener("scroll", (event) => {
    if (event.target.id !== "scroller") return;
    const { scrollHeight, scrollTop, clientHeight } = event.target;
    atEnd = scrollHeight - scrollTop - clientHeight < 40;
    if (atEnd) find("#pill").hidden = true;
  }, true);

  document.addEventListener("swapped", (event) => {
    if (event.target.id !== "conversation") return;
    const come = lastKey(), entry = come !== newest && find(`#timeline > [data-key="${CSS.escape(come)}"]`);
    newest = come;
    if (entry && !entry.classList.contains("held")) said(entry);
    if (atEnd) bottom();
    else if (entry) find("#pill").hidden = false;
  });

  function said(entry) {
    const words = (find(".said-text", entry) || entry).textContent.trim().slice(0, 200);
    find("#typing").textContent = "";
    if (!entry.classList.contains("theirs")) return;
    say(`${find(".author", entry).textContent}: ${words}`);
    seen();
  }

  function seen() {
    if (ticket() && !document.hidden) send(`/desk/tickets/${ticket().dataset.id}/seen`, {}, { quiet: true, background: true });
  }

  async function earlier(link) {
    const html = await load(link.dataset.earlier + link.dataset.place);
    if (html === null) return;
    const before = scroller().scrollHeight, lines = find("#earlier-lines");
    lines.prepend(...new DOMParser().parseFromString(`<ol>${html}</ol>`, "text/html").body.firstChild.childNodes);
    lines.hidden = false;
    times(lines);
    scroller().scrollTop += scroller().scrollHeight - before;
    link.dataset.place = Math.max(0, Number(link.dataset.place) - 50);
    if (link.dataset.place === "0") link.parentElement.hidden = true;
  }

  async function whole(link) {
    const html = await load(link.getAttribute("href")), entry = link.closest(".entry");
    if (html === null) return;
    find(".said-text", entry).replaceWith(new DOMParser().parseFromString(html, "text/html").body.firstChild);
    find(".said-text", entry).dataset.keep = "";
    link.parentElement.hidden = true;
  }

  document.addEventListener("toggle", (event) => {
    const fold = event.target.closest && event.target.closest("details[data-frame]");
    if (!fold || !fold.open || find("iframe", fold)) return;
    const title = "The message as it was formatted", sandbox = "allow-popups allow-popups-to-escape-sandbox";
    const frame = Object.assign(document.createElement("iframe"), { src: fold.dataset.frame, className: "frame middle", title });
    frame.setAttribute("sandbox", sandbox);
    fold.dataset.keep = "";
    fold.append(frame);
  }, true);

  /* Buttons. What is pressed in the list moves it; a second press right behind it was not meant for what is there then. */
  let acted = 0;
  document.addEventListener("submit", async (event) => {
    const form = event.target, button = event.submitter;
    if (!("act" in form.dataset) || event.defaultPrevented) return;
    event.preventDefault();
    const inList = list.contains(form);
    if (form.dataset.busy || (inList && Date.now() - acted < 700)) return;
    if (inList) acted = Date.now();
    form.dataset.busy = "true";
    const path = (button && button.getAttribute("formaction")) || form.getAttribute("action");
    const answer = await send(path, trunkline.desk.written(form, button));
    delete form.dataset.busy;
    if (answer.ok && form.matches(".fields")) trunkline.desk.taken(form);
    const menu = form.closest("details.menu"), row = form.closest("li[data-ticket]");
    if (menu) menu.open = false;
    await refreshAll();
    faults(form, (answer.problem && answer.problem.errors) || []);
    if (answer.ok && !inList) trunkline.desk.unsaved();
    if (answer.ok && row && path.endsWith("/accept")) open(row.dataset.ticket);
    else if (menu && answer.ok && scroller()) scroller().focus({ preventScroll: true });
  });

  /* What is wrong with a field stands below it until the form is sent again. */
  function faults(form, errors) {
    for (const each of all(".fault", form)) each.remove();
    for (const each of all("[aria-invalid]", form)) each.removeAttribute("aria-invalid");
    for (const { field, detail } of errors) {
      const named = form.elements.namedItem(field);
      const control = named instanceof RadioNodeList ? [...named].find((each) => each.type !== "hidden") : named;
      if (!control) continue;
      const fault = make("span", { className: "fault small bad wide-cell", id: `fault-${field}`, textContent: sentence(detail) });
      control.setAttribute("aria-invalid", "true");
      control.setAttribute("aria-describedby", fault.id);
      (control.closest("[role=group]") || control).after(fault);
    }
    if (errors.length && find("[aria-invalid]", form)) find("[aria-invalid]", form).focus();
  }

  function closePerson() {
    body.classList.remove("with-person");
    find("#person-open").focus();
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("#pill")) bottom();
    if (event.target.closest("#person-open")) body.classList.toggle("with-person");
    else if (event.target.closest("#person-close")) closePerson();
    else if (body.classList.contains("with-person") && !event.target.closest("#person")) body.classList.remove("with-person");
  });

  /* News */
  async function refreshAll() {
    await Promise.all([refreshList(true), refresh(find("#conversation")), refresh(find("#person"))]);
  }

  function changed({ number: which, mine }) {
    if (which === number()) {
      refresh(find("#conversation"));
      refresh(find("#person"));
    }
    if (mine) refreshCorner(); // what somebody is done with can have to be wrapped up
    if (mine || which === number() || find(`li[data-ticket="${CSS.escape(which)}"]`, list)) refreshList();
    else if (!find("#q", list)?.value) softly(); // a search is not made again for what it does not show
  }

  /* What only waits in a queue changes no more than a number, unless that part of the list is unfolded. */
  let soon = 0;
  function softly() {
    const pause = find("details[data-section=waiting][open]", list) || list.missed ? 1500 : 5000;
    soon ||= setTimeout(() => {
      soon = 0;
      refreshList();
    }, pause * (1 + Math.random() / 4));
  }

  async function refreshCorner() {
    const corner = find("#worker"), html = await load(`/desk/parts/worker?here=${encodeURIComponent(location.pathname)}`);
    if (html !== null && corner && !corner.open) swap(corner, html);
  }

  async function presence() {
    await refreshCorner();
    refresh(find("#no-ticket"));
    refreshList();
  }

  /* Nobody is told that a message was tried again in vain. */
  setInterval(() => {
    if (!document.hidden && find("#timeline > [data-unsent]")) refresh(find("#conversation"));
  }, 5e3);

  let quietAgain = 0;
  function typing({ name }) {
    const line = find("#typing");
    if (!line) return;
    line.textContent = `${name || find("#person-name").textContent} is typing…`;
    if (atEnd) scroller().scrollTop = scroller().scrollHeight;
    clearTimeout(quietAgain);
    quietAgain = setTimeout(() => (line.textContent = ""), 6000);
  }

  const everything = () => {
    refreshList();
    refresh(find("#conversation"));
    refresh(find("#person"));
  };
  /* The answer to a beat, by which the agent counts as there; the board has none, because it can hang on a wall. */
  let answered = 0;
  const beat = () => {
    if (Date.now() - answered < 25e3) return;
    answered = Date.now();
    load("/desk/alive?at=desk");
  };

  const stream = () => `/desk/events?ticket=${encodeURIComponent(number())}`;
  const line = live(stream(), {
    ready: everything, all: everything, change: changed, presence, typing, beat, visitor: () => refresh(find("#conversation")),
    writing: (detail) => document.dispatchEvent(new CustomEvent("writing", { detail })),
  });
  document.addEventListener("opened", () => line.to(stream()));

  /* A browser keeps only a few lines to one server. Of several hidden pages only the one that was looked at last has one. */
  const others = "BroadcastChannel" in window ? new BroadcastChannel("trunkline-desk") : null;
  let resting = false;
  if (others) {
    others.onmessage = () => {
      if (!document.hidden || resting) return;
      resting = true;
      line.to(null);
    };
  }
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    if (others) others.postMessage("looked at");
    if (resting) line.to(stream());
    resting = false;
    seen();
  });

  if (ticket()) {
    newest = lastKey();
    bottom();
    if (!knewZone) refresh(find("#conversation"));
  }
  title();
  Object.assign(trunkline, { desk: { open, refreshAll, refreshList, say, shut, bottom, ticket } });
})();
