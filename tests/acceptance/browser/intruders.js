// What stands in a page and is none of ours: elements and attributes that our templates and the widget never make.
// In the frame of a formatted mail (`formatted`) its own harmless elements may stand, and nothing that runs or loads.
(options) => {
  const found = [];
  const OURS = new Set(("html head meta title link script noscript style body svg symbol path rect circle use header nav main " +
    "section aside footer div p span a ul ol li dl dt dd h1 h2 h3 h4 strong b code pre kbd bdi small br form label input " +
    "textarea select option button fieldset legend details summary dialog table caption thead tbody tr th td meter progress " +
    "time mark iframe").split(" "));
  const NEVER = new Set(("script style link base object embed applet iframe frame frameset form input button textarea select svg " +
    "math video audio source track picture template slot marquee dialog canvas plaintext xmp").split(" "));
  const ADDRESS = /^(href|src|action|formaction|data|poster|background|srcset|ping|cite|xlink:href|lowsrc|dynsrc)$/;
  const RUNS = /^\s*(javascript|vbscript|data|blob|file|about):/i;
  const note = (node, what) => found.push(`${what}: ${node.outerHTML.slice(0, 160)}`);

  function address(node, name, value) {
    const plain = value.replace(/[\u0000-\u0020]/g, "");
    const picture = /^data:image\/(svg\+xml|png|jpeg|gif|webp)[,;]/.test(plain) && node.tagName === "IMG";
    const icon = node.tagName === "LINK" && plain === "data:,";
    if (RUNS.test(plain) && !picture && !icon) note(node, `${name} runs`);
    if (name === "href" && node.tagName === "A") return;
    const { host } = new URL(value, location.href);
    if (!picture && !icon && /^https?:/.test(new URL(value, location.href).protocol) && host !== location.host) note(node, `${name} leads elsewhere`);
  }

  function look(root) {
    for (const node of root.querySelectorAll("*")) {
      const tag = node.tagName.toLowerCase();
      const own = options.formatted ? tag === "style" && node.parentElement === document.head : true;
      if (options.formatted ? NEVER.has(tag) && !own : !OURS.has(tag)) note(node, "no element of ours");
      if (tag === "script" && !(node.src && !node.textContent.trim())) note(node, "a script within the page");
      if (tag === "style" && node.parentElement !== document.head) note(node, "a style within the page");
      if (tag === "iframe" && !/^\/desk\/articles\/[0-9a-f-]{36}\/html$/.test(node.getAttribute("src"))) note(node, "a frame of its own");
      for (const { name, value } of node.attributes) {
        if (/^on/i.test(name)) note(node, `it listens by ${name}`);
        if (/^(srcdoc|ping|background|autofocus|xlink:href|style)$/i.test(name) && node.id !== "token") {
          if (!(name === "style" && node.closest("iframe, .root, textarea"))) note(node, `it has ${name}`);
        }
        if (ADDRESS.test(name)) address(node, name, value);
        if (tag === "meta" && name === "http-equiv" && !node.closest("noscript")) note(node, "it steers the browser");
      }
      if (node.shadowRoot) look(node.shadowRoot);
    }
  }

  look(document);
  if (window.__xss) found.push("a script of a message ran here");
  return found;
}
