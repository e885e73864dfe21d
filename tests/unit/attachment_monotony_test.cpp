// What a sender adds to a mail never makes it look harmless: a header behind those that are there,
// a part, an archive before or behind, bytes at the end. IE_RANDOM_MAILS says how many mails are
// tried, IE_SEED which ones.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "tests/support/attachment_rules.hpp"
#include "tests/support/made_archive.hpp"
#include "tests/support/mail_with.hpp"

namespace ie {
namespace {

using testing::inert_program;
using testing::made_archive;
using testing::made_file;
using testing::zip_of;

uint64_t environment(const char* name, uint64_t otherwise) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
    return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

class random_mail {
  public:
    explicit random_mail(uint64_t seed) : random_(seed) {
        const size_t count = 1 + below(4);
        for (size_t i = 0; i < count; ++i) parts_.push_back(part());
    }

    // Adds one thing; says what.
    std::string add() {
        switch (below(6)) {
            case 0: {
                static const std::vector<std::string> headers{
                    "Content-Type: text/plain",
                    "Content-Type: multipart/mixed; boundary=other",
                    "Content-Transfer-Encoding: base64",
                    "Content-Transfer-Encoding: 7bit",
                    "MIME-Version: 2.0",
                    "Content-Disposition: inline",
                    "Subject: another",
                    "Content-Type: application/octet-stream",
                    "X-Other: x"};
                headers_ += pick(headers) + "\n";
                return "a header";
            }
            case 1:
                parts_.insert(parts_.begin(), part());
                return "a part before";
            case 2:
                parts_.push_back(part());
                return "a part behind";
            case 3:
                parts_.insert(parts_.begin(), file_part("a.zip", large_archive()));
                return "an archive before";
            case 4:
                parts_.push_back(file_part("a.zip", large_archive()));
                return "an archive behind";
            default:
                tail_ += pick({"bytes", "--b\n", "--b--\n", "\n\n",
                               "--other\nContent-Type: text/plain\n\nx\n"});
                return "bytes at the end";
        }
    }

    std::string text() const {
        std::string out =
            "Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n" +
            headers_ + "\n";
        for (const auto& each : parts_) out += "--b\n" + each;
        return out + "--b--\n" + tail_;
    }

  private:
    size_t below(size_t count) {
        return std::uniform_int_distribution<size_t>(0, count - 1)(random_);
    }
    std::string pick(const std::vector<std::string>& of) { return of[below(of.size())]; }

    static std::string file_part(const std::string& name, const std::string& bytes) {
        return "Content-Type: application/octet-stream\nContent-Disposition: attachment; "
               "filename=\"" +
               name + "\"\nContent-Transfer-Encoding: base64\n\n" + testing::base64(bytes) + "\n";
    }

    std::string part() {
        if (below(4) == 0) return "Content-Type: text/plain\n\nhello\n";
        const made_file one = file(2);
        return file_part(one.name, one.bytes);
    }

    made_file file(size_t depth) {
        switch (below(depth == 0 ? 3 : 6)) {
            case 0:
                return {"a.txt", "hello"};
            case 1:
                return {pick({"run.exe", "a.js", "a.txt", "b.pdf"}), "x"};
            case 2:
                return {pick({"a.jpg", "a.txt"}), inert_program()};
            case 3:
                return {"n.zip", zip_of(files(depth))};
            case 4:
                return {"n.7z", made_archive("7zip", files(depth))};
            default:
                return {"n.tgz", made_archive("ustar", files(depth), "gzip")};
        }
    }
    std::vector<made_file> files(size_t depth) {
        std::vector<made_file> out;
        const size_t count = 1 + below(4);
        for (size_t i = 0; i < count; ++i) out.push_back(file(depth - 1));
        return out;
    }

    // Beyond each bound of the rules below.
    static const std::string& large_archive() {
        static const std::string made = [] {
            std::vector<made_file> out(30, made_file{"a.txt", "x"});
            out.push_back({"large.zip", std::string(300'000, 'x')});
            return zip_of(out);
        }();
        return made;
    }

    std::mt19937_64 random_;
    std::vector<std::string> parts_;
    std::string headers_;
    std::string tail_;
};

TEST(AttachmentMonotony, NothingThatIsAddedMakesAMailHarmless) {
    const uint64_t seed = environment("IE_SEED", std::random_device{}());
    const uint64_t count = environment("IE_RANDOM_MAILS", 2'000);
    auto rules = testing::default_attachment_rules();
    rules.entries_max = 20;
    rules.unpacked_bytes_max = 200'000;
    size_t dangerous = 0;
    for (uint64_t i = 0; i < count; ++i) {
        random_mail mail(seed + i);
        if (!testing::scan_in_peace(mail.text(), rules).is_dangerous) continue;
        ++dangerous;
        std::string added;
        for (int k = 0; k < 3; ++k) {
            added += mail.add() + "; ";
            ASSERT_TRUE(testing::scan_in_peace(mail.text(), rules).is_dangerous)
                << "IE_SEED=" << seed + i << " IE_RANDOM_MAILS=1: " << added;
        }
    }
    EXPECT_GT(dangerous, count / 10);
}

}  // namespace
}  // namespace ie
