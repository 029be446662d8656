"""`trunkline schema`: the published schemas, made from the models that are in use."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from ...config.errors import Misconfigured
from ..channels import models

_RECORDS: Mapping[str, tuple[str, str]] = {
    "envelope": ("normalizer.envelope", "Envelope"),
    "ticket": ("router.records", "Ticket"),
    "article": ("router.records", "Article"),
    "customer": ("router.records", "Customer"),
    "agent": ("router.records", "AgentState"),
    "person": ("router.person_export", "PersonExport"),
    "decision": ("router.decision_record", "Decision"),
}
NAMES = ("config", *_RECORDS, "api")


def schema_text(what: str) -> str:
    """The schema of this name as JSON. Raises Misconfigured for a name that is none."""
    if what not in NAMES:
        raise Misconfigured(f"there is no schema {what!r}; there are {', '.join(NAMES)}")
    return json.dumps(_schema(what), indent=2, ensure_ascii=False)


def _schema(what: str) -> Mapping[str, Any]:
    if what == "config":
        from ...config.schema import schema

        return schema(models())
    if what == "api":
        from ..http_face import api_document

        return api_document()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_model(what).model_json_schema()}


def _model(what: str) -> type[BaseModel]:
    from importlib import import_module

    module, name = _RECORDS[what]
    model: type[BaseModel] = getattr(import_module(f"trunkline.{module}"), name)
    return model
