"""7. The units are right, and the seal is real."""

from pathlib import Path

from harness import Report, configure, json_journal, restart, run, sandboxed, succeed

PROBE = Path("/etc/systemd/system/promptd-probe.service")


def check(report: Report) -> None:
    Path("/run/user/0/systemd").mkdir(parents=True, exist_ok=True)
    for manager, folder in (("--system", "system"), ("--user", "user")):
        units = [f"/usr/lib/systemd/{folder}/promptd.{kind}" for kind in ("service", "socket")]
        result = run("env", "XDG_RUNTIME_DIR=/run/user/0", "systemd-analyze", manager, "verify", "--man=no", *units)
        report.check(result.returncode == 0 and result.stdout == "",
                     f"systemd-analyze verify has nothing to say of the {folder} units", result.stdout)
    result = run("systemd-analyze", "security", "--threshold=17", "promptd.service")
    overall = result.stdout.strip().splitlines()[-1]
    report.check(result.returncode == 0, f"systemd-analyze security: {overall}", result.stdout)

    configure(sandboxed())
    restart()
    inside(report)


def inside(report: Report) -> None:
    """Runs a probe in promptd's place: the unit as it was installed, but for the program."""
    unit = Path("/usr/lib/systemd/system/promptd.service").read_text()
    program = str(Path("/usr/bin/python3").resolve())
    lines = [
        line for line in unit.splitlines()
        if not line.startswith(("ExecStart=", "ExecReload=", "Type=", "Restart", "WatchdogSec=", "Requires=",
                                "After=", "Also=", "WantedBy=", "Wants="))
    ]
    # Of what is sealed nothing changes, but that the probe's interpreter may be run.
    place = lines.index("[Service]") + 1
    lines[place:place] = ["Type=oneshot", f"ExecStart={program} -B /test/probe.py", f"ExecPaths={program}",
                          "Environment=PYTHONDONTWRITEBYTECODE=1"]
    PROBE.write_text("\n".join(lines) + "\n")
    succeed("systemctl", "daemon-reload")
    result = run("systemctl", "start", PROBE.name)
    succeed("journalctl", "--sync")
    said = succeed("journalctl", "--no-pager", "--output=cat", f"--unit={PROBE.name}")
    found = dict(line.removeprefix("probe: ").split(" = ", 1)
                 for line in said.splitlines() if line.startswith("probe: "))
    report.check(result.returncode == 0 and len(found) > 8, "the probe ran under the unit's properties", said)
    for what, came in found.items():
        report.check(came.startswith("refused"), f"from inside, {what}: {came}", came)
    PROBE.unlink()
    succeed("systemctl", "daemon-reload")
