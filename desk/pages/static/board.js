/* The board as it moves: parts come as they change, ages are counted on, and a board that is old says so. */
"use strict";
(() => {
  const { all, find, live, now, swap, toast } = trunkline;
  const OLD = 12e3, WALL_RELOADS = 6 * 3600e3;
  const UNITS = [[864e5, "d"], [36e5, "h"], [6e4, "min"], [1e3, "s"]];
  const second = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const shown = find("#as-of"), words = find(".words", shown), board = find("#board");
  let at = 0, heard = Date.now(), trouble = "";

  /* As times.py says it: the two largest units. */
  function span(milliseconds) {
    let rest = Math.max(0, milliseconds);
    const parts = [];
    for (const [size, unit] of UNITS) {
      const count = Math.floor(rest / size);
      rest -= count * size;
      if (count) parts.push(`${count} ${unit}`);
    }
    return parts.slice(0, 2).join(" ") || "0 s";
  }

  function tick() {
    const late = Date.now() - heard > OLD || trouble || trunkline.isOut();
    if (!late) {
      for (const element of all("[data-since]")) {
        const text = span(now() - element.dataset.since) + (element.dataset.after || "");
        if (element.textContent !== text) element.textContent = text;
      }
    }
    if (!at) return;
    const why = trunkline.isOut() ? "signed out" : trouble ? "the engine cannot be asked, trying again" : "reconnecting";
    const text = `as of ${second.format(at)}${late ? `, ${why}` : ""}`;
    if (words.textContent !== text) words.textContent = text;
    shown.dataset.state = late ? "late" : "live";
    shown.title = trouble;
    board.classList.toggle("old", Boolean(late));
  }

  live("/board/events", {
    board(news) {
      heard = Date.now();
      at = news.at || at;
      trouble = news.trouble;
      for (const [name, html] of Object.entries(news.parts)) {
        const part = document.getElementById(`part-${name}`);
        if (part) swap(part, html);
      }
      tick();
    },
  });
  setInterval(tick, 1e3);

  /* A display that nobody touches keeps its session by asking for the page again. */
  if (document.body.classList.contains("wall")) {
    setInterval(() => Date.now() - heard < OLD && location.reload(), WALL_RELOADS);
    addEventListener("dblclick", () => document.documentElement.requestFullscreen().catch((error) => toast(error.message)));
  }
})();
