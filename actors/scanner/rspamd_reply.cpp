#include "actors/scanner/rspamd_reply.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "messages/text.hpp"

namespace ie {
namespace {

using nlohmann::json;

constexpr size_t action_size_max = 64;
constexpr size_t error_size_shown = 200;

// Receives the reply piece by piece. Each function returns whether to read on.
class reply_reader : public nlohmann::json_sax<json> {
  public:
    bool null() override { return value(); }
    bool boolean(bool flag) override {
        if (at("is_skipped")) {
            reply_.is_skipped = flag;
            has_skipped_ = true;
        }
        return value();
    }
    bool number_integer(number_integer_t n) override { return number(static_cast<double>(n)); }
    bool number_unsigned(number_unsigned_t n) override { return number(static_cast<double>(n)); }
    bool number_float(number_float_t n, const string_t&) override { return number(n); }
    bool string(string_t& text) override {
        if (at("action")) {
            if (text.empty() || text.size() > action_size_max) return refuse("an odd action");
            reply_.action = std::move(text);
        } else if (at("error")) {
            return refuse("an error: " + text.substr(0, error_size_shown));
        }
        return value();
    }
    bool binary(binary_t&) override { return refuse("binary in JSON"); }
    bool start_object(size_t) override { return enter(); }
    bool end_object() override { return leave(); }
    bool start_array(size_t) override {
        if (depth_ == 0) return refuse("not an object");
        return enter();
    }
    bool end_array() override { return leave(); }
    bool key(string_t& name) override {
        if (depth_ == 1) key_ = std::move(name);
        return true;
    }
    bool parse_error(size_t position, const std::string&, const json::exception&) override {
        return refuse("not JSON at byte " + std::to_string(position));
    }

    bool complete() const {
        return has_score_ && has_required_ && has_skipped_ && !reply_.action.empty();
    }

    outcome<rspamd_reply> result() && {
        if (!refusal_.empty()) return fail(error_code::bad_request, "Rspamd sent " + refusal_);
        if (reply_.action.empty() || !has_score_) {
            return fail(error_code::bad_request, "Rspamd sent no action or no score");
        }
        return std::move(reply_);
    }

  private:
    bool at(std::string_view name) const { return depth_ == 1 && key_ == name; }
    bool value() const { return !complete(); }

    bool number(double n) {
        if (at("score")) {
            if (!std::isfinite(n)) return refuse("a score that is no number");
            reply_.score = n;
            has_score_ = true;
        } else if (at("required_score")) {
            reply_.required_score = n;
            has_required_ = true;
        }
        return value();
    }
    bool enter() {
        if (++depth_ > rspamd_reply::depth_max) return refuse("JSON nested too deep");
        return true;
    }
    bool leave() {
        --depth_;
        return true;
    }
    bool refuse(std::string why) {
        if (refusal_.empty()) refusal_ = std::move(why);
        return false;
    }

    rspamd_reply reply_;
    bool has_score_ = false;
    bool has_required_ = false;
    bool has_skipped_ = false;
    size_t depth_ = 0;
    std::string key_;
    std::string refusal_;
};

outcome<rspamd_reply> read(std::string_view body) {
    reply_reader reader;
    json::sax_parse(body.begin(), body.end(), &reader);
    return std::move(reader).result();
}

}  // namespace

outcome<rspamd_reply> parse_rspamd_reply(std::string_view body) {
    if (body.size() > rspamd_reply::size_bytes_max) {
        return fail(error_code::too_large, "Rspamd sent " + std::to_string(body.size()) + " bytes");
    }
    auto reply = read(body);
    if (reply) return reply;
    // A text that Rspamd passed on from the mail must not decide whether the mail is judged.
    const std::string mended = valid_utf8(body);
    return mended == body ? std::move(reply) : read(mended);
}

}  // namespace ie
