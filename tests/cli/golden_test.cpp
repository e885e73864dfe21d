// Each folder in golden/ is a case: `cmd`, shell lines; `engine`, whom they talk to (canned.hpp; no
// file: nobody is there); `expected`, what they print, to the byte; and, where the seed shows that
// output as a table, `expected_seed`, the seed's own text, whose spaces and rules may be of other
// lengths (spec: tabs and spacing of its tables are ours to align). IE_WRITE_MISSING=1 writes the
// `expected` of a new case.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>

#include "tests/cli/canned.hpp"
#include "tests/cli/program.hpp"

namespace ie::testing {
namespace {

const std::filesystem::path golden_folder = IE_SOURCE_DIR "/tests/cli/golden";

std::vector<std::string> case_names() {
    std::vector<std::string> names;
    for (const auto& each : std::filesystem::directory_iterator(golden_folder)) {
        names.push_back(each.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string squeezed(const std::string& text) {
    const std::string spaces = std::regex_replace(text, std::regex("[ \t]+"), " ");
    return std::regex_replace(spaces, std::regex("-{10,}"), "----------");
}

class Golden : public ::testing::TestWithParam<std::string> {};

TEST_P(Golden, PrintsWhatIsExpected) {
    const auto folder = golden_folder / GetParam();
    std::optional<fake_engine> engine;
    std::string who = text_of_file(folder / "engine");
    start_options options;
    options.environment["IE_ENDPOINT"] = "ipc:///nonexistent/engine.sock";
    if (!who.empty()) {
        engine.emplace(scenario(who.substr(0, who.find('\n'))));
        options.environment["IE_ENDPOINT"] = engine->endpoint();
    }
    options.folder = folder;
    const auto done = run({"/bin/sh", "-c", text_of_file(folder / "cmd")}, options);
    std::string output = done.output;
    for (size_t at = 0; engine && (at = output.find(engine->endpoint())) != output.npos;) {
        output.replace(at, engine->endpoint().size(), "ENDPOINT");
    }
    // Written for a new case only, and then read by a person.
    if (std::getenv("IE_WRITE_MISSING") && !std::filesystem::exists(folder / "expected")) {
        std::ofstream(folder / "expected") << output;
    }
    ASSERT_TRUE(std::filesystem::exists(folder / "expected"));
    EXPECT_EQ(output, text_of_file(folder / "expected"));
    EXPECT_EQ(done.errors, "");
    if (std::filesystem::exists(folder / "expected_seed")) {
        EXPECT_EQ(squeezed(output), squeezed(text_of_file(folder / "expected_seed")));
    }
}

INSTANTIATE_TEST_SUITE_P(Cases, Golden, ::testing::ValuesIn(case_names()),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace ie::testing
