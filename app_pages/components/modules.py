"""Pages that are made of modules in the browser: where they lie, and how the pages' library shows them."""

from pathlib import Path
from typing import Any

import streamlit as st

HERE = Path(__file__).parent


def made_of(name: str) -> Any:
    """Return the component whose modules lie in the folder `name`; call it with `page=name` among its data."""
    css = (HERE / "shared" / "base.css", HERE / name / f"{name}.css")
    return st.components.v2.component(
        f"zhunsheng_{name}",
        html='<div class="zf-root"></div>',
        css="\n".join(one.read_text("utf-8") for one in css),
        js=(HERE / "shared" / "index.js").read_text("utf-8"),
    )
