"""Real and hostile MIME goes through hook, scanner and quarantine whole.

Setup: the hard messages of the test data (IE_TEST_DATA, by default ../shared/data beside the project); each is
submitted with the GTUBE line appended.
Expect: each is held, none crashes a part, `show --raw` gives back what was sent below Exim's Received line, `show`
and `list` are valid JSON in valid UTF-8; removed at the end.
"""

import os
import subprocess
import tempfile
from pathlib import Path

from lab_case import REPOSITORY, Lab, Refused, same_but_received
from mails import GTUBE

DATA = Path(os.environ.get("IE_TEST_DATA", REPOSITORY.parent / "shared/data"))
