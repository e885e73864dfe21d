// Makes a quarantine as an engine would have left it: quarantine.db and a file for each mail.
//   fill_quarantine DATA_DIR MAILS
#include <cstdlib>
#include <filesystem>

#include "actors/quarantine/index/mail_index.hpp"
#include "actors/quarantine/store/mail_store.hpp"
#include "config/log.hpp"
#include "tools/bench.d/mail_maker.hpp"

namespace ie {
namespace {

constexpr size_t commit_mails = 20'000;

template <class T>
T value_of(outcome<T> result) {
    ensure(static_cast<bool>(result), "a step failed");
    return std::move(*result);
}

mail_row store(const mail_store& files, mail_row row) {
    const std::string mail = "Subject: " + row.subject + "\n\n" + std::string(500, 'x') + "\n";
    row.size_bytes = mail.size();
    const auto staged = value_of(files.stage({row.id,
                                              row.ticket,
                                              row.queue_id,
                                              row.recipients,
                                              row.held_at_ms,
                                              mail.size(),
                                              {},
                                              digest_of(mail)},
                                             mail));
    row.file_bytes = staged.file_bytes;
    ensure(static_cast<bool>(files.publish(staged)), "a file wasn't published");
    return row;
}

void fill(const std::string& data_dir, size_t mails) {
    const auto files = value_of(mail_store::open(data_dir + "/quarantine"));
    auto index = value_of(mail_index::open(data_dir + "/quarantine.db"));
    mail_maker maker;
    for (size_t made = 0; made < mails;) {
        std::vector<index_change> batch;
        for (; batch.size() < commit_mails && made < mails; ++made) {
            batch.emplace_back(add_mail{store(files, maker.next())});
        }
        value_of(index.commit(batch));
    }
}

}  // namespace
}  // namespace ie

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    std::filesystem::create_directories(argv[1]);
    ie::fill(argv[1], std::strtoull(argv[2], nullptr, 10));
    return 0;
}
