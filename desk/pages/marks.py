"""Small pictures: one mark for each channel, and icons. They are drawn once in a page (`templates/marks.html`) and
referred to, so that a long list costs little.

A channel's mark says its name to those who cannot see it; an icon says nothing unless it is given words.
"""

from markupsafe import Markup

from ...normalizer.channel_facts import Channels

_SAID = Markup('<svg class="mark" role="img" aria-label="{1}"><title>{1}</title><use href="#mark-{0}"/></svg>')
_QUIET = Markup('<svg class="icon" aria-hidden="true"><use href="#icon-{0}"/></svg>')
_NAMED = Markup('<svg class="icon" role="img" aria-label="{1}"><use href="#icon-{0}"/></svg>')


def channel_mark(channel: str, channels: Channels, words: str = "") -> Markup:
    """The channel's mark; `words` name the product that it is, where they are known."""
    facts = channels[channel]
    return _SAID.format(channel if facts.mark else "other", words or facts.words)


def icon(name: str, words: str = "") -> Markup:
    """An icon of `templates/marks.html`."""
    return _NAMED.format(name, words) if words else _QUIET.format(name)
