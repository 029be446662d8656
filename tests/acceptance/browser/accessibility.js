// Looks at a page as it stands and says what keeps people out of it; the rules of WCAG 2.2 that a machine can judge.
// Sees into open shadow roots. What is not displayed, and what is disabled, is left out as WCAG leaves it out.
async (options) => {
  const faults = [];
  const fault = (node, what) => faults.push(`${describe(node)}: ${what}`);
  const ROLES = new Set(("alert alertdialog application article banner blockquote button caption cell checkbox code columnheader combobox " +
    "complementary contentinfo definition deletion dialog directory document emphasis feed figure form generic grid gridcell group " +
    "heading img insertion link list listbox listitem log main marquee math menu menubar menuitem menuitemcheckbox " +
    "menuitemradio meter navigation none note option paragraph presentation progressbar radio radiogroup region row rowgroup " +
    "rowheader scrollbar search searchbox separator slider spinbutton status strong subscript superscript switch tab table " +
    "tablist tabpanel term textbox time timer toolbar tooltip tree treegrid treeitem").split(" "));
  const INTERACTIVE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex], [contenteditable=true], " +
    "[role=button], [role=link], [role=checkbox], [role=switch], [role=tab], [role=menuitem], [role=option], [role=textbox]";

  function* elements(root) {
    for (const node of root.querySelectorAll("*")) {
      yield node;
      if (node.shadowRoot) yield* elements(node.shadowRoot);
    }
  }
  function describe(node) {
    const name = node.tagName.toLowerCase() + (node.id ? `#${node.id}` : "") + [...node.classList].map((each) => `.${each}`).join("");
    const text = (node.textContent ?? "").trim().replace(/\s+/g, " ").slice(0, 30);
    return text ? `${name} "${text}"` : name;
  }
  const parent = (node) => node.assignedSlot ?? node.parentElement ?? (node.getRootNode() instanceof ShadowRoot ? node.getRootNode().host : null);
  function* upwards(node) {
    for (let each = node; each; each = parent(each)) yield each;
  }
  const shown = (node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: false, contentVisibilityAuto: true }) && node.getClientRects().length > 0;
  const hidden = (node) => [...upwards(node)].some((each) => each.ariaHidden === "true" || each.inert);
  const byId = (node, ids) => (ids ?? "").split(/\s+/).filter(Boolean).map((id) => node.getRootNode().getElementById?.(id) ?? null);

  // Accessible names, after the W3C's "Accessible Name and Description Computation" as far as pages of ours need it.
  function text(node) {
    if (node.nodeType === Node.TEXT_NODE) return node.textContent;
    if (node.nodeType !== Node.ELEMENT_NODE || node.ariaHidden === "true" || !node.checkVisibility()) return "";
    if (node.ariaLabel) return node.ariaLabel;
    if (node.tagName === "IMG") return node.alt;
    if (node.tagName === "svg") return [...node.children].filter((each) => each.tagName === "title").map((each) => each.textContent).join(" ");
    return [...node.childNodes].map(text).join(" ");
  }
  function name(node, inside = true) {
    const labelled = byId(node, node.getAttribute("aria-labelledby")).filter(Boolean).map(text).join(" ").trim();
    const labels = [...(node.labels ?? [])].map((label) => [...label.childNodes].filter((each) => each !== node).map(text).join(" ")).join(" ").trim();
    const field = /^(INPUT|SELECT|TEXTAREA)$/.test(node.tagName);
    const own = !inside ? "" : field ? (/^(submit|button|reset)$/.test(node.type) ? node.value : "") : text(node).trim();
    return labelled || node.ariaLabel?.trim() || labels || node.alt?.trim() || own || node.title?.trim() || "";
  }

  // Colours: what is computed, painted on a canvas, so that every notation comes out as numbers.
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  function numbers(color) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  }
  const over = (top, under, opacity = 1) => {
    const alpha = top[3] * opacity;
    return [0, 1, 2].map((each) => top[each] * alpha + under[each] * (1 - alpha)).concat(1);
  };
  function ground(node) {
    const layers = [];
    for (const each of upwards(node)) {
      const style = getComputedStyle(each);
      if (style.backgroundImage !== "none") return null;
      layers.push([numbers(style.backgroundColor), Number(style.opacity)]);
      if (layers.at(-1)[0][3] === 1) break;
      if (["fixed", "absolute"].includes(style.position) && layers.at(-1)[0][3] > 0.98) break;
    }
    const dark = getComputedStyle(document.documentElement).colorScheme.includes("dark") && matchMedia("(prefers-color-scheme: dark)").matches;
    let color = numbers(dark ? "#121212" : "#ffffff");
    for (const [layer, opacity] of layers.reverse()) color = over(layer, color, opacity);
    return color;
  }
  const light = (color) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, each) => {
    const part = color[each] / 255;
    return sum + weight * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  }, 0);
  function contrast(one, other) {
    const [lighter, darker] = [light(one), light(other)].sort((a, b) => b - a);
    return (lighter + 0.05) / (darker + 0.05);
  }
  function checkContrast(node) {
    const style = getComputedStyle(node);
    const words = [...node.childNodes].some((each) => each.nodeType === Node.TEXT_NODE && each.textContent.trim());
    const typed = /^(INPUT|TEXTAREA)$/.test(node.tagName);
    if (!(words || typed) || node.closest(":disabled") || style.clipPath.startsWith("inset(50%")) return;
    const under = ground(node);
    if (!under) return;
    const wanted = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const opacity = [...upwards(node)].reduce((all, each) => all * Number(getComputedStyle(each).opacity), 1);
    const colors = [style.color];
    if (typed && node.placeholder && !node.value) colors.push(getComputedStyle(node, "::placeholder").color);
    for (const color of colors) {
      const found = contrast(over(numbers(color), under, opacity), under);
      if (found < wanted) fault(node, `contrast ${found.toFixed(2)} below ${wanted}`);
    }
  }

  function checkDocument() {
    const page = document.documentElement;
    if (!page.lang) fault(page, "no lang");
    if (!document.title.trim()) fault(page, "no title");
    if (!["ltr", "rtl", "auto", null].includes(page.getAttribute("dir"))) fault(page, "dir is neither ltr nor rtl");
    const scales = document.querySelector("meta[name=viewport]")?.content ?? "";
    if (/user-scalable\s*=\s*no|maximum-scale\s*=\s*1(\.0)?\b/.test(scales)) fault(page, "zooming is switched off");
    if (page.scrollWidth > page.clientWidth + 1) fault(page, `scrolls sideways: ${page.scrollWidth} in ${page.clientWidth}`);
  }
  function checkIds(root) {
    const seen = new Set();
    for (const node of root.querySelectorAll("[id]")) {
      if (seen.has(node.id)) fault(node, "an id that is there twice");
      seen.add(node.id);
    }
  }
  function checkElement(node) {
    for (const role of (node.getAttribute("role") ?? "").split(/\s+/).filter(Boolean)) if (!ROLES.has(role)) fault(node, `no such role: ${role}`);
    for (const { name: attribute, value } of node.attributes) {
      if (/^aria-(labelledby|describedby|controls|owns|activedescendant|errormessage|details)$/.test(attribute) && byId(node, value).includes(null)) {
        fault(node, `${attribute} names nobody: ${value}`);
      }
      if (/^aria-(expanded|hidden|pressed|selected|checked|invalid|busy|modal)$/.test(attribute) && !/^(true|false|mixed|grammar|spelling)$/.test(value)) {
        fault(node, `${attribute} is ${value}`);
      }
    }
    if (node.tabIndex > 0) fault(node, "a tabindex above 0");
    if (!shown(node)) return;
    if (node.tagName === "IMG" && !node.hasAttribute("alt") && !hidden(node)) fault(node, "no alt");
    if (["dialog", "region", "alertdialog"].includes(node.role ?? node.tagName.toLowerCase()) && !name(node, false)) fault(node, "no name");
    if (/^(IFRAME)$/.test(node.tagName) && !node.title) fault(node, "a frame without a title");
    checkContrast(node);
    if (node.matches(INTERACTIVE) && !(node.tabIndex < 0 && !node.matches("a, button, input, select, textarea"))) checkInteractive(node);
  }
  function checkInteractive(node) {
    if (hidden(node)) return void (node.tabIndex >= 0 && fault(node, "can be reached but is hidden from screen readers"));
    if (!name(node)) fault(node, "no accessible name");
    const box = node.getBoundingClientRect();
    const inline = node.matches("a") && getComputedStyle(node).display === "inline";
    const small = /^(INPUT)$/.test(node.tagName) && ["checkbox", "radio"].includes(node.type) ? node.labels?.[0]?.getBoundingClientRect() ?? box : box;
    if (!inline && node.matches("a, button, input, select, textarea, summary") && Math.min(small.width, small.height) < options.smallest - 0.5) {
      fault(node, `smaller than ${options.smallest} px: ${Math.round(small.width)} × ${Math.round(small.height)}`);
    }
    if (node.parentElement?.closest("a[href], button")) fault(node, "inside another control");
  }

  // What still moves is looked at when it has come to rest.
  const roots = [document, ...[...elements(document)].map((node) => node.shadowRoot).filter(Boolean)];
  const moving = roots.flatMap((root) => root.getAnimations()).filter((each) => each.effect.getComputedTiming().endTime < Infinity);
  await Promise.allSettled(moving.map((each) => each.finished));

  checkDocument();
  checkIds(document);
  for (const node of elements(document)) {
    if (node.shadowRoot) checkIds(node.shadowRoot);
    checkElement(node);
  }
  return faults;
}
