// Tells who learns from it what people decide about held mail. Private to this folder.
#pragma once

#include "actors/quarantine/index/mail_row.hpp"
#include "actors/quarantine/quarantine_internal.hpp"
#include "actors/quarantine/store/mail_files.hpp"
#include "actors/quarantine/trouble.hpp"

namespace ie {

class lesson_sender {
  public:
    // `learner` may be null. What else it is given outlives it.
    lesson_sender(quarantine_internal::pointer self, const mail_files& files, lesson_actor learner,
                  trouble& troubles)
        : self_(self), files_(files), learner_(std::move(learner)), trouble_(troubles) {}

    // While its file is there.
    void teach(const mail_row& row, const caller& who, bool spam) const;

  private:
    quarantine_internal::pointer self_;
    const mail_files& files_;
    lesson_actor learner_;
    trouble& trouble_;
};

}  // namespace ie
