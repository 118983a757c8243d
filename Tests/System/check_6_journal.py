"""6. The journal finds exactly the calls that were made, explains, and holds no prompt, answer or key."""

import json
import subprocess
from pathlib import Path

from harness import Report, configure, json_journal, line, property_of, restart, run, sandboxed, succeed

PROMPT, KEY = "xyzzy-prompt", "sk-xyzzy-key"
CALLS = 17


def ask_as(user: str, *lines: str) -> list[str]:
    text = succeed("promptctl", "send", user=user, input="".join(text + "\n" for text in lines))
    return [json.loads(reply)["promptd"]["request"] for reply in text.splitlines()]


def check(report: Report) -> None:
    key = Path("/etc/promptd/keys.d/sandbox")
    key.write_text(KEY + "\n")
    key.chmod(0o600)
    configure(sandboxed(log='level = "debug"', upstream="").replace(
        'auth = "none"', 'api_key_credential = "sandbox"'))
    restart()
    questions = [line(f"{PROMPT} {number}") for number in range(CALLS)]
    made = ask_as("client", *questions)
    hits = ask_as("client", *questions[:5])
    ask_as("admin", line(PROMPT + " of another"))
    ask_as("client", line(PROMPT, model="sandbox/status?code=400"))

    this_start = f"_SYSTEMD_INVOCATION_ID={property_of('InvocationID')}"
    found = json_journal("PROMPTD_CLIENT=client", "PROMPTD_CACHE=miss", "MESSAGE=call ended", this_start)
    wanted = [entry["PROMPTD_REQUEST"] for entry in found]
    report.check(sorted(wanted) == sorted(made),
                 f"PROMPTD_CLIENT=client PROMPTD_CACHE=miss finds the {CALLS} calls", wanted)
    found = json_journal("PROMPTD_CLIENT=client", "PROMPTD_CACHE=hit", this_start)
    report.check(sorted(entry["PROMPTD_REQUEST"] for entry in found) == sorted(hits),
                 "PROMPTD_CACHE=hit finds what the cache answered, at level debug", found)
    fields = {"PROMPTD_UID", "PROMPTD_MODEL", "PROMPTD_KEY", "PROMPTD_PRIORITY", "PROMPTD_QUEUED_MS",
              "PROMPTD_FIRST_BYTE_MS", "PROMPTD_UPSTREAM_MS", "PROMPTD_ATTEMPTS", "PROMPTD_TOKENS_IN",
              "PROMPTD_TOKENS_OUT", "PROMPTD_UPSTREAM"}
    entry = json_journal(f"PROMPTD_REQUEST={made[0]}")[0]
    report.check(fields <= set(entry), "a call's entry has every field that is known of it", sorted(entry))
    history = succeed("promptctl", "log", "--lines=1000", "--json", "--client=client", "--cache=miss")
    told = [json.loads(text).get("request") for text in history.splitlines()]
    report.check(set(made) <= set(told), "promptctl log reads the same history", history[-2000:])

    explained = succeed("journalctl", "--no-pager", "--unit=promptd", "--catalog", "--lines=50")
    report.check("promptctl status shows how it does" in explained,
                 "journalctl -x shows the catalog's text", explained)
    broken(report)
    everything = subprocess.run(["journalctl", "--no-pager", "--output=export", "--boot"],
                                capture_output=True, check=True).stdout
    report.check(PROMPT.encode() not in everything, "no prompt and no answer is in the whole journal")
    report.check(KEY.encode() not in everything, "no key is in the whole journal")


def broken(report: Report) -> None:
    """An upstream that is not there changes its state, which the catalog explains."""
    configure(sandboxed().replace("127.0.0.1:8901", "127.0.0.1:9"))
    restart()
    result = run("promptctl", "send", input=line(PROMPT, promptd={"timeout": 30}) + "\n")
    run("promptctl", "send", input=line(PROMPT + "2", promptd={"timeout": 5}) + "\n")
    explained = succeed("journalctl", "--no-pager", "--unit=promptd", "--catalog", "--lines=50")
    report.check("The upstream sandbox fails" in explained
                 and "promptctl queue resume sandbox" in explained,
                 "an upstream that fails is explained by name, with what to do", result.stdout + explained)
