/* The line to the server, and what the page says about it.

  live(path, handlers)      server-sent events by name, their data as JSON; `again` is called when the line is back after
                            a break, and everything should be refreshed; `after=` carries on where it broke; what it
                            returns can go over `to` another stream, or to null for none

  The server sends a `beat` every 15 seconds; a line that is silent for longer than two of them is broken. After five
  seconds without a line the page says how old it is. */
"use strict";
(() => {
  const { find, follow, hour, load, toast } = trunkline;
  const page = document.documentElement;

  const WORDS = { live: "live", lost: "reconnecting…", out: "signed out", none: "" };
  const SILENCE = 40e3;
  let since = null;

  function state(name, words = WORDS[name]) {
    const shown = find("#connection"), stale = find("#stale");
    if (!shown) return;
    if (shown.dataset.state !== name) {
      shown.dataset.state = name;
      find(".words", shown).textContent = words;
    }
    if (name === "live") {
      since = null;
      stale.hidden = true;
    } else if (name === "lost" && since === null) {
      since = Date.now();
    }
    staleness();
  }

  function staleness() {
    const stale = find("#stale");
    if (since === null || Date.now() - since < 5e3 || !stale.hidden) return;
    stale.textContent = `Reconnecting. What you see is from ${hour.format(since)}; new messages are not lost.`;
    stale.hidden = false;
  }

  function live(path, handlers = {}) {
    let source, timer, heard = 0, tries = 0, last = "", broken = false, opening = false;
    const retry = () => {
      if (source) source.close();
      broken = true;
      if (trunkline.isOut()) return;
      state("lost");
      tries += 1;
      clearTimeout(timer);
      timer = setTimeout(open, Math.min(15e3, 500 * 2 ** Math.min(tries, 5)) * (0.75 + Math.random() / 2));
    };
    const open = async () => {
      if (opening || !path || trunkline.isOut()) return;
      opening = true;
      clearTimeout(timer);
      const reached = !broken || (await load("/desk/alive")) !== null;
      opening = false;
      if (!reached) return retry();
      if (!path) return;
      if (source) source.close();
      const mark = last && `${path.includes("?") ? "&" : "?"}after=${encodeURIComponent(last)}`;
      source = new EventSource(path + mark);
      heard = Date.now();
      source.onerror = retry;
      const on = (name, act) =>
        source.addEventListener(name, (event) => {
          heard = Date.now();
          if (event.lastEventId) last = event.lastEventId;
          act(event.data);
        });
      on("beat", (data) => {
        const { now: theirs, version } = JSON.parse(data);
        follow(theirs);
        state("live");
        if (broken && handlers.again) handlers.again();
        broken = false;
        tries = 0;
        if (version !== page.dataset.version) outdated();
      });
      on("signed-out", () => {
        source.close();
        trunkline.signedOut();
      });
      on("changed", () => {
        source.close();
        state("out", "another agent");
        toast("You have chosen another agent in another window, so this page is out of date.", {
          kind: "bad", action: "Reload", act: () => location.reload(),
        });
      });
      for (const [name, act] of Object.entries(handlers)) {
        if (name !== "again") on(name, (data) => act(data ? JSON.parse(data) : null));
      }
    };
    setInterval(() => {
      if (source && source.readyState !== 2 && Date.now() - heard > SILENCE) retry();
    }, 5e3);
    addEventListener("online", () => broken && open());
    addEventListener("offline", () => {
      broken = true; /* the line may look whole, but what the page asked for meanwhile was missed */
      state("lost");
    });
    open();
    const to = (next) => {
      clearTimeout(timer);
      if (source) source.close();
      [path, last] = [next, ""];
      open();
    };
    return { to };
  }

  let newer = false;

  function outdated() {
    if (newer) return;
    newer = true;
    toast("There is a newer version of this page.", { action: "Reload", act: () => location.reload(), seconds: 600 });
  }

  document.addEventListener("signed-out", () => state("out"));
  setInterval(staleness, 1e3);
  Object.assign(trunkline, { live });
})();
