#include "actors/settings/limit_rules.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "messages/text.hpp"

namespace ie {
namespace {

constexpr size_t shown_bytes_max = 80;  // of an id that is none

error unknown_object(std::string_view id) {
    return fail(error_code::not_found,
                "no sender object has the id " + log_value(id.substr(0, shown_bytes_max)));
}

}  // namespace

outcome<std::vector<object_id>> checked_ids(const std::vector<object_id>& ids) {
    if (ids.empty() || ids.size() > change_limits::ids_max) {
        return fail(error_code::bad_request, std::to_string(ids.size()) +
                                                 " ids; a request takes 1 to " +
                                                 std::to_string(change_limits::ids_max));
    }
    std::vector<object_id> out;
    std::unordered_set<object_id> seen;
    for (const auto& each : ids) {
        const object_key key = to_key(each.value);
        if (key.none()) return unknown_object(each.value);
        object_id id = to_id(key);
        if (seen.insert(id).second) out.push_back(std::move(id));
    }
    return out;
}

outcome<nothing> check_limit(int64_t limit) {
    if (limit >= change_limits::remove && limit <= change_limits::limit_max) return nothing{};
    return fail(error_code::bad_request,
                "limit " + std::to_string(limit) + ": it must be from 0 (unlimited) to " +
                    std::to_string(change_limits::limit_max) + ", or -1 for the server's default");
}

outcome<std::vector<known_object>> objects_of(const std::vector<object_id>& ids,
                                              const objects_found& found,
                                              const limit_table& limits) {
    std::unordered_map<object_id, const known_object*> known;
    for (const auto& each : found.items) known.emplace(each.id, &each);
    std::vector<known_object> out;
    for (const auto& id : ids) {
        if (const auto object = known.find(id); object != known.end()) {
            out.push_back(*object->second);
            continue;
        }
        const auto limit = limits.find(id);
        if (limit == limits.end()) return unknown_object(id.value);
        out.push_back({id, limit->second.kind, limit->second.account, limit->second.object});
    }
    return out;
}

outcome<nothing> check_kind(const std::vector<known_object>& objects, sender_kind kind) {
    for (const auto& each : objects) {
        if (each.kind == kind) continue;
        return fail(error_code::bad_request,
                    each.id.value + " is of type " + std::string(name_of(each.kind)) + ", not " +
                        std::string(name_of(kind)) + " (" + printable(each.object) + ")");
    }
    return nothing{};
}

void sort_limits(std::vector<individual_limit>& limits) {
    std::sort(limits.begin(), limits.end(), [](const auto& left, const auto& right) {
        return std::tie(left.account, left.kind, left.object) <
               std::tie(right.account, right.kind, right.object);
    });
}

std::string object_text(const known_object& object) {
    std::string text = std::string(name_of(object.kind)) + " " + object.object;
    if (object.kind != sender_kind::account) text += " of " + object.account.value;
    return text;
}

std::string limit_or_default(const limit_table& limits, const object_id& id) {
    const auto found = limits.find(id);
    return found == limits.end() ? "default" : std::to_string(found->second.limit);
}

std::string usage_text(const object_usage& usage, limit_mode mode) {
    if (mode == limit_mode::recipients) return std::to_string(usage.recipients) + " recipients";
    return std::to_string(usage.messages) + " messages";
}

}  // namespace ie
