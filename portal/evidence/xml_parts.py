"""The XML inside Office files: read by one strict pass that knows no entities and no depth without end."""

import re
from collections.abc import Callable, Mapping
from xml.parsers import expat

from portal.evidence.limits import XML_DEPTH
from portal.evidence.verdict import NotTaken

Start = Callable[[str, Mapping[str, str]], None]
DECLARED = re.compile(r"<!\s*(doctype|entity|element|attlist)", re.IGNORECASE)


def walk(
    data: bytes,
    start: Start,
    text: Callable[[str], None] | None = None,
    end: Callable[[str], None] | None = None,
) -> None:
    """Tell of each element (local name and attributes), text and end. Raises NotTaken for what is no plain XML."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = 0

    def declared(*_: object) -> None:
        raise NotTaken("xml_entity")

    def started(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > XML_DEPTH:
            raise NotTaken("xml_deep")
        start(local(name), attributes)

    def ended(name: str) -> None:
        nonlocal depth
        depth -= 1
        if end is not None:
            end(local(name))

    parser.StartDoctypeDeclHandler = declared
    parser.EntityDeclHandler = declared
    parser.StartElementHandler = started
    parser.EndElementHandler = ended
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise NotTaken("damaged") from error


def local(name: str) -> str:
    """Return a name without its prefix."""
    return name.rpartition(":")[2]


def declares(data: bytes) -> bool:
    """Whether text that is only nearly XML (old drawings are) declares entities."""
    return any(DECLARED.search(data.decode(code, "ignore")) for code in ("utf-8", "utf-16-le", "utf-16-be"))
