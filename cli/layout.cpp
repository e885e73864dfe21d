#include "cli/layout.hpp"

#include <algorithm>
#include <ctime>

namespace ie::cli {
namespace {

// Characters of a UTF-8 text: one column each. Wide ones make a table ragged, not wrong.
size_t width(std::string_view text) {
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

std::string string_text(const json& text) {
    const std::string plain = text.dump();
    const bool harmless = printable(plain) == plain;
    return harmless ? plain : text.dump(-1, ' ', true);
}

struct json_writer {
    indentation column;
    std::string out;

    std::string line(size_t depth) const { return "\n" + std::string(column(depth), ' '); }

    void append_list(const json& list, size_t depth) {
        const bool plain = std::none_of(list.begin(), list.end(),
                                        [](const json& each) { return each.is_structured(); });
        out += '[';
        for (size_t i = 0; i < list.size(); ++i) {
            if (i > 0) out += plain ? ", " : ",";
            if (!plain) out += line(depth + 1);
            append(list[i], depth + 1);
        }
        out += (plain ? "" : line(depth)) + "]";
    }

    void append_object(const json& object, size_t depth) {
        out += '{';
        bool first = true;
        for (const auto& [key, value] : object.items()) {
            out += (first ? "" : ",") + line(depth + 1) + string_text(key) + ": ";
            append(value, depth + 1);
            first = false;
        }
        out += (object.empty() ? "" : line(depth)) + "}";
    }

    // As deep as our own structs are: nothing from outside is nested.
    void append(const json& value, size_t depth) {
        if (value.is_object()) {
            append_object(value, depth);
        } else if (value.is_array()) {
            append_list(value, depth);
        } else {
            out += value.is_string() ? string_text(value) : value.dump();
        }
    }
};

}  // namespace

std::string table(const std::vector<row>& rows) {
    std::vector<size_t> widths;
    std::vector<row> shown = rows;
    for (row& line : shown) {
        widths.resize(std::max(widths.size(), line.size()));
        for (size_t i = 0; i < line.size(); ++i) {
            line[i] = printable(line[i]);
            widths[i] = std::max(widths[i], width(line[i]));
        }
    }
    std::string out;
    for (const row& line : shown) {
        std::string text;
        for (size_t i = 0; i < line.size(); ++i) {
            text += line[i] + std::string(widths[i] + 2 - width(line[i]), ' ');
        }
        out += text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
    }
    return out;
}

std::string json_text(const json& value, indentation column) {
    json_writer writer{column, {}};
    writer.append(value, 0);
    return writer.out + "\n";
}

std::string or_dash(const std::string& text) {
    return text.empty() ? "-" : text;
}

std::string date_text(int64_t unix_s) {
    const auto when = static_cast<time_t>(unix_s);
    std::tm parts{};
    char text[64];
    if (gmtime_r(&when, &parts) == nullptr) return std::to_string(unix_s);
    return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts)};
}

std::string duration_text(int64_t seconds) {
    const int64_t amounts[] = {seconds / 86'400, seconds / 3600 % 24, seconds / 60 % 60,
                               seconds % 60};
    constexpr char units[] = {'d', 'h', 'm', 's'};
    for (size_t i = 0; i < 3; ++i) {
        if (amounts[i] <= 0) continue;
        return std::to_string(amounts[i]) + units[i] + " " + std::to_string(amounts[i + 1]) +
               units[i + 1];
    }
    return std::to_string(std::max<int64_t>(amounts[3], 0)) + "s";
}

}  // namespace ie::cli
