#include "actors/intake/attribution.hpp"

#include "actors/intake/php_script.hpp"
#include "config/domain_name.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

class attributor {
  public:
    attributor(const account_directory& directory, const account_rules& rules,
               const user_lookup& users)
        : directory_(directory), rules_(rules), users_(users) {}

    std::optional<account_name> account_of(const judge_mail& mail) const {
        if (mail.client_address.empty()) return submitter(mail.originator_uid);
        if (mail.authenticated_id.empty()) {
            if (mail.client_uid < 0 || mail.client_uid > UINT32_MAX) return std::nullopt;
            return submitter(static_cast<uint32_t>(mail.client_uid));
        }
        if (mail.authenticated_id.find('@') == std::string::npos) {
            return plain_login(mail.authenticated_id);
        }
        return directory_.owner_of_domain(domain_of(mail.authenticated_id));
    }

  private:
    std::optional<account_name> submitter(uint32_t uid) const {
        const auto user = users_.of_uid(uid);
        if (!user || !is_account(*user, rules_, directory_)) return std::nullopt;
        return account_name{to_lower(user->login)};  // as the directory has it
    }

    std::optional<account_name> plain_login(const std::string& login) const {
        if (rules_.provider == account_provider::cpanel) {
            if (!directory_.is_account(login)) return std::nullopt;
        } else {
            const auto user = users_.of_login(login);
            if (!user || !is_account(*user, rules_, directory_)) return std::nullopt;
        }
        return account_name{to_lower(login)};
    }

    const account_directory& directory_;
    const account_rules& rules_;
    const user_lookup& users_;
};

void name_sender(sender_objects& owner, const std::string& sender) {
    auto domain = normal_domain(domain_of(sender));
    if (!domain) return;
    owner.domain = std::move(*domain);
    if (auto address = normal_address(sender)) owner.sender_address = std::move(*address);
}

}  // namespace

std::string_view domain_of(std::string_view address) {
    const size_t at = address.rfind('@');
    return at == address.npos || at == 0 ? std::string_view{} : address.substr(at + 1);
}

sender_objects attribute(const judge_mail& mail, std::string_view bytes,
                         const account_directory& directory, const account_rules& rules,
                         const user_lookup& users) {
    sender_objects owner;
    if (auto account = attributor(directory, rules, users).account_of(mail)) {
        owner.account = std::move(*account);
        name_sender(owner, mail.sender);
    }
    if (mail.client_address.empty()) {
        const auto owns = [&](std::string_view domain) {
            return directory.owner_of_domain(domain) == owner.account;
        };
        owner.script = sending_script(bytes, {mail.originator_uid, owns});
    }
    return owner;
}

}  // namespace ie
