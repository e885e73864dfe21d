// The headers of an incoming mail as they are judged. Pure.
#pragma once

#include <string>
#include <string_view>

namespace ie {

// What ACLs here have added (authentication results are among it), then the mail's own headers
// without those that claim a filter's verdict, X-ImunifyEmail-*, X-Spam and X-Spam-*: nobody
// outside knows ours, and Exim removes them, too (config/system/exim/ie_acl). `headers`: raw, each
// with its line end, the last perhaps cut; `added`: as $headers_added has them.
std::string incoming_headers(std::string_view headers, std::string_view added);

}  // namespace ie
