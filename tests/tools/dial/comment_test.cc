#include "comment.h"

#include <gtest/gtest.h>

namespace dial {
namespace {

TEST(Comment, LosesTheSpaceInFrontOfItsLinesAndWhatIsEmptyAround) {
  EXPECT_EQ("", CommentText(""));
  EXPECT_EQ("", CommentText("\n \n"));
  EXPECT_EQ("Greets.", CommentText(" Greets.\n"));
  EXPECT_EQ("Greets:\n\n  - all", CommentText("\n Greets:  \n\n   - all\n\n"));
}

TEST(Comment, ASentenceEndsWithItOrWithItsLine) {
  EXPECT_EQ("", FirstSentence(""));
  EXPECT_EQ("Greets.", FirstSentence("Greets."));
  EXPECT_EQ("Greets.", FirstSentence("Greets. Or not."));
  EXPECT_EQ("Greets.", FirstSentence("Greets.\nOr not."));
  EXPECT_EQ("Greets version 1.5", FirstSentence("Greets version 1.5"));
  EXPECT_EQ("Greets, if one is …", FirstSentence("Greets, if one is\nin the mood. Or not."));
}

}  // namespace
}  // namespace dial
