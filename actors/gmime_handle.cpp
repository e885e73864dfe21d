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

}  // namespace ie
