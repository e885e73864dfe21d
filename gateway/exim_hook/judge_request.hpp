// What Exim's ${readsocket} sends to the judge socket, read as it comes in. Pure: bytes in, one
// request out. A request is lines, each ended by one newline:
//
//   judge 1                          confirm 1
//   id=<$message_exim_id>            release=<id of the held mail>
//   protocol=<$received_protocol>    id=<$message_exim_id>
//   uid=<$originator_uid>            END
//   auth=<base64>
//   client=<address or empty>
//   port=<number or empty>
//   server=<address or empty>
//   server_port=<number or empty>
//   helo=<base64>
//   sender=<base64>
//   recipients=<base64 of $recipients>
//   headers=<base64 of $message_headers_raw>
//   direction=<outgoing or incoming>
//   client_name=<base64 of $sender_host_name>
//   added=<base64 of $headers_added: what ACLs before ours have added>
//   END
//
// Every key stands once, in any order; those of the server and those after the headers may be
// missing. A key that isn't
// known is skipped, so that a newer ACL may say more. Anything else is refused, and a refused
// request gets no answer: the connection is closed, and the ACL does what it does where there is no
// hook. The hook answers nothing but what it has understood.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "messages/error.hpp"
#include "messages/verdict.hpp"

namespace ie {

inline constexpr size_t judge_request_bytes_max = 16 << 20;  // 50,000 recipients and more
inline constexpr size_t judge_request_lines_max = 64;

struct judge_request {
    queue_id id;
    std::string protocol;
    uint32_t originator_uid = 0;
    std::string authenticated_id;
    std::string client_address;  // empty: submitted locally
    uint16_t client_port = 0;
    std::string server_address;  // where the client has connected to
    uint16_t server_port = 0;
    std::string helo;
    std::string sender;
    std::string recipients;  // as Exim joins them
    std::string headers;     // raw
    mail_direction direction = mail_direction::outgoing;
    std::string client_name;
    std::string added_headers;
};

struct confirm_request {
    mail_id release;
    queue_id id;
};

using hook_request = std::variant<judge_request, confirm_request>;

class hook_request_reader {
  public:
    // Takes in what has come; what follows the END line is left unread. Call it until there is a
    // value. Fails: bad_request, too_large.
    std::optional<outcome<hook_request>> receive(std::string_view bytes);

    bool empty() const { return received_bytes_ == 0; }
    size_t memory_bytes() const { return line_.capacity() + value_bytes_; }

  private:
    std::optional<outcome<hook_request>> take_line();
    std::optional<error> take_form();
    std::optional<error> take_pair();
    outcome<hook_request> finish() const;

    std::string line_;  // the one that isn't complete yet
    size_t received_bytes_ = 0;
    size_t value_bytes_ = 0;
    size_t lines_ = 0;
    std::optional<hook_request> request_;
    std::vector<std::string> seen_;  // keys that are known, in the order they came
};

}  // namespace ie
