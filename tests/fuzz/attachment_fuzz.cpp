// Whatever a mail is, looking into it ends within its bounds, with findings that a log can take;
// and where the hint lets a mail pass without a look, there was nothing to find.
#include <cstdint>

#include "config/log.hpp"
#include "messages/text.hpp"
#include "tests/support/attachment_rules.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const ie::attachment_rules rules = [] {
        auto made = ie::testing::default_attachment_rules();
        made.entries_max = 100;
        made.unpacked_bytes_max = 1 << 20;
        return made;
    }();
    const std::string_view mail(reinterpret_cast<const char*>(data), size);
    int calls = 0;
    const auto found = ie::scan_attachments(
        mail, rules, {[&calls] { return ++calls > 10'000; }, [] { return false; }});
    ie::ensure(found.findings.size() <= ie::hold_ticket::findings_max, "too many findings");
    ie::ensure(!found.is_dangerous || !found.findings.empty(), "a danger without words");
    for (const auto& each : found.findings) {
        ie::ensure(each.size() <= ie::hold_ticket::finding_bytes_max, "a long finding");
        ie::ensure(each == ie::printable(each), "a finding that isn't printable");
    }
    return 0;
}
