#include "tests/gateway/stub_parts.hpp"

namespace ie {
namespace {

struct key_pair {
    std::string public_key = std::string(41, '\0');
    std::string secret_key = std::string(41, '\0');

    key_pair() {
        zmq_curve_keypair(public_key.data(), secret_key.data());
        public_key.pop_back();
        secret_key.pop_back();
    }
};

class Curve : public testing::gateway_fixture {
  protected:
    Curve() {
        settings.gateway.tcp_endpoint = "tcp://127.0.0.1:*";
        settings.gateway.tcp_secret_key_file = write_key("server", server.secret_key);
        settings.gateway.tcp_clients = {{"panel", known.public_key}};
    }

    std::string write_key(const std::string& name, const std::string& key) {
        const std::string path = folder.write(name, key + "\n");
        std::filesystem::permissions(path, std::filesystem::perms{0600});
        return path;
    }

    client client_with(const key_pair& keys) {
        return client({door->tcp_endpoint(), 20'000, server.public_key,
                       write_key("client", keys.secret_key)});
    }

    key_pair server;
    key_pair known;
};

TEST_F(Curve, AKnownKeyActsAsRoot) {
    start();
    client asker = client_with(known);
    const auto reply = asker.ask<mail_list>(list_mails{});
    ASSERT_TRUE(reply) << reply.failure().what;
    EXPECT_EQ(reply->items[0].account.value, root_account);
}

TEST_F(Curve, AnUnknownKeyIsRefusedAndToldSo) {
    start();
    const key_pair unknown;
    client asker = client_with(unknown);
    const auto reply = asker.ask<mail_list>(list_mails{});
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.failure(),
              fail(error_code::not_permitted,
                   "no engine at " + door->tcp_endpoint() + ": it refuses this key"));
}

TEST_F(Curve, WithoutAKeyNobodyGetsIn) {
    start();
    client asker({door->tcp_endpoint(), 20'000, {}, {}});
    const auto reply = asker.ask<mail_list>(list_mails{});
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.failure().code, error_code::unavailable);
}

TEST_F(Curve, NamesAClientWhoseKeyCannotBeOne) {
    settings.gateway.tcp_clients = {{"panel", "short"}};
    const auto made = gateway::start(system, settings, accounts);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.failure().what,
              "gateway.tcp_clients: panel: needs a name and a public key of 40 characters (Z85)");
}

TEST_F(Curve, NamesASecretKeyFileThatIsNotThere) {
    settings.gateway.tcp_secret_key_file = folder.path("none");
    const auto made = gateway::start(system, settings, accounts);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.failure().what, folder.path("none") + ": No such file or directory");
}

}  // namespace
}  // namespace ie
