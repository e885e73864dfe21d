// The test data, the hard messages among them: IE_TEST_DATA, or ../shared/data beside the source
// folder.
#pragma once

#include <vector>

#include "tests/support/temporary_folder.hpp"

namespace ie::testing {

struct corpus_message {
    std::string name;
    std::string bytes;
};

// Of the archive "mime/public", "spamassassin/dev", …, all files but lists. Empty where the data is
// missing: a test must fail then.
inline std::vector<corpus_message> test_data(const std::string& archive) {
    const char* set = std::getenv("IE_TEST_DATA");
    const std::string data = set != nullptr ? set : IE_SOURCE_DIR "/../shared/data";
    const temporary_folder folder;
    const std::string command = "zstd -dc --long=27 '" + data + "/" + archive +
                                ".tar.zst' | tar -x -C '" + folder.path() + "'";
    std::vector<corpus_message> messages;
    if (std::system(command.c_str()) != 0) return messages;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
        if (!entry.is_regular_file() || entry.path().extension() == ".tsv") continue;
        messages.push_back({entry.path().filename().string(), text_of_file(entry.path())});
    }
    return messages;
}

inline std::vector<corpus_message> mime_corpus() {
    return test_data("mime/public");
}

}  // namespace ie::testing
