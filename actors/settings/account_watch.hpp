// Keeps the account directory in step with the files that it is made of. Broken ones leave the last
// good directory in force, loudly.
#pragma once

#include "config/account_files.hpp"
#include "config/snapshot.hpp"

namespace ie {

class account_watch {
  public:
    account_watch(configuration::accounts_part files, snapshot<account_directory>& directory)
        : files_(std::move(files)), directory_(directory) {}

    void load();  // reads the files in any case
    void poll();  // reads them where one has changed, or couldn't be read at all

    const std::string& last_error() const { return last_error_; }  // empty: all is well
    std::string detail() const { return account_summary(files_, *directory_.get()); }

  private:
    configuration::accounts_part files_;
    snapshot<account_directory>& directory_;
    std::vector<file_stamp> loaded_;
    std::string last_error_;
    bool unreadable_ = false;  // which ends without a change of the file, say of its mode
    logger logger_{"settings"};
};

}  // namespace ie
