"""Whether everybody can read a page: contrast of every text that is shown, and names of everything that needs one."""

from playwright.async_api import Page

# WCAG 2.2, success criterion 1.4.3: 4.5 to 1, large text (24 px, or 18.66 px and bold) 3 to 1.
_FAINT = """() => {
  const parse = (colour) => {
    const found = colour.match(/[\\d.]+/g).map(Number), scale = colour.startsWith('color(') ? 255 : 1;
    return { rgb: found.slice(0, 3).map((part) => part * scale), alpha: found[3] ?? 1 };
  };
  const over = (top, below) => top.rgb.map((part, i) => part * top.alpha + below[i] * (1 - top.alpha));
  const light = (rgb) => {
    const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = rgb.map((part) => linear(part / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(parse(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const seen = { checkOpacity: true, checkVisibilityCSS: true };
  const shown = (element) => element.checkVisibility(seen) && !element.closest('.unseen, .skip, [hidden]');
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, text = walker.currentNode.data.trim();
    if (!text || !shown(element) || element.closest('[aria-hidden=true], meter, svg, script, noscript')) continue;
    const style = getComputedStyle(element), below = ground(element), size = parseFloat(style.fontSize);
    const a = light(over(parse(style.color), below)), b = light(below);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) faint.push(`${text.slice(0, 40)} ${ratio.toFixed(2)}`);
  }
  return faint;
}"""

_NAMELESS = """() => {
  const name = (element) => {
    const ids = (element.getAttribute('aria-labelledby') || '').split(' ').filter(Boolean);
    const by = ids.map((id) => document.getElementById(id));
    if (by.some((other) => !other)) return '';
    const given = by.map((other) => other.textContent).join(' ') || element.getAttribute('aria-label');
    return (given || element.textContent || '').trim();
  };
  const labelled = (element) => element.getAttribute('aria-label') || element.getAttribute('aria-labelledby');
  const missing = [];
  const demand = (selector, holds) => {
    const found = [...document.querySelectorAll(selector)].filter((element) => !holds(element));
    missing.push(...found.map((element) => element.outerHTML.slice(0, 100)));
  };
  demand('a[href], button, summary, [role=img], dialog[open]', name);
  demand('meter, [role=region]', labelled);
  demand('table', (table) => table.caption && table.caption.textContent.trim());
  demand('th', (th) => th.scope);
  demand('svg', (svg) => svg.getAttribute('aria-hidden') === 'true' || name(svg) || svg.classList.contains('sprite'));
  demand('input:not([type=hidden]), select, textarea', (field) => field.labels.length || labelled(field));
  if (document.querySelectorAll('h1').length !== 1) missing.push('h1');
  if (!document.documentElement.lang) missing.push('lang');
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
  missing.push(...ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `id ${id} twice`));
  return missing;
}"""


async def faint_texts(page: Page) -> list[str]:
    """Texts with too little contrast, with their ratio."""
    found: list[str] = await page.evaluate(_FAINT)
    return found


async def nameless(page: Page) -> list[str]:
    """Elements without the name, caption, scope or label that they need; ids that are there twice."""
    found: list[str] = await page.evaluate(_NAMELESS)
    return found
