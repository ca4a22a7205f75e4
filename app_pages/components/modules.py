"""Pages that are made of modules in the browser: where they lie, and how the pages' library shows them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from portal.web.modules import address

HERE = Path(__file__).parent


def made_of(name: str) -> Callable[..., Any]:
    """Return the component whose modules lie in the folder `name`; call it with `data` and the rest a component takes."""
    css = (HERE / "shared" / "base.css", HERE / name / f"{name}.css")
    made = st.components.v2.component(
        f"zhunsheng_{name}",
        html='<div class="zf-root"></div>',
        css="\n".join(one.read_text("utf-8") for one in css),
        js=(HERE / "shared" / "index.js").read_text("utf-8"),
    )

    def shown(*, data: Mapping[str, Any], **more: Any) -> Any:
        return made(data={**data, "page": name, "modules": address()}, **more)

    return shown
