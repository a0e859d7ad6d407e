"""What pydantic found wrong, in words for the person who wrote the file.

A message may repeat a key or a word of a closed vocabulary, because that is what was misspelt; it never repeats
the value of any other field, which may be confidential.
"""

import difflib
from collections.abc import Iterator, Sequence
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from kaiji.findings import Finding
from kaiji.manifest.yaml_source import Document, KeyPath, shown
from kaiji.terms import Words

_LISTED = 12
"""Most known keys that a message lists when none is close to the one given."""

_KINDS = {
    "string": "text",
    "bool": "true or false",
    "int": "a whole number",
    "decimal": "a number",
    "float": "a number",
    "finite": "a number",
    "tuple": "a list, one `- entry` a line",
    "list": "a list, one `- entry` a line",
    "model": "a mapping of `key: value` lines",
    "dict": "a mapping of `key: value` lines",
}
"""What is asked for, by the first word of pydantic's error type (`tuple_type`, `int_parsing`, …)."""


def findings(error: ValidationError, document: Document, model: type[BaseModel]) -> Iterator[Finding]:
    """One finding (KJ104, KJ105 or KJ106) for each thing that ``model`` does not accept in ``document``."""
    for details in error.errors(include_url=False):
        if details["type"] == "too_short" and details["input"]:
            continue  # the list is long enough; pydantic counts only those entries that are right
        wrong_key = details["loc"][-1:] == ("[key]",)
        path = details["loc"][:-1] if wrong_key else details["loc"]
        rule, message = _bad_key(details, model) if wrong_key else _judged(details, model)
        yield Finding(id=rule, message=message, place=document.place(path, value=rule == "KJ106" and not wrong_key))


def _judged(details: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    kind, path = details["type"], details["loc"]
    if kind == "extra_forbidden":
        return "KJ104", _unknown_key(str(path[-1]), _keys(annotation_at(model, path[:-1])))
    if kind == "missing":
        field = _fields(annotation_at(model, path[:-1])).get(str(path[-1]))
        described = (field.description or "").split("\n")[0].rstrip(".") if field else ""
        return "KJ105", f"is missing: {described}" if described else "is missing"
    return "KJ106", _wrong_value(details, annotation_at(model, path))


def _bad_key(details: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    """A key of a mapping that is free within a rule: a category, or an id."""
    kind = annotation_at(model, details["loc"])
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "KJ104", _unknown_key(str(details["input"]), [str(member.value) for member in kind])
    return "KJ106", _wrong_value(details, kind)


def _unknown_key(key: str, known: Sequence[str]) -> str:
    if key == "<<":
        return "merge keys are not part of YAML 1.2; write the keys out"
    close = difflib.get_close_matches(key.lower(), known, n=1)
    if close:
        return f"is not known here; did you mean {close[0]}?"
    return "is not known here" + (f"; known are {', '.join(known)}" if 0 < len(known) <= _LISTED else "")


def _wrong_value(details: ErrorDetails, annotation: Any) -> str:
    kind, given, context = details["type"], details["input"], details.get("ctx", {})
    members = _members(annotation)
    if kind in ("enum", "literal_error") and members:
        return _not_a_member(given, members)
    if kind in ("value_error", "assertion_error"):
        return str(context["error"])
    if kind == "string_pattern_mismatch":
        return "must begin with a letter a-z or a digit and hold only a-z, 0-9, '.', '_' and '-', at most 80"
    if kind in ("too_short", "string_too_short"):
        return "must not be empty"
    if kind in ("too_long", "string_too_long"):
        return f"must not be longer than {context['max_length']} characters"
    for bound, words in (("ge", "or more"), ("le", "or less")):
        if bound in context:
            return f"must be {context[bound]} {words}"
    if "gt" in context:
        return f"must be more than {context['gt']}"
    return _wrong_kind(kind, given, annotation)


def _wrong_kind(kind: str, given: object, annotation: Any) -> str:
    wanted = _KINDS.get(kind.split("_")[0])
    if annotation is Words:
        wanted = "text, or a mapping with ja and en"
    if wanted is None:
        return "is not allowed here"
    if given is None:
        return f"must be {wanted}, but is empty"
    if wanted.startswith("text") and isinstance(given, (bool, int, float)):
        return f"must be {wanted}; put it in quotes"
    return f"must be {wanted}"


def _not_a_member(given: object, members: Sequence[str]) -> str:
    allowed = f"must be one of {', '.join(members)}" if len(members) > 1 else f"must be {members[0]}"
    if not isinstance(given, str):
        return allowed
    close = difflib.get_close_matches(given.lower(), members, n=1) if len(members) > 1 else []
    hint = f"; did you mean {close[0]}?" if close else ""
    return f"{allowed}, not '{shown(given)}'{hint}"


def annotation_at(model: type[BaseModel], path: KeyPath) -> Any:
    """The type that ``model`` asks for at ``path``, without Annotated and None; None when there is none."""
    annotation: Any = model
    for part in path:
        arguments = get_args(annotation)
        if get_origin(annotation) is tuple and isinstance(part, int):
            annotation = arguments[0]
        elif get_origin(annotation) is dict:
            if path[-1] == "[key]" and part == path[-2]:
                return _bare(arguments[0])
            annotation = arguments[1]
        else:
            field = _fields(annotation).get(str(part))
            annotation = field.annotation if field else None
        annotation = _bare(annotation)
    return annotation


def _bare(annotation: Any) -> Any:
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, UnionType):
            annotation = next(kind for kind in get_args(annotation) if kind is not type(None))
        else:
            return annotation


def _fields(annotation: Any) -> dict[str, FieldInfo]:
    """Fields of a model by the key that stands in the file."""
    if not isinstance(annotation, type) or not issubclass(annotation, BaseModel):
        return {}
    return {field.alias or name: field for name, field in annotation.model_fields.items()}


def schema_of(model: type[BaseModel]) -> str:
    """What the key ``schema`` of a file of this kind must say."""
    return str(get_args(model.model_fields["schema_"].annotation)[0])


def _keys(annotation: Any) -> list[str]:
    return list(_fields(annotation))


def _members(annotation: Any) -> list[str]:
    if get_origin(annotation) is Literal:
        return [str(member) for member in get_args(annotation)]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [str(member.value) for member in annotation]
    return []
