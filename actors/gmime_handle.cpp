#include "actors/gmime_handle.hpp"

#include <mutex>

namespace ie {

void start_gmime() {
    static std::once_flag started;
    std::call_once(started, g_mime_init);
}

gmime_options::gmime_options() {
    start_gmime();
    options_ = g_mime_parser_options_new();
    const char* charsets[] = {"utf-8", "iso-8859-1", nullptr};
    g_mime_parser_options_set_fallback_charsets(options_, charsets);
}

gmime_object<GMimeMessage> parse_mail(std::string_view mail) {
    const gmime_options options;
    const gmime_object<GMimeStream> stream(
        g_mime_stream_mem_new_with_buffer(mail.data(), mail.size()));
    const gmime_object<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
    return gmime_object<GMimeMessage>(g_mime_parser_construct_message(parser.get(), options.get()));
}

}  // namespace ie
