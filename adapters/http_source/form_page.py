"""The page for people as HTML: one document, no script, nothing loaded, every text escaped.

It works with a keyboard, a screen reader, a phone and no JavaScript, follows the reader's light or dark setting, and
turns for languages that run from right to left. The content security policy allows the one style sheet inside it, by
its hash, and posting to ourselves; nothing else.
"""

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from ...web.languages import accepted_languages
from .field_mapping import LONGEST
from .settings import FormSettings, SourceSettings

_FOLDER = Path(__file__).parent
TEXTS: Mapping[str, Mapping[str, str]] = json.loads((_FOLDER / "form_texts.json").read_text("utf-8"))

_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
_KINDS = {"email": "email", "phone": "tel", "message": "long"}
_COMPLETE = {"name": "name", "email": "email", "phone": "tel"}  # HTML standard, section 4.10.18.7.1

_SOURCE = (_FOLDER / "form.html").read_text("utf-8")
_TEMPLATE = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(_SOURCE)
_STYLE = re.findall(r"<style>(.*?)</style>", _SOURCE, re.DOTALL)[0]

POLICY = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def wanted_language(asked: str, accepted: str) -> str:
    """The reader's language: asked for by link, else the browser's first that we have; empty when we have none of them.

    `accepted` is the header Accept-Language (RFC 9110 section 12.5.4).
    """
    if asked in TEXTS:
        return asked
    codes = (tag.partition("-")[0] for tag in accepted_languages(accepted))
    return next((code for code in codes if code in TEXTS), "")


@dataclass(frozen=True)
class Field:
    """One field of the form as the page shows it."""

    name: str
    label: str
    kind: str
    longest: int
    complete: str
    required: bool
    value: str
    error: str


class FormPage:
    """Renders the page of one source."""

    def __init__(self, name: str, settings: SourceSettings) -> None:
        self._name = name
        self._settings = settings
        self._form = settings.form or FormSettings()

    @property
    def language(self) -> str:
        """The language for readers whose own is not there."""
        return self._form.language if self._form.language in TEXTS else "en"

    def form(
        self,
        language: str,
        form_id: str,
        *,
        values: Mapping[str, str] | None = None,
        faults: Mapping[str, str] | None = None,
        notice: str = "",
    ) -> str:
        """The form, with what was typed before, what is wrong with it, and a notice (the name of a text)."""
        faults = faults or {}
        fields = [self._field(language, name, values or {}, faults) for name in self._settings.form_fields]
        return self._rendered(
            language,
            heading=self._own(self._form.title, language, "title"),
            words=self._own(self._form.introduction, language, "introduction"),
            form_id=form_id,
            fields=fields,
            errors=bool(faults),
            focus=next((field.name for field in fields if field.error), ""),
            notice=TEXTS[language][notice] if notice else "",
        )

    def receipt(self, language: str, receipt: str, *, repeated: bool) -> str:
        """The page after sending."""
        words = TEXTS[language]["repeated"] if repeated else self._own(self._form.thanks, language, "thanks")
        return self._rendered(language, heading=TEXTS[language]["sent"], words=words, receipt=receipt)

    def _own(self, texts: Mapping[str, str], language: str, name: str) -> str:
        return texts.get(language) or TEXTS[language][name]

    def _field(self, language: str, name: str, values: Mapping[str, str], faults: Mapping[str, str]) -> Field:
        own = self._form.labels.get(name, {})
        text = TEXTS[language]
        label = own.get(language) or text.get(name) or own.get(self._form.language) or next(iter(own.values()), name)
        fault = faults.get(name, "")
        return Field(
            name=name,
            label=label,
            kind=_KINDS.get(name, "text"),
            longest=LONGEST.get(name, 500),
            complete=_COMPLETE.get(name, ""),
            required=name in self._settings.demanded,
            value=values.get(name, ""),
            error=text.get(fault, text["unusable"]) if fault else "",
        )

    def _rendered(self, language: str, **facts: Any) -> str:
        return rendered(language, page=f"/forms/{self._name}", **facts)


def nothing_here(language: str) -> str:
    """The page for a form that is not there."""
    return rendered(language, heading=TEXTS[language]["nothing"])


def rendered(language: str, *, page: str = "", **facts: Any) -> str:
    """The document."""
    blank = {"words": "", "receipt": "", "fields": [], "errors": False, "focus": "", "notice": "", "form_id": ""}
    names = [(code, texts["own_name"]) for code, texts in TEXTS.items()] if facts.get("fields") else []
    return _TEMPLATE.render(
        **{**blank, **facts},
        lang=language,
        direction="rtl" if language in _RIGHT_TO_LEFT else "ltr",
        text=TEXTS[language],
        page=page,
        action=f"{page}?lang={language}",
        languages=names,
    )
