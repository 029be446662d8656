/* Colleagues in the same tickets: who is writing, beside the editor and in the list; and what comes while one writes.

  A name stands for six seconds after the last sign of it, and goes when what they wrote is there. What has come while
  there is text in the editor is said above it, until it is looked at or the text has gone; the text is never touched. */
"use strict";
(() => {
  const { all, desk, find, make } = trunkline;
  const SECONDS = 6;
  const writing = new Map(); /* by number of the ticket: by name, whether it is a note, and until when */
  const colleagues = new Set(); /* who was seen writing in the ticket that is open */
  const number = () => (desk.ticket() ? desk.ticket().dataset.number : "");
  const listed = (names) => new Intl.ListFormat("en-GB").format(names);
  const put = (element, words) => element && element.textContent !== words && (element.textContent = words);

  function heard({ detail: { number: which, name, note } }) {
    const here = writing.get(which) || new Map(), come = !here.has(name);
    writing.set(which, here.set(name, { note, until: Date.now() + SECONDS * 1e3 }));
    if (which === number()) colleagues.add(name);
    show();
    if (which === number() && come) desk.say(beside());
    setTimeout(show, SECONDS * 1e3 + 50);
  }

  function beside() {
    const here = writing.get(number()) || new Map(), names = [...here.keys()];
    if (!names.length) return "";
    const what = [...here.values()].every(({ note }) => note) ? "a note" : "an answer";
    return `${listed(names)} ${names.length > 1 ? "are" : "is"} writing ${what}`;
  }

  function show() {
    for (const [which, here] of writing) {
      for (const [name, { until }] of here) if (until <= Date.now()) here.delete(name);
      if (!here.size) writing.delete(which);
    }
    put(find("#writing"), beside());
    for (const row of all("li[data-ticket]", find("#list"))) mark(row);
  }

  function mark(row) {
    const here = writing.get(row.dataset.ticket), there = find(".writes", row), item = find(".item", row);
    if (!here || row.dataset.ticket === number()) return there && there.remove();
    const chip = there || make("span", { className: "chip writes" });
    put(chip, `${listed([...here.keys()])} writes`);
    if (!there && item) item.append(chip);
  }

  /* What stands in the conversation already; what comes on top of it came meanwhile. */
  let known = new Set();
  const entries = () => all("#timeline > .entry:is(.theirs, .ours):not(.held)");

  function swapped(event) {
    if (event.target.id === "list") return show();
    if (event.target.id !== "conversation") return;
    const come = entries().filter((entry) => !known.has(entry.dataset.key));
    known = new Set(entries().map((entry) => entry.dataset.key));
    for (const entry of come) arrived(entry, find(".author", entry).textContent);
  }

  function arrived(entry, author) {
    const theirs = entry.classList.contains("theirs");
    if (!theirs && !colleagues.has(author)) return;
    const here = writing.get(number());
    if (here && here.delete(author)) show();
    if (!find("#text") || !find("#text").value.trim()) return;
    const words = `${author} ${theirs ? "wrote again" : "answered"} while you were writing.`;
    put(find("#meanwhile span"), words);
    find("#meanwhile").hidden = false;
    if (!theirs) desk.say(words);
  }

  function looked() {
    if (find("#meanwhile")) find("#meanwhile").hidden = true;
  }

  function opened() {
    known = new Set(entries().map((entry) => entry.dataset.key));
    colleagues.clear();
    looked();
    show();
  }

  document.addEventListener("click", (event) => {
    if (!event.target.closest("#meanwhile button")) return;
    desk.bottom();
    looked();
    find("#text").focus();
  });
  document.addEventListener("input", (event) => event.target.id === "text" && !event.target.value.trim() && looked());
  document.addEventListener("cleared", looked);
  document.addEventListener("writing", heard);
  document.addEventListener("swapped", swapped);
  document.addEventListener("opened", opened);
  opened();
})();
