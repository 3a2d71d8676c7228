"""Forms of a diagram: read by what is drawn, so that a field needs no code."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from app.cases.errors import FormInvalid
from app.engine.definition import FormField

LONGEST_TEXT = 5000
MESSAGES = {"required": "必填", "null": "必填", "invalid": "写法不对", "type": "类型不对"}


def read_form(form: tuple[FormField, ...], body: Mapping[str, Any]) -> dict[str, Any]:
    """Check what was entered against the drawn fields and return it, JSON-ready.

    Raises:
        FormInvalid: with `fields`: what is wrong, by field label.
    """
    try:
        loaded = _schema(form).load(body)
    except ValidationError as error:
        labels = {each.id: each.label for each in form}
        problems = {labels.get(name, name): "、".join(map(str, said)) for name, said in dict(error.messages_dict).items()}
        listed = "；".join(f"{label}：{said}" for label, said in problems.items())
        raise FormInvalid(f"表单还不能提交：{listed}。", fields=problems) from error
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in loaded.items()}


SAMPLES = {"boolean": True, "long": 1, "date": "2025-01-01", "string": "—"}


def sample_form(form: tuple[FormField, ...]) -> dict[str, Any]:
    """Return a form in which something stands wherever something must: for trying a step, never for doing it."""
    return {each.id: next(iter(each.choices), SAMPLES.get(each.type, "—")) for each in form if each.required}


@lru_cache(maxsize=512)
def _schema_of(form: tuple[tuple[str, str, str, bool, tuple[tuple[str, str], ...]], ...]) -> Schema:
    members = {id_: _field(type_, required, dict(choices)) for id_, _label, type_, required, choices in form}
    return Schema.from_dict(members, name="Form")(unknown=EXCLUDE)


def _schema(form: tuple[FormField, ...]) -> Schema:
    return _schema_of(tuple((f.id, f.label, f.type, f.required, tuple(f.choices.items())) for f in form))


def _field(type_: str, required: bool, choices: Mapping[str, str]) -> fields.Field[Any]:
    options: dict[str, Any] = {"required": required, "allow_none": not required, "error_messages": MESSAGES}
    match type_:
        case "boolean":
            return fields.Boolean(**options)
        case "long":
            return fields.Integer(strict=True, validate=validate.Range(-(10**9), 10**9, error="超出范围"), **options)
        case "date":
            return fields.Date(**options)
        case "enum":
            return fields.String(validate=validate.OneOf(list(choices), error="不在可选范围内"), **options)
        case _:
            lengths = validate.Length(min=1 if required else None, max=LONGEST_TEXT, error=f"请填写 1 到 {LONGEST_TEXT} 个字")
            return fields.String(validate=lengths, **options)
