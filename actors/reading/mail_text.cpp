#include "actors/reading/mail_text.hpp"

#include <algorithm>

#include "actors/gmime_handle.hpp"
#include "actors/reading/charset.hpp"
#include "actors/reading/html_text.hpp"
#include "actors/reading/mail_headers.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

class text_collector {
  public:
    explicit text_collector(const mail_text_bounds& bounds) : bounds_(bounds) {}

    void visit(GMimeObject* object, size_t depth) {
        if (object == nullptr || depth > bounds_.depth_max || is_full()) return;
        ++parts_;
        if (GMIME_IS_MULTIPART(object)) {
            visit_multipart(GMIME_MULTIPART(object), depth);
        } else if (GMIME_IS_MESSAGE_PART(object)) {
            visit_message(GMIME_MESSAGE_PART(object), depth);
        } else if (GMIME_IS_PART(object)) {
            visit_part(GMIME_PART(object), depth);
        }
    }

    std::string take() { return std::string(utf8_prefix(text_, bounds_.text_bytes_max)); }

  private:
    bool is_full() const {
        return parts_ >= bounds_.parts_max || text_.size() >= bounds_.text_bytes_max;
    }

    void visit_multipart(GMimeMultipart* parts, size_t depth) {
        const int count = g_mime_multipart_get_count(parts);
        for (int i = 0; i < count && !is_full(); ++i) {
            visit(g_mime_multipart_get_part(parts, i), depth + 1);
        }
    }

    // Its content is encoded, against RFC 2046, where what was parsed has nothing in it.
    void visit_message(GMimeMessagePart* part, size_t depth) {
        GMimeMessage* inner = g_mime_message_part_get_message(part);
        if (inner != nullptr) visit(g_mime_message_get_mime_part(inner), depth + 1);
    }

    void visit_part(GMimePart* part, size_t depth) {
        GMimeContentType* type = g_mime_object_get_content_type(GMIME_OBJECT(part));
        const auto is = [type](const char* media, const char* sub) {
            return type != nullptr && g_mime_content_type_is_type(type, media, sub);
        };
        if (is("message", "rfc822") || is("message", "global")) {
            visit_encoded_message(content_of(part), depth);
        } else if (is("text", "html") || is("application", "xhtml+xml")) {
            add_html(content_of(part), charset_of(type));
        } else if (is("text", "*") || type == nullptr) {
            add(text_of(content_of(part), charset_of(type)));
        }
    }

    void visit_encoded_message(const std::string& mail, size_t depth) {
        const auto message = parse_mail(mail);
        if (message) visit(g_mime_message_get_mime_part(message.get()), depth + 1);
    }

    static std::string charset_of(GMimeContentType* type) {
        const char* charset =
            type == nullptr ? nullptr : g_mime_content_type_get_parameter(type, "charset");
        return charset == nullptr ? "" : charset;
    }

    static std::string content_of(GMimePart* part) {
        GMimeDataWrapper* content = g_mime_part_get_content(part);
        const gmime_object<GMimeStream> stream(g_mime_stream_mem_new());
        if (content == nullptr) return {};
        g_mime_data_wrapper_write_to_stream(content, stream.get());
        const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
        return {reinterpret_cast<const char*>(bytes->data), bytes->len};
    }

    void add_html(const std::string& bytes, std::string charset) {
        if (charset.empty()) charset = html_charset(bytes);
        add(html_text(text_of(bytes, charset)));
    }

    void add(const std::string& text) {
        if (!text_.empty()) text_ += text_.back() == '\n' ? "\n" : "\n\n";
        text_ += text;
    }

    const mail_text_bounds& bounds_;
    size_t parts_ = 0;
    std::string text_;
};

}  // namespace

std::string mail_text(std::string_view mail, const mail_text_bounds& bounds) {
    const auto message = parse_mail(mail.substr(0, bounds.read_bytes_max));
    if (!message) return {};
    text_collector collector(bounds);
    collector.visit(g_mime_message_get_mime_part(message.get()), 0);
    return collector.take();
}

}  // namespace ie
