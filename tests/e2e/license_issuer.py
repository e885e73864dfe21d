"""Who signs licenses for a container's machine."""

import json
import shutil
import subprocess


class Issuer:
    """Signs licenses with openssl's own program, as an administrator would."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.openssl("genpkey", "-algorithm", "ed25519", "-out", "issuer.key")
        self.openssl("pkey", "-in", "issuer.key", "-pubout", "-out", "license.pub")

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, stdout=subprocess.DEVNULL)

    def sign(self, serial, **choices):
        (self.folder / "license.json").write_text(json.dumps({"serial": serial, **choices}))
        self.openssl("pkeyutl", "-sign", "-rawin", "-inkey", "issuer.key", "-in", "license.json", "-out",
                     "license.json.sig")

    def put(self, container):
        for name in ("license.pub", "license.json.sig", "license.json"):
            shutil.copy(self.folder / name, container.path(f"etc/imunifyemail/{name}"))
