// ie-make-folder MAILDIR FOLDER: Exim's transport ie_junk runs it, as the mailbox's owner, before
// the first spam is delivered. Exit code 0, or 1 with the reason on standard error.
#include <cstdio>

#include "gateway/folder_maker/maildir_folder.hpp"

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("usage: ie-make-folder MAILDIR FOLDER\n", stderr);
        return 2;
    }
    const auto made = ie::make_folder(argv[1], argv[2]);
    if (made) return 0;
    std::fprintf(stderr, "ie-make-folder: %s\n", made.failure().what.c_str());
    return 1;
}
