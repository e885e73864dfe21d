#include "actors/courier/courier_actor.hpp"

#include <gmock/gmock.h>

#include "tests/support/actor_fixture.hpp"
#include "tests/support/release_socket.hpp"

namespace ie {
namespace {

class CourierActor : public testing::actor_fixture {
  protected:
    CourierActor() { courier_ = own(make_courier(*system_, {release_.path(), 30'000, false})); }
    outcome<mail_delivered> deliver(const std::string& recipient) {
        const deliver_mail request{
            mail_id{"ef69f707-d547-4b29-b8f0-f5331821c930"}, "", {recipient}};
        return *ask<mail_delivered>(courier_, request, mail_bytes("A: 1\n\nx\n"));
    }

    const testing::release_socket release_;
    courier_actor courier_;
};

TEST_F(CourierActor, AnswersWithEximsQueueId) {
    const auto result = deliver("b@far.test");
    ASSERT_TRUE(result) << result.failure().what;
    EXPECT_EQ(result->queue_id.value, "1nFEym-0005TO-Qs");
}

TEST_F(CourierActor, AnswersWithEximsRefusalAndShowsItInItsStatus) {
    const auto result = deliver("no-one@far.test");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.failure().code, error_code::delivery_failed);
    const auto status = *ask<actor_status>(courier_, get_status{});
    EXPECT_EQ(status->last_error, result.failure().what);
    EXPECT_THAT(status->last_error, ::testing::HasSubstr("no-one@far.test"));
}

}  // namespace
}  // namespace ie
