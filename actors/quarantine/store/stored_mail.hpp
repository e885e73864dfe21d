// The file of one held mail: a line `ie-mail VERSION RECORD_BYTES`, a record (msgpack) of all that
// the database knows of it, then the mail's bytes exactly. The database can be made anew from such
// files; what they can't tell is a release's outcome. Pure.
#pragma once

#include "messages/mail_bytes.hpp"
#include "messages/scan.hpp"

namespace ie {

inline constexpr uint32_t stored_mail_version = 1;
inline constexpr size_t stored_record_bytes_max = 16 << 20;

// Appended to, never changed, as messages are.
struct stored_record {
    mail_id id;          // the file's name
    hold_ticket ticket;  // its id is another one where Exim delivered in parts
    ie::queue_id queue_id;
    std::vector<std::string> recipients;
    int64_t held_at_ms = 0;   // Unix time
    uint64_t size_bytes = 0;  // of the mail
    std::string sha256;       // of the mail, 32 bytes; empty where there is a digest
    std::string digest;       // XXH3-128 of the mail, 16 bytes, in xxHash's canonical form

    static constexpr auto fields() {
        return std::tuple{field{"email_id", &stored_record::id},
                          field{"ticket", &stored_record::ticket},
                          field{"queue_id", &stored_record::queue_id},
                          field{"recipients", &stored_record::recipients},
                          field{"held_at_ms", &stored_record::held_at_ms},
                          field{"size_bytes", &stored_record::size_bytes},
                          field{"sha256", &stored_record::sha256},
                          field{"digest", &stored_record::digest}};
    }
};

struct stored_mail {
    stored_record record;
    mail_bytes mail;
};

// Tells bytes that a disk or a hand has altered. Whoever means to deceive could write these files,
// and any digest with them.
std::string digest_of(std::string_view bytes);  // 16 bytes

// What stands before the mail's bytes. Fails: too_large (the record's bound).
outcome<std::string> encode_stored_head(const stored_record& record);

// Of a file's head, or of a whole file. Fails: bad_request (as below).
outcome<stored_record> decode_stored_head(std::string_view file);

// Fails: bad_request (no such file, of a later version, cut, or altered since it was written).
outcome<stored_mail> decode_stored_mail(const mail_bytes& file);

}  // namespace ie
