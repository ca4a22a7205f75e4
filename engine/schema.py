"""JSON Schemas, generated from the models: for editors, and for documents that come from outside."""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from engine.models.basis import Sources
from engine.models.checklist import Checklist
from engine.models.scorecard import PublishedResult, ScorecardDocument
from engine.models.standard import Parameters, Section, Shared, Standard
from engine.models.submission import Review, Submission

FOLDER = Path(__file__).parent / "schemas"

MODELS: dict[str, type[BaseModel]] = {
    "standard": Standard,
    "section": Section,
    "part": Shared,
    "checklist": Checklist,
    "sources": Sources,
    "parameters": Parameters,
    "submission": Submission,
    "review": Review,
    "scorecard": ScorecardDocument,
    "published": PublishedResult,
}


def schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a kind of document. Raises KeyError for a kind we do not have."""
    made = MODELS[name].model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def schema_text(name: str) -> str:
    """Return the text of a schema file."""
    return json.dumps(schema(name), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def write_schemas(folder: Path = FOLDER) -> list[Path]:
    """Write every schema file; return those that changed."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = list[Path]()
    for name in MODELS:
        path = folder / f"{name}.schema.json"
        text = schema_text(name)
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            changed.append(path)
    return changed
