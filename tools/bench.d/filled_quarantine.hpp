// A quarantine as an engine would have left it: quarantine.db and a file for each mail.
#pragma once

#include "actors/quarantine/index/quarantine_database.hpp"
#include "actors/quarantine/store/mail_store.hpp"
#include "config/log.hpp"
#include "tools/bench.d/mail_maker.hpp"

namespace ie {

template <class T>
T value_of(outcome<T> result) {
    ensure(static_cast<bool>(result), "a step failed");
    return std::move(*result);
}

class filled_quarantine {
  public:
    explicit filled_quarantine(const std::string& data_dir)
        : files_(value_of(mail_store::open(data_dir + "/quarantine"))),
          index_(value_of(quarantine_database::open(data_dir + "/quarantine.db"))) {}

    // Each with that many recipients more than customers' mails have.
    void add(size_t mails, size_t more_recipients) {
        constexpr size_t commit_mails = 20'000;
        for (size_t made = 0; made < mails;) {
            std::vector<index_change> batch;
            for (; batch.size() < commit_mails && made < mails; ++made) {
                mail_row row = maker_.next();
                for (size_t i = 0; i < more_recipients; ++i) {
                    row.recipients.push_back("recipient" + std::to_string(i) + "@far.test");
                }
                batch.emplace_back(add_mail{stored(std::move(row))});
            }
            value_of(index_.commit(batch));
        }
    }

  private:
    mail_row stored(mail_row row) const {
        const std::string mail = "Subject: " + row.subject + "\n\n" + std::string(500, 'x') + "\n";
        row.size_bytes = mail.size();
        const auto staged = value_of(files_.stage({row.id,
                                                   row.ticket,
                                                   row.queue_id,
                                                   row.recipients,
                                                   row.held_at_ms,
                                                   mail.size(),
                                                   {},
                                                   digest_of(mail)},
                                                  mail));
        row.file_bytes = staged.file_bytes;
        value_of(files_.publish(staged));
        return row;
    }

    mail_store files_;
    quarantine_database index_;
    mail_maker maker_;
};

}  // namespace ie
