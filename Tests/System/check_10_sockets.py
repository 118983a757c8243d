"""10. Further sockets: another Unix socket, and the HTTP listener, both systemd's."""

import json
import urllib.error
import urllib.request
from pathlib import Path

from harness import Connection, Report, configure, drop_in, line, property_of, restart, run, sandboxed, succeed

UNITS = Path("/etc/systemd/system")
OTHER = "/run/promptd-other.sock"
CLIENT = '[[client]]\nname = "robot"\nuser = "nobody"\n'


def post(token: str) -> tuple[int, bytes]:
    request = urllib.request.Request(
        "http://127.0.0.1:4891/v1/chat/completions", data=line().encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def check(report: Report) -> None:
    (UNITS / "promptd-other.socket").write_text(
        f"[Socket]\nListenStream={OTHER}\nSocketMode=0666\nService=promptd.service\n")
    (UNITS / "promptd-http.socket").write_text(
        "[Socket]\nListenStream=127.0.0.1:4891\nFileDescriptorName=http\nService=promptd.service\n")
    tokens = Path("/etc/promptd/tokens")
    tokens.write_text("t0k3n robot\n")
    tokens.chmod(0o600)
    sockets = ["promptd.socket", "promptd-other.socket", "promptd-http.socket"]
    drop_in("sockets", "[Unit]\nRequires=promptd-other.socket promptd-http.socket\n"
            f"[Service]\nSockets={' '.join(sockets)}\nLoadCredential=tokens:{tokens}\n")
    configure(sandboxed(more=CLIENT) + '\n[listen]\nhttp_tokens_credential = "tokens"\n')
    succeed("systemctl", "stop", "promptd.service", "promptd.socket")
    succeed("systemctl", "daemon-reload")
    succeed("systemctl", "start", *sockets)
    report.check(property_of("ActiveState") == "inactive", "three sockets wait for the first to connect")
    status, body = post("t0k3n")
    report.check(status == 200 and json.loads(body)["choices"], "a request over HTTP with a token starts it", body)
    report.check(post("other")[0] == 401, "another token is refused")
    for path in ("/run/promptd/promptd.sock", OTHER):
        connection = Connection(path)
        report.check("choices" in connection.ask(line()), f"{path} is served too")
        connection.close()
    succeed("systemctl", "restart", "promptd.service")
    report.check(post("t0k3n")[0] == 200, "after a restart all are served again")

    configure(sandboxed(more=CLIENT))
    drop_in("sockets", None)
    succeed("systemctl", "stop", "promptd.service", *sockets)
    for name in ("promptd-other.socket", "promptd-http.socket"):
        (UNITS / name).unlink()
    tokens.unlink()
    run("systemctl", "daemon-reload")
    restart()
