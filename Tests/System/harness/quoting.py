"""An upstream that fails, and says of what."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Of a stream that goes no further.
BEGINNING = ('data: {"id":"q","object":"chat.completion.chunk",'
             '"choices":[{"index":0,"delta":{"content":"So"}}]}\n\n')


class QuotingUpstream(ThreadingHTTPServer):
    """Refuses every request in the request's own words, with a status or in the middle of a stream."""

    def __init__(self) -> None:
        shown: list[str | None] = []
        self.shown = shown

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                shown.append(self.headers.get("Authorization"))
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                error = json.dumps({"error": {"message": body}})
                streams = json.loads(body).get("stream")
                self.send_response(200 if streams else 500)
                self.send_header("Content-Type", "text/event-stream" if streams else "application/json")
                self.end_headers()
                self.wfile.write((BEGINNING + f"data: {error}\n\n" if streams else error).encode())

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def table(self) -> str:
        """How it is configured: what it refuses is not tried again."""
        return ('[[upstream]]\nname = "quoting"\n'
                f'base_url = "http://127.0.0.1:{self.server_address[1]}/v1"\n'
                'auth = "none"\nmodels = ["quoting/*"]\n'
                "[upstream.retry]\nattempts = 1\n[upstream.breaker]\nfailures = 2\n")
