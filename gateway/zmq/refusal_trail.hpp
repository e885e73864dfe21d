// Who asked for what he may not have, on the way to the audit trail. The trail's bounds hold here
// already, so that nobody fills the mailbox of who writes it: 60 a minute and uid go one by one,
// the rest as one with their number; and no more than `on_the_way_max` wait in that mailbox, beyond
// which all are only counted. For one thread.
#pragma once

#include "actors/settings/audit_rules.hpp"
#include "gateway/zmq/actor_bridge.hpp"

namespace ie {

class refusal_trail {
  public:
    static constexpr size_t on_the_way_max = 1'024;

    explicit refusal_trail(actor_bridge& bridge) : bridge_(bridge) {}

    // `to` may be null: then it is forgotten. `now_ms`: steady.
    void add(const settings_actor& to, request_refused refused, int64_t now_ms);

    // Milliseconds until send_sums() has something to do; -1: nothing.
    int64_t timeout_ms(int64_t now_ms) const;
    // Of the minutes that have ended; where `stopping`, of all.
    void send_sums(const settings_actor& to, int64_t now_ms, bool stopping);

    // True where the ticket was for one of these: it has left the mailbox.
    bool arrived(uint64_t ticket);

    size_t on_the_way() const { return on_the_way_; }

  private:
    template <class... Parts>
    void send(const settings_actor& to, Parts&&... parts);

    actor_bridge& bridge_;
    refusal_budget budget_;
    size_t on_the_way_ = 0;
    uint64_t sequence_ = 0;
    int64_t looked_at_ms_ = 0;
};

}  // namespace ie
