"""9. A user's own daemon, without configuration and without root."""

import json
from pathlib import Path

from harness import Report, run, succeed, wait_until


def check(report: Report) -> None:
    succeed("useradd", "--create-home", "dave")
    uid = int(succeed("id", "-u", "dave"))
    runtime = Path(f"/run/user/{uid}")
    succeed("loginctl", "enable-linger", "dave")
    if not wait_until((runtime / "systemd/private").exists, 20):
        report.tell("not shown: this container starts no manager for a user")
        return

    def as_dave(*words: str, input: str = "") -> tuple[int, str]:
        result = run("env", "-i", f"XDG_RUNTIME_DIR={runtime}", "HOME=/home/dave", "PATH=/usr/bin:/bin", *words,
                     user="dave", input=input)
        return result.returncode, result.stdout

    code, said = as_dave("systemctl", "--user", "enable", "--now", "promptd.socket")
    report.check(code == 0, "systemctl --user enable --now promptd.socket", said)
    code, said = as_dave("promptctl", "ping")
    report.check(code == 0 and "dave" in said, "promptctl finds it without being told where", said)
    code, said = as_dave("promptctl", "send", input='{"model":"m","messages":[{"role":"user","content":"x"}]}\n')
    error = json.loads(said)["error"]
    report.check(error["type"] == "no_upstream" and ".config/promptd/promptd.toml" in error["message"],
                 "without an upstream it says what to write where", said)
    folder = Path("/home/dave/.config/promptd")
    text = '[[upstream]]\nname = "sandbox"\nbase_url = "http://127.0.0.1:8901/v1"\nauth = "none"\n'
    succeed("sh", "-c", f"mkdir -p {folder} && cat > {folder}/promptd.toml", input=text, user="dave")
    code, said = as_dave("systemctl", "--user", "reload", "promptd.service")
    report.check(code == 0, "systemctl --user reload takes the file that was written", said)
    code, said = as_dave("promptctl", "ask", "hello")
    report.check(code == 0 and "hello" in said, "promptctl ask is answered", said)
    code, said = as_dave("systemctl", "--user", "status", "--no-pager", "promptd.service")
    report.check("Serving:" in said, "systemctl --user status shows how it does", said)
    places = [Path("/home/dave") / place for place in (".cache/promptd/cache.sqlite", ".local/state/promptd/state.sqlite")]
    report.check(all(place.exists() for place in places), "its data is in the user's own folders",
                 succeed("find", "/home/dave"))
    succeed("loginctl", "disable-linger", "dave")
