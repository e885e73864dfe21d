#include "actors/quarantine/index/action_outbox.hpp"

#include "actors/quarantine/index/statements.hpp"
#include "messages/wire.hpp"

namespace ie {

outcome<std::vector<audited_action>> action_outbox::untold(uint32_t limit) const {
    return database_.guarded([&] {
        SQLite::Statement query(*database_,
                                "SELECT number, action FROM actions ORDER BY number LIMIT ?");
        query.bind(1, limit);
        std::vector<audited_action> actions;
        while (query.executeStep()) {
            auto action = decode<audited_action>(query.getColumn(1).getString());
            if (!action) continue;  // ours, so it can be read
            action->number = static_cast<uint64_t>(query.getColumn(0).getInt64());
            actions.push_back(std::move(*action));
        }
        return actions;
    });
}

outcome<nothing> action_outbox::forget(uint64_t last_number) const {
    return database_.guarded([&] {
        SQLite::Statement remove(*database_, "DELETE FROM actions WHERE number <= ?");
        remove.bind(1, static_cast<int64_t>(last_number));
        remove.exec();
        return nothing{};
    });
}

}  // namespace ie
