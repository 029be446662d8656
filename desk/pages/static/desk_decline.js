/* Declining an offer: it is gone from the eyes at once and leaves some seconds later, until when it can be undone.

  form[data-decline]    is sent then: at the latest a second before the offer runs out, and at once when the page goes
  desk.undecline()      take back what was declined last; false when there is nothing */
"use strict";
(() => {
  const { all, desk, find, now, send, toast } = trunkline;
  const SECONDS = 5;
  const going = new Map(); // by where it is sent, in the order in which it was declined
  const path = (form) => form.getAttribute("action");

  function mark() {
    for (const form of all("form[data-decline]")) {
      form.closest("li, .ticket-acts").classList.toggle("going", going.has(path(form)));
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!("decline" in form.dataset)) return;
    event.preventDefault();
    if (going.has(path(form))) return;
    form.closest("details").open = false;
    const { number, due } = form.dataset, fields = new URLSearchParams(new FormData(form, event.submitter));
    const seconds = Math.max(0, Math.min(SECONDS, (due - now()) / 1000 - 1)), where = path(form);
    const close = toast(`Declined ${number}.`, { action: "Undo", seconds: seconds + 1, act: () => undo(where) });
    going.set(where, { fields, close, timer: setTimeout(() => leave(where), seconds * 1000) });
    desk.say(`Declined ${number}. Press z to take it back.`);
    mark();
    onward(form);
  });

  /* The focus does not stay in what goes. */
  function onward(form) {
    const row = form.closest("#list li"), next = row && all("#list li:not(.going) .item").find((each) => each.checkVisibility());
    if (next) next.focus();
    else if (find("#scroller")) find("#scroller").focus({ preventScroll: true });
  }

  async function leave(where) {
    const declined = going.get(where), { fields, close } = declined;
    declined.sent = true;
    close();
    await send(where, fields);
    await desk.refreshAll();
    going.delete(where);
    mark();
  }

  function undo(where) {
    const { close, timer } = going.get(where);
    clearTimeout(timer);
    close();
    going.delete(where);
    mark();
  }

  function undecline() {
    const last = [...going.keys()].filter((where) => !going.get(where).sent).pop();
    if (last) undo(last);
    return Boolean(last);
  }

  /* Who accepts what they have just declined means it. */
  document.addEventListener("submit", (event) => {
    const declined = (event.target.getAttribute("action") || "").replace(/accept$/, "decline");
    if (!("decline" in event.target.dataset) && going.has(declined) && !going.get(declined).sent) undo(declined);
  }, true);

  addEventListener("pagehide", () => {
    for (const [where, { fields, timer, sent }] of going) {
      clearTimeout(timer);
      if (sent) continue;
      fields.set("csrf", document.documentElement.dataset.csrf);
      navigator.sendBeacon(where, fields);
    }
    going.clear();
  });
  document.addEventListener("swapped", mark);
  document.addEventListener("opened", mark);
  Object.assign(desk, { undecline });
})();
