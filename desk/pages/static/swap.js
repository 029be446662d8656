/* New content for parts of a page, so that a person who is in the middle of something is not disturbed.

  swap(element, html)       make the element like the fragment: focus, scroll, selection, open <details> and what was
                            typed stay; "swapped" is then dispatched on it
  renew(element, html)      make the list items that the element has already (by data-key) like those of the fragment;
                            nothing comes, goes or moves
  refresh(element)          load its data-part and swap; one request at a time
  differs(control)          whether it says otherwise than the server said last

  In markup: [data-part] says where the content comes from; [data-key] or id tells elements of a list apart; data-keep
  keeps an element as the page has it; data-scroll keeps where a part is scrolled to; data-hold waits while the pointer
  is over the part, and marks it with data-news meanwhile. */
"use strict";
(() => {
  const { all, load, times } = trunkline;

  /* Putting new content in: the old elements are kept and made like the new ones, so nothing that a person is in the
     middle of is lost. */
  const nameOf = (node) => node.nodeType === 1 && (node.id || node.dataset.key || "");
  const alike = (one, other) =>
    one.nodeType === other.nodeType && one.nodeName === other.nodeName && nameOf(one) === nameOf(other);
  const THEIRS = { DETAILS: ["open"], DIALOG: ["open"] };

  function become(old, fresh) {
    if (old.nodeType !== 1) {
      if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
      return;
    }
    if (old.isEqualNode(fresh) || "keep" in old.dataset) return;
    const theirs = THEIRS[old.nodeName] || [], typed = CONTROLS.test(old.nodeName) && said(old);
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && !theirs.includes(name)) old.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes) {
      if (!theirs.includes(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    if (old.nodeName === "TEXTAREA") old.defaultValue = fresh.defaultValue;
    else if (old.nodeName !== "IFRAME") children(old, fresh);
    if (typed !== false) say(old, typed);
  }

  /* What stands in a control of a form: as a person left it, or null, which is as the server says. */
  const CONTROLS = /^(INPUT|TEXTAREA|SELECT)$/;
  const chosen = (select) => Math.max(0, [...select.options].findLastIndex((each) => each.defaultSelected));

  function differs(control) {
    if (control.nodeName === "SELECT") return control.selectedIndex !== chosen(control);
    return control.value !== control.defaultValue || control.checked !== control.defaultChecked;
  }

  function said(control) {
    if (control !== document.activeElement && !differs(control)) return null;
    return { value: control.value, checked: control.checked };
  }

  function say(control, typed) {
    if (control.type === "file") return;
    if (control.nodeName === "SELECT") {
      if (typed) control.value = typed.value;
      if (!typed || control.selectedIndex < 0) control.selectedIndex = chosen(control);
    } else if (/^(checkbox|radio)$/.test(control.type)) {
      control.checked = typed ? typed.checked : control.defaultChecked;
    } else {
      const value = typed ? typed.value : control.defaultValue;
      if (control.value !== value) control.value = value;
    }
  }

  function children(old, fresh) {
    const named = new Map();
    for (const child of old.childNodes) if (nameOf(child)) named.set(nameOf(child), child);
    let at = old.firstChild;
    for (const wanted of [...fresh.childNodes]) {
      const known = nameOf(wanted) && named.get(nameOf(wanted));
      if (known && known.nodeName === wanted.nodeName) {
        named.delete(nameOf(wanted));
        if (known === at) at = at.nextSibling;
        else place(old, known, at);
        become(known, wanted);
      } else if (at && alike(at, wanted)) {
        const next = at.nextSibling;
        become(at, wanted);
        at = next;
      } else {
        old.insertBefore(wanted, at);
      }
    }
    while (at) {
      const next = at.nextSibling;
      at.remove();
      at = next;
    }
  }

  /* Moving an element takes the focus from what is inside, so it is given back. */
  function place(parent, node, before) {
    const focused = node.contains(document.activeElement) ? document.activeElement : null;
    const selection = focused && "selectionStart" in focused ? [focused.selectionStart, focused.selectionEnd] : null;
    parent.insertBefore(node, before);
    if (!focused) return;
    focused.focus({ preventScroll: true });
    if (selection && selection[0] !== null) focused.setSelectionRange(...selection);
  }

  function swap(element, html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").body;
    const only = fresh.children.length === 1 && element.id && fresh.firstElementChild.id === element.id;
    const scrolled = [element, ...all("[data-scroll]", element)].map((part) => [part, part.scrollTop, part.scrollLeft]);
    if (only) become(element, fresh.firstElementChild);
    else children(element, fresh);
    for (const [part, top, left] of scrolled) Object.assign(part, { scrollTop: top, scrollLeft: left });
    times(element);
    element.dispatchEvent(new CustomEvent("swapped", { bubbles: true }));
  }

  function renew(element, html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").body;
    const known = new Map(all("li[data-key]", fresh).map((item) => [item.dataset.key, item]));
    for (const item of all("li[data-key]", element)) if (known.has(item.dataset.key)) become(item, known.get(item.dataset.key));
    times(element);
    element.dispatchEvent(new CustomEvent("swapped", { bubbles: true }));
  }

  const wanted = new Map(), AGAIN = 3e3;

  /* One request at a time for each part; changes while it is under way, or while it is held, are one more request. */
  function refresh(element) {
    if (!element || !element.dataset.part) return Promise.resolve();
    if ("hold" in element.dataset && element.matches(":hover") && !wanted.has(element)) {
      element.dataset.news = "true";
      const done = new Promise((resolve) => element.addEventListener("pointerleave", resolve, { once: true }));
      wanted.set(element, done.then(() => fetched(element)));
    } else if (!wanted.has(element)) {
      wanted.set(element, fetched(element));
    } else {
      element.dataset.stale = "true";
    }
    return wanted.get(element);
  }

  async function fetched(element) {
    try {
      do {
        delete element.dataset.stale;
        const html = await load(element.dataset.part, element);
        if (html !== null && element.isConnected) swap(element, html);
      } while (element.dataset.stale);
    } finally {
      delete element.dataset.news;
      wanted.delete(element);
    }
    if (element.missed && element.isConnected) setTimeout(() => refresh(element), AGAIN);
  }

  Object.assign(trunkline, { swap, renew, refresh, differs });
})();
