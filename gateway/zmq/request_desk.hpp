// What happens to each request between its frames and its actor: read, checked, counted against the
// credit, sent on; and its answer or its deadline, whichever comes first. Owns what is in flight.
// For one thread; knows no socket.
#pragma once

#include <zmq.hpp>

#include <functional>
#include <set>
#include <unordered_map>

#include "config/configuration.hpp"
#include "gateway/doors/refusals.hpp"
#include "gateway/zmq/credit.hpp"
#include "gateway/zmq/refusal_trail.hpp"
#include "gateway/zmq/routes.hpp"

namespace ie {

// Where an answer goes.
struct return_address {
    bool on_network = false;
    zmq::message_t peer;      // on the network
    size_t door = 0;          // on this machine
    uint64_t connection = 0;  // of that door
    bool delimiter = true;    // a client that sent none gets none
};

struct arrival {
    return_address from;
    caller who;
    std::vector<zmq::message_t> frames;  // head, body, bytes; without peer and delimiter
    bool too_many_frames = false;
    std::optional<error> why_unknown;  // the system can't say now who it is
};

class request_desk {
  public:
    static constexpr size_t request_frames_max = 3;

    // Requests in flight that carry no mail, of root, of Exim, of all others and of one account.
    static constexpr uint64_t controls_max = 256;
    static constexpr uint64_t controls_of_exim_max = 256;
    static constexpr uint64_t controls_of_others_max = 256;
    static constexpr uint32_t controls_of_account_max = 16;
    static constexpr uint64_t bytes_of_others_max = 16 << 20;  // of their requests in flight

    // A deadline beyond this one is taken for it.
    static constexpr uint32_t deadline_ms_max = 600'000;

    // How long a request counts against the credit after its deadline when its actor still hasn't
    // answered: it may still stand in a mailbox.
    static constexpr int64_t abandoned_ms = 2'000;

    // Fails: busy (the client has too much to read yet); an error can always be sent.
    using reply_sink =
        std::function<outcome<nothing>(return_address&, uint64_t request_id, encoded_reply)>;

    request_desk(const configuration::gateway_part& bounds, actor_bridge& bridge, reply_sink sink);

    struct service {
        const gateway_handles& handles;
        bool draining = false;
    };
    void take(arrival in, const service& now);
    void finish(finished_request done, const gateway_handles& handles);
    void expire();
    void refuse_all(const error& why);  // whatever is in flight

    // Of refusals that were only counted; where `stopping`, of all.
    bool sums_are_due() const;
    void send_sums(const gateway_handles& handles, bool stopping);

    // Milliseconds until expire() or send_sums() has something to do; -1: nothing.
    long timeout_ms() const;
    size_t in_flight() const { return in_flight_; }

  private:
    struct pending {
        return_address from;
        const route* to = nullptr;
        uint64_t request_id = 0;
        int64_t due_at_ms = 0;
        caller who;
        bool counts_for_account = false;
        bool answered = false;
        credit_hold slot;
        credit_hold bytes;  // of a request without mail; a mail's bytes keep their own
    };
    struct checked {
        const route* to = nullptr;
        int64_t deadline_at_ms = 0;
    };

    outcome<checked> check(const arrival& in, const wire_head& head, const service& now) const;
    outcome<nothing> take_credit(const arrival& in, const route& to, pending& slot,
                                 mail_bytes& bytes);
    outcome<nothing> send_on(arrival& in, const wire_head& head, const service& now);
    void refuse(arrival& in, uint64_t request_id, const std::string& name, const error& why);
    void put_on_record(const gateway_handles& handles, const caller& who, std::string_view request,
                       const std::string& why);
    void keep(uint64_t ticket, pending entry);
    void forget(uint64_t ticket);
    void time_out(pending& entry);
    void answer(pending& entry, encoded_reply reply);
    void send_error(return_address& to, uint64_t request_id, const error& why);

    configuration::gateway_part bounds_;
    actor_bridge& bridge_;
    reply_sink sink_;
    refusal_trail trail_;
    refusals refusals_;
    logger log_{"gateway"};
    std::shared_ptr<credit_pool> mails_;
    std::shared_ptr<credit_pool> controls_;
    std::shared_ptr<credit_pool> controls_of_exim_;
    std::shared_ptr<credit_pool> controls_of_others_;
    std::shared_ptr<credit_pool> bytes_;
    std::shared_ptr<credit_pool> bytes_of_others_;
    std::unordered_map<uint64_t, pending> pending_;      // by ticket
    std::set<std::pair<int64_t, uint64_t>> by_due_;      // (due_at_ms, ticket)
    std::unordered_map<uint32_t, uint32_t> of_account_;  // uid → its controls in flight
    uint64_t sequence_ = 0;
    size_t in_flight_ = 0;
};

}  // namespace ie
