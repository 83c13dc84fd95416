#include "status_codes.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"

namespace echo {
namespace {

TEST(StatusCodes, ComeAsNamesInAnyCaseAndAsNumbers) {
  EXPECT_EQ(ParseErrorCode("NOT_FOUND").value(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ParseErrorCode("not_found").value(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ParseErrorCode("5").value(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ParseErrorCode("16").value(), absl::StatusCode::kUnauthenticated);
  for (const std::string text : {"OK", "0", "17", "-1", "", "NOT FOUND"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseErrorCode(text).status())) << text;
  }
}

TEST(StatusCodes, AreAllInTheTable) {
  const std::string table = ErrorCodeTable();
  EXPECT_NE(table.find("   1  CANCELLED\n"), std::string::npos) << table;
  EXPECT_NE(table.find("  16  UNAUTHENTICATED\n"), std::string::npos) << table;
}

}  // namespace
}  // namespace echo
