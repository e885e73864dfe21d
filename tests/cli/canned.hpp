// Engines that answer from the seed's samples, by name, for the golden cases.
#pragma once

#include "tests/cli/fake_engine.hpp"

namespace ie::testing {

// Fails the test where there is no scenario of that name.
fake_engine::answerer scenario(const std::string& name);

// Each of these would move the cursor, change the title, or hide what follows it.
inline constexpr const char* evil =
    "\x1b]0;owned\x07\x1b[2J\r\nOK\xc2\x9b"
    "31m\xe2\x80\xae"
    "gpj.exe\xff";

inline constexpr const char* sample_ids[] = {"ef69f707-d547-4b29-b8f0-f5331821c930",
                                             "faf96a73-5be4-481a-9c6c-7ab8fb2e3cf0",
                                             "fbc2efd0-1808-4e54-99ce-3082708b28ee"};

}  // namespace ie::testing
