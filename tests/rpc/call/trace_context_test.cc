// W3C Trace Context, level 1: what is understood, and what counts as none.
#include "dialtone/rpc/trace_context.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace dialtone::trace_context_test {
namespace {

constexpr char kTrace[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kSpan[] = "00f067aa0ba902b7";

std::string Parent(const std::string& version, const std::string& trace, const std::string& span,
                   const std::string& flags) {
  return absl::StrCat(version, "-", trace, "-", span, "-", flags);
}
const std::string kParent = Parent("00", kTrace, kSpan, "01");

// The tracestate that is left of what came; "none": there is no trace.
std::string StateOf(const std::vector<std::string>& lists) {
  Metadata metadata;
  metadata.AddUnchecked("traceparent", kParent);
  for (const std::string& list : lists) metadata.AddUnchecked("tracestate", list);
  const std::optional<TraceContext> trace = TraceOf(metadata);
  return trace.has_value() ? trace->state : "none";
}

TEST(TraceContext, IsReadAndWrittenAsTheRecommendationSays) {
  const std::optional<TraceContext> trace = ParseTraceparent(kParent);
  ASSERT_TRUE(trace.has_value());
  EXPECT_EQ(TraceIdText(trace->trace_id), kTrace);
  EXPECT_EQ(SpanIdText(trace->span_id), kSpan);
  EXPECT_TRUE(trace->sampled);
  EXPECT_EQ(TraceparentOf(*trace), kParent);
  EXPECT_FALSE(ParseTraceparent(Parent("00", kTrace, kSpan, "00"))->sampled);
}

TEST(TraceContext, FlagsThatThisVersionDoesNotKnowAreNotPassedOn) {
  const std::optional<TraceContext> trace = ParseTraceparent(Parent("00", kTrace, kSpan, "ff"));
  ASSERT_TRUE(trace.has_value());
  EXPECT_TRUE(trace->sampled);
  EXPECT_EQ(TraceparentOf(*trace), kParent);
}

TEST(TraceContext, WhatIsMalformedCountsAsNone) {
  const std::string zeros(32, '0');
  for (const std::string& parent :
       {std::string(), std::string("00"), kParent.substr(0, 54), kParent + "0", kParent + "-",
        kParent + "-01", " " + kParent, Parent("ff", kTrace, kSpan, "01"),
        Parent("0g", kTrace, kSpan, "01"), Parent("00", zeros, kSpan, "01"),
        Parent("00", kTrace, zeros.substr(16), "01"),
        Parent("00", "4BF92F3577B34DA6A3CE929D0E0E4736", kSpan, "01"),
        Parent("00", kTrace, "00f067aa0ba902bX", "01"), Parent("00", kTrace, kSpan, "0x"),
        Parent("00", kTrace, kSpan, "1")}) {
    EXPECT_FALSE(ParseTraceparent(parent).has_value()) << parent;
  }
  for (const size_t dash : {2, 35, 52}) {
    std::string parent = kParent;
    parent[dash] = '_';
    EXPECT_FALSE(ParseTraceparent(parent).has_value()) << parent;
  }
}

TEST(TraceContext, OfALaterVersionWhatIsKnownIsRead) {
  for (const char* rest : {"", "-", "-what-the-future-has-to-say"}) {
    const auto trace = ParseTraceparent(Parent("cc", kTrace, kSpan, "09") + rest);
    ASSERT_TRUE(trace.has_value()) << rest;
    EXPECT_EQ(TraceparentOf(*trace), kParent) << "sent on as of the version that is known";
  }
  EXPECT_FALSE(ParseTraceparent(Parent("cc", kTrace, kSpan, "09") + ".more").has_value());
}

TEST(TraceContext, OfTwoParentsNobodyKnowsWhich) {
  Metadata metadata;
  metadata.AddUnchecked("traceparent", kParent);
  metadata.AddUnchecked("traceparent", kParent);
  EXPECT_FALSE(TraceOf(metadata).has_value());
  EXPECT_FALSE(TraceOf(Metadata()).has_value());
}

TEST(TraceState, ListsAreJoinedAndTidied) {
  EXPECT_EQ(StateOf({}), "");
  EXPECT_EQ(StateOf({"rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"}),
            "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
  EXPECT_EQ(StateOf({"a=1 , ,b=2", "", "c=x y"}), "a=1,b=2,c=x y");
  EXPECT_EQ(StateOf({"0tenant@system=1,a_-*/9=~!"}), "0tenant@system=1,a_-*/9=~!");
}

TEST(TraceState, AMalformedListIsLeftOutAndTheTraceKept) {
  for (const char* list : {"a", "=1", "a=", "A=1", "1a=1", "a@=1", "@a=1", "a@b@c=1", "a@1=1",
                           "a=1=2", "a=\x7f", "a=1,a=2", "a=1,b"}) {
    EXPECT_EQ(StateOf({list}), "") << list;
  }
  EXPECT_EQ(StateOf({std::string(256, 'k') + "=1"}), std::string(256, 'k') + "=1");
  EXPECT_EQ(StateOf({std::string(257, 'k') + "=1"}), "");
  EXPECT_EQ(StateOf({"a=" + std::string(257, 'v')}), "");
}

std::string Members(int count) {
  std::string list;
  for (int i = 0; i < count; ++i) absl::StrAppend(&list, i == 0 ? "" : ",", "k", i, "=", i);
  return list;
}

TEST(TraceState, HasThirtyTwoMembersAtMost) {
  EXPECT_EQ(StateOf({Members(32)}), Members(32));
  EXPECT_EQ(StateOf({Members(33)}), "");
}

TEST(TraceState, AboveFiveHundredAndTwelveBytesTheLongMembersGoThenTheLast) {
  const std::string half(250, 'v');  // a member of 252 bytes
  EXPECT_EQ(StateOf({"a=" + half + ",b=" + half}), "a=" + half + ",b=" + half);
  EXPECT_EQ(StateOf({"a=" + half + ",b=" + half + ",c=3,d=4"}), "c=3,d=4");
  std::string list;
  for (char key = 'a'; key < 'f'; ++key)
    absl::StrAppend(&list, list.empty() ? "" : ",", std::string(1, key), "=",
                    std::string(110, 'v'));
  EXPECT_EQ(StateOf({list}), list.substr(0, 4 * 112 + 3));
}

}  // namespace
}  // namespace dialtone::trace_context_test
