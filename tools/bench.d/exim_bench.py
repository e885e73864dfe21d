#!/usr/bin/python3
"""Outgoing mail through a real Exim: (a) no filter, (b) Rspamd by Exim's own `spam =` ACL, (c) our hook and engine with
the same Rspamd. Eight connections send real ham (IE_TEST_DATA, by default ../shared/data beside the project)."""

from exim_rounds import ACL, compare, real_mail
from lab_case import Lab

KINDS = {
    "none": ("", "acl_check_data:\n  accept\n"),
    # What Exim's own documentation suggests, on outgoing mail; spam is refused.
    "exim_acl": ("spamd_address = 127.0.0.1 {port} variant=rspamd\n",
                 "acl_check_data:\n  deny spam = nobody:true\n       condition = ${if eq{$spam_action}{reject}}\n"
                 "  accept\n"),
    "ours": ("", ACL),
}

with Lab(config={"filter": {"spam_threshold": 1000.0}}) as lab:
    compare("exim", lab, KINDS, ("alice@alice.test", "alice@alice.test", "friend@far.test"), real_mail("ham"))
