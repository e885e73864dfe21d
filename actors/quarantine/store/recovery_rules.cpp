#include "actors/quarantine/store/recovery_rules.hpp"

namespace ie {
namespace {

constexpr auto leave = recovery_step::leave;
constexpr auto write = recovery_step::write;
constexpr auto name = recovery_step::name;
constexpr auto carry = recovery_step::carry;
constexpr auto lose = recovery_step::lose;
constexpr auto drop = recovery_step::drop;

// By row, and there by disk: ok, full, failing.
struct line {
    std::array<recovery_step, 3> held, settled, none;
};

constexpr std::array<recovery_step, 3> same(recovery_step step) {
    return {step, step, step};
}
constexpr std::array<recovery_step, 3> or_carry(recovery_step step) {
    return {step, carry, carry};
}

// What is there is written anew, too: the disk may have refused it before, and told somebody else.
constexpr line written{or_carry(write), same(leave), or_carry(write)};
constexpr line named{or_carry(name), same(leave), or_carry(name)};
constexpr line gone{same(lose), same(leave), same(lose)};

// By entry and file.
constexpr std::array<std::array<line, 4>, 3> table{{
    // named, staged, absent, altered
    {written, written, written, written},
    {named, named, gone, gone},
    // A row is made after the entry's fsync: with one it was acknowledged, and has been damaged.
    {{{or_carry(name), same(leave), or_carry(name)},
      {or_carry(name), same(leave), same(drop)},
      {same(lose), same(leave), same(drop)},
      {same(lose), same(leave), same(drop)}}},
}};

template <class Enum>
constexpr size_t at(Enum value) {
    return static_cast<size_t>(value);
}

}  // namespace

recovery_step step_for(const recovery_case& found) {
    const line& of = table[at(found.entry)][at(found.file)];
    const auto& steps = found.row == row_state::held      ? of.held
                        : found.row == row_state::settled ? of.settled
                                                          : of.none;
    return steps[at(found.disk)];
}

}  // namespace ie
