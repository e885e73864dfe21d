#include "gateway/exim_hook/incoming_headers.hpp"

#include <gtest/gtest.h>

namespace ie {
namespace {

TEST(IncomingHeaders, LoseWhatClaimsToBeAVerdict) {
    EXPECT_EQ(
        incoming_headers("From: a\nX-Spam-Flag: NO\nX-SPAM-status : No,\n tests=NONE\n\tmore\n"
                         "To: b\n c\nx-imunifyemail-filter-score: -99\nX-Spam: no\n",
                         ""),
        "From: a\nTo: b\n c\n");
}

TEST(IncomingHeaders, KeepWhatOnlyLooksAlike) {
    const std::string headers =
        "X-Spamtrap: 1\nX-Spa: m\nSubject: X-Spam-Flag: YES\n X-Spam-Flag: YES\n";
    EXPECT_EQ(incoming_headers(headers, ""), headers);
}

TEST(IncomingHeaders, BeginWithWhatAclsHereHaveAdded) {
    EXPECT_EQ(incoming_headers("From: a\n", "Authentication-Results: x\nX-Spam-Score: 3"),
              "Authentication-Results: x\nX-Spam-Score: 3\nFrom: a\n");
}

TEST(IncomingHeaders, MayBeCutAnywhere) {
    EXPECT_EQ(incoming_headers("From: a\nX-Spam-Fl", ""), "From: a\n");
    EXPECT_EQ(incoming_headers("From: a\nX-Sp", ""), "From: a\nX-Sp");
    EXPECT_EQ(incoming_headers("", ""), "");
}

}  // namespace
}  // namespace ie
