#include "gateway/zmq/routes.hpp"

#include <algorithm>
#include <array>

namespace ie {
namespace {

constexpr size_t control_body_bytes_max = 256 << 10;  // 1,000 mail ids and a filter fit well
constexpr unsigned route_bits = 5;

constexpr role_set bit(caller_role role) {
    return static_cast<role_set>(1U << static_cast<unsigned>(role));
}
constexpr role_set root = bit(caller_role::root);
constexpr role_set exim_or_root = root | bit(caller_role::exim);
constexpr role_set account_or_root = root | bit(caller_role::account);

template <class Handle, class... Parts>
using reply_types = caf::response_type<typename Handle::signatures, Parts...>;

encoded_reply unknown_answer() {
    return encode_reply(fail(error_code::internal, "an actor's answer of an unknown type"));
}

template <class Replies>
struct encoder;
template <class Reply>
struct encoder<caf::detail::type_list<Reply>> {
    static encoded_reply encode(const caf::type_erased_tuple& answer) {
        if (!answer.match_elements<Reply>()) return unknown_answer();
        return encode_reply(answer.get_as<Reply>(0));
    }
};
template <class Reply>
struct encoder<caf::detail::type_list<Reply, mail_bytes>> {
    static encoded_reply encode(const caf::type_erased_tuple& answer) {
        if (!answer.match_elements<Reply, mail_bytes>()) return unknown_answer();
        return encode_reply(answer.get_as<Reply>(0), answer.get_as<mail_bytes>(1));
    }
};

template <message Request, auto Actor>
struct route_maker {
    using handle = std::remove_cvref_t<decltype(gateway_handles{}.*Actor)>;
    using with_mail = reply_types<handle, Request, request_context, mail_bytes>;
    using without_mail = reply_types<handle, Request, request_context>;
    static constexpr bool carries_mail = with_mail::valid;
    using replies = typename std::conditional_t<carries_mail, with_mail, without_mail>::type;
    static constexpr size_t body_bytes_max =
        carries_mail ? request_body_bytes_max : control_body_bytes_max;

    static outcome<nothing> send(actor_bridge& bridge, const gateway_handles& handles,
                                 route_request in) {
        const handle& to = handles.*Actor;
        if (!to) return fail(error_code::unavailable, "the engine is starting");
        auto request = decode<Request>(in.body, body_bytes_max);
        if (!request) return request.failure();
        if constexpr (carries_mail) {
            bridge.request(to, in.ticket, std::move(*request), std::move(in.context),
                           std::move(in.bytes));
        } else {
            bridge.request(to, in.ticket, std::move(*request), std::move(in.context));
        }
        return nothing{};
    }
};

template <message Request, auto Actor>
constexpr route make_route(role_set who_may) {
    using made = route_maker<Request, Actor>;
    return {Request::name,        who_may,     made::carries_mail,
            made::body_bytes_max, &made::send, &encoder<typename made::replies>::encode};
}

// clang-format off
constexpr std::array routes{
    make_route<judge_mail,      &gateway_handles::intake>    (exim_or_root),
    make_route<hold_mail,       &gateway_handles::quarantine>(exim_or_root),
    make_route<confirm_release, &gateway_handles::quarantine>(exim_or_root),
    make_route<list_mails,      &gateway_handles::quarantine>(account_or_root),
    make_route<show_mail,       &gateway_handles::quarantine>(account_or_root),
    make_route<release_mails,   &gateway_handles::quarantine>(account_or_root),
    make_route<remove_mails,    &gateway_handles::quarantine>(account_or_root),
    make_route<list_accounts,   &gateway_handles::quarantine>(account_or_root),
    make_route<purge_account,   &gateway_handles::quarantine>(account_or_root),
    make_route<check_store,     &gateway_handles::quarantine>(root),
    make_route<edit_account,    &gateway_handles::settings>  (root),
    make_route<get_activity,    &gateway_handles::statistics>(account_or_root),
    make_route<get_settings,    &gateway_handles::settings>  (root),
    make_route<change_settings, &gateway_handles::settings>  (root),
    make_route<list_limits,     &gateway_handles::settings>  (root),
    make_route<change_limits,   &gateway_handles::settings>  (root),
    make_route<reset_counts,    &gateway_handles::settings>  (root),
    make_route<list_whitelist,  &gateway_handles::settings>  (root),
    make_route<change_whitelist,&gateway_handles::settings>  (root),
    make_route<get_incoming,    &gateway_handles::settings>  (account_or_root),
    make_route<change_incoming, &gateway_handles::settings>  (account_or_root),
    make_route<get_incoming_stats, &gateway_handles::statistics>(account_or_root),
    make_route<list_audit,      &gateway_handles::settings>  (root),
    make_route<get_status,      &gateway_handles::supervisor>(exim_or_root),
    make_route<advance_clock,   &gateway_handles::supervisor>(root),
};
// clang-format on
constexpr uint64_t event_route = (1U << route_bits) - 1;  // is no route's
static_assert(routes.size() <= event_route);

encoded_reply encode_nothing(const caf::type_erased_tuple& /*answer*/) {
    return {};
}

}  // namespace

std::span<const route> all_routes() {
    return routes;
}

const route* find_route(std::string_view name) {
    const auto found = std::find_if(routes.begin(), routes.end(),
                                    [&](const route& each) { return each.name == name; });
    return found == routes.end() ? nullptr : &*found;
}

uint64_t make_ticket(uint64_t sequence, const route& to) {
    return sequence << route_bits | static_cast<uint64_t>(&to - routes.data());
}

uint64_t make_event_ticket(uint64_t sequence) {
    return sequence << route_bits | event_route;
}

bool is_event_ticket(uint64_t ticket) {
    return (ticket & event_route) == event_route;
}

reply_encoder encoder_of_ticket(uint64_t ticket) {
    if (is_event_ticket(ticket)) return encode_nothing;
    return routes[ticket & event_route].encode;
}

}  // namespace ie
