#include "actors/quarantine/mail_text.hpp"

#include <algorithm>

#include "actors/gmime_handle.hpp"
#include "actors/quarantine/html_text.hpp"
#include "actors/quarantine/mail_headers.hpp"
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
            GMimeMessage* inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
            if (inner != nullptr) visit(g_mime_message_get_mime_part(inner), depth + 1);
        } else if (GMIME_IS_TEXT_PART(object)) {
            add(GMIME_TEXT_PART(object));
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

    void add(GMimeTextPart* part) {
        const glib_text decoded(g_mime_text_part_get_text(part));
        if (!decoded) return;
        GMimeContentType* type = g_mime_object_get_content_type(GMIME_OBJECT(part));
        const bool is_html = type != nullptr && g_mime_content_type_is_type(type, "text", "html");
        if (!text_.empty()) text_ += text_.back() == '\n' ? "\n" : "\n\n";
        text_ += valid_utf8(is_html ? html_text(decoded.get()) : decoded.get());
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
