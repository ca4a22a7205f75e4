"""The application under the servers that people know: each starts, lets nobody in, and shows the sign-in."""

from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
from served import prepared, serving

UVICORN = ("uvicorn", "app:app", "--host", "127.0.0.1", "--port", "{port}")
STREAMLIT = ("streamlit", "run", "app.py", "--server.port", "{port}")


class Stay(HTTPRedirectHandler):
    """Does not go where it is sent."""

    def redirect_request(self, *_):
        return None


def get(address):
    """Return status, where one is sent, and the text, as a person's browser asks."""
    asked = Request(address, headers={"Accept": "text/html"})  # noqa: S310  our own address
    try:
        answer = build_opener(Stay).open(asked, timeout=30)
    except HTTPError as refused:
        answer = refused
    with answer:
        return answer.status, answer.headers.get("Location", ""), answer.read().decode()


@pytest.mark.parametrize("module", [UVICORN, STREAMLIT], ids=["uvicorn", "streamlit"])
def test_it_starts_and_shows_the_sign_in(tmp_path, module):
    environment = prepared(tmp_path / "data")
    with serving(environment, tmp_path / "server.log", module) as address:
        status, sent, _ = get(f"{address}home")
        assert (status, sent) == (303, "/sign-in?next=/home")
        status, _, page = get(f"{address}sign-in")
        assert status == 200
        assert '<html lang="zh-CN">' in page
        assert 'name="password"' in page
        assert get(f"{address}api/v1/rounds")[0] in (303, 401)
