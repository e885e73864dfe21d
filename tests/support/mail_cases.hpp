// Small odd mails, and what is right about each: tests/cases/expected.tsv.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace ie::testing {

inline const std::filesystem::path cases_folder =
    std::filesystem::path(IE_SOURCE_DIR) / "tests/cases";

inline std::string case_content(const std::string& file) {
    std::ifstream in(cases_folder / file, std::ios::binary);
    EXPECT_TRUE(in) << file;
    return {std::istreambuf_iterator<char>(in), {}};
}

struct mail_case {
    std::string file;
    std::string dangerous;           // "yes", "no"; "-": not asked
    std::string subject;             // empty: not asked
    std::vector<std::string> words;  // that are in its text
};

inline std::vector<mail_case> mail_cases() {
    constexpr std::string_view between = " | ";
    std::istringstream in(case_content("expected.tsv"));
    std::vector<mail_case> all;
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
        std::istringstream cells(line);
        mail_case row;
        std::string words;
        std::getline(cells, row.file, '\t');
        std::getline(cells, row.dangerous, '\t');
        std::getline(cells, row.subject, '\t');
        std::getline(cells, words, '\t');
        while (!words.empty()) {
            const size_t end = std::min(words.find(between), words.size());
            row.words.push_back(words.substr(0, end));
            words.erase(0, std::min(words.size(), end + between.size()));
        }
        all.push_back(std::move(row));
    }
    return all;
}

}  // namespace ie::testing
