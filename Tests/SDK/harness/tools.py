"""Functions and models that questions offer."""

from typing import Any, Literal

import openai
from pydantic import BaseModel


class Weather(BaseModel):
    """An answer in a form of our own."""

    city: str
    degrees: float
    sky: Literal["clear", "cloudy"]
    hours: list[int]


class LookUp(BaseModel):
    """Looks the weather up."""

    city: str
    days: int


LOOK_UP: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "look_up",
        "description": "Looks the weather up.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
            "required": ["city", "days"],
            "additionalProperties": False,
        },
    },
}
STRICT_LOOK_UP = openai.pydantic_function_tool(LookUp)
