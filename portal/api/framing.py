"""HTTP/1.1 as uvicorn speaks it; whoever breaks its rules is told so as by the API, not in the server's English."""

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from portal.api.problems import plain


class Framing(H11Protocol):
    """The protocol of one connection."""

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  the server's words
        """Answer what is no HTTP, and close the connection: where the next request would begin nobody knows."""
        said = plain(400, headers={"connection": "close", "x-content-type-options": "nosniff"})
        event = h11.Response(status_code=400, headers=said.raw_headers, reason=b"Bad Request")
        for one in (event, h11.Data(data=bytes(said.body)), h11.EndOfMessage()):
            self.transport.write(self.conn.send(one) or b"")
        self.transport.close()
