#include "turns.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dialtone::dialtone1 {
namespace {

constexpr size_t kPiece = 64 * 1024;
constexpr size_t kLong = 8 * Turns::kGoBytes;

struct Named : TurnEntry {
  explicit Named(char n) : name(n) {}
  char name;
};

class TurnsTest : public testing::Test {
 protected:
  // Whose pieces go, so many of them.
  std::string Go(int pieces) {
    std::string went;
    for (int i = 0; i < pieces && turns_.next() != nullptr; ++i) {
      went += static_cast<Named*>(turns_.next())->name;
      turns_.Sent(kPiece);
    }
    return went;
  }

  Turns turns_;
  Named a_{'a'}, b_{'b'}, x_{'x'}, y_{'y'};
};

TEST_F(TurnsTest, NobodyIsNextOfNobody) { EXPECT_EQ(turns_.next(), nullptr); }

TEST_F(TurnsTest, ShortOnesTakeTurns) {
  turns_.Enter(a_, 1);
  turns_.Enter(b_, Turns::kShortBytes);
  turns_.Enter(a_, 1);  // is there
  EXPECT_EQ(Go(5), "ababa");
}

TEST_F(TurnsTest, ALongOneGoesOnForAWhile) {
  turns_.Enter(x_, kLong);
  turns_.Enter(y_, kLong);
  const int go = Turns::kGoBytes / kPiece;
  EXPECT_EQ(Go(2 * go + 1), std::string(go, 'x') + std::string(go, 'y') + "x");
}

TEST_F(TurnsTest, AShortOneWaitsForOnePieceOfALongOneHoweverManyThereAre) {
  turns_.Enter(x_, kLong);
  turns_.Enter(y_, kLong);
  EXPECT_EQ(Go(3), "xxx");
  turns_.Enter(a_, 100);
  EXPECT_EQ(Go(1), "a");
}

TEST_F(TurnsTest, ShortOnesLeaveALongOneEverySecondPiece) {
  turns_.Enter(x_, kLong);
  turns_.Enter(a_, 1);
  turns_.Enter(b_, 1);
  EXPECT_EQ(Go(8), "axbxaxbx");
}

TEST_F(TurnsTest, WhoLeavesGivesTheNextAWholeGo) {
  turns_.Enter(x_, kLong);
  turns_.Enter(y_, kLong);
  EXPECT_EQ(Go(10), std::string(10, 'x'));
  turns_.Leave(x_);
  EXPECT_FALSE(x_.in_turn());
  turns_.Enter(x_, kLong);
  const int go = Turns::kGoBytes / kPiece;
  EXPECT_EQ(Go(go + 1), std::string(go, 'y') + "x");
}

TEST_F(TurnsTest, OneThatIsNotNextMayLeave) {
  for (Named* entry : {&x_, &y_}) turns_.Enter(*entry, kLong);
  turns_.Enter(a_, 1);
  turns_.Enter(b_, 1);
  turns_.Leave(y_);
  turns_.Leave(b_);
  turns_.Leave(b_);  // is not there
  EXPECT_EQ(Go(4), "axax");
  turns_.Leave(x_);
  turns_.Leave(a_);
  EXPECT_EQ(turns_.next(), nullptr);
}

}  // namespace
}  // namespace dialtone::dialtone1
