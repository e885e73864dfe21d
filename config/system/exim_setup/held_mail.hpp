// Mail in Exim's queue that the filter's routers look after: held mail, incoming spam that an
// address here may forward to the outside, released mail that isn't confirmed yet. Without those
// routers Exim would deliver it like any other, so while the filter is taken out it is handed over,
// or frozen until somebody decides.
#pragma once

#include <istream>
#include <string>
#include <vector>

#include "config/system/exim_setup/setup.hpp"

namespace ie::exim {

struct queued_mail {
    std::string id;
    bool is_frozen = false;
    bool is_held = false;
    bool is_junk = false;     // held or not: incoming spam
    bool is_at_home = false;  // junk that was tried for mailboxes here alone
};

// What a header file of the spool says (Exim's specification, "Format of spool files"), but the id.
queued_mail read_spool_header(std::istream& in);

// By id. Fails: unavailable, storage_failed.
outcome<std::vector<queued_mail>> held_in_queue(const std::string& exim);

// That mail while one call takes the filter out.
class held_mail {
  public:
    held_mail(std::string exim, const setup_options& options)
        : exim_(std::move(exim)), options_(options) {}
    ~held_mail();  // thaws what was frozen here, unless the filter is out
    held_mail(const held_mail&) = delete;
    held_mail& operator=(const held_mail&) = delete;

    // What `settle` would do.
    void foretell(setup_report& report) const;
    // Hands it to the quarantine while Exim has the router for that, and freezes what is left.
    // Fails: conflict (held or released mail is left, and that isn't forced), unavailable,
    // storage_failed.
    outcome<nothing> settle();
    // The filter is out: freezes what came since `settle`, and tells what stays in the queue.
    void stay_frozen(setup_report& report);

  private:
    outcome<std::vector<queued_mail>> hand_over(std::vector<queued_mail> mails) const;
    outcome<std::vector<queued_mail>> freeze_all();

    std::string exim_;
    const setup_options& options_;
    std::vector<std::string> frozen_;  // by this call
    bool is_out_ = false;
};

}  // namespace ie::exim
