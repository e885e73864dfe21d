"""What can't be is refused with a reason, and what is running goes on.

Setup: a running lab.
Expect: a second engine on the same folder, one on the same endpoint and one with an unknown key in its configuration
end at once with 1 and a line that names what is wrong; `ie-config check` names the key too; 2,000 clients that
connect to the engine and say nothing, and 500 at the hook, hold up neither a verdict nor a command.
"""

import socket

from lab_case import Lab
from mails import mail, spam


def case():
    with Lab() as lab:
        config = (lab.dir / "imunifyemail.toml").read_text()
        engine = lab.env["IE_ENDPOINT"]
        refused(lab, config.replace(engine, f"ipc://{lab.dir}/second.sock"), "engine.lock", "another engine")
        refused(lab, config.replace(f"{lab.dir}/data", f"{lab.dir}/second"), engine.removeprefix("ipc://"))
        broken = config.replace("[hook]\n", "[hook]\nfail_opne = \"accept\"\n")
        line = broken[:broken.index("fail_opne")].count("\n") + 1
        refused(lab, broken, f":{line}:", "hook.fail_opne")
        code, output, errors = lab.run("ie-config", "check", "--config", str(lab.dir / "broken.toml"))
        assert code == 1 and f":{line}:" in output + errors and "hook.fail_opne" in output + errors, output + errors
        silent_clients(lab, config, engine.removeprefix("ipc://"))


def refused(lab, config, *words):
    path = lab.dir / "broken.toml"
    path.write_text(config)
    code, _, errors = lab.run("ie-engine", "--config", str(path))
    assert code == 1 and all(word in errors for word in words) and errors.count("\n") == 1, (code, errors)


def silent_clients(lab, config, engine_socket):
    hook_socket = next(line.split('"')[1] for line in config.splitlines() if line.startswith("judge_socket"))
    silent = []
    for path, count in ((engine_socket, 2_000), (hook_socket, 500)):
        for _ in range(count):
            client = socket.socket(socket.AF_UNIX)
            client.connect(path)
            silent.append(client)
    lab.submit("alice@alice.test", ["to@far.test"], mail())
    lab.submit("alice@alice.test", ["to@far.test"], spam())
    lab.wait_outside(1)
    lab.wait_queue(0)
    assert lab.cli_json("emails", "list")["max_count"] == 1
    for client in silent:
        client.close()
