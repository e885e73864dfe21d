// GMime's and GLib's objects, owned. The first one made starts GMime.
#pragma once

#include <gmime/gmime.h>

#include <memory>
#include <string_view>

namespace ie {

void start_gmime();  // any number of times, from any thread

struct glib_free {
    void operator()(char* text) const { g_free(text); }
};
using glib_text = std::unique_ptr<char, glib_free>;

struct gmime_unref {
    template <class T>
    void operator()(T* object) const {
        g_object_unref(object);
    }
};
template <class T>
using gmime_object = std::unique_ptr<T, gmime_unref>;

// How we parse: lenient, and raw 8-bit text that isn't UTF-8 read as Latin 1, whatever the locale.
class gmime_options {
  public:
    gmime_options();
    ~gmime_options() { g_mime_parser_options_free(options_); }
    gmime_options(const gmime_options&) = delete;
    gmime_options& operator=(const gmime_options&) = delete;
    GMimeParserOptions* get() const { return options_; }

  private:
    GMimeParserOptions* options_;
};

// Parsed so. None where it is nothing that can be parsed.
gmime_object<GMimeMessage> parse_mail(std::string_view mail);

}  // namespace ie
