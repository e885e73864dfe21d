// How fast attachments are looked into, on one core: the messages of the test data (IE_TEST_DATA,
// by default ../shared/data), compared with what GMime alone takes to parse the same messages and
// decode all their parts. Of all messages; of those that may have attachments, which are looked
// into; and of the hard ones. Times are the processor's. Prints a JSON line for each figure.
//   attachments_bench [ROUNDS, 7]
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>

#include "actors/gmime_handle.hpp"
#include "config/log.hpp"
#include "tests/support/attachment_rules.hpp"
#include "tests/support/mime_corpus.hpp"
#include "tools/bench.d/figures.hpp"

namespace ie {
namespace {

using mails = std::vector<std::string>;

double cpu_s() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double us_a_message(const mails& all, const std::function<void(const std::string&)>& work) {
    const double begun_s = cpu_s();
    for (const auto& mail : all) work(mail);
    return (cpu_s() - begun_s) * 1e6 / static_cast<double>(all.size());
}

void decode(GMimeObject*, GMimeObject* part, gpointer) {
    if (!GMIME_IS_PART(part)) return;
    GMimeDataWrapper* content = g_mime_part_get_content(GMIME_PART(part));
    if (content == nullptr || g_mime_data_wrapper_get_stream(content) == nullptr) return;
    const gmime_object<GMimeStream> out(g_mime_stream_mem_new());
    g_mime_data_wrapper_write_to_stream(content, out.get());
}

void parse_and_decode(const std::string& mail) {
    if (mail.empty()) return;
    const auto message = parse_mail(mail);
    if (message) g_mime_message_foreach(message.get(), decode, nullptr);
}

void measure(const std::string& name, const mails& all, int rounds, figures& out) {
    const auto rules = testing::default_attachment_rules();
    for (int i = 0; i < rounds; ++i) {
        out.add(name + "_gmime_alone", us_a_message(all, parse_and_decode));
        const double us = us_a_message(all, [&](const std::string& mail) {
            if (may_have_attachments(mail)) testing::scan_in_peace(mail, rules);
        });
        out.add(name, us);
        out.add(name + "_rate", 1e6 / us);
    }
    out.print(name + "_gmime_alone", "us");
    out.print(name, "us", name + "_gmime_alone");
    out.print(name + "_rate", "messages/s");
}

void run(int rounds) {
    mails hard, all, with_attachments;
    for (const char* archive :
         {"mime/public", "spamassassin/train", "spamassassin/dev", "phishing/dev"}) {
        const auto messages = testing::test_data(archive);
        ensure(!messages.empty(), "the test data is missing: set IE_TEST_DATA");
        for (const auto& each : messages) {
            if (archive == std::string_view("mime/public")) hard.push_back(each.bytes);
            if (may_have_attachments(each.bytes)) with_attachments.push_back(each.bytes);
            all.push_back(each.bytes);
        }
    }
    figures out("attachments");
    start_gmime();
    measure("all", all, rounds, out);
    measure("with_attachments", with_attachments, rounds, out);
    measure("hard", hard, rounds, out);
}

}  // namespace
}  // namespace ie

int main(int argc, char** argv) {
    ie::run(argc > 1 ? std::max(1, std::atoi(argv[1])) : 7);
    return 0;
}
