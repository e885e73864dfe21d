// What may be asked about individual limits and counts, and how it reads in the audit trail. Pure.
#pragma once

#include <map>

#include "messages/error.hpp"
#include "messages/limits.hpp"

namespace ie {

inline constexpr size_t own_limits_max = 100'000;  // individual limits

using limit_table = std::map<object_id, individual_limit>;

// The ids in lower case and each once, in their order. Fails: bad_request (none, or too many),
// not_found (one that can't be an object's).
outcome<std::vector<object_id>> checked_ids(const std::vector<object_id>& ids);

// Fails: bad_request, with the limit and what would be right.
outcome<nothing> check_limit(int64_t limit);

// The object of each id, in the order of the ids: as statistics knows it, or as its individual
// limit does. Fails: not_found, naming the id.
outcome<std::vector<known_object>> objects_of(const std::vector<object_id>& ids,
                                              const objects_found& found,
                                              const limit_table& limits);

// Fails: bad_request, naming the object and both kinds.
outcome<nothing> check_kind(const std::vector<known_object>& objects, sender_kind kind);

// By account, kind and name.
void sort_limits(std::vector<individual_limit>& limits);

// "account alice", "domain shop.test of alice".
std::string object_text(const known_object& object);
// A limit, or "default" where there is none.
std::string limit_or_default(const limit_table& limits, const object_id& id);
// "17 messages"
std::string usage_text(const object_usage& usage, limit_mode mode);

}  // namespace ie
