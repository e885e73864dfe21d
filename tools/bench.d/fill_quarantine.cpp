// Makes a quarantine as an engine would have left it.
//   fill_quarantine DATA_DIR MAILS
#include <cstdlib>
#include <filesystem>

#include "tools/bench.d/filled_quarantine.hpp"

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    std::filesystem::create_directories(argv[1]);
    ie::filled_quarantine(argv[1]).add(std::strtoull(argv[2], nullptr, 10), 0);
    return 0;
}
