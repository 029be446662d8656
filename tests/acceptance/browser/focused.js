// Where the focus is, whether it shows, and whether it is where people can see it; null when it is nowhere in particular.
() => {
  let node = document.activeElement;
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  if (!node || node === document.body || node === document.documentElement) return null;
  const marked = (each) => {
    const style = getComputedStyle(each);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) || (each === node && style.boxShadow !== "none");
  };
  const label = (node.ariaLabel || node.labels?.[0]?.textContent || node.textContent || node.title || node.tagName).trim();
  const box = node.getBoundingClientRect();
  const inside = box.width > 0 && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
  return {name: label.replace(/\s+/g, " ").slice(0, 60), inside,
    marked: marked(node) || Boolean(node.parentElement?.matches(":focus-within") && marked(node.parentElement))};
}
