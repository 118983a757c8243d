"""3. Reload: all or nothing, told in the journal, and keys that change."""

import json
import os
import pwd
from pathlib import Path

from harness import (
    CONFIGURATION, Connection, FakeUpstream, Report, ask, configure, drop_in, journal, line, restart, run, sandboxed,
    succeed)

KEY = Path("/etc/promptd/test.key")
CREDENTIAL = Path("/etc/promptd/keys.d/fake")


def reload() -> tuple[int, str]:
    result = run("systemctl", "reload", "promptd.service")
    return result.returncode, result.stdout


def most_queued() -> int:
    connection = Connection()
    try:
        status = connection.call("status")
        most: int = status["result"]["queue"]["max_queued"]
        return most
    finally:
        connection.close()


def write_key(path: Path, key: str, owner: str = "root") -> None:
    path.write_text(key + "\n")
    path.chmod(0o600)
    account = pwd.getpwnam(owner)
    os.chown(path, account.pw_uid, account.pw_gid)


def check(report: Report) -> None:
    configure(sandboxed(queue="max_queued = 11"))
    restart()
    configure(sandboxed(queue="max_queued = 12"), {"20-more.toml": '[cache]\nmemory = "32MiB"\n'})
    code, said = reload()
    told = journal("--lines=20")
    report.check(code == 0, "systemctl reload of a good file succeeds", said)
    report.check("queue.max_queued: 11 -> 12" in told and most_queued() == 12,
                 "what changed is in force, and in the journal by its key", told)
    report.check("configuration: needs a restart cache.memory" in told,
                 "what needs a restart is named", told)

    CONFIGURATION.write_text(sandboxed(queue='max_queued = "many"\nshrae = 1'))
    code, said = reload()
    told = journal("--lines=20")
    report.check(code != 0, "systemctl reload of a bad file fails", said)
    report.check(
        f"{CONFIGURATION}: queue.max_queued" in told and f"{CONFIGURATION}: queue.shrae" in told,
        "all of its faults are in the journal, by file and key", told)
    report.check(most_queued() == 12, "the old configuration stays in force")
    code = run("promptctl", "reload").returncode
    report.check(code == 78, "promptctl reload says so with 78")
    by_hand = run("promptctl", "config", "check")
    report.check(by_hand.returncode == 78 and "queue.shrae" in by_hand.stdout,
                 "promptctl config check finds the same", by_hand.stdout)
    out_of_reach(report)
    check_keys(report)


def out_of_reach(report: Report) -> None:
    """A configuration that the service cannot read is a fault, and no reason to take another."""
    configure(sandboxed(queue="max_queued = 13"))
    Path("/etc/promptd").chmod(0o700)
    code, said = reload()
    told = journal("--lines=20")
    report.check(code != 0 and most_queued() == 12 and f"{CONFIGURATION}: cannot be read" in told,
                 "a file that the service cannot reach is a fault, and the old one stays in force", told)
    found = run("promptctl", "config", "check")
    report.check(found.returncode == 78 and str(CONFIGURATION) in found.stdout,
                 "promptctl config check of root's sees it as the service does", found.stdout)
    Path("/etc/promptd").chmod(0o755)
    code, said = reload()
    report.check(code == 0 and most_queued() == 13, "once it can be read again it is taken over", said)


def check_keys(report: Report) -> None:
    """Keys in a file of promptd's own, and in a credential that systemd hands over at start."""
    with FakeUpstream() as upstream:
        write_key(KEY, "key-in-a-file-1", owner="promptd")
        write_key(CREDENTIAL, "key-in-a-credential-1")
        more = ""
        for name, source in (("file", f'api_key_file = "{KEY}"'), ("fake", 'api_key_credential = "fake"')):
            more += (f'[[upstream]]\nname = "{name}"\nbase_url = "http://127.0.0.1:{upstream.port}/v1"\n'
                     f'models = ["{name}"]\n{source}\n')
        configure(sandboxed(upstream='models = ["sandbox/*"]', more=more))
        restart()

        def shown() -> list[str]:
            upstream.keys.clear()
            for model in ("file", "fake"):
                reply = ask(line(model=model))
                assert "choices" in reply, json.dumps(reply)
            return [key.removeprefix("Bearer ") for key in upstream.keys]

        report.check(shown() == ["key-in-a-file-1", "key-in-a-credential-1"], "both keys are used", upstream.keys)
        write_key(KEY, "key-in-a-file-2", owner="promptd")
        write_key(CREDENTIAL, "key-in-a-credential-2")
        code, said = reload()
        report.check(code == 0 and shown() == ["key-in-a-file-2", "key-in-a-credential-1"],
                     "after a reload the next call has the file's new key", f"{said}{upstream.keys}")
        succeed("systemctl", "restart", "promptd.service")
        report.check(shown() == ["key-in-a-file-2", "key-in-a-credential-2"],
                     "after a restart it has the credential's too", upstream.keys)
        check_encrypted(report, upstream)
    KEY.unlink()
    CREDENTIAL.unlink()


def check_encrypted(report: Report, upstream: FakeUpstream) -> None:
    """A key that is on disk in no other way than encrypted for this machine."""
    folder = Path("/etc/credstore.encrypted")
    folder.mkdir(exist_ok=True)
    succeed("systemd-creds", "encrypt", "--with-key=host", "--name=sealed", "-", str(folder / "sealed"),
            input="key-that-was-encrypted")
    drop_in("sealed", f"[Service]\nLoadCredentialEncrypted=sealed:{folder}/sealed\n")
    configure(sandboxed(upstream='models = ["sandbox/*"]', more=(
        f'[[upstream]]\nname = "sealed"\nbase_url = "http://127.0.0.1:{upstream.port}/v1"\n'
        'api_key_credential = "sealed"\n')))
    restart()
    upstream.keys.clear()
    ask(line(model="m"))
    report.check(upstream.keys == ["Bearer key-that-was-encrypted"], "an encrypted credential is used", upstream.keys)
    drop_in("sealed", None)
