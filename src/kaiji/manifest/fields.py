"""Field types that release.yaml and dataset manifests share, each with the rule it enforces."""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationInfo,
    WithJsonSchema,
)

from kaiji.terms import Words

INT64_MAX = 2**63 - 1
_MONTH = r"[0-9]{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?"
_WEB_ADDRESS = r"https?://[^\s<>\"'`{}|\\^\x00-\x1f]+"
_NOT_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}


class Declared(BaseModel):
    """Base of everything that a person declares: immutable, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def _web_address(value: str) -> str:
    if not re.fullmatch(_WEB_ADDRESS, value):
        raise ValueError("must be an address that begins with https:// or http://, without spaces")
    return value


def _month(value: object) -> object:
    if isinstance(value, date):
        value = value.isoformat()
    if not isinstance(value, str) or not re.fullmatch(_MONTH, value):
        raise ValueError("must be a month such as 2026-09")
    return value[:7]


def _iso_date(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    elif isinstance(value, date):
        return value
    raise ValueError("must be a date such as 2026-11-22")


@lru_cache(maxsize=4096)
def _language_tag(value: str) -> str:
    import langcodes

    if not langcodes.tag_is_valid(value):
        raise ValueError("is not a language tag of BCP 47, such as ja, en or zh-Hant")
    return value


@lru_cache(maxsize=1024)
def _country(value: str) -> str:
    from babel import Locale

    named = re.fullmatch(r"[A-Z]{2}", value) and value not in _NOT_COUNTRIES
    if not named or value not in Locale("en").territories:
        raise ValueError("is not a country code of ISO 3166-1 alpha-2, such as JP")
    return value


def _not_blank(value: Words) -> Words:
    if value.blank:
        raise ValueError("must not be blank; both ja and en are needed")
    return value


def _whole_number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number, without quotes, separators or unit")
    return value


def number(value: object, info: ValidationInfo) -> object:
    """JSON writes an exact decimal as a string; in a manifest a number in quotes is a mistake."""
    if isinstance(value, bool) or (isinstance(value, str) and info.mode != "json"):
        raise ValueError("must be a number, without quotes, separators or unit")
    return value


def _plain_text(value: Any) -> Any:
    if isinstance(value, str) and re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f‪-‮⁦-⁩]", value):
        raise ValueError("must not hold control characters")
    return value


def _plain_words(value: Words) -> Words:
    _plain_text(value.ja)
    _plain_text(value.en)
    return value


Text = Annotated[str, Field(min_length=1, max_length=20_000), AfterValidator(_plain_text)]
LocalText = Annotated[Words, AfterValidator(_plain_words), AfterValidator(_not_blank)]
Url = Annotated[str, AfterValidator(_web_address), WithJsonSchema({"type": "string", "pattern": "^https?://[^ ]+$"})]
Month = Annotated[str, BeforeValidator(_month), WithJsonSchema({"type": "string", "pattern": f"^{_MONTH}$"})]
Date = Annotated[date, BeforeValidator(_iso_date)]
LanguageTag = Annotated[str, AfterValidator(_language_tag)]
Country = Annotated[str, AfterValidator(_country), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$"})]
# The bounds stand before the validator, which runs first all the same: only so do they reach the JSON Schema.
Count = Annotated[int, Field(ge=0, le=INT64_MAX), BeforeValidator(_whole_number)]
Epochs = Annotated[
    Decimal,
    BeforeValidator(number),
    Field(gt=0, le=1_000_000),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 1_000_000}, mode="validation"),
]
OwnersMinimum = Annotated[int, Field(ge=2, le=100), BeforeValidator(_whole_number)]
Tolerance = Annotated[float, Field(ge=0, le=0.5), BeforeValidator(number)]
Hours = Annotated[
    Decimal,
    BeforeValidator(number),
    Field(ge=0, le=Decimal(INT64_MAX // 3600)),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": INT64_MAX // 3600}, mode="validation"),
]
Flag = Annotated[bool, Strict()]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,79}$")]
