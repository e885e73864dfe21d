// What the hook's tests share: a folder with a spool, an engine that answers as a test says, and
// clients that speak as Exim does. Everything waits by deadline.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "config/system/file_handle.hpp"
#include "gateway/client/frames.hpp"
#include "gateway/exim_hook/hook_server.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ie {

inline constexpr int patience_ms = 20'000;  // longer than anything that goes well takes

// Polls until `condition` holds; false once patience is out.
bool eventually(const std::function<bool()>& condition);

// Answers at a ROUTER's end. Nothing returned: the request stays without an answer.
class fake_engine {
  public:
    using handler = std::function<std::optional<parcel>(const parcel& request)>;

    fake_engine(std::string endpoint, handler on_request);
    ~fake_engine();

    size_t received() const { return received_; }
    void stop();  // as if it had been killed

  private:
    void serve();

    std::string endpoint_;
    handler on_request_;
    std::atomic<size_t> received_ = 0;
    std::atomic<bool> stopping_ = false;
    std::atomic<bool> bound_ = false;
    std::thread thread_;
};

template <message T>
parcel reply_to(const parcel& request, const T& value) {
    return make_parcel(value, request.head.request_id);
}

// A blocking unix stream.
class unix_client {
  public:
    explicit unix_client(const std::string& path);

    bool connected() const { return static_cast<bool>(socket_); }
    void say(std::string_view bytes) const;
    void end() const;               // says nothing more, as Exim's readsocket does
    std::string rest() const;       // up to the end of the connection
    std::string line() const;       // with its line end; empty at the end of the connection
    bool silent_for(int ms) const;  // nothing can be read within that time

  private:
    file_handle socket_;
};

struct exim_mail {
    std::string id = "1nFEym-0005TO-Qs";
    std::string client = "192.0.2.7";
    std::string sender = "alice@alice.test";
    std::string recipients = "bob@far.test, \"odd, local\"@far.test";
    std::string headers = "Subject: hello\n";
    std::string login = "alice";
    uint16_t server_port = 25;  // at the client's own address
};

std::string judge_text(const exim_mail& mail);
std::string confirm_text(std::string_view release, std::string_view id);

class hook_fixture : public ::testing::Test {
  protected:
    void SetUp() override;
    void TearDown() override;

    void start_hook(hook_bounds bounds = {});
    void signal_hook();  // as SIGTERM does
    void stop_hook();
    void start_engine(fake_engine::handler on_request);
    void store_body(const std::string& id, const std::string& body) const;

    // One whole exchange on the judge socket.
    std::string ask(const std::string& text) const;
    std::string judge(const exim_mail& mail = {}) const { return ask(judge_text(mail)); }
    // The replies to a mail's final dot, one a recipient.
    std::string hold(const std::string& ticket, const std::string& data, int recipients = 1) const;
    unix_client lmtp() const { return unix_client(settings_.hook.lmtp_socket); }
    // True once the log of this test has `text`.
    bool logged(const std::string& text) const;

    const testing::temporary_folder folder_;
    configuration settings_;
    std::optional<fake_engine> engine_;

  private:
    file_handle signals_;
    std::optional<hook_server> hook_;
    std::thread thread_;
};

}  // namespace ie
