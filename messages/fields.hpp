// How a struct says once what it is made of. A described struct has `static constexpr auto
// fields()` returning a tuple of `field`s in wire order; a message has a `name` and a `version`
// besides. Wire format, JSON, CAF inspection, equality and log keys are all derived from that one
// list.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

namespace ie {

template <class Struct, class Member>
struct field {
    std::string_view name;  // JSON key, log key and the name in docs/wire.md
    Member Struct::*member;
};

template <class Struct, class Member>
field(const char*, Member Struct::*) -> field<Struct, Member>;

template <class T>
concept described = requires {
    std::tuple_size<decltype(T::fields())>::value;
};

// `version` counts from 1 and grows by one with each appended field.
template <class T>
concept message = described<T> && requires {
    typename std::bool_constant<(T::version > 0) && !std::string_view(T::name).empty()>;
};

// An enum that names its values: `constexpr auto enum_names(Enum)` returns them in order from 0.
template <class T>
concept named_enum = std::is_enum_v<T> && requires(T value) {
    enum_names(value);
};

template <named_enum T>
constexpr std::string_view name_of(T value) {
    const auto names = enum_names(value);
    const auto index = static_cast<size_t>(value);
    return index < names.size() ? names[index] : std::string_view{"unknown"};
}

template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};

// Calls visit(field name, field value) for each field in declared order.
template <described T, class Visitor>
constexpr void for_each_field(T& object, Visitor&& visit) {
    std::apply([&](const auto&... each) { (visit(each.name, object.*(each.member)), ...); },
               std::remove_const_t<T>::fields());
}

template <described T>
constexpr size_t field_count() {
    return std::tuple_size_v<decltype(T::fields())>;
}

template <described T>
bool operator==(const T& left, const T& right) {
    return std::apply(
        [&](const auto&... each) { return ((left.*(each.member) == right.*(each.member)) && ...); },
        T::fields());
}

// CAF's inspection protocol; a template, so that messages/ needs no CAF.
template <class Inspector, described T>
auto inspect(Inspector& inspector, T& object) {
    return std::apply([&](const auto&... each) { return inspector(object.*(each.member)...); },
                      T::fields());
}

}  // namespace ie
