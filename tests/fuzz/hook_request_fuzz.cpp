// The hook's judge socket: any bytes, in pieces whose length the first byte gives; and what it does
// with the headers of incoming mail.
#include "gateway/exim_hook/incoming_headers.hpp"
#include "gateway/exim_hook/judge_request.hpp"
#include "gateway/exim_hook/recipient_list.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const size_t step = size_t{data[0]} + 1;
    std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    ie::hook_request_reader reader;
    while (!bytes.empty()) {
        const auto done = reader.receive(bytes.substr(0, step));
        bytes.remove_prefix(std::min(step, bytes.size()));
        if (!done) continue;
        if (*done && std::holds_alternative<ie::judge_request>(**done)) {
            const auto& request = std::get<ie::judge_request>(**done);
            if (!ie::is_queue_id(request.id.value)) __builtin_trap();
            ie::split_recipients(request.recipients);
            ie::incoming_headers(request.headers, request.added_headers);
        }
        break;
    }
    return 0;
}
