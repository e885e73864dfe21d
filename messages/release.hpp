// Giving a held mail back to Exim, exactly once. The courier hands it in; before Exim delivers, the
// hook asks whether this copy is the one that counts. The first queue id that asks is bound to the
// mail for ever; any other copy, from a release repeated after a crash, is a duplicate.
#pragma once

#include "messages/caller.hpp"
#include "messages/verdict.hpp"

namespace ie {

// Quarantine to courier; the mail's bytes go beside it.
struct deliver_mail {
    mail_id id;
    std::string sender;
    std::vector<std::string> recipients;

    static constexpr auto fields() {
        return std::tuple{field{"email_id", &deliver_mail::id},
                          field{"sender", &deliver_mail::sender},
                          field{"recipients", &deliver_mail::recipients}};
    }
};

// Event: somebody has decided what a held mail is; its bytes go beside it. What learns from people
// takes it.
struct mail_lesson {
    mail_id id;
    account_name account;
    bool spam = false;  // removed; otherwise it was released
    caller who;

    static constexpr auto fields() {
        return std::tuple{field{"email_id", &mail_lesson::id},
                          field{"account", &mail_lesson::account},
                          field{"spam", &mail_lesson::spam}, field{"caller", &mail_lesson::who}};
    }
};

// Exim said 250 to the whole mail and all its recipients.
struct mail_delivered {
    ie::queue_id queue_id;  // Exim's id for the released copy

    static constexpr auto fields() {
        return std::tuple{field{"queue_id", &mail_delivered::queue_id}};
    }
};

// Exim, through the hook, before it delivers a released mail.
struct confirm_release {
    static constexpr std::string_view name = "confirm_release";
    static constexpr uint32_t version = 1;

    mail_id id;
    ie::queue_id queue_id;

    static constexpr auto fields() {
        return std::tuple{field{"email_id", &confirm_release::id},
                          field{"queue_id", &confirm_release::queue_id}};
    }
};

struct release_confirmed {
    static constexpr std::string_view name = "release_confirmed";
    static constexpr uint32_t version = 1;

    bool deliver = false;  // false: a duplicate, to be dropped

    static constexpr auto fields() {
        return std::tuple{field{"deliver", &release_confirmed::deliver}};
    }
};

}  // namespace ie
