"""The JSON Schema of the files, made from the models: for editors and other validators.

`python -m workflows.schema` writes both committed files again after a change of the models.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from engine.domain.definition import Workflow

SECTIONS = ("roles", "reminders", "on", "pause", "reasons", "instruments")
HERE = Path(__file__).parent
DIALECT = "https://json-schema.org/draft/2020-12/schema"
USES = {
    "type": "string",
    "pattern": "^[a-z][a-z0-9_]{0,39}$",
    "description": "The library that holds what several categories share.",
}
ONE_OF_ITS_KEYS = ("Duration", "Anchor")


@cache
def schema() -> dict[str, Any]:
    """Return the schema of a category file; what a library may give is optional."""
    whole = _tidy(Workflow.model_json_schema(by_alias=True))
    for name in ONE_OF_ITS_KEYS:
        whole["$defs"][name] |= {"minProperties": 1, "maxProperties": 1}
    whole["properties"]["uses"] = USES
    whole["required"] = [key for key in whole["required"] if key not in SECTIONS]
    return {"$schema": DIALECT, **whole}


@cache
def library_schema() -> dict[str, Any]:
    """Return the schema of a library file: sections of a category file, none required."""
    whole = schema()
    kept = {key: whole["properties"][key] for key in ("format", *SECTIONS)}
    description = "What several categories share; a category names it with `uses`."
    return whole | {"description": description, "properties": kept, "required": ["format"]}


def words_at(path: tuple[str | int, ...], *, library: bool = False) -> tuple[str, ...]:
    """Return the keys that may stand at `path` in a file; empty where they are free."""
    root = library_schema() if library else schema()
    node: dict[str, Any] = root
    for step in path:
        node = _below(_resolved(node, root), step)
    return tuple(_resolved(node, root).get("properties", ()))


def _below(node: dict[str, Any], step: str | int) -> dict[str, Any]:
    """Return the schema one step down, or an empty one."""
    if isinstance(step, int):
        found = node.get("items", {})
    else:
        free = next(iter(node.get("patternProperties", {}).values()), None)
        found = node.get("properties", {}).get(step) or free or node.get("additionalProperties")
    return found if isinstance(found, dict) else {}


def _resolved(node: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """Return the schema that a reference stands for."""
    if "$ref" not in node:
        return node
    found: dict[str, Any] = root["$defs"][node["$ref"].rpartition("/")[2]]
    return found


def _tidy(node: Any) -> Any:
    """Return the schema as files are written: no nulls, no titles, no other names."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    tidy = {key: _tidy(value) for key, value in node.items()
            if not (key == "title" and isinstance(value, str))
            and not (key == "default" and value is None)}  # fmt: skip
    if "patternProperties" in tidy:
        tidy["additionalProperties"] = False
    options = [option for option in tidy.get("anyOf", ()) if option != {"type": "null"}]
    if len(options) == 1:
        del tidy["anyOf"]
        tidy |= options[0]
    return tidy


def text(content: dict[str, Any]) -> str:
    """Return a schema as it stands in its file."""
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    (HERE / "schema.json").write_text(text(schema()), encoding="utf-8")
    (HERE / "library" / "schema.json").write_text(text(library_schema()), encoding="utf-8")
