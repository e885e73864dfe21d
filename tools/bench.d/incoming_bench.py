#!/usr/bin/python3
"""Incoming mail through a real Exim into an account's Maildir: (a) no filter, (b) Rspamd by Exim's own `spam =` ACL, which
marks spam, (c) ours with the same Rspamd, which brings spam to the Junk folder. Eight connections from a stranger
send real mail, spam and ham (IE_TEST_DATA, by default ../shared/data beside the project)."""

from exim_rounds import ACL, compare, real_mail
from lab_case import Lab

KINDS = {
    "none": ("", "acl_check_data:\n  accept\n"),
    # What Exim's own documentation suggests.
    "exim_acl": ("spamd_address = 127.0.0.1 {port} variant=rspamd\n",
                 "acl_check_data:\n  warn spam = nobody:true\n       add_header = X-Spam-Score: $spam_score\n"
                 "  warn condition = ${if !eq{$spam_action}{no action}}\n       add_header = X-Spam-Flag: YES\n"
                 "  accept\n"),
    "ours": ("", ACL),
}

with Lab() as lab:
    assert lab.run("ie-config", "enable-incoming")[0] == 0
    compare("incoming", lab, KINDS, (None, "stranger@away.test", "alice@alice.test"), real_mail("ham", "spam"))
