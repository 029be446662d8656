"""Whether anything of what strangers wrote became a part of a page: ran, was loaded, or stands there as an element.

    context = await guarded(watched, hosts=[url])         # in every frame, what scripts of the corpus do is noted
    assert await intruders(page) == []                    # elements and attributes that no page of ours has
    assert await unsaid(page, texts) == []                # texts that do not stand in the page letter by letter

What ran is noted by `Watched` like any other error. A text that was taken for HTML does not stand in the page letter by
letter, so `unsaid` finds what `intruders` might not know.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Dialog, Frame, Page

from .watched import Watched

RAN = "a script of a message ran"
_SENTINEL = """
for (const name of ["alert", "confirm", "prompt", "print"]) {
  window[name] = () => { window.__xss = true; console.error("%s: " + name + " in " + location.href); };
}
"""
_INTRUDERS = Path(__file__).with_name("intruders.js").read_text("utf-8")

_SAID = """() => {
  const said = [];
  const walk = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.shadowRoot) walk(node.shadowRoot);
      if (node.matches("input, textarea")) said.push(node.value);
      for (const { value } of node.attributes) said.push(value);
    }
    said.push(root.textContent ?? root.documentElement.textContent);
    for (const child of root.children) said.push(child.textContent);
  };
  walk(document);
  return said.join("\\n");
}"""


async def guarded(watched: Watched, *, hosts: Sequence[str]) -> BrowserContext:
    """A browser in which nothing of the corpus runs unseen."""
    context = await watched.context(hosts=hosts)
    await context.add_init_script(_SENTINEL % RAN)

    async def answer(dialog: Dialog) -> None:
        watched.note(f"{RAN}: a dialog says {dialog.message}")
        await dialog.dismiss()

    context.on("dialog", answer)
    return context


async def intruders(page: Page) -> list[str]:
    """What stands in the page, or in a frame of it, and is none of ours; whether the sentinel was touched."""
    found: list[str] = []
    for frame in page.frames:
        found += await _of(frame)
    return found


async def _of(frame: Frame) -> list[str]:
    formatted = re.fullmatch(r"/desk/articles/[0-9a-f-]{36}/html", urlsplit(frame.url).path) is not None
    found: list[str] = await frame.evaluate(
        _INTRUDERS, {"formatted": formatted, "inside": frame.parent_frame is not None}
    )
    return [f"{frame.url}: {each}" for each in found]


async def unsaid(page: Page, texts: Iterable[str]) -> list[str]:
    """Those of the texts that are nowhere in the page as they are; blanks count as one."""
    wanted = list(texts)
    said = " ".join((await page.evaluate(_SAID)).split()) if wanted else ""
    return [text for text in wanted if " ".join(text.split()) not in said]


def foreign(requests: Iterable[str], known: Iterable[str]) -> list[str]:
    """Requests to addresses that no page of ours asks for."""
    pattern = re.compile("|".join(known))
    return [url for url in requests if not url.startswith("data:") and not pattern.fullmatch(urlsplit(url).path)]
