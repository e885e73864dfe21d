#include "tools/bench.d/bare_curl_loop.hpp"

#include <curl/curl.h>

#include "config/log.hpp"
#include "messages/steady_clock.hpp"

namespace ie {
namespace {

size_t swallow(char*, size_t size, size_t count, void*) {
    return size * count;
}

CURL* make_handle(const bare_load& load, const std::string& url, curl_slist* headers) {
    CURL* handle = curl_easy_init();
    curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(load.mail.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, load.mail.data());
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, swallow);
    return handle;
}

// Returns how many transfers ended; starts each again.
uint64_t restart_finished(CURLM* multi) {
    uint64_t finished = 0;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
        ensure(message->data.result == CURLE_OK, curl_easy_strerror(message->data.result));
        CURL* handle = message->easy_handle;
        curl_multi_remove_handle(multi, handle);
        curl_multi_add_handle(multi, handle);
        ++finished;
    }
    return finished;
}

}  // namespace

double run_bare_curl_loop(const bare_load& load) {
    const std::string url = load.url + "/checkv2";
    curl_slist* headers = nullptr;
    for (const auto& line : load.headers) headers = curl_slist_append(headers, line.c_str());
    CURLM* multi = curl_multi_init();
    std::vector<CURL*> handles;
    for (uint32_t i = 0; i < load.connections; ++i) {
        handles.push_back(make_handle(load, url, headers));
        curl_multi_add_handle(multi, handles.back());
    }
    uint64_t finished = 0;
    const int64_t begun_ms = steady_now_ms();
    while (steady_now_ms() < begun_ms + load.duration_ms) {
        int running = 0;
        curl_multi_perform(multi, &running);
        const uint64_t now_finished = restart_finished(multi);
        finished += now_finished;
        if (now_finished == 0) curl_multi_poll(multi, nullptr, 0, 100, nullptr);
    }
    const auto took_ms = static_cast<double>(steady_now_ms() - begun_ms);
    for (CURL* handle : handles) {
        curl_multi_remove_handle(multi, handle);
        curl_easy_cleanup(handle);
    }
    curl_multi_cleanup(multi);
    curl_slist_free_all(headers);
    return static_cast<double>(finished) * 1'000.0 / took_ms;
}

}  // namespace ie
