// What becomes of a mail's file once the mail is settled: whoever learns from what people decide is
// told of it, and then the file goes. Private to this folder.
#pragma once

#include <functional>

#include "actors/quarantine/index/mail_row.hpp"
#include "actors/quarantine/quarantine_internal.hpp"
#include "actors/quarantine/store/mail_files.hpp"
#include "actors/quarantine/trouble.hpp"

namespace ie {

class departures {
  public:
    // `read`: reads the mail's bytes on another thread, for which no hold waits; on_read() has them
    // then. `learner` may be null. What else it is given outlives it.
    departures(quarantine_internal::pointer self, const mail_files& files, lesson_actor learner,
               std::function<void(const mail_lesson&)> read, trouble& troubles)
        : self_(self),
          files_(files),
          learner_(std::move(learner)),
          read_(std::move(read)),
          trouble_(troubles) {}

    // Nobody learns from it.
    void let_go(const mail_id& id) const;
    // After an engine that ended before the lesson was told the sweep removes the file.
    void teach(const mail_row& row, const caller& who, bool spam) const;
    // No bytes: they couldn't be read.
    void on_read(const mail_lesson& lesson, const mail_bytes& mail) const;

  private:
    quarantine_internal::pointer self_;
    const mail_files& files_;
    lesson_actor learner_;
    std::function<void(const mail_lesson&)> read_;
    trouble& trouble_;
};

}  // namespace ie
