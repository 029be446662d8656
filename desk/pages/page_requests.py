"""What the requests of the desk page carry: form fields as checked models, the reader's time zone, the ticket named."""

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from ...web.binding import field_errors
from ...web.problem import invalid
from ..views.times import zone_of
from .forms import Form, first

ZONE_COOKIE = "trunkline_zone"

Model = TypeVar("Model", bound=BaseModel)


def reader_zone(request: web.Request) -> tzinfo:
    """Where the reader is, as their page has noted it; UTC until it has."""
    return zone_of(request.cookies.get(ZONE_COOKIE, "")[:64])


def checked(model: type[Model], fields: Mapping[str, Any]) -> Model:
    """The fields as the API would take them. Raises Invalid, naming each that is wrong."""
    try:
        return model.model_validate(dict(fields))
    except ValidationError as error:
        raise invalid(field_errors(error, "body")) from error


def filled(form: Form, *names: str) -> dict[str, str]:
    """The fields of these names that are not empty."""
    return {name: value for name in names if (value := first(form, name).strip())}
