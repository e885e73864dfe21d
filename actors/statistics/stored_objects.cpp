#include "actors/statistics/stored_objects.hpp"

namespace ie {
namespace {

std::string key_bytes(const object_key& key) {
    std::string bytes;
    for (const uint64_t half : {key.high, key.low}) {
        for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(half >> shift);
    }
    return bytes;
}

object_key key_of(std::string_view bytes) {
    object_key key;
    if (bytes.size() != 16) return key;
    for (size_t i = 0; i < 16; ++i) {
        uint64_t& half = i < 8 ? key.high : key.low;
        half = half << 8 | static_cast<uint8_t>(bytes[i]);
    }
    return key;
}

// False where it can't stand there: a damaged file.
bool add_object(object_names& objects, SQLite::Statement& row) {
    const int64_t kind = row.getColumn(2).getInt64();
    const int64_t parent = row.getColumn(3).getInt64();
    if (kind < 0 || kind >= static_cast<int64_t>(sender_kinds)) return false;
    if (parent < 0 || parent > objects.size()) return false;
    const std::string key = row.getColumn(1).getString();
    const std::string name = row.getColumn(4).getString();
    return objects.add({key_of(key), static_cast<sender_kind>(kind), static_cast<uint32_t>(parent),
                        name}) == row.getColumn(0).getInt64();
}

}  // namespace

void bind_bytes(SQLite::Statement& statement, int place, std::string_view bytes) {
    // (A null pointer would be bound as NULL.)
    statement.bindNoCopy(place, bytes.empty() ? "" : bytes.data(), static_cast<int>(bytes.size()));
}

void insert_objects(SQLite::Database& database, const object_names& objects, uint32_t saved) {
    SQLite::Statement insert(database, "INSERT INTO objects VALUES (?, ?, ?, ?, ?)");
    for (uint32_t number = saved + 1; number <= objects.size(); ++number) {
        const sender_object object = objects[number];
        const std::string key = key_bytes(object.key);
        insert.bind(1, static_cast<int64_t>(number));
        bind_bytes(insert, 2, key);
        insert.bind(3, static_cast<int>(object.kind));
        insert.bind(4, static_cast<int64_t>(object.parent));
        bind_bytes(insert, 5, object.name);
        insert.exec();
        insert.reset();
    }
}

bool select_objects(SQLite::Database& database, object_names& objects) {
    SQLite::Statement select(database,
                             "SELECT number, key, kind, parent, name FROM objects ORDER BY number");
    while (select.executeStep()) {
        if (!add_object(objects, select)) return false;
    }
    return true;
}

renumbered_objects without_idle(const object_names& objects, std::vector<bool>& seen) {
    for (uint32_t number = objects.size(); number > 0; --number) {
        if (seen[number]) seen[objects[number].parent] = true;
    }
    renumbered_objects kept;
    kept.objects = object_names(objects.bounds());
    kept.numbers.assign(objects.size() + 1, 0);
    for (uint32_t number = 1; number <= objects.size(); ++number) {
        if (!seen[number]) continue;
        sender_object object = objects[number];
        object.parent = kept.numbers[object.parent];
        kept.numbers[number] = kept.objects.add(object);
    }
    kept.forgotten = objects.size() - kept.objects.size();
    return kept;
}

// In ascending order: a new number is never above the old one, so none is taken when it is given.
void renumber_last_holds(SQLite::Database& database, const std::vector<uint32_t>& numbers) {
    std::vector<int64_t> accounts;
    SQLite::Statement select(database, "SELECT account FROM last_holds ORDER BY account");
    while (select.executeStep()) accounts.push_back(select.getColumn(0).getInt64());
    select.reset();
    SQLite::Statement remove(database, "DELETE FROM last_holds WHERE account = ?");
    SQLite::Statement update(database, "UPDATE last_holds SET account = ? WHERE account = ?");
    for (const int64_t account : accounts) {
        const auto place = static_cast<size_t>(account);
        const uint32_t number = place < numbers.size() ? numbers[place] : 0;
        SQLite::Statement& change = number == 0 ? remove : update;
        if (number != 0) change.bind(1, static_cast<int64_t>(number));
        change.bind(number == 0 ? 1 : 2, account);
        change.exec();
        change.reset();
    }
}

}  // namespace ie
