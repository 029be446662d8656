"""Recipients for which rules and triggers ask and no message comes, which `trunkline check` warns of.

A copied example, or an address that was renamed, leaves rules behind that match nothing, while their own tests go on
passing: a test gives the recipient itself. Mail addresses alone are looked at; what else a rule may name as a recipient
(a number, the name of an account) is known to the vendor and not always here.
"""

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from ..config.findings import Finding
from ..config.positions import Where
from ..config.rule_settings import ConditionSettings
from ..config.settings import Settings
from .channels import configured


def unheard_recipients(settings: Settings) -> Iterator[Finding]:
    """One warning for each, where it stands."""
    channels = [(*card.accounts(section), *card.also_to(section)) for card, section in configured(settings)]
    ours = [name.casefold() for names in channels for name in names]
    known = {*ours, *(f"@{name.rpartition('@')[2]}" for name in ours if "@" in name)}
    for path, condition in _conditions(settings):
        for index, asked in enumerate(condition.recipient or ()):
            if "@" in asked and not _is_heard(asked.casefold(), known):
                message = f"nothing comes that is for {asked}: no channel takes it"
                position = settings.where(*path, "recipient", index)
                yield Finding(position, "warning", message, _remedy(asked, known))


def _conditions(settings: Settings) -> Iterator[tuple[Where, ConditionSettings]]:
    asking = [(("rules", number), each.when) for number, each in enumerate(settings.rules)]
    asking += [(("triggers", number), each.when) for number, each in enumerate(settings.triggers)]
    for path, when in asking:
        yield from when.each((*path, "when")) if when else ()


def _is_heard(asked: str, known: Collection[str]) -> bool:
    """`@*.example.org` is of the domains below it, and those are looked for one by one."""
    if asked.startswith("@*."):
        return any(name.startswith("@") and name.endswith(asked[2:]) for name in known)
    return asked in known


def _remedy(asked: str, known: Collection[str]) -> str:
    alike = sorted(name for name in known if "@" in name and name.startswith("@") == asked.startswith("@"))
    close = get_close_matches(asked.casefold(), alike, n=1)
    return f"did you mean {close[0]}?" if close else "add it to `addresses` of the mail channel, or correct it"
