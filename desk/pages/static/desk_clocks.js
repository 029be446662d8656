/* Clocks that run while the page is open: rings that shrink, deadlines that come nearer, seconds until something leaves.

  [data-due][data-risk]     a deadline: its tone (calm, warn, late) and, in an element of the class `due`, its words;
                            data-kind="window" is the end of the time for free answers
  svg.ring                  how much of the time is left
  [data-until]              the time that is left, in words; data-style="bare" without "left"

  The time is the server's. */
"use strict";
(() => {
  const { all, now } = trunkline;
  const STEPS = [[604800e3, "w"], [86400e3, "d"], [3600e3, "h"], [60e3, "min"]];

  function brief(span) {
    const step = STEPS.find(([size]) => span >= size);
    return step ? `${Math.floor(span / step[0])} ${step[1]}` : `${Math.max(0, Math.floor(span / 1e3))} s`;
  }

  const say = (element, words) => element.textContent === words || (element.textContent = words);

  function tick(root = document) {
    if (document.hidden) return;
    const at = now();
    for (const element of all("[data-due][data-risk]", root)) {
      const [since, risk, due] = ["since", "risk", "due"].map((name) => Number(element.dataset[name]));
      const used = Math.min(1, Math.max(0, (at - since) / Math.max(1, due - since)));
      const tone = at >= due ? "late" : at >= risk ? "warn" : "calm";
      if (element.dataset.tone !== tone) element.dataset.tone = tone;
      if (element.nodeName === "svg") element.lastElementChild.setAttribute("stroke-dashoffset", (100 * used).toFixed(1));
      else if (element.dataset.kind === "window") say(element, at >= due ? "shut" : `shuts in ${brief(due - at)}`);
      else if (element.classList.contains("due")) say(element, at >= due ? `${brief(at - due)} late` : `${brief(due - at)} left`);
    }
    for (const element of all("[data-until]", root)) {
      const left = Math.max(0, Number(element.dataset.until) - at);
      say(element, brief(left) + (element.dataset.style === "bare" ? "" : " left"));
    }
  }

  setInterval(tick, 1e3);
  document.addEventListener("visibilitychange", () => tick());
  document.addEventListener("swapped", (event) => tick(event.target));
  Object.assign(trunkline, { brief, tick });
})();
