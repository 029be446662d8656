"""The text of a message of Slack as people read it. Pure.

After "Formatting message text": what stands in `<…>` is a person, a channel, a group, a date or an address, with a
label behind a bar; `&`, `<` and `>` are escaped, and nothing else. Stars and underscores stay, as people write them
in mail too. Emoji are names between colons; the common ones become the sign, the others stay a name. The other way goes
normalizer/rendering.py.
"""

import re
from collections.abc import Mapping

_TOKEN = re.compile(r"<([^<>\n]{1,3000})>")
_EMOJI = re.compile(r":([a-z0-9_+'-]{1,60})(?:::skin-tone-[2-6])?:")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_TABLE = """
+1=👍 thumbsup=👍 -1=👎 thumbsdown=👎 heart=❤️ smile=😄 smiley=😃 grinning=😀 grin=😁 joy=😂 rofl=🤣 blush=😊 wink=😉
slightly_smiling_face=🙂 upside_down_face=🙃 heart_eyes=😍 thinking_face=🤔 neutral_face=😐 confused=😕
disappointed=😞 cry=😢 sob=😭 angry=😠 rage=😡 scream=😱 sweat_smile=😅 sunglasses=😎 pray=🙏 clap=👏 wave=👋
raised_hands=🙌 ok_hand=👌 muscle=💪 point_up=☝️ point_right=👉 eyes=👀 fire=🔥 tada=🎉 rocket=🚀 100=💯 star=⭐
sparkles=✨ bulb=💡 warning=⚠️ rotating_light=🚨 bug=🐛 x=❌ white_check_mark=✅ heavy_check_mark=✔️ question=❓
exclamation=❗ hourglass_flowing_sand=⏳ lock=🔒 key=🔑 mag=🔍 memo=📝 email=📧 phone=☎️ package=📦 moneybag=💰
white_circle=⚪ red_circle=🔴 large_green_circle=🟢 heavy_plus_sign=➕ pushpin=📌 link=🔗 calendar=📅 coffee=☕
broken_heart=💔 see_no_evil=🙈 shrug=🤷 facepalm=🤦 raised_hand=✋ handshake=🤝 bow=🙇 zap=⚡ robot_face=🤖
"""
_SIGNS = dict(pair.split("=") for pair in _TABLE.split())


def plain(text: str, names: Mapping[str, str], own: str = "") -> str:
    """The text without marks; `names` are those of people by id, `own` is the app, which people call by naming it."""
    said = _TOKEN.sub(lambda found: _token(found[1], names, own), text)
    for entity, sign in _ENTITIES:
        said = said.replace(entity, sign)
    return _EMOJI.sub(lambda found: emoji(found[1]) or found[0], said).strip()


def mentioned(text: str) -> tuple[str, ...]:
    """The ids of people whom it names without a label, each once."""
    found = (each[1:] for each in _TOKEN.findall(text) if each.startswith("@") and "|" not in each)
    return tuple(dict.fromkeys(found))


def emoji(name: str) -> str:
    """The sign of this name; empty for one that is not known here, such as a workspace's own."""
    return _SIGNS.get(name.partition("::")[0], "")


def _token(inside: str, names: Mapping[str, str], own: str) -> str:
    what, _, label = inside.partition("|")
    match what[:1]:
        case "@":
            return "" if own and what[1:] == own else f"@{(label or names.get(what[1:]) or what[1:]).lstrip('@')}"
        case "#":
            return f"#{label or what[1:]}"
        case "!":
            return label or f"@{what[1:].partition('^')[0]}"
    if what.startswith(("mailto:", "tel:")):
        return label or what.partition(":")[2]
    return what if not label or label == what or what.endswith(f"//{label}") else f"{label} ({what})"
