// One HTTP request to Rspamd at a time, over and over, on one of libcurl's easy handles.
#pragma once

#include <curl/curl.h>

#include <memory>

#include "actors/scanner/spam_checker.hpp"
#include "config/configuration.hpp"

namespace ie {

// A request on its way through the client.
struct pending_check {
    check_request request;
    spam_checker::callback done;
    int64_t asked_at_ms = 0;    // by steady_now_ms()
    int64_t give_up_at_ms = 0;  // the same clock
    bool patient = true;        // between the two is time enough for an Rspamd in health
};

// A request that is over, and whom to tell.
struct answered_check {
    spam_checker::callback done;
    check_result result;
};

class rspamd_transfer {
  public:
    explicit rspamd_transfer(const configuration::rspamd_part& settings);
    ~rspamd_transfer();
    rspamd_transfer(const rspamd_transfer&) = delete;
    rspamd_transfer& operator=(const rspamd_transfer&) = delete;

    CURL* handle() const { return handle_; }

    // Afterwards the handle is ready for curl_multi_add_handle.
    void begin(pending_check check, int64_t now_ms);

    // Call once the handle has left the multi interface.
    answered_check finish(CURLcode code, int64_t now_ms);
    answered_check abandon(check_result result);

  private:
    static size_t on_data(char* data, size_t size, size_t count, void* self);
    check_result result_of(CURLcode code, int64_t now_ms) const;
    check_result result_of_reply() const;

    CURL* handle_;
    std::array<std::string, 2> settings_ids_;  // by mail_direction
    pending_check check_;
    std::vector<std::string> headers_;
    std::vector<curl_slist> header_list_;  // refers to headers_
    std::string reply_;
    bool reply_cut_ = false;
    std::array<char, CURL_ERROR_SIZE> error_{};
};

// What to say of a check that was not answered in time.
check_result too_late(const pending_check& check, int64_t now_ms);

}  // namespace ie
