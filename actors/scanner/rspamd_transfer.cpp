#include "actors/scanner/rspamd_transfer.hpp"

#include <algorithm>

#include "actors/scanner/rspamd_client.hpp"
#include "actors/scanner/rspamd_request.hpp"
#include "config/log.hpp"

namespace ie {
namespace {

constexpr std::string_view fixed_headers[] = {
    "Content-Type: message/rfc822",
    "Expect:",  // none: libcurl would wait for a "100 Continue" that Rspamd doesn't send
    "Accept:",
};

std::string url_of(const configuration::rspamd_part& settings) {
    std::string url = settings.url;
    while (url.ends_with('/')) url.pop_back();
    return url + "/checkv2";
}

check_result fault(check_fault kind, std::string what) {
    return {{}, kind, std::move(what)};
}

check_fault fault_of(CURLcode code) {
    switch (code) {
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_PARTIAL_FILE:
        case CURLE_BAD_CONTENT_ENCODING:
            return check_fault::garbage;
        default:
            return check_fault::absent;
    }
}

template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
    const CURLcode code = curl_easy_setopt(handle, option, value);
    ensure(code == CURLE_OK, curl_easy_strerror(code));
}

}  // namespace

check_result too_late(const pending_check& check, int64_t now_ms) {
    const auto kind = check.patient ? check_fault::slow : check_fault::hurried;
    return fault(kind, "no answer in " + std::to_string(now_ms - check.asked_at_ms) + " ms");
}

rspamd_transfer::rspamd_transfer(const configuration::rspamd_part& settings)
    : handle_(curl_easy_init()),
      settings_ids_{settings.settings_id, settings.incoming_settings_id} {
    ensure(handle_ != nullptr, "curl_easy_init failed");
    set(handle_, CURLOPT_URL, url_of(settings).c_str());
    set(handle_, CURLOPT_PROTOCOLS_STR, "http,https");
    set(handle_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(handle_, CURLOPT_PROXY, "");  // whatever the environment says
    set(handle_, CURLOPT_NOSIGNAL, 1L);
    set(handle_, CURLOPT_POST, 1L);
    set(handle_, CURLOPT_WRITEFUNCTION, &rspamd_transfer::on_data);
    set(handle_, CURLOPT_WRITEDATA, static_cast<void*>(this));
    set(handle_, CURLOPT_PRIVATE, static_cast<void*>(this));
    set(handle_, CURLOPT_ERRORBUFFER, error_.data());
}

rspamd_transfer::~rspamd_transfer() {
    curl_easy_cleanup(handle_);
}

void rspamd_transfer::begin(pending_check check, int64_t now_ms) {
    check_ = std::move(check);
    reply_.clear();
    reply_cut_ = false;
    error_[0] = '\0';
    const judge_mail& mail = check_.request.mail;
    headers_ = rspamd_request_headers(mail, check_.request.submitter,
                                      settings_ids_.at(static_cast<size_t>(mail.direction)));
    headers_.insert(headers_.end(), std::begin(fixed_headers), std::end(fixed_headers));
    header_list_.resize(headers_.size());
    for (size_t i = 0; i < headers_.size(); ++i) {
        header_list_[i].data = headers_[i].data();
        header_list_[i].next = i + 1 < headers_.size() ? &header_list_[i + 1] : nullptr;
    }
    const auto bytes = check_.request.bytes.view().substr(0, rspamd_mail_bytes_max);
    const int64_t left_ms = std::max<int64_t>(1, check_.give_up_at_ms - now_ms);
    set(handle_, CURLOPT_HTTPHEADER, header_list_.data());
    set(handle_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(bytes.size()));
    set(handle_, CURLOPT_POSTFIELDS, bytes.empty() ? "" : bytes.data());  // libcurl keeps no copy
    set(handle_, CURLOPT_TIMEOUT_MS, static_cast<long>(left_ms));
}

answered_check rspamd_transfer::finish(CURLcode code, int64_t now_ms) {
    return abandon(result_of(code, now_ms));
}

answered_check rspamd_transfer::abandon(check_result result) {
    answered_check over{std::move(check_.done), std::move(result)};
    check_ = {};  // lets go of the mail
    return over;
}

size_t rspamd_transfer::on_data(char* data, size_t size, size_t count, void* self) {
    auto& transfer = *static_cast<rspamd_transfer*>(self);
    const size_t room = rspamd_reply::size_bytes_max - transfer.reply_.size();
    const size_t got = size * count;
    transfer.reply_.append(data, std::min(got, room));
    if (got <= room) return got;
    transfer.reply_cut_ = true;
    return 0;
}

check_result rspamd_transfer::result_of(CURLcode code, int64_t now_ms) const {
    if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && reply_cut_)) return result_of_reply();
    if (code == CURLE_OPERATION_TIMEDOUT) return too_late(check_, now_ms);
    const char* what = error_[0] != '\0' ? error_.data() : curl_easy_strerror(code);
    return fault(fault_of(code), what);
}

check_result rspamd_transfer::result_of_reply() const {
    long status = 0;
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
    if (status == 400 || status == 413) {
        return fault(check_fault::refused, "HTTP " + std::to_string(status));
    }
    if (status != 200) return fault(check_fault::garbage, "HTTP " + std::to_string(status));
    auto reply = parse_rspamd_reply(reply_);
    if (!reply) return fault(check_fault::garbage, reply.failure().what);
    return {std::move(*reply), check_fault::none, {}};
}

}  // namespace ie
