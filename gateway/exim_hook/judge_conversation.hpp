// One request of Exim's ${readsocket}: `judge`, answered with the engine's verdict or, where there
// is none in time, with hook.fail_open; or `confirm`, for a released mail. Keeps nothing: on a
// crash Exim sees the connection end and does what it does where there is no hook.
#pragma once

#include "gateway/exim_hook/conversation.hpp"
#include "gateway/exim_hook/judge_request.hpp"
#include "gateway/exim_hook/policy.hpp"
#include "gateway/exim_hook/socket_owner.hpp"

namespace ie {

class judge_conversation : public conversation {
  public:
    judge_conversation(connection_id self, hook_shared& shared) : self_(self), shared_(shared) {}

    void on_bytes(std::string_view bytes) override;
    void on_end() override;
    void on_answer(const outcome<parcel>& reply) override;
    void on_drain() override;
    void on_no_memory() override;

    std::string take_output() override { return std::exchange(output_, {}); }
    bool waiting() const override { return state_ == state::waiting; }
    bool finished() const override { return state_ == state::finished; }
    size_t memory_bytes() const override { return reader_.memory_bytes(); }

  private:
    enum class state : uint8_t { reading, waiting, finished };

    void begin(judge_request& request);
    void begin(const confirm_request& request);
    outcome<nothing> ask_verdict(judge_request& request, const client_owner& client);
    void answer(const judge_request& request, const outcome<parcel>& reply);
    void answer(const confirm_request& request, const outcome<parcel>& reply);
    void apply_policy(const judge_request& request, const error& failure);
    void defer_nobodys(const judge_request& request);
    void reply_unjudged(const judge_request& request, fail_policy policy, std::string_view reason,
                        std::string_view what);
    void refuse(const error& failure);
    void finish(std::string_view lines);

    connection_id self_;
    hook_shared& shared_;
    state state_ = state::reading;
    hook_request_reader reader_;
    hook_request request_;  // once it is complete; without its headers once they are sent
    std::string output_;
};

}  // namespace ie
