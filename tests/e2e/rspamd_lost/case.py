"""Without Rspamd mail flows, GTUBE is still caught, and everybody can see in which state the engine is.

Setup: Rspamd killed; stopped; replaced by a server that answers garbage.
Expect: each time: status says degraded and why, the log says rspamd_lost, ham passes, GTUBE is held and its record
says who judged; back to normal when Rspamd is.
"""

import http.server
import threading

from lab_case import DEADLINE_SECONDS, Lab, wait_for
from mails import mail, spam


def case():
    with Lab(config={"rspamd": {"timeout_ms": 2000, "retry_after_ms": 500}}) as lab:
        lab.signal("rspamd", "KILL")
        degraded(lab, 1)
        lab.start("rspamd")
        back_to_normal(lab, 1)
        lab.signal("rspamd", "STOP")
        degraded(lab, 2)
        lab.signal("rspamd", "CONT")
        back_to_normal(lab, 2)

    garbage = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Garbage)
    threading.Thread(target=garbage.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{garbage.server_port}"
    with Lab(config={"rspamd": {"url": url}}) as lab:
        degraded(lab, 1)
    garbage.shutdown()


class Garbage(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"\x00\xff{]<html>not what you asked for")

    def log_message(self, *_):
        pass


def scanner(lab):
    return next(part for part in lab.cli_json("status")["actors"] if part["actor"] == "scanner")


def degraded(lab, time):
    passed = len(lab.outside())
    lab.submit("alice@alice.test", ["to@far.test"], mail(f"ham {time}"))
    lab.wait_outside(passed + 1)
    held = lab.cli_json("emails", "list")["max_count"]
    lab.submit("alice@alice.test", ["to@far.test"], spam(f"spam {time}"))
    lab.wait_queue(0)
    listed = lab.cli_json("emails", "list")
    assert listed["max_count"] == held + 1, listed
    shown = lab.cli_json("emails", "show", "--id", listed["items"][0]["email_id"])
    assert "own_rules" in str(shown["headers"].get("X-ImunifyEmail-Filter-Judged-By")), shown["headers"]
    wait_for(lambda: scanner(lab)["state"] == "degraded", DEADLINE_SECONDS, lambda: scanner(lab))
    assert scanner(lab)["last_error"], scanner(lab)
    assert sum(" rspamd_lost " in line for line in lab.log("engine")) >= time


def back_to_normal(lab, time):
    def judged_by_rspamd():
        lab.submit("alice@alice.test", ["to@far.test"], mail(f"back {time}"))
        return scanner(lab)["state"] == "running"
    wait_for(judged_by_rspamd, DEADLINE_SECONDS, lambda: scanner(lab))
    wait_for(lambda: sum(" scanner rspamd_back" in line for line in lab.log("engine")) == time, DEADLINE_SECONDS,
             lambda: lab.log("engine"))
