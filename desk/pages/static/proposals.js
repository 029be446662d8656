/* The keyboard of the page of proposals: one after the other, with a decision each. */
"use strict";
(() => {
  const { all, find, key, toast } = trunkline;
  const LIST = "The list";
  const items = () => all("#proposals .proposal");
  const current = () => document.activeElement.closest("#proposals .proposal");
  let place = 0;

  function go(at) {
    const shown = items();
    place = Math.max(0, Math.min(shown.length - 1, at));
    if (!shown.length) return;
    shown[place].focus();
    shown[place].scrollIntoView({ block: "nearest" });
  }

  function decide(decision) {
    const chosen = current() || items()[0], button = chosen && find(`[value=${decision}]`, chosen);
    if (!button) return toast("There is nothing to decide here.");
    place = items().indexOf(chosen);
    button.click();
  }

  key("j", "Next", () => go(current() ? items().indexOf(current()) + 1 : 0), LIST);
  key("k", "Previous", () => go(current() ? items().indexOf(current()) - 1 : 0), LIST);
  key("y", "Join", () => decide("merge"), LIST);
  key("n", "Not the same", () => decide("keep_apart"), LIST);
  key("z", "Undo", () => {
    const undo = find("#proposals > .notice button");
    if (undo) undo.click();
    else toast("There is nothing to undo.");
  }, LIST);
  find("#proposals").addEventListener("swapped", () => go(place));
})();
