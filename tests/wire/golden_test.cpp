// Encodings that were once in use must decode for ever: golden/NAME.vVERSION.hex, written once and
// never changed. A new version of a message needs a new file, which this test prints.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <optional>

#include "messages/all.hpp"
#include "messages/hex.hpp"
#include "messages/wire.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/wire/samples.hpp"

namespace ie {
namespace {

using testing::sample;
using testing::text_of_file;

constexpr size_t hex_line_size = 96;  // characters

std::filesystem::path golden_folder() {
    return std::filesystem::path(IE_SOURCE_DIR) / "tests/wire/golden";
}

// At least one line.
std::string hex_lines(std::string_view bytes) {
    std::string lines;
    do {
        const auto line = bytes.substr(0, hex_line_size / 2);
        lines += to_hex(line) + "\n";
        bytes.remove_prefix(line.size());
    } while (!bytes.empty());
    return lines;
}

std::string bytes_of_lines(std::string text) {
    std::erase(text, '\n');
    return from_hex(text).value();
}

std::string file_name(std::string_view name, uint32_t version) {
    return std::string(name) + ".v" + std::to_string(version) + ".hex";
}

struct golden_message {
    uint32_t version = 0;
    std::string (*encode_sample)() = nullptr;
    bool (*decodes)(std::string_view) = nullptr;
    bool (*decodes_to_sample)(std::string_view) = nullptr;
};

// Nothing where the bytes can't be read. (There is no outcome of an error.)
template <described T>
std::optional<T> read_as(std::string_view bytes) {
    if constexpr (std::is_same_v<T, error>) {
        const auto handle = wire::unpack(bytes, request_body_bytes_max);
        error value;
        if (handle && wire::read(handle->get(), value)) return value;
    } else {
        auto value = decode<T>(bytes);
        if (value) return std::move(*value);
    }
    return std::nullopt;
}

template <described T>
golden_message golden_of(uint32_t version) {
    return {version, [] { return encode(sample<T>()); },
            [](std::string_view bytes) { return read_as<T>(bytes).has_value(); },
            [](std::string_view bytes) { return read_as<T>(bytes) == sample<T>(); }};
}

template <class... Ts>
std::map<std::string, golden_message> all_of(type_list<Ts...>) {
    return {{"wire_head", golden_of<wire_head>(wire_version)},
            {std::string(Ts::name), golden_of<Ts>(Ts::version)}...};
}

std::map<std::string, golden_message> messages() {
    return all_of(wire_messages{});
}

TEST(Golden, EachMessagesCurrentVersionHasItsFileAndIsEncodedLikeIt) {
    for (const auto& [name, message] : messages()) {
        const auto path = golden_folder() / file_name(name, message.version);
        const std::string now = hex_lines(message.encode_sample());
        if (!std::filesystem::exists(path)) {
            ADD_FAILURE() << path << " is missing. Where the version is new, it holds:\n" << now;
            continue;
        }
        EXPECT_EQ(text_of_file(path), now) << path;
    }
}

TEST(Golden, EachFileDecodes) {
    const auto known = messages();
    size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(golden_folder())) {
        const std::string file = entry.path().filename().string();
        const size_t dot = file.find(".v");
        const auto message = known.find(file.substr(0, dot));
        ASSERT_NE(message, known.end()) << file << ": no such message";
        const auto version = static_cast<uint32_t>(std::stoul(file.substr(dot + 2)));
        const std::string bytes = bytes_of_lines(text_of_file(entry.path()));
        EXPECT_LE(version, message->second.version) << file;
        EXPECT_TRUE(message->second.decodes(bytes)) << file;
        if (version == message->second.version) {
            EXPECT_TRUE(message->second.decodes_to_sample(bytes)) << file;
        }
        ++count;
    }
    EXPECT_GE(count, known.size());
}

}  // namespace
}  // namespace ie
