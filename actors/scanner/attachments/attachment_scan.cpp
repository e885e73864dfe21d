#include "actors/scanner/attachments/attachment_scan.hpp"

#include <algorithm>

#include "actors/gmime_handle.hpp"
#include "actors/scanner/attachments/file_inspector.hpp"
#include "actors/scanner/attachments/lenient_encodings.hpp"
#include "actors/scanner/attachments/name_parameters.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

constexpr size_t parts_max = 100'000;  // of a mail, those of forwarded mails with them

std::vector<std::string> values_of(GMimeObject* part, std::string_view name) {
    std::vector<std::string> values;
    GMimeHeaderList* headers = g_mime_object_get_header_list(part);
    const int count = g_mime_header_list_get_count(headers);
    for (int i = 0; i < count; ++i) {
        GMimeHeader* header = g_mime_header_list_get_header_at(headers, i);
        const char* value = g_mime_header_get_raw_value(header);
        if (value == nullptr || !equal_ignoring_case(g_mime_header_get_name(header), name))
            continue;
        values.emplace_back(value);
    }
    return values;
}

// Of all such headers: a client may take the first or the last one.
std::vector<std::string> names_of(GMimeObject* part) {
    std::vector<std::string> names;
    for (const std::string_view header : {"content-disposition", "content-type"}) {
        for (const auto& value : values_of(part, header)) {
            for (auto& each : names_in(value)) names.push_back(std::move(each));
        }
    }
    return names;
}

// The boundaries of the multiparts that a client may take it for, where there is more than one
// reading: several Content-Types, or several boundaries in one.
std::vector<std::string> other_boundaries(GMimeObject* part) {
    const auto types = values_of(part, "content-type");
    std::vector<std::string> found;
    for (const auto& each : types) {
        for (auto& boundary : boundaries_in(each)) found.push_back(std::move(boundary));
    }
    if (types.size() < 2 && found.size() < 2) return {};
    return found;
}

// The name that GMime understands comes first.
std::vector<std::string> names_of_file(GMimePart* part) {
    auto names = names_of(GMIME_OBJECT(part));
    const char* name = g_mime_part_get_filename(part);
    if (name != nullptr && *name != '\0') names.insert(names.begin(), name);
    return names;
}

std::string type_of(GMimeObject* part) {
    const GMimeContentType* type = g_mime_object_get_content_type(part);
    if (type == nullptr || type->type == nullptr || type->subtype == nullptr) return {};
    return to_lower(std::string(type->type) + "/" + type->subtype);
}

// Of a stream in memory; nothing where there is none.
std::string_view bytes_of(GMimeStream* stream) {
    const GByteArray* array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    return {reinterpret_cast<const char*>(array->data), array->len};
}
std::string_view bytes_of(const gmime_object<GMimeStream>& stream) {
    return bytes_of(stream.get());
}

gmime_object<GMimeStream> decoded(GMimeDataWrapper* content) {
    gmime_object<GMimeStream> out(g_mime_stream_mem_new());
    if (content != nullptr && g_mime_data_wrapper_get_stream(content) != nullptr) {
        g_mime_data_wrapper_write_to_stream(content, out.get());
    }
    return out;
}

gmime_object<GMimeStream> as_it_came(GMimeDataWrapper* content) {
    gmime_object<GMimeStream> out(g_mime_stream_mem_new());
    GMimeStream* stream = content ? g_mime_data_wrapper_get_stream(content) : nullptr;
    if (stream != nullptr && g_mime_stream_reset(stream) == 0) {
        g_mime_stream_write_to_stream(stream, out.get());
    }
    return out;
}

std::string multipart_with(std::string_view boundary, std::string_view body) {
    return std::string("Content-Type: multipart/mixed; boundary=\"")
        .append(boundary)
        .append("\"\n\n")
        .append(body);
}

// Whether a header begins there that says what a part is.
bool begins_part(std::string_view text) {
    constexpr std::string_view content = "content-";
    constexpr size_t fields_max = 64;
    for (size_t i = 0; i < fields_max; ++i) {
        const auto line = text.substr(0, text.find('\n'));
        if (equal_ignoring_case(line.substr(0, content.size()), content)) return true;
        const bool continues = line.starts_with(' ') || line.starts_with('\t');
        const size_t name = line.find_first_of(": \t\r");
        const bool is_field = name != 0 && name != line.npos && line[name] == ':';
        if ((!is_field && (i == 0 || !continues)) || line.size() == text.size()) return false;
        text.remove_prefix(line.size() + 1);
    }
    return false;
}

// What stands outside of a multipart's parts, as the multipart that it may be for a client that
// overlooks the last boundary or finds one of its own; empty: there is no part in it.
std::string as_multipart(std::string_view text) {
    for (size_t at = 0; at < text.size(); at = std::min(text.find('\n', at), text.size() - 1) + 1) {
        auto rest = text.substr(at);
        if (!rest.starts_with("--")) continue;
        const size_t end = rest.find('\n');
        if (end == std::string_view::npos) return {};
        const auto boundary = trimmed(rest.substr(2, end - 2));
        if (boundary.empty() || boundary.find('"') != std::string_view::npos) continue;
        if (!begins_part(rest.substr(end + 1))) continue;
        return multipart_with(boundary, rest);
    }
    return {};
}

// What other clients make of a file whose encoding is told oddly, twice, or not kept to: each that
// is named, in whatever company.
std::vector<std::string> other_contents(GMimePart* part) {
    std::string told;
    for (const auto& each : values_of(GMIME_OBJECT(part), "content-transfer-encoding")) {
        told += to_lower(each) + '\n';
    }
    const auto encoded = as_it_came(g_mime_part_get_content(part));
    const std::string_view raw = bytes_of(encoded);
    std::vector<std::string> contents;
    if (told.find("base64") != told.npos) {
        for (auto& each : base64_readings(raw)) contents.push_back(std::move(each));
    }
    const bool is_plain = trimmed(told) == "quoted-printable";
    if (!is_plain && told.find("quoted-printable") != told.npos) {
        contents.push_back(from_quoted_printable(raw));
    }
    const bool is_as_it_is = told.find("bit") != told.npos || told.find("binary") != told.npos;
    if (is_as_it_is && !contents.empty()) contents.emplace_back(raw);
    return contents;
}

// A forwarded mail is called by its subject, which may end with somebody's domain.
bool is_named_after_subject(const std::string& name) {
    return extension_of(name) == "com";
}
bool is_mail(GMimeMessage* message) {
    if (message == nullptr) return false;
    const auto has = [message](const char* name) {
        return g_mime_object_get_header(GMIME_OBJECT(message), name) != nullptr;
    };
    return has("From") && (has("Date") || has("Subject") || has("To"));
}

// All parts of a mail, without recursion: they may be nested as deeply as they like.
class part_walk {
  public:
    part_walk(file_inspector& inspector, uint32_t depth) : inspector_(inspector), depth_(depth) {}

    void visit_all(GMimeObject* first, const std::string& path) {
        push(first, path);
        size_t parts = 0;
        while (!waiting_.empty() && !inspector_.is_full()) {
            if (++parts > parts_max) return inspector_.too_many(path, "too many parts");
            const place next = std::move(waiting_.back());
            waiting_.pop_back();
            visit(next);
        }
    }

  private:
    struct place {
        GMimeObject* object = nullptr;
        std::string path;
    };

    void push(GMimeObject* object, const std::string& path) {
        if (object != nullptr) waiting_.push_back({object, path});
    }

    void visit(const place& at) {
        read_otherwise(at);
        if (GMIME_IS_MULTIPART(at.object)) {
            visit_multipart(GMIME_MULTIPART(at.object), at.path);
        } else if (GMIME_IS_MESSAGE_PART(at.object)) {
            visit_message(GMIME_MESSAGE_PART(at.object), at.path);
        } else if (GMIME_IS_PART(at.object)) {
            visit_file(GMIME_PART(at.object), at.path);
        }
    }

    void read_otherwise(const place& at) {
        const auto boundaries = other_boundaries(at.object);
        if (boundaries.empty()) return;
        const gmime_object<GMimeStream> body(g_mime_stream_mem_new());
        g_mime_object_write_content_to_stream(at.object, nullptr, body.get());
        for (const auto& each : boundaries) {
            inspector_.inspect_again(multipart_with(each, bytes_of(body)), at.path, depth_ + 1);
        }
    }

    void visit_multipart(GMimeMultipart* parts, const std::string& path) {
        visit_outside(g_mime_multipart_get_prologue(parts), path);
        visit_outside(g_mime_multipart_get_epilogue(parts), path);
        for (int i = g_mime_multipart_get_count(parts); i > 0; --i) {
            push(g_mime_multipart_get_part(parts, i - 1), path);
        }
    }

    void visit_message(GMimeMessagePart* part, const std::string& path) {
        GMimeMessage* inner = g_mime_message_part_get_message(part);
        auto names = names_of(GMIME_OBJECT(part));
        if (is_mail(inner)) std::erase_if(names, is_named_after_subject);
        inspector_.inspect({path, names, {}, {}}, depth_);
        if (inner != nullptr)
            push(g_mime_message_get_mime_part(inner), path_below(path, "message"));
    }

    void visit_file(GMimePart* part, const std::string& path) {
        GMimeDataWrapper* content = g_mime_part_get_content(part);
        const std::shared_ptr<GMimeStream> owner(decoded(content).release(), gmime_unref{});
        const auto bytes = bytes_of(owner.get());
        const std::string type = type_of(GMIME_OBJECT(part));
        const auto names = names_of_file(part);
        inspector_.inspect({path, names, type, bytes, owner}, depth_);
        if (type.starts_with("text/")) inspector_.inspect_text(bytes, path, depth_);
        if (kind_of(bytes) == content_kind::other) {
            for (const auto& other : other_contents(part)) {
                inspector_.inspect({path, names, type, other}, depth_);
            }
        }
        if (g_mime_part_get_content_encoding(part) == GMIME_CONTENT_ENCODING_UUENCODE) {
            const auto encoded = as_it_came(content);  // the name isn't in what is decoded
            inspector_.inspect_text(bytes_of(encoded), path, depth_);
        }
    }

    void visit_outside(const char* text, const std::string& path) {
        if (text == nullptr) return;
        inspector_.inspect_text(text, path, depth_);
        const std::string more = as_multipart(text);
        if (!more.empty()) inspector_.inspect_again(more, path, depth_ + 1);
    }

    file_inspector& inspector_;
    uint32_t depth_;
    std::vector<place> waiting_;
};

}  // namespace

void file_inspector::inspect_mail(std::string_view mail, const std::string& path, uint32_t depth) {
    if (mail.empty()) return;
    if (depth > rules_.depth_max) return note(path, too_deep);
    const auto message = parse_mail(mail);
    if (!message) return;
    part_walk(*this, depth).visit_all(g_mime_message_get_mime_part(message.get()), path);
}

attachments_found scan_attachments(std::string_view mail, const attachment_rules& rules,
                                   const look_bounds& bounds) {
    file_inspector inspector(rules, bounds, mail.size());
    inspector.inspect_mail(mail, {}, 0);
    auto report = inspector.take();
    if (report.is_dangerous || mail.find('\0') == std::string_view::npos) return report;
    // A NUL in a header ends it for GMime, not for every client.
    std::string without_nuls(mail);
    std::erase(without_nuls, '\0');
    file_inspector again(rules, bounds, without_nuls.size());
    again.inspect_mail(without_nuls, {}, 0);
    auto more = again.take();
    return more.is_dangerous ? more : report;
}

}  // namespace ie
