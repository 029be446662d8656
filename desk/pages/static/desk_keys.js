/* The keyboard of the desk page. Single keys do nothing while one writes, and can be turned off in the help. */
"use strict";
(() => {
  const { all, desk, find, key, toast } = trunkline;
  const LIST = "The list", TICKET = "The ticket", WRITE = "Writing";
  const items = () => all("#list .item, #list .more a").filter((item) => item.checkVisibility());

  function move(step) {
    const shown = items();
    if (!shown.length) return;
    const chosen = document.activeElement, current = chosen.closest(".rows li");
    const near = current ? find(".item", current) : chosen.closest("#list .more a");
    const at = shown.indexOf(near || find("#list .item[aria-current]"));
    const next = shown[Math.min(shown.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  /* The row that has the focus, else the open ticket, else the offer that runs out first. */
  function press(inRow, inTicket, nothing) {
    const row = document.activeElement.closest("#list li");
    const button = (row && find(inRow, row)) || find(inTicket) || find(`#list .offer ${inRow}`) || (row && find(".take button", row));
    if (button) button.click();
    else toast(nothing);
  }

  function unfold(menu) {
    menu.open = true;
    find("[name=reason]", menu).focus();
  }

  function decline() {
    const row = document.activeElement.closest("#list .offer");
    const menu = find(".decline", row || find("#ticket-head") || document) || find("#list .offer:not(.going) .decline");
    if (menu) unfold(menu);
    else toast("Nothing is offered to you.");
  }

  function away() {
    const chosen = document.activeElement;
    if (chosen.id === "q" && chosen.value) {
      chosen.value = "";
      desk.refreshList(true);
    } else if (document.body.classList.contains("with-person")) document.body.classList.remove("with-person");
    else if (chosen.closest("#composer")) find("#scroller").focus();
    else if (desk.ticket() && chosen.closest("#opened")) desk.shut();
    else return false;
    return true;
  }

  /* The row that has the focus is ticked, or no more. */
  function pick() {
    const row = document.activeElement.closest("#list li"), box = row && find(".pick", row);
    if (box) box.click();
    else toast("Go to a row of the list first, with j or k.");
  }

  function macros() {
    const link = find("#macros-link");
    if (find("#list .pick:checked")) find("#picked").requestSubmit();
    else if (link) link.click();
    else toast("Open a ticket first, or choose some with x.");
  }

  key("j", "Next", () => move(1), LIST);
  key("k", "Previous", () => move(-1), LIST);
  key("Enter", "Open", () => false, LIST);
  key("x", "Choose, for macros", pick, LIST);
  key("/", "Search", () => find("#q").focus(), LIST);
  key("a", "Accept the offer, or take it", () => press("[data-accept]", "[data-shortcut=a] button", "Nothing is offered to you."), TICKET);
  key("d", "Decline the offer", decline, TICKET);
  key("e", "Solve", () => press("[data-none]", "[data-shortcut=e] button", "Open a ticket of yours first."), TICKET);
  key("m", "Macros for the ticket, or for those that are chosen", macros, TICKET);
  key("y", "Do what the ticket suggests", () => press("[data-none]", "[data-shortcut=y] button", "Nothing is suggested."), TICKET);
  key("r", "Reply", () => desk.choose("reply"), TICKET);
  key("n", "Write an internal note", () => desk.choose("note"), TICKET);
  key("z", "Take back what was declined, or the reply that leaves next", () => desk.undecline() || press("[data-none]", "[data-take-back] button", "There is nothing to take back."), TICKET);
  key("i", "Who and why", () => document.body.classList.toggle("with-person") && find("#person").focus(), TICKET);
  key("Escape", "Leave the text, then the ticket", away, TICKET);
  key("Control+Enter", "Send", () => {
    const composer = document.activeElement.closest("#composer");
    if (composer) composer.requestSubmit(find("#send"));
    return Boolean(composer);
  }, WRITE);
})();
