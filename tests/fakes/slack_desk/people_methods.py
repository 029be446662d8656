"""`users.*`, `dnd.teamInfo`, `team.info` and `auth.test`: who is who.

After the pages of the methods on docs.slack.dev. An address is shown only with the scope `users:read.email`. Whoever
has left is known by their id, but not by their address.
"""

from .arguments import shown_page
from .methods import Call, Method, words
from .refusal import Json, Refused
from .workspace import Person

_PEOPLE = ("users:read",)
_MOST_ASKED = 50


def _about(call: Call, person: Person) -> Json:
    profile = {**person.about["profile"]}
    if "users:read.email" in call.grant.scopes and person.email:
        profile["email"] = person.email
    language = {"locale": person.language} if call.given.flag("include_locale") else {}
    return {**person.about, "profile": profile, **language}


def _info(call: Call) -> Json:
    return {"user": _about(call, call.person())}


def _list(call: Call) -> Json:
    everybody = [each for each in call.workspace.people.values() if each.team == call.workspace.team]
    return shown_page("members", [_about(call, each) for each in everybody], call.given)


def _by_email(call: Call) -> Json:
    call.demand_scope("users:read.email")
    asked = call.given.text("email").casefold()
    for each in call.workspace.people.values():
        if asked and each.email.casefold() == asked and not each.is_deleted:
            return {"user": _about(call, each)}
    raise Refused("users_not_found")


def _presence(call: Call) -> Json:
    return {"presence": call.person().presence}


def _quiet(call: Call) -> Json:
    asked = call.given.listed("users")
    if len(asked) > _MOST_ASKED:
        raise Refused("too_many_users")
    people = [call.workspace.people[each] for each in asked if each in call.workspace.people]
    return {"users": {each.id: _quiet_of(each, call.workspace.now() // 1_000) for each in people}}


def _quiet_of(person: Person, now: int) -> Json:
    quiet = person.quiet_until > now
    begin = now - 60 if quiet else 1
    return {"dnd_enabled": quiet, "next_dnd_start_ts": begin, "next_dnd_end_ts": person.quiet_until if quiet else 1}


def _team(call: Call) -> Json:
    about = {"name": "Example", "url": "https://example.slack.com/", "domain": "example", "email_domain": ""}
    return {"team": {"id": call.workspace.team, **about}}


def _identity(call: Call) -> Json:
    workspace = call.workspace
    about = {"url": "https://example.slack.com/", "team": "Example", "user": "desk", "is_enterprise_install": False}
    return {**about, "team_id": workspace.team, "user_id": workspace.bot_user, "bot_id": workspace.bot}


METHODS = {
    "users.info": Method(
        run=_info, a_minute=100, scopes=_PEOPLE, needs=words("user"), takes=words("include_locale"), takes_json=False
    ),
    "users.list": Method(
        run=_list, a_minute=20, scopes=_PEOPLE, takes=words("limit cursor include_locale"), takes_json=False
    ),
    "users.lookupByEmail": Method(run=_by_email, a_minute=50, needs=words("email"), takes_json=False),
    "users.getPresence": Method(run=_presence, a_minute=50, scopes=_PEOPLE, needs=words("user"), takes_json=False),
    "dnd.teamInfo": Method(run=_quiet, a_minute=20, scopes=("dnd:read",), needs=words("users"), takes_json=False),
    "team.info": Method(run=_team, a_minute=50, scopes=("team:read",), takes_json=False),
    "auth.test": Method(run=_identity, a_minute=600),
}  # fmt: skip
