// Holds docs/wire.md against the declarations: each message, each struct and each enum in it has a
// section whose table begins with exactly the fields (or values) that are declared, in their order.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "messages/all.hpp"
#include "messages/wire.hpp"

namespace ie {
namespace {

// What docs/wire.md calls the types that are no messages.
// clang-format off
constexpr std::string_view word(const script_header&)    { return "script_header"; }
constexpr std::string_view word(const mail_filter&)      { return "mail_filter"; }
constexpr std::string_view word(const mail_summary&)     { return "mail_summary"; }
constexpr std::string_view word(const mail_header&)      { return "mail_header"; }
constexpr std::string_view word(const mail_failure&)     { return "mail_failure"; }
constexpr std::string_view word(const sender_objects&)   { return "sender_objects"; }
constexpr std::string_view word(const hold_ticket&)      { return "hold_ticket"; }
constexpr std::string_view word(const limit_hit&)        { return "limit_hit"; }
constexpr std::string_view word(const account_space&)    { return "account_space"; }
constexpr std::string_view word(const sender_activity&)  { return "sender_activity"; }
constexpr std::string_view word(const domain_activity&)  { return "domain_activity"; }
constexpr std::string_view word(const account_activity&) { return "account_activity"; }
constexpr std::string_view word(const last_hold&)        { return "last_hold"; }
constexpr std::string_view word(const individual_limit&) { return "individual_limit"; }
constexpr std::string_view word(const setting&)          { return "setting"; }
constexpr std::string_view word(const audit_record&)     { return "audit_record"; }
constexpr std::string_view word(const actor_status&)     { return "actor_status"; }
constexpr std::string_view word(const decision_counts&)  { return "decision_counts"; }
constexpr std::string_view word(const error&)            { return "error"; }
constexpr std::string_view word(const wire_head&)        { return "wire_head"; }
constexpr std::string_view word(const verdict_action&)   { return "verdict_action"; }
constexpr std::string_view word(const mail_direction&)   { return "mail_direction"; }
constexpr std::string_view word(const incoming_day&)     { return "incoming_day"; }
constexpr std::string_view word(const hold_scope&)       { return "hold_scope"; }
constexpr std::string_view word(const hold_reason&)      { return "hold_reason"; }
constexpr std::string_view word(const judge&)            { return "judge"; }
constexpr std::string_view word(const space_state&)      { return "space_state"; }
constexpr std::string_view word(const sender_kind&)      { return "sender_kind"; }
constexpr std::string_view word(const limit_mode&)       { return "limit_mode"; }
constexpr std::string_view word(const whitelist_kind&)   { return "whitelist_kind"; }
constexpr std::string_view word(const entrance&)         { return "entrance"; }
constexpr std::string_view word(const mail_view&)        { return "mail_view"; }
constexpr std::string_view word(const actor_state&)      { return "actor_state"; }
constexpr std::string_view word(const error_code&)       { return "error_code"; }
// clang-format on

template <class T>
std::string integer_word() {
    return (std::is_signed_v<T> ? "int" : "uint") + std::to_string(sizeof(T) * 8);
}

template <class T>
std::string type_word() {
    if constexpr (std::is_same_v<T, bool>) {
        return "bool";
    } else if constexpr (std::is_integral_v<T>) {
        return integer_word<T>();
    } else if constexpr (std::is_floating_point_v<T>) {
        return "float";
    } else if constexpr (is_vector<T>::value) {
        return "list of " + type_word<typename T::value_type>();
    } else if constexpr (std::is_enum_v<T> || described<T>) {
        return std::string(word(T{}));
    } else {
        return "text";
    }
}

using rows = std::vector<std::string>;
using sections = std::map<std::string, rows>;  // title → first two columns of its table's rows

std::string row(const std::string& first, const std::string& second) {
    return "| " + first + " | " + second + " |";
}

template <class T>
void declare(sections& out);

template <described T>
rows field_rows(sections& out) {
    rows lines;
    T value;
    for_each_field(value, [&](std::string_view name, const auto& member) {
        using member_type = std::remove_cvref_t<decltype(member)>;
        lines.push_back(row(std::string(name), type_word<member_type>()));
        declare<member_type>(out);
    });
    return lines;
}

template <class T>
void declare(sections& out) {
    if constexpr (is_vector<T>::value) {
        declare<typename T::value_type>(out);
    } else if constexpr (std::is_enum_v<T>) {
        rows lines;
        for (const auto name : enum_names(T{})) {
            lines.push_back(row(std::to_string(lines.size()), std::string(name)));
        }
        out[type_word<T>()] = lines;
    } else if constexpr (message<T>) {
        out[std::string(T::name) + ", version " + std::to_string(T::version)] = field_rows<T>(out);
    } else if constexpr (described<T>) {
        out[type_word<T>()] = field_rows<T>(out);
    }
}

template <class... Ts>
sections declared(type_list<Ts...>) {
    sections out;
    declare<wire_head>(out);
    (declare<Ts>(out), ...);
    return out;
}

// "| a | b | what it means |" → "| a | b |"
std::string two_columns(const std::string& line) {
    size_t end = 0;
    for (int bar = 0; bar < 3; ++bar) end = line.find('|', end) + 1;
    return line.substr(0, end);
}

// Every "### " section of the document that has a table.
sections documented() {
    std::ifstream file(std::string(IE_SOURCE_DIR) + "/docs/wire.md");
    sections out;
    std::string title;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("#")) {
            title = line.starts_with("### ") ? line.substr(4) : "";
            if (!title.empty()) out[title];
        } else if (!title.empty() && std::count(line.begin(), line.end(), '|') >= 3) {
            out[title].push_back(two_columns(line));
        }
    }
    for (auto& [name, lines] : out) {
        if (lines.size() >= 2) lines.erase(lines.begin(), lines.begin() + 2);  // the table's head
    }
    return out;
}

std::string joined(const rows& lines) {
    std::string out = "\n";
    for (const auto& each : lines) out += each + "\n";
    return out;
}

TEST(WireDocs, HaveASectionForEachMessageStructAndEnumAndNoOther) {
    const sections right = declared(wire_messages{});
    const sections found = documented();
    for (const auto& [title, lines] : right) {
        EXPECT_TRUE(found.contains(title)) << "### " << title << joined(lines);
    }
    for (const auto& [title, lines] : found) EXPECT_TRUE(right.contains(title)) << title;
}

TEST(WireDocs, ListExactlyTheFieldsThatAreDeclaredInTheirOrder) {
    const sections found = documented();
    for (const auto& [title, lines] : declared(wire_messages{})) {
        const auto section = found.find(title);
        ASSERT_NE(section, found.end()) << title;
        EXPECT_EQ(joined(section->second), joined(lines)) << title;
    }
}

}  // namespace
}  // namespace ie
